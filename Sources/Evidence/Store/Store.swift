import Analysis
public import Foundation
import GRDB

/// The evidence store of a project: every run record, and all that was later said about it, as entries of a log whose
/// Merkle tree binds them in their order. One SQLite file.
///
/// Records are added and never changed or removed. Any number of processes may read and write one store at once; a
/// writer waits up to half a minute for the others. A record that `append` has returned from is on the disk.
public final class Store: Sendable {
  /// What a store is opened for.
  public enum Mode: Sendable {
    /// Only reading. Works on a read-only medium too.
    case readOnly
    /// Adding runs to a store that exists.
    case readWrite
    /// Adding runs to a store that is made if it does not exist.
    case create
  }

  /// The version of the store's tables that this program writes; newer stores are refused, older ones are migrated.
  public static let schemaVersion = StoreSchema.version

  /// The file.
  public let url: URL
  /// What it was opened for.
  public let mode: Mode
  /// Whether the file has an older schema and what is read is a copy of it in memory. Such a store has no log of its own
  /// yet; opening it for writing gives it one.
  public var isMigratedCopy: Bool { problemsBeforeMigration != nil }
  /// What was wrong with the file that a migrated copy was made of; nil if this is none.
  let problemsBeforeMigration: [StoreProblem]?
  let database: DatabaseQueue

  private init(
    url: URL, mode: Mode, database: DatabaseQueue, problemsBeforeMigration: [StoreProblem]? = nil
  ) {
    self.url = url
    self.mode = mode
    self.database = database
    self.problemsBeforeMigration = problemsBeforeMigration
  }

  /// What is wrong with the protections of a store, and with its file as SQLite has it.
  static func fileProblems(_ database: Database, version: Int) throws -> [StoreProblem] {
    try StoreSchema.problems(database, version: version).map { StoreProblem(.protections, $0) }
      + String.fetchAll(database, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
      .map { StoreProblem(.file, "SQLite: \($0)") }
  }

  /// Opens a store.
  /// - Parameters:
  ///   - url: the file, `evidence.sqlite` of a project.
  ///   - mode: what for.
  /// - Throws: `EvidenceError`: `.storeNotFound`, `.notAStore` (the file is left untouched), `.newerSchema`,
  ///   `.damagedStore`, `.readOnly`, `.diskFull`, `.busy`, `.inputOutput`.
  public static func open(at url: URL, mode: Mode) throws -> Store {
    let file = StoreFile(url: url)
    if !file.exists {
      guard mode == .create else {
        throw EvidenceError(
          .storeNotFound,
          "\(url.path): there is no evidence store here yet; 'vitrine analyze' makes it with the first run")
      }
      try file.create()
    }
    try file.recognise()
    return try mapping(url) {
      let database = mode == .readOnly ? try file.openForReading() : try file.openForWriting()
      let store = Store(url: url, mode: mode, database: database)
      let version = try store.checkVersion()
      guard mode == .readOnly else {
        try store.prepareForWriting(version)
        return store
      }
      // Reading changes no file: a store of an older schema is read through a migrated copy in memory.
      guard version < StoreSchema.version else { return store }
      let problems = try database.read { try fileProblems($0, version: version) }
      return Store(url: url, mode: mode, database: try migratedCopy(of: database), problemsBeforeMigration: problems)
    }
  }

  private static func migratedCopy(of database: DatabaseQueue) throws -> DatabaseQueue {
    let copy = try DatabaseQueue()
    try database.backup(to: copy)
    try database.close()
    try StoreSchema.migrator.migrate(copy)
    return copy
  }

  /// Closes the file. A store that is no longer referenced closes by itself.
  public func close() throws {
    try Self.mapping(url) { try database.close() }
  }

  /// - Returns: the version of the file's schema.
  private func checkVersion() throws -> Int {
    let version = try database.read { try Int.fetchOne($0, sql: "PRAGMA user_version") ?? 0 }
    guard version <= StoreSchema.version else {
      throw EvidenceError(
        .newerSchema,
        "\(url.path): this store has schema \(version), written by a newer vitrine; this program knows schema "
          + "\(StoreSchema.version). Use the newer vitrine")
    }
    return version
  }

  private func prepareForWriting(_ version: Int) throws {
    try refuseTampering(version)
    if version < StoreSchema.version {
      do {
        try StoreSchema.migrator.migrate(database)
      } catch let error as DatabaseError {
        // Of two processes that migrate at once the second finds the tables there already.
        guard try checkVersion() == StoreSchema.version else { throw error }
      }
      try refuseTampering(StoreSchema.version)
    }
  }

  private func refuseTampering(_ version: Int) throws {
    let problems = try database.read { try StoreSchema.problems($0, version: version) }
    guard problems.isEmpty else {
      throw EvidenceError(
        .damagedStore,
        "\(url.path): the store's protections were tampered with: \(problems.joined(separator: "; ")). It can still be "
          + "read and verified, but no run is added to it. Restore it from a backup")
    }
  }

  // MARK: Access

  /// Reads in one transaction.
  func reading<Value>(_ body: (Database) throws -> Value) throws -> Value {
    do {
      return try Self.mapping(url) { try database.read(body) }
    } catch let error where !(error is any ReportableError) {
      // GRDB's own error for a value of another type than its column has; it has no public name.
      throw EvidenceError(
        .damagedStore,
        "\(url.path): the store is damaged (\(error)). Restore it from a backup; do not go on with this file")
    }
  }

  /// Passes on what SQLite refuses in words for a person.
  static func mapping<Value>(_ url: URL, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as DatabaseError {
      throw EvidenceError(error, path: url.path)
    }
  }
}
