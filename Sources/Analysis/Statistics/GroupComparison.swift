/// How each group fares beside its reference group: shares of decisions with differences, ratios and what would settle them.
public struct GroupComparison: Codable, Sendable, Equatable {
  /// What a project declares about its groups.
  public struct Declaration: Codable, Sendable, Equatable {
    /// Which answer is the better one for the person decided about.
    public enum Side: String, Codable, Sendable, CaseIterable { case positive, negative }

    /// The reference group of a grouping, e.g. `["age": "mature"]`; groups of a grouping without one are held against all other
    /// records.
    public var references: [String: String]
    /// Groupings whose combinations are groups too, e.g. `[["age", "sex"]]`.
    public var intersections: [[String]]
    /// Which answer is the better one for the person decided about.
    public var favourable: Side

    /// A declaration from its parts.
    public init(references: [String: String] = [:], intersections: [[String]] = [], favourable: Side = .positive) {
      self.references = references
      self.intersections = intersections
      self.favourable = favourable
    }
  }

  /// What is compared.
  public enum Measure: String, Codable, Sendable, CaseIterable {
    /// Positive decisions among all records.
    case positiveRate = "positive-rate"
    /// Right decisions among all records.
    case accuracy
    /// Positive decisions among records with a positive label.
    case truePositiveRate = "true-positive-rate"
    /// Positive decisions among records with a negative label.
    case falsePositiveRate = "false-positive-rate"
    /// Mean predicted probability of the positive answer − share of positive labels.
    case calibration = "calibration-in-the-large"
    /// Mean |number − label| of a regression, in the label's unit.
    case absoluteError = "mean-absolute-error"

    /// Whether it is a share of records, or a difference of shares.
    public var isShare: Bool { self != .absoluteError }

    /// 1 if a higher value is the worse one for the persons of a group, −1 if a lower one is, nil if neither can be said.
    public func worse(_ favourable: Declaration.Side) -> Double? {
      switch (self, favourable) {
      case (.accuracy, _), (.positiveRate, .positive), (.truePositiveRate, .positive): -1
      case (.positiveRate, .negative), (.falsePositiveRate, .negative), (.absoluteError, _): 1
      case (.truePositiveRate, .negative), (.falsePositiveRate, .positive), (.calibration, _): nil
      }
    }
  }

  /// How far it is established that a group fares worse.
  public enum Loss: String, Codable, Sendable, CaseIterable {
    /// The test says so, adjusted for the number of tests.
    case settled
    /// The interval alone leaves out that there is none; the test, adjusted for the number of tests, does not.
    case likely
    /// The records at hand say so, and the interval covers that there is none.
    case open
    /// The records at hand do not say so.
    case none

    /// What the records say.
    /// - Parameters:
    ///   - difference: with its interval.
    ///   - worse: 1 if a higher value is worse, −1 if a lower one is.
    ///   - isSettled: whether the adjusted test excludes no difference.
    public init(_ difference: Estimate, worse: Double, isSettled: Bool) {
      let size = difference.value * worse
      let least = worse > 0 ? difference.low : -difference.high
      self = size <= 0 ? .none : isSettled ? .settled : least > 0 ? .likely : .open
    }

    /// Whether the interval leaves out that there is no loss.
    public var isShown: Bool { self == .settled || self == .likely }
  }

  /// A ratio of two shares; an end that is not there has no bound.
  public struct Ratio: Codable, Sendable, Equatable {
    /// The ratio.
    public var value: Double
    /// Lower end of its interval.
    public var low: Double
    /// Upper end of its interval.
    public var high: Double?
  }

  /// One measure of a group beside the reference.
  public struct Comparison: Codable, Sendable, Equatable {
    /// What is compared.
    public var measure: Measure
    /// Records that count; nil of a mean.
    public var count: Int?
    /// Records among which they count.
    public var n: Int
    /// The reference's records that count; nil of a mean.
    public var countReference: Int?
    /// The reference's records among which they count.
    public var nReference: Int
    /// The group's value.
    public var value: Double
    /// The reference's value.
    public var valueReference: Double
    /// Group − reference with its interval.
    public var difference: Estimate
    /// Group / reference with its interval (nil of a mean, and where the reference's share is 0).
    public var ratio: Ratio?
    /// p-value of no difference (nil if there is no test).
    public var p: Double?
    /// The same, adjusted for the groups that were asked about (Holm).
    public var adjustedP: Double?
    /// How far it is established that the group fares worse (nil where no direction is worse).
    public var loss: Loss?
    /// Records of the group with which the observed difference would be found, with as many of the reference for each as here
    /// (nil if settled, or without a difference).
    public var needed: Int?

