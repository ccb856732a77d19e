import Foundation
import GRDB

/// From schema 1 to schema 2: the store gets a log, and its runs become leaves of it in their order.
enum LedgerMigration {
  /// Runs in the transaction of the migration.
  static func run(_ database: Database) throws {
    try database.execute(
      sql: """
        DROP TRIGGER IF EXISTS runs_refuse_update; DROP TRIGGER IF EXISTS runs_refuse_delete;
        DROP TRIGGER IF EXISTS runs_refuse_replace; DROP TRIGGER IF EXISTS runs_in_sequence;
        DROP INDEX IF EXISTS runs_by_version;
        ALTER TABLE runs RENAME TO runs_of_schema_1;
        """)
    try database.execute(sql: StoreSchema.schema2)
    try SearchIndex.create(database)
    let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM runs_of_schema_1") ?? 0
    let start = LogStart.new(
      note: count == 0 ? nil : "took over the \(count) runs of a store of schema 1, in the order of their numbers")
    try database.execute(
      sql: "INSERT INTO logs (log, origin) VALUES (?, ?)", arguments: [StoreSchema.ownLog, start.origin])
    try EntryWriter.append(NewEntry(start), database)
    // A record that was damaged before is taken over as it is, so that it is found as damaged afterwards too.
    try database.execute(sql: "PRAGMA ignore_check_constraints = ON")
    let rows = try Row.fetchCursor(database, sql: "SELECT id, sha256, document FROM runs_of_schema_1 ORDER BY sequence")
    while let row = try rows.next() {
      try EntryWriter.append(
        NewEntry(
          kind: RunRecord.kind, id: StoreSchema.text(row["id"]) ?? "", subject: nil,
          sha256: StoreSchema.text(row["sha256"]) ?? "", document: Data.fromDatabaseValue(row["document"]) ?? Data(),
          index: readable(Data.fromDatabaseValue(row["document"]) ?? Data())), database)
    }
    try database.execute(sql: "PRAGMA ignore_check_constraints = OFF")
    try database.execute(sql: "DROP TABLE runs_of_schema_1")
  }

  /// The record in a document; nil if it is damaged, which `Store.verifyAll` then reports.
  private static func readable(_ document: Data) -> RunRecord? {
    do { return try RecordCoder.decode(document) } catch { return nil }
  }
}
