import Foundation
import Testing

@testable import Analysis

@Suite("Refusals")
struct RefusalTests {
  private let long = AnalysisPlan.Pair(
    name: "long", clean: String(repeating: " Mary", count: 65), counterfactual: String(repeating: " John", count: 65))
  private let misaligned = AnalysisPlan.Pair(
    name: "misaligned", clean: Prompts.ioi("Mary"), counterfactual: Prompts.ioi("Mary and John"))
  private let identical = AnalysisPlan.Pair(
    name: "identical", clean: Prompts.ioi("Mary"), counterfactual: Prompts.ioi("Mary"))

  @Test("What cannot be analysed is refused by pair, with the reason, and the rest is analysed")
  func everyReason() throws {
    var plan = Prompts.ioiPlan([long, Prompts.store, misaligned, identical])
    plan.prepend = []
    plan.pairs.append(.init(name: "empty", clean: "", counterfactual: ""))
    let outcome = try ReferenceModel.ioi.analyzer().run(plan)
    try #require(outcome.refusals.count == 4)
    #expect(outcome.refusals.map(\.pair) == ["long", "misaligned", "identical", "empty"])
    #expect(outcome.refusals.map(\.reason) == [.badPrompt, .misaligned, .identical, .badPrompt])
    #expect(outcome.refusals.map(\.scope) == ["pair", "pair", "mechanism and ratios", "pair"])
    #expect(outcome.refusals[0].detail == "the prompt has 65 tokens; the model reads at most 64")
    #expect(outcome.refusals[1].detail.contains("the clean prompt has 14 tokens and its counterfactual 16"))
    #expect(outcome.refusals[2].detail.contains("the two prompts are the same tokens"))
    #expect(outcome.refusals[3].detail == "the prompt has no tokens")
    // Nothing is dropped: every pair is in the result, in order.
    #expect(outcome.result.pairs.map(\.name) == plan.pairs.map(\.name))
    #expect(outcome.result.pairs.map { $0.mClean != nil } == [false, true, false, true, false])
    #expect(outcome.result.pairs.map { $0.noising != nil } == [false, true, false, false, false])
    // The total effect is over all aligned pairs, the mechanism over the accepted one.
    #expect(outcome.result.totalEffect?.n == 2)
    #expect(outcome.result.nodeEffects.allSatisfy { $0.noising?.n == 1 })
    #expect(outcome.result.flips?.share.n == 2)
  }

