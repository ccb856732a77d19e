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

  /// One table, index or trigger with the statement that makes it.
  struct Part: Hashable {
    let type: String
    let name: String
    let sql: String
  }

  /// What is missing, altered or added in the protections of a store, in words; empty if they are in place.
  /// - Parameter version: the version of the store's schema.
  static func problems(_ database: Database, version: Int = version) throws -> [String] {
    let actual = try parts(database)
    let expected = try DatabaseQueue().write { fresh in
      try fresh.execute(sql: version == 1 ? schema1 : schema2)
      return try parts(fresh)
    }
    let missing = expected.subtracting(actual).map { part in
      actual.contains { $0.name == part.name }
        ? "the \(part.type) '\(part.name)' was altered" : "the \(part.type) '\(part.name)' is gone"
    }
    let names = Set(expected.map(\.name))
    let added = actual.filter { $0.type == "trigger" && !names.contains($0.name) }.map {
      "the trigger '\($0.name)' was added"
    }
    return (missing + added).sorted()
  }

  private static func parts(_ database: Database) throws -> Set<Part> {
    let rows = try Row.fetchAll(database, sql: "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return Set(
      rows.map { row in
        Part(type: text(row[0]) ?? "", name: text(row[1]) ?? "", sql: text(row[2]) ?? "")
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
