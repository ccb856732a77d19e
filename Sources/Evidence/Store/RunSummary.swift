import Foundation
import GRDB

/// One line of a list of runs, from the store's index columns.
public struct RunSummary: Codable, Sendable, Equatable {
  /// The run's identifier.
  public var id: String
  /// The shortest ending of the identifier, of at least 6 characters, that names this run alone.
  public var suffix: String
  /// What was run.
  public var kind: RunRecord.Kind
  /// How it ended.
  public var status: RunRecord.Status
  /// When it began.
  public var started: String
  /// When it ended.
  public var ended: String
  /// The AI system's name.
  public var system: String
  /// The model version.
  public var modelVersion: String
  /// The behaviour's id (nil for an evaluation).
  public var behaviour: String?
  /// The model's root digest, hex.
  public var modelSha256: String
  /// The version of the program that made the run.
  public var programVersion: String
  /// The digest of the record, hex.
  public var sha256: String
  /// Who signed the run, in the order of the signatures.
  public var signers: [String]
  /// How the run's reproductions ended, in their order.
  public var reproductions: [ReproductionRecord.Outcome]

  /// A summary from its parts.
  public init(
    id: String, suffix: String, kind: RunRecord.Kind, status: RunRecord.Status, started: String, ended: String,
    system: String, modelVersion: String, behaviour: String?, modelSha256: String, programVersion: String,
    sha256: String, signers: [String] = [], reproductions: [ReproductionRecord.Outcome] = []
  ) {
    self.id = id
    self.suffix = suffix
    self.kind = kind
    self.status = status
    self.started = started
    self.ended = ended
    self.system = system
    self.modelVersion = modelVersion
    self.behaviour = behaviour
    self.modelSha256 = modelSha256
    self.programVersion = programVersion
    self.sha256 = sha256
    self.signers = signers
    self.reproductions = reproductions
  }

  /// The columns that a row for `init(row:suffixes:signers:reproductions:)` has.
  static let columns = """
    id, kind, status, started, ended, system, model_version, behaviour, model_sha256, program_version, sha256
    """

  /// A summary from a row.
  /// - Throws: `EvidenceError.damagedRun` if a column holds what it never should.
  init(
    row: Row, suffixes: ShortSuffixes, signers: [String: [String]],
    reproductions: [String: [ReproductionRecord.Outcome]]
  ) throws {
    let id = StoreSchema.text(row["id"]) ?? ""
    func text(_ column: String) throws -> String {
      guard let text = StoreSchema.text(row[column]) else { throw Self.damaged(id, column) }
      return text
    }
    guard let kind = RunRecord.Kind(rawValue: try text("kind")) else { throw Self.damaged(id, "kind") }
    guard let status = RunRecord.Status(rawValue: try text("status")) else { throw Self.damaged(id, "status") }
    self.init(
      id: id, suffix: suffixes.suffix(of: id), kind: kind, status: status, started: try text("started"),
      ended: try text("ended"), system: try text("system"), modelVersion: try text("model_version"),
      behaviour: StoreSchema.text(row["behaviour"]), modelSha256: try text("model_sha256"),
      programVersion: try text("program_version"), sha256: try text("sha256"),
      signers: signers[id] ?? [], reproductions: reproductions[id] ?? [])
  }

  private static func damaged(_ id: String, _ column: String) -> EvidenceError {
    EvidenceError(
      .damagedRun, "run \(id): its index column '\(column)' is damaged; 'vitrine runs show \(id)' says more")
  }
}
