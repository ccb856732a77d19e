public import Analysis

extension Dossier {
  /// What was asked about one behaviour and what came out.
  public struct BehaviourReport: Codable, Sendable, Equatable {
    /// The behaviour's id in the project file.
    public var id: String
    /// The question, in the provider's words.
    public var question: String
    /// How the pairs were made.
    public var construction: String
    /// What the clean prompts have in common.
    public var cleanLabel: String
    /// What the counterfactual prompts have in common.
    public var counterfactualLabel: String
    /// Answers that the decision value counts for.
    public var positive: [String]
    /// Answers that it counts against.
    public var negative: [String]
    /// The unit of a regression's number, which has no answers (nil: decision values are logits).
    public var unit: String?
    /// Of a regression: a decision is positive above this (nil: nothing is decided).
    public var threshold: Double?
    /// The cited run's full identifier (nil if there is none).
    public var run: String?
    /// Whether the cited run's plan is the one that the project file gives today (nil without a cited run).
    public var planIsCurrent: Bool?
    /// A run that answered the question with another plan than today's, and is therefore not cited (nil: there is none).
    public var otherPlanRun: String?
    /// What may be said in a sentence each.
    public var claims: [Claim]
    /// What came out (nil without a run).
    public var numbers: BehaviourNumbers?
    /// What the engine would not report, by reason.
    public var refusals: [RefusalGroup]
    /// Approximate methods and their measured errors.
    public var approximations: [Approximation]
    /// The engine's checks on this model and these prompts.
    public var selfTests: [SelfTest]
  }

  /// An analysis without its single pairs; the run's record has those too.
  @dynamicMemberLookup
  public struct BehaviourNumbers: Codable, Sendable, Equatable {
    /// Pairs of the plan.
    public var pairs: Int
    /// Pairs that could be measured; the total effect is over all of these.
    public var measuredPairs: Int
    /// Pairs whose mechanism was measured as well.
    public var mechanismPairs: Int
    /// By how much the positive answers' share among the declared answers differs within a pair, on average, from −1 to 1 (nil if no pair
    /// could be read).
    public var positiveShareChange: Estimate?
    /// What the record holds of the pairs together, under the same keys; `standing` also of records that do not hold it.
    public var summary: AnalysisSummary

    /// The numbers of a result.
    init(_ result: AnalysisResult, plan: AnalysisPlan?) {
      pairs = result.pairs.count
      measuredPairs = result.pairs.count { $0.mClean != nil }
      mechanismPairs = result.nodeEffects.first?.noising?.n ?? 0
      positiveShareChange = plan.flatMap(result.positiveShareChange)
      summary = result.summary
      summary.standing = plan.flatMap(result.behaviourStanding)
    }

    /// The summary's fields.
    public subscript<Value>(dynamicMember path: WritableKeyPath<AnalysisSummary, Value>) -> Value {
      get { summary[keyPath: path] }
      set { summary[keyPath: path] = newValue }
    }

    private enum CodingKeys: CodingKey { case pairs, measuredPairs, mechanismPairs, positiveShareChange }

    /// Reads one object: its own fields and those of `summary` side by side.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      pairs = try container.decode(Int.self, forKey: .pairs)
      measuredPairs = try container.decode(Int.self, forKey: .measuredPairs)
      mechanismPairs = try container.decode(Int.self, forKey: .mechanismPairs)
      positiveShareChange = try container.decodeIfPresent(Estimate.self, forKey: .positiveShareChange)
      summary = try AnalysisSummary(from: decoder)
    }

