public import Foundation
import GRDB

extension Store {
  /// Lists runs in the order in which they were added, from the index columns alone. What a search finds is looked up in the
  /// records themselves.
  /// - Throws: `EvidenceError.badFilter` if a time or the words to search for cannot be read.
  /// - Complexity: O(n log n) in the runs of the store without a limit; with one, as far as it takes to find that many. A
  ///   search reads the records that it lists.
  public func runs(matching filter: RunFilter = RunFilter()) throws -> [RunSummary] {
    let (condition, arguments) = try filter.condition()
    return try reading { database in
      let found = try filter.search.map { try search($0, filter, database) }
      let among = found.map { " AND sequence IN (\($0.map(String.init).joined(separator: ", ")))" } ?? ""
      let limit = filter.limit.map { " LIMIT \(max(0, $0))" } ?? ""
      let rows = try Row.fetchAll(
        database,
        sql: "SELECT \(RunSummary.columns) FROM runs WHERE \(condition)\(among) ORDER BY sequence DESC\(limit)",
        arguments: StatementArguments(arguments)
      ).reversed()
      let identifiers = rows.map { StoreSchema.text($0["id"]) ?? "" }
      let suffixes = try suffixes(identifiers, database)
      let signers = try signers(identifiers, database)
      let reproductions = try reproductions(identifiers, database)
      return try rows.map {
        try RunSummary(row: $0, suffixes: suffixes, signers: signers, reproductions: reproductions)
      }
    }
  }

  /// Makes the full-text index anew from the records, in one transaction. The index is not evidence: a store whose index was
  /// damaged or forged is intact, but a search in it may miss runs.
  /// - Returns: how many entries were indexed.
  /// - Throws: `EvidenceError.inputOutput`, `.diskFull`, `.readOnly`; the index is then as it was.
  /// - Complexity: O(bytes of the records).
  public func rebuildSearchIndex() throws -> Int {
    try transaction { try SearchIndex.rebuild($0) }
  }

  /// How many runs a search brings back.
  private static let mostFound = 500

  /// The numbers of the runs that fit the filter and in which words occur, or in what was said about them: those found last in
  /// the log, as many as the filter's limit or `mostFound`.
  private func search(_ text: String, _ filter: RunFilter, _ database: Database) throws -> Set<Int64> {
    guard let query = SearchIndex.query(text) else {
      throw EvidenceError(.badFilter, "search: '\(text)' holds no word to search for")
    }
    let (condition, arguments) = try filter.condition()
    // CROSS JOIN keeps the order: from the hits, the last first, to their runs, only as far as it takes.
    let hits = try Row.fetchCursor(
      database,
      sql: """
        SELECT hit, sequence FROM search
        CROSS JOIN (SELECT sequence AS hit, coalesce(subject, id) AS about FROM entries) ON hit = search.rowid
        CROSS JOIN runs ON runs.id = about
        WHERE search MATCH ? AND (\(condition)) ORDER BY search.rowid DESC
        """, arguments: [query] + StatementArguments(arguments))
    let most = min(filter.limit ?? Self.mostFound, Self.mostFound)
    let confirmation = SearchIndex.Confirmation(text, query: query)
    var found: Set<Int64> = []
    while found.count < most, let hit = try hits.next() {
      guard let entry = Int64.fromDatabaseValue(hit[0]), let run = Int64.fromDatabaseValue(hit[1]),
        !found.contains(run), try confirmation.holds(entry, database)
      else { continue }
      found.insert(run)
    }
    return found
  }

  /// Looked up one by one for a few runs; for many it is faster to compare all.
  private func suffixes(_ identifiers: [String], _ database: Database) throws -> ShortSuffixes {
    identifiers.count <= Self.few
      ? try ShortSuffixes(of: identifiers, database)
      : ShortSuffixes(try String.fetchAll(database, sql: "SELECT id FROM runs"))
  }

  /// Up to how many runs are looked up one by one; for more it is faster to go through a whole table.
  private static let few = 1000

  /// Who signed which run.
  private func signers(_ identifiers: [String], _ database: Database) throws -> [String: [String]] {
    if identifiers.count > Self.few {
      return try Row.fetchAll(database, sql: "SELECT run, name FROM signatures ORDER BY sequence").reduce(into: [:]) {
        $0[try StoreSchema.text($1, "run"), default: []].append(try StoreSchema.text($1, "name"))
      }
    }
    let statement = try database.cachedStatement(sql: "SELECT name FROM signatures WHERE run = ? ORDER BY sequence")
    return try identifiers.reduce(into: [:]) { signers, id in
      let names = try Row.fetchAll(statement, arguments: [id]).map { try StoreSchema.text($0, "name") }
      if !names.isEmpty { signers[id] = names }
    }
  }

  /// How the reproductions of runs ended, from their documents.
  private func reproductions(
    _ identifiers: [String], _ database: Database
  ) throws -> [String: [ReproductionRecord.Outcome]] {
    let outcome = "json_extract(CAST(document AS TEXT), '$.outcome') AS outcome"
    let isReproduction = "kind = '\(ReproductionRecord.kind)' AND json_valid(CAST(document AS TEXT))"
    func outcomes(_ rows: [Row]) -> [ReproductionRecord.Outcome] {
      rows.compactMap { StoreSchema.text($0["outcome"]).flatMap(ReproductionRecord.Outcome.init(rawValue:)) }
    }
    if identifiers.count > Self.few {
      let rows = try Row.fetchAll(
        database, sql: "SELECT subject, \(outcome) FROM entries WHERE \(isReproduction) ORDER BY sequence")
      return try Dictionary(grouping: rows) { try StoreSchema.text($0, "subject") }.mapValues(outcomes)
    }
    let statement = try database.cachedStatement(
      sql: "SELECT \(outcome) FROM entries WHERE subject = ? AND \(isReproduction) ORDER BY sequence")
    return try identifiers.reduce(into: [:]) { found, id in
      let outcomes = outcomes(try Row.fetchAll(statement, arguments: [id]))
      if !outcomes.isEmpty { found[id] = outcomes }
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

  /// Those of some runs that the file at the path has not got, or not with these digests.
  public func missing(_ runs: [(id: String, sha256: String)]) throws -> [String] {
    try reading { database in
      try runs.filter { run in
        try String.fetchOne(database, sql: "SELECT sha256 FROM entries WHERE id = ?", arguments: [run.id]) != run.sha256
      }.map(\.id)
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
