import Foundation

/// A folder in the temporary directory, removed when it goes out of scope.
final class Scratch: Sendable {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("vitrine-command-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// The path of the folder.
  var path: String { folder.path }

  func url(_ path: String) -> URL { folder.appendingPathComponent(path) }

  func write(_ text: String, to path: String) throws {
    let url = url(path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// Copies a file or folder of the repository.
  func copy(_ source: String, to path: String) throws {
    let target = url(path)
    try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: Program.repository.appendingPathComponent(source), to: target)
  }

  /// The core of a version's dossier and its annexes in one form, one after another.
  func dossierPages(_ version: String, _ ending: String = "md") throws -> String {
    try ["dossier", "evidence", "traceability", "law"].map { name in
      try String(contentsOf: url("dossier/\(version)/\(name).\(ending)"), encoding: .utf8)
    }.joined(separator: "\n")
  }

  /// Every file in the folder, hidden ones too, in alphabetical order.
  func files() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: path).filter { name in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: url(name).path, isDirectory: &isFolder) && !isFolder.boolValue
    }.sorted()
  }
}

/// Project files for the small trained models of `examples/`.
enum Sample {
  static let ioi = "examples/ioi/models/v1.0"
  static let credit = "examples/credit-screening/models/v1.0"
  static let tiny = "Tests/Reference/models/tiny-gpt2"

  static func repositoryPath(_ path: String) -> String { Program.repository.appendingPathComponent(path).path }

  /// A prompt pair of the indirect-object model: the counterfactual exchanges the subject.
  static func pair(_ place: String = "store", subject: String = "John") -> String {
    let start = "When Mary and John went to the \(place),"
    return "{name: \(place) \(subject), clean: \"\(start) Mary gave a drink to\", "
      + "counterfactual: \"\(start) \(subject) gave a drink to\"}"
  }

  /// A project with behaviours of explicit pairs on the indirect-object model, set to be quick.
  static func project(
    model: String = repositoryPath(ioi), answers: String = "{positive: [\" John\"], negative: [\" Mary\"]}",
    behaviours: [(id: String, pairs: [String])] = [("names", [pair(), pair("park")])], analysis: [String] = []
  ) -> String {
    var lines = [
      "system: {name: Test system}", "models:", "  1.0: {folder: \"\(model)\"}", "prompts:",
      "  prepend: [\"<|endoftext|>\"]", "  answers: \(answers)", "behaviours:",
    ]
    for behaviour in behaviours {
      lines += ["  - id: \(behaviour.id)", "    question: Who is given the object?", "    pairs:"]
      lines += behaviour.pairs.map { "      - \($0)" }
    }
    lines += [
      "analysis:", "  bootstrap_resamples: 100", "  integrated_gradients_steps: 4", "  token_attribution_pairs: 1",
    ]
    return (lines + analysis.map { "  " + $0 }).joined(separator: "\n") + "\n"
  }

  /// The same in a folder of its own.
  static func folder(_ yaml: String = project()) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(yaml, to: "vitrine.yaml")
    return scratch
  }
}
