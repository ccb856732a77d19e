import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Which files of a model's folder make up its identity: those that OpenSSF model signing v1 (PyPI `model-signing`, its
/// defaults) signs.
///
/// All regular files, hidden ones too, subfolders recursed; not counted are, at the top of the folder, `.git` (a file or
/// a folder with all it holds), `.gitattributes`, `.github`, `.gitignore`, and the signature file `model.sig`. Symbolic
/// links inside the folder are refused as that tool refuses them; the folder itself may be reached through one, since
/// its name is not part of the digest.
enum ModelFolder {
  /// Names at the top of the folder that are not part of the model.
  static let ignored: Set<String> = [".git", ".gitattributes", ".github", ".gitignore", "model.sig"]

  /// Paths relative to the folder, with `/`, in the order of their components: `a/b` stands before `a-b.txt`.
  /// - Throws: `EvidenceError.badModelFolder` for a link, a special file or a name that is not UTF-8; `.inputOutput`.
  static func files(in folder: URL) throws -> [String] {
    var found: [[String]] = []
    try walk(folder, components: [], into: &found)
    return found.sorted { left, right in
      left.lexicographicallyPrecedes(right) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }.map { $0.joined(separator: "/") }
  }

  private static func walk(_ folder: URL, components: [String], into found: inout [[String]]) throws {
    for name in try names(in: folder) {
      if components.isEmpty, ignored.contains(name) { continue }
      let url = folder.appendingPathComponent(name)
      var status = stat()
      guard lstat(url.path, &status) == 0 else { throw failure(url, "cannot be read") }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: try walk(url, components: components + [name], into: &found)
      case S_IFREG: found.append(components + [name])
      case S_IFLNK:
        throw EvidenceError(
          .badModelFolder,
          "\(url.path): a symbolic link. The model's identity covers real files only, as OpenSSF model signing has it: "
            + "copy the model to a folder of its own, e.g. with cp -rL, and name that folder in the project")
      default:
        throw EvidenceError(
          .badModelFolder,
          "\(url.path): neither a file nor a folder. Remove it from the model's folder, or copy the model to its own")
      }
    }
  }

  private static func names(in folder: URL) throws -> [String] {
    guard let stream = opendir(folder.path) else { throw failure(folder, "cannot be listed") }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        guard errno == 0 else { throw failure(folder, "cannot be listed") }
        return names
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
        field.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: field.pointee)) {
          String(validatingCString: $0)
        }
      }
      guard let name else {
        throw EvidenceError(
          .badModelFolder, "\(folder.path): a file name in this folder is not UTF-8. Rename it: records are UTF-8")
      }
      if name != ".", name != ".." { names.append(name) }
    }
  }

  private static func failure(_ url: URL, _ what: String) -> EvidenceError {
    EvidenceError(.inputOutput, "\(url.path): \(what): \(String(cString: strerror(errno)))")
  }
}
