import Foundation
import GRDB

/// Checks one entry by its document: digest, form, columns, index row, and a signature if it is one.
struct EntryCheck {
  /// What is wrong.
  private(set) var problems: [StoreProblem] = []
  /// The leaf's hash.
  let leaf: SHA256Digest
  /// The document, if it could be read.
  private(set) var document: (any LedgerDocument)?
  /// What a signature says of its signer, if it holds.
  private(set) var signer: RunSignature.Signer?

  /// The columns of an entry as the bytes that are stored: a text with a NUL or with broken UTF-8 in it would otherwise be
  /// read as another text.
  static let rows = """
    SELECT sequence, log, position, CAST(kind AS BLOB) AS kind, CAST(id AS BLOB) AS id, CAST(subject AS BLOB) AS subject,
      CAST(sha256 AS BLOB) AS sha256, CAST(document AS BLOB) AS document FROM entries
    """

  /// Checks a row of `rows`.
  init(_ row: Row, _ database: Database) throws {
    let document: Data = row["document"] ?? Data()
    leaf = try MerkleTree.leafHash(document)
    let digest = try SHA256.digest(of: document).hex
    if row["sha256"] != Data(digest.utf8) {
      problems.append(
        StoreProblem(
          .digest, column: "sha256",
          "the record or its digest was changed: the record's bytes have the digest \(digest), not the stored one"))
    }
    let value: JSONValue
    do {
      value = try CanonicalJSON.parse(document)
    } catch let error as JSONError {
      problems.append(StoreProblem(.notARecord, column: "document", "the record is not JSON: \(error.message)"))
      return
    }
    envelope(row, value)
    guard try CanonicalJSON.write(value) == document else {
      problems.append(
        StoreProblem(.notCanonical, column: "document", "the record is not in canonical form (RFC 8785)"))
      return
    }
    guard case .string(let schema) = value["schema"], let kind = LedgerKind.name(format: schema),
      let type = LedgerKind.type(kind)
    else { return }
    try read(type, value, document)
    try index(row["sequence"], digest, database)
  }

  /// The columns of the entry itself against the document.
  private mutating func envelope(_ row: Row, _ value: JSONValue) {
    func text(_ key: String) -> String? { if case .string(let text) = value[key] { text } else { nil } }
    let expected: [(String, String?)] = [
      ("kind", text("schema").flatMap(LedgerKind.name)), ("id", text("id")), ("subject", text("run")),
    ]
    for (column, text) in expected {
      let stored: Data? = row[column]
      if stored != text.map({ Data($0.utf8) }) {
        problems.append(Self.differs(column))
      }
    }
    if text("schema").flatMap(LedgerKind.name) == nil || text("id") == nil {
      problems.append(
        StoreProblem(
          .notARecord, column: "document", "the document does not say what it is: 'schema' or 'id' is missing"))
    }
  }

  /// Whether the document is one of its kind and holds nothing else.
  private mutating func read<Document: LedgerDocument>(
    _ type: Document.Type, _ value: JSONValue, _ bytes: Data
  ) throws {
    do {
      guard value["schema"] == .string(Document.format) else {
        throw EvidenceError(
          .unsupportedRecord,
          "the record has a format that this program does not read; it reads '\(Document.format)'")
      }
      let document = try value.decoded(as: Document.self)
      guard try CanonicalJSON.encode(document) == bytes else {
        problems.append(
          StoreProblem(.notARecord, column: "document", "the record holds what its format does not know"))
        return
      }
      self.document = document
      guard let signature = document as? RunSignature else { return }
      signer = try signature.verify()
    } catch let error as JSONError {
      problems.append(
        StoreProblem(
          .notARecord, column: "document", "the record does not follow its format: \(error.message)"))
    } catch let error as EvidenceError {
      let code: StoreProblem.Code = [.badSignature, .badKey].contains(error.code) ? .signature : .notARecord
      problems.append(StoreProblem(code, column: "document", error.message))
    }
  }

  /// The index row against the document.
  private mutating func index(_ sequence: Int64, _ sha256: String, _ database: Database) throws {
    guard let document, let (table, columns) = IndexRow.columns(of: document, sha256: sha256) else { return }
    let list = columns.map { "CAST(\($0.name) AS BLOB)" }.joined(separator: ", ")
    let row = try Row.fetchOne(
      database.cachedStatement(sql: "SELECT \(list) FROM \(table) WHERE sequence = ?"), arguments: [sequence])
    guard let row else {
      problems.append(StoreProblem(.indexColumn, column: "sequence", "its row in the index '\(table)' is gone"))
      return
    }
    for (place, column) in columns.enumerated() {
      let stored: Data? = row[place]
      if stored != column.value.map({ Data($0.utf8) }) { problems.append(Self.differs(column.name)) }
    }
  }

  private static func differs(_ column: String) -> StoreProblem {
    StoreProblem(.indexColumn, column: column, "the index column '\(column)' differs from the record")
  }

  /// Adds a problem.
  mutating func add(_ problem: StoreProblem) { problems.append(problem) }
}
