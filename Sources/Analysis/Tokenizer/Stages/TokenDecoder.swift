/// The `decoder` of a `tokenizer.json`, applied to one token at a time: the text that a report shows for it.
///
/// What a decoder does at the beginning of a whole text, dropping its first space, is left out: the space belongs to the
/// token and shall be seen.
struct TokenDecoder: Sendable {
  enum Step: Sendable {
    case byteLevel
    case byteFallback
    case replace(TextPattern, String)
    case space(Unicode.Scalar)
    case suffix([Unicode.Scalar])
  }

  private let steps: [Step]

  /// The token that stands for a byte where characters have none of their own.
  static func byteToken(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return "<0x\(digits.utf8.count < 2 ? "0" : "")\(digits)>"
  }

  private static let byteTokens: [TokenText: UInt8] = Dictionary(
    uniqueKeysWithValues: (0...255).map { (TokenText(byteToken(UInt8($0))), UInt8($0)) })

  /// The text of a token; U+FFFD where its bytes are not whole characters.
  func callAsFunction(_ token: String) -> String {
    var text = token
    var work = TokenizerWork("", scalars: token.unicodeScalars.count)
    for step in steps {
      switch step {
      case .byteLevel:
        if let bytes = ByteLevel.decoded(text.unicodeScalars) { text = String(decoding: bytes, as: UTF8.self) }
      case .byteFallback:
        if let byte = Self.byteTokens[TokenText(text)] { text = String(decoding: [byte], as: UTF8.self) }
      case .replace(let pattern, let content):
        let scalars = Array(text.unicodeScalars)
        // A pattern that cannot be applied to a token, or makes too much of it, leaves it as it is.
        guard let pieces = try? pattern.pieces(of: scalars, &work),
          (try? work.has(pieces.reduce(0) { $0 + ($1.matches ? content.unicodeScalars.count : $1.range.count) })) != nil
        else { continue }
        text = pieces.map { $0.matches ? content : TokenText(scalars: scalars[$0.range]).text }.joined()
      case .space(let scalar): text = TokenText(scalars: text.unicodeScalars.map { $0 == scalar ? " " : $0 }).text
      case .suffix(let suffix):
        let scalars = Array(text.unicodeScalars)
        if !suffix.isEmpty, scalars.suffix(suffix.count) == suffix[...] {
          text = TokenText(scalars: scalars.dropLast(suffix.count) + [" "]).text
        }
      }
    }
    return text
  }

  /// Reads the decoder; where there is none, what the pre-tokenizer did is undone.
  /// - Throws: `AnalysisError.badTokenizer` naming a type that the engine does not read.
  init(_ object: ModelJSONObject?, preTokenizer: PreTokenizer?) throws {
    if let object {
      steps = try Self.steps(object)
    } else if preTokenizer?.isByteLevel == true {
      steps = [.byteLevel]
    } else {
      steps = (preTokenizer?.spaceReplacement).map { [.space($0)] } ?? []
    }
  }

  private static func steps(_ object: ModelJSONObject) throws -> [Step] {
    let type = try object.required("type", object.string)
    switch type {
    case "ByteLevel": return [.byteLevel]
    case "ByteFallback": return [.byteFallback]
    case "Replace":
      return [
        .replace(try TextPattern(of: object), TokenText(scalars: try object.required("content", object.scalars)).text)
      ]
    case "Metaspace": return [.space(try object.scalar("replacement"))]
    case "BPEDecoder": return [.suffix(try object.scalars("suffix") ?? Array("</w>".unicodeScalars))]
    // These work on whole texts. The ## of WordPiece stays, to tell a continuation from a word.
    case "Fuse", "Strip", "WordPiece": return []
    case "Sequence": return try object.steps("decoders", steps) { max(1, $0.count) }.flatMap { $0 }
    default:
      throw object.failure(
        "type",
        "is '\(type)'; the engine reads the decoders Sequence, ByteLevel, ByteFallback, Replace, Metaspace, BPEDecoder, WordPiece, Fuse and Strip"
      )
    }
  }
}
