import Foundation
import GRDB

/// The tables of the evidence store, and how each version of them follows from the one before.
///
/// `entries` holds every document; each is a leaf of the Merkle tree of one of the `logs`. Log 1 is the store's own; the
/// others came by merging. All other columns repeat or follow from the documents: `nodes` are the hashes of the trees,
/// `runs` and `signatures` an index so that SQLite can find rows, and `Store.verifyAll` compares them all. `checkpoints`
/// holds signed notes. `search` is the full-text index, which can be made anew and proves nothing.
///
/// Rows are only ever added:
/// - *Rule*: triggers refuse UPDATE and DELETE. *Why*: a record is evidence.
/// - *Rule*: a trigger before INSERT refuses a key that exists. *Why*: `INSERT OR REPLACE` deletes the row in its way, and
///   SQLite fires no DELETE trigger for that unless the connection has switched `recursive_triggers` on.
/// - *Rule*: a trigger after INSERT lets numbers grow by one only. *Why*: a gap then shows that a row is gone.
///
/// Whoever can write the file can take the triggers off; what that does to the rows is what `Store.verifyAll` finds.
enum StoreSchema {
  /// "VITR" in SQLite's header, which tells a Vitrine store from other SQLite files.
  static let applicationID: Int32 = 0x5649_5452

  /// The version of the schema that this program writes, `PRAGMA user_version`.
  static let version = 2

  /// The number of the store's own log.
  static let ownLog: Int64 = 1

  /// The steps from an empty file to `version`. A step that was released never changes.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("schema-1") { database in
      try database.execute(sql: schema1)
      try database.execute(sql: "PRAGMA application_id = \(applicationID)")
      try database.execute(sql: "PRAGMA user_version = 1")
    }
    migrator.registerMigration("schema-2") { database in
      try LedgerMigration.run(database)
      try database.execute(sql: "PRAGMA user_version = 2")
    }
    return migrator
  }

  /// The tables whose rows are evidence or are compared with it.
  static let tables = ["logs", "entries", "nodes", "runs", "signatures", "checkpoints"]

  /// One table, index, view or trigger with the statement that makes it.
  struct Part: Hashable {
    let type: String
    let name: String
    let table: String
    let sql: String
  }

  /// What a file's tables are, and what is wrong with them.
  struct Judgement: Sendable {
    /// The schema that the tables are of.
    var tables: Int
    /// What is missing, altered or added, in words; empty if everything is in its place.
    var problems: [String]
    /// Whether the full-text index is gone and nothing else is wrong: it can be made anew ('vitrine store reindex').
    var lacksOnlySearch = false
  }

  /// Judges a file by its tables, whatever it says of itself: `user_version` is one of the things that are compared.
  /// - Throws: `EvidenceError.newerSchema` if a newer program made it.
  static func judge(_ database: Database, _ url: URL) throws -> Judgement {
    let actual = try parts(database)
    let names = Set(actual.map { $0.name.lowercased() })
    let isLedger = !names.isDisjoint(with: ["logs", "entries", "nodes", "checkpoints", "signatures", "search"])
    let tables = isLedger || !names.contains("runs") ? version : 1
    let declared = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    let expected = try (tables == 1 ? schemaOne : schemaTwo).get()
    guard declared <= version || actual == expected else {
      throw EvidenceError(
        .newerSchema,
        "\(url.path): this store has schema \(declared), written by a newer vitrine; this program knows schema "
          + "\(version). Use the newer vitrine")
    }
    var problems = differences(actual, expected)
    let lost = expected.subtracting(actual)
    let lacksOnlySearch =
      !lost.isEmpty && actual.isSubset(of: expected) && lost.allSatisfy { $0.table.hasPrefix("search") }
      && !names.contains("search")
    if declared != tables {
      problems.append("the schema's number (user_version) is \(declared), but the tables are those of schema \(tables)")
    }
    for (pragma, value) in [("application_id", String(applicationID)), ("encoding", "UTF-8")] {
      let found = try DatabaseValue.fetchOne(database, sql: "PRAGMA \(pragma)")
      let text = found.flatMap { Int.fromDatabaseValue($0).map(String.init) ?? String.fromDatabaseValue($0) } ?? "gone"
      if text != value { problems.append("\(pragma) is \(text), not \(value)") }
    }
    if names.contains("grdb_migrations") {
      let steps = try Row.fetchAll(database, sql: "SELECT CAST(identifier AS TEXT) AS step FROM grdb_migrations")
        .map { text($0["step"]) ?? "" }.sorted()
      let all = (1...tables).map { "schema-\($0)" }
      if steps != all {
        problems.append(
          "the list of migrations is '\(steps.joined(separator: ", "))', not '\(all.joined(separator: ", "))'")
      }
    }
    return Judgement(
      tables: tables, problems: problems, lacksOnlySearch: lacksOnlySearch && problems.count == lost.count)
  }

  private static func differences(_ actual: Set<Part>, _ expected: Set<Part>) -> [String] {
    let missing = expected.subtracting(actual).map { part in
      actual.contains { $0.name == part.name }
        ? "the \(part.type) '\(part.name)' was altered" : "the \(part.type) '\(part.name)' is gone"
    }
    let names = Set(expected.map(\.name))
    let added = actual.filter { !names.contains($0.name) }.map { "the \($0.type) '\($0.name)' was added" }
    // A second part of a name that is rightly there.
    let doubled = actual.subtracting(expected).filter { part in
      names.contains(part.name) && expected.contains { $0.name == part.name && actual.contains($0) }
    }.map { "a second \($0.type) '\($0.name)' was added" }
    return (missing + added + doubled).sorted()
  }

  /// What the migrations make, found by making it.
  private static let schemaOne = Result { try made(upTo: "schema-1") }
  private static let schemaTwo = Result { try made(upTo: "schema-2") }

  private static func made(upTo step: String) throws -> Set<Part> {
    let fresh = try DatabaseQueue()
    try migrator.migrate(fresh, upTo: step)
    return try fresh.read(parts)
  }

  private static func parts(_ database: Database) throws -> Set<Part> {
    let rows = try Row.fetchAll(database, sql: "SELECT type, name, tbl_name, sql FROM sqlite_master")
    return Set(
      rows.map { row in
        Part(type: text(row[0]) ?? "", name: text(row[1]) ?? "", table: text(row[2]) ?? "", sql: text(row[3]) ?? "")
      })
  }

  /// A text column's value; nil if a damaged file holds something else there.
  static func text(_ value: DatabaseValue) -> String? { String.fromDatabaseValue(value) }

  /// The same where the value must be there.
  /// - Throws: `EvidenceError.damagedStore`.
  static func text(_ row: Row, _ column: String) throws -> String {
    guard let text = text(row[column]) else { throw damaged(column) }
    return text
  }

  /// A number that must be there.
  /// - Throws: `EvidenceError.damagedStore`.
  static func integer(_ row: Row, _ column: String) throws -> Int {
    guard let number = Int.fromDatabaseValue(row[column]) else { throw damaged(column) }
    return number
  }

  private static func damaged(_ column: String) -> EvidenceError {
    EvidenceError(
      .damagedStore,
      "the store is damaged: a column '\(column)' holds what it never should. 'vitrine runs verify' says more; restore "
        + "the store from a backup")
  }
}
