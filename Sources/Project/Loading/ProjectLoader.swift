import Analysis
public import Foundation
import Yams

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
    let root = try compose(bytes, fileName: fileName)
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

  /// The file's root node, with YAML's own errors turned into ours.
  private static func compose(_ bytes: Data, fileName: String) throws -> Yams.Node {
    guard var text = String(data: bytes, encoding: .utf8) else {
      throw ProjectError(.badYAML, "\(fileName) is not UTF-8 text; save it as UTF-8")
    }
    if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
    let root: Yams.Node?
    do {
      root = try BoundedYAML.compose(text)
    } catch let problem as BoundedYAML.Problem {
      let place = problem.line.map { " line \($0)" } ?? ""
      throw ProjectError(.badYAML, "\(fileName)\(place): \(problem.text); \(problem.remedy)")
    } catch let error as YamlError {
      throw projectError(error, text: text, fileName: fileName)
    }
    guard let root, !FileSection.isNull(root) else {
      throw ProjectError(
        .badYAML, "\(fileName) is empty; `vitrine init DIR` writes one with an explanation of every key")
    }
    return root
  }

  /// What to look for in the line that YAML stumbles over.
  private static func remedy(_ text: String, line: Int) -> String {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let marks: Set<Character> = ["\u{201C}", "\u{201D}", "\u{201E}", "\u{2018}", "\u{2019}"]
    if lines.indices.contains(line - 1), let mark = lines[line - 1].first(where: marks.contains) {
      return "'\(mark)' is a quotation mark of word processors: write \" or ' instead"
    }
    return "check the indentation (spaces, no tabs), quotes and brackets there"
  }

  private static func projectError(_ error: YamlError, text: String, fileName: String) -> ProjectError {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let circumstance = context.map { " (\($0.text) in line \($0.mark.line))" } ?? ""
      return ProjectError(
        .badYAML,
        "\(fileName) line \(mark.line) is not valid YAML: \(problem)\(circumstance); " + remedy(text, line: mark.line))
    case .duplicatedKeysInMapping(let keys, let context):
      let names = keys.map { "'\($0)'" }.joined(separator: ", ")
      return ProjectError(
        .duplicate,
        "the key \(names) is written twice in one group in \(fileName), first in line \(context.mark.line); "
          + "keep one of the two (two models need two versions)")
    case .reader(let problem, let offset, _, let yaml):
      let line = offset.map { yaml.prefix($0).reduce(1) { $0 + ($1.isNewline ? 1 : 0) } }
      let place = line.map { " line \($0)" } ?? ""
      return ProjectError(.badYAML, "\(fileName)\(place) holds a character that YAML forbids: \(problem); remove it")
    default:
      return ProjectError(.badYAML, "\(fileName) is not valid YAML: \(error.description); correct it")
    }
  }
}
