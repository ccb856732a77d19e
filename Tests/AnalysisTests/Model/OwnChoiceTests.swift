import Foundation
import Testing

@testable import Analysis

@Suite("What the model itself would say")
struct OwnChoiceTests {
  /// Held against the softmax of PyTorch's float64 logits of all tokens (or classes).
  private func expect(_ run: PairRun, _ reference: ReferenceCase) throws {
    let choice = try run.model.ownChoice(of: run.decision, run.clean) { $0.map(String.init) }
    let most = try #require(reference.lastLogits.max())
    let total = reference.lastLogits.reduce(0) { $0 + exp($1 - most) }
    let best = try #require(reference.lastLogits.firstIndex(of: most))
    #expect(choice.id == best)
    #expect(abs(choice.probability - 1 / total) < 1e-4)
    let (positive, negative) = (run.decision.positive, run.decision.negative)
    let answers = (positive + negative).reduce(0) { $0 + exp(reference.lastLogits[$1] - most) } / total
    #expect(abs(choice.answersProbability - answers) < 1e-4)
    let side: OwnChoice.Side = positive.contains(best) ? .positive : negative.contains(best) ? .negative : .none
    #expect(choice.side == side)
    #expect(choice.text == run.model.classifier?.labels[best] ?? String(best))
  }

  @Test("Choice and probabilities are those of PyTorch's logits, for every family", arguments: FamilyModel.allCases)
  func families(family: FamilyModel) throws {
    let (run, reference) = try family.run(0)
    try expect(run, reference)
  }

  @Test("… and for the ioi model, whose answers hold nearly everything")
  func ioi() throws {
    let (model, reference) = (try ReferenceModel.ioi.model(), try ReferenceModel.ioi.cases()[0])
    let decision = try Decision(
      positive: reference.positive, negative: reference.negative, vocabulary: model.decisionCount)
    let run = try PairRun(
      model: model, decision: decision, clean: reference.cleanIDs, counterfactual: reference.corruptedIDs)
    try expect(run, reference)
    // Teacher forcing of answers of one token is the softmax itself.
    let scores = model.answerScores(of: decision, at: run.clean.decisionRows(of: decision, run: 0))
    let choice = try run.model.ownChoice(of: decision, run.clean) { $0.map(String.init) }
    #expect(abs(scores.reduce(0) { $0 + exp($1) } - choice.answersProbability) < 1e-6)
  }

  private func choice(_ text: String, _ side: OwnChoice.Side, answers: Double = 0.9) -> OwnChoice {
    OwnChoice(id: 0, text: text, probability: 0.8, side: side, answersProbability: answers)
  }

  @Test("Where the first choice decides, a third class is neither positive nor right")
  func thirdClass() throws {
    let plan = EvaluationPlan(
      dataset: "", label: "", positive: ["yes"], negative: ["no"], firstChoice: true, groupings: [],
      examples: [true, true, false].enumerated().map { i, positive in
        .init(name: "\(i)", prompt: "", positive: positive, groups: [:])
      }, bootstrapResamples: 100)
    // The decision value alone is right three times; the model's own choice is the third class every time but once.
    let values = [2.0, 1.0, -3.0]
    let choices = [choice("maybe", .none), choice("yes", .positive), choice("maybe", .none)]
    func group(_ rule: EvaluationResult.DecisionRule) -> EvaluationResult.Group {
      let records = plan.examples.indices.map {
        GroupPerformance.Record(plan: plan, example: plan.examples[$0], m: values[$0], choice: choices[$0], rule: rule)
      }
      return GroupPerformance(plan: plan, records: records).groups()[0]
    }
    #expect(group(.threshold).accuracy.count == 3 && group(.threshold).positiveRate.count == 2)
    #expect(group(.firstChoice).accuracy.count == 1 && group(.firstChoice).positiveRate.count == 1)
    #expect(group(.firstChoice).truePositiveRate?.count == 1 && group(.firstChoice).falsePositiveRate?.count == 0)
  }

  @Test("Counts: others, answers below one half, the commonest other")
  func counts() {
    let choices = OwnChoices([
      choice("a", .positive), nil, choice("b", .none, answers: 0.2), choice("c", .none, answers: 0.4),
      choice("b", .none, answers: 0.5), choice("n", .negative, answers: 1),
    ])
    #expect(choices.prompts == 5 && choices.others == 3 && choices.belowHalf == 2)
    #expect(choices.commonest?.text == "b" && choices.commonest?.count == 2)
    #expect(abs(choices.meanAnswers - 0.6) < 1e-12)
    #expect(choices.isDoubtful)
    #expect(!OwnChoices([choice("a", .positive)]).isDoubtful && OwnChoices([nil]).prompts == 0)
  }
}
