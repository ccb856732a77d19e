public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A regular file, opened for reading. What is no regular file (a FIFO, a device, a socket, a folder) is refused at once and
/// never waited for; a file that changes while it is read is an error, never a mixture.
///
/// ```swift
/// let text = try RegularFile.read(url, limit: 1 << 20)
/// ```
public struct RegularFile: ~Copyable {
  /// Why a file was not read.
  public struct Failure: ReportableError, Equatable {
    /// What went wrong; tests compare by this.
    public enum Code: String, Sendable {
      /// Nothing is there.
      case notFound
      /// A FIFO, a device, a socket or a folder.
      case notRegular
      /// Larger than the reader's limit.
      case tooLarge
      /// It changed, shrank, was replaced or removed while it was read.
      case changed
      /// The system's own reason.
      case unreadable
    }

    /// What went wrong.
    public let code: Code
    /// The file.
    public let path: String
    /// What is wrong, where, and what to do.
    public let message: String

    /// The whole message.
    public var description: String { message }

    /// What the command line returns for it.
    public var exitStatus: ExitStatus { code == .tooLarge ? .badInput : .inputOutput }
  }

  /// The file.
  public let url: URL
  /// What the system said of the file when it was opened.
  public let state: FileState
  /// Whether the file was written so short a time before it was opened that another write need not show in its times.
  public let isFresh: Bool
  private let descriptor: Int32

  /// Bytes of the file when it was opened.
  public var size: Int { state.size }

  /// Opens a file; symbolic links are followed.
  /// - Throws: `Failure` `.notFound`, `.notRegular`, `.unreadable`.
  public init(_ url: URL) throws(Failure) {
    // Asked first, since opening a device may do something, and once more of what was opened.
    var status = stat()
    guard stat(url.path, &status) == 0 else { throw Self.failure(url, "cannot open") }
    try Self.requireRegular(url, status)
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw Self.failure(url, "cannot open") }
    guard fstat(descriptor, &status) == 0 else {
      let failure = Self.failure(url, "cannot read its size")
      close(descriptor)
      throw failure
    }
    do { try Self.requireRegular(url, status) } catch {
      close(descriptor)
      throw error
    }
    self.url = url
    self.descriptor = descriptor
    state = FileState(status)
    isFresh = state.isFresh
  }

  deinit { close(descriptor) }

  /// The whole file.
  /// - Parameter limit: bytes that it may have at the most.
  /// - Throws: `Failure`, with the limit in the message where the file is larger.
  public static func read(_ url: URL, limit: Int) throws(Failure) -> Data {
    let file = try RegularFile(url)
    guard file.size <= limit else {
      throw Failure(
        code: .tooLarge, path: url.path,
        message: "\(url.path): has \(file.size) bytes; a file of this kind is read up to \(limit) bytes")
    }
    let data = try file.part(0..<file.size)
    // Where it was written just before, times alone cannot tell whether it was written once more.
    if file.isFresh, try file.part(0..<file.size) != data { throw changed(url) }
    return data
  }

  /// What a file is now, without its bytes.
  /// - Throws: `Failure` `.notFound`, `.notRegular`, `.unreadable`.
  public static func state(of url: URL) throws(Failure) -> FileState {
    let file = try RegularFile(url)
    return file.state
  }

  /// A part of the file.
  /// - Throws: `Failure` `.changed` if the file changed before it was read, `.unreadable`.
  public func part(_ range: Range<Int>) throws(Failure) -> Data {
    guard !range.isEmpty else { return Data() }
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: range.count, alignment: 16)
    do {
      try read(into: memory, at: range.lowerBound)
      try checkUnchanged()
    } catch {
      memory.deallocate()
      throw error
    }
    guard let start = memory.baseAddress else { return Data() }
    return Data(bytesNoCopy: start, count: range.count, deallocator: .custom { pointer, _ in pointer.deallocate() })
  }

  /// Fills memory with the bytes from a place on.
  /// - Throws: `Failure` `.changed` if the file ends before, `.unreadable`.
  public func read(into memory: UnsafeMutableRawBufferPointer, at offset: Int) throws(Failure) {
    var done = 0
    while done < memory.count {
      let count = pread(descriptor, memory.baseAddress.map { $0 + done }, memory.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Self.failure(url, "cannot read") }
      guard count > 0 else { throw Self.changed(url) }
      done += count
    }
  }

  /// Hands over the whole file piece by piece, in order.
  /// - Throws: `Failure`; `.changed` also if the file changed before the last piece was read. What `body` throws.
  public func forEachPiece(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, min(size, 1 << 20)), alignment: 64)
    defer { piece.deallocate() }
    var offset = 0
    while offset < size {
      let part = UnsafeMutableRawBufferPointer(rebasing: piece[..<min(piece.count, size - offset)])
      try read(into: part, at: offset)
      try body(UnsafeRawBufferPointer(part))
      offset += part.count
    }
    try checkUnchanged()
  }

  /// - Throws: `Failure` `.changed` if the opened file is not as it was, or its path leads to another one.
  public func checkUnchanged() throws(Failure) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, FileState(status) == state else { throw Self.changed(url) }
    try state.check(url)
  }

  /// What is said of a file that is no longer what it was.
  public static func changed(_ url: URL) -> Failure {
    Failure(
      code: .changed, path: url.path,
      message:
        "\(url.path): changed, was replaced or removed while it was read; let whatever writes there finish, then start again"
    )
  }

  private static func failure(_ url: URL, _ what: String) -> Failure {
    let reason = errno
    return Failure(
      code: reason == ENOENT || reason == ENOTDIR ? .notFound : .unreadable, path: url.path,
      message: "\(url.path): \(what): \(String(cString: strerror(reason)))")
  }

  private static func requireRegular(_ url: URL, _ status: stat) throws(Failure) {
    let kind: String
    switch status.st_mode & S_IFMT {
    case S_IFREG: return
    case S_IFDIR: kind = "a folder"
    case S_IFIFO: kind = "a FIFO"
    case S_IFSOCK: kind = "a socket"
    default: kind = "a device"
    }
    throw Failure(
      code: .notRegular, path: url.path,
      message: "\(url.path): is \(kind), not a regular file; put the real file there")
  }
}

