import Analysis
import Foundation
import GRDB

/// The connection to a store's file.
///
/// A connection that writes is open only while it is used: SQLite keeps a log and an index beside an open file, and a file that
/// is moved to the store's path meanwhile would be taken together with them. Each use opens the file that is at the path, and
/// goes on only if it holds the log that was there before.
///
/// Used by one thread at a time; `@unchecked` because the lock sees to that.
final class StoreAccess: @unchecked Sendable {
  private struct Connection {
    let database: DatabaseQueue
    let place: StorePlace
  }

  private let file: StoreFile
  private let isReading: Bool
  private let lock = NSRecursiveLock()
  private var connection: Connection?
  /// The log as it was when it was used last; nil before the first use, and if its tree is damaged.
  private var head: StoreHead?
  /// The file that was opened last.
  private var lastFile: StorePlace.Identity?
  /// Whether the file was opened before: what is wrong with it then came while it was in use.
  private var wasOpened = false
  /// What is wrong with the tables and what they say of themselves.
  private(set) var judgement: StoreSchema.Judgement

  /// Opens a file.
  /// - Throws: as `Store.open`.
  init(_ file: StoreFile, isReading: Bool) throws {
    self.file = file
    self.isReading = isReading
    judgement = .init(tables: StoreSchema.version, problems: [])
    connection = try open()
    wasOpened = true
  }

  /// A store in memory.
  init(copy database: DatabaseQueue, of access: StoreAccess) throws {
    file = access.file
    isReading = true
    judgement = access.judgement
    memory = database
    wasOpened = true
  }

  private var memory: DatabaseQueue?
  /// Whether a connection had to be left open whose log is another's now: this process cannot open the file again.
  private var isLost = false

  deinit { if let connection { retire(connection) } }

  // MARK: Use

