/// What stands between a dossier and a signature.
public enum Gate: String, Codable, Sendable, CaseIterable {
  /// An element of Annex IV is neither evidenced, declared nor declared not applicable.
  case missingItems = "missing-items"
  /// A cited run, or the store itself, is not what was stored.
  case runsNotVerified = "runs-not-verified"
  /// A cited run carries no person's signature (Annex IV, point 2(g): "dated and signed by the responsible persons").
  case runsUnsigned = "runs-unsigned"
  /// A cited run was made with another plan than the project has now.
  case staleRuns = "stale-runs"
  /// A statement was made before the model version was measured and does not name the version.
  case staleStatements = "stale-statements"
  /// Nobody has checked for too long whether the law has changed.
  case staleLaw = "stale-law"
  /// The one who approves has prepared.
  case approverIsPreparer = "approver-is-preparer"
  /// The signer does not hold the role in `vitrine.yaml`.
  case roleNotHeld = "role-not-held"
  /// The dossier's files are not what a build gives now.
  case dossierChanged = "dossier-changed"

  /// Whether a person may waive it with a reason. What a waiver cannot do is make evidence out of damaged records, or let
  /// somebody sign a text that is not the current one.
  public var isWaivable: Bool {
    switch self {
    case .runsNotVerified, .roleNotHeld, .dossierChanged: false
    default: true
    }
  }
}

/// One thing that a gate found.
public struct GateFinding: Codable, Sendable, Equatable {
  /// The gate.
  public var gate: Gate
  /// What it is about, by a name that stays the same from day to day; waivers name it.
  public var key: String
  /// What is the matter and what to do, in words.
  public var detail: String

  /// A finding.
  public init(_ gate: Gate, _ key: String, _ detail: String) {
    self.gate = gate
    self.key = key
    self.detail = detail
  }
}
