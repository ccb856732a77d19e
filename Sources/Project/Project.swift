public import Analysis
public import Foundation

/// A Vitrine project folder, read and validated: what `vitrine.yaml` says, with defaults filled in.
public struct Project: Sendable {
  /// The folder that holds `vitrine.yaml`.
  public var folder: URL
  /// What the AI system is.
  public var system: System
  /// The people named in the file.
  public var people: [Person]
  /// Model versions in the order of the file.
  public var models: [ModelVersion]
  /// Behaviours in the order of the file.
  public var behaviours: [Behaviour]
  /// The labelled evaluation, if any.
  public var evaluation: Evaluation?
  /// How to analyse.
  public var analysis: AnalysisSettings
  /// The folder of the provider's statements.
  public var documentation: URL
  /// sha256-able bytes of `vitrine.yaml` as read.
  public var fileBytes: Data

  /// `evidence.sqlite`.
  public var storeFile: URL { folder.appendingPathComponent("evidence.sqlite") }

  /// Where the dossier of a model version goes: `dossier/<version>/`.
  public func dossierFolder(version: String) -> URL {
    folder.appendingPathComponent("dossier").appendingPathComponent(version)
  }

  /// What the AI system is, in the provider's words. Every field but the name may be absent; nothing is ever filled in.
  public struct System: Sendable, Equatable {
    public var name: String
    public var provider: String?
    public var intendedPurpose: String?
    /// e.g. `high-risk`.
    public var riskClass: String?
    /// The point of Annex III it falls under, e.g. `5(b)`.
    public var annexIIIPoint: String?
    /// Whether the system is a safety component under Annex I, Section A.
    public var annexI: Bool
    /// `sme`, `smc` or nil.
    public var enterprise: String?
    /// ISO date of placing on the market or putting into service, if it happened.
    public var placedOnMarket: String?
  }

  /// A person named in the file.
  public struct Person: Sendable, Equatable {
    public var name: String
    public var function: String
    public var email: String?
    /// `prepared`, `reviewed`, `approved`.
    public var roles: [String]
  }

  /// One version of the model.
  public struct ModelVersion: Sendable, Equatable {
    public var version: String
    /// The model's folder in Hugging Face layout.
    public var folder: URL
    /// The folder as written in the file.
    public var path: String
    public var supersedes: String?
    /// What changed against the superseded version, in the provider's words.
    public var changes: String?
  }

  /// One decision of the model that is to be explained.
  public struct Behaviour: Sendable, Equatable {
    public var id: String
    public var question: String
    /// How the pairs were made, in one sentence.
    public var construction: String
    public var cleanLabel: String
    public var counterfactualLabel: String
    /// The field that was substituted, if the pairs come from a substitution.
    public var field: String?
    public var positive: [String]
    public var negative: [String]
    public var pairs: [AnalysisPlan.Pair]
    public var prepend: [String]
    /// In how many pairs the record as it stands in the data is the clean prompt, the counterfactual prompt, or neither.
    public var asRecorded: AsRecorded?

    public struct AsRecorded: Sendable, Equatable {
      public var clean: Int
      public var counterfactual: Int
      public var neither: Int
    }
  }

  /// The labelled data set and its groups.
  public struct Evaluation: Sendable, Equatable {
    public var dataset: String
    public var label: String
    public var positive: [String]
    public var negative: [String]
    public var prepend: [String]
    public var threshold: Double
    public var groupings: [String]
    public var examples: [EvaluationPlan.Example]
  }

  /// How to analyse.
  public struct AnalysisSettings: Sendable, Equatable {
    public var methods: [AnalysisPlan.Method]
    /// At most this many pairs per behaviour (drawn with `seed`); nil = all.
    public var samples: Int?
    public var seed: UInt64
    public var floor: Double
    public var integratedGradientsSteps: Int
    public var tokenAttributionPairs: Int
    public var sufficiencyTarget: Double
    public var comprehensivenessTarget: Double
    public var bootstrapResamples: Int
    public var confidence: Double
  }
}
