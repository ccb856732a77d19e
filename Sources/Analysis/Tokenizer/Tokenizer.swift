import Foundation

/// Turns text into token ids as a model's `tokenizer.json` says: byte-level byte-pair encoding (GPT-2).
public struct Tokenizer: Sendable {
  private let vocabulary: [String: Int]
  private let texts: [Int: String]
  private let encoding: BytePairEncoding
  private let addPrefixSpace: Bool
  private let useRegex: Bool
  /// Added tokens, longest first, that are cut out of the text before anything else.
  private let addedTokens: [(content: String, id: Int)]
  private let file: String

  /// One more than the largest token id.
  public let vocabularySize: Int

  /// Token ids of a text. Nothing is added, and nothing stripped: a leading space is part of a token.
  /// - Throws: `AnalysisError.badTokenizer` if a byte has no token in the vocabulary.
  public func encode(_ text: String) throws -> [Int] {
    var ids: [Int] = []
    for piece in split(text) {
      switch piece {
      case .added(let id): ids.append(id)
      case .text(let text): try encodePlain(text, into: &ids)
      }
    }
    return ids
  }

  /// The text of each token: its bytes read as UTF-8, with U+FFFD where a token ends inside a character.
  public func texts(of ids: [Int]) -> [String] {
    ids.map { id in
      guard let text = texts[id] else { return "⟨\(id)⟩" }
      if addedTokens.contains(where: { $0.id == id }) { return text }
      let bytes = text.unicodeScalars.compactMap { ByteLevel.bytes[$0] }
      guard bytes.count == text.unicodeScalars.count else { return text }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  private enum Piece {
    case text(Substring)
    case added(Int)
  }

  private func split(_ text: String) -> [Piece] {
    guard !addedTokens.isEmpty else { return [.text(text[...])] }
    var pieces: [Piece] = []
    var rest = text[...]
    while !rest.isEmpty {
      var first: (range: Range<String.Index>, id: Int)?
      for token in addedTokens {
        // Literal: by scalars, not by canonical equivalence.
        guard let range = rest.range(of: token.content, options: .literal) else { continue }
        if first == nil || range.lowerBound < first?.range.lowerBound ?? text.endIndex { first = (range, token.id) }
      }
      guard let first else { break }
      if first.range.lowerBound > rest.startIndex { pieces.append(.text(rest[..<first.range.lowerBound])) }
      pieces.append(.added(first.id))
      rest = rest[first.range.upperBound...]
    }
    if !rest.isEmpty { pieces.append(.text(rest)) }
    return pieces
  }

  private func encodePlain(_ text: Substring, into ids: inout [Int]) throws {
    var text = String(text)
    if addPrefixSpace, text.unicodeScalars.first.map({ !$0.properties.isWhitespace }) ?? false { text = " " + text }
    let words = useRegex ? ByteLevel.words(text) : [text.unicodeScalars[...]]
    for word in words {
      let symbols = try String(word).utf8.map { byte in
        guard let id = vocabulary[String(Character(ByteLevel.scalars[Int(byte)]))] else {
          throw AnalysisError(
            .badTokenizer,
            "\(file): the vocabulary has no token for byte \(byte) of '\(String(word))'; this tokenizer cannot read the prompt"
          )
        }
        return id
      }
      ids.append(contentsOf: encoding.merge(symbols))
    }
  }
}

extension Tokenizer {
  /// Reads `tokenizer.json`.
  /// - Throws: `AnalysisError.badTokenizer` naming the file, the key and what is not supported.
  init(file: MappedFile) throws {
    let object = try ModelJSONObject(file.bytes, file: file.url.path, code: .badTokenizer)
    guard let model = try object.object("model") else { throw object.failure("model", "is missing") }
    // Files of the first releases leave `type` out.
    if let type = try model.string("type"), type != "BPE" {
      throw model.failure("type", "is '\(type)'; the engine reads byte-level BPE (GPT-2)")
    }
    if let normalizer = try object.object("normalizer") {
      throw normalizer.failure(
        "type", "is '\(try normalizer.string("type") ?? "?")'; normalizers are not supported yet")
    }
    guard let preTokenizer = try object.object("pre_tokenizer") else {
      throw object.failure("pre_tokenizer", "is missing")
    }
    guard try preTokenizer.string("type") == "ByteLevel" else {
      throw preTokenizer.failure(
        "type", "is '\(try preTokenizer.string("type") ?? "?")'; the engine reads ByteLevel (GPT-2)")
    }
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] where try model.string(key)?.isEmpty == false {
      throw model.failure(key, "is set, which byte-level BPE does not use")
    }
    if try model.bool("ignore_merges") == true {
      throw model.failure("ignore_merges", "is true, which is not supported yet")
    }
    let vocabulary = try Self.vocabulary(of: model)
    encoding = BytePairEncoding(merges: try Self.merges(of: model, vocabulary: vocabulary))
    addPrefixSpace = try preTokenizer.bool("add_prefix_space") ?? true
    useRegex = try preTokenizer.bool("use_regex") ?? true
    addedTokens = try Self.addedTokens(of: object)
    var texts = Dictionary(vocabulary.map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    for token in addedTokens { texts[token.id] = token.content }
    self.texts = texts
    self.vocabulary = vocabulary
    vocabularySize = (texts.keys.max() ?? -1) + 1
    self.file = file.url.path
  }

  private static func vocabulary(of model: ModelJSONObject) throws -> [String: Int] {
    guard let vocabulary = try model.object("vocab"), !vocabulary.values.isEmpty else {
      throw model.failure("vocab", "is missing or empty")
    }
    return try vocabulary.values.mapValues { value in
      guard case .integer(let id) = value, (0...0x7FFF_FFFF).contains(id) else {
        throw model.failure("vocab", "has an entry that is not a token id")
      }
      return id
    }
  }

  private static func merges(
    of model: ModelJSONObject, vocabulary: [String: Int]
  ) throws -> [BytePairEncoding.Pair: BytePairEncoding.Merge] {
    guard let list = try model.array("merges") else { throw model.failure("merges", "is missing") }
    var merges: [BytePairEncoding.Pair: BytePairEncoding.Merge] = [:]
    for (rank, item) in list.enumerated() {
      let parts: [String]
      switch item {
      case .string(let text): parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      case .array(let texts):
        parts = texts.compactMap { if case .string(let text) = $0 { text } else { nil } }
      default: parts = []
      }
      guard parts.count == 2, let left = vocabulary[parts[0]], let right = vocabulary[parts[1]],
        let result = vocabulary[parts[0] + parts[1]]
      else {
        throw model.failure("merges", "has an entry (number \(rank)) that does not name tokens of the vocabulary")
      }
      let pair = BytePairEncoding.Pair(left: left, right: right)
      if merges[pair] == nil { merges[pair] = .init(rank: rank, result: result) }
    }
    return merges
  }

  private static func addedTokens(of object: ModelJSONObject) throws -> [(content: String, id: Int)] {
    var tokens: [(content: String, id: Int)] = []
    for (number, item) in (try object.array("added_tokens") ?? []).enumerated() {
      guard case .object(let values) = item else {
        throw object.failure("added_tokens", "has an entry that is not an object")
      }
      let token = ModelJSONObject(values, file: "\(object.file): added_tokens \(number)", code: .badTokenizer)
      guard let content = try token.string("content"), !content.isEmpty else {
        throw token.failure("content", "is missing")
      }
      let id = try token.requiredInteger("id", in: 0...0x7FFF_FFFF)
      for flag in ["single_word", "lstrip", "rstrip"] where try token.bool(flag) == true {
        throw token.failure(flag, "is true, which is not supported yet")
      }
      tokens.append((content, id))
    }
    return tokens.sorted { ($0.content.unicodeScalars.count, $0.id) > ($1.content.unicodeScalars.count, $1.id) }
  }
}

extension Checkpoint {
  /// The model's tokenizer, nil if the folder has no `tokenizer.json`.
  /// - Throws: `AnalysisError.badTokenizer`.
  public func tokenizer() throws -> Tokenizer? {
    try tokenizerFile.map { try Tokenizer(file: $0) }
  }
}
