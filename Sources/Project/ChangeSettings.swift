public import Analysis

/// What counts as a change between two versions, and how far changes were foreseen: `changes` of the project file.
public struct ChangeSettings: Sendable, Equatable {
  /// What is compared between two versions.
  public enum Measure: String, Codable, Sendable, CaseIterable {
    /// The mean change of the decision value from clean to counterfactual, per behaviour (logits).
    case effect
    /// The share of prompt pairs whose decision differs between clean and counterfactual, per behaviour.
    case flips
    /// The mean decision value of the labelled records (logits).
    case decisionValue = "decision-value"
    /// The share of right decisions on the labelled records.
    case accuracy
    /// The share of positive decisions on the labelled records.
    case positiveDecisions = "positive-decisions"
    /// The mean distance between number and label on the labelled records (of a regression, in the label's unit).
    case absoluteError = "mean-absolute-error"

    /// Whether it is counted in shares; otherwise in the decision value's unit, logits or that of a regression's label.
    public var isShare: Bool { self == .flips || self == .accuracy || self == .positiveDecisions }

    /// 1 if a higher value is the worse one for the persons decided about, −1 if a lower one is, nil if neither can be said.
    public func worse(_ favourable: GroupComparison.Declaration.Side) -> Double? {
      switch self {
      case .accuracy: GroupComparison.Measure.accuracy.worse(favourable)
      case .positiveDecisions: GroupComparison.Measure.positiveRate.worse(favourable)
      case .absoluteError: GroupComparison.Measure.absoluteError.worse(favourable)
      case .effect, .flips, .decisionValue: nil
      }
    }
  }

  /// How the tests of one report are adjusted for being many.
  public enum Correction: String, Codable, Sendable, CaseIterable {
    /// Holm 1979: the chance of any false "changed" stays below the level.
    case holm
    /// Benjamini and Hochberg 1995: the expected share of false ones among the "changed" does.
    case benjaminiHochberg = "benjamini-hochberg"
  }

  /// A part of a model that can be exchanged.
  public enum ModelPart: String, Codable, Sendable, CaseIterable { case weights, tokenizer, architecture }

  /// How far a difference (new − old) may go: a part of the declared envelope of pre-determined changes (Annex IV,
  /// point 2(f)).
  public struct Limit: Codable, Sendable, Equatable {
    /// What is limited.
    public var measure: Measure
    /// The behaviour; nil for any.
    public var behaviour: String?
    /// The column by which records are grouped; nil for all records and any group.
    public var grouping: String?
    /// The group; nil for any group of the column.
    public var group: String?
    /// The least difference.
    public var from: Double
    /// The largest difference.
    public var to: Double

    /// The largest loss that it allows, above 0; nil if it allows none or has no side that is worse.
    public func largestLoss(_ favourable: GroupComparison.Declaration.Side) -> Double? {
      measure.worse(favourable).map { $0 < 0 ? -from : to }.flatMap {
        $0 > 0 && ($0 < 1 || !measure.isShare) ? $0 : nil
      }
    }

    /// Whether it limits a difference.
    public func covers(_ measure: Measure, behaviour: String?, grouping: String?, group: String?) -> Bool {
      self.measure == measure && (self.behaviour == nil || self.behaviour == behaviour)
        && (self.grouping == nil || self.grouping == grouping) && (self.group == nil || self.group == group)
    }
  }

  /// The level of every interval; 1 − it is the level of every test.
  public var confidence: Double
  /// How tests are adjusted for being many.
  public var correction: Correction
  /// The power at which the smallest detectable difference is given.
  public var power: Double
  /// Differences of decision values below this (logits) count as none.
  public var decisionValueMargin: Double
  /// Differences of shares below this count as none.
  public var shareMargin: Double
  /// Which parts of the model may change without being beyond the envelope.
  public var mayChange: [ModelPart]
  /// The declared limits; of several that cover a difference the last one counts.
  public var envelope: [Limit]
  /// Whether the project file says anything of this.
  public var isDeclared: Bool

  /// What holds unless the project file says otherwise: a margin of 0.1 logits, which moves an even decision's
  /// probability by 2.5 percentage points, and of 5 percentage points for shares; nothing pre-determined but that
  /// weights are retrained.
  public static let standard = ChangeSettings(
    confidence: 0.95, correction: .holm, power: 0.8, decisionValueMargin: 0.1, shareMargin: 0.05,
    mayChange: [.weights], envelope: [], isDeclared: false)

  /// The margin of a measure, in its unit.
  public func margin(_ measure: Measure) -> Double { measure.isShare ? shareMargin : decisionValueMargin }

  /// The declared limit of a difference; nil if nothing was declared.
  public func limit(_ measure: Measure, behaviour: String?, grouping: String?, group: String?) -> Limit? {
    envelope.last { $0.covers(measure, behaviour: behaviour, grouping: grouping, group: group) }
  }
}
