import Foundation
import GRDB

/// Something that is wrong with a stored run, or with the store itself.
public struct StoreProblem: Codable, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong; tests compare by this.
  public enum Code: String, Codable, Sendable {
    /// The digest of the document is not the one in the row.
    case digest
    /// The document is not canonical JSON (RFC 8785).
    case notCanonical = "not-canonical"
    /// The document is not a run record, or holds what a record does not.
    case notARecord = "not-a-record"
    /// An index column differs from the document.
    case indexColumn = "index-column"
    /// The run does not stand where its sequence number says: a row before it is gone, or numbers were changed.
    case sequence
    /// A table, index or trigger is missing, altered or added.
    case protections
    /// SQLite finds the file damaged.
    case file
  }

  /// What is wrong.
  public var code: Code
  /// The index column, if it is about one.
  public var column: String?
  /// What is wrong, in words.
  public var detail: String

  /// `detail`.
  public var description: String { detail }

  init(_ code: Code, column: String? = nil, _ detail: String) {
    self.code = code
    self.column = column
    self.detail = detail
  }
}

/// What the check of a whole store found.
public struct StoreVerification: Codable, Sendable, Equatable {
  /// What was found about one run.
  public struct Run: Codable, Sendable, Equatable {
    /// Its identifier, as far as the row gives one.
    public var id: String
    /// What is wrong; empty if it is intact.
    public var problems: [StoreProblem]
  }

  /// Every run, in order.
  public var runs: [Run]
  /// What is wrong with the store itself.
  public var problems: [StoreProblem]

  /// Whether nothing is wrong.
  public var isIntact: Bool { problems.isEmpty && runs.allSatisfy(\.problems.isEmpty) }
}

extension Store {
  /// Checks one run: the digest of its document, the canonical form, that it reads as a record and holds nothing else,
  /// and every index column.
  /// - Parameter id: the run's identifier, or a prefix or suffix of at least 6 characters.
  /// - Returns: what is wrong; empty if the run is intact.
  /// - Throws: `EvidenceError` as `run(id:)`, except `.damagedRun`.
  public func verify(id: String) throws -> [StoreProblem] {
    try reading { database in
      let id = try resolve(id, database)
      guard let row = try Row.fetchOne(database, sql: "\(Self.rawRows) WHERE id = ?", arguments: [id]) else {
        return []
      }
      let sequence: Int64? = row["sequence"]
      let count = try Int64.fetchOne(
        database, sql: "SELECT count(*) FROM runs WHERE sequence <= ?", arguments: [sequence])
      return try Self.problems(row, number: count ?? 0)
    }
  }

  /// Checks every run and the store itself.
  /// - Throws: `EvidenceError` if the file cannot be read at all.
  /// - Complexity: O(size of the store).
  public func verifyAll() throws -> StoreVerification {
    try reading { database in
      var problems = try StoreSchema.problems(database).map { StoreProblem(.protections, $0) }
      for line in try String.fetchAll(database, sql: "PRAGMA integrity_check") where line != "ok" {
        problems.append(StoreProblem(.file, "SQLite: \(line)"))
      }
      var runs: [StoreVerification.Run] = []
      var number: Int64 = 0
      let rows = try Row.fetchCursor(database, sql: "\(Self.rawRows) ORDER BY sequence")
      while let row = try rows.next() {
        let id = (row["id"] as Data?).map { String(decoding: $0, as: UTF8.self) }
        runs.append(StoreVerification.Run(id: id ?? "", problems: try Self.problems(row, number: number + 1)))
        number = row["sequence"] ?? number
      }
      return StoreVerification(runs: runs, problems: problems)
    }
  }

  /// Every column of a row as the bytes that are stored: a text with a NUL or with broken UTF-8 in it would otherwise
  /// be read as another text.
  private static let rawRows: String = {
    let columns = (["sha256", "document"] + StoreSchema.indexColumns.map(\.column)).map {
      "CAST(\($0) AS BLOB) AS \($0)"
    }
    return "SELECT sequence, \(columns.joined(separator: ", ")) FROM runs"
  }()

  /// Checks one row.
  /// - Parameter number: the sequence number that the row should have.
  private static func problems(_ row: Row, number: Int64) throws -> [StoreProblem] {
    var problems: [StoreProblem] = []
    let sequence: Int64? = row["sequence"]
    if sequence != number {
      problems.append(
        StoreProblem(
          .sequence, column: "sequence",
          "it carries the number \(sequence ?? 0) where \(number) follows: runs before it were removed or renumbered"))
    }
    let document: Data = row["document"] ?? Data()
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
      return problems + [StoreProblem(.notARecord, column: "document", "the record is not JSON: \(error.message)")]
    }
    problems += try formProblems(document, value)
    for (column, path) in StoreSchema.indexColumns {
      let member = path.reduce(JSONValue?.some(value)) { $0?[$1] }
      let expected: Data? = if case .string(let text) = member { Data(text.utf8) } else { nil }
      if row[column] != expected {
        problems.append(
          StoreProblem(.indexColumn, column: column, "the index column '\(column)' differs from the record"))
      }
    }
    return problems
  }

  /// Whether a document is the canonical text of a record.
  private static func formProblems(_ document: Data, _ value: JSONValue) throws -> [StoreProblem] {
    guard try CanonicalJSON.write(value) == document else {
      return [StoreProblem(.notCanonical, column: "document", "the record is not in canonical form (RFC 8785)")]
    }
    do {
      guard try RecordCoder.encode(RecordCoder.decode(document)) == document else {
        return [StoreProblem(.notARecord, column: "document", "the record holds what its format does not know")]
      }
      return []
    } catch let error as JSONError {
      return [StoreProblem(.notARecord, column: "document", "the record does not follow its format: \(error.message)")]
    } catch let error as EvidenceError {
      return [StoreProblem(.notARecord, column: "document", error.message)]
    }
  }
}
