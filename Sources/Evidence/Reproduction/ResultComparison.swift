/// Two results of the same plan on the same model, compared number by number.
public struct ResultComparison: Codable, Sendable, Equatable {
  /// How far a number may be from the recorded one.
  public struct Tolerance: Codable, Sendable, Equatable {
    /// The share of the scale, e.g. 1e-4.
    public var relative: Double
    /// The rule in words, with the share in it.
    public var rule: String

    /// The engine's own contract: values within 1e-4 of the exact ones, relative to max(1, |m_clean − m_counterfactual|).
    public static let standard = Tolerance(relative: 1e-4)

    /// A tolerance by a share.
    /// - Precondition: finite and not negative.
    public init(relative: Double) {
      precondition(relative >= 0 && relative.isFinite, "a tolerance is a number from 0 on")
      self.relative = relative
      rule =
        "|reproduced − recorded| ≤ \(relative) · max(1, |m_clean − m_counterfactual|) for the numbers of one prompt pair, "
        + "≤ \(relative) for every other number; whole numbers such as counts by the same rule"
    }
  }

  /// A number that did not come out with the same bits.
  public struct Difference: Codable, Sendable, Equatable {
    /// Where it stands in the record, e.g. `analysis.pairs[3].m_clean`.
    public var path: String
    /// As recorded.
    public var recorded: Double
    /// As it came out now.
    public var reproduced: Double
    /// `reproduced − recorded`.
    public var difference: Double
    /// How large |difference| may be.
    public var allowed: Double
    /// Whether it is as large at most.
    public var isWithin: Bool { abs(difference) <= allowed }
  }

  /// Anything else that is not the same.
  public struct Change: Codable, Sendable, Equatable {
    /// What kind of change.
    public enum Kind: String, Codable, Sendable, CaseIterable {
      /// A name, outcome, node, answer: another result.
      case changed
      /// Words written for a person, which another version of the program may put differently.
      case wording
      /// In the recorded run only.
      case onlyRecorded = "only-recorded"
      /// In the new run only.
      case onlyReproduced = "only-reproduced"
    }

    /// Where it stands in the record.
    public var path: String
    /// What kind of change.
    public var kind: Kind
    /// As recorded, as JSON; cut off if it is long.
    public var recorded: String?
    /// As it came out now, as JSON; cut off if it is long.
    public var reproduced: String?
  }

  /// How many numbers there are of each class.
  public struct Numbers: Codable, Sendable, Equatable {
    /// The same bits.
    public var equal = 0
    /// Other bits, within the tolerance.
    public var within = 0
    /// Beyond the tolerance.
    public var beyond = 0
    /// In one of the two runs only; among `changes` too.
    public var unmatched = 0
  }

  /// Digest of the recorded result's canonical JSON, hex.
  public var recordedSha256: String
  /// Digest of the new result's canonical JSON, hex.
  public var reproducedSha256: String
  /// How many numbers there are of each class.
  public var numbers = Numbers()
  /// How many texts, truth values and nulls are the same.
  public var textsEqual = 0
  /// Numbers with other bits, those that use up most of their tolerance first.
  public var differences: [Difference] = []
  /// What else is not the same, in the order of the record.
  public var changes: [Change] = []

  /// Whether the two results are the same to the last byte.
  public var isByteEqual: Bool { recordedSha256 == reproducedSha256 }

  /// Whether all that was recorded came out again within the tolerance.
  /// - Parameter sameProgram: whether the same executable made both: then it must not record more than before either.
  public func isWithinTolerance(sameProgram: Bool) -> Bool {
    numbers.beyond == 0
      && changes.allSatisfy { $0.kind == .wording || $0.kind == .onlyReproduced && !sameProgram }
  }

  /// The same with the first so many differences and changes only.
  public func prefix(_ count: Int) -> ResultComparison {
    var short = self
    short.differences = Array(differences.prefix(count))
    short.changes = Array(changes.prefix(count))
    return short
  }

  /// Compares the results in two records.
  /// - Complexity: O(n log n) in the values.
  init(_ recorded: JSONValue, _ reproduced: JSONValue, _ tolerance: Tolerance) throws {
    recordedSha256 = try ResultPart.sha256(recorded)
    reproducedSha256 = try ResultPart.sha256(reproduced)
    var walk = ComparisonWalk(tolerance, scales: ComparisonWalk.scales(ofPairs: recorded))
    try walk.compare(ResultPart.byName(recorded), ResultPart.byName(reproduced), ComparisonWalk.Place())
    numbers = walk.numbers
    textsEqual = walk.textsEqual
    changes = walk.changes
    func use(_ difference: Difference) -> Double {
      difference.allowed > 0 ? abs(difference.difference) / difference.allowed : .infinity
    }
    differences = walk.differences.sorted {
      (use($0), abs($0.difference)) > (use($1), abs($1.difference))
    }
  }
}
