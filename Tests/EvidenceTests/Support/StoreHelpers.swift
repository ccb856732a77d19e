import Evidence
import Foundation
import GRDB

extension Scratch {
  /// The store of this folder.
  var storeFile: URL { self("evidence.sqlite") }

  /// Makes a store with some records and closes it.
  /// - Returns: the records as stored.
  @discardableResult
  func fill(_ count: Int, seed: UInt64 = 1) throws -> [StoredRun] {
    var maker = RandomRecord(seed: seed)
    let store = try Store.open(at: storeFile, mode: .create)
    let runs = try (0..<count).map { index in
      try store.append(maker.next(kind: index % 2 == 0 ? .analysis : .evaluation, status: .finished))
    }
    try store.close()
    return runs
  }

  /// Opens the file as any other program would: SQLite's defaults, no knowledge of Vitrine.
  func raw(_ name: String = "evidence.sqlite") throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    return try DatabaseQueue(path: self(name).path, configuration: configuration)
  }

  /// What a store without protections looks like to its attacker.
  func tamper(_ change: (Database) throws -> Void) throws {
    let database = try raw()
    try database.writeWithoutTransaction { database in
      let triggers = try Row.fetchAll(database, sql: "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
      for trigger in triggers { try database.execute(sql: "DROP TRIGGER \(trigger["name"] as String)") }
      try database.execute(sql: "PRAGMA ignore_check_constraints = ON")
      try change(database)
      for trigger in triggers { try database.execute(sql: trigger["sql"] as String) }
    }
    try database.close()
  }
}
