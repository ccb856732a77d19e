public import Foundation
import GRDB

extension Store {
  /// Lists runs in the order in which they were added, from the index columns alone. What a search finds is looked up in the
  /// records themselves.
  /// - Throws: `EvidenceError.badFilter` if a time or the words to search for cannot be read.
  /// - Complexity: O(n log n) in the runs of the store without a limit; with one, as far as it takes to find that many.
  public func runs(matching filter: RunFilter = RunFilter()) throws -> [RunSummary] {
    let (condition, arguments) = try filter.condition()
    return try reading { database in
      var sql = "SELECT \(RunSummary.columns) FROM runs WHERE \(condition)"
      if filter.search != nil {
        let found = try search(filter, database)
        sql += " AND sequence IN (\(found.map(String.init).joined(separator: ", ")))"
      }
      sql += " ORDER BY sequence DESC" + (filter.limit.map { " LIMIT \(max(0, $0))" } ?? "")
      let rows = try Row.fetchAll(database, sql: sql, arguments: StatementArguments(arguments)).reversed()
      let identifiers = rows.map { StoreSchema.text($0["id"]) ?? "" }
      let suffixes = try suffixes(identifiers, database)
      let signers = try signers(identifiers, database)
      return try rows.map { try RunSummary(row: $0, suffixes: suffixes, signers: signers) }
    }
  }

  /// How many entries a search takes from the index at most.
  private static let mostFound = 500

  /// The numbers of the runs that fit a filter and in which its words occur: what the index finds, looked up in the
  /// documents from the last on, until there are as many as the filter asks for.
  private func search(_ filter: RunFilter, _ database: Database) throws -> [Int64] {
    let text = filter.search ?? ""
    guard let query = SearchIndex.query(text) else {
      throw EvidenceError(.badFilter, "search: '\(text)' holds no word to search for")
    }
    let found = try Int64.fetchAll(
      database, sql: "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT \(Self.mostFound)",
      arguments: [query])
    let (condition, arguments) = try filter.condition()
    // What is said about a run leads to the run.
    let pairs = try Row.fetchAll(
      database,
      sql: """
        SELECT r.sequence AS run, e.sequence AS entry FROM entries e JOIN runs r ON r.id = coalesce(e.subject, e.id)
        WHERE e.sequence IN (\(found.map(String.init).joined(separator: ", ")))
        AND r.sequence IN (SELECT sequence FROM runs WHERE \(condition)) ORDER BY r.sequence DESC
        """, arguments: StatementArguments(arguments)
    ).map { (run: Int64(try StoreSchema.integer($0, "run")), entry: Int64(try StoreSchema.integer($0, "entry"))) }
    let wanted = filter.limit ?? Self.mostFound
    var runs: Set<Int64> = []
    var next = 0
    while next < pairs.count, runs.count < wanted {
      let batch = pairs[next..<min(pairs.count, next + max(1, wanted))]
      let confirmed = try SearchIndex.confirmed(batch.map(\.entry), query: query, database)
      runs.formUnion(batch.filter { confirmed.contains($0.entry) }.map(\.run))
      next = batch.endIndex
    }
    return runs.sorted()
  }

  /// Looked up one by one for a few runs; for many it is faster to compare all.
  private func suffixes(_ identifiers: [String], _ database: Database) throws -> ShortSuffixes {
    identifiers.count <= 1000
      ? try ShortSuffixes(of: identifiers, database)
      : ShortSuffixes(try String.fetchAll(database, sql: "SELECT id FROM runs"))
  }

  /// Who signed which of these runs.
  private func signers(_ runs: [String], _ database: Database) throws -> [String: [String]] {
    let some = "run IN (SELECT value FROM json_each(?))"
    let list = String(decoding: try CanonicalJSON.encode(runs), as: UTF8.self)
    return try Row.fetchAll(
      database, sql: "SELECT run, name FROM signatures WHERE \(some) ORDER BY sequence", arguments: [list]
    ).reduce(into: [:]) {
      $0[try StoreSchema.text($1, "run"), default: []].append(try StoreSchema.text($1, "name"))
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
    // 'g' comes after every digit that an identifier has, so both conditions are ranges of an index.
    let sql = """
      SELECT id FROM runs WHERE (id >= ?1 AND id < ?1 || 'g')
      OR (substr(id, -6) = substr(?1, -6) AND substr(id, -length(?1)) = ?1) ORDER BY sequence
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
    let row = try Row.fetchOne(
      database,
      sql: "SELECT e.document, e.sha256 FROM runs r JOIN entries e ON e.sequence = r.sequence WHERE r.id = ?",
      arguments: [id])
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

  func storedRun(_ id: String, _ database: Database) throws -> StoredRun {
    let (document, sha256) = try intact(id, database)
    let record = try RecordCoder.decode(document)
    guard record.id == id else { throw damaged(id, "the record in its place is that of run \(record.id)") }
    return StoredRun(record: record, sha256: sha256)
  }
}
