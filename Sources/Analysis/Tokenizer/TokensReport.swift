public import Foundation

/// What `vitrine tokens` prints: each text as token ids, by itself and with the special tokens of the model's own tokenizer.
public struct TokensReport: Sendable {
  /// A text, or a pair of texts.
  public typealias Input = PromptText

  /// One text's tokens, or why it cannot be read.
  public struct Entry: Sendable, Encodable {
    /// What was to be read.
    public let text: Input
    /// Without special tokens; nil for a pair.
    public var ids: [Int]?
    /// The text of each of them.
    public var pieces: [String]?
    /// With the special tokens of the model's own tokenizer.
    public var specialIDs: [Int]?
    /// The text of each of those.
    public var specialPieces: [String]?
    /// The types that belong to `specialIDs`.
    public var typeIDs: [Int]?
    /// Which of them belong to no text: 1 for those that the tokenizer puts in, 0 for the others.
    public var specialMask: [Int]?
    /// Why the text cannot be read.
    public var error: String?

    enum CodingKeys: String, CodingKey {
      case text, ids, pieces, error
      case specialIDs = "special_ids"
      case specialPieces = "special_pieces"
      case typeIDs = "type_ids"
      case specialMask = "special_mask"
    }
  }

  /// In the order of the texts.
  public let entries: [Entry]

  /// Whether a text could not be read.
  public var hasFailures: Bool { entries.contains { $0.error != nil } }

  /// Reads texts with a tokenizer.
  public init(_ tokenizer: Tokenizer, _ inputs: [Input]) throws {
    entries = try inputs.map { input in
      var entry = Entry(text: input)
      do {
        let special = try tokenizer.encoding(of: input)
        if case .text(let text) = input {
          let ids = try tokenizer.encode(text)
          (entry.ids, entry.pieces) = (ids, tokenizer.texts(of: ids))
        }
        (entry.specialIDs, entry.specialPieces) = (special.ids, tokenizer.texts(of: special.ids))
        (entry.typeIDs, entry.specialMask) = (special.typeIDs, special.isSpecial.map { $0 ? 1 : 0 })
      } catch let error as AnalysisError {
        entry = Entry(text: input, error: error.description)
      }
      return entry
    }
  }

  /// Reads a JSON array of texts or pairs of texts.
  /// - Throws: `AnalysisError.badCases` that names the place.
  public static func inputs(of data: Data) throws -> [Input] {
    func failure(_ what: String) -> AnalysisError {
      AnalysisError(
        .badCases,
        "standard input: \(what); give a JSON array of texts or [text, text] pairs, e.g. [\"one\", [\"two\", \"three\"]]"
      )
    }
    let value: StrictJSON
    do {
      value = try data.withUnsafeBytes { try StrictJSONReader.read($0) }
    } catch let error as StrictJSONError {
      throw failure("not JSON (\(error.message))")
    }
    guard case .array(let items) = value else { throw failure("is \(value.kind), not a list") }
    return try items.enumerated().map { number, item in
      switch item {
      case .string(let text): return .text(text)
      case .array(let pair):
        guard pair.count == 2, case .string(let one) = pair[0], case .string(let other) = pair[1] else {
          throw failure("entry \(number) is a list, but not of two texts")
        }
        return .pair(one, other)
      default: throw failure("entry \(number) is \(item.kind), not a text or a pair of texts")
      }
    }
  }
}
