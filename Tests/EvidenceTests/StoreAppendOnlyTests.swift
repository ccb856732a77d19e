import Foundation
import GRDB
import Testing

@testable import Evidence

/// A column of an evidence table with another value that its type and checks would allow.
struct ColumnChange: Sendable, CustomTestStringConvertible {
  let table: String
  let column: String
  let value: String
  var testDescription: String { "\(table).\(column)" }

  private static let digest = "'\(String(repeating: "0", count: 64))'"
  private static let id = "'017f22e2-79b0-7cc3-98c4-dc0c0c07398f'"

  private static func table(_ table: String, _ columns: [(String, String)]) -> [ColumnChange] {
    columns.map { ColumnChange(table: table, column: $0.0, value: $0.1) }
  }

  static let all =
    table("logs", [("log", "9"), ("origin", "'vitrine/another'")])
    + table(
      "entries",
      [
        ("sequence", "99"), ("log", "3"), ("position", "99"), ("kind", "'waiver'"), ("id", id), ("subject", id),
        ("sha256", digest), ("document", "CAST('{}' AS BLOB)"),
      ])
    + table("nodes", [("log", "7"), ("level", "60"), ("place", "99"), ("hash", "zeroblob(32)")])
    + table(
      "runs",
      [
        ("sequence", "99"), ("id", id), ("sha256", digest), ("kind", "'another'"), ("status", "'failed'"),
        ("started", "'2020-01-01T00:00:00.000Z'"), ("ended", "'2030-01-01T00:00:00.000Z'"), ("system", "'other'"),
        ("model_version", "'9.9'"), ("behaviour", "'other'"), ("methods", "'another'"), ("model_sha256", digest),
        ("program_version", "'9.9'"),
      ])
    + table(
      "signatures",
      [
        ("sequence", "99"), ("run", id), ("name", "'Another Person'"), ("meaning", "'approved'"),
        ("date", "'2020-01-01T00:00:00.000Z'"),
      ])
    + table(
      "checkpoints",
      [
        ("sequence", "99"), ("log", "9"), ("size", "2"), ("note", "replace(note, char(10), ' ')"),
        ("key", "key || 'A'"),
      ])
}

@Suite("The store only grows")
struct StoreAppendOnlyTests {
  /// Every row of every evidence table.
  private func dump(_ database: DatabaseQueue) throws -> [[Row]] {
    try database.read { database in
      try StoreSchema.tables.map { try Row.fetchAll(database, sql: "SELECT * FROM \($0)") }
    }
  }

  private func refused(_ database: DatabaseQueue, _ sql: String, because reason: String) throws {
    let before = try dump(database)
    let error = #expect(throws: DatabaseError.self, "\(sql)") { try database.write { try $0.execute(sql: sql) } }
    #expect(error?.message?.contains(reason) == true, "\(sql): \(error?.message ?? "")")
    #expect(try dump(database) == before, "\(sql)")
  }

  @Test("the test knows every table and every column, and every table is strict")
  func columns() throws {
    let scratch = try Scratch()
    try scratch.fill(1)
    try scratch.raw().read { database in
      let tables = try String.fetchAll(
        database,
        sql: """
          SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main'
          AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'search%' AND name <> 'grdb_migrations'
          """)
      #expect(Set(tables) == Set(StoreSchema.tables))
      for table in tables {
        let columns = try database.columns(in: table).map(\.name)
        #expect(Set(columns) == Set(ColumnChange.all.filter { $0.table == table }.map(\.column)), "\(table)")
        let strict = try Int.fetchOne(
          database, sql: "SELECT strict FROM pragma_table_list WHERE name = ?", arguments: [table])
        #expect(strict == 1, "\(table)")
      }
    }
  }

  @Test("no column of any row can be changed by hand", arguments: ColumnChange.all)
  func update(change: ColumnChange) throws {
    let scratch = try Scratch()
    try scratch.fillWithEverything()
    let database = try scratch.raw()
    for verb in ["UPDATE", "UPDATE OR IGNORE", "UPDATE OR REPLACE"] {
      try refused(
        database, "\(verb) \(change.table) SET \(change.column) = \(change.value)", because: "cannot be changed")
    }
    try refused(
      database, "UPDATE \(change.table) SET \(change.column) = \(change.column)", because: "cannot be changed")
  }

