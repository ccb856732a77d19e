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

  /// Every document of a type, in order. Those of another known format of the same kind are passed over.
  /// - Throws: `EvidenceError.unsupportedRecord`; `JSONError` if one cannot be read.
  public func documents<Document: LedgerDocument>(_ type: Document.Type) throws -> [Document] {
    try documentsWithDigests(type).map(\.document)
  }

  /// Every document of a type with SHA-256 of its bytes, hex, in order.
  /// - Throws: as `documents`.
  public func documentsWithDigests<Document: LedgerDocument>(
    _ type: Document.Type
  ) throws -> [(document: Document, sha256: String)] {
    try entries(kind: Document.kind).filter { entry in
      entry.documentType.map { $0.format == Document.format || $0.kind != Document.kind } ?? true
    }.map { (try $0.decoded(as: type), $0.sha256) }
  }

  /// The entry that a text means: a run or any other entry of the log, by its identifier or a beginning or end of it.
  /// - Parameter id: at least 6 characters, in either case.
  /// - Throws: `EvidenceError`: `.unknownRun`, `.ambiguousRun` with the candidates, `.identifierTooShort`, `.damagedStore`.
  public func entry(matching id: String) throws -> StoredEntry {
    let part = id.lowercased()
    guard part.utf8.count >= ShortSuffixes.minimum else {
      throw EvidenceError(
        .identifierTooShort,
        "'\(id)' is too short for an identifier: give at least \(ShortSuffixes.minimum) characters of its beginning or "
          + "end; 'vitrine runs list' and 'vitrine runs list --entries' show them")
    }
    return try reading { database in
      let found = try Row.fetchAll(
        database,
        sql: """
          \(StoredEntry.columns) WHERE (e.id >= ?1 AND e.id < ?1 || 'g')
          OR substr(e.id, -length(?1)) = ?1 ORDER BY e.sequence
          """, arguments: [part]
      ).map(StoredEntry.init(row:))
      guard let first = found.first else {
        throw EvidenceError(
          .unknownRun,
          "\(url.path): no run or other record '\(id)'; 'vitrine runs list' shows the runs, 'vitrine runs list --entries' the "
            + "other records")
      }
      guard found.count == 1 else {
        let ids = found.map(\.id)
        let shown = ids.prefix(10).joined(separator: ", ") + (ids.count > 10 ? ", …" : "")
        throw EvidenceError(
          .ambiguousRun, "'\(id)' may mean any of \(ids.count) records: \(shown). Give more of the identifier",
          candidates: ids)
      }
      return first
    }
  }

  /// Every entry that is no run, in order.
  public func otherEntries() throws -> [StoredEntry] {
    try reading { database in
      try Row.fetchAll(
        database, sql: "\(StoredEntry.columns) WHERE e.kind <> ? ORDER BY e.sequence", arguments: [RunRecord.kind]
      ).map(StoredEntry.init(row:))
    }
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
