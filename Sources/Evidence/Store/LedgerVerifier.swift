import Foundation
import GRDB

/// Checks a whole store: goes through the entries in order, makes the logs' trees anew, and compares all that is stored.
struct LedgerVerifier {
  private let database: Database
  private var trees: [Int64: MemoryTree] = [:]
  private var origins: [Int64: String] = [:]
  private var numbers: [String: Int64] = [:]
  /// The identifiers of the runs seen.
  private var runs: Set<String> = []
  private var records: [String: String] = [:]
  /// Entries of other logs since the last entry of the store's own, by log, in order: what the next merge must account for.
  private var pending: [(log: Int64, from: Int)] = []
  private var indexed: [String: Int] = [:]
  private(set) var result = StoreVerification(
    entries: [], problems: [], persons: [], checkpoints: [], logs: [])

  private var dates: EntryDates

  /// - Parameter now: the reader's clock.
  init(_ database: Database, now: String) {
    self.database = database
    dates = EntryDates(now: now)
  }

  private mutating func origin() throws {
    for row in try Row.fetchAll(database, sql: "SELECT log, CAST(origin AS BLOB) AS origin FROM logs ORDER BY log") {
      guard let log = Int64.fromDatabaseValue(row["log"]) else { continue }
      origins[log] = (row["origin"] as Data?).map { String(decoding: $0, as: UTF8.self) }
      if let origin = origins[log] { numbers[origin] = log }
    }
  }

  /// Adds what is wrong with the store itself.
  mutating func add(_ problem: StoreProblem) { result.problems.append(problem) }

  /// Checks everything.
  mutating func run() throws {
    try origin()
    try entries()
    if !pending.isEmpty { add(StoreProblem(.merge, "entries of other logs at the end that no merge accounts for")) }
    try indexRows()
    try logs()
    try nodes()
    try checkpoints()
  }

  // MARK: Entries

  /// How many entries, and about how many bytes, are checked together.
  private static let batch = (entries: 256, bytes: 32 << 20)

  /// The documents of some entries are checked on all cores, then the entries one after the other.
  private mutating func entries() throws {
    var number: Int64 = 0
    var batch: [Row] = []
    var bytes = 0
    let rows = try Row.fetchCursor(database, sql: "\(EntryCheck.rows) ORDER BY sequence")
    while true {
      let row = try rows.next()
      if let row {
        batch.append(row.copy())
        bytes += (row["document"] as Data?)?.count ?? 0
        guard batch.count == Self.batch.entries || bytes >= Self.batch.bytes else { continue }
      }
      let documents = batch.map { $0["document"] as Data? ?? Data() }
      for (row, document) in zip(
        batch, try AllCores.map(documents.count) { try EntryCheck.Document(documents[$0]) })
      {
        try entry(row, document, number: number + 1)
        number = Int64.fromDatabaseValue(row["sequence"]) ?? number + 1
      }
      (batch, bytes) = ([], 0)
      if row == nil { return }
    }
  }

  private mutating func entry(_ row: Row, _ document: EntryCheck.Document, number: Int64) throws {
    var check = try EntryCheck(row, document, database)
    let sequence = Int64.fromDatabaseValue(row["sequence"]) ?? -1
    if sequence != number { check.add(Store.renumbered(sequence, instead: number)) }
    if let log = Int64.fromDatabaseValue(row["log"]), let position = Int.fromDatabaseValue(row["position"]) {
      let size = trees[log]?.size ?? 0
      if position != size {
        check.add(
          StoreProblem(
            .sequence, column: "position",
            "it is entry \(position) of its log where entry \(size) follows: entries were removed, moved or renumbered")
        )
      }
      try trees[log, default: MemoryTree()].append(check.leaf)
      for problem in try merge(log, position, check.document) { check.add(problem) }
      if position == 0 { check = begin(log, check) }
      if let document = check.document {
        for problem in dates.problems(document, in: log) { check.add(problem) }
      }
    } else {
      check.add(StoreProblem(.sequence, column: "position", "its place in a log cannot be read"))
    }
    func text(_ column: String) -> String? {
      (row[column] as Data?).map { String(decoding: $0, as: UTF8.self) }
    }
    try subject(text("subject"), &check)
    if let person = check.person, check.problems.isEmpty { result.persons.append(person) }
    result.entries.append(
      StoreVerification.Entry(
        kind: text("kind") ?? "", id: text("id") ?? "", subject: text("subject"), problems: check.problems))
  }

