import Foundation
import Testing

@testable import Analysis

/// Answers of several tokens, scored under teacher forcing, against PyTorch (Tests/Reference/answers/answers.py), where every
/// answer has a run of its own.
@Suite("Answers of several tokens")
struct ForcedAnswerTests {
  static let models = ["tiny-gpt2", "tiny-gpt2-erf", "ioi", "llama", "gpt-neox", "gemma2", "qwen3"]

  static func model(_ name: String) throws -> Transformer {
    if let known = ReferenceModel(rawValue: name) { return try known.model() }
    return try #require(FamilyModel(rawValue: name)).model()
  }

  static func cases(_ name: String) throws -> [ReferenceCase] {
    try Reference.read(ReferenceFile.self, "answers/\(name).json").cases
  }

  static func run(_ model: Transformer, _ reference: ReferenceCase) throws -> PairRun {
    try PairRun(
      model: model,
      decision: Decision(
        positive: reference.positiveAnswers.map(\.ids), negative: reference.negativeAnswers.map(\.ids),
        vocabulary: model.decisionCount), clean: reference.cleanIDs, counterfactual: reference.corruptedIDs)
  }

  @Test("Every value of every case lies within 1e-4 of the reference", arguments: models)
  func measurements(name: String) throws {
    let (model, cases) = (try Self.model(name), try Self.cases(name))
    #expect(Set(cases.map(\.cleanIDs.count)).count == cases.count, "prompts of different lengths")
    for (number, reference) in cases.enumerated() {
      let ours = try model.measure(
        clean: reference.cleanIDs, corrupted: reference.corruptedIDs, positive: reference.positiveAnswers.map(\.ids),
        negative: reference.negativeAnswers.map(\.ids), circuits: reference.circuits.map(\.heads))
      #expect(ours.positive == reference.positiveAnswers && ours.negative == reference.negativeAnswers)
      #expect(ParityTests.deviating(ours, reference) == [], "case \(number)")
      let zeroed = try Self.run(model, reference).zeroedTokenEffects(reference.cleanIDs)
      let off = largestDifference(zeroed, try #require(reference.zeroedToken))
      #expect(off <= 1e-4 * reference.scale, "case \(number): zeroed \(off)")
    }
  }

  @Test("A first token's probability is the sum over all second tokens: m, effects and attributions are the same")
  func marginal() throws {
    let model = try ReferenceModel.tiny.model()
    let reference = try ReferenceModel.tiny.cases()[1]
    let (a, b) = (reference.positive[0], reference.negative[0])
    func measure(_ positive: [[Int]], _ negative: [[Int]]) throws -> Analysis.Measurement {
      try model.measure(
        clean: reference.cleanIDs, corrupted: reference.corruptedIDs, positive: positive, negative: negative,
        circuits: [])
    }
    let single = try measure([[a]], [[b]])
    let summed = try measure((0..<model.vocabularySize).map { [a, $0] }, [[b]])
    for (name, one, other) in [
      ("m", [single.mClean, single.mCorrupted], [summed.mClean, summed.mCorrupted]),
      (
        "noising", single.noisingHead.flatMap { $0 } + single.noisingMLP,
        summed.noisingHead.flatMap { $0 } + summed.noisingMLP
      ),
      ("denoising", single.denoisingHead.flatMap { $0 }, summed.denoisingHead.flatMap { $0 }),
      (
        "attribution", single.attributionHead.flatMap { $0 } + single.attributionMLP,
        summed.attributionHead.flatMap { $0 } + summed.attributionMLP
      ),
      ("tokens", single.igToken + single.gradientTimesInputToken, summed.igToken + summed.gradientTimesInputToken),
    ] {
      #expect(largestDifference(one, other) <= 2e-5, "\(name): \(largestDifference(one, other))")
    }
  }

  @Test("Answers that begin alike share a sequence; shorter ones are filled up")
  func sequences() throws {
    let decision = try Decision(
      positive: [[1, 2], [1, 3, 4]], negative: [[5], [6, 1, 2]], vocabulary: 9)
    #expect(decision.continuations == [[1, 3], [6, 1]])
    #expect(decision.tail == 3 && decision.longestAnswer == 3 && !decision.isSingleToken)
    #expect(decision.sequences(after: [7, 8]) == [[7, 8, 1, 3], [7, 8, 6, 1]])
    let places = decision.terms.map { $0.map { decision.places[$0.place] } }
    #expect(places[0] == [.init(sequence: 0, offset: 0), .init(sequence: 0, offset: 1)])
    #expect(places[2] == [.init(sequence: 0, offset: 0)])
    let filled = try Decision(positive: [[1, 2]], negative: [[3, 4, 5]], vocabulary: 9)
    #expect(filled.continuations == [[3, 4], [1, 1]])
    let single = try Decision(positive: [1, 2], negative: [3], vocabulary: 9)
    #expect(single.continuations == [[]] && single.tail == 1 && single.isSingleToken)
  }

  @Test(
    "Tokens that fill a sequence up are read by nothing: other fillers leave every bit",
    arguments: ["llama", "tiny-gpt2"])
  func fillers(name: String) throws {
    let model = try Self.model(name)
    let prompt = [3, 1, 4, 1]
    let decision = try Decision(positive: [[5, 6]], negative: [[7, 8, 9, 10]], vocabulary: model.decisionCount)
    let trace = try model.forward(prompt, for: decision)
    let other = model.forward(
      try model.embed([prompt + [7, 8, 9], prompt + [5, 44, 2]]), length: 7, decided: 3..<7)
    #expect(model.value(of: decision, trace).bitPattern == model.value(of: decision, other).bitPattern)
  }

  @Test("A batch of variants has the bits of each run alone")
  func batch() throws {
    for name in ["tiny-gpt2", "gemma2"] {
      let model = try Self.model(name)
      let run = try Self.run(model, try Self.cases(name)[1])
      for noising in [true, false] {
        let together = run.values(model.nodes.map { [$0] }, noising: noising).map(\.m.bitPattern)
        let alone = model.nodes.map { run.values([[$0]], noising: noising)[0].m.bitPattern }
        #expect(together == alone)
        #expect(Set(together).count > model.nodes.count / 2, "the variants differ")
      }
    }
  }

  @Test("Every node replaced at once gives the other run's decision value, and replaced by itself none")
  func wholeRun() throws {
    let model = try Self.model("llama")
    for reference in try Self.cases("llama") {
      let run = try Self.run(model, reference)
      let all = run.values(onCleanRun: true) { sequence in
        [[Intervention(.residualPre(layer: 0), .run(run.counterfactual, sequence: sequence))]]
      }
      #expect(all[0].m.bitPattern == run.mCounterfactual.bitPattern && all[0].changed == [true])
      let none = run.values(onCleanRun: true) { sequence in
        [model.nodes.map { Intervention(Site($0), .run(run.clean, sequence: sequence)) }]
      }
      #expect(none[0].m.bitPattern == run.mClean.bitPattern && none[0].changed.allSatisfy { !$0 })
    }
  }

  @Test("One position at a time agrees with the reference", arguments: models)
  func positions(name: String) throws {
    let (model, reference) = (try Self.model(name), try Self.cases(name)[0])
    let run = try Self.run(model, reference)
    let heads = try #require(reference.noisingHeadPosition)
    let mlps = try #require(reference.noisingMLPPosition)
    for position in reference.cleanIDs.indices {
      let values = run.values(onCleanRun: true) { sequence in
        model.nodes.map {
          [Intervention(Site($0), positions: position..<position + 1, .run(run.counterfactual, sequence: sequence))]
        }
      }
      let wanted = model.nodes.map { node -> Double in
        switch node {
        case .head(let layer, let head): heads[layer][head][position]
        case .mlp(let layer): mlps[layer][position]
        }
      }
      #expect(largestDifference(values.map { $0.m - run.mClean }, wanted) <= 1e-4 * reference.scale)
    }
  }

  // MARK: Whole analyses

  static func plan(_ methods: [AnalysisPlan.Method] = AnalysisPlan.Method.standard) -> AnalysisPlan {
    var plan = Prompts.ioiPlan(methods: methods)
    plan.positive = [" John", " Mary and John"]
    plan.negative = [" Mary went to", " to the store"]
    return plan
  }

  @Test("An analysis scores several tokens, refuses by name what reads one position, and its self-tests pass")
  func analysis() throws {
    let outcome = try ReferenceModel.ioi.analyzer().run(Self.plan())
    #expect(outcome.result.answerTokens == 3)
    #expect(outcome.tokens.positive.map(\.ids.count) == [1, 3] && outcome.tokens.negative.map(\.ids.count) == [3, 3])
    #expect(Set(outcome.refusals.filter { $0.reason == .notDefined }.map(\.scope)) == ["lenses", "edges"])
    #expect(outcome.refusals.allSatisfy { $0.reason != .notDefined || $0.detail.contains("3 tokens") })
    #expect(outcome.result.lenses == nil && outcome.result.edges == nil)
    #expect(outcome.selfTests.count >= 5 && !outcome.selfTests.contains { $0.outcome == .failed })
    #expect(outcome.selfTests.filter { $0.outcome == .passed }.count >= 5, "\(outcome.selfTests)")
    #expect(outcome.result.nodeEffects.allSatisfy { $0.noising != nil && $0.attribution != nil })
    #expect(!outcome.result.tokenAttributions.isEmpty)
    #expect(outcome.result.circuit != nil || outcome.refusals.contains { $0.scope == "circuit" })
    let raw = try ReferenceModel.ioi.model().measure(
      clean: try #require(outcome.tokens.prompts[0])[0], corrupted: try #require(outcome.tokens.prompts[0])[1],
      positive: outcome.tokens.positive.map(\.ids), negative: outcome.tokens.negative.map(\.ids), circuits: [])
    #expect(raw.mClean == outcome.result.pairs[0].mClean)
  }

  @Test("Answers of one token leave no trace of the others in a result")
  func oneToken() throws {
    let outcome = try ReferenceModel.ioi.analyzer().run(Prompts.ioiPlan(methods: [.exactPatching]))
    #expect(outcome.result.answerTokens == nil)
    let coded = String(decoding: try JSONEncoder().encode(outcome.tokens), as: UTF8.self)
    #expect(coded.contains("\"positive\":[418]"), "\(coded)")
  }

  @Test("A prompt that is too long with its longest answer is refused, with both lengths")
  func tooLong() throws {
    let model = try ReferenceModel.tiny.model()
    let decision = try Decision(positive: [[1, 2, 3]], negative: [[4]], vocabulary: model.decisionCount)
    let prompt = Array(repeating: 7, count: model.maximalLength - 1)
    expectError(.promptTooLong, ["31 tokens", "longest answer 3", "at most 32"]) {
      _ = try PairRun(model: model, decision: decision, clean: prompt, counterfactual: prompt)
    }
    _ = try PairRun(
      model: model, decision: decision, clean: Array(prompt.dropLast()), counterfactual: Array(prompt.dropLast()))
  }

  @Test("Edges of such a run are refused, not measured at one position")
  func edges() throws {
    let model = try Self.model("llama")
    let run = try Self.run(model, try Self.cases("llama")[0])
    expectError(.badAnswer, ["edges", "3 tokens"]) { _ = try run.edgeAttributions() }
    expectError(.badAnswer, ["edges", "3 tokens"]) { _ = try EdgeSweep(run) }
  }
}
