import Analysis
import Foundation
import GRDB

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The file of a store: how it comes into being, how it is recognised before SQLite touches it, how it is opened.
struct StoreFile {
  let url: URL

  private var path: String { url.path }

  /// Where SQLite keeps what was committed but not yet moved into the file.
  private var logPath: String { path + "-wal" }

  /// Whether something has the store's name, a link that leads nowhere included.
  var exists: Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  // MARK: Recognition

  /// Looks at the file's first 100 bytes, SQLite's header, without opening it as a database: what is not a store stays
  /// untouched.
  /// - Throws: `EvidenceError.notAStore`, `.damagedStore` if it is cut off, `.inputOutput`.
  func recognise() throws {
    try refuseSpecialFiles()
    let (header, size) = try head()
    func word(_ offset: Int) -> Int { header[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
    guard header.count == 100, Array(header[0..<16]) == Array("SQLite format 3\0".utf8) else {
      let what = header.isEmpty ? "the file is empty" : "it is not an SQLite file"
      throw EvidenceError(
        .notAStore, "\(path): not an evidence store: \(what). Name another file, or move this one away")
    }
    guard word(68) == Int(StoreSchema.applicationID) else {
      throw EvidenceError(
        .notAStore,
        "\(path): not an evidence store: an SQLite file of another program. Name another file, or move this one away")
    }
    // The page size 65536 is stored as 1. With a log beside it the file may rightly lag behind its header.
    let page = header[16] == 0 && header[17] == 1 ? 65536 : Int(header[16]) << 8 | Int(header[17])
    let expected = page * word(28)
    guard size >= expected || hasLog else {
      throw EvidenceError(
        .damagedStore,
        "\(path): the store is cut off: \(size) bytes of \(expected). Restore it from a backup; "
          + "do not go on with this file")
    }
  }

  /// Folders, pipes and devices are not opened at all: that may wait for ever.
  private func refuseSpecialFiles() throws {
    for suffix in ["", "-wal", "-shm", "-journal"] {
      var (status, link) = (stat(), stat())
      guard lstat(path + suffix, &link) == 0 else { continue }
      guard stat(path + suffix, &status) == 0 else {
        throw EvidenceError(
          .notAStore, "\(path)\(suffix): not an evidence store: a link that leads nowhere. Mend the link, or remove it")
      }
      guard status.st_mode & S_IFMT == S_IFREG else {
        let name = suffix.isEmpty ? "Name another file" : "Move it away: SQLite keeps a file of its own there"
        throw EvidenceError(.notAStore, "\(path)\(suffix): not an evidence store: not a regular file. \(name)")
      }
    }
  }

  private func head() throws -> (header: [UInt8], size: Int) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure("cannot be opened") }
    defer { StoreDescriptors.retire(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("cannot be read") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw EvidenceError(.notAStore, "\(path): not an evidence store: not a regular file. Name another file")
    }
    var header = [UInt8](repeating: 0, count: 100)
    let count = read(descriptor, &header, header.count)
    guard count >= 0 else { throw failure("cannot be read") }
    return (Array(header.prefix(count)), Int(status.st_size))
  }

  /// Whether there is a log with something in it.
  var hasLog: Bool {
    var status = stat()
    return stat(logPath, &status) == 0 && status.st_size > 0
  }

  // MARK: Creation

  /// Makes an empty store. It is built under a temporary name and linked to its own name when it is complete, so that
  /// no half-made store is ever seen, and of two processes that create at once the first wins and both go on.
  /// - Throws: `EvidenceError.readOnly`, `.diskFull`, `.inputOutput`.
  func create() throws { try UnfinishedWork.whole(createWhole) }

  private func createWhole() throws {
    guard !hasLog else {
      throw EvidenceError(
        .damagedStore,
        "\(path): the store is gone, but its log \(logPath) is still here. Put the store back beside it; or, if you want to "
          + "begin a new one, move the log away")
    }
    let temporary = try TemporaryFile(for: url)
    defer { temporary.remove() }
    do {
      let database = try DatabaseQueue(path: temporary.url.path, configuration: Self.configuration())
      try StoreSchema.migrator.migrate(database)
      try database.writeWithoutTransaction { _ = try String.fetchOne($0, sql: "PRAGMA journal_mode = WAL") }
      try database.close()
    } catch let error as DatabaseError {
      throw EvidenceError(error, path: path)
    }
    guard link(temporary.url.path, path) == 0 || errno == EEXIST else { throw failure("the store cannot be created") }
    try synchroniseFolder()
  }

  private func synchroniseFolder() throws {
    let folder = open(url.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw failure("the store's folder cannot be opened") }
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw failure("the store's folder cannot be written to disk") }
  }

  // MARK: Opening

