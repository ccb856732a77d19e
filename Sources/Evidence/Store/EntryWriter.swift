import Analysis
import Foundation
import GRDB

/// An entry that is to be written.
struct NewEntry {
  var kind: String
  var id: String
  var subject: String?
  var sha256: String
  var document: Data
  /// What the index tables take their columns from.
  var index: (any LedgerDocument)?

  init(kind: String, id: String, subject: String?, sha256: String, document: Data, index: (any LedgerDocument)?) {
    self.kind = kind
    self.id = id
    self.subject = subject
    self.sha256 = sha256
    self.document = document
    self.index = index
  }

  /// An entry for a document.
  /// - Throws: `JSONError` that names a number which is not finite.
  init<Document: LedgerDocument>(_ document: Document) throws {
    let bytes = try CanonicalJSON.encode(document)
    self.init(
      kind: Document.kind, id: document.id, subject: document.subject, sha256: try SHA256.digest(of: bytes).hex,
      document: bytes, index: document)
  }
}

/// Adds entries to a log: the row, the tree's new hashes, the index rows and the full-text index, in one transaction of
/// the caller's.
enum EntryWriter {
  /// Appends an entry to a log.
  /// - Returns: its position in the log.
  /// - Complexity: O(size of the document), and O(1) amortised in the size of the log.
  @discardableResult
  static func append(_ entry: NewEntry, to log: Int64 = StoreSchema.ownLog, _ database: Database) throws -> Int {
    let last = try Int.fetchOne(database, sql: "SELECT max(position) FROM entries WHERE log = ?", arguments: [log])
    let position = last.map { $0 + 1 } ?? 0
    try database.cachedStatement(
      sql: "INSERT INTO entries (log, position, kind, id, subject, sha256, document) VALUES (?, ?, ?, ?, ?, ?, ?)"
    ).execute(arguments: [log, position, entry.kind, entry.id, entry.subject, entry.sha256, entry.document])
    let sequence = database.lastInsertedRowID
    let added = try MerkleTree.appending(MerkleTree.leafHash(entry.document), at: position) { level, place in
      try TreeNodes.node(log, level, place, database)
    }
    let statement = try database.cachedStatement(
      sql: "INSERT INTO nodes (log, level, place, hash) VALUES (?, ?, ?, ?)")
    for (level, hash) in added.enumerated() {
      try statement.execute(arguments: [log, level, position >> level, Data(hash.bytes)])
    }
    if let index = entry.index { try writeIndex(index, entry.sha256, sequence, database) }
    try SearchIndex.add(sequence, database)
    return position
  }

  private static func writeIndex(
    _ document: any LedgerDocument, _ sha256: String, _ sequence: Int64, _ database: Database
  ) throws {
    guard let (table, columns) = IndexRow.columns(of: document, sha256: sha256) else { return }
    let names = columns.map(\.name).joined(separator: ", ")
    let places = columns.map { _ in ", ?" }.joined()
    try database.cachedStatement(sql: "INSERT INTO \(table) (sequence, \(names)) VALUES (?\(places))")
      .execute(arguments: [sequence] + StatementArguments(columns.map(\.value)))
  }
}

/// What the index tables repeat of a document.
enum IndexRow {
  /// The table and its columns beside `sequence`; nil for a kind that has no index table.
  static func columns(
    of document: any LedgerDocument, sha256: String
  ) -> (table: String, columns: [(name: String, value: String?)])? {
    switch document {
    case let record as RunRecord: ("runs", columns(record, sha256))
    case let signature as RunSignature:
      (
        "signatures",
        [
          ("run", signature.run), ("name", signature.statement.name), ("meaning", signature.statement.meaning),
          ("date", signature.statement.date),
        ]
      )
    default: nil
    }
  }

  private static func columns(_ record: RunRecord, _ sha256: String) -> [(name: String, value: String?)] {
    [
      ("id", record.id), ("sha256", sha256), ("kind", record.kind.rawValue), ("status", record.status.rawValue),
      ("started", record.started), ("ended", record.ended), ("system", record.system),
      ("model_version", record.modelVersion), ("behaviour", record.behaviour),
      ("methods", record.analysisPlan?.methods.map(\.rawValue).joined(separator: ",") ?? ""),
      ("model_sha256", record.model.rootSha256), ("program_version", record.program.version),
    ]
  }
}

/// The hashes of the logs' trees, as stored.
enum TreeNodes {
  /// The hash of a complete subtree.
  /// - Throws: `EvidenceError.damagedStore` if the store has not got it.
  static func node(_ log: Int64, _ level: Int, _ place: Int, _ database: Database) throws -> SHA256Digest {
    let hash = try Data.fetchOne(
      database.cachedStatement(sql: "SELECT hash FROM nodes WHERE log = ? AND level = ? AND place = ?"),
      arguments: [log, level, place])
    guard let hash, let digest = SHA256Digest(hash) else {
      throw EvidenceError(
        .damagedStore,
        "the store's tree has lost a hash (log \(log), level \(level), place \(place)). "
          + "'vitrine runs verify' says what is damaged; restore the store from a backup")
    }
    return digest
  }
}