  /// The first entry of a log says which log it is.
  private func begin(_ log: Int64, _ check: EntryCheck) -> EntryCheck {
    var check = check
    guard let start = check.document as? LogStart, start.origin == origins[log] else {
      check.add(
        StoreProblem(
          .log, column: "origin", "the first entry of log \(log) is not the beginning of the log of that name"))
      return check
    }
    return check
  }

  /// What a document is about must be there, and a signature must name the digest of the record as it is.
  private mutating func subject(_ subject: String?, _ check: inout EntryCheck) throws {
    if let record = check.document as? RunRecord {
      runs.insert(record.id)
      indexed["runs", default: 0] += 1
    }
    guard let subject else { return }
    if !runs.contains(subject) {
      check.add(
        StoreProblem(.notARecord, column: "subject", "it is about the run \(subject), which does not come before it"))
    }
    if let reproduction = check.document as? ReproductionRecord {
      if try recordDigest(of: subject) != reproduction.recordSha256 {
        check.add(
          StoreProblem(
            .notARecord, column: "document", "it reproduces another record of the run than the one stored"))
      }
      return
    }
    guard let signature = check.document as? RunSignature else { return }
    indexed["signatures", default: 0] += 1
    guard check.person != nil else { return }
    if try recordDigest(of: subject) != signature.statement.recordSha256 {
      check.add(
        StoreProblem(
          .signature, column: "document", "the signature is on another record of the run than the one stored"))
    }
  }

  private mutating func recordDigest(of run: String) throws -> String? {
    if records[run] == nil {
      records[run] = try digest(of: run)
    }
    return records[run]
  }

  /// What the column says; it was compared with the document when the run itself was checked.
  private func digest(of run: String) throws -> String? {
    try String.fetchOne(database, sql: "SELECT sha256 FROM entries WHERE id = ?", arguments: [run])
  }

  // MARK: Merges

  /// Entries of other logs stand directly before the entry of the merge that brought them, in the order that it gives.
  private mutating func merge(_ log: Int64, _ position: Int, _ document: (any LedgerDocument)?) throws -> [StoreProblem]
  {
    guard log == StoreSchema.ownLog else {
      if pending.last?.log != log { pending.append((log, position)) }
      return []
    }
    let brought = pending
    pending = []
    let expected = (document as? MergeRecord)?.logs ?? []
    let found = try brought.map { block in
      let size = trees[block.log]?.size ?? 0
      return MergeRecord.Block(
        origin: origins[block.log] ?? "", from: block.from, size: size, rootSha256: try root(block.log, size)?.hex ?? ""
      )
    }
    return found == expected
      ? [] : [StoreProblem(.merge, "the entries of other logs before it are not those that a merge accounts for")]
  }

  private func root(_ log: Int64, _ size: Int) throws -> SHA256Digest? {
    guard let tree = trees[log], size <= tree.size else { return nil }
    return try MerkleTree.root(size: size, nodes: tree.node)
  }

  // MARK: Tables

  /// No index row without its document.
  private mutating func indexRows() throws {
    for table in ["runs", "signatures"] {
      let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM \(table)") ?? 0
      if count > indexed[table] ?? 0 {
        add(StoreProblem(.indexColumn, "the index '\(table)' has \(count) rows for \(indexed[table] ?? 0) records"))
      }
    }
  }

  private mutating func logs() throws {
    let numbers = origins.keys.sorted()
    if numbers != (0..<Int64(numbers.count)).map({ $0 + 1 }) {
      add(StoreProblem(.log, column: "log", "the logs are not numbered from 1 without gaps"))
    }
    for log in numbers {
      guard let tree = trees[log], let origin = origins[log], let root = try root(log, tree.size) else {
        add(StoreProblem(.log, "log \(log) has no entry"))
        continue
      }
      result.logs.append(
        LedgerLog(origin: origin, size: tree.size, rootSha256: root.hex, isOwn: log == StoreSchema.ownLog))
    }
    for log in trees.keys.sorted() where origins[log] == nil {
      add(StoreProblem(.log, column: "log", "there are entries of log \(log), which is not among the logs"))
    }
  }

