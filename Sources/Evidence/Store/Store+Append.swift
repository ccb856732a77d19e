import Foundation
import GRDB

extension Store {
  /// Adds a record.
  ///
  /// The record is checked, written as canonical JSON, digested and stored in one transaction: it is there whole and for
  /// good when this returns, and not at all when this throws.
  /// - Returns: the record as stored, with its digest.
  /// - Throws: `EvidenceError`: `.invalidRecord`, `.duplicateRun`, `.readOnly`, `.diskFull`, `.busy`, `.inputOutput`;
  ///   `JSONError` that names a number which is not finite.
  /// - Complexity: O(size of the record).
  @discardableResult
  public func append(_ record: RunRecord) throws -> StoredRun {
    guard mode != .readOnly else {
      throw EvidenceError(.readOnly, "\(url.path): the store was opened for reading only; open it for writing")
    }
    try RecordCheck.check(record)
    let document = try RecordCoder.encode(record)
    let sha256 = try SHA256.digest(of: document).hex
    let columns: [(String, (any DatabaseValueConvertible)?)] = [
      ("id", record.id), ("sha256", sha256), ("kind", record.kind.rawValue), ("status", record.status.rawValue),
      ("started", record.started), ("ended", record.ended), ("system", record.system),
      ("model_version", record.modelVersion), ("behaviour", record.behaviour),
      ("model_sha256", record.model.rootSha256), ("program_version", record.program.version), ("document", document),
    ]
    let names = columns.map(\.0).joined(separator: ", ")
    let places = columns.map { _ in "?" }.joined(separator: ", ")
    try Self.mapping(url) {
      try database.writeWithoutTransaction { database in
        try database.inTransaction(.immediate) {
          let existing = try Row.fetchOne(database, sql: "SELECT 1 FROM runs WHERE id = ?", arguments: [record.id])
          guard existing == nil else {
            throw EvidenceError(
              .duplicateRun,
              "\(url.path): a run \(record.id) is stored already; every run needs an identifier of its own")
          }
          try database.execute(
            sql: "INSERT INTO runs (\(names)) VALUES (\(places))", arguments: StatementArguments(columns.map(\.1)))
          return .commit
        }
      }
    }
    return StoredRun(record: record, sha256: sha256)
  }
}
