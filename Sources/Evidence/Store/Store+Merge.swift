import Foundation
import GRDB

/// What a merge brought.
public struct MergeOutcome: Codable, Sendable, Equatable {
  /// Entries taken over, by log; empty if the store had them all.
  public var logs: [MergeRecord.Block]
  /// Runs among them.
  public var runs: Int
  /// Checkpoints taken over.
  public var checkpoints: Int
}

extension Store {
  /// Takes over every log of another store, with its own name, entries, tree and checkpoints.
  ///
  /// Trees do not merge: each log keeps its own, so that what was proved before can be proved afterwards. The receiving
  /// store's own log gets one entry that names what was brought, so that its next checkpoint covers it. Merging the same
  /// store again brings nothing and changes nothing. All of it happens in one transaction, or nothing.
  /// - Throws: `EvidenceError.mergeConflict` if the other store is not intact, has another history of a log that both have,
  ///   or a record with an identifier that this store gave to another; as `append`.
  /// - Complexity: O(size of the other store).
  @discardableResult
  public func merge(_ other: Store) throws -> MergeOutcome {
    try writable()
    guard !other.isMigratedCopy else {
      throw EvidenceError(
        .mergeConflict,
        "\(other.url.path): this store has an older schema without a log. Give it one first, with 'vitrine store checkpoint' "
          + "in its project, then merge")
    }
    let verification = try other.verifyAll()
    guard verification.isIntact else {
      let first = (verification.problems + verification.entries.flatMap(\.problems)).first?.detail ?? ""
      throw EvidenceError(
        .mergeConflict,
        "\(other.url.path): not merged, since this store is not intact: \(first). 'vitrine runs verify' says more")
    }
    // Its own log last: an entry there may be about what came by merging before it.
    let logs = verification.logs.filter { !$0.isOwn } + verification.logs.filter(\.isOwn)
    return try transaction { target in
      try other.reading { source in
        var outcome = MergeOutcome(logs: [], runs: 0, checkpoints: 0)
        for log in logs {
          try StoreMerge(from: other, source, to: self, target).take(log, &outcome)
        }
        if !outcome.logs.isEmpty {
          try EntryWriter.append(NewEntry(MergeRecord(logs: outcome.logs)), target)
        }
        return outcome
      }
    }
  }
}

extension MergeRecord {
  /// The record of a merge that happens now.
  init(logs: [Block]) {
    self.init(
      schema: Self.format, id: RunIdentifier.next(), date: Timestamp.now(), logs: logs)
  }
}

/// Takes logs over from one open store to another.
private struct StoreMerge {
  private let other: Store
  private let source: Database
  private let store: Store
  private let target: Database

  init(from other: Store, _ source: Database, to store: Store, _ target: Database) {
    self.other = other
    self.source = source
    self.store = store
    self.target = target
  }

  func take(_ log: LedgerLog, _ outcome: inout MergeOutcome) throws {
    guard let from = try LogTable.number(of: log.origin, source) else { return }
    let known = try LogTable.number(of: log.origin, target)
    let size = try known.map { try LogTable.size(of: $0, target) } ?? 0
    if let known { try checkHistory(log, from, known, size) }
    let to = try known ?? addLog(log.origin)
    if log.size > size {
      if to == StoreSchema.ownLog {
        throw EvidenceError(
          .mergeConflict,
          "\(other.url.path) is a later copy of this very store (\(log.size) entries of its log, here \(size)). "
            + "Nothing was merged: go on with the later copy")
      }
      outcome.runs += try copy(from, to, from: size, to: log.size)
      outcome.logs.append(
        MergeRecord.Block(origin: log.origin, from: size, size: log.size, rootSha256: log.rootSha256))
    }
    outcome.checkpoints += try copyCheckpoints(from, to, upTo: log.size)
  }

  /// What both stores have of a log must be the same.
  private func checkHistory(_ log: LedgerLog, _ from: Int64, _ to: Int64, _ size: Int) throws {
    let common = min(size, log.size)
    guard try other.root(from, common, source) != store.root(to, common, target) else { return }
    func entry(_ log: Int64, _ position: Int, _ database: Database) throws -> (leaf: SHA256Digest, name: String) {
      let row = try Row.fetchOne(
        database, sql: "SELECT kind, id FROM entries WHERE log = ? AND position = ?", arguments: [log, position])
      let name = try row.map { "\(try StoreSchema.text($0, "kind")) \(try StoreSchema.text($0, "id"))" } ?? "none"
      return (try TreeNodes.node(log, 0, position, database), name)
    }
    for position in 0..<common {
      let (there, here) = (try entry(from, position, source), try entry(to, position, target))
      guard there.leaf == here.leaf else {
        throw EvidenceError(
          .mergeConflict,
          "the log '\(log.origin)' has two histories: its entry \(position) is \(here.name) in \(store.url.path) and "
            + "\(there.name) in \(other.url.path). Nothing was merged. Copies of one store that both went on cannot be "
            + "brought together: keep both, and begin a store of its own for each team")
      }
    }
  }

  private func addLog(_ origin: String) throws -> Int64 {
    try target.execute(sql: "INSERT INTO logs (origin) VALUES (?)", arguments: [origin])
    return target.lastInsertedRowID
  }

  private func copy(_ from: Int64, _ to: Int64, from first: Int, to size: Int) throws -> Int {
    var runs = 0
    let rows = try Row.fetchCursor(
      source, sql: "\(StoredEntry.columns) WHERE e.log = ? AND e.position >= ? AND e.position < ? ORDER BY e.position",
      arguments: [from, first, size])
    while let row = try rows.next() {
      let entry = try StoredEntry(row: row)
      if let existing = try Row.fetchOne(target, sql: "\(StoredEntry.columns) WHERE e.id = ?", arguments: [entry.id]) {
        let same = try StoredEntry(row: existing).sha256 == entry.sha256
        throw EvidenceError(
          .mergeConflict,
          "the \(entry.kind) \(entry.id) is in both stores, \(same ? "in two logs" : "with different content"): "
            + "\(store.url.path) and \(other.url.path). Nothing was merged. "
            + "An identifier is given once; find out which store has the original")
      }
      try EntryWriter.append(
        NewEntry(
          kind: entry.kind, id: entry.id, subject: entry.subject, sha256: entry.sha256, document: entry.document,
          index: try entry.known()), to: to, target)
      if entry.kind == RunRecord.kind { runs += 1 }
    }
    return runs
  }

  private func copyCheckpoints(_ from: Int64, _ to: Int64, upTo size: Int) throws -> Int {
    var count = 0
    for checkpoint in try Store.checkpoints(source, log: from) where checkpoint.size <= size {
      try target.execute(
        sql: """
          INSERT INTO checkpoints (log, size, note, key) SELECT ?1, ?2, ?3, ?4
          WHERE NOT EXISTS (SELECT 1 FROM checkpoints WHERE log = ?1 AND size = ?2 AND key = ?4)
          """, arguments: [to, checkpoint.size, checkpoint.note, checkpoint.key])
      count += target.changesCount
    }
    return count
  }
}

extension StoredEntry {
  /// The document, if it is of a kind that this program knows.
  func known() throws -> (any LedgerDocument)? {
    func read<Document: LedgerDocument>(_ type: Document.Type) throws -> any LedgerDocument { try decoded(as: type) }
    return try documentType.map { try read($0) }
  }
}
