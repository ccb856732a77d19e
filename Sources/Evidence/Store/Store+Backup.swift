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
    let file = try TemporaryFile(for: destination)
    defer { file.remove() }
    let temporary = file.url
    try Self.mapping(destination) {
      let copy = try UnfinishedWork.whole { try DatabaseQueue(path: temporary.path) }
      try database.backup(to: copy)
      try copy.close()
      // The copy must be of the store that is at the path, not of one that was moved away meanwhile.
      try reading { _ in }
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
public enum DurableFile {
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
    let temporary = try TemporaryFile(for: url, rights: rights)
    defer { temporary.remove() }
    try temporary.write(data)
    try UnfinishedWork.whole { try give(temporary.url, the: url) }
  }

  /// Writes a file, in place of one of that name.
  /// - Throws: `EvidenceError.inputOutput` if it cannot be written; the file is then as it was.
  public static func replace(_ url: URL, with data: Data, rights: mode_t = 0o644) throws {
    let temporary = try TemporaryFile(for: url, rights: rights)
    defer { temporary.remove() }
    try temporary.write(data)
    try UnfinishedWork.whole {
      try synchronise(temporary.url.path, O_RDONLY)
      guard rename(temporary.url.path, url.path) == 0 else { throw failure(url, "cannot be written") }
      try synchronise(url.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY)
    }
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
