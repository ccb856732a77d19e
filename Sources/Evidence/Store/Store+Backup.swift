import Analysis
public import Foundation
import GRDB

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Store {
  /// Copies the store to a new file while others may go on writing, and checks the copy.
  ///
  /// SQLite's online backup takes the state of one moment. The copy gets its name only when it is whole, on the disk and
  /// verified.
  /// - Returns: what the check of the copy found; it is intact.
  /// - Throws: `EvidenceError.inputOutput` if something of that name exists; `.damagedStore` if the copy is not intact,
  ///   because the store itself is not; `.diskFull`, `.readOnly`.
  public func backup(to destination: URL) throws -> StoreVerification {
    guard !FileManager.default.fileExists(atPath: destination.path) else {
      throw EvidenceError(
        .inputOutput, "\(destination.path): this file exists; name a new one, since a backup replaces nothing")
    }
    let folder = destination.deletingLastPathComponent()
    let temporary = folder.appendingPathComponent(
      ".\(destination.lastPathComponent).new-\(UUID().uuidString.lowercased())")
    let remove = { @Sendable in
      for suffix in ["", "-wal", "-shm", "-journal"] { unlink(temporary.path + suffix) }
    }
    let (unfinished, _) = UnfinishedWork.begin(undo: remove) {}
    defer {
      UnfinishedWork.whole {
        remove(); UnfinishedWork.end(unfinished)
      }
    }
    try Self.mapping(destination) {
      let copy = try UnfinishedWork.whole { try DatabaseQueue(path: temporary.path) }
      try database.backup(to: copy)
      try copy.close()
    }
    let copy = try Store.open(at: temporary, mode: .readOnly)
    let verification = try copy.verifyAll()
    try copy.close()
    guard verification.isIntact else {
      throw EvidenceError(
        .damagedStore,
        "\(url.path): no backup was made, since the store is not intact; 'vitrine runs verify' says what is damaged")
    }
    try DurableFile.give(temporary, the: destination)
    return verification
  }
}

/// Files that are there whole and on the disk, or not at all.
enum DurableFile {
  /// Gives a finished file its name, which nothing else may have.
  /// - Throws: `EvidenceError.inputOutput`.
  static func give(_ file: URL, the name: URL) throws {
    try synchronise(file.path, O_RDONLY)
    guard link(file.path, name.path) == 0 else { throw failure(name, "cannot be written") }
    try synchronise(name.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY)
  }

  /// Writes a new file.
  /// - Parameter rights: its rights, e.g. 0o600.
  /// - Throws: `EvidenceError.inputOutput` if it exists or cannot be written.
  static func create(_ data: Data, at url: URL, rights: mode_t) throws {
    let temporary = url.deletingLastPathComponent().appendingPathComponent(
      ".\(url.lastPathComponent).new-\(UUID().uuidString.lowercased())")
    try write(data, to: temporary, for: url, rights: rights) { try give(temporary, the: url) }
  }

  /// Writes a file in place of what has its name.
  /// - Parameter rights: its rights, e.g. 0o600.
  /// - Throws: `EvidenceError.inputOutput` if it cannot be written; then the old one is as it was.
  static func replace(_ data: Data, at url: URL, rights: mode_t) throws {
    let temporary = url.deletingLastPathComponent().appendingPathComponent(
      ".\(url.lastPathComponent).new-\(UUID().uuidString.lowercased())")
    try write(data, to: temporary, for: url, rights: rights) {
      guard rename(temporary.path, url.path) == 0 else { throw failure(url, "cannot be replaced") }
      try synchronise(url.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY)
    }
  }

  /// Writes a file under a temporary name and has it finished; the temporary name is gone afterwards, also if the process is asked
  /// to end meanwhile.
  private static func write(
    _ data: Data, to temporary: URL, for url: URL, rights: mode_t, finish: () throws -> Void
  ) throws {
    let (unfinished, descriptor) = UnfinishedWork.begin(temporary: temporary) {
      open(temporary.path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, rights)
    }
    defer {
      UnfinishedWork.whole {
        unlink(temporary.path)
        UnfinishedWork.end(unfinished)
      }
    }
    guard descriptor >= 0 else { throw failure(url, "cannot be written") }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try handle.write(contentsOf: data)
    guard fsync(descriptor) == 0 else { throw failure(url, "cannot be written to disk") }
    try handle.close()
    try UnfinishedWork.whole(finish)
  }

  /// Makes a folder if it is not there.
  static func makeFolder(_ url: URL, rights: Int) throws {
    do {
      try FileManager.default.createDirectory(
        at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: rights])
    } catch {
      throw EvidenceError(
        .inputOutput, "\(url.path): cannot make the folder: \(error.localizedDescription). Check your rights there")
    }
  }

  private static func synchronise(_ path: String, _ flags: Int32) throws {
    let descriptor = open(path, flags | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(URL(fileURLWithPath: path), "cannot be opened") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure(URL(fileURLWithPath: path), "cannot be written to disk") }
  }

  private static func failure(_ url: URL, _ what: String) -> EvidenceError {
    EvidenceError(
      .inputOutput, "\(url.path): \(what): \(String(cString: strerror(errno))). Check the path, its rights and the disk"
    )
  }
}