    /// Shown losses first, then open ones; among these, what all records bear on.
    fileprivate var rank: Int {
      let isOfAll = measure == .positiveRate || measure == .accuracy
      return (loss?.isShown == true ? 0 : loss == .open ? 2 : 4) + (isOfAll ? 0 : 1)
    }
  }

  /// A group beside its reference.
  public struct Row: Codable, Sendable, Equatable {
    /// The groupings: one, or those of an intersection.
    public var groupings: [String]
    /// The group's value of each grouping.
    public var group: [String]
    /// The reference group's value of each grouping (nil: all other records, since none is declared).
    public var reference: [String]?
    /// Records of the group.
    public var n: Int
    /// Records of the reference.
    public var nReference: Int
    /// Whether it has fewer than `few` records.
    public var isSmall: Bool
    /// The measures; those that no record of one side bears on are left out.
    public var comparisons: [Comparison]

    /// What the groupings are called together, e.g. `age × sex`.
    public var grouping: String { GroupComparison.grouping(groupings) }
    /// What the group is called, e.g. `young, female`.
    public var name: String { GroupComparison.group(group) }

    /// The comparison of a measure.
    public func comparison(_ measure: Measure) -> Comparison? { comparisons.first { $0.measure == measure } }

    /// The worst of its comparisons that have a direction: of positive and right decisions, or of the other shares where only they
    /// show a loss; of a regression that of the error; nil if it has none.
    public var worst: Comparison? {
      // An error in its unit and a share have no common order.
      if let error = comparison(.absoluteError) { return error }
      return comparisons.filter { $0.loss != nil }.min { left, right in
        let (first, second) = (left.rank, right.rank)
        return first != second ? first < second : Order(left) < Order(right)
      }
    }
  }

  /// Worst first: losses whose interval leaves out that there is none, the larger before the smaller; then the others.
  public struct Order: Comparable, Sendable {
    private let isShown: Bool
    private let size: Double

    /// The place of a loss.
    /// - Parameter size: how much worse, in the measure's unit; negative if better.
    public init(_ loss: Loss?, size: Double) {
      isShown = loss?.isShown ?? false
      self.size = size
    }

    /// The place of a comparison.
    public init(_ comparison: Comparison) {
      let size = abs(comparison.difference.value)
      self.init(comparison.loss, size: comparison.loss == Loss.none ? -size : size)
    }

    /// Whether one is worse than the other.
    public static func < (left: Order, right: Order) -> Bool {
      left.isShown != right.isShown ? left.isShown : left.size > right.size
    }
  }

  /// Groups below a ratio of four fifths of positive decisions to the group that has the largest share of them: a practice of US
  /// agencies (29 CFR 1607.4(D)), not of the Act.
  public struct FourFifths: Codable, Sendable, Equatable {
    /// The grouping.
    public var grouping: String
    /// The group with the largest share.
    public var highest: String
    /// The groups below, with their ratio to it, the smallest first.
    public var below: [Below]

    /// One group below.
    public struct Below: Codable, Sendable, Equatable {
      /// The group.
      public var group: String
      /// Its share over the largest.
      public var ratio: Double
    }
  }

  /// What was declared.
  public var declaration: Declaration
  /// The level of every interval; 1 − it is the level of every test.
  public var confidence: Double
  /// The power of the needed records.
  public var power: Double
  /// The groups, worst first.
  public var rows: [Row]
  /// Where positive decisions fall short of four fifths, by grouping; nil where the positive answer is not the favourable one.
  public var fourFifths: [FourFifths]?

  /// One name of groupings together.
  public static func grouping(_ groupings: [String]) -> String { groupings.joined(separator: " × ") }

  /// One name of a group's values.
  public static func group(_ values: [String]) -> String { values.joined(separator: ", ") }

  /// Groups with fewer records say little: the 95 % interval of a share of 30 records is up to 34 percentage points wide.
  public static let few = 30
}
