import Foundation

/// Turns text into token ids as a model's `tokenizer.json` says, like Hugging Face's `tokenizers`: normalizer, pre-tokenizer,
/// model (byte-pair encoding, WordPiece, unigrams, whole words) and added tokens.
///
/// `truncation` and `padding` of the file are not applied: `transformers` resets them with every call too.
public struct Tokenizer: Sendable {
  private let model: TokenModel
  private let addedTokens: AddedTokens
  private let normalizer: TextNormalizer?
  private let preTokenizer: PreTokenizer?
  private let decoder: TokenDecoder
  private let texts: [Int: String]
  private let addedTexts: [Int: String]
  private let file: String
  private let fileProcessor: PostProcessor?
  private let ownProcessor: PostProcessor?

  /// One more than the largest token id.
  public let vocabularySize: Int

  /// Ids of the special tokens that the file's `post_processor` puts before a single text (the beginning-of-text rule), in
  /// order; `encode` does not add them.
  public let specialTokensBefore: [Int]

  /// Ids of the special tokens that the file's `post_processor` puts after a single text, in order.
  public let specialTokensAfter: [Int]

  /// Both of them.
  public var fileSpecialTokens: SpecialTokenIDs {
    SpecialTokenIDs(before: specialTokensBefore, after: specialTokensAfter)
  }

  /// What the model's own tokenizer puts around a single text in `transformers`: `tokenizer.json` and `tokenizer_config.json`
  /// together.
  public let ownSpecialTokens: SpecialTokenIDs

  /// The class that decides them instead of `tokenizer.json` in `transformers` 4, nil if the file decides.
  public let specialTokensClass: String?

  /// Whether `transformers` hands the types of the tokens on to the model (`token_type_ids` of `model_input_names`); if not, the model takes
  /// all tokens for the first type.
  public let givesTypeIDs: Bool

  /// How a text is read otherwise than by `tokenizer.json` alone, because the files beside it say so; one phrase each. `transformers` 5
  /// does some of it in another way.
  public let changes: [String]

  /// The class for which `transformers` 5 takes steps of its own in place of those of `tokenizer.json`, nil if it takes the file's.
  public let remadeClass: String?

  /// The file of the folder with a chat template, which is not applied; nil if there is none.
  public let chatTemplatePlace: String?

  /// Token ids of a text, without the special tokens of the post-processor. Nothing is stripped: a leading space is part of
  /// a token, unless the file's own normalizer says otherwise.
  /// - Throws: `AnalysisError.badTokenizer` if a character has no token and the file names no substitute. (Hugging Face's
  ///   library leaves such a character out; the model would then be measured on another text than the one given.) Also if
  ///   the file's patterns or replacements take too much on this text (`TokenizerWork`).
  /// - Complexity: O(n log n) in the text's scalars for byte-pair encoding.
  public func encode(_ text: String) throws -> [Int] {
    var ids: [Int] = []
    let scalars = Array(text.unicodeScalars)
    var work = TokenizerWork(file, scalars: scalars.count)
    for segment in try addedTokens.segments(of: scalars, normalizer: normalizer, &work) {
      switch segment {
      case .token(let id): ids.append(id)
      case .text(let piece):
        work.key = "pre_tokenizer"
        let words = try preTokenizer?([piece], &work) ?? [piece]
        work.key = "model"
        for word in words where !word.scalars.isEmpty {
          guard let found = try model.encode(word.scalars, &work) else { throw missing(in: word.scalars) }
          ids.append(contentsOf: found)
        }
      }
    }
    return ids
  }

