/// How a model performs on a labelled data set: what to do.
public struct EvaluationPlan: Codable, Sendable, Equatable {
  /// One labelled prompt.
  public struct Example: Codable, Sendable, Equatable {
    /// How the record is called in reports, e.g. `record 17`.
    public var name: String
    /// The prompt.
    public var prompt: String
    /// Whether the positive answer is the right one; of a regression, whether the label lies above the threshold, nil without one.
    public var side: Bool?
    /// `side`, false without one: nothing asks for it where nothing is decided.
    public var positive: Bool { side ?? false }
    /// Of a regression: the label, in the plan's unit.
    public var number: Double?
    /// The record's group by grouping, e.g. `["sex": "female", "age": "young"]`.
    public var groups: [String: String]

    /// An example from its parts.
    public init(name: String, prompt: String, positive: Bool?, number: Double? = nil, groups: [String: String]) {
      self.name = name
      self.prompt = prompt
      side = positive
      self.number = number
      self.groups = groups
    }

    private enum CodingKeys: String, CodingKey {
      case name, prompt, number, groups
      case side = "positive"
    }

    /// Reads what `encode(to:)` writes.
    /// - Throws: `DecodingError` where neither side nor number stands: nothing may count as negative that nobody called so.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      name = try container.decode(String.self, forKey: .name)
      prompt = try container.decode(String.self, forKey: .prompt)
      number = try container.decodeIfPresent(Double.self, forKey: .number)
      side =
        number == nil
        ? try container.decode(Bool.self, forKey: .side) : try container.decodeIfPresent(Bool.self, forKey: .side)
      groups = try container.decode([String: String].self, forKey: .groups)
    }
  }

  /// What the data are, e.g. `german-credit.csv where split = test`.
  public var dataset: String
  /// What the label is, e.g. `label = approve`.
  public var label: String
  /// The positive answers.
  public var positive: [String]
  /// The negative answers.
  public var negative: [String]
  /// Text of special tokens that are put before each prompt; usually empty.
  public var prepend: [String]
  /// Which special tokens each prompt gets besides `prepend` (nil: none).
  public var specialTokens: SpecialTokens?
  /// What `specialTokens: auto` came to with the model's tokenizer; set when the plan is carried out.
  public var specialIds: SpecialTokenIDs?
  /// The decision is positive when the decision value is above this (logits, or `unit`); nil: a regression of which nothing is decided.
  public var threshold: Double?
  /// The unit of the number that a regression gives, which is then the decision value's; nil: logits. There are no answers then.
  public var unit: String?
  /// Whether a classifier decides by its own first choice among all its classes, because no threshold was declared (nil: by the
  /// threshold). Of a language model the declared answers decide.
  public var firstChoice: Bool?
  /// The groupings in the order they are reported.
  public var groupings: [String]
  /// The labelled prompts.
  public var examples: [Example]
  /// Resamples of every bootstrap.
  public var bootstrapResamples: Int
  /// Level of every interval.
  public var confidence: Double
  /// Seed of every random choice.
  public var seed: UInt64
  /// What the provider's own serving system said about these records (nil: nothing is given).
  public var predictions: ProviderPredictions?

  /// A plan from its parts.
  public init(
    dataset: String, label: String, positive: [String], negative: [String], prepend: [String] = [],
    specialTokens: SpecialTokens? = nil, threshold: Double? = 0, firstChoice: Bool? = nil,
    groupings: [String], examples: [Example], bootstrapResamples: Int = 2000, confidence: Double = 0.95,
    seed: UInt64 = 1, predictions: ProviderPredictions? = nil, unit: String? = nil
  ) {
    self.dataset = dataset
    self.label = label
    self.positive = positive
    self.negative = negative
    self.prepend = prepend
    self.specialTokens = specialTokens
    self.threshold = threshold
    self.firstChoice = firstChoice
    self.groupings = groupings
    self.examples = examples
    self.bootstrapResamples = bootstrapResamples
    self.confidence = confidence
    self.seed = seed
    self.predictions = predictions
    self.unit = unit
  }
}

