import Analysis
public import Foundation
import Templates

/// Makes the folder of a new project: a project file with an explanation of every key, and the folders it names.
public enum ProjectScaffold {
  /// Writes a new project folder; nothing is left behind if it fails.
  ///
  /// The files come from `Templates/project/`. They are written to a temporary folder beside the destination, which is then
  /// renamed.
  /// - Parameter destination: a folder that does not exist or is empty; missing parent folders are made.
  /// - Returns: the files written, relative to the folder, in alphabetical order.
  /// - Throws: `ProjectError` `.exists` or `.unwritable`.
  public static func create(at destination: URL) throws -> [String] {
    let files = FileManager.default
    let destination = destination.standardizedFileURL
    try checkVacant(destination)
    let parent = destination.deletingLastPathComponent()
    let temporary = parent.appendingPathComponent(
      ".\(destination.lastPathComponent).\(UUID().uuidString.prefix(8)).partial")
    do {
      try files.createDirectory(at: parent, withIntermediateDirectories: true)
      let (unfinished, _) = try UnfinishedWork.begin(temporary: temporary) {
        try files.createDirectory(at: temporary, withIntermediateDirectories: false)
      }
      defer {
        UnfinishedWork.whole {
          try? files.removeItem(at: temporary)
          UnfinishedWork.end(unfinished)
        }
      }
      let written = try copyTemplate(to: temporary)
      try UnfinishedWork.whole {
        guard rename(temporary.path, destination.path) == 0 else {
          throw CocoaError(.fileWriteUnknown, userInfo: [NSLocalizedDescriptionKey: String(cString: strerror(errno))])
        }
      }
      return written
    } catch {
      throw ProjectError(
        .unwritable,
        "cannot make the folder '\(destination.path)': \(error.localizedDescription); "
          + "check the permissions of '\(parent.path)' or choose another place")
    }
  }

  /// A new project may take the place of nothing or of an empty folder.
  private static func checkVacant(_ destination: URL) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: destination.path, isDirectory: &isFolder) else { return }
    guard isFolder.boolValue else {
      throw ProjectError(.exists, "'\(destination.path)' is a file; give the name of a folder that does not exist yet")
    }
    let content: [String]
    do {
      content = try FileManager.default.contentsOfDirectory(atPath: destination.path)
    } catch {
      throw ProjectError(
        .unwritable, "cannot look into '\(destination.path)': \(error.localizedDescription); check its permissions")
    }
    guard content.isEmpty else {
      let remedy =
        content.contains("vitrine.yaml")
        ? "it is a Vitrine project already: run `vitrine check \(destination.path)`"
        : "give the name of a folder that does not exist yet, or empty this one"
      throw ProjectError(.exists, "the folder '\(destination.path)' is not empty; \(remedy)")
    }
  }

  /// Copies the template folder file by file; `gitignore` becomes `.gitignore`, so that it does not act on our own repository.
  private static func copyTemplate(to folder: URL) throws -> [String] {
    let files = FileManager.default
    let template = Templates.url("project")
    var written: [String] = []
    for path in try files.subpathsOfDirectory(atPath: template.path).sorted() {
      let source = template.appendingPathComponent(path)
      var isFolder: ObjCBool = false
      guard files.fileExists(atPath: source.path, isDirectory: &isFolder), !isFolder.boolValue,
        source.lastPathComponent != ".keep"
      else { continue }
      let name = path == "gitignore" ? ".gitignore" : path
      let target = folder.appendingPathComponent(name)
      try files.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(contentsOf: source).write(to: target)
      written.append(name)
    }
    return written.sorted()
  }
}