  /// Reads in one transaction.
  /// - Throws: `EvidenceError.storeMoved` if the file is not the one at the path, before or afterwards.
  func reading<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try lock.withLock {
      if let memory { return try memory.read(body) }
      let connection = try current()
      do {
        try connection.place.check()
        let result = try connection.database.read(body)
        if isReading { try connection.place.check() } else { try close() }
        return result
      } catch let error where !(error is EvidenceError) {
        // Trouble because the files went away is told as what it is.
        try connection.place.check()
        throw error
      }
    }
  }

  /// Writes in one transaction: all of it or nothing, and only into the file that is at the path afterwards.
  ///
  /// If the file moved meanwhile the transaction is taken back, and done again if the file that is there now holds the same
  /// log (a copy, or the files were moved away and back). What was committed before the file moved is looked for first: it is
  /// not done twice.
  /// - Throws: `EvidenceError.storeMoved` if it does not.
  func writing<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try lock.withLock {
      var trouble = EvidenceError(.storeMoved, "\(file.url.path): the store moves while it is written")
      var committed: Committed<Value>?
      for _ in 0..<4 {
        do {
          let done = try committed ?? attempt(body)
          committed = done
          guard try isFound(done) else {
            committed = nil
            continue
          }
          return done.result
        } catch let error as EvidenceError where error.code == .storeMoved {
          trouble = error
          if let connection { retire(connection) }
          connection = nil
          if isLost { break }
        }
      }
      throw trouble
    }
  }

  /// A transaction that SQLite says it committed, and the log after it.
  private struct Committed<Value> {
    let result: Value
    let after: StoreHead
  }

  private func attempt<Value>(_ body: (Database) throws -> Value) throws -> Committed<Value> {
    let connection = try current()
    try connection.place.check()
    var result: Value?
    var after: StoreHead?
    do {
      try connection.database.writeWithoutTransaction { database in
        try database.inTransaction(.immediate) {
          try goesOn(database)
          result = try body(database)
          after = try StoreHead(database)
          try connection.place.check()
          return .commit
        }
      }
    } catch let error where !(error is EvidenceError) {
      try connection.place.check()
      throw error
    }
    guard let result, let after else { preconditionFailure("a committed transaction has a result") }
    do {
      try connection.place.check()
      try emptyLog(connection)
      try close()
    } catch let error as EvidenceError where error.code == .storeMoved {
      // It may be whole at the path all the same: only the index was removed, or the files were put back.
      retire(connection)
      self.connection = nil
      if isLost { throw error }
    }
    return Committed(result: result, after: after)
  }

  /// Whether what was committed is found in the file that is at the path now, by a connection that knows nothing of it.
  /// - Throws: `EvidenceError.storeMoved` if there is no such file, or if it moved while it was looked at.
  private func isFound<Value>(_ committed: Committed<Value>) throws -> Bool {
    let again = try open()
    defer { retire(again) }
    guard try tellingMoves({ try again.database.read(committed.after.isBeginning) }) else { return false }
    try again.place.check()
    head = committed.after
    return true
  }

  /// Works off the log, as far as nobody is reading: a log that holds something would be taken for that of any file that is
  /// moved to the store's path.
  private func emptyLog(_ connection: Connection) throws {
    do {
      try connection.database.writeWithoutTransaction { database in
        _ = try Row.fetchAll(database, sql: "PRAGMA busy_timeout = 0")
        _ = try Row.fetchAll(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
      }
    } catch is DatabaseError {
      // It is committed: whether it is there, the next look at the file says.
      return
    }
  }

  /// The log must be the one that was there before, going on from there.
  private func goesOn(_ database: Database) throws {
    guard let head else { return }
    try Self.goesOn(database, from: head, file)
  }

  private static func goesOn(_ database: Database, from head: StoreHead, _ file: StoreFile) throws {
    guard try head.isBeginning(of: database) else {
      throw EvidenceError(
        .storeMoved,
        "\(file.url.path): another store or an older copy was put in the store's place while it was in use: the log "
          + "\(head.origin) with \(head.size) entries is not in it")
    }
  }

  // MARK: Opening and closing

  /// The connection, opened if it is not open.
  var database: DatabaseQueue { get throws { try lock.withLock { try memory ?? current().database } } }

  private func current() throws -> Connection {
    if let connection { return connection }
    let opened = try open(expecting: head)
    connection = opened
    return opened
  }

  /// Opens the file at the path and notes which it is.
  /// - Parameter head: what it must hold.
  private func open(expecting head: StoreHead? = nil) throws -> Connection {
    try tellingMoves { try openOnce(expecting: head) }
  }

  /// Tells what is wrong with a file that was in order when it was opened first as a move of the store.
  private func tellingMoves<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as EvidenceError
      where wasOpened && [.storeNotFound, .notAStore, .newerSchema, .damagedStore].contains(error.code)
    {
      throw EvidenceError(.storeMoved, "the store changed while it was in use: \(error.message)")
    } catch let error as DatabaseError
      where wasOpened && [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR].contains(error.resultCode)
    {
      throw EvidenceError(
        .storeMoved, "the store changed while it was in use: \(EvidenceError(error, path: file.url.path).message)")
    }
  }

  private func openOnce(expecting head: StoreHead?) throws -> Connection {
    try file.recognise()
    let identity = StorePlace.identity(file.url.path)
    if let lastFile, identity != lastFile, file.hasLog {
      throw EvidenceError(
        .storeMoved,
        "\(file.url.path): another store was put in the place of the one that was in use, beside the log of that one "
          + "(\(file.url.path)-wal). Neither was touched: move the log away, with the store that it belongs to, before you use "
          + "the other")
    }
    StoreDescriptors.connectionOpens()
    var opened: DatabaseQueue?
    do {
      let (database, usesLog) = isReading ? try file.openForReading() : try file.openForWriting()
      opened = database
      judgement = try database.read { try StoreSchema.judge($0, file.url) }
      let place = try StorePlace(path: file.url.path, usesLog: usesLog)
      lastFile = StorePlace.identity(file.url.path)
      if !isReading { try prepareForWriting(database) }
      if let head { try database.read { try Self.goesOn($0, from: head, file) } }
      if !isReading, self.head == nil { self.head = try database.read { try Self.headIfWhole($0) } }
      StoreDescriptors.connectionOpened(to: place.file)
      return Connection(database: database, place: place)
    } catch {
      // Nothing was written by it; SQLite leaves what is not in its place alone.
      try? opened?.close()
      StoreDescriptors.connectionFailed()
      throw error
    }
  }

  /// A damaged tree is told when something is to be added to it.
  private static func headIfWhole(_ database: Database) throws -> StoreHead? {
    do {
      return try StoreHead(database)
    } catch let error as EvidenceError where error.code == .damagedStore {
      return nil
    }
  }

  private func prepareForWriting(_ database: DatabaseQueue) throws {
    try refuseTampering()
    guard judgement.tables < StoreSchema.version else { return }
    do {
      try StoreSchema.migrator.migrate(database)
    } catch let error as DatabaseError {
      // Of two processes that migrate at once the second finds the tables there already.
      guard try database.read({ try StoreSchema.judge($0, file.url) }).tables == StoreSchema.version else {
        throw error
      }
    }
    judgement = try database.read { try StoreSchema.judge($0, file.url) }
    try refuseTampering()
  }

  private func refuseTampering() throws {
    guard !judgement.problems.isEmpty, !judgement.lacksOnlySearch else { return }
    throw EvidenceError(
      .damagedStore,
      "\(file.url.path): the store's protections were tampered with: \(judgement.problems.joined(separator: "; ")). It can "
        + "still be read and verified, but no run is added to it. Restore it from a backup")
  }

  /// Closes the file; the next use opens it again.
  /// - Throws: `EvidenceError.storeMoved` if it is not the file at the path; `DatabaseError`.
  func close() throws {
    try lock.withLock {
      guard let connection else { return try memory?.close() ?? () }
      try connection.place.check()
      self.connection = nil
      defer { StoreDescriptors.connectionCloses(to: connection.place.file) }
      try connection.database.close()
    }
  }

  /// Closes a connection whose file may have moved, without touching the files that came in its place.
  ///
  /// SQLite itself neither works off nor removes the log of a file that is not at its path any more. So that the log is not
  /// taken for that of the file that is there now, it is worked off into the file that it belongs to, wherever that is now. A
  /// connection whose log is another's now is left open: closing would remove the other log.
  private func retire(_ connection: Connection) {
    let place = connection.place
    let isInPlace = (try? place.check()) != nil
    if !isInPlace {
      if place.isLogInPlace || place.isLogGone {
        _ = try? connection.database.writeWithoutTransaction {
          try Row.fetchAll($0, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
      }
      if place.isFileInPlace, !place.isLogInPlace, !place.isLogGone {
        isLost = true
        Self.keepOpen(connection.database)
        return
      }
    }
    try? connection.database.close()
    StoreDescriptors.connectionCloses(to: place.file)
  }

  private static let keptLock = NSLock()
  nonisolated(unsafe) private static var kept: [DatabaseQueue] = []
  private static func keepOpen(_ database: DatabaseQueue) { keptLock.withLock { kept.append(database) } }
}
