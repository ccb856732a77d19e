public import Evidence
public import Project

/// Everything a dossier is made of. The same inputs give the same bytes.
public struct DossierInputs: Sendable {
  /// The project.
  public var project: Project
  /// The model version that the dossier is about.
  public var modelVersion: String
  /// The store's runs, of any model version, in any order.
  public var runs: [StoredRun]
  /// The law.
  public var catalogue: LawCatalogue
  /// The provider's statements.
  public var statements: StatementSet
  /// Persons' signatures on runs that hold, from the store's verification.
  public var signatures: [Dossier.RunSigner]
  /// What persons waived before sign-off, of any model version, signed or not, in the order of the log.
  public var waivers: [WaiverReading]
  /// Persons' signed decisions about changes between versions, in the order of the log.
  public var decisions: [ChangeDecision]
  /// The models as their folders are now.
  public var models: ModelsNow
  /// What persons attached for this model version, in force.
  public var attachments: [Attachment]

  /// Inputs from their parts.
  public init(
    project: Project, modelVersion: String, runs: [StoredRun], catalogue: LawCatalogue, statements: StatementSet,
    signatures: [Dossier.RunSigner] = [], waivers: [WaiverReading] = [], decisions: [ChangeDecision] = [],
    models: ModelsNow = ModelsNow(), attachments: [Attachment] = []
  ) {
    self.project = project
    self.modelVersion = modelVersion
    self.runs = runs
    self.catalogue = catalogue
    self.statements = statements
    self.signatures = signatures
    self.waivers = waivers
    self.decisions = decisions
    self.models = models
    self.attachments = attachments
  }
}

extension DossierInputs {
  /// The waivers about a model version, each with what became of it.
  public func waiverRegister(_ version: String) -> WaiverRegister {
    WaiverRegister(
      waivers, system: project.system.name, modelVersion: version,
      holders: Set(project.people.filter { !$0.roles.isEmpty }.map(\.name)),
      ended: Dictionary(runs.map { ($0.record.id, $0.record.ended) }) { first, _ in first })
  }

  /// The runs of a model version that a dossier cites.
  func selection(_ version: String, binder: RunBinder) -> RunSelection {
    RunSelection(
      runs, modelVersion: version, binder: binder, waived: waiverRegister(version).runs(waivedAt: .staleRuns))
  }

  /// What the runs are held against.
  var binder: RunBinder { RunBinder(project: project, models: models) }
}
