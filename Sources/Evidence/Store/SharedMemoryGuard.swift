import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What happens when a file that is mapped into memory is cut off: the system sends SIGBUS.
///
/// SQLite maps the index beside a store (`-shm`), which several writers need. If somebody cuts it off while it is read, nothing
/// can go on; but the process ends with words and exit status 74, and a record that was just being added is in a file. All
/// that the handler does is safe in a handler: open, write, fsync, _exit, on memory that was made ready before.
public enum SharedMemoryGuard {
  nonisolated(unsafe) private static var bytes: UnsafeMutableRawPointer?
  nonisolated(unsafe) private static var count = 0
  nonisolated(unsafe) private static var path: UnsafeMutablePointer<CChar>?
  nonisolated(unsafe) private static var message: UnsafeMutablePointer<CChar>?
  nonisolated(unsafe) private static var rescued: UnsafeMutablePointer<CChar>?
  private static let lock = NSLock()

  /// Sets the handler.
  public static func install() {
    lock.withLock {
      // All of them are touched here: the handler must not be the first.
      (bytes, count, path, rescued) = (nil, 0, nil, nil)
      message = strdup(
        "vitrine: a file was cut off while it was in use (the index beside the store, evidence.sqlite-shm, or another that is "
          + "mapped into memory). Nothing more was stored; run again when the files stay as they are\n")
    }
    var action = sigaction()
    let handler: @convention(c) (Int32) -> Void = { _ in SharedMemoryGuard.end() }
    #if canImport(Glibc)
      action.__sigaction_handler.sa_handler = handler
    #else
      action.__sigaction_u.__sa_handler = handler
    #endif
    sigemptyset(&action.sa_mask)
    sigaction(SIGBUS, &action, nil)
  }

  /// Makes a record ready to be written to a file, should the process have to end.
  static func arm(_ document: Data, file: URL) {
    let copy = UnsafeMutableRawPointer.allocate(byteCount: max(1, document.count), alignment: 1)
    document.withUnsafeBytes { if let base = $0.baseAddress { copy.copyMemory(from: base, byteCount: document.count) } }
    let words = strdup(
      "vitrine: the record that was being stored is in \(file.path); 'vitrine store rescue \(file.path)' takes it in\n")
    lock.withLock {
      free()
      (bytes, count, path, rescued) = (copy, document.count, strdup(file.path), words)
    }
  }

  /// The record is stored, or in a file already.
  static func disarm() { lock.withLock { free() } }

  private static func free() {
    let (old, name, words) = (bytes, path, rescued)
    (bytes, count, path, rescued) = (nil, 0, nil, nil)
    old?.deallocate()
    #if canImport(Glibc)
      Glibc.free(name)
      Glibc.free(words)
    #else
      Darwin.free(name)
      Darwin.free(words)
    #endif
  }

  /// Runs in the handler.
  private static func end() {
    if let message { _ = write(STDERR_FILENO, message, strlen(message)) }
    if let bytes, let path {
      let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY, 0o644)
      var done = 0
      while descriptor >= 0, done < count {
        let written = write(descriptor, bytes + done, count - done)
        if written <= 0 { break }
        done += written
      }
      if descriptor >= 0, done == count, fsync(descriptor) == 0, let rescued {
        _ = write(STDERR_FILENO, rescued, strlen(rescued))
      }
    }
    _exit(74)
  }
}
