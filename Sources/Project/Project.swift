public import Analysis
public import Evidence
public import Foundation

/// A Vitrine project folder, read and validated: what `vitrine.yaml` says, with defaults filled in.
public struct Project: Sendable {
  /// The folder that holds `vitrine.yaml`.
  public var folder: URL
  /// The language of the documents made from it, BCP 47; `en` unless the file says otherwise.
  public var language: String
  /// What the AI system is.
  public var system: System
  /// The people named in the file.
  public var people: [Person]
  /// Who owes which parts of the documentation, in the order of the file.
  public var owners: [Assignment]
  /// Model versions in the order of the file.
  public var models: [ModelVersion]
  /// Behaviours in the order of the file.
  public var behaviours: [Behaviour]
  /// The labelled evaluation, if any.
  public var evaluation: Evaluation?
  /// How to analyse.
  public var analysis: AnalysisSettings
  /// What counts as a change between versions.
  public var changes: ChangeSettings
  /// The folder of the provider's statements.
  public var documentation: URL
  /// sha256-able bytes of `vitrine.yaml` as read.
  public var fileBytes: Data
  /// The data files that prompts and evaluation use, as the file names them, in alphabetical order.
  public var dataFiles: [String]
  /// What is possible but suspicious, each with file and line, e.g. a substituted value that never occurs in the data.
  public var warnings: [String]

  /// `evidence.sqlite`.
  public var storeFile: URL { folder.appendingPathComponent("evidence.sqlite") }

  /// Where the dossier of a model version goes: `dossier/<version>/`.
  public func dossierFolder(version: String) -> URL {
    folder.appendingPathComponent("dossier").appendingPathComponent(version)
  }

  /// What the AI system is, in the provider's words. Every field but the name may be absent; nothing is ever filled in.
  public struct System: Sendable, Equatable {
    /// The system's name.
    public var name: String
    /// Who develops it and places it on the market or puts it into service, with address.
    public var provider: String?
    /// What it is to be used for, by whom, on whom.
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
    /// Whether the provider is a financial institution subject to Union financial services law (nil: not said).
    public var financialInstitution: Bool?
    /// Whether the system continues to learn after being placed on the market or put into service (nil: not said).
    public var continuesToLearn: Bool?
  }

  /// A person named in the file.
  public struct Person: Sendable, Equatable {
    /// First and last name.
    public var name: String
    /// The function in the organisation, e.g. `Head of Credit Risk`.
    public var function: String
    /// Where to reach the person.
    public var email: String?
    /// `prepared`, `reviewed`, `approved`.
    public var roles: [String]
  }

  /// Who owes some elements of Annex IV, by when, and who reads them. At least one of the three is there.
  public struct Assignment: Sendable, Equatable {
    /// One name of the list, e.g. `2(b)` or `2(b) general-logic`, as the file has it; it is checked where the law is known.
    public struct Name: Sendable, Equatable {
      /// As written.
      public var text: String
      /// Its line, from 1.
      public var line: Int
    }

    /// What is owed.
    public var elements: [Name]
    /// Who owes it.
    public var owner: String?
    /// By which day.
    public var due: CalendarDate?
    /// Who reads it before it is signed.
    public var reviewer: String?
    /// The file and the line of the entry, e.g. `vitrine.yaml:31`.
    public var place: String
  }

  /// One version of the model.
  public struct ModelVersion: Sendable, Equatable {
    /// The version, e.g. `1.0`; unique in the project.
    public var version: String
    /// The model's folder in Hugging Face layout.
    public var folder: URL
    /// The folder as written in the file.
    public var path: String
    /// The version that this one replaces.
    public var supersedes: String?
    /// What changed against the superseded version, in the provider's words.
    public var changes: String?
    /// ISO date of the version, e.g. when its training ended (nil: not said).
    public var date: String?
    /// Tensors of the folder that are declared as not to be used: names, or patterns with `*`.
    public var ignoredTensors: [String] = []
  }

  /// One decision of the model that is to be explained.
  public struct Behaviour: Sendable, Equatable {
    /// The identifier; unique in the project.
    public var id: String
    /// The question in plain words.
    public var question: String
    /// How the pairs were made, in one sentence.
    public var construction: String
    /// What the clean prompts have in common, e.g. `sex = male`.
    public var cleanLabel: String
    /// What the counterfactual prompts have in common, e.g. `sex = female`.
    public var counterfactualLabel: String
    /// The field that was substituted, if the pairs come from a substitution.
    public var field: String?
    /// Answers that the decision value counts for, with their leading spaces.
    public var positive: [String]
    /// Answers that the decision value counts against, with their leading spaces.
    public var negative: [String]
    /// The unit of the number that a regression gives; nil where there are answers.
    public var unit: String? = nil
    /// Of a regression: a decision is positive above this, in `unit`; nil: nothing is decided.
    public var threshold: Double? = nil
    /// The prompt pairs in the order of the data file. `record 17` is the 17th record, not counting the header line.
    public var pairs: [AnalysisPlan.Pair]
    /// Text of special tokens that are put before each prompt.
    public var prepend: [String]
    /// Whether each prompt gets the special tokens that the tokenizer's own file puts around a text.
    public var specialTokens: SpecialTokens
    /// In how many pairs the record as it stands in the data is the clean prompt, the counterfactual prompt, or neither.
    public var asRecorded: AsRecorded?

