import Foundation
import Testing

@testable import Project

/// A project folder in the temporary directory, removed when it goes out of scope.
final class TemporaryProject {
  let folder: URL

  /// - Parameter files: contents by path; each line of a text ends in LF unless it says otherwise.
  init(_ files: [String: String] = [:]) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("vitrine-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (path, text) in files { try write(Data(text.utf8), to: path) }
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  func write(_ data: Data, to path: String) throws {
    let url = folder.appendingPathComponent(path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: url)
  }

  func load() throws -> Project {
    try ProjectLoader.load(folder: folder)
  }
}

/// A small valid project; tests change single lines of it.
enum Sample {
  static let yaml = """
    system:
      name: Test system
      provider: Test provider
    people:
      - name: Ada
        function: Engineer
        roles: [prepared]
    models:
      1.0:
        folder: models/a
      1.1:
        folder: models/b
        supersedes: 1.0
    prompts:
      template: "Colour {colour}, shape {shape}."
      data: data.csv
      where: {split: test}
      answers: {positive: [" yes"], negative: [" no"]}
    behaviours:
      - id: colour
        question: Does colour matter?
        substitute: {field: colour, clean: red, counterfactual: blue}
    evaluation:
      label: {column: label, positive: good}
      groups: [shape]
    analysis:
      seed: 3
      methods: [circuit]
      confidence: 0.9
    """

  static let data = """
    colour,shape,label,split
    red,round,good,train
    red,round,good,test
    blue,square,bad,test
    green,round,good,test
    blue,round,bad,test

    """

  /// The sample with some lines (from 1) replaced; a replacement may have several lines or none.
  static func yaml(replacing lines: [Int: String]) -> String {
    yaml.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      .map { lines[$0.offset + 1] ?? String($0.element) }.joined(separator: "\n")
  }

  static func project(replacing lines: [Int: String] = [:], data: String = data) throws -> TemporaryProject {
    try TemporaryProject(["vitrine.yaml": yaml(replacing: lines), "data.csv": data])
  }
}

/// The error of a call that has to fail with a `ProjectError`.
func projectError(_ body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation) -> ProjectError? {
  #expect(throws: ProjectError.self, sourceLocation: sourceLocation, performing: body)
}
