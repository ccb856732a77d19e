import Analysis
public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes a dossier's files so that a reader never sees half of one: temporary name, fsync, rename.
public enum DossierWriter {
  /// Writes files into a folder, which is made if it is missing; a name may lead into a folder below it. All temporary files are written before the first rename.
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
    for subfolder in Set(files.map { ($0.name as NSString).deletingLastPathComponent }) where !subfolder.isEmpty {
      let url = folder.appendingPathComponent(subfolder)
      do { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) } catch {
        throw ReportsError(.unwritable, "cannot make the folder \(url.path): \(error.localizedDescription)")
      }
    }
    try replace(files.map { (folder.appendingPathComponent($0.name), $0.content) }, in: folder)
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

  /// Writes one file that somebody named, in place of a file that has its name; its folder must be there.
  /// - Throws: `ReportsError` `unwritable`, also if something else than a file has the name: it must not be replaced.
  public static func write(_ content: Data, to file: URL) throws {
    var status = stat()
    if stat(file.path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw ReportsError(
        .unwritable, "cannot write \(file.path): a folder, pipe or device has that name. Name another file.")
    }
    // A link stays one, and what it leads to is replaced.
    let file = file.resolvingSymlinksInPath()
    try replace([(file, content)], in: file.deletingLastPathComponent())
  }

  /// All temporary files are written before the first is renamed, and an interruption comes before the first or after the last.
  private static func replace(_ files: [(final: URL, content: Data)], in folder: URL) throws {
    var waiting: [(temporary: URL, final: URL, token: UnfinishedWork.Token)] = []
    defer {
      UnfinishedWork.whole {
        for file in waiting {
          unlink(file.temporary.path)
          UnfinishedWork.end(file.token)
        }
      }
    }
    for file in files {
      let temporary = folder.appendingPathComponent(
        ".\(file.final.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier).tmp")
      let (token, descriptor) = UnfinishedWork.begin(temporary: temporary) {
        open(temporary.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      }
      waiting.append((temporary, file.final, token))
      guard descriptor >= 0 else {
        throw ReportsError(.unwritable, "cannot write \(file.final.path): \(systemError())")
      }
      try writeDurably(file.content, to: file.final, descriptor)
    }
    try UnfinishedWork.whole {
      for file in waiting {
        guard rename(file.temporary.path, file.final.path) == 0 else {
          throw ReportsError(.unwritable, "cannot replace \(file.final.path): \(systemError())")
        }
      }
    }
    for folder in Set(files.map { $0.final.deletingLastPathComponent() }) { try synchronise(folder) }
  }

  private static func writeDurably(_ content: Data, to url: URL, _ descriptor: Int32) throws {
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
    let descriptor = open(folder.path, O_RDONLY | O_CLOEXEC)
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
