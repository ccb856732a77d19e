import Foundation
import GRDB

/// Checks one entry by its document: digest, form, columns, index row, and a signature if it is one.
struct EntryCheck {
  /// What is wrong.
  private(set) var problems: [StoreProblem]
  /// The leaf's hash.
  let leaf: SHA256Digest
  /// The document by itself.
  private let check: DocumentCheck

  /// The document, if it is of a known kind and could be read.
  var document: (any LedgerDocument)? { check.document }
  /// Who signed, if it is signed by a person and the signature holds.
  var person: PersonSignature? { check.person }

  /// The columns of an entry as the bytes that are stored: a text with a NUL or with broken UTF-8 in it would otherwise be
  /// read as another text.
  static let rows = """
    SELECT sequence, log, position, CAST(kind AS BLOB) AS kind, CAST(id AS BLOB) AS id, CAST(subject AS BLOB) AS subject,
      CAST(sha256 AS BLOB) AS sha256, CAST(document AS BLOB) AS document FROM entries
    """

  /// What a document says by itself: the part of a check that takes time and needs nothing else.
  struct Document: Sendable {
    let leaf: SHA256Digest
    let check: DocumentCheck

    init(_ bytes: Data) throws {
      leaf = try MerkleTree.leafHash(bytes)
      check = try DocumentCheck(bytes)
    }
  }

  /// Checks a row of `rows`.
  init(_ row: Row, _ database: Database) throws {
    try self.init(row, Document(row["document"] ?? Data()), database)
  }

  /// Checks a row of `rows` whose document was checked.
  init(_ row: Row, _ document: Document, _ database: Database) throws {
    leaf = document.leaf
    check = document.check
    problems = check.problems
    if (row["sha256"] as Data?) != Data(check.sha256.utf8) {
      problems.insert(DocumentCheck.digestDiffers(check.sha256), at: 0)
    }
    // Of a document that cannot be read at all nothing can be compared.
    guard check.kind != nil || check.id != nil else { return }
    for (column, text) in [("kind", check.kind), ("id", check.id), ("subject", check.subject)] {
      let stored: Data? = row[column]
      if stored != text.map({ Data($0.utf8) }) { problems.append(Self.differs(column)) }
    }
    try index(Int64.fromDatabaseValue(row["sequence"]) ?? -1, database)
  }

  /// The index row against the document.
  private mutating func index(_ sequence: Int64, _ database: Database) throws {
    guard let document, let (table, columns) = IndexRow.columns(of: document, sha256: check.sha256) else { return }
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
