/// What stands between a dossier and a signature.
public enum Gate: String, Codable, Sendable, CaseIterable {
  /// An element of Annex IV is neither evidenced, declared nor declared not applicable.
  case missingItems = "missing-items"
  /// A cited run, or the store itself, is not what was stored.
  case runsNotVerified = "runs-not-verified"
  /// A cited run carries no person's signature (Annex IV, point 2(g): "dated and signed by the responsible persons").
  case runsUnsigned = "runs-unsigned"
  /// A question was measured, but with another plan than the project has now.
  case staleRuns = "stale-runs"
  /// The serving system's own predictions are not those of the model that was measured.
  case predictionsDiffer = "predictions-differ"
  /// A statement is older than what it speaks of, or of a day to come.
  case staleStatements = "stale-statements"
  /// Nobody has checked for too long whether the law has changed.
  case staleLaw = "stale-law"
  /// The one who reviews has prepared.
  case reviewerIsPreparer = "reviewer-is-preparer"
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

  /// Whether it stops one person and another may sign; a waiver of it benefits that person.
  public var isAboutOnePerson: Bool { self == .approverIsPreparer || self == .reviewerIsPreparer }
}

/// What a finding is about, by a name that stays the same from day to day; waivers name it. It is made of identifiers, never of a
/// sentence.
public struct GateKey: Codable, Sendable, Hashable, CustomStringConvertible {
  /// The name as a waiver writes it.
  public let text: String

  private init(_ text: String) { self.text = text }

  /// An element of Annex IV, e.g. `2(g) accuracy-metrics`.
  public static func element(item: String, _ element: String) -> GateKey { GateKey("\(item) \(element)") }
  /// A run, by its identifier.
  public static func run(_ id: String) -> GateKey { GateKey(id) }
  /// The store as a whole.
  public static let store = GateKey("store")
  /// Another record of the log, by its identifier.
  public static func record(_ id: String) -> GateKey { GateKey(id) }
  /// A statement as it was made on a day, e.g. `documentation/2-b.md 2026-10-01`.
  public static func statement(file: String, date: String) -> GateKey { GateKey("\(file) \(date)") }
  /// The law catalogue as it was checked on a day, e.g. `law-checked 2026-11-24`.
  public static func law(checkedOn date: String) -> GateKey { GateKey("law-checked \(date)") }
  /// A person, by name.
  public static func person(_ name: String) -> GateKey { GateKey(name) }
  /// A file of the dossier, by its name.
  public static func file(_ name: String) -> GateKey { GateKey(name) }

  /// A key is a string in JSON.
  public init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }

  /// A key is a string in JSON.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  /// `text`.
  public var description: String { text }
}

/// One thing that a gate found.
public struct GateFinding: Codable, Sendable, Equatable {
  /// The gate.
  public var gate: Gate
  /// What it is about.
  public var key: GateKey
  /// What is the matter and what to do, in words.
  public var detail: String

  /// A finding.
  public init(_ gate: Gate, _ key: GateKey, _ detail: String) {
    self.gate = gate
    self.key = key
    self.detail = detail
  }
}
