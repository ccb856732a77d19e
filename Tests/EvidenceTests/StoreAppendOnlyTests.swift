import Foundation
import GRDB
import Testing

@testable import Evidence

@Suite("The store only grows")
struct StoreAppendOnlyTests {
  /// Each column with another value that its type and checks would allow.
  static let changes: [(String, String)] = [
    ("sequence", "9"), ("id", "'017f22e2-79b0-7cc3-98c4-dc0c0c07398f'"),
    ("sha256", "'\(String(repeating: "0", count: 64))'"),
    ("kind", "'evaluation'"), ("status", "'failed'"), ("started", "'2020-01-01T00:00:00.000Z'"),
    ("ended", "'2030-01-01T00:00:00.000Z'"), ("system", "'other'"), ("model_version", "'9.9'"),
    ("behaviour", "'other'"),
    ("model_sha256", "'\(String(repeating: "0", count: 64))'"), ("program_version", "'9.9'"),
    ("document", "CAST('{}' AS BLOB)"),
  ]

  /// Every row with all its columns.
  private func dump(_ database: DatabaseQueue) throws -> [Row] {
    try database.read { try Row.fetchAll($0, sql: "SELECT * FROM runs ORDER BY sequence") }
  }

  private func refused(_ database: DatabaseQueue, _ sql: String, because reason: String) throws {
    let before = try dump(database)
    let error = #expect(throws: DatabaseError.self, "\(sql)") { try database.write { try $0.execute(sql: sql) } }
    #expect(error?.message?.contains(reason) == true, "\(sql): \(error?.message ?? "")")
    #expect(try dump(database) == before, "\(sql)")
  }

  @Test("the test knows every column of the table")
  func columns() throws {
    let scratch = try Scratch()
    try scratch.fill(1)
    let columns = try scratch.raw().read { try $0.columns(in: "runs").map(\.name) }
    #expect(Set(columns) == Set(Self.changes.map(\.0)))
  }

  @Test("no column of any row can be changed by hand", arguments: changes)
  func update(column: String, value: String) throws {
    let scratch = try Scratch()
    try scratch.fill(3)
    let database = try scratch.raw()
    for row in 1...3 {
      for verb in ["UPDATE", "UPDATE OR IGNORE", "UPDATE OR REPLACE"] {
        try refused(
          database, "\(verb) runs SET \(column) = \(value) WHERE sequence = \(row)", because: "cannot be changed")
      }
      try refused(
        database, "UPDATE runs SET \(column) = \(column) WHERE sequence = \(row)", because: "cannot be changed")
    }
  }

  @Test("no row can be deleted")
  func delete() throws {
    let scratch = try Scratch()
    try scratch.fill(3)
    let database = try scratch.raw()
    for sql in ["DELETE FROM runs", "DELETE FROM runs WHERE sequence = 2", "DELETE FROM runs WHERE sequence = 3"] {
      try refused(database, sql, because: "cannot be deleted")
    }
  }

  @Test("no row can be replaced, whatever the connection has set", arguments: [false, true])
  func replace(recursiveTriggers: Bool) throws {
    let scratch = try Scratch()
    try scratch.fill(3)
    let database = try scratch.raw()
    try database.write { try $0.execute(sql: "PRAGMA recursive_triggers = \(recursiveTriggers)") }
    let columns = Self.changes.map(\.0)
    func copy(_ replaced: [String: String], from row: Int = 2) -> String {
      let values = columns.map { replaced[$0] ?? $0 }
      return "INTO runs (\(columns.joined(separator: ", "))) SELECT \(values.joined(separator: ", ")) FROM runs "
        + "WHERE sequence = \(row)"
    }
    let other = ["id": "'017f22e2-79b0-7cc3-98c4-dc0c0c07398f'"]
    let cases = [
      copy([:]), copy(["sequence": "NULL"]), copy(["sequence": "4"]), copy(other),
      copy(other.merging(["sequence": "'2'"]) { $1 }),
      copy(other.merging(["sequence": "2.0"]) { $1 }), copy(["system": "'forged'"], from: 3),
      copy(["sequence": "NULL", "system": "'forged'"]),
    ]
    for verb in ["REPLACE", "INSERT OR REPLACE", "INSERT", "INSERT OR IGNORE", "INSERT OR ROLLBACK"] {
      for one in cases { try refused(database, "\(verb) \(one)", because: "cannot be replaced") }
    }
    for target in ["id", "sequence"] {
      try refused(
        database, "INSERT \(copy(["sequence": "2"])) ON CONFLICT (\(target)) DO UPDATE SET system = 'forged'",
        because: "cannot be replaced")
    }
  }

  @Test("a row cannot be put before, far after or outside the others")
  func gaps() throws {
    let scratch = try Scratch()
    try scratch.fill(2)
    let database = try scratch.raw()
    let columns = Self.changes.map(\.0).dropFirst(2).joined(separator: ", ")
    for sequence in ["4", "100", "9223372036854775807"] {
      try refused(
        database,
        "INSERT INTO runs (sequence, id, \(columns)) SELECT \(sequence), '017f22e2-79b0-7cc3-98c4-dc0c0c07398f', \(columns) "
          + "FROM runs WHERE sequence = 1", because: "numbered without gaps")
    }
    for sequence in ["0", "-5"] {
      try refused(
        database,
        "INSERT INTO runs (sequence, id, \(columns)) SELECT \(sequence), '017f22e2-79b0-7cc3-98c4-dc0c0c07398f', \(columns) "
          + "FROM runs WHERE sequence = 1", because: "CHECK")
    }
  }

  @Test(
    "values that no record has are refused by the table itself",
    arguments: [
      ("sha256", "'abc'"), ("sha256", "upper(sha256)"), ("status", "'done'"), ("document", "CAST('{' AS BLOB)"),
      ("document", "'{}'"), ("document", "NULL"), ("started", "'yesterday'"), ("ended", "''"), ("id", "'1'"),
      ("system", "NULL"), ("model_sha256", "''"), ("kind", "''"), ("system", "x'00'"),
    ])
  func checks(column: String, value: String) throws {
    let scratch = try Scratch()
    try scratch.fill(1)
    let database = try scratch.raw()
    var values = Dictionary(uniqueKeysWithValues: Self.changes.map { ($0.0, $0.0) })
    values["sequence"] = "2"
    values["id"] = "'017f22e2-79b0-7cc3-98c4-dc0c0c07398f'"
    values[column] = value
    let columns = values.keys.sorted()
    let list = columns.compactMap { values[$0] }.joined(separator: ", ")
    let error = #expect(throws: DatabaseError.self) {
      try database.write {
        try $0.execute(sql: "INSERT INTO runs (\(columns.joined(separator: ", "))) SELECT \(list) FROM runs")
      }
    }
    #expect(error?.resultCode == .SQLITE_CONSTRAINT)
  }
}