  @Test("A pair below the floor is refused for mechanism only, and its effect still counts")
  func belowFloor() throws {
    var plan = Prompts.ioiPlan([Prompts.store, Prompts.park])
    plan.floor = 1000
    let outcome = try ReferenceModel.ioi.analyzer().run(plan)
    #expect(outcome.refusals.map(\.reason) == [.belowFloor, .belowFloor, .notFound])
    #expect(outcome.refusals[0].detail.contains("is below the floor of 1000.0"))
    // Both decisions differ: "nothing to explain" would not be true.
    #expect(
      outcome.refusals[2].detail
        == "2 decisions differ, but no prompt pair is left after the refusals: none moves the decision value by the floor of 1000.0"
    )
    #expect(outcome.result.totalEffect?.n == 2 && !outcome.isRefused)
    #expect(outcome.result.nodeEffects.isEmpty && outcome.result.tokenAttributions.isEmpty)
    #expect(outcome.approximations.isEmpty, "no approximate number, so none is registered")
    #expect(outcome.findings.map(\.id) == ["total-effect", "change", "flips", "circuit"])
    // The engine is tested all the same.
    #expect(outcome.selfTests.filter { $0.outcome == .passed }.count == 5)
    #expect(!outcome.selfTests.contains { $0.outcome == .failed })
  }

  @Test("With every pair refused there is no effect, and the outcome says so")
  func allRefused() throws {
    let outcome = try ReferenceModel.ioi.analyzer().run(Prompts.ioiPlan([misaligned]))
    #expect(outcome.isRefused && outcome.result.totalEffect == nil && outcome.result.flips == nil)
    #expect(outcome.refusals.map(\.reason) == [.misaligned, .nothingToExplain])
    #expect(outcome.findings.map(\.id) == ["circuit"] && outcome.findings[0].standing == .notEstablished)
    #expect(outcome.selfTests.isEmpty && outcome.approximations.isEmpty)
    // What was read is still part of the digest's input.
    #expect(outcome.tokens.prompts.count == 1)
  }

  @Test("A pair whose prompts meet a value that is not a number is refused whole, the others are not")
  func notFinite() throws {
    for bad in [Float.nan, .infinity] {
      let checkpoint = try Checkpoint(folder: ReferenceModel.ioi.folder)
      let tokenizer = try #require(try checkpoint.tokenizer())
      let model = try Transformer.load(checkpoint)
      // A position that only the longer pair reaches; put there after loading, which refuses such a file.
      let reached = try tokenizer.encode(Prompts.store.clean).count + 1
      try #require(model.positionEmbedding).pointer[(reached + 1) * 128 + 5] = bad
      let long = ["Mary", "John"].map { Prompts.ioi($0, opening: "When Mary and John went to the store and the park,") }
      let analyzer = Analyzer(model: model, tokenizer: tokenizer, folder: "here")
      let outcome = try analyzer.run(
        Prompts.ioiPlan([Prompts.store, .init(name: "park", clean: long[0], counterfactual: long[1])]))
      #expect(outcome.refusals.map(\.pair) == ["park"])
      #expect(outcome.refusals[0].reason == .notFinite && outcome.refusals[0].scope == "pair")
      #expect(outcome.refusals[0].detail.contains("NaN or infinite"))
      #expect(outcome.result.pairs[1].mClean == nil && outcome.result.totalEffect?.n == 1)
    }
  }

  @Test("A weight that is not a number in the final norm refuses every pair and every record")
  func notFiniteAnywhere() throws {
    let checkpoint = try Checkpoint(folder: ReferenceModel.ioi.folder)
    let (model, tokenizer) = (try Transformer.load(checkpoint), try checkpoint.tokenizer())
    model.finalNorm?.weight.pointer[0] = .nan
    let outcome = try Analyzer(model: model, tokenizer: tokenizer, folder: "here").run(Prompts.ioiPlan())
    #expect(outcome.isRefused && outcome.refusals.prefix(2).map(\.reason) == [.notFinite, .notFinite])
    let evaluation = try Evaluator(model: model, tokenizer: tokenizer, folder: "here").run(
      EvaluationPlan(
        dataset: "d", label: "l", positive: [" John"], negative: [" Mary"], groupings: [],
        examples: [.init(name: "r", prompt: "When", positive: true, groups: [:])]))
    #expect(evaluation.result == nil && evaluation.refusals.map(\.reason) == [.notFinite])
    expectError(.notFinite, ["NaN or infinite"]) {
      _ = try model.measure(clean: [1, 2], corrupted: [1, 3], positive: [4], negative: [5], circuits: [])
    }
  }

  @Test("A logit that is not a number leaves no probabilities: every record is refused with that reason")
  func noProbabilities() throws {
    let checkpoint = try Checkpoint(folder: ReferenceModel.ioi.folder)
    let (model, tokenizer) = (try Transformer.load(checkpoint), try #require(try checkpoint.tokenizer()))
    // The last token, which no prompt has; its row of the embedding is its row of the unembedding too.
    model.tokenEmbedding.pointer[(tokenizer.vocabularySize - 1) * 128] = .nan
    let evaluation = try Evaluator(model: model, tokenizer: tokenizer, folder: "here").run(
      EvaluationPlan(
        dataset: "d", label: "l", positive: [" John"], negative: [" Mary"], groupings: [],
        examples: [.init(name: "r", prompt: "When", positive: true, groups: [:])]))
    #expect(evaluation.result == nil && evaluation.refusals.map(\.reason) == [.notFinite])
    #expect(evaluation.refusals[0].detail.contains("no probabilities"))
  }

  // MARK: Answers

  private func answer(
    _ code: AnalysisError.Code, _ says: [String], _ positive: [String], _ negative: [String] = [" Mary"]
  ) throws {
    var plan = Prompts.ioiPlan()
    plan.positive = positive
    plan.negative = negative
    let analyzer = try ReferenceModel.ioi.analyzer()
    expectError(code, says) { _ = try analyzer.run(plan) }
    expectError(code, says) { _ = try analyzer.check(plan) }
  }

  @Test(
    "An answer that a leading space would make one token is refused with its tokens and the remedy; so is one of none")
  func severalTokens() throws {
    try answer(.badAnswer, ["answer 'John' is", "tokens (", "did you mean ' John' with its leading space"], ["John"])
    try answer(.badAnswer, ["answer '' has no tokens"], [""])
    // An answer whose probability holds another's.
    try answer(.badAnswer, ["is the beginning of", "leave one of them out"], [" John Mary", " John"])
  }

  @Test("Answers that are empty, repeated or on both sides are refused")
  func answerSets() throws {
    try answer(.badAnswer, ["the positive answers are empty"], [])
    try answer(.badAnswer, ["the negative answers are empty"], [" John"], [])
    try answer(.badAnswer, ["named twice"], [" John", " John"])
    try answer(.badAnswer, ["named twice"], [" John"], [" Mary", " John"])
    expectError(.badAnswer, ["answer token 9 is outside the model's vocabulary of 9 tokens"]) {
      _ = try Decision(positive: [9], negative: [1], vocabulary: 9)
    }
    expectError(.badAnswer, ["answer token -1 is outside"]) {
      _ = try Decision(positive: [1], negative: [-1], vocabulary: 9)
    }
  }

  @Test("A tokenizer of another model, or none, stops the plan with what to do")
  func tokenizers() throws {
    let model = try ReferenceModel.tiny.model()
    let other = try ReferenceModel.ioi.checkpoint().tokenizer()
    expectError(.vocabularyMismatch, ["here: tokenizer.json has 509 tokens, but the model only 61"]) {
      _ = try Analyzer(model: model, tokenizer: other, folder: "here").run(Prompts.ioiPlan())
    }
    expectError(.badTokenizer, ["here: has no tokenizer.json", "give token ids"]) {
      _ = try Analyzer(model: model, tokenizer: nil, folder: "here").run(Prompts.ioiPlan())
    }
    var plan = Prompts.ioiPlan()
    plan.prepend = ["not one token"]
    expectError(.badTokenizer, ["prompts.prepend 'not one token' is", "tokens, not one"]) {
      _ = try ReferenceModel.ioi.analyzer().run(plan)
    }
  }

  @Test("A check names the refusals of a run without computing anything")
  func check() throws {
    var plan = Prompts.ioiPlan([long, Prompts.store, misaligned, identical])
    plan.floor = 0
    let analyzer = try ReferenceModel.ioi.analyzer()
    let (check, outcome) = (try analyzer.check(plan), try analyzer.run(plan))
    #expect(check.pairs == 4 && check.tokens == 15...15)
    let refused = outcome.refusals.filter { $0.scope == "pair" }
    #expect(check.refused.map(\.pair) == refused.map(\.pair) && check.refused.map(\.detail) == refused.map(\.detail))
    #expect(check.identical == ["identical"])
  }
}
