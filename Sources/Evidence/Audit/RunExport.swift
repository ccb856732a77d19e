public import Foundation
import GRDB

/// One run with all that proves it, in one file that can be checked without the store.
public struct RunExport: Codable, Sendable, Equatable {
  /// `vitrine.run-export/1`.
  public static let format = "vitrine.run-export/1"

  /// An entry of a log with the proof that it is there.
  public struct Entry: Codable, Sendable, Equatable {
    /// What it is: `run`, `signature` …
    public var kind: String
    /// Its identifier.
    public var id: String
    /// SHA-256 of the document's bytes, hex.
    public var sha256: String
    /// The document, as a text: its UTF-8 bytes are the record, and after a byte 0 the leaf of the tree.
    public var document: String
    /// Which of `heads` the proof leads to.
    public var head: Int
    /// Which leaf of the log's tree it is, from 0.
    public var position: Int
    /// The hashes of RFC 6962's inclusion proof, from the leaf upwards, hex.
    public var proof: [String]
  }

  /// A log at one size.
  public struct Head: Codable, Sendable, Equatable {
    /// The log's name.
    public var origin: String
    /// How many entries it had.
    public var size: Int
    /// The root of its tree, hex.
    public var rootSha256: String
    /// The checkpoint that says so, a signed note; nil if none covers the entries yet.
    public var checkpoint: String?
    /// The verifier key that signed the checkpoint.
    public var key: String?
  }

  /// The file's format.
  public var schema: String
  /// The run's identifier.
  public var run: String
  /// The run first, then what was appended about it, in order.
  public var entries: [Entry]
  /// The logs, at the sizes that the proofs lead to.
  public var heads: [Head]

  /// Reads an exported run.
  /// - Throws: `EvidenceError.badExport` if the file is none.
  public static func read(_ data: Data) throws -> RunExport {
    do {
      let value = try CanonicalJSON.parse(data)
      guard value["schema"] == .string(format) else {
        throw EvidenceError(
          .badExport, "not an exported run: 'schema' is not '\(format)'. 'vitrine runs export' writes such files")
      }
      return try value.decoded(as: RunExport.self)
    } catch let error as JSONError {
      throw EvidenceError(.badExport, "not an exported run: \(error.message)")
    }
  }
}

extension Store {
  /// A run with its record, all that was appended about it, and the proofs.
  ///
  /// Each proof leads to the last checkpoint of the entry's log that covers the entry; where there is none, to the log as it
  /// is now, which is unsigned.
  /// - Parameters:
  ///   - id: the run's identifier, or a prefix or suffix of at least 6 characters.
  ///   - allowingDamage: whether a record that is not what was digested is exported as it is.
  /// - Throws: as `run(id:)`.
  /// - Complexity: O(size of the documents + log² entries).
  public func export(id: String, allowingDamage: Bool = false) throws -> RunExport {
    try reading { database in
      let run = try resolve(id, database)
      if !allowingDamage { _ = try storedRun(run, database) }
      let rows = try Row.fetchAll(
        database,
        sql: """
          \(StoredEntry.columns) WHERE e.sequence = (SELECT sequence FROM runs WHERE id = ?1) OR e.subject = ?1
          ORDER BY e.sequence
          """, arguments: [run])
      let entries = try rows.map { try StoredEntry(row: $0) }
      let (proven, heads) = try proven(entries, database)
      return RunExport(schema: RunExport.format, run: run, entries: proven, heads: heads)
    }
  }

  /// Entries of any kind by their full identifiers, with the proofs, in the given order. The proofs lead where those of
  /// `export(id:)` lead.
  /// - Throws: `EvidenceError.unknownRun` if the store has not got one of them.
  /// - Complexity: O(size of the documents + log² entries).
  public func provenEntries(_ ids: [String]) throws -> (entries: [RunExport.Entry], heads: [RunExport.Head]) {
    try reading { database in try proven(ids.map { try entry($0, database) }, database) }
  }

  private func proven(
    _ entries: [StoredEntry], _ database: Database
  ) throws -> (entries: [RunExport.Entry], heads: [RunExport.Head]) {
    // The last and largest of each log covers every entry that any of its checkpoints covers.
    let checkpoints = Dictionary(try Self.checkpoints(database).map { ($0.origin, $0) }) { $1.size > $0.size ? $1 : $0 }
    var heads: [RunExport.Head] = []
    var places: [String: Int] = [:]
    let proven = try entries.map { entry in
      let signed = checkpoints[entry.origin].flatMap { $0.size > entry.position ? $0 : nil }
      let place = "\(signed?.size ?? -1) \(entry.origin)"
      let index = places[place] ?? heads.count
      if index == heads.count { heads.append(try head(of: entry, signed, database)) }
      places[place] = index
      let head = heads[index]
      let log = try LogTable.number(of: entry.origin, database) ?? StoreSchema.ownLog
      let proof = try MerkleTree.inclusionProof(of: entry.position, size: head.size) {
        try TreeNodes.node(log, $0, $1, database)
      }
      return RunExport.Entry(
        kind: entry.kind, id: entry.id, sha256: entry.sha256,
        document: String(decoding: entry.document, as: UTF8.self), head: index, position: entry.position,
        proof: proof.map(\.hex))
    }
    return (proven, heads)
  }

  private func head(
    of entry: StoredEntry, _ signed: StoredCheckpoint?, _ database: Database
  ) throws -> RunExport.Head {
    let log = try LogTable.number(of: entry.origin, database) ?? StoreSchema.ownLog
    let size = try signed?.size ?? LogTable.size(of: log, database)
    return RunExport.Head(
      origin: entry.origin, size: size, rootSha256: try root(log, size, database).hex, checkpoint: signed?.note,
      key: signed?.key)
  }
}
