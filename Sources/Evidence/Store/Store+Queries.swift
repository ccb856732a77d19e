public import Foundation
import GRDB

extension Store {
  /// Lists runs in the order in which they were added, from the index columns alone.
  /// - Throws: `EvidenceError.badFilter` if a time in the filter cannot be read.
  /// - Complexity: O(n log n) in the runs of the store, without reading any record.
  public func runs(matching filter: RunFilter = RunFilter()) throws -> [RunSummary] {
    let (condition, arguments) = try filter.condition()
    return try reading { database in
      let suffixes = ShortSuffixes(try String.fetchAll(database, sql: "SELECT id FROM runs"))
      return try Row.fetchAll(
        database, sql: "SELECT \(RunSummary.columns) FROM runs WHERE \(condition) ORDER BY sequence",
        arguments: StatementArguments(arguments)
      ).map { try RunSummary(row: $0, suffixes: suffixes) }
    }
  }

  /// The run that an identifier, or a prefix or suffix of it, names.
  /// - Parameter id: at least 6 characters, in either case.
  /// - Throws: `EvidenceError`: `.unknownRun`, `.ambiguousRun` with the candidates, `.identifierTooShort`, `.damagedRun`
  ///   if the record is not what was digested; what `RecordCoder.decode` throws.
  public func run(id: String) throws -> StoredRun {
    try reading { try storedRun(resolve(id, $0), $0) }
  }

  /// The canonical JSON of a run, the bytes that its digest covers, as stored.
  /// - Parameter id: the run's identifier, or a prefix or suffix of at least 6 characters.
  /// - Throws: as `run(id:)`.
  public func document(id: String) throws -> Data {
    try reading { try intact(resolve(id, $0), $0).document }
  }

  /// Every run, in the order in which it was added.
  /// - Throws: `EvidenceError.damagedRun` if a record is not what was digested; what `RecordCoder.decode` throws.
  /// - Complexity: O(size of the store).
  public func allRuns() throws -> [StoredRun] {
    try reading { database in
      try String.fetchAll(database, sql: "SELECT id FROM runs ORDER BY sequence").map { try storedRun($0, database) }
    }
  }

  /// The run that was added last for each kind and behaviour of a model version, of those that finished or were refused.
  /// Failed runs are passed over. In the order in which they were added.
  /// - Throws: as `allRuns()`.
  public func latestRuns(modelVersion: String) throws -> [StoredRun] {
    try reading { database in
      let sql = """
        SELECT id FROM runs WHERE sequence IN (
          SELECT max(sequence) FROM runs WHERE model_version = ? AND status IN ('finished', 'refused')
          GROUP BY kind, behaviour)
        ORDER BY sequence
        """
      return try String.fetchAll(database, sql: sql, arguments: [modelVersion]).map { try storedRun($0, database) }
    }
  }

  // MARK: One run

  /// The full identifier that a prefix or suffix means.
  func resolve(_ text: String, _ database: Database) throws -> String {
    let part = text.lowercased()
    guard part.utf8.count >= ShortSuffixes.minimum else {
      throw EvidenceError(
        .identifierTooShort,
        "'\(text)' is too short for a run identifier: give at least \(ShortSuffixes.minimum) characters of its "
          + "beginning or end; 'vitrine runs list' shows them")
    }
    let sql = """
      SELECT id FROM runs WHERE substr(id, 1, length(?1)) = ?1 OR substr(id, -length(?1)) = ?1 ORDER BY sequence
      """
    let found = try String.fetchAll(database, sql: sql, arguments: [part])
    guard let first = found.first else {
      throw EvidenceError(.unknownRun, "\(url.path): no run '\(text)'; 'vitrine runs list' shows those that there are")
    }
    guard found.count == 1 else {
      let shown = found.prefix(10).joined(separator: ", ") + (found.count > 10 ? ", …" : "")
      throw EvidenceError(
        .ambiguousRun, "'\(text)' may mean any of \(found.count) runs: \(shown). Give more of the identifier",
        candidates: found)
    }
    return first
  }

  /// A document with its digest, checked against each other.
  private func intact(_ id: String, _ database: Database) throws -> (document: Data, sha256: String) {
    let row = try Row.fetchOne(database, sql: "SELECT document, sha256 FROM runs WHERE id = ?", arguments: [id])
    guard let row, let document = Data.fromDatabaseValue(row[0]), let sha256 = StoreSchema.text(row[1]),
      try SHA256.digest(of: document).hex == sha256
    else { throw damaged(id, "its digest differs") }
    return (document, sha256)
  }

  private func damaged(_ id: String, _ what: String) -> EvidenceError {
    EvidenceError(
      .damagedRun,
      "\(url.path): the record of run \(id) is not what was stored: \(what). It proves nothing any more; "
        + "a backup of the store may have the original")
  }

  private func storedRun(_ id: String, _ database: Database) throws -> StoredRun {
    let (document, sha256) = try intact(id, database)
    let record = try RecordCoder.decode(document)
    guard record.id == id else { throw damaged(id, "the record in its place is that of run \(record.id)") }
    return StoredRun(record: record, sha256: sha256)
  }
}
