public import Analysis
import Evidence

/// A dossier as data: what `dossier.json` holds, in canonical JSON. Schema: `Templates/schemas/dossier.schema.json`.
///
/// Every number names the run it came from by its full identifier; `runs` has each cited run with its digest.
public struct Dossier: Codable, Sendable, Equatable {
  /// The format. Raised when a field changes its meaning.
  public static let currentSchema = "vitrine.dossier/1"

  /// The format of this value.
  public var schema: String
  /// The day of the latest run or statement in it, `YYYY-MM-DD` (nil if there is neither).
  public var date: String?
  /// What the AI system is, as the project file gives it.
  public var system: SystemFacts
  /// The model version it is about.
  public var model: ModelFacts
  /// The state of the law it goes by.
  public var law: LawFacts
  /// How many elements stand in which state.
  public var counts: StatusCounts
  /// Annex IV, item by item.
  public var items: [Item]
  /// What was asked of the model and what came out.
  public var behaviours: [BehaviourReport]
  /// Performance on labelled records (nil if there is no run).
  public var evaluation: EvaluationReport?
  /// The superseded version's numbers beside this one's (empty if there are none).
  public var comparison: [ComparisonRow]
  /// Signed decisions about the changes that led to this version, oldest first (nil if there are none).
  public var changeHistory: [ChangeEntry]?
  /// The language of its sentences, BCP 47; nil for English.
  public var language: String?
  /// Files of the project whose words or looks its pages have in place of the installed ones (nil if there are none).
  public var looks: [Look]?
  /// Files that go with it: what statements refer to, and what persons attached (nil if there are none).
  public var files: [FileEntry]?
  /// What persons attached to elements of Annex IV (nil if there is nothing).
  public var attachments: [AttachmentEntry]?
  /// Every cited run.
  public var runs: [RunEntry]
  /// Runs of this model version that the dossier does not cite, and why.
  public var runsNotCited: [UncitedRun]
  /// Findings of cited runs that bear on no element of Annex IV.
  public var findingsNotCited: [UncitedFindings]
  /// Persons' signatures on cited runs.
  public var signers: [RunSigner]
  /// This version and those it follows, the latest first.
  public var history: [VersionEntry]
  /// Statements that are older than what they speak of.
  public var staleStatements: [StaleStatement]
  /// Who may sign, and what was waived.
  public var signOff: SignOffFacts

  /// The AI system in the provider's words; nil where the project file does not say.
  public struct SystemFacts: Codable, Sendable, Equatable {
    /// The system's name.
    public var name: String
    /// The provider.
    public var provider: String?
    /// What it is to be used for.
    public var intendedPurpose: String?
    /// The declared risk class.
    public var riskClass: String?
    /// The point of Annex III, e.g. `5(b)`.
    public var annexIIIPoint: String?
    /// Whether it is declared as a product or safety component under Annex I, Section A.
    public var annexI: Bool
    /// `sme`, `smc` or nil.
    public var enterprise: String?
    /// The declared day of placing on the market or putting into service.
    public var placedOnMarket: String?
    /// Whether the provider is declared a financial institution (nil: not said).
    public var financialInstitution: Bool?
    /// Whether the system is declared to continue to learn (nil: not said).
    public var continuesToLearn: Bool?
  }

  /// The model version and the identity of the files that were run.
  public struct ModelFacts: Codable, Sendable, Equatable {
    /// The version.
    public var version: String
    /// The version it replaces.
    public var supersedes: String?
    /// What changed, in the provider's words.
    public var changes: String?
    /// Root digests of the models that the cited runs were made on; more than one means that the files changed between runs.
    public var rootSha256: [String]
    /// What the version's folder held when this was made (nil: there was no run to hold against it, or an older program did not ask).
    public var folder: FolderFacts?
  }

  /// What a model version's folder held when the dossier was made.
  public struct FolderFacts: Codable, Sendable, Equatable {
    /// Whether its files were read.
    public var isMeasured: Bool
    /// Why not: `folder-missing`, `folder-unreadable`, `not-measured`.
    public var notHeld: String?
    /// Root digest of its files, hex.
    public var rootSha256: String?
    /// Digest of its `tokenizer.json`, hex (nil if it has none).
    public var tokenizerSha256: String?
  }

  /// The state of the law.
  public struct LawFacts: Codable, Sendable, Equatable {
    /// The day of the last change that is taken in.
    public var asOf: String
    /// The day on which a person last checked it.
    public var checkedOn: String
    /// From when the technical documentation's provisions apply to this system.
    public var application: [ApplicationDate]
    /// What follows for the documentation from what the project file declares about the system.
    public var applicability: [Applicability]
    /// Whether the conformity assessment involves a notified body: the cases that are declared (nil in dossiers of before version 0.2).
    public var notifiedBody: [Applicability]?
  }

  /// What follows from one declaration.
  public struct Applicability: Codable, Sendable, Equatable {
    /// What would be declared: `annex-iii`, `annex-i`, `sme`, `smc`, `financial-institution`, `continues-to-learn`.
    public var condition: String
    /// Whether it is declared so (nil: the project file does not say).
    public var holds: Bool?
    /// What follows if it holds, in our words.
    public var says: String
    /// Where the law says so.
    public var citations: [String]
    /// The questions that it turns on (nil: none).
    public var asks: [String]?

    init(_ rule: ApplicabilityRule, holds: Bool?, catalogue: LawCatalogue) {
      (condition, self.holds, says) = (rule.when.rawValue, holds, rule.says)
      citations = rule.provisions.compactMap { catalogue.provision($0)?.passage.citation }
      asks = rule.asks.isEmpty ? nil : rule.asks
    }
  }

  /// One date of application.
  public struct ApplicationDate: Codable, Sendable, Equatable {
    /// What applies.
    public var covers: String
    /// The first day.
    public var from: String
    /// The citation.
    public var basis: String
    /// What these provisions refer to, with its dates (nil: nothing that applies at another time).
    public var refersTo: [ApplicationDate]?

    init(_ application: LawCatalogue.Application) {
      (covers, from, basis) = (application.rule.covers, application.date.from.description, application.date.basis)
      refersTo = application.refersTo.isEmpty ? nil : application.refersTo.map(ApplicationDate.init)
    }

    /// The day, never without the days of what the provisions refer to, e.g. `2026-08-02 (refers to …, from 2027-12-02)`.
    public var days: String {
      let others = (refersTo ?? []).map { "\($0.covers): from \($0.days)" }
      return others.isEmpty ? from : "\(from) (refers to \(others.joined(separator: "; ")))"
    }
  }

  /// Counts of elements.
  public struct StatusCounts: Codable, Sendable, Equatable {
    /// By runs.
    public var evidenced: Int
    /// By the provider.
    public var declared: Int
    /// By the provider, with a reason.
    public var notApplicable: Int
    /// Owed.
    public var missing: Int
    /// All elements.
    public var total: Int
  }

  /// A sentence of ours with its standing and its source.
  public struct Claim: Codable, Sendable, Equatable {
    /// The sentence.
    public var text: String
    /// What the evidence allows to say.
    public var standing: Finding.Standing
    /// The run's full identifier (nil if there is no run).
    public var run: String?
    /// The finding's id in that run (nil if the sentence rests on the whole run).
    public var finding: String?
  }
}
