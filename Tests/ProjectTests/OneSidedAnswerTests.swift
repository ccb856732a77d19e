import Foundation
import Testing

@testable import Analysis
@testable import Project

@Suite("Answers that stand for themselves")
struct OneSidedAnswerTests {
  /// The sample whose two models have a head; `answers` stands in line 18 and the label in line 24.
  private func project(
    _ problem: String, _ answers: String, labels: [String] = ["calm", "rude"], threshold: String? = nil
  )
    throws -> TemporaryProject
  {
    var lines = [18: "  answers: \(answers)"]
    if let threshold { lines[24] = "  label: {column: label, positive: good}\n  threshold: \(threshold)" }
    let project = try Sample.project(replacing: lines)
    let names = labels.enumerated().map { "\"\($0)\": \"\($1)\"" }.joined(separator: ", ")
    let config = """
      {"model_type": "bert", "architectures": ["BertForSequenceClassification"], "problem_type": "\(problem)",
       "id2label": {\(names)}}
      """
    for model in ["a", "b"] { try project.write(Data(config.utf8), to: "models/\(model)/config.json") }
    return project
  }

  private let multi = "multi_label_classification"

  @Test("One label of a model of several stands for itself, and its threshold decides, never a first choice")
  func oneLabel() throws {
    let loaded = try project(multi, "{positive: [rude], negative: []}", threshold: "-0.847").load()
    #expect(loaded.behaviours[0].positive == ["rude"] && loaded.behaviours[0].negative.isEmpty)
    let plan = try #require(loaded.evaluationPlan())
    #expect(plan.positive == ["rude"] && plan.negative.isEmpty)
    #expect(plan.threshold == -0.847 && plan.firstChoice == nil)
    // Without a threshold it is the even chance, 0 logits: still no first choice.
    let even = try #require(try project(multi, "{positive: [rude], negative: []}").load().evaluationPlan())
    #expect(even.threshold == 0 && even.firstChoice == nil)
    // A name of a class has no leading space.
    #expect(!loaded.warnings.contains { $0.contains("leading space") }, "\(loaded.warnings)")
  }

  @Test(
    "What cannot stand for itself is an error with its line and the remedy",
    arguments: [
      ("multi_label_classification", "{positive: [rude, calm], negative: []}", "'positive' has 2 labels"),
      ("multi_label_classification", "{positive: [rude]}", "add 'negative: []'"),
      ("multi_label_classification", "{positive: [], negative: []}", "missing key 'positive'"),
      ("single_label_classification", "{positive: [rude], negative: []}", "missing key 'negative'"),
    ])
  func refused(problem: String, answers: String, part: String) throws {
    let project = try project(problem, answers)
    let message = projectError { _ = try project.load() }?.message ?? "read"
    #expect(message.contains(part) && message.contains("vitrine.yaml line 18"), "\(message)")
  }

  @Test("Where no model is there yet, one side is read, and the engine judges it once there is one")
  func withoutModels() throws {
    let loaded = try Sample.project(replacing: [18: "  answers: {positive: [rude], negative: []}"]).load()
    #expect(loaded.evaluation?.negative == [])
  }
}
