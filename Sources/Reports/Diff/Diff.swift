public import Analysis
public import Project

/// What changed between two versions, as data: what `diff.json` holds. Schema: `Templates/schemas/diff.schema.json`.
///
/// It reports differences and what their tests say. Whether a change is a substantial modification is for a person to
/// decide; the worksheet leaves the answer blank.
public struct Diff: Codable, Sendable, Equatable {
  /// The format. Raised when a field changes its meaning.
  public static let currentSchema = "vitrine.diff/1"

  /// The format of this value.
  public var schema: String
  /// The AI system, as the later side names it.
  public var system: String
  /// The earlier side.
  public var before: Side
  /// The later side.
  public var after: Side
  /// What counted as a change.
  public var settings: Settings
  /// The answer in short.
  public var outcome: Outcome
  /// What changed in the model.
  public var model: ModelChange
  /// Every measure that was compared.
  public var rows: [Row]
  /// What could not be compared, and why.
  public var notCompared: [NotCompared]
  /// Mechanism, behaviour by behaviour.
  public var mechanisms: [Mechanism]
  /// Annex IV, item by item.
  public var documentation: Documentation
  /// What changed in the law catalogue.
  public var law: LawChange
  /// Signatures on the earlier side, and what they do not cover any more.
  public var approvals: [ApprovalState]
  /// The questions of the law about a substantial modification, with the evidence for each.
  public var worksheet: [Question]

  /// One side of the comparison.
  public struct Side: Codable, Sendable, Equatable {
    /// What it is called.
    public var label: String
    /// Where it comes from.
    public var kind: DiffSource.Kind
    /// The model version.
    public var modelVersion: String
    /// Root digests of the model's files that its runs were made on.
    public var rootSha256: [String]
    /// The runs that its numbers come from.
    public var runs: [String]
    /// How many of these had their records at hand.
    public var recordsAtHand: Int
    /// Why its integrity is not established (nil if it is).
    public var unverified: String?
  }

  /// What counted as a change.
  public struct Settings: Codable, Sendable, Equatable {
    /// The level of every interval.
    public var confidence: Double
    /// How tests were adjusted for being many.
    public var correction: ChangeSettings.Correction
    /// The power of the smallest detectable differences.
    public var power: Double
    /// Margin of decision values, logits.
    public var decisionValueMargin: Double
    /// Margin of shares.
    public var shareMargin: Double
    /// Parts of the model that may change.
    public var mayChange: [ChangeSettings.ModelPart]
    /// The declared limits.
    public var envelope: [ChangeSettings.Limit]
    /// Whether the project file declares any of this.
    public var isDeclared: Bool
  }

  /// The answer in short.
  public struct Outcome: Codable, Sendable, Equatable {
    /// Whether both sides have the same files and the same numbers, byte for byte.
    public var isIdentical: Bool
    /// Rows by verdict.
    public var counts: [Count]
    /// What lies beyond the declared envelope, in words; empty if nothing does.
    public var beyond: [String]

    /// Whether any difference was tested, or found to be none to the last bit.
    public var isAnythingTested: Bool {
      counts.contains { $0.verdict != .notTested && $0.overall + $0.groups > 0 }
    }

    /// How many rows have a verdict.
    public struct Count: Codable, Sendable, Equatable {
      /// The verdict.
      public var verdict: Verdict
      /// Rows over all records.
      public var overall: Int
      /// Rows of a group.
      public var groups: Int
    }
  }

  /// What the tests say of a difference.
  public enum Verdict: String, Codable, Sendable, CaseIterable {
    /// Not a bit differs.
    case identical
    /// A difference of the margin or more is rejected, and no difference is established.
    case unchanged
    /// A difference is established, and so is that it is smaller than the margin.
    case unchangedWithinMargin = "unchanged-within-margin"
    /// A difference is established, and nothing says that it is smaller than the margin.
    case changed
    /// Neither is established.
    case unsettled
    /// No per-prompt values, so no test.
    case notTested = "not-tested"
  }

  /// One measure, compared.
  public struct Row: Codable, Sendable, Equatable {
    /// What was measured.
    public var measure: ChangeSettings.Measure
    /// The behaviour (nil for the labelled records).
    public var behaviour: String?
    /// The column by which records are grouped (nil for all).
    public var grouping: String?
    /// The group (nil for all).
    public var group: String?
    /// Prompts or records that the difference rests on; of both sides together if they are different ones.
    public var n: Int
    /// How the two sides' prompts belong together (nil if there was no test).
    public var pairing: MeanDifference.Pairing?
    /// Prompts of both sides that have no partner and were left out.
    public var leftOut: Int
    /// The earlier value on these prompts.
    public var before: Double
    /// The later value on these prompts.
    public var after: Double
    /// Of a share: prompts that count on one side only.
    public var discordant: Discordant?
    /// later − earlier, with its interval (nil if there is none).
    public var difference: Estimate?
    /// p-value of no difference (nil if there was no test).
    public var p: Double?
    /// The same, adjusted for the family of tests.
    public var adjustedP: Double?
    /// p-value of a difference as large as the margin (nil if there was no test).
    public var equivalenceP: Double?
    /// The same, adjusted.
    public var adjustedEquivalenceP: Double?
    /// The margin, in the measure's unit.
    public var margin: Double
    /// The smallest true difference that this comparison finds with the declared power (nil where that is not known).
    public var smallestDetectable: Double?
    /// The smallest p-value that so many differing records can give (shares only).
    public var smallestP: Double?
    /// What follows.
    public var verdict: Verdict
    /// How far it is established that the later side is the worse one for the persons concerned (nil where no direction is worse, and
    /// of values side by side).
    public var loss: GroupComparison.Loss?
    /// Records with which a loss of the declared limit, or without one a loss as large as the observed, would be found with the
    /// declared power (nil if settled, or if nothing was lost).
    public var needed: Int?
    /// Its place in the declared envelope.
    public var envelope: Envelope
    /// The prompts that differ most, worst first.
    public var worst: [PromptChange]
    /// The earlier side's run.
    public var runBefore: String
    /// The later side's run.
    public var runAfter: String

    /// Whether it is about a group.
    public var isGroup: Bool { grouping != nil }
  }

  /// Records that count on one side only.
  public struct Discordant: Codable, Sendable, Equatable {
    /// On the earlier side only.
    public var onlyBefore: Int
    /// On the later side only.
    public var onlyAfter: Int
    /// How many count on the earlier side.
    public var countBefore: Int
    /// How many count on the later side.
    public var countAfter: Int
  }

  /// A difference's place in the declared envelope of pre-determined changes.
  public struct Envelope: Codable, Sendable, Equatable {
    /// Where it lies.
    public enum State: String, Codable, Sendable, CaseIterable {
      /// Nothing is established to have changed, so nothing needs to be foreseen.
      case notNeeded = "not-needed"
      /// The whole interval lies within the declared limits.
      case inside
      /// A part of the interval lies outside, so that it is not established to be within.
      case notShownInside = "not-shown-inside"
      /// The whole interval lies outside, or nothing was declared for it.
      case beyond
    }
    /// Where it lies.
    public var state: State
    /// The declared limit (nil if there is none).
    public var limit: ChangeSettings.Limit?
  }

  /// One prompt's values on both sides.
  public struct PromptChange: Codable, Sendable, Equatable {
    /// The prompt's name.
    public var name: String
    /// The earlier value.
    public var before: Double
    /// The later value.
    public var after: Double
  }

  /// Something that could not be compared.
  public struct NotCompared: Codable, Sendable, Equatable {
    /// What.
    public var subject: String
    /// Why.
    public var reason: String
  }
}
