/// Sizes up to which the parts of a `tokenizer.json` are read: published tokenizers have a tenth of them or less, and no file within
/// them takes the machine.
enum TokenizerLimits {
  /// Steps of a normalizer, pre-tokenizer, post-processor or decoder, sequences within sequences counted.
  static let steps = 128
  /// Scalars of a text that a step puts somewhere or looks for.
  static let text = 1_000
  /// Scalars of a token that is cut out of the text as a whole.
  static let addedToken = 512
  /// Scalars of all such tokens together.
  static let addedScalars = 2_000_000
  /// What normalizing all such tokens may take, see `TokenizerWork`.
  static let addedWork = 10_000_000
  /// Ids that are put before and after a text.
  static let specialTokens = 256
  /// Scalars of a word that WordPiece divides; longer words are unknown.
  static let word = 1_000
  /// Different beginnings of the tokens of a unigram model, which are held in memory.
  static let unigramPrefixes = 3_000_000
  /// Scalars of a regular expression.
  static let pattern = 10_000
  /// Instructions and parts of sets of a regular expression, with its counted repeats written out.
  static let program = 4_000
}

/// What reading one text may take: how long the text may become on its way, and how many steps of patterns it may cost. Both
/// are far beyond what published tokenizers need, and in proportion to the text.
struct TokenizerWork {
  private let file: String
  private let scalars: Int
  private let mostScalars: Int
  /// Steps that are left.
  private(set) var left: Int
  /// The key of the file that is at work.
  var key = "normalizer"

  /// For one text.
  /// - Parameters:
  ///   - scalars: length of the text.
  ///   - steps: how many steps it may cost; nil for the usual number.
  init(_ file: String, scalars: Int, steps: Int? = nil) {
    self.file = file
    self.scalars = scalars
    mostScalars = 10_000 + 100 * scalars
    left = steps ?? 100_000 + 3_000 * scalars
  }

  /// - Throws: `AnalysisError.badTokenizer` if no steps are left.
  mutating func spend(_ steps: Int) throws {
    left -= steps
    guard left >= 0 else {
      throw AnalysisError(
        .badTokenizer,
        "\(file): key '\(key)' needs too many steps for a text of \(scalars) characters; use the tokenizer.json that was published with the model"
      )
    }
  }

  /// Says how long the text has become.
  /// - Throws: `AnalysisError.badTokenizer` if that is too long.
  mutating func has(_ length: Int) throws {
    guard length <= mostScalars else {
      throw AnalysisError(
        .badTokenizer,
        "\(file): key '\(key)' makes \(length) characters of a text of \(scalars); use the tokenizer.json that was published with the model"
      )
    }
    try spend(1 + length / 8)
  }
}

extension ModelJSONObject {
  /// - Throws: `AnalysisError.badTokenizer` if a list, a text or a nest of steps is longer than the engine reads.
  func check(_ key: String, _ count: Int, upTo limit: Int, _ what: String) throws {
    guard count <= limit else {
      throw failure(key, "has \(count) \(what); the engine reads up to \(limit)")
    }
  }

  /// The steps of a sequence, each read and counted before the next, so that a file with too many is refused soon.
  func steps<Step>(
    _ key: String, _ read: (ModelJSONObject) throws -> Step, count: (Step) -> Int
  ) throws -> [Step] {
    var steps: [Step] = []
    var total = 0
    for item in try required(key, objects) {
      let step = try read(item)
      total += count(step)
      try check(key, total, upTo: TokenizerLimits.steps, "steps")
      steps.append(step)
    }
    return steps
  }

  /// The scalars of a text that a step puts somewhere.
  func scalars(_ key: String) throws -> [Unicode.Scalar]? {
    guard let text = try string(key) else { return nil }
    let scalars = Array(text.unicodeScalars)
    try check(key, scalars.count, upTo: TokenizerLimits.text, "characters")
    return scalars
  }
}
