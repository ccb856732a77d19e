import Foundation
import Testing

@testable import Analysis

/// The trained encoder of the example as a model of several labels. A label's logit is what PyTorch gave for that class
/// (`Tests/Reference/encoders/example.py`): `problem_type` does not change the computation, only what the logits mean.
@Suite("Evaluations of one label")
struct LabelEvaluationTests {
  private func evaluator() throws -> Evaluator {
    let scratch = try Scratch(copying: Reference.examples.appendingPathComponent("encoder-screening/models/v1.0"))
    try scratch.edit("config.json", ["problem_type": "multi_label_classification"])
    let checkpoint = try Checkpoint(folder: scratch.folder)
    return Evaluator(
      model: try Transformer.load(checkpoint), tokenizer: try checkpoint.tokenizer(), folder: scratch.folder.path)
  }

  private struct File: Decodable {
    struct Case: Decodable {
      var cleanText: String
      var lastLogits: [Double]

      private enum CodingKeys: String, CodingKey {
        case cleanText = "clean_text"
        case lastLogits = "last_logits"
      }
    }
    var cases: [Case]
  }

  private func cases() throws -> [File.Case] {
    try Reference.read(File.self, "encoders/screening-v1.0.json").cases
  }

  private func plan(_ label: String, threshold: Double, firstChoice: Bool? = nil) throws -> EvaluationPlan {
    EvaluationPlan(
      dataset: "reference", label: "\(label) = 1", positive: [label], negative: [], specialTokens: .auto,
      threshold: threshold, firstChoice: firstChoice, groupings: [],
      examples: try cases().enumerated().map {
        EvaluationPlan.Example(name: "record \($0.offset)", prompt: $0.element.cleanText, positive: true, groups: [:])
      }, bootstrapResamples: 100)
  }

  private func result(_ plan: EvaluationPlan) throws -> EvaluationResult {
    let evaluator = try evaluator()
    return try #require(try evaluator.run(plan.settled(with: evaluator.tokenizer)).result)
  }

  @Test("The decision value is the label's own logit, and the label holds above its threshold", arguments: [0, 1])
  func logits(label: Int) throws {
    let logits = try cases().map { $0.lastLogits[label] }
    let sorted = logits.sorted()
    let threshold = (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
    let result = try result(try plan(["bad", "good"][label], threshold: threshold))
    for (score, logit) in zip(result.scores, logits) { #expect(abs((score.m ?? .nan) - logit) < 5e-5) }
    #expect(result.groups[0].positiveRate.count == logits.count { $0 > threshold })
    #expect(result.rule == .threshold && result.scores.allSatisfy { $0.choice == nil })
  }

  @Test("No first choice is taken, even if a plan asks for one")
  func noFirstChoice() throws {
    let result = try result(try plan("bad", threshold: 0, firstChoice: true))
    #expect(result.rule == .threshold)
    #expect(result.groups[0].positiveRate.count == (try cases()).count { $0.lastLogits[0] > 0 })
  }

  @Test("A name that is no label, and several labels on one side, are refused with what to do")
  func names() throws {
    let evaluator = try evaluator()
    var plan = try plan(" good", threshold: 0)
    expectError(
      .badAnswer, ["' good'", "bad, good", "config.json's id2label", evaluator.folder, "did you mean 'good'"]
    ) {
      _ = try evaluator.check(plan)
    }
    plan.positive = ["bad", "good"]
    expectError(.badAnswer, ["2 labels stand on the positive side", "one at a time"]) { _ = try evaluator.check(plan) }
  }
}