/// What tells one state of a file from another: which file it is, its size, and when it was last written or changed.
public struct FileState: Equatable, Sendable {
  private let device: UInt64
  private let inode: UInt64
  /// Bytes.
  public let size: Int
  private let written: Moment
  /// When anything of the file was changed last; nobody can set it.
  private let changed: Moment

  private struct Moment: Equatable, Sendable {
    let seconds: Int
    let nanoseconds: Int
  }

  /// Longer than the steps in which file systems note times (1 to 10 ms), in nanoseconds.
  private static let step = 20_000_000

  init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int(status.st_size)
    #if os(Linux)
      written = Moment(seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
      changed = Moment(seconds: status.st_ctim.tv_sec, nanoseconds: status.st_ctim.tv_nsec)
    #else
      written = Moment(seconds: status.st_mtimespec.tv_sec, nanoseconds: status.st_mtimespec.tv_nsec)
      changed = Moment(seconds: status.st_ctimespec.tv_sec, nanoseconds: status.st_ctimespec.tv_nsec)
    #endif
  }

  /// Whether the last change is so near that a next one may get the same time.
  fileprivate var isFresh: Bool {
    var now = timespec()
    guard clock_gettime(CLOCK_REALTIME, &now) == 0 else { return true }
    let seconds = now.tv_sec - changed.seconds
    return seconds < 2 && seconds * 1_000_000_000 + now.tv_nsec - changed.nanoseconds < Self.step
  }

  /// - Throws: `RegularFile.Failure` `.changed` if a path does not lead to this file in this state.
  public func check(_ url: URL) throws(RegularFile.Failure) {
    var status = stat()
    guard stat(url.path, &status) == 0, FileState(status) == self else { throw RegularFile.changed(url) }
  }
}