    /// Writes what `init(from:)` reads.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(pairs, forKey: .pairs)
      try container.encode(measuredPairs, forKey: .measuredPairs)
      try container.encode(mechanismPairs, forKey: .mechanismPairs)
      try container.encodeIfPresent(positiveShareChange, forKey: .positiveShareChange)
      try summary.encode(to: encoder)
    }
  }

  /// Refusals with one reason and scope.
  public struct RefusalGroup: Codable, Sendable, Equatable {
    /// Why.
    public var reason: Refusal.Reason
    /// What is refused.
    public var scope: Refusal.Scope
    /// The pairs; empty if it is the whole behaviour.
    public var pairs: [String]
    /// The engine's words for the first of them.
    public var detail: String
  }

  /// Performance on labelled records.
  public struct EvaluationReport: Codable, Sendable, Equatable {
    /// The cited run's full identifier.
    public var run: String
    /// What the data are.
    public var dataset: String
    /// What the label is.
    public var label: String
    /// The decision is positive above this decision value; nil: nothing is decided.
    public var threshold: Double?
    /// The unit of a regression's number (nil: decision values are logits).
    public var unit: String?
    /// Answers that the decision value counts for.
    public var positive: [String]
    /// Whether the cited run's plan is the one that the project file gives today.
    public var planIsCurrent: Bool?
    /// Records of the plan.
    public var records: Int
    /// What may be said in a sentence each.
    public var claims: [Claim]
    /// All records first, then each grouping's groups.
    public var groups: [EvaluationResult.Group]
    /// The same of a regression: how far its numbers lie from the labels (nil of other models).
    public var errors: [EvaluationResult.ErrorGroup]?
    /// Each group beside its reference, worst first (nil without groups, and in dossiers of before version 0.2).
    public var comparison: GroupComparison?
    /// Records that could not be scored.
    public var refusals: [RefusalGroup]
    /// The serving system's own predictions held against the engine (nil if none were given).
    public var predictions: PredictionComparison?
  }

  /// The unit of the number that the model gives; nil: decision values are logits.
  public var unit: String? { evaluation?.unit ?? behaviours.lazy.compactMap(\.unit).first }

  /// One number of two model versions, each with its run. No verdict.
  public struct ComparisonRow: Codable, Sendable, Equatable {
    /// What is compared, in words.
    public var title: String
    /// The finding's id.
    public var finding: String
    /// The behaviour (nil for the evaluation).
    public var behaviour: String?
    /// `logits`, `share`, `ratio`.
    public var unit: String
    /// The superseded version's.
    public var before: VersionNumber
    /// This version's.
    public var after: VersionNumber
  }

  /// One version's number.
  public struct VersionNumber: Codable, Sendable, Equatable {
    /// The model version.
    public var version: String
    /// The run's full identifier.
    public var run: String
    /// The number.
    public var estimate: Estimate
  }

  /// A cited run.
  public struct RunEntry: Codable, Sendable, Equatable {
    /// The full identifier.
    public var id: String
    /// SHA-256 of the record's canonical JSON, hex.
    public var recordSha256: String
    /// `analysis` or `evaluation`.
    public var kind: String
    /// How it ended.
    public var status: String
    /// The behaviour.
    public var behaviour: String?
    /// The model version.
    public var modelVersion: String
    /// When it began and ended.
    public var started: String
    /// When it ended.
    public var ended: String
    /// Root digest of the model's files.
    public var modelRootSha256: String
    /// Digest of the prompts and answers as token ids.
    public var promptsSha256: String
    /// The program.
    public var program: String
    /// Digest of the program's file.
    public var programSha256: String
    /// The machine.
    public var machine: String
    /// The elements of Annex IV it bears on, as `2(b) general-logic`.
    public var supports: [String]
    /// How it stood to the project when this was made (nil: an older program did not ask).
    public var binding: BindingFacts?
  }

  /// How a cited run stood to the model's folder and the project's plan when the dossier was made.
  public struct BindingFacts: Codable, Sendable, Equatable {
    /// `held`: the folder held the files that were run. `not-held`: it could not be read, so that was not checked.
    public var weights: String
    /// Why it was not checked: `folder-missing`, `folder-unreadable`, `not-measured`.
    public var notHeld: String?
    /// `current`: the plan was the one of the project file. `other`: it was another.
    public var plan: String
    /// SHA-256 of the run's plan as the record holds it, in canonical JSON, hex.
    public var planSha256: String?
    /// The fields of the plan that differed, as records name them.
    public var planDiffers: [String]?
    /// The waiver that lets a run of another plan be cited.
    public var waiver: String?
  }

  /// A run that is not cited.
  public struct UncitedRun: Codable, Sendable, Equatable {
    /// The full identifier.
    public var id: String
    /// SHA-256 of the record's canonical JSON, hex.
    public var recordSha256: String
    /// What it was about.
    public var subject: String
    /// How it ended.
    public var status: String
    /// When it began.
    public var started: String
    /// Why it is not cited.
    public var reason: String
    /// The same as a word that stays: `failed`, `later`, `unknown-behaviour`, `no-evaluation`, `other-system`, `other-weights`,
    /// `other-plan`.
    public var code: String?
  }

  /// Findings of a cited run that bear on no element.
  public struct UncitedFindings: Codable, Sendable, Equatable {
    /// The run's full identifier.
    public var run: String
    /// Their ids.
    public var findings: [String]
  }
}
