public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes a dossier's files so that a reader never sees half of one: temporary name, fsync, rename.
public enum DossierWriter {
  /// Writes files into a folder, which is made if it is missing. All temporary files are written before the first rename.
  /// - Returns: the files' addresses, in the given order.
  /// - Throws: `ReportsError` `unwritable` with the file and the reason; temporary files are removed.
  @discardableResult
  public static func write(_ files: [(name: String, content: Data)], to folder: URL) throws -> [URL] {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw ReportsError(.unwritable, "cannot make the folder \(folder.path): \(error.localizedDescription)")
    }
    removeLeftovers(in: folder)
    var waiting: [(temporary: URL, final: URL)] = []
    defer { for file in waiting { try? FileManager.default.removeItem(at: file.temporary) } }
    for file in files {
      let final = folder.appendingPathComponent(file.name)
      let temporary = folder.appendingPathComponent(".\(file.name).\(ProcessInfo.processInfo.processIdentifier).tmp")
      waiting.append((temporary, final))
      try writeDurably(file.content, to: temporary)
    }
    for file in waiting {
      guard rename(file.temporary.path, file.final.path) == 0 else {
        throw ReportsError(.unwritable, "cannot replace \(file.final.path): \(systemError())")
      }
    }
    waiting = []
    try synchronise(folder)
    return files.map { folder.appendingPathComponent($0.name) }
  }

  /// Removes what processes that were killed left in a folder: files and folders named `.NAME.PROCESS.tmp`.
  static func removeLeftovers(in folder: URL) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] where name.hasPrefix(".") {
      let parts = name.split(separator: ".")
      guard parts.count >= 3, parts.last == "tmp", let process = pid_t(parts[parts.count - 2]), process > 0,
        kill(process, 0) != 0, errno == ESRCH
      else { continue }
      try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
    }
  }

  private static func writeDurably(_ content: Data, to url: URL) throws {
    let descriptor = open(url.path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard descriptor >= 0 else {
      throw ReportsError(.unwritable, "cannot write \(url.path): \(systemError())")
    }
    defer { close(descriptor) }
    var offset = 0
    while offset < content.count {
      let rest = content[(content.startIndex + offset)...]
      let written = rest.withUnsafeBytes { posixWrite(descriptor, $0.baseAddress, $0.count) }
      guard written > 0 else {
        if written < 0 && errno == EINTR { continue }
        throw ReportsError(.unwritable, "cannot write \(url.path): \(systemError())")
      }
      offset += written
    }
    guard fsync(descriptor) == 0 else {
      throw ReportsError(.unwritable, "cannot write \(url.path) to the disk: \(systemError())")
    }
  }

  /// Makes the renames durable.
  private static func synchronise(_ folder: URL) throws {
    let descriptor = open(folder.path, O_RDONLY)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw ReportsError(.unwritable, "cannot write \(folder.path) to the disk: \(systemError())")
    }
  }

  private static func systemError() -> String { String(cString: strerror(errno)) }
}

/// `write(2)`, which the type's own function of that name would hide.
private func posixWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
