import GRDB

/// The tables of the evidence store, and how each version of them follows from the one before.
///
/// A run's document is its canonical JSON; all other columns but `sequence` repeat values of the document so that SQLite
/// can find rows, and `Store.verify` compares them. Rows are only ever added:
/// - *Rule*: triggers refuse UPDATE and DELETE. *Why*: a run record is evidence.
/// - *Rule*: a trigger before INSERT refuses an `id` or `sequence` that exists. *Why*: `INSERT OR REPLACE` deletes the row
///   in its way, and SQLite fires no DELETE trigger for that unless the connection has switched `recursive_triggers` on.
/// - *Rule*: a trigger after INSERT lets `sequence` grow by one only. *Why*: a gap then shows that a row is gone.
///
/// Whoever can write the file can take the triggers off; what that does to the rows is what `Store.verify` finds.
enum StoreSchema {
  /// "VITR" in SQLite's header, which tells a Vitrine store from other SQLite files.
  static let applicationID: Int32 = 0x5649_5452

  /// The version of the schema that this program writes, `PRAGMA user_version`.
  static let version = 1

  /// The index columns whose values stand in the document as texts, with their places there.
  static let indexColumns: [(column: String, path: [String])] = [
    ("id", ["id"]), ("kind", ["kind"]), ("status", ["status"]), ("started", ["started"]), ("ended", ["ended"]),
    ("system", ["system"]), ("model_version", ["model_version"]), ("behaviour", ["behaviour"]),
    ("model_sha256", ["model", "root_sha256"]), ("program_version", ["program", "version"]),
  ]

  /// The steps from an empty file to `version`. A step that was released never changes.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("schema-1") { database in
      try database.execute(sql: schema1)
      try database.execute(sql: "PRAGMA application_id = \(applicationID)")
      try database.execute(sql: "PRAGMA user_version = 1")
    }
    return migrator
  }

  private static let schema1 = """
    CREATE TABLE runs (
      sequence INTEGER PRIMARY KEY CHECK (sequence >= 1),
      id TEXT NOT NULL UNIQUE CHECK (length(id) = 36 AND id NOT GLOB '*[^-0-9a-f]*'),
      sha256 TEXT NOT NULL CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
      kind TEXT NOT NULL CHECK (kind <> ''),
      status TEXT NOT NULL CHECK (status IN ('finished', 'refused', 'failed')),
      started TEXT NOT NULL CHECK (started GLOB '????-??-??T??:??:??.???Z'),
      ended TEXT NOT NULL CHECK (ended GLOB '????-??-??T??:??:??.???Z'),
      system TEXT NOT NULL,
      model_version TEXT NOT NULL,
      behaviour TEXT,
      model_sha256 TEXT NOT NULL CHECK (length(model_sha256) = 64 AND model_sha256 NOT GLOB '*[^0-9a-f]*'),
      program_version TEXT NOT NULL,
      document BLOB NOT NULL CHECK (json_valid(CAST(document AS TEXT)))
    ) STRICT;

    CREATE INDEX runs_by_version ON runs (model_version, behaviour, kind);

    CREATE TRIGGER runs_refuse_update BEFORE UPDATE ON runs BEGIN
      SELECT RAISE(ABORT, 'Vitrine evidence store: a run record is evidence and cannot be changed; run it again instead');
    END;

    CREATE TRIGGER runs_refuse_delete BEFORE DELETE ON runs BEGIN
      SELECT RAISE(ABORT, 'Vitrine evidence store: a run record is evidence and cannot be deleted');
    END;

    CREATE TRIGGER runs_refuse_replace BEFORE INSERT ON runs
    WHEN EXISTS (SELECT 1 FROM runs WHERE id = NEW.id OR sequence = NEW.sequence) BEGIN
      SELECT RAISE(ABORT, 'Vitrine evidence store: a run with this id or sequence exists and cannot be replaced');
    END;

    CREATE TRIGGER runs_in_sequence AFTER INSERT ON runs
    WHEN NEW.sequence > 1 AND NOT EXISTS (SELECT 1 FROM runs WHERE sequence = NEW.sequence - 1) BEGIN
      SELECT RAISE(ABORT, 'Vitrine evidence store: runs are numbered without gaps; leave the sequence to the store');
    END;
    """

  /// One table, index or trigger with the statement that makes it.
  struct Part: Hashable {
    let type: String
    let name: String
    let sql: String
  }

  /// What is missing, altered or added in the protections of a store, in words; empty if they are in place.
  static func problems(_ database: Database) throws -> [String] {
    let actual = try parts(database)
    let expected = try DatabaseQueue().write { fresh in
      try fresh.execute(sql: schema1)
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
}
