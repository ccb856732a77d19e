import Foundation
import GRDB
import Testing

@testable import Evidence

/// A store that somebody has changed with another program, in what holds the records rather than in them.
@Suite("A store's tables and what it says of itself", .enabled(if: !OtherProgram.missing("sqlite3")))
struct StoreTamperingTests {
  /// Changes of a store of this program's schema, as an outsider makes them with `sqlite3`.
  static let changes = [
    "PRAGMA user_version = 0", "PRAGMA user_version = 1", "PRAGMA user_version = 3",
    "PRAGMA user_version = 2147483647", "PRAGMA user_version = -1",
    "DROP TRIGGER nodes_refuse_update", "DROP INDEX runs_by_started",
    "CREATE TRIGGER another AFTER INSERT ON entries BEGIN SELECT 1; END", "CREATE VIEW later AS SELECT * FROM runs",
    "CREATE TABLE later (a)", "CREATE INDEX another ON runs (system)",
    "CREATE INDEX another ON runs (system) WHERE status = 'finished'",
    "ALTER TABLE runs ADD COLUMN more TEXT", "ALTER TABLE signatures RENAME TO autographs",
    "ALTER TABLE runs ADD COLUMN twice TEXT GENERATED ALWAYS AS (id || id) VIRTUAL",
    "DELETE FROM grdb_migrations WHERE identifier = 'schema-2'",
    "UPDATE grdb_migrations SET identifier = 'schema-9' WHERE identifier = 'schema-1'",
    "INSERT INTO grdb_migrations VALUES ('schema-3')", "DROP TABLE grdb_migrations",
    "DROP TABLE checkpoints; CREATE VIEW checkpoints AS SELECT 1 AS sequence, 1 AS log, 1 AS size, 'x' AS note, 'y' AS key",
    "DROP TABLE logs; CREATE VIEW logs AS SELECT 'one' AS log, 'vitrine/x' AS origin",
    "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, ' STRICT', '') WHERE name = 'entries'",
    "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'length(hash) = 32', 'TRUE') WHERE name = 'nodes'",
    "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'cannot be changed', 'may change') "
      + "WHERE name = 'runs_refuse_update'",
    "PRAGMA writable_schema = ON; DELETE FROM sqlite_master WHERE name = 'entries_by_kind'",
    "DROP TABLE search", "ANALYZE",
  ]

  private func changed(_ sql: String) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.fillWithEverything()
    // The outside program: nothing of ours takes part.
    let result = try OtherProgram.shell(
      #"sqlite3 -cmd '.dbconfig defensive off' "$1" "$2""#, scratch.storeFile.path, sql, in: scratch.folder)
    try #require(result.status == 0, "\(sql): \(result)")
    return scratch
  }

  @Test("whatever was changed is found, and no run is added to such a store", arguments: changes)
  func found(sql: String) throws {
    let scratch = try changed(sql)
    let (verification, _) = try scratch.verification()
    #expect(verification.problems.contains { $0.code == .protections }, "\(sql): \(verification.problems)")
    #expect(!verification.isIntact)
    // The index can be made anew; nothing is added without it all the same.
    var maker = RandomRecord(seed: 1)
    let error = #expect(throws: EvidenceError.self) {
      try Store.open(at: scratch.storeFile, mode: .readWrite).append(maker.next())
    }
    #expect(error?.code == .damagedStore, "\(sql): \(error?.message ?? "")")
  }

  @Test("the number of the schema silences nothing: a changed hash is found whatever it says", arguments: [0, 1, 7])
  func numberAndHash(number: Int) throws {
    let scratch = try Scratch()
    try scratch.fillWithEverything()
    try scratch.tamper { try $0.execute(sql: "UPDATE nodes SET hash = zeroblob(32) WHERE level = 0") }
    try scratch.raw().writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = \(number)") }
    let (verification, _) = try scratch.verification()
    #expect(Set(verification.problems.map(\.code)).isSuperset(of: [.protections, .tree]), "\(verification.problems)")
    let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
    #expect(!store.isMigratedCopy)
  }

  @Test("an old store with the number of a new one is found too, and one with another's application number refused")
  func oldStore() throws {
    let scratch = try Scratch()
    let golden = Golden.repository.appendingPathComponent("Tests/EvidenceTests/Golden/schema-1.sqlite")
    try FileManager.default.copyItem(at: golden, to: scratch.storeFile)
    try scratch.raw().writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 2") }
    let (verification, _) = try scratch.verification()
    #expect(verification.problems.map(\.code) == [.protections], "\(verification.problems)")
    try scratch.raw().writeWithoutTransaction { try $0.execute(sql: "PRAGMA application_id = 7") }
    let error = #expect(throws: EvidenceError.self) { try Store.open(at: scratch.storeFile, mode: .readOnly) }
    #expect(error?.code == .notAStore)
  }

  @Test("an application number that is changed in the log alone is found")
  func applicationNumberInLog() throws {
    let scratch = try Scratch()
    try scratch.fill(1)
    let outsider = try scratch.raw()
    try outsider.writeWithoutTransaction { try $0.execute(sql: "PRAGMA application_id = 7") }
    let (verification, _) = try scratch.verification()
    #expect(verification.problems.contains { $0.detail.contains("application_id is 7") }, "\(verification.problems)")
    try outsider.close()
  }

  @Test("what no transaction has committed at the end of the log is nothing; the store is intact")
  func tornLog() throws {
    let scratch = try Scratch()
    let runs = try scratch.fill(2)
    let outsider = try scratch.raw()
    try outsider.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_autocheckpoint = 0; BEGIN; ROLLBACK") }
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: scratch.storeFile.path + "-wal"))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(repeating: 0x5A, count: 5000))
    try handle.close()
    try outsider.close()
    let (verification, _) = try scratch.verification()
    #expect(verification.isIntact && verification.runs.map(\.id) == runs.map(\.record.id), "\(verification.problems)")
  }

  @Test("a store that another program copied out of the mode with a log is read and written")
  func vacuumed() throws {
    let scratch = try Scratch()
    try scratch.fill(2)
    try scratch.raw().writeWithoutTransaction {
      try $0.execute(sql: "VACUUM INTO ?", arguments: [scratch("copy.sqlite").path])
    }
    let copy = try Store.open(at: scratch("copy.sqlite"), mode: .readOnly)
    #expect(try copy.verifyAll().isIntact)
    try copy.close()
    var maker = RandomRecord(seed: 9)
    try Store.open(at: scratch("copy.sqlite"), mode: .readWrite).append(maker.next())
    #expect(try Store.open(at: scratch("copy.sqlite"), mode: .readOnly).verifyAll().runs.count == 3)
  }
}
