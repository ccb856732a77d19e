import Foundation
import GRDB
import Testing

@testable import Evidence

@Suite("Stores of earlier schemas")
struct MigrationTests {
  /// The runs of `Golden/schema-1.sqlite` with the digests that its program stored.
  static let runs = [
    ("01a21189-80b5-73ac-ac86-809862ee91c5", "205d43de868c5ad2ec3f9ad15a8641a2675314d6d425ef642b07e4362cb7a1c2"),
    ("01a21189-80c2-7692-9f2c-acf033f6220e", "83689cb415d0a1cc16a9f7a0ce4d2f71cfd9d580b7d74a38529dcc9262b1b258"),
    ("01a21189-8132-7019-887f-da5d1c2bb3c4", "025a26e875a6adfb7aa28798f1f761911081ffe724dba7e973bd82be12a8b31a"),
  ]

  /// The record of a run after those of the old store.
  private func later(_ record: RunRecord) -> RunRecord {
    var record = record
    (record.started, record.ended) = ("2026-11-26T09:41:07.250Z", "2026-11-26T09:41:08.001Z")
    return record
  }

  private func old() throws -> Scratch {
    let scratch = try Scratch()
    try FileManager.default.copyItem(
      at: Golden.repository.appendingPathComponent("Tests/EvidenceTests/Golden/schema-1.sqlite"), to: scratch.storeFile)
    return scratch
  }

  @Test("a store of schema 1 keeps its runs: they become leaves of a new log in their order, byte for byte")
  func migrate() throws {
    let scratch = try old()
    let before = try scratch.raw().read { try Data.fetchAll($0, sql: "SELECT document FROM runs ORDER BY sequence") }
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    #expect(try store.allRuns().map(\.record.id) == Self.runs.map(\.0))
    #expect(try store.allRuns().map(\.sha256) == Self.runs.map(\.1))
    let entries = try store.entries(kind: "run")
    #expect(entries.map(\.document) == before)
    #expect(entries.map(\.position) == [1, 2, 3])
    #expect(try store.verifyAll().isIntact)
    let start = try #require(try store.entries(kind: "log").first).decoded(as: LogStart.self)
    #expect(start.note?.contains("3 runs of a store of schema 1") == true)
    var maker = RandomRecord(seed: 60)
    try store.append(later(maker.next()))
    try store.close()
    let (verification, _) = try scratch.verification()
    #expect(verification.isIntact && verification.runs.count == 4)
    #expect(try scratch.raw().read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 2)
  }

  @Test("reading a store of schema 1 shows its runs and changes no byte of the file")
  func reading() throws {
    let scratch = try old()
    let before = try Data(contentsOf: scratch.storeFile)
    let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
    #expect(store.isMigratedCopy)
    #expect(try store.runs().map(\.id) == Self.runs.map(\.0))
    #expect(try store.run(id: "ee91c5").sha256 == Self.runs[0].1)
    #expect(try store.runs(matching: RunFilter(search: "given object")).map(\.id) == [Self.runs[0].0])
    #expect(try store.verifyAll().isIntact)
    try store.close()
    #expect(try Data(contentsOf: scratch.storeFile) == before)
    #expect(try scratch.names() == ["evidence.sqlite"])
  }

  @Test("what was damaged before the migration is found after it")
  func damaged() throws {
    let scratch = try old()
    let database = try scratch.raw()
    try database.writeWithoutTransaction { database in
      let trigger = try String.fetchOne(
        database, sql: "SELECT sql FROM sqlite_master WHERE name = 'runs_refuse_update'")
      try database.execute(sql: "DROP TRIGGER runs_refuse_update")
      try database.execute(sql: "PRAGMA ignore_check_constraints = ON")
      try database.execute(sql: "UPDATE runs SET document = CAST('{' AS BLOB) WHERE sequence = 2")
      try database.execute(sql: "UPDATE runs SET sha256 = '\(String(repeating: "0", count: 64))' WHERE sequence = 3")
      try database.execute(sql: trigger ?? "")
    }
    try database.close()
    try Store.open(at: scratch.storeFile, mode: .readWrite).close()
    let (verification, _) = try scratch.verification()
    #expect(verification.runs.map { $0.problems.contains { $0.code == .digest } } == [false, true, true])
  }

  @Test("a store of schema 1 without its protections is refused for writing and left as it is")
  func unprotected() throws {
    let scratch = try old()
    try scratch.raw().write { try $0.execute(sql: "DROP TRIGGER runs_refuse_delete") }
    let error = #expect(throws: EvidenceError.self) { try Store.open(at: scratch.storeFile, mode: .readWrite) }
    #expect(error?.code == .damagedStore)
    #expect(try scratch.raw().read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 1)
    #expect(try scratch.verification().0.problems.map(\.detail) == ["the trigger 'runs_refuse_delete' is gone"])
  }

  @Test("several processes that open an old store at once migrate it once")
  func concurrent() throws {
    let scratch = try old()
    let file = scratch.storeFile
    DispatchQueue.concurrentPerform(iterations: 4) { writer in
      do {
        var maker = RandomRecord(seed: UInt64(70 + writer))
        let store = try Store.open(at: file, mode: .readWrite)
        try store.append(later(maker.next()))
        try store.close()
      } catch {
        Issue.record(error)
      }
    }
    let (verification, _) = try scratch.verification()
    #expect(verification.isIntact && verification.runs.count == 7 && verification.logs.count == 1)
  }
}
