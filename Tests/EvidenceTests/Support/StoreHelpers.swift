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

  /// Makes a store with everything that a store can hold: runs, signatures of both forms, a merged log, checkpoints.
  /// - Returns: the runs, and the checkpoints as they were made.
  @discardableResult
  func fillWithEverything() throws -> (runs: [StoredRun], checkpoints: [LogCheckpoint]) {
    let other = try Scratch()
    try other.fill(3, seed: 2)
    let otherStore = try Store.open(at: other.storeFile, mode: .readWrite)
    _ = try otherStore.checkpoint(key: PrivateKey.generate(.ed25519))
    let runs = try fill(4)
    let store = try Store.open(at: storeFile, mode: .readWrite)
    let key = try PrivateKey.generate(.ed25519)
    var checkpoints = [try store.checkpoint(key: key).checkpoint]
    let person = try PrivateKey.generate(.p256)
    let certificate = try Certificate.selfSigned(name: "Ada Example", title: "Tester", key: person)
    let statement = RunSignature.Statement(
      run: runs[0], name: "Ada Example", function: "Tester", meaning: "performed")
    try store.append(RunSignature(statement, certificate: certificate, key: person))
    try store.append(RunSignature(statement, ed25519: PrivateKey.generate(.ed25519)))
    checkpoints.append(try store.checkpoint(key: key).checkpoint)
    _ = try store.merge(otherStore)
    checkpoints.append(try store.checkpoint(key: key).checkpoint)
    try otherStore.close()
    try store.close()
    return (runs, checkpoints)
  }

  /// Opens the file as any other program would: SQLite's defaults, no knowledge of Vitrine.
  func raw(_ name: String = "evidence.sqlite") throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    return try DatabaseQueue(path: self(name).path, configuration: configuration)
  }

  /// Another program in the middle of reading: what is written meanwhile stays in SQLite's log.
  func busyReader() throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let reader = try DatabaseQueue(path: storeFile.path, configuration: configuration)
    try reader.writeWithoutTransaction {
      try $0.execute(sql: "BEGIN")
      _ = try Int.fetchOne($0, sql: "SELECT count(*) FROM entries")
    }
    return reader
  }

  /// What a store without protections looks like to its attacker, who puts the triggers back afterwards.
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

  /// Opens the store for reading and checks it all.
  func verification(against checkpoints: [LogCheckpoint] = []) throws -> (StoreVerification, [[StoreProblem]]) {
    let store = try Store.open(at: storeFile, mode: .readOnly)
    let found = try store.verifyAll(against: checkpoints.map(\.data))
    try store.close()
    return found
  }
}