  @Test(
    "no row can be deleted or replaced, whatever the connection has set", arguments: StoreSchema.tables, [false, true])
  func deleteAndReplace(table: String, recursiveTriggers: Bool) throws {
    let scratch = try Scratch()
    try scratch.fillWithEverything()
    let database = try scratch.raw()
    try database.write { try $0.execute(sql: "PRAGMA recursive_triggers = \(recursiveTriggers)") }
    try refused(database, "DELETE FROM \(table)", because: "cannot be deleted")
    let columns = ColumnChange.all.filter { $0.table == table }
    let names = columns.map(\.column).joined(separator: ", ")
    for verb in ["REPLACE", "INSERT OR REPLACE", "INSERT", "INSERT OR IGNORE", "INSERT OR ROLLBACK"] {
      try refused(
        database, "\(verb) INTO \(table) (\(names)) SELECT \(names) FROM \(table)", because: "cannot be replaced")
      // With every other column forged and only the key the same.
      for key in columns where ["id", "origin"].contains(key.column) {
        let values = columns.map { $0.column == key.column ? $0.column : $0.value }.joined(separator: ", ")
        try refused(
          database, "\(verb) INTO \(table) (\(names)) SELECT \(values) FROM \(table)", because: "cannot be replaced")
      }
    }
  }

  @Test("an entry, log or checkpoint cannot be put before, far after or outside the others")
  func gaps() throws {
    let scratch = try Scratch()
    try scratch.fillWithEverything()
    let database = try scratch.raw()
    let id = "'017f22e2-79b0-7cc3-98c4-dc0c0c07398f'"
    func entry(_ sequence: String, _ log: String, _ position: String) -> String {
      "INSERT INTO entries (sequence, log, position, kind, id, sha256, document) SELECT \(sequence), \(log), \(position), "
        + "kind, \(id), sha256, document FROM entries WHERE sequence = 1"
    }
    for sequence in ["100", "9223372036854775807"] {
      try refused(database, entry(sequence, "1", "8"), because: "numbered without gaps")
    }
    for position in ["50", "9223372036854775807"] {
      try refused(database, entry("NULL", "1", position), because: "numbered without gaps")
    }
    for (sequence, position) in [("0", "8"), ("-5", "8"), ("NULL", "-1")] {
      try refused(database, entry(sequence, "1", position), because: "CHECK")
    }
    try refused(database, "INSERT INTO logs VALUES (9, 'vitrine/another')", because: "numbered without gaps")
    try refused(
      database, "INSERT INTO checkpoints SELECT 40, log, 1, note, key FROM checkpoints WHERE sequence = 1",
      because: "numbered without gaps")
  }

  @Test(
    "values that no record has are refused by the tables themselves",
    arguments: [
      ("runs", "sha256", "'abc'"), ("runs", "sha256", "upper(sha256)"), ("runs", "status", "'done'"),
      ("runs", "started", "'yesterday'"), ("runs", "ended", "''"), ("runs", "id", "'1'"), ("runs", "system", "NULL"),
      ("runs", "model_sha256", "''"), ("runs", "kind", "''"), ("runs", "system", "x'00'"),
      ("entries", "document", "CAST('{' AS BLOB)"), ("entries", "document", "'{}'"), ("entries", "document", "NULL"),
      ("entries", "sha256", "'abc'"), ("entries", "id", "'1'"), ("entries", "kind", "''"),
      ("nodes", "hash", "x'00'"), ("nodes", "level", "-1"), ("nodes", "hash", "NULL"), ("checkpoints", "size", "0"),
      ("checkpoints", "note", "''"), ("signatures", "date", "'today'"), ("signatures", "name", "NULL"),
    ])
  func checks(table: String, column: String, value: String) throws {
    let scratch = try Scratch()
    try scratch.fillWithEverything()
    let database = try scratch.raw()
    var values = Dictionary(
      uniqueKeysWithValues: ColumnChange.all.filter { $0.table == table }.map { ($0.column, $0.column) })
    for (key, other) in [
      ("sequence", "NULL"), ("id", "'017f22e2-79b0-7cc3-98c4-dc0c0c07398f'"), ("place", "99"), ("position", "99"),
      ("size", "77"),
    ] where values[key] != nil { values[key] = other }
    values[column] = value
    let columns = values.keys.sorted()
    let list = columns.compactMap { values[$0] }.joined(separator: ", ")
    let error = #expect(throws: DatabaseError.self) {
      try database.write {
        try $0.execute(
          sql: "INSERT INTO \(table) (\(columns.joined(separator: ", "))) SELECT \(list) FROM \(table) LIMIT 1")
      }
    }
    #expect(error?.resultCode == .SQLITE_CONSTRAINT)
    #expect(error?.message?.hasPrefix("Vitrine") == false, "\(error?.message ?? "")")
  }
}
