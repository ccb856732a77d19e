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
      source = text
      program = RegexProgram(literal: text)
    } else if let text = try pattern.string("Regex") {
      source = text
      do {
        program = try RegexProgram(pattern: text)
      } catch let error as RegexError {
        throw pattern.failure("Regex", "is '\(text)', which the engine does not read: \(error.reason)")
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
      "\(place): the pattern '\(source)' of a Replace matches where a text begins without matching a character, which 'tokenizers' does not read reliably; such a text is not read"
    )
  }

  /// What matches and what lies between, in order.
  func pieces(of text: [Unicode.Scalar]) throws -> [(range: Range<Int>, matches: Bool)] {
    do {
      return try RegexMatcher.pieces(of: text, program)
    } catch let error as RegexError {
      throw AnalysisError(
        .badTokenizer,
        "\(place): the pattern '\(source)' cannot be applied to a text of \(text.count) characters: \(error.reason)")
    }
  }
}
