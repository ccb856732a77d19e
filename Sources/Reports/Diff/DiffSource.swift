import Analysis
public import Evidence
public import Foundation
import Project

/// One side of a comparison: a dossier with the records of the runs that it cites, as many as are at hand.
///
/// A model version of a project, a `dossier.json` and a bundle all come down to this, so that a comparison needs
/// neither the store nor the model.
public struct DiffSource: Sendable {
  /// Where a side comes from.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// A model version of a project, its dossier built from the store.
    case version
    /// A `dossier.json`.
    case dossier
    /// A signed bundle.
    case bundle
  }

  /// A person's signature on a run or a dossier.
  public struct Approval: Codable, Sendable, Equatable {
    /// The name that was signed with.
    public var name: String
    /// The signer's function.
    public var function: String
    /// What it means, e.g. `approved test report`.
    public var meaning: String
    /// When.
    public var date: String
    /// The identifier of the run that it is about; nil if it is about the dossier.
    public var run: String?

    /// An approval from its parts.
    public init(name: String, function: String, meaning: String, date: String, run: String?) {
      self.name = name
      self.function = function
      self.meaning = meaning
      self.date = date
      self.run = run
    }
  }

  /// Where it comes from.
  public var kind: Kind
  /// What it is called in the comparison: the model version, or the file's name.
  public var label: String
  /// The dossier.
  public var dossier: Dossier
  /// The records of the dossier's runs that are at hand.
  public var runs: [StoredRun]
  /// Persons' signatures on these runs and on the dossier.
  public var approvals: [Approval]
  /// Why the source's integrity is not established; nil if it is, or if a source of this kind has no seal. Printed on
  /// every page.
  public var unverified: String?
  /// Circuits measured on both versions' models, as far as the source carries such records.
  public var transfers: [TransferRecord] = []

  /// A source from its parts.
  public init(
    kind: Kind, label: String, dossier: Dossier, runs: [StoredRun], approvals: [Approval] = [],
    unverified: String? = nil
  ) {
    self.kind = kind
    self.label = label
    self.dossier = dossier
    self.runs = runs
    self.approvals = approvals
    self.unverified = unverified
  }

  /// Reads a `dossier.json`, or the one in a folder.
  /// - Parameters:
  ///   - url: the file or folder.
  ///   - store: records by identifier, e.g. those of a project's store; one counts only if its digest is the dossier's.
  /// - Throws: `ReportsError` `unreadable`, `badDossier`.
  public static func dossier(_ url: URL, records: [StoredRun] = []) throws -> DiffSource {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
    let file = exists && isFolder.boolValue ? url.appendingPathComponent("dossier.json") : url
    let data: Data
    do {
      data = try PlainFile.read(file, limit: 1_000_000_000)
    } catch {
      throw ReportsError(
        .unreadable, "\(error). Name a dossier.json, or a folder that 'vitrine dossier build' wrote")
    }
    let dossier = try decoded(data, named: file.path)
    return DiffSource(
      kind: .dossier, label: dossier.model.version, dossier: dossier, runs: matching(records, dossier))
  }

  /// Reads the bytes of a `dossier.json`.
  /// - Throws: `ReportsError` `badDossier`.
  public static func decoded(_ data: Data, named name: String) throws -> Dossier {
    func failure(_ reason: String) -> ReportsError {
      ReportsError(
        .badDossier, "\(name) is not a dossier that this program reads: \(reason). 'vitrine dossier build' writes them")
    }
    let value: JSONValue
    do { value = try CanonicalJSON.parse(data) } catch let error as JSONError { throw failure(error.message) }
    guard case .string(let schema) = value["schema"] else { throw failure("it has no 'schema'") }
    guard schema == Dossier.currentSchema else {
      throw failure("its format is '\(schema)', not '\(Dossier.currentSchema)'")
    }
    do { return try value.decoded(as: Dossier.self) } catch let error as JSONError { throw failure(error.message) }
  }

  /// The records that are what the dossier cites, by identifier and digest.
  public static func matching(_ records: [StoredRun], _ dossier: Dossier) -> [StoredRun] {
    let cited = Dictionary(dossier.runs.map { ($0.id, $0.recordSha256) }) { first, _ in first }
    return records.filter { cited[$0.record.id] == $0.sha256 }
  }

  /// The record of a run, if it is at hand.
  func run(_ id: String?) -> StoredRun? { id.flatMap { id in runs.first { $0.record.id == id } } }

  /// The records of the dossier's own model version.
  var ownRuns: [StoredRun] { runs.filter { $0.record.modelVersion == dossier.model.version } }

  /// What the source is, for print.
  public var words: String {
    switch kind {
    case .version: "model version \(label)"
    case .dossier: "dossier of model version \(dossier.model.version)"
    case .bundle: "bundle of model version \(dossier.model.version)"
    }
  }
}