  /// What a model reads of a text or a pair of texts.
  /// - Parameter specialTokens: which special tokens are put around and between the texts. Without any a pair is one text after the
  ///   other, with the types that they have with them.
  /// - Throws: as `encode(_:)`.
  /// - Complexity: that of both texts.
  public func encoding(of prompt: PromptText, specialTokens: SpecialTokens = .auto) throws -> TokenEncoding {
    if case .pair = prompt, specialTokens != .file, specialTokensClass == "CodeLlamaTokenizerFast" {
      throw AnalysisError(
        .badTokenizer,
        "\(file): the model's own tokenizer (CodeLlamaTokenizerFast) takes a pair for a gap to be filled in, which the engine does not read; give single texts"
      )
    }
    let parts = try prompt.texts.enumerated().map { TokenEncoding(try encode($1), typeID: $0) }
    let processor = specialTokens == .file ? fileProcessor : ownProcessor
    let made = try processor?(parts, addsTokens: specialTokens != .never) ?? parts
    return made.reduce(TokenEncoding(), +)
  }

  /// A text, or a pair of texts, with the special tokens that the model's own tokenizer adds, and the type of each token.
  /// - Throws: as `encode(_:)`.
  public func encodeWithSpecialTokens(_ text: String, pair: String? = nil) throws -> (ids: [Int], types: [Int]) {
    let made = try encoding(of: pair.map { .pair(text, $0) } ?? .text(text))
    return (made.ids, made.typeIDs)
  }

  /// The ids that a continuation adds to a text, nil if the two together are not the text's ids and more.
  ///
  /// An answer is read this way where the tokenizer puts a space before every text (Llama 2): `encode(" Mary")` there is two
  /// spaces and the name.
  /// - Throws: as `encode(_:)`.
  public func encode(continuation: String, after text: String) throws -> [Int]? {
    let (before, both) = (try encode(text), try encode(text + continuation))
    return both.starts(with: before) ? Array(both.dropFirst(before.count)) : nil
  }

  /// Whether a text by itself is read otherwise than as the continuation of another, because a space is put before each.
  var putsSpacesBefore: Bool { normalizer?.putsTextBefore == true || preTokenizer?.putsSpacesBefore == true }

  /// Whether a text itself holds special tokens.
  /// - Throws: as `encode(_:)`.
  public func hasSpecialTokens(in text: String) throws -> Bool { try encode(text).contains(where: isSpecial) }

  /// Whether a token is an added one that its file calls special.
  public func isSpecial(_ id: Int) -> Bool { addedTokens.tokens[id]?.isSpecial == true }

  /// The id of a token by its text as the vocabulary writes it, nil if there is none.
  public func id(ofToken text: String) -> Int? {
    addedTokens.id(text) ?? model.vocabulary.id(text)
  }

  /// The text of each token: its bytes read as UTF-8, with U+FFFD where a token ends inside a character.
  public func texts(of ids: [Int]) -> [String] {
    ids.map { id in addedTexts[id] ?? texts[id].map { decoder($0) } ?? "⟨\(id)⟩" }
  }

  private func missing(in word: [Unicode.Scalar]) -> AnalysisError {
    let isByteLevel = preTokenizer?.isByteLevel == true
    let text =
      isByteLevel
      ? ByteLevel.decoded(word).map { String(decoding: $0, as: UTF8.self) } ?? TokenText(scalars: word).text
      : TokenText(scalars: word).text
    let what =
      model.firstUnknown(in: word).map { scalar in
        if isByteLevel, let byte = ByteLevel.bytes[scalar] { return "byte \(byte) of '\(text)'" }
        return "U+\(String(scalar.value, radix: 16, uppercase: true)) of '\(text)'"
      } ?? "'\(text)'"
    return AnalysisError(
      .badTokenizer, "\(file): the vocabulary has no token for \(what); this tokenizer cannot read the prompt")
  }
}

extension Tokenizer {
  /// Reads `tokenizer.json`.
  /// - Parameter beside: the files that say, too, what its tokens are.
  /// - Throws: `AnalysisError.badTokenizer` naming the file, the key and what is not supported.
  /// - Complexity: O(bytes of the files).
  init(file: ModelFile, beside: TokenizerFiles? = nil) throws {
    try self.init(file.bytes, name: file.url.path, configuration: try beside.flatMap { try TokenizerConfiguration($0) })
  }

