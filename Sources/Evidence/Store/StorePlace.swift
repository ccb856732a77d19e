import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Which files a connection to a store has open, so that it can be told whether they are still those at the store's path.
///
/// - *Rule*: before and after each commit the file at the path, and SQLite's log and index beside it, must be the very files
///   that the connection has open (device and inode). *Why*: a file that is removed or replaced stays open, and SQLite goes on
///   writing into what nobody will ever read, or its log is taken for that of the file that came instead.
struct StorePlace {
  /// A file whatever its name.
  struct Identity: Hashable {
    let device: UInt64
    let inode: UInt64

    init(_ status: stat) { (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino)) }

    /// The file at a path; nil if there is none.
    init?(path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      self.init(status)
    }
  }

  private let path: String
  /// The path without links: SQLite keeps its log beside the file itself.
  private let base: String
  private var held: [(suffix: String, identity: Identity)] = []

  /// Notes the files of a connection that has read something: only then SQLite has opened all of them.
  /// - Parameters:
  ///   - path: the store's.
  ///   - usesLog: whether the connection must have a log and an index beside the file.
  /// - Throws: `EvidenceError.storeMoved` if a file at the path is not among those that this process has open.
  init(path: String, usesLog: Bool) throws {
    self.path = path
    base =
      realpath(path, nil).map { resolved in
        defer { free(resolved) }
        return String(cString: resolved)
      } ?? path
    let open = Self.open()
    for suffix in [""] + (usesLog ? ["-wal", "-shm"] : []) {
      guard let identity = Identity(path: base + suffix), open.contains(identity) else { throw moved(suffix) }
      held.append((suffix, identity))
    }
  }

  /// The store's own file, which the connection has open.
  var file: Identity {
    guard let file = held.first?.identity else { preconditionFailure("a place has a file") }
    return file
  }

  /// Which file a path names; nil if there is none.
  static func identity(_ path: String) -> Identity? { Identity(path: path) }

  /// Whether every file is still in its place.
  /// - Throws: `EvidenceError.storeMoved` that names the one that is not.
  func check() throws {
    for (suffix, identity) in held where Identity(path: (suffix.isEmpty ? path : base) + suffix) != identity {
      throw moved(suffix)
    }
  }

  /// Whether the file is in its place and only the log or index beside it is not.
  var isFileInPlace: Bool { Identity(path: path) == held.first?.identity }

  /// Whether the log at the path is the one that the connection has open.
  var isLogInPlace: Bool {
    held.first { $0.suffix == "-wal" }.map { Identity(path: base + "-wal") == $0.identity } ?? false
  }

  /// Whether there is no log at the path.
  var isLogGone: Bool { Identity(path: base + "-wal") == nil }

  private func moved(_ suffix: String) -> EvidenceError {
    let isGone = Identity(path: (suffix.isEmpty ? path : base) + suffix) == nil
    let what = suffix.isEmpty ? "the store" : "its file \(base)\(suffix)"
    return EvidenceError(
      .storeMoved, "\(path): \(what) was \(isGone ? "removed" : "replaced by another file") while it was in use")
  }

  /// Every file that this process has open.
  private static func open() -> Set<Identity> {
    var status = stat()
    var found: Set<Identity> = []
    // The list is the process's own; where the system has none, the numbers are tried.
    let listed = (try? FileManager.default.contentsOfDirectory(atPath: "/dev/fd"))?.compactMap { Int32($0) }
    for descriptor in listed ?? Array(0..<4096) where fstat(descriptor, &status) == 0 { found.insert(Identity(status)) }
    return found
  }
}

/// Closes descriptors of files that SQLite may have open too.
///
/// - *Rule*: none of them is closed while a connection of this process to the same file is open, or one is just being opened,
///   of which nobody knows yet to what file. *Why*: POSIX gives up all locks that a process has on a file when it closes any
///   descriptor of it, so that SQLite would go on without its locks.
enum StoreDescriptors {
  private static let lock = NSLock()
  /// Connections that are being opened.
  nonisolated(unsafe) private static var opening = 0
  nonisolated(unsafe) private static var connections: [StorePlace.Identity: Int] = [:]
  nonisolated(unsafe) private static var waiting: [Int32] = []

  /// A connection is being opened.
  static func connectionOpens() { lock.withLock { opening += 1 } }

  /// A connection that was being opened is open, to this file.
  static func connectionOpened(to file: StorePlace.Identity) {
    lock.withLock {
      opening -= 1
      connections[file, default: 0] += 1
      closeWhatIsFree()
    }
  }

  /// A connection that was being opened is not open.
  static func connectionFailed() {
    lock.withLock {
      opening -= 1
      closeWhatIsFree()
    }
  }

  /// A connection to this file was closed.
  static func connectionCloses(to file: StorePlace.Identity) {
    lock.withLock {
      let left = connections[file, default: 0] - 1
      precondition(left >= 0, "a connection was closed that was not open")
      connections[file] = left == 0 ? nil : left
      closeWhatIsFree()
    }
  }

  /// Closes a descriptor as soon as no connection to its file is open.
  static func retire(_ descriptor: Int32) {
    lock.withLock {
      waiting.append(descriptor)
      closeWhatIsFree()
    }
  }

  private static func closeWhatIsFree() {
    guard opening == 0 else { return }
    waiting.removeAll { descriptor in
      var status = stat()
      guard fstat(descriptor, &status) != 0 || connections[StorePlace.Identity(status)] == nil else { return false }
      close(descriptor)
      return true
    }
  }
}
