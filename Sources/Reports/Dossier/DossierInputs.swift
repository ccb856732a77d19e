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
  /// What persons waived before sign-off, of any model version, in the order of the store.
  public var waivers: [Waiver]
  /// Persons' signed decisions about changes between versions, in the order of the log.
  public var decisions: [ChangeDecision]

  /// Inputs from their parts.
  public init(
    project: Project, modelVersion: String, runs: [StoredRun], catalogue: LawCatalogue, statements: StatementSet,
    signatures: [Dossier.RunSigner] = [], waivers: [Waiver] = [], decisions: [ChangeDecision] = []
  ) {
    self.project = project
    self.modelVersion = modelVersion
    self.runs = runs
    self.catalogue = catalogue
    self.statements = statements
    self.signatures = signatures
    self.waivers = waivers
    self.decisions = decisions
  }
}
