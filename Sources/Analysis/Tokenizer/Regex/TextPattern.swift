/// A pattern of a `tokenizer.json`, a text or a regular expression, that cuts text into pieces.
struct TextPattern: Sendable {
  private let program: RegexProgram
  private let source: String
  private let place: String

  /// Reads the key `pattern`: `{"String": …}` or `{"Regex": …}`.
  /// - Throws: `AnalysisError.badTokenizer` naming what the engine does not read.
  init(of object: ModelJSONObject) throws {
    let pattern = try object.required("pattern", object.object)
    place = pattern.place
    if let text = try pattern.string("String") {
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

  /// The error of a normalizer that would put its content before a text where the pattern matches nothing: `tokenizers` then takes some
  /// characters twice, depending on what follows.
  var matchesNothingAtFirst: AnalysisError {
    AnalysisError(
      .badTokenizer,
      "\(place): the pattern '\(Self.short(source))' of a Replace matches where a text begins without matching a character, which 'tokenizers' does not read reliably; such a text is not read"
    )
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