  /// Opens for reading and writing.
  /// - Throws: `EvidenceError.readOnly` if the file or its folder cannot be written; `DatabaseError`.
  func openForWriting() throws -> (DatabaseQueue, usesLog: Bool) {
    for place in places where !Self.isWritable(place) {
      throw EvidenceError(
        .readOnly,
        "\(path): the store cannot be written: \(place): \(String(cString: strerror(errno))). "
          + "Give yourself the right to write the file and its folder, or copy the store to where you have it")
    }
    let database = try connect("mode=rw", Self.configuration())
    // A copy that another program made may have left this mode.
    let mode = try database.writeWithoutTransaction { try String.fetchOne($0, sql: "PRAGMA journal_mode = WAL") }
    guard mode == "wal" else {
      throw EvidenceError(
        .readOnly, "\(path): the store cannot be set to keep a log (SQLite's WAL) on this file system")
    }
    return (database, true)
  }

  /// Opens for reading.
  ///
  /// SQLite keeps an index beside a store in WAL mode and must be able to write it. Where the folder is read-only and no
  /// log is left, the file is complete by itself and opened as immutable.
  /// - Throws: `EvidenceError.readOnly` if a log is left that cannot be read in a read-only folder; `DatabaseError`.
  func openForReading() throws -> (DatabaseQueue, usesLog: Bool) {
    if places.allSatisfy(Self.isWritable) {
      // With the right to write, SQLite tidies its index and log away on closing. `Store.reading` writes nothing.
      let database = try connect("mode=rw", Self.configuration())
      return (database, try database.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
    }
    do {
      return (try connect("mode=ro", Self.configuration(readOnly: true)), false)
    } catch let error as DatabaseError
      where [.SQLITE_CANTOPEN, .SQLITE_READONLY].contains(error.resultCode)
    {
      guard !hasLog else {
        throw EvidenceError(
          .readOnly,
          "\(path): the store was not closed properly and its log (\(logPath)) cannot be worked off in a read-only "
            + "folder. Copy both files to a folder that you can write, and read the store there")
      }
      return (try connect("mode=ro&immutable=1", Self.configuration(readOnly: true)), false)
    }
  }

  /// What must be writable to write the store: the file, and its folder for SQLite's log.
  private var places: [String] { [path, url.deletingLastPathComponent().path] }

  private static func isWritable(_ path: String) -> Bool { faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0 }

  private func connect(_ parameters: String, _ configuration: Configuration) throws -> DatabaseQueue {
    // In a URI '?', '#' and '%' would not stand for themselves.
    let allowed = CharacterSet.urlPathAllowed.subtracting(CharacterSet(charactersIn: ";"))
    guard let escaped = path.addingPercentEncoding(withAllowedCharacters: allowed) else {
      throw EvidenceError(.inputOutput, "\(path): this path cannot be written as a URI; rename the folder or file")
    }
    return try DatabaseQueue(path: "file:\(escaped)?\(parameters)", configuration: configuration)
  }

  /// How every connection is set up.
  private static func configuration(readOnly: Bool = false) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = readOnly
    configuration.busyMode = .timeout(busySeconds)
    configuration.foreignKeysEnabled = true
    configuration.prepareDatabase { database in
      try database.execute(sql: "PRAGMA synchronous = FULL")
    }
    return configuration
  }

  /// How long a writer waits for others.
  private static let busySeconds = 30.0

  private func failure(_ what: String) -> EvidenceError {
    let number = errno
    let code: EvidenceError.Code =
      switch number {
      case ENOENT: .storeNotFound
      case EACCES, EPERM, EROFS: .readOnly
      case ENOSPC, EDQUOT: .diskFull
      default: .inputOutput
      }
    return EvidenceError(code, "\(path): \(what): \(String(cString: strerror(number)))")
  }
}

extension EvidenceError {
  /// What an error of SQLite means for a person.
  init(_ error: DatabaseError, path: String) {
    let reason = error.message ?? "SQLite error \(error.resultCode.rawValue)"
    switch error.resultCode {
    // On a full disk the first thing that SQLite cannot do is often to enlarge its index beside the file.
    case _ where [.SQLITE_FULL, .SQLITE_IOERR_SHMSIZE].contains(error.extendedResultCode):
      self.init(.diskFull, "\(path): the disk is full; nothing of this run was stored. Free some space and run again")
    case .SQLITE_READONLY:
      self.init(
        .readOnly, "\(path): the store cannot be written (\(reason)). Check the rights of the file and its folder")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self.init(.busy, "\(path): another process holds the store (\(reason)). Wait for it and run again")
    case .SQLITE_CONSTRAINT, .SQLITE_TOOBIG:
      self.init(.invalidRecord, "\(path): the store does not accept this record: \(reason)")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR:
      self.init(
        .damagedStore,
        "\(path): the store is damaged (\(reason)). Restore it from a backup; do not go on with this file")
    case .SQLITE_CANTOPEN, .SQLITE_IOERR, .SQLITE_PERM, .SQLITE_AUTH:
      self.init(.inputOutput, "\(path): the store cannot be read or written (\(reason)). Check the disk and the rights")
    default:
      self.init(.inputOutput, "\(path): the store refuses: \(reason) (SQLite \(error.extendedResultCode.rawValue))")
    }
  }
}
