import Analysis
public import Foundation

/// Reads and validates a project folder.
public enum ProjectLoader {
  /// Reads `vitrine.yaml` and the data files it names; model folders need not exist yet.
  ///
  /// Nothing is guessed: an unknown key, a missing column or a record filter that matches nothing is an error that names
  /// file, line, key and remedy. What is suspicious but possible is collected in `Project.warnings`.
  /// - Parameters:
  ///   - folder: the project folder.
  ///   - fileName: the project file in it.
  /// - Throws: `ProjectError`.
  public static func load(folder: URL, fileName: String = "vitrine.yaml") throws -> Project {
    let bytes = try projectFile(folder: folder, fileName: fileName)
    guard var text = String(data: bytes, encoding: .utf8) else {
      throw ProjectError(.badYAML, "\(fileName) is not UTF-8 text; save it as UTF-8")
    }
    if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
    let root = try FileSection(
      yaml: text, file: fileName, allowed: ProjectReading.keys,
      ifEmpty: "`vitrine init DIR` writes one with an explanation of every key",
      ifTwice: "keep one of the two (two models need two versions)")
    var reading = ProjectReading(folder: folder, file: fileName)
    return try reading.project(root: root, bytes: bytes)
  }

  /// The bytes of the project file.
  private static func projectFile(folder: URL, fileName: String) throws -> Data {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
      throw ProjectError(
        .notAProject,
        "there is no folder '\(folder.path)'; give an existing project folder, or run `vitrine init DIR` to make one")
    }
    let url = folder.appendingPathComponent(fileName)
    guard FileManager.default.fileExists(atPath: url.path) else {
      let other = folder.appendingPathComponent("vitrine.yml")
      let remedy =
        FileManager.default.fileExists(atPath: other.path)
        ? "rename vitrine.yml in it to \(fileName)"
        : "run `vitrine init DIR` to make a new project, or name an existing one with `--project DIR`"
      throw ProjectError(
        .notAProject, "'\(folder.path)' is not a Vitrine project: it has no \(fileName); \(remedy)")
    }
    do { return try PlainFile.read(url, limit: BoundedYAML.mostBytes) } catch let problem as PlainFile.Problem {
      throw ProjectError(problem.exitStatus == .inputOutput ? .unreadable : .badYAML, problem.description)
    }
  }
}
