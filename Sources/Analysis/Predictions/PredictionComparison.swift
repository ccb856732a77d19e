/// The serving system's own predictions, held against the engine's.
public struct PredictionComparison: Codable, Sendable, Equatable {
  /// What came of it.
  public enum Verdict: String, Codable, Sendable, CaseIterable {
    /// Every score lies within the tolerance, and every decision is the same.
    case agrees
    /// At least one does not.
    case differs
    /// No record has both a prediction and a value of the engine.
    case notCompared = "not-compared"
  }

  /// One record, as the serving system and as the engine have it.
  public struct Record: Codable, Sendable, Equatable {
    /// The record's name in the plan.
    public var record: String
    /// Its identifier in the provider's files.
    public var id: String
    /// The serving system's score.
    public var provider: Double?
    /// The engine's, in the same unit.
    public var engine: Double?
    /// Whether the serving system decided for the positive answer: as it says, or by its score and the plan's threshold.
    public var providerPositive: Bool?
    /// Whether the engine does; absent if the model's own first choice is no declared answer.
    public var enginePositive: Bool?

    /// |provider − engine|.
    public var difference: Double? {
      guard let provider, let engine else { return nil }
      return abs(provider - engine)
    }

    /// A record from its parts.
    public init(
      record: String, id: String, provider: Double?, engine: Double?, providerPositive: Bool?, enginePositive: Bool?
    ) {
      self.record = record
      self.id = id
      self.provider = provider
      self.engine = engine
      self.providerPositive = providerPositive
      self.enginePositive = enginePositive
    }
  }

  /// One thing that makes the serving system say something else.
  public struct Cause: Codable, Sendable, Equatable {
    /// What kind of thing. All but the last three were tested and give the serving system's scores.
    public enum Kind: String, Codable, Sendable, CaseIterable {
      /// The scores are of the negative answers: other class order, or the score of the other class.
      case otherSide = "other-side"
      /// The scores are in another unit; `detail` names it.
      case unit
      /// The scores are those of the class that the system chose, whichever that is.
      case topClass = "top-class"
      /// The scores are a function of the raw output for the positive answers alone; `detail` names it.
      case oneOutput = "one-output"
      /// The scores are rounded to `number` decimals.
      case rounded
      /// The same score, or decision, for every record.
      case constant
      /// The scores are a calibration of the engine's: logit = `low`·m + `high`.
      case calibrated
      /// The scores stand `number` records further down than the records they are of.
      case shifted
      /// The scores are the engine's, but of other records; `detail` gives an example.
      case order
      /// Every decision is the opposite.
      case inverted
      /// The decisions are those of another threshold: decision values from `low` up to `high`.
      case threshold
      /// The system decides between the declared answers alone, though the model's own first choice is another one.
      case declaredOnly = "declared-only"
      /// Other special tokens around each prompt; `detail` gives them.
      case specialTokens = "special-tokens"
      /// Another text around the values; `detail` says which.
      case template
      /// The values are written otherwise; `detail` says how.
      case values
      /// The prompt is cut to `number` tokens; `detail` says at which end.
      case truncated
      /// Padding counts; `detail` says how.
      case padding
      /// The weights of version `detail` of the project.
      case weights
      /// Small differences nearly everywhere: arithmetic of less precision, or quantised weights. A narrowed class, not tested.
      case precision
      /// Nothing that was tried gives these scores; or `number` of the ways that were tried give these decisions, but so would many others.
      case unknown
    }

    /// What kind.
    public var kind: Kind
    /// What exactly, where the kind needs it.
    public var detail: String?
    /// A number, where the kind needs it.
    public var number: Double?
    /// The lower end of a range, or a slope.
    public var low: Double?
    /// The upper end of a range, or an intercept.
    public var high: Double?

    /// A cause from its parts.
    public init(_ kind: Kind, detail: String? = nil, number: Double? = nil, low: Double? = nil, high: Double? = nil) {
      self.kind = kind
      self.detail = detail
      self.number = number
      self.low = low
      self.high = high
    }
  }

  /// What together gives the serving system's predictions.
  public struct Explanation: Codable, Sendable, Equatable {
    /// The causes; together they explain.
    public var causes: [Cause]
    /// Records for which they do.
    public var explained: Int
    /// Records that were looked at.
    public var of: Int
    /// Largest |difference| that is left in these (nil without scores, or if nothing was found).
    public var left: Double?

    /// An explanation from its parts.
    public init(causes: [Cause], explained: Int, of: Int, left: Double?) {
      self.causes = causes
      self.explained = explained
      self.of = of
      self.left = left
    }
  }

  /// What came of it.
  public var verdict: Verdict
  /// Records that have both.
  public var compared: Int
  /// Records of the evaluation that have no prediction.
  public var missing: Int
  /// Records that have a prediction, but that the engine refused.
  public var refused: Int
  /// How far a score may be from the engine's.
  public var tolerance: Double
  /// The record with the largest difference of scores (nil without scores).
  public var largest: Record?
  /// Scores farther away than the tolerance.
  public var beyond: Int
  /// Decisions that differ.
  public var disagreements: Int
  /// The first of these, in the order of the file.
  public var disagreeing: [Record]
  /// The scores farthest away, farthest first.
  public var farthest: [Record]
  /// What gives these predictions, the best first; empty if they agree.
  public var explanations: [Explanation]
  /// Ways of reading the records that were tried for it.
  public var tried: Int

  /// How many records are listed by name.
  public static let listed = 20

  /// A comparison from its parts.
  public init(
    verdict: Verdict, compared: Int, missing: Int, refused: Int, tolerance: Double, largest: Record?, beyond: Int,
    disagreements: Int, disagreeing: [Record], farthest: [Record], explanations: [Explanation] = [], tried: Int = 0
  ) {
    self.verdict = verdict
    self.compared = compared
    self.missing = missing
    self.refused = refused
    self.tolerance = tolerance
    self.largest = largest
    self.beyond = beyond
    self.disagreements = disagreements
    self.disagreeing = disagreeing
    self.farthest = farthest
    self.explanations = explanations
    self.tried = tried
  }
}
