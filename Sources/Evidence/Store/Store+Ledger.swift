import Foundation
import GRDB

/// A log of a store: its own, or one that came by merging.
public struct LedgerLog: Codable, Sendable, Equatable {
  /// The log's name.
  public var origin: String
  /// How many entries it has.
  public var size: Int
  /// The root of its tree, hex.
  public var rootSha256: String
  /// Whether new entries of this store go there.
  public var isOwn: Bool
}

extension Store {
  /// The logs, the store's own first.
  /// - Complexity: O(logs · log entries).
  public func logs() throws -> [LedgerLog] {
    try reading { database in
      try Row.fetchAll(database, sql: "SELECT log, origin FROM logs ORDER BY log").map { row in
        let log = Int64(try StoreSchema.integer(row, "log"))
        let size = try LogTable.size(of: log, database)
        return LedgerLog(
          origin: try StoreSchema.text(row, "origin"), size: size, rootSha256: try root(log, size, database).hex,
          isOwn: log == StoreSchema.ownLog)
      }
    }
  }

  /// The root of a log's tree at a size.
  /// - Throws: `EvidenceError.badCheckpoint` if the store has not got that log, or not that many of its entries.
  /// - Complexity: O(log size).
  public func root(of origin: String, size: Int) throws -> SHA256Digest {
    try reading { database in try root(known(origin, size, database), size, database) }
  }

  /// What shows that an entry is in its log, as the log was at a size.
  /// - Parameters:
  ///   - id: the entry's full identifier.
  ///   - size: how many entries the log had; nil for all that it has now.
  /// - Throws: `EvidenceError.unknownRun`, `.badCheckpoint` if the log was smaller than that or the entry came later.
  /// - Complexity: O(log² size).
  public func inclusionProof(of id: String, size: Int? = nil) throws -> (
    entry: StoredEntry, size: Int, proof: [SHA256Digest]
  ) {
    try reading { database in
      let entry = try entry(id, database)
      let log = try known(entry.origin, size ?? 0, database)
      let size = try size ?? LogTable.size(of: log, database)
      guard entry.position < size else {
        throw EvidenceError(
          .badCheckpoint, "the record \(id) is entry \(entry.position) of its log, which had \(size) entries then")
      }
      let proof = try MerkleTree.inclusionProof(of: entry.position, size: size) {
        try TreeNodes.node(log, $0, $1, database)
      }
      return (entry, size, proof)
    }
  }

  /// What shows that a log at one size is the beginning of the same log at a later size.
  /// - Precondition: 1 ≤ old ≤ new.
  /// - Throws: `EvidenceError.badCheckpoint` as `root(of:size:)`.
  /// - Complexity: O(log² new).
  public func consistencyProof(of origin: String, from old: Int, to new: Int) throws -> [SHA256Digest] {
    try reading { database in
      let log = try known(origin, new, database)
      return try MerkleTree.consistencyProof(from: old, to: new) { try TreeNodes.node(log, $0, $1, database) }
    }
  }

  // MARK: Entries

  /// An entry by its full identifier.
  /// - Throws: `EvidenceError.unknownRun`; `.damagedStore`.
  public func entry(id: String) throws -> StoredEntry { try reading { try entry(id, $0) } }

  /// What was appended about a run, in order: signatures, reproductions and so on.
  /// - Parameter run: the run's full identifier.
  public func entries(about run: String) throws -> [StoredEntry] {
    try reading { database in
      try Row.fetchAll(
        database, sql: "\(StoredEntry.columns) WHERE e.subject = ? ORDER BY e.sequence", arguments: [run]
      ).map(StoredEntry.init(row:))
    }
  }

  /// Every entry of a kind, in order.
  public func entries(kind: String) throws -> [StoredEntry] {
    try reading { database in
      try Row.fetchAll(
        database, sql: "\(StoredEntry.columns) WHERE e.kind = ? ORDER BY e.sequence", arguments: [kind]
      ).map(StoredEntry.init(row:))
    }
  }

  /// Every document of a type, in order.
  /// - Throws: `EvidenceError.unsupportedRecord`; `JSONError` if one cannot be read.
  public func documents<Document: LedgerDocument>(_ type: Document.Type) throws -> [Document] {
    try entries(kind: Document.kind).map { try $0.decoded(as: type) }
  }

  /// An entry of a kind by its full identifier; nil if there is none.
  /// - Throws: `EvidenceError.damagedStore`.
  public func entry(kind: String, id: String) throws -> StoredEntry? {
    try reading { database in
      try Row.fetchOne(database, sql: "\(StoredEntry.columns) WHERE e.id = ? AND e.kind = ?", arguments: [id, kind])
        .map(StoredEntry.init(row:))
    }
  }

  func entry(_ id: String, _ database: Database) throws -> StoredEntry {
    guard let row = try Row.fetchOne(database, sql: "\(StoredEntry.columns) WHERE e.id = ?", arguments: [id]) else {
      throw EvidenceError(.unknownRun, "\(url.path): no record '\(id)'")
    }
    return try StoredEntry(row: row)
  }

  func root(_ log: Int64, _ size: Int, _ database: Database) throws -> SHA256Digest {
    try MerkleTree.root(size: size) { try TreeNodes.node(log, $0, $1, database) }
  }

  /// The number of a log that has at least so many entries.
  private func known(_ origin: String, _ size: Int, _ database: Database) throws -> Int64 {
    guard let log = try LogTable.number(of: origin, database) else {
      throw EvidenceError(.badCheckpoint, "\(url.path): this store has no log '\(origin)'; is it another project's?")
    }
    let has = try LogTable.size(of: log, database)
    guard size <= has else {
      throw EvidenceError(
        .badCheckpoint,
        "\(url.path): the log '\(origin)' has \(has) entries here, not \(size): it was cut off or is an older copy")
    }
    return log
  }
}
