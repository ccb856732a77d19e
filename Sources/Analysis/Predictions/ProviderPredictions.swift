/// What the provider's own serving system said about the records of an evaluation: to be held against the engine, record by
/// record. Part of an evaluation's plan, so that a record holds all that was compared.
public struct ProviderPredictions: Codable, Sendable, Equatable {
  /// What a score is.
  public enum Unit: String, Codable, Sendable, CaseIterable {
    /// The probability of the positive answers among the declared answers: σ(m). Of a classifier with two classes, both named, that is
    /// the softmax of the positive class.
    case probability
    /// The probability of the positive answers among all classes, or all tokens.
    case fullProbability = "full-probability"
    /// The decision value m itself: of two classes, logit of the positive one − logit of the negative one.
    case logit
  }

  /// What the serving system said about one record.
  public struct Value: Codable, Sendable, Equatable {
    /// The record's name in the plan, e.g. `record 17`.
    public var record: String
    /// The record's identifier in the provider's files.
    public var id: String
    /// The score, in the unit of `ProviderPredictions.unit` (nil if no scores were given).
    public var score: Double?
    /// Whether the system decided for the positive answer (nil if no decisions were given).
    public var positive: Bool?

    /// A value from its parts.
    public init(record: String, id: String, score: Double? = nil, positive: Bool? = nil) {
      self.record = record
      self.id = id
      self.score = score
      self.positive = positive
    }
  }

  /// The template that the prompts were made from, so that other ways of writing them can be tried: literals and fields by turns,
  /// beginning and ending with a literal.
  public struct Template: Codable, Sendable, Equatable {
    /// The text before each field and, last, after the last one.
    public var literals: [String]
    /// The columns whose values stand between.
    public var fields: [String]

    /// A template from its parts.
    /// - Precondition: one literal more than fields.
    public init(literals: [String], fields: [String]) {
      precondition(literals.count == fields.count + 1, "literals and fields take turns")
      self.literals = literals
      self.fields = fields
    }
  }

  /// The file, as the project file names it.
  public var file: String
  /// Digest of the file's bytes, hex.
  public var sha256: String
  /// The column of identifiers, in the data file and in this one.
  public var id: String
  /// The column of scores (nil: none were given).
  public var score: String?
  /// What a score is (nil without scores).
  public var unit: Unit?
  /// The column of decisions (nil: none were given).
  public var label: String?
  /// How far a score may be from the engine's.
  public var tolerance: Double
  /// Rows of the file about records that the evaluation does not use.
  public var unused: Int
  /// What was said, in the order of the file.
  public var values: [Value]
  /// How the prompts are made.
  public var template: Template

  /// The tolerance where none is declared: the engine's own contract with PyTorch.
  public static let defaultTolerance = 1e-4

  /// Predictions from their parts.
  public init(
    file: String, sha256: String, id: String, score: String?, unit: Unit?, label: String?,
    tolerance: Double = defaultTolerance, unused: Int = 0, values: [Value], template: Template
  ) {
    self.file = file
    self.sha256 = sha256
    self.id = id
    self.score = score
    self.unit = unit
    self.label = label
    self.tolerance = tolerance
    self.unused = unused
    self.values = values
    self.template = template
  }
}
