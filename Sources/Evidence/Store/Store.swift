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
  let access: StoreAccess

  private init(
    url: URL, mode: Mode, access: StoreAccess, problemsBeforeMigration: [StoreProblem]? = nil
  ) {
    self.url = url
    self.mode = mode
    self.access = access
    self.problemsBeforeMigration = problemsBeforeMigration
  }

  /// The connection.
  var database: DatabaseQueue { get throws { try access.database } }

  /// What is wrong with the protections of a store, and with its file as SQLite has it.
  static func fileProblems(_ database: Database, _ url: URL) throws -> [StoreProblem] {
    try StoreSchema.judge(database, url).problems.map { StoreProblem(.protections, $0) }
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
    TemporaryFile.removeLeftovers(of: url)
    if !file.exists {
      guard mode == .create else {
        throw EvidenceError(
          .storeNotFound,
          "\(url.path): there is no evidence store here yet; 'vitrine analyze' makes it with the first run")
      }
      try file.create()
    }
    return try mapping(url) {
      let access = try StoreAccess(file, isReading: mode == .readOnly)
      guard mode == .readOnly else {
        try access.close()
        return Store(url: url, mode: mode, access: access)
      }
      // Reading changes no file: a store of an older schema is read through a migrated copy in memory.
      guard access.judgement.tables < StoreSchema.version else { return Store(url: url, mode: mode, access: access) }
      let problems = try access.reading { try fileProblems($0, url) }
      let copy = try DatabaseQueue()
      try access.database.backup(to: copy)
      try access.close()
      try StoreSchema.migrator.migrate(copy)
      return Store(
        url: url, mode: mode, access: try StoreAccess(copy: copy, of: access), problemsBeforeMigration: problems)
    }
  }

  /// Closes the file. A store that is no longer referenced closes by itself.
  /// - Throws: `EvidenceError.storeMoved` if it is not the file at the path any more.
  public func close() throws {
    try Self.mapping(url) { try access.close() }
  }

  // MARK: Access

  /// Reads in one transaction.
  func reading<Value>(_ body: (Database) throws -> Value) throws -> Value {
    do {
      return try Self.mapping(url) { try access.reading(body) }
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
