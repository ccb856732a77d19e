import Analysis
import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that is made beside the one that it will become, under the name `.NAME.new-UUID`.
///
/// Its maker holds a lock (flock) on it for as long as it lives. A file of such a name that nobody holds was left by a process
/// that was killed, and is removed by the next one that makes or opens a file of that name.
final class TemporaryFile {
  /// The file.
  let url: URL
  private let descriptor: Int32
  private let unfinished: UnfinishedWork.Token

  /// Makes an empty file, and removes what killed processes left.
  /// - Throws: `EvidenceError.readOnly`, `.diskFull`, `.inputOutput`.
  init(for target: URL, rights: mode_t = 0o644) throws {
    Self.removeLeftovers(of: target)
    while true {
      let url = target.deletingLastPathComponent().appendingPathComponent(
        Self.prefix(target) + UUID().uuidString.lowercased())
      let (unfinished, descriptor) = UnfinishedWork.begin(undo: { Self.unlinkAll(url.path) }) {
        open(url.path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, rights)
      }
      guard descriptor >= 0 else {
        UnfinishedWork.end(unfinished)
        throw Self.failure(target)
      }
      // Between these two lines another process may have taken it for a leftover.
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0, Self.isSame(descriptor, url.path) {
        (self.url, self.descriptor, self.unfinished) = (url, descriptor, unfinished)
        return
      }
      UnfinishedWork.end(unfinished)
      close(descriptor)
    }
  }

  /// Fills the file.
  /// - Throws: `EvidenceError.diskFull`, `.inputOutput`.
  func write(_ data: Data) throws {
    var rest = data[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Self.write(descriptor, $0) }
      guard count > 0 || errno == EINTR else { throw Self.failure(url) }
      rest = rest.dropFirst(max(0, count))
    }
  }

  private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
      Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    #else
      Darwin.write(descriptor, bytes.baseAddress, bytes.count)
    #endif
  }

  /// Removes the name, if it still has it, with what SQLite keeps beside it.
  func remove() {
    UnfinishedWork.whole {
      Self.unlinkAll(url.path)
      UnfinishedWork.end(unfinished)
    }
    StoreDescriptors.retire(descriptor)
  }

  private static func unlinkAll(_ path: String) {
    for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
  }

  /// Removes what killed processes left of this file. What is in use, or cannot be removed, stays.
  static func removeLeftovers(of target: URL) {
    let folder = target.deletingLastPathComponent().path
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return }
    let uuid = 36
    for name in names where name.hasPrefix(prefix(target)) && name.utf8.count == prefix(target).utf8.count + uuid {
      let path = "\(folder)/\(name)"
      let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
      guard descriptor >= 0 else { continue }
      defer { StoreDescriptors.retire(descriptor) }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, isSame(descriptor, path) else { continue }
      unlinkAll(path)
    }
    // SQLite's files beside one whose own name is gone already.
    for name in names where name.hasPrefix(prefix(target)) {
      guard let suffix = ["-wal", "-shm", "-journal"].first(where: name.hasSuffix),
        !names.contains(String(name.dropLast(suffix.count)))
      else { continue }
      unlink("\(folder)/\(name)")
    }
  }

  private static func prefix(_ target: URL) -> String { ".\(target.lastPathComponent).new-" }

  /// Whether a descriptor is of the regular file of that name.
  private static func isSame(_ descriptor: Int32, _ path: String) -> Bool {
    var (open, named) = (stat(), stat())
    return fstat(descriptor, &open) == 0 && lstat(path, &named) == 0 && open.st_ino == named.st_ino
      && open.st_dev == named.st_dev && open.st_mode & S_IFMT == S_IFREG
  }

  private static func failure(_ url: URL) -> EvidenceError {
    let code: EvidenceError.Code =
      switch errno {
      case EACCES, EPERM, EROFS: .readOnly
      case ENOSPC, EDQUOT: .diskFull
      default: .inputOutput
      }
    return EvidenceError(
      code,
      "\(url.path): the file cannot be created: \(String(cString: strerror(errno))). Check the path, its rights and "
        + "the disk")
  }
}
