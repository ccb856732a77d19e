import Foundation
import Testing

@testable import Analysis

@Suite("Evaluator")
struct EvaluatorTests {
  private func evaluator(_ name: ReferenceModel) throws -> Evaluator {
    Evaluator(model: try name.model(), tokenizer: try name.checkpoint().tokenizer(), folder: name.folder.path)
  }

  private static let openings = ["store", "park", "office", "school"].map {
    "When Mary and John went to the \($0),"
  }

  /// Who gets the drink: John if Mary gives it.
  private func plan(threshold: Double = 0) -> EvaluationPlan {
    EvaluationPlan(
      dataset: "made by hand", label: "recipient = John", positive: [" John"], negative: [" Mary"],
      prepend: ["<|endoftext|>"], threshold: threshold, groupings: ["subject", "place"],
      examples: Self.openings.enumerated().flatMap { i, opening in
        ["Mary", "John"].map { subject in
          EvaluationPlan.Example(
            name: "\(subject) \(i)", prompt: Prompts.ioi(subject, opening: opening), positive: subject == "Mary",
            groups: ["subject": subject, "place": i < 2 ? "outside" : "inside"])
        }
      }, bootstrapResamples: 100)
  }

  @Test("Every record's decision value is the model's, and the groups follow from them by counting")
  func groups() throws {
    let outcome = try evaluator(.ioi).run(plan())
    let result = try #require(outcome.result)
    let reference = try ReferenceModel.ioi.cases()[0]
    #expect(abs((result.scores[0].m ?? .nan) - reference.mClean) < 1e-3)
    #expect(abs((result.scores[1].m ?? .nan) - reference.mCorrupted) < 1e-3)
    #expect(outcome.tokens.prompts.count == 8 && outcome.tokens.prompts[0] == [reference.cleanIDs])
    #expect(result.groups.map(\.grouping) == [nil, "subject", "subject", "place", "place"])
    #expect(result.groups.map(\.name) == [nil, "John", "Mary", "inside", "outside"])
    #expect(result.groups.map(\.n) == [8, 4, 4, 4, 4])
    // The model is right on all eight sentences.
    #expect(result.groups.map(\.accuracy.count) == [8, 4, 4, 4, 4])
    #expect(result.groups.map(\.positiveRate.count) == [4, 0, 4, 2, 2])
    #expect(result.groups.map(\.baseRate.count) == [4, 0, 4, 2, 2])
    #expect(result.groups.map { $0.truePositiveRate?.count } == [4, nil, 4, 2, 2])
    #expect(result.groups.map { $0.falsePositiveRate?.count } == [0, 0, nil, 0, 0])
    #expect(result.groups.map { $0.areaUnderCurve?.value } == [1, nil, nil, 1, 1])
    #expect(result.groups[0].accuracy == .wilson(8, of: 8, confidence: 0.95))
  }

  @Test("The decision is positive above the threshold, not at it")
  func threshold() throws {
    let scores = try #require(try evaluator(.ioi).run(plan()).result).scores.compactMap(\.m)
    let highest = try #require(scores.max())
    for (threshold, positives) in [(highest, 0), (highest.nextDown, 1), (-1000, 8)] {
      let result = try #require(try evaluator(.ioi).run(plan(threshold: threshold)).result)
      #expect(result.groups[0].positiveRate.count == positives)
    }
  }

  @Test("Findings carry each group's estimates under ids of their own")
  func findings() throws {
    let outcome = try evaluator(.ioi).run(plan())
    let groups = try #require(outcome.result).groups
    let byID = Dictionary(uniqueKeysWithValues: outcome.findings.map { ($0.id, $0) })
    #expect(byID["accuracy"]?.estimate == groups[0].accuracy.share)
    #expect(byID["positive-rate.subject.Mary"]?.estimate == groups[2].positiveRate.share)
    #expect(byID["true-positive-rate.subject.John"] == nil && byID["auc.subject.John"] == nil)
    #expect(byID["auc.place.inside"]?.estimate == groups[3].areaUnderCurve)
    #expect(byID["brier.place.outside"]?.estimate == groups[4].brier)
    #expect(byID["calibration-in-the-large"]?.estimate == groups[0].calibrationInTheLarge)
    #expect(byID["calibration-error"]?.estimate == groups[0].expectedCalibrationError)
    #expect(outcome.findings.allSatisfy { $0.standing == .measured && $0.estimate != nil })
  }

  @Test("A record that cannot be read is refused by name, and the others are scored")
  func refusals() throws {
    var plan = plan()
    plan.examples[2].prompt = String(repeating: " Mary", count: 70)
    let outcome = try evaluator(.ioi).run(plan)
    #expect(outcome.refusals.map(\.pair) == ["Mary 1"] && outcome.refusals[0].reason == .badPrompt)
    #expect(outcome.refusals[0].scope == "record")
    let result = try #require(outcome.result)
    #expect(result.scores.count == 8 && result.scores[2].m == nil && result.groups[0].n == 7)
    for i in plan.examples.indices { plan.examples[i].prompt = "" }
    plan.prepend = []
    let none = try evaluator(.ioi).run(plan)
    #expect(none.result == nil && none.findings.isEmpty && none.refusals.count == 8)
  }

  @Test("A plan that makes no sense is refused, a cancelled one stops")
  func badPlans() throws {
    var empty = plan()
    empty.examples = []
    expectError(.badPlan, ["the evaluation has no records"]) { _ = try evaluator(.ioi).run(empty) }
    var resamples = plan()
    resamples.bootstrapResamples = 99
    expectError(.badPlan, ["bootstrap_resamples must be 100 to 1000000"]) { _ = try evaluator(.ioi).run(resamples) }
    var confidence = plan()
    confidence.confidence = 1
    expectError(.badPlan, ["confidence between 0 and 1"]) { _ = try evaluator(.ioi).run(confidence) }
    var answers = plan()
    answers.negative = ["Mary"]
    expectError(.badAnswer, ["did you mean ' Mary'"]) { _ = try evaluator(.ioi).run(answers) }
    var calls = 0
    expectError(.interrupted, ["nothing of this run was stored"]) {
      _ = try evaluator(.ioi).run(
        plan(),
        isCancelled: {
          calls += 1
          return calls == 4
        })
    }
    #expect(calls == 4)
  }

  @Test("A plan evaluated twice gives the same result")
  func determinism() throws {
    let (one, two) = (try evaluator(.ioi).run(plan()), try evaluator(.ioi).run(plan()))
    #expect(one.result == two.result && one.findings == two.findings && one.tokens == two.tokens)
  }
}
