public import Foundation

/// A file of a model, read once into memory of the program's own. What is computed with and what is digested are these bytes;
/// what happens to the file on disk later does not matter.
///
/// Unchecked: all that changes is guarded by the lock; the bytes are written before they are shared.
public final class ModelFile: @unchecked Sendable {
  /// Where the file is.
  public let url: URL
  /// Path relative to the model's folder, with `/`.
  public let path: String
  /// What the file was when it was opened.
  private let state: FileState
  private let isFresh: Bool

  private enum Content {
    /// Not read yet, but for these first bytes.
    case unread(first: Data)
    case read(OwnMemory)
  }

  private let lock = Lock()
  private var content: Content
  /// Where parts begin whose memory was given back.
  private var givenBack: Set<Int> = []

  /// Bytes that are read at once; pieces are read side by side.
  private static let piece = 8 << 20

  /// Reads a file whole.
  /// - Parameters:
  ///   - url: the file.
  ///   - path: how it is called in records, relative to the model's folder.
  ///   - limit: bytes that it may have at the most.
  /// - Throws: `AnalysisError.unreadable`, `.changedWhileRead`, `.fileTooLarge`.
  public convenience init(url: URL, path: String, limit: Int = .max) throws {
    try self.init(unread: url, path: path)
    guard size <= limit else {
      throw AnalysisError(
        .fileTooLarge,
        "\(url.path): has \(size) bytes; the engine reads such a file up to \(limit) bytes, which no published model's reaches"
      )
    }
    try load()
  }

  /// Opens a file whose bytes `load` reads.
  /// - Throws: `AnalysisError.unreadable`.
  init(unread url: URL, path: String) throws {
    let file = try Self.opened(url)
    self.url = url
    self.path = path
    state = file.state
    isFresh = file.isFresh
    content = .unread(first: Data())
  }

  /// The same for a file that need not be there: nil if it is not.
  static func ifThere<File>(_ read: () throws -> File) throws -> File? {
    do { return try read() } catch let error as AnalysisError where error.code == .fileNotFound { return nil }
  }

  private static func opened(_ url: URL) throws -> RegularFile {
    do { return try RegularFile(url) } catch { throw AnalysisError(error) }
  }

  /// Bytes of the file.
  public var size: Int { state.size }

  /// The file's bytes; valid while this object lives.
  /// - Precondition: they were read (`load`) and none was given back.
  public var bytes: UnsafeRawBufferPointer {
    lock.withLock {
      guard case .read(let memory) = content, givenBack.isEmpty else {
        preconditionFailure("\(path) was not read or is used up")
      }
      return UnsafeRawBufferPointer(memory.bytes)
    }
  }

  /// Reads the file, if it is not yet read, in pieces side by side.
  /// - Throws: `AnalysisError.changedWhileRead` if it is not, or does not stay, what it was when it was opened; `.unreadable`.
  public func load() throws {
    try lock.withLock {
      guard case .unread(let first) = content else { return }
      guard let memory = OwnMemory(count: size) else {
        throw AnalysisError(.unreadable, "\(url.path): there is no memory for its \(size) bytes; use a smaller model")
      }
      try fill(memory)
      guard first.elementsEqual(memory.bytes.prefix(first.count)) else { throw changed }
      content = .read(memory)
    }
  }

  private func fill(_ memory: OwnMemory) throws {
    let file = Shared(try reopened())
    let failures = Failures()
    Parallel.forEach((size + Self.piece - 1) / Self.piece) { number in
      let range = number * Self.piece..<min(self.size, (number + 1) * Self.piece)
      failures.note { () throws(RegularFile.Failure) in
        try file.file.read(into: UnsafeMutableRawBufferPointer(rebasing: memory.bytes[range]), at: range.lowerBound)
      }
    }
    failures.note { () throws(RegularFile.Failure) in try file.file.checkUnchanged() }
    if let failure = failures.first { throw AnalysisError(failure) }
  }

  /// The first bytes of a file that need not be read whole for it.
  /// - Throws: as `load`.
  func first(_ count: Int) throws -> Data {
    try lock.withLock {
      switch content {
      case .read(let memory): return Data(memory.bytes.prefix(count))
      case .unread:
        let data = try part(0..<min(count, size))
        content = .unread(first: data)
        return data
      }
    }
  }

  /// A part of the file, read by itself and not kept.
  /// - Throws: as `load`.
  func part(_ range: Range<Int>) throws -> Data {
    let file = try reopened()
    do { return try file.part(range) } catch { throw AnalysisError(error) }
  }

  private func reopened() throws -> RegularFile {
    do throws(RegularFile.Failure) {
      let file = try RegularFile(url)
      guard file.state == state else { throw RegularFile.changed(url) }
      return file
    } catch {
      // It was there and a regular file: what is not any more has changed.
      throw error.code == .unreadable ? AnalysisError(error) : changed
    }
  }

  private var changed: AnalysisError { AnalysisError(RegularFile.changed(url)) }

  /// - Throws: `AnalysisError.changedWhileRead` if the path no longer leads to the file that was opened, as it was then.
  public func checkUnchanged() throws {
    do { try state.check(url) } catch { throw AnalysisError(error) }
    guard isFresh, case .read(let memory) = lock.withLock({ content }), lock.withLock({ givenBack.isEmpty }) else {
      return
    }
    // It was written just before it was opened: times alone cannot tell whether it was written once more.
    guard try part(0..<size).elementsEqual(UnsafeRawBufferPointer(memory.bytes)) else { throw changed }
  }

  /// The memory that holds a part of the file's bytes, which are read if they are not yet.
  /// - Precondition: the part was not given back.
  /// - Throws: as `load`.
  func memory(of range: Range<Int>) throws -> (owner: OwnMemory, bytes: UnsafeMutableRawBufferPointer) {
    try load()
    return lock.withLock {
      guard case .read(let memory) = content, range.isEmpty || !givenBack.contains(range.lowerBound) else {
        preconditionFailure("bytes \(range) of \(path) are used up")
      }
      return (memory, UnsafeMutableRawBufferPointer(rebasing: memory.bytes[range]))
    }
  }

  /// Gives the memory of a part back. The bytes cannot be had again: not from the file either, which may be another now.
  func giveBack(_ range: Range<Int>) {
    lock.withLock {
      guard case .read(let memory) = content, !range.isEmpty else { return }
      memory.giveBack(range)
      givenBack.insert(range.lowerBound)
    }
  }
}

/// What went wrong in pieces that are read side by side.
///
/// Unchecked: guarded by the lock.
private final class Failures: @unchecked Sendable {
  private let lock = Lock()
  private var noted: RegularFile.Failure?

  var first: RegularFile.Failure? { lock.withLock { noted } }

  func note(_ body: () throws(RegularFile.Failure) -> Void) {
    do { try body() } catch { lock.withLock { noted = noted ?? error } }
  }
}

/// A file that several threads read.
///
/// Unchecked: reading at a place (`pread`) changes nothing.
private final class Shared: @unchecked Sendable {
  let file: RegularFile
  init(_ file: consuming RegularFile) { self.file = file }
}
