import Foundation
import Testing

@testable import Analysis

/// The trained encoder of the example with the head of its class `good` alone: a regression. Its number is what PyTorch gave for that class
/// (`Tests/Reference/encoders/example.py`), since one output less changes no other.
@Suite("Plans of numbers")
struct NumberPlanTests {
  private struct File: Decodable {
    struct Case: Decodable {
      var cleanText, corruptedText: String
      var lastLogits: [Double]

      private enum CodingKeys: String, CodingKey {
        case cleanText = "clean_text"
        case corruptedText = "corrupted_text"
        case lastLogits = "last_logits"
      }
    }
    var cases: [Case]
  }

  private func cases() throws -> [File.Case] {
    try Reference.read(File.self, "encoders/screening-v1.0.json").cases
  }

  private func model() throws -> (model: Transformer, tokenizer: Tokenizer?, folder: String) {
    let scratch = try Scratch(copying: Reference.examples.appendingPathComponent("encoder-screening/models/v1.0"))
    try scratch.edit(
      "config.json", ["problem_type": "regression", "id2label": ["0": "score"], "label2id": ["score": 0]])
    try scratch.write(
      try scratch.tensors().map { tensor in
        guard tensor.name.hasPrefix("classifier.") else { return tensor }
        return Scratch.NewTensor(
          tensor.name, [1] + tensor.shape.dropFirst(), type: tensor.type,
          Data(tensor.data.suffix(tensor.data.count / 2)))
      })
    let checkpoint = try Checkpoint(folder: scratch.folder)
    return (try Transformer.load(checkpoint), try checkpoint.tokenizer(), scratch.folder.path)
  }

  private func evaluationPlan(threshold: Double? = nil) throws -> EvaluationPlan {
    EvaluationPlan(
      dataset: "reference", label: "score", positive: [], negative: [], specialTokens: .auto, threshold: threshold,
      groupings: [],
      examples: try cases().enumerated().map {
        EvaluationPlan.Example(
          name: "record \($0.offset)", prompt: $0.element.cleanText, positive: false, number: 0, groups: [:])
      }, bootstrapResamples: 100, unit: "points")
  }

  private func plan(threshold: Double?) throws -> AnalysisPlan {
    AnalysisPlan(
      behaviour: "b", question: "?", positive: [], negative: [],
      pairs: try cases().enumerated().map {
        AnalysisPlan.Pair(
          name: "pair \($0.offset)", clean: $0.element.cleanText, counterfactual: $0.element.corruptedText)
      }, specialTokens: .auto, methods: [.exactPatching], floor: 0, bootstrapResamples: 100, unit: "points",
      threshold: threshold)
  }

  @Test("The decision value is the model's number, and with labels of 0 its errors are its own moments")
  func evaluation() throws {
    let (model, tokenizer, folder) = try model()
    let outcome = try Evaluator(model: model, tokenizer: tokenizer, folder: folder).run(
      try evaluationPlan().settled(with: tokenizer))
    let result = try #require(outcome.result)
    let numbers = try cases().map { $0.lastLogits[1] }
    for (score, number) in zip(result.scores, numbers) { #expect(abs((score.m ?? .nan) - number) < 5e-5) }
    #expect(result.rule == .undecided && result.groups.isEmpty && result.scores.allSatisfy { $0.choice == nil })
    let all = try #require(result.errors?.first)
    #expect(abs(all.meanAbsoluteError.value - numbers.map(abs).reduce(0, +) / Double(numbers.count)) < 5e-5)
    #expect(abs(all.meanError.value - numbers.reduce(0, +) / Double(numbers.count)) < 5e-5)
    #expect(all.determination == nil && all.positiveRate == nil)
    let findings = Dictionary(uniqueKeysWithValues: outcome.findings.map { ($0.id, $0) })
    #expect(findings["mean-absolute-error"]?.unit == "points" && findings["positive-rate"] == nil)
  }

  @Test("Without a threshold no decision is counted; with one, at the threshold")
  func decisions() throws {
    let (model, tokenizer, folder) = try model()
    let analyzer = Analyzer(model: model, tokenizer: tokenizer, folder: folder)
    let open = try plan(threshold: nil).settled(with: tokenizer)
    let undecided = try analyzer.run(open).result
    #expect(undecided.flips == nil && undecided.positiveOnlyClean == nil && undecided.positiveOnlyCounterfactual == nil)
    #expect(undecided.positiveShareChange(open) == nil && undecided.totalEffect != nil)
    let standing = try #require(undecided.standing)
    #expect(standing.flips == nil && !standing.grounds.contains(.flips))
    // A threshold between the two numbers of the first pair turns that pair.
    let first = undecided.pairs[0]
    let threshold = (try #require(first.mClean) + #require(first.mCounterfactual)) / 2
    let decided = try plan(threshold: threshold).settled(with: tokenizer)
    let result = try analyzer.run(decided).result
    let turned = result.pairs.count { (($0.mClean ?? 0) > threshold) != (($0.mCounterfactual ?? 0) > threshold) }
    #expect(turned > 0 && result.flips?.count == turned && result.standing?.flips?.count == turned)
    let share = try #require(result.positiveShareChange(decided))
    let moved = result.pairs.reduce(0.0) {
      $0 + (($1.mCounterfactual ?? 0) > threshold ? 1 : 0) - (($1.mClean ?? 0) > threshold ? 1 : 0)
    }
    #expect(abs(share.value - moved / Double(result.pairs.count)) < 1e-12)
  }

  @Test("Findings of a number are in its unit, never in logits")
  func findings() throws {
    let (model, tokenizer, folder) = try model()
    let outcome = try Analyzer(model: model, tokenizer: tokenizer, folder: folder).run(
      try plan(threshold: nil).settled(with: tokenizer))
    #expect(outcome.findings.contains { $0.unit == "points" })
    #expect(!outcome.findings.contains { $0.unit == "logits" || $0.id == "flips" })
  }

  @Test("A number without a unit, a unit without a number, and a label that is none are refused with what to do")
  func refused() throws {
    let (model, tokenizer, folder) = try model()
    let evaluator = Evaluator(model: model, tokenizer: tokenizer, folder: folder)
    var plan = try evaluationPlan()
    plan.examples[1].number = nil
    expectError(.badPlan, ["a number as the label of each record"]) { _ = try evaluator.check(plan) }
    plan = try evaluationPlan()
    (plan.unit, plan.threshold, plan.positive) = (nil, 0, ["score"])
    expectError(.badAnswer, [folder, "gives a number", "answers: {unit: …}"]) { _ = try evaluator.check(plan) }
    let checkpoint = try Checkpoint(
      folder: Reference.examples.appendingPathComponent("encoder-screening/models/v1.0"))
    let classifier = Evaluator(
      model: try Transformer.load(checkpoint), tokenizer: try checkpoint.tokenizer(), folder: "models/v1")
    expectError(.badAnswer, ["'models/v1' gives no number", "classifier"]) {
      _ = try classifier.check(try evaluationPlan())
    }
  }
}