/// How a model performs on a labelled data set: what came out.
public struct EvaluationResult: Codable, Sendable, Equatable {
  /// Performance of all records or of one group.
  public struct Group: Codable, Sendable, Equatable {
    /// The grouping, e.g. `sex` (nil for all records).
    public var grouping: String?
    /// The group, e.g. `female` (nil for all records).
    public var name: String?
    /// Records in it.
    public var n: Int
    /// Share of right decisions (Wilson interval).
    public var accuracy: Proportion
    /// Share of positive decisions (Wilson interval).
    public var positiveRate: Proportion
    /// Share of records whose label is positive (Wilson interval).
    public var baseRate: Proportion
    /// Right positives among positive labels (nil if there are none).
    public var truePositiveRate: Proportion?
    /// Wrong positives among negative labels (nil if there are none).
    public var falsePositiveRate: Proportion?
    /// Area under the ROC curve (nil if one class is absent).
    public var areaUnderCurve: Estimate?
    /// Mean squared error of the predicted probability (bootstrap interval).
    public var brier: Estimate
    /// Mean predicted probability − share of positive labels: calibration in the large (bootstrap interval).
    public var calibrationInTheLarge: Estimate
    /// Expected calibration error over equal-width bins, with the bins it rests on.
    public var expectedCalibrationError: Estimate
    /// The reliability table.
    public var bins: [Bin]
  }

  /// How far a regression's numbers lie from the labels, of all records or of one group, in the label's unit.
  public struct ErrorGroup: Codable, Sendable, Equatable {
    /// The grouping, e.g. `sex` (nil for all records).
    public var grouping: String?
    /// The group, e.g. `female` (nil for all records).
    public var name: String?
    /// Records in it.
    public var n: Int
    /// Mean |number − label| (bootstrap-t interval).
    public var meanAbsoluteError: Estimate
    /// √ mean (number − label)² (bootstrap interval).
    public var rootMeanSquareError: Estimate
    /// R² = 1 − Σ (number − label)² / Σ (label − mean label)², the mean being the group's own (bootstrap interval; nil if all labels are
    /// the same).
    public var determination: Estimate?
    /// Mean number − label: above 0, the model gives too much (bootstrap-t interval).
    public var meanError: Estimate
    /// Mean number that the model gives (bootstrap-t interval).
    public var meanNumber: Estimate
    /// Share of decisions that are the label's (Wilson interval; nil without a threshold).
    public var accuracy: Proportion?
    /// Share of numbers above the threshold (Wilson interval; nil without one).
    public var positiveRate: Proportion?
    /// Share of labels above the threshold (Wilson interval; nil without one).
    public var baseRate: Proportion?
  }

  /// One row of a reliability table.
  public struct Bin: Codable, Sendable, Equatable {
    /// Lower edge of the predicted probability.
    public var from: Double
    /// Upper edge of the predicted probability.
    public var to: Double
    /// Records in it.
    public var n: Int
    /// Mean predicted probability (nil if empty).
    public var predicted: Double?
    /// Share of positive labels (nil if empty).
    public var observed: Double?
  }

  /// One record's decision value.
  public struct Score: Codable, Sendable, Equatable {
    /// The record's name in the plan.
    public var name: String
    /// The decision value (nil if the record was refused).
    public var m: Double?
    /// What the model itself would say (nil if the record was refused, and in records of before version 0.2).
    public var choice: OwnChoice?
  }

  /// What makes a decision positive.
  public enum DecisionRule: String, Codable, Sendable {
    /// The decision value lies above the plan's threshold.
    case threshold
    /// The model's own first choice is a positive answer. One that is no declared answer is neither positive nor negative, and never right.
    case firstChoice = "first-choice"
    /// Nothing is decided: the model gives a number, and no threshold was declared.
    case undecided
  }

  /// All records first, then each grouping's groups in order; empty where the model gives a number.
  public var groups: [Group]
  /// The same of a regression (nil of other models).
  public var errors: [ErrorGroup]?
  /// Every record's decision value, in the plan's order.
  public var scores: [Score]
  /// What made decisions positive (nil in records of before version 0.2: the threshold).
  public var rule: DecisionRule?
  /// The serving system's own predictions held against these (nil if the plan has none).
  public var predictions: PredictionComparison?
}

extension EvaluationPlan {
  /// Whether a decision is positive and whether it is right.
  /// - Parameters:
  ///   - m: the record's decision value.
  ///   - choice: the model's own choice; needed where that decides.
  ///   - rule: what decides (`EvaluationResult.rule`).
  public func decision(
    _ example: Example, m: Double, choice: OwnChoice?, rule: EvaluationResult.DecisionRule?
  ) -> (isPositive: Bool, isRight: Bool) {
    let isPositive = isPositive(m: m, choice: choice, rule: rule)
    return (isPositive == true, isPositive == example.positive)
  }

  /// Whether the decision is positive; nil if it is neither, since the model's own first choice is no answer of one side.
  func isPositive(m: Double, choice: OwnChoice?, rule: EvaluationResult.DecisionRule?) -> Bool? {
    guard rule != .undecided, let threshold else { return nil }
    guard rule == .firstChoice, let choice else { return m > threshold }
    switch choice.side {
    case .positive: return true
    case .negative: return false
    case .both, .none: return nil
    }
  }
}
