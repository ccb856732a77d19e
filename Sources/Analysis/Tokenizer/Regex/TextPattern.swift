/// A pattern of a `tokenizer.json`, a text or a regular expression, that cuts text into pieces.
struct TextPattern: Sendable {
  private let program: RegexProgram
  private let source: String
  private let place: String

  /// Reads the key `pattern`: `{"String": …}` or `{"Regex": …}`.
  /// - Throws: `AnalysisError.badTokenizer` naming what the engine does not read.
  init(of object: TokenizerJSONObject) throws {
    let pattern = try object.required("pattern", object.object)
    place = pattern.place
    if let text = try pattern.string("String") {
      guard !text.isEmpty else { throw pattern.failure("String", "is empty, which is not supported") }
      try pattern.check("String", text.unicodeScalars.count, upTo: TokenizerLimits.text, "characters")
      source = text
      program = RegexProgram(literal: text)
    } else if let text = try pattern.string("Regex") {
      source = text
      do {
        program = try RegexProgram(pattern: text)
      } catch let error as RegexError {
        throw pattern.failure("Regex", "is '\(Self.short(text))', which the engine does not read: \(error.reason)")
      }
    } else {
      throw object.failure("pattern", "has neither 'String' nor 'Regex'")
    }
  }

  /// What matches and what lies between, in order.
  /// - Throws: `AnalysisError.badTokenizer` if that takes too many steps.
  func pieces(
    of text: [Unicode.Scalar], _ work: inout TokenizerWork
  ) throws -> [(range: Range<Int>, matches: Bool)] {
    do {
      let (pieces, steps) = try RegexMatcher.pieces(of: text, program, mostSteps: work.left)
      try work.spend(steps)
      return pieces
    } catch let error as RegexError {
      throw AnalysisError(
        .badTokenizer,
        "\(place): the pattern '\(Self.short(source))' cannot be applied to a text of \(text.count) characters: \(error.reason)"
      )
    }
  }

  private static func short(_ text: String) -> String {
    text.unicodeScalars.count > 200 ? TokenText(scalars: text.unicodeScalars.prefix(200)).text + "…" : text
  }
}