  /// Every stored hash against the trees made from the documents.
  private mutating func nodes() throws {
    var wrong = 0
    var count = 0
    let rows = try Row.fetchCursor(database, sql: "SELECT log, level, place, hash FROM nodes")
    while let row = try rows.next() {
      count += 1
      guard let log = Int64.fromDatabaseValue(row["log"]), let level = Int.fromDatabaseValue(row["level"]),
        let place = Int.fromDatabaseValue(row["place"]), let hash = Data.fromDatabaseValue(row["hash"]),
        let levels = trees[log]?.levels, levels.indices.contains(level), levels[level].indices.contains(place),
        levels[level][place].bytes.elementsEqual(hash)
      else {
        wrong += 1
        continue
      }
    }
    let expected = trees.values.reduce(0) { $0 + $1.levels.reduce(0) { $0 + $1.count } }
    if wrong > 0 || count != expected {
      add(
        StoreProblem(
          .tree,
          "the stored tree is not that of the documents: \(wrong) of \(count) hashes differ, \(expected) are expected"))
    }
  }

  private mutating func checkpoints() throws {
    var number: Int64 = 0
    for row in try Row.fetchAll(
      database,
      sql: """
        SELECT sequence, log, size, CAST(note AS BLOB) AS note, CAST(key AS BLOB) AS key FROM checkpoints ORDER BY sequence
        """)
    {
      let sequence = Int64.fromDatabaseValue(row["sequence"]) ?? -1
      if sequence != number + 1 {
        add(StoreProblem(.checkpoint, column: "sequence", "a checkpoint was removed or renumbered"))
      }
      number = sequence
      let log = Int64.fromDatabaseValue(row["log"])
      let key = String(decoding: row["key"] as Data? ?? Data(), as: UTF8.self)
      do {
        let checkpoint = try LogCheckpoint(row["note"] ?? Data())
        guard let log, checkpoint.origin == origins[log], checkpoint.size == Int.fromDatabaseValue(row["size"]),
          checkpoint.data == (row["note"] as Data?)
        else {
          add(StoreProblem(.checkpoint, "the columns of a checkpoint differ from its note"))
          continue
        }
        for problem in try problems(checkpoint, key) { add(problem) }
      } catch let error as EvidenceError {
        add(StoreProblem(.checkpoint, "a checkpoint in the store cannot be read: \(error.message)"))
      }
    }
  }

  /// Checks a checkpoint's signature, and its root against the documents; notes it if it holds.
  private mutating func problems(_ checkpoint: LogCheckpoint, _ key: String) throws -> [StoreProblem] {
    do {
      let verifier = try VerifierKey(key)
      guard verifier.name == checkpoint.origin, verifier.text == key, try checkpoint.note.isSigned(by: verifier) else {
        return [
          StoreProblem(.checkpoint, "the checkpoint of size \(checkpoint.size) is not signed by the key stored with it")
        ]
      }
    } catch let error as EvidenceError where error.code == .badKey {
      return [
        StoreProblem(.checkpoint, "the key of the checkpoint of size \(checkpoint.size) cannot be used: \(error)")
      ]
    }
    let problems = try self.problems(against: checkpoint)
    if problems.isEmpty {
      result.checkpoints.append(
        StoreVerification.Checkpoint(origin: checkpoint.origin, size: checkpoint.size, key: key))
    }
    return problems
  }

  /// What a checkpoint, from the store or from outside, says that the documents are not.
  func problems(against checkpoint: LogCheckpoint) throws -> [StoreProblem] {
    guard let log = numbers[checkpoint.origin], let tree = trees[log] else {
      return [
        StoreProblem(.checkpoint, "the checkpoint is of the log '\(checkpoint.origin)', which this store has not got")
      ]
    }
    guard checkpoint.size <= tree.size else {
      return [
        StoreProblem(
          .checkpoint,
          "the log '\(checkpoint.origin)' had \(checkpoint.size) entries when it was signed and has \(tree.size) now: "
            + "it was cut off, or this is an older copy")
      ]
    }
    guard try root(log, checkpoint.size) == checkpoint.root else {
      return [
        StoreProblem(
          .checkpoint,
          "the first \(checkpoint.size) entries of the log '\(checkpoint.origin)' are not those that were signed: one was "
            + "changed, removed, added or moved")
      ]
    }
    return []
  }
}