  /// Reads the bytes of a `tokenizer.json`; `name` is for messages.
  init(_ bytes: UnsafeRawBufferPointer, name: String, configuration: TokenizerConfiguration? = nil) throws {
    var object = try ModelJSONObject(bytes, file: name, code: .badTokenizer, decimals: .asTokenizers)
    var changes: [String] = []
    remadeClass = try configuration.flatMap { try $0.isRemade(object) ? $0.tokenizerClass.name : nil }
    if let configuration { (object, changes) = try configuration.applied(to: object) }
    model = try TokenModel(try object.required("model", object.object))
    normalizer = try object.object("normalizer").map { try TextNormalizer($0) }
    preTokenizer = try object.object("pre_tokenizer").map { try PreTokenizer($0) }
    decoder = try TokenDecoder(try object.object("decoder"), preTokenizer: preTokenizer)
    fileProcessor = try object.object("post_processor").map { try PostProcessor($0) }
    (specialTokensBefore, specialTokensAfter) = try fileProcessor?.around() ?? ([], [])
    try object.check(
      "post_processor", specialTokensBefore.count + specialTokensAfter.count, upTo: TokenizerLimits.specialTokens,
      "token ids around a text")
    var known: [Int: AddedTokens.Token] = [:]
    var declared: Set<Int> = []
    addedTokens = try AddedTokens(
      of: object, vocabulary: model.vocabulary, normalizer: normalizer,
      splitsSpecial: configuration?.splitsSpecialTokens ?? false
    ) { tokens in
      known = tokens
      let additions = try configuration?.additions(to: tokens) ?? []
      declared = Set(additions.compactMap(\.id))
      return additions
    }
    addedTexts = addedTokens.tokens.mapValues(\.text.text)
    texts = model.vocabulary.texts
    // A token that is only named, not declared with its id, makes the vocabulary no larger: it may be one that no text uses.
    vocabularySize = max(texts.keys.max() ?? -1, known.keys.max() ?? -1, declared.max() ?? -1) + 1
    self.file = name
    let (added, vocabulary, size) = (addedTokens, model.vocabulary, vocabularySize)
    specialTokensClass = configuration?.decidingClass
    givesTypeIDs = configuration?.givesTypeIDs ?? true
    ownProcessor = try TokenizerConfiguration.processor(configuration, file: fileProcessor) { text in
      (added.id(text) ?? vocabulary.id(text)).flatMap { $0 < size ? $0 : nil }
    }
    let own = try ownProcessor?.around() ?? (before: [], after: [])
    ownSpecialTokens = SpecialTokenIDs(before: own.before, after: own.after)
    chatTemplatePlace = configuration?.chatTemplatePlace
    func note(_ tokens: [String], _ what: String) {
      guard !tokens.isEmpty else { return }
      changes.append("\(ModelRemark.short(tokens.map { "'\($0)'" })) \(what)")
    }
    let new = added.tokens.filter { known[$0.key] != $0.value }.sorted { $0.key < $1.key }
    note(new.map(\.value.text.text), "cut out of a text as a whole")
    note(configuration?.leftOut(of: known) ?? [], "still known, though 'added_tokens_decoder' leaves that out")
    self.changes = changes
    try configuration?.checkPrefix(putsSpacesBefore)
  }
}

/// Ids of the special tokens around a text.
public struct SpecialTokenIDs: Codable, Sendable, Equatable {
  /// Those that come first.
  public var before: [Int]
  /// Those that come last.
  public var after: [Int]

  /// Whether there are none.
  public var isEmpty: Bool { before.isEmpty && after.isEmpty }

  /// From both lists.
  public init(before: [Int], after: [Int]) {
    self.before = before
    self.after = after
  }
}
