public import Foundation
import GRDB

extension Store {
  /// Adds a run's record.
  ///
  /// The record is checked, written as canonical JSON, digested and stored in one transaction: it is there whole and for
  /// good when this returns, and not at all when this throws.
  /// - Returns: the record as stored, with its digest.
  /// - Throws: `EvidenceError`: `.invalidRecord`, `.duplicateRun`, `.readOnly`, `.diskFull`, `.busy`, `.inputOutput`,
  ///   `.storeMoved` if the store was removed or replaced meanwhile: the record is then in a file beside it, which the error
  ///   names; `JSONError` that names a number which is not finite.
  /// - Complexity: O(size of the record).
  @discardableResult
  public func append(_ record: RunRecord) throws -> StoredRun {
    StoredRun(record: record, sha256: try add(record).sha256)
  }

  /// Adds any other document to the store's own log: a person's signature, a reproduction, and so on.
  /// - Returns: the entry as stored.
  /// - Throws: as for a run; `EvidenceError.unknownRun` if the document is about a run that the store has not got.
  @discardableResult
  public func append<Document: LedgerDocument>(_ document: Document) throws -> StoredEntry { try add(document) }

  private func add<Document: LedgerDocument>(_ document: Document) throws -> StoredEntry {
    try writable()
    let problems = document.problems + (document is RunRecord ? [] : document.envelopeProblems)
    guard problems.isEmpty else {
      throw EvidenceError(
        .invalidRecord,
        "the \(Document.kind) record \(document.id) cannot be stored: \(problems.joined(separator: "; ")). "
          + "This is a fault of vitrine; please report it")
    }
    let entry = try NewEntry(document)
    return try Rescue.guarding(entry, store: url) { try add(entry) }
  }

  private func add(_ entry: NewEntry) throws -> StoredEntry {
    try transaction { database in
      guard try Row.fetchOne(database, sql: "SELECT 1 FROM entries WHERE id = ?", arguments: [entry.id]) == nil else {
        throw EvidenceError(
          .duplicateRun,
          "\(url.path): a record \(entry.id) is stored already; every record needs an identifier of its own")
      }
      if let run = entry.subject,
        try Row.fetchOne(database, sql: "SELECT 1 FROM runs WHERE id = ?", arguments: [run]) == nil
      {
        throw EvidenceError(.unknownRun, "\(url.path): no run '\(run)', which the \(entry.kind) record is about")
      }
      let position = try EntryWriter.append(entry, database)
      return StoredEntry(entry, origin: try LogTable.origin(of: StoreSchema.ownLog, database), position: position)
    }
  }

  /// Refuses if the store was opened for reading only.
  func writable() throws {
    guard mode != .readOnly else {
      throw EvidenceError(.readOnly, "\(url.path): the store was opened for reading only; open it for writing")
    }
  }

  /// Writes in one transaction: all of it or nothing. No other writer comes between its reads and its writes.
  func transaction<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try Self.mapping(url) { try access.writing(body) }
  }
}

/// An entry of a log, as stored.
public struct StoredEntry: Sendable, Equatable {
  /// What it is: `run`, `signature`, `reproduction` …
  public var kind: String
  /// Its identifier.
  public var id: String
  /// The run that it is about, if any.
  public var subject: String?
  /// SHA-256 of the document, hex.
  public var sha256: String
  /// The document: canonical JSON, and the leaf of the log's tree.
  public var document: Data
  /// The log that it is in.
  public var origin: String
  /// Which leaf of the log's tree it is, from 0.
  public var position: Int

  init(_ entry: NewEntry, origin: String, position: Int) {
    kind = entry.kind
    id = entry.id
    subject = entry.subject
    sha256 = entry.sha256
    document = entry.document
    self.origin = origin
    self.position = position
  }

  /// An entry from a row of `columns`.
  init(row: Row) throws {
    kind = try StoreSchema.text(row, "kind")
    id = try StoreSchema.text(row, "id")
    subject = StoreSchema.text(row["subject"])
    sha256 = try StoreSchema.text(row, "sha256")
    origin = try StoreSchema.text(row, "origin")
    document = Data.fromDatabaseValue(row["document"]) ?? Data()
    position = try StoreSchema.integer(row, "position")
  }

  /// The columns that a row for `init(row:)` has.
  static let columns = """
    SELECT e.kind, e.id, e.subject, e.sha256, e.document, e.position, l.origin
    FROM entries e JOIN logs l ON l.log = e.log
    """

  /// The document as a value of a type that this program knows.
  /// - Throws: `EvidenceError.unsupportedRecord` for another kind; `JSONError`.
  public func decoded<Document: LedgerDocument>(as type: Document.Type) throws -> Document {
    let value = try CanonicalJSON.parse(document)
    guard value["schema"] == .string(Document.format) else {
      throw EvidenceError(
        .unsupportedRecord, "the \(kind) record \(id) has not the format '\(Document.format)' that this program reads")
    }
    return try value.decoded(as: Document.self)
  }

  /// What the document says, in one line; of a kind that this program does not know, only the kind.
  public var summary: String {
    get throws {
      func read<Document: LedgerDocument>(_ type: Document.Type) throws -> String { try decoded(as: type).summary }
      return try documentType.map { try read($0) } ?? "a record of the kind '\(kind)'"
    }
  }

  /// What the document says of its format; nil if it is no document.
  public var schema: String? {
    guard let value = try? CanonicalJSON.parse(document), case .string(let schema) = value["schema"] else { return nil }
    return schema
  }

  /// The type of the document, if this program knows it.
  var documentType: (any LedgerDocument.Type)? { schema.flatMap(LedgerKind.type(schema:)) ?? LedgerKind.type(kind) }
}

/// The table of logs.
enum LogTable {
  /// The name of a log.
  static func origin(of log: Int64, _ database: Database) throws -> String {
    guard
      let origin = try String.fetchOne(
        database.cachedStatement(sql: "SELECT origin FROM logs WHERE log = ?"), arguments: [log])
    else { throw EvidenceError(.damagedStore, "the store has lost its log \(log); restore it from a backup") }
    return origin
  }

  /// The number of a log; nil if the store has not got it.
  static func number(of origin: String, _ database: Database) throws -> Int64? {
    try Int64.fetchOne(database, sql: "SELECT log FROM logs WHERE origin = ?", arguments: [origin])
  }

  /// How many entries a log has.
  static func size(of log: Int64, _ database: Database) throws -> Int {
    (try Int.fetchOne(database, sql: "SELECT max(position) FROM entries WHERE log = ?", arguments: [log])).map {
      $0 + 1
    }
      ?? 0
  }
}
