import Analysis
public import Foundation
import GRDB

/// The evidence store of a project: every run record, in the order in which it was added, in one SQLite file.
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

  /// The version of the store's tables that this program writes; newer stores are refused.
  public static let schemaVersion = StoreSchema.version

  /// The file.
  public let url: URL
  /// What it was opened for.
  public let mode: Mode
  let database: DatabaseQueue

  private init(url: URL, mode: Mode, database: DatabaseQueue) {
    self.url = url
    self.mode = mode
    self.database = database
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
      try store.checkSchema()
      return store
    }
  }

  /// Closes the file. A store that is no longer referenced closes by itself.
  public func close() throws {
    try Self.mapping(url) { try database.close() }
  }

  private func checkSchema() throws {
    let version = try database.read { try Int.fetchOne($0, sql: "PRAGMA user_version") ?? 0 }
    guard version <= StoreSchema.version else {
      throw EvidenceError(
        .newerSchema,
        "\(url.path): this store has schema \(version), written by a newer vitrine; this program knows schema "
          + "\(StoreSchema.version). Use the newer vitrine")
    }
    guard mode != .readOnly else { return }
    try StoreSchema.migrator.migrate(database)
    let problems = try database.read { try StoreSchema.problems($0) }
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
    try Self.mapping(url) { try database.read(body) }
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
