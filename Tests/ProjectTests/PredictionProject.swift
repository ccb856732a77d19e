import Foundation
import Testing

@testable import Analysis
@testable import Project

/// A project on the classifiers of Tests/Reference/predictions, with what transformers said of their records.
struct PredictionProject {
  static let reference = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../Reference/predictions").standardizedFileURL

  let model: String
  /// The lines under `predictions`, without the file.
  var predictions: [String]
  /// Other lines under `evaluation`.
  var evaluation: [String] = []
  /// Other versions, by version: the reference model.
  var others: [String: String] = [:]
  /// A change of the predictions file before it is read.
  var change: (String) -> String = { $0 }
  /// A change of the data file before it is read.
  var changeData: (String) -> String = { $0 }

  /// The project, loaded from a folder of its own.
  func load() throws -> Project {
    let data = try String(contentsOf: Self.reference.appendingPathComponent("records.csv"), encoding: .utf8)
    let said = try String(contentsOf: Self.reference.appendingPathComponent("\(model).csv"), encoding: .utf8)
    var lines = ["system: {name: Predicted}", "models:", "  \"1.0\": {folder: \(Self.folder(model))}"]
    for (version, other) in others.sorted(by: { $0.key < $1.key }) {
      lines.append("  \"\(version)\": {folder: \(Self.folder(other))}")
    }
    lines += [
      "prompts:", #"  template: "Applicant {sex}, age {age}: {purpose}.\nAmount {amount}, decision""#,
      "  data: records.csv", "  answers: {positive: approve, negative: decline}", "evaluation:",
      "  label: {column: label, positive: approve, negative: decline}",
    ]
    lines += evaluation.map { "  " + $0 }
    lines += ["  predictions:", "    file: said.csv"] + predictions.map { "    " + $0 }
    let project = try TemporaryProject([
      "vitrine.yaml": lines.joined(separator: "\n") + "\n", "records.csv": changeData(data), "said.csv": change(said),
    ])
    return try project.load()
  }

  private static func folder(_ name: String) -> String { reference.appendingPathComponent("models/\(name)").path }

  /// What holding the predictions against the engine gives.
  func compare() throws -> PredictionComparison {
    let project = try load()
    let plan = try #require(project.evaluationPlan(version: "1.0"))
    func open(_ folder: URL) throws -> (model: Transformer, tokenizer: Tokenizer?) {
      let checkpoint = try Checkpoint(folder: folder)
      return (try Transformer.load(checkpoint), try checkpoint.tokenizer())
    }
    let version = try project.model(version: "1.0")
    let (model, tokenizer) = try open(version.folder)
    let others = project.models.filter { $0.version != "1.0" }.map { other in
      Evaluator.OtherVersion(version: other.version) { try open(other.folder) }
    }
    let outcome = try Evaluator(model: model, tokenizer: tokenizer, folder: version.path).run(
      plan.settled(with: tokenizer), others: others)
    return try #require(outcome.result?.predictions)
  }
}