    /// Counts of pairs by what the data hold for their record; they add up to the number of pairs.
    public struct AsRecorded: Sendable, Equatable {
      /// Records whose value is the clean one.
      public var clean: Int
      /// Records whose value is the counterfactual one.
      public var counterfactual: Int
      /// Records whose value is another one.
      public var neither: Int
    }
  }

  /// The labelled data set and its groups.
  public struct Evaluation: Sendable, Equatable {
    /// What the data are, e.g. `german-credit.csv where split = test`.
    public var dataset: String
    /// Which label is positive, e.g. `label = approve`.
    public var label: String
    /// Answers that the decision value counts for.
    public var positive: [String]
    /// Answers that the decision value counts against.
    public var negative: [String]
    /// Text of special tokens that are put before each prompt.
    public var prepend: [String]
    /// Whether each prompt gets the special tokens that the tokenizer's own file puts around a text.
    public var specialTokens: SpecialTokens
    /// The decision is positive when the decision value is above this (logits, or `unit`); nil if none was declared.
    public var threshold: Double?
    /// The unit of the number that a regression gives; nil where there are answers.
    public var unit: String? = nil
    /// The columns by which performance is reported, in order.
    public var groupings: [String]
    /// Reference groups, intersections, and which answer is the better one for the person decided about.
    public var comparison = GroupComparison.Declaration()
    /// The labelled prompts in the order of the data file.
    public var examples: [EvaluationPlan.Example]
    /// The values of the label column among the selected records, in order of first appearance.
    public var labels: [LabelCount]
    /// The value that is negative only because it is the one that nobody declared; nil if all were declared.
    public var assumedNegative: String?
    /// What the provider's own serving system said about these records, if given.
    public var predictions: Predictions?
    /// The columns of `groupings` that are declared to be special categories of personal data.
    public var specialCategories: [String] = []

    /// The serving system's predictions, and of which model version they are.
    public struct Predictions: Sendable, Equatable {
      /// The version that the serving system ran.
      public var version: String
      /// What it said.
      public var values: ProviderPredictions
    }

    /// How often a label occurs, and what it means.
    public struct LabelCount: Sendable, Equatable {
      /// What a label means.
      public enum Meaning: String, Sendable {
        case positive, negative, ignored
      }

      /// The value.
      public var value: String
      /// Selected records that have it.
      public var count: Int
      /// What it means.
      public var meaning: Meaning
    }
  }

  /// How to analyse.
  public struct AnalysisSettings: Sendable, Equatable {
    /// What to measure.
    public var methods: [AnalysisPlan.Method]
    /// At most this many pairs per behaviour (drawn with `seed`); nil = all.
    public var samples: Int?
    /// Seed of every random choice.
    public var seed: UInt64
    /// Pairs that move the decision by less (logits) are refused for mechanism and ratios.
    public var floor: Double
    /// From where on effects count as established.
    public var standing: StandingFloors
    /// Steps of the midpoint rule of integrated gradients.
    public var integratedGradientsSteps: Int
    /// For how many pairs token attribution is computed; 0 = all.
    public var tokenAttributionPairs: Int
    /// Where the forward step of the circuit search stops, as a share.
    public var sufficiencyTarget: Double
    /// What share of comprehensiveness the backward step keeps.
    public var comprehensivenessTarget: Double
    /// Resamples of every bootstrap.
    public var bootstrapResamples: Int
    /// Level of every interval, as a share.
    public var confidence: Double
    /// For how many pairs lenses, edges and the checks of circuits are computed; 0 = all.
    public var detailPairs: Int
    /// Random circuits drawn for each null.
    public var nullDraws: Int
    /// Exact pruning drops an edge that raises the loss by less than this share of the decision's change.
    public var pruningThreshold: Double
    /// A second value to put in each head's and MLP's place; nil: none.
    public var ablation: AnalysisPlan.Ablation?
    /// What path-patching patches; nil: nothing.
    public var paths: [Edge]?
  }
}
