import Foundation
import Testing

@testable import Analysis

@Suite("Methods that are done only where they are named")
struct NamedMethodTests {
  @Test("None of them is standard")
  func standard() {
    #expect(Set(AnalysisPlan.Method.standard).isDisjoint(with: AnalysisPlan.Method.named))
    #expect(AnalysisPlan.Method.standard.count + AnalysisPlan.Method.named.count == AnalysisPlan.Method.allCases.count)
  }

  @Test("Path patching gives each path PyTorch's effect, both ways")
  func paths() throws {
    let golden = try EdgeModel.ioi.golden().cases[0]
    let names = golden.back.keys.filter { golden.single[$0] != nil }.sorted()
    try #require(names.count > 3)
    var plan = Prompts.ioiPlan([Prompts.store], methods: [.pathPatching])
    plan.paths = try names.map { try #require(Edge($0)) }
    let outcome = try ReferenceModel.ioi.analyzer().run(plan)
    #expect(outcome.tokens.prompts[0] == [golden.cleanIDs, golden.corruptedIDs])
    let paths = try #require(outcome.result.paths)
    #expect(paths.map(\.path.description) == names)
    for path in paths {
      let noising = try #require(golden.single[path.path.description]) - golden.mClean
      let denoising = try #require(golden.back[path.path.description]) - golden.mCorrupted
      #expect(
        abs(path.noising.value - noising) <= 2 * golden.limit
          && abs(path.denoising.value - denoising) <= 2 * golden.limit)
    }
    #expect(
      outcome.findings.contains { $0.id == "path.noising.\(names[0])" && $0.standing == .notEstablished }, "one pair")
  }

  @Test("A path that the model does not have, or none at all, is refused before anything runs")
  func badPaths() throws {
    let analyzer = try ReferenceModel.ioi.analyzer()
    var plan = Prompts.ioiPlan(methods: [.pathPatching])
    expectError(.badPlan, ["path-patching has no paths"]) { _ = try analyzer.run(plan) }
    plan.paths = [try #require(Edge("L3H0>L1H2.q"))]
    expectError(.badPlan, ["the model has no path L3H0>L1H2.q", "such as L0H1>logits"]) { _ = try analyzer.run(plan) }
    expectError(.badPlan, ["the model has no path L3H0>L1H2.q"]) { _ = try analyzer.check(plan) }
  }

  @Test("Answers of several tokens have no paths; the run says so")
  func severalTokens() throws {
    var plan = ForcedAnswerTests.plan([.pathPatching, .positionPatching])
    plan.paths = [try #require(Edge("L0H0>logits"))]
    let outcome = try ReferenceModel.ioi.analyzer().run(plan)
    #expect(outcome.refusals.map(\.scope) == ["paths"] && outcome.refusals[0].reason == .notDefined)
    #expect(outcome.result.paths == nil && outcome.result.positions?.pairs.count == 2)
  }

  @Test(
    "Positions: the reference's effects from the first differing token on, with their tokens and a checked estimate")
  func positions() throws {
    let outcome = try ReferenceModel.ioi.analyzer().run(Prompts.ioiPlan(methods: [.positionPatching]))
    let evidence = try #require(outcome.result.positions)
    #expect(evidence.pairs.map(\.pair) == ["store", "park"])
    let pair = evidence.pairs[0]
    #expect(pair.first == 10 && pair.tokens.joined() == " Mary gave a drink to")
    #expect(pair.counterfactualTokens.first == " John")
    let run = try ReferenceModel.ioi.run(0).run
    // What all positions do together is the node's own effect where one position carries it alone: the embedding's layer.
    for (node, values) in zip(outcome.result.nodes, pair.noising) {
      #expect(values == run.positionEffects(of: node, positions: 10..<15))
    }
    let sums = pair.attribution.map { $0.reduce(0, +) }
    #expect(largestDifference(sums, run.attributions()) < 1e-5 * max(1, abs(run.mClean)))
    let entry = try #require(outcome.approximations.first { $0.method == "attribution patching by position" })
    #expect(entry.checked && entry.verified == 2 * outcome.result.nodes.count * 5 && entry.largestError ?? 0 > 0)
  }

  @Test(
    "Integrated activations come with the exact effects on the same pairs, and are nearer to them than one gradient is")
  func integrated() throws {
    let outcome = try ReferenceModel.ioi.analyzer().run(
      Prompts.ioiPlan(methods: [.integratedActivations, .attributionPatching]))
    let evidence = try #require(outcome.result.integratedActivations)
    #expect(evidence.pairs == 2 && evidence.steps == 8 && evidence.effects.map(\.node) == outcome.result.nodes)
    let exact = outcome.result.nodeEffects.compactMap(\.noising?.value)
    #expect(evidence.effects.map(\.exact.value) == exact)
    let plain = try #require(outcome.approximations.first { $0.method == "attribution patching" }?.largestError)
    let entry = try #require(
      outcome.approximations.first { $0.method == "integrated gradients over activations" }?.largestError)
    #expect(entry < plain / 3, "\(entry) against \(plain)")
    #expect(outcome.findings.contains { $0.id == "integrated-activations.L0H0" && $0.standing == .screened })
  }

  @Test("Relevance patching stands beside attribution patching and exact effects of the same pairs, errors and all")
  func relevance() throws {
    let outcome = try ReferenceModel.ioi.analyzer().run(
      Prompts.ioiPlan(methods: [.relevancePatching, .attributionPatching]))
    let evidence = try #require(outcome.result.relevance)
    #expect(evidence.pairs == 2 && evidence.effects.map(\.node) == outcome.result.nodes)
    #expect(evidence.effects.map(\.exact.value) == outcome.result.nodeEffects.compactMap(\.noising?.value))
    #expect(evidence.effects.map(\.attribution.value) == outcome.result.nodeEffects.compactMap(\.attribution?.value))
    let ranked = try #require(outcome.result.relevance).tables[0].ranked(outcome.approximations)
    #expect(ranked.count == 3 && ranked.allSatisfy { $0.checked && $0.verified == 2 * outcome.result.nodes.count })
    let errors = ranked.compactMap(\.largestError)
    #expect(errors == errors.sorted() && errors[0] > 0)
    // On the same pairs attribution patching's error is the register's own.
    let plain = outcome.approximations.first { $0.method == "attribution patching" }
    #expect(ranked.first { $0.method.hasPrefix("attribution patching") }?.largestError == plain?.largestError)
    #expect(outcome.findings.contains { $0.id == "relevance.L0H0" && $0.standing == .screened })
    let alone = try ReferenceModel.ioi.analyzer().run(Prompts.ioiPlan(methods: [.relevancePatching]))
    #expect(alone.result.relevance == evidence)
  }

  @Test("Inputs of heads: the exact effect of each with an interval, estimates with their errors, sizes beside sizes")
  func star() throws {
    let outcome = try ReferenceModel.ioi.analyzer().run(Prompts.ioiPlan(methods: [.attributionStar]))
    let star = try #require(outcome.result.attributionStar)
    let model = try ReferenceModel.ioi.model()
    #expect(star.pairs == 2 && star.effects.map(\.node) == outcome.result.nodes)
    #expect(star.inputs.count == 3 * model.layerCount * model.headsPerLayer)
    #expect(star.inputs.allSatisfy { Receiver($0.input.description) == $0.input })
    let run = try ReferenceModel.ioi.run(0).run
    let effects = run.headInputEffects().inputs
    // Queries and keys of the first layer do what the pattern does; first order is far off for some of them.
    #expect(effects.exact.contains { abs($0) > 0.1 })
    let queries = try #require(outcome.result.attributionStar).tables[0].ranked(outcome.approximations)
    #expect(queries.count == 2 && queries.allSatisfy { $0.verified == 2 * 2 * model.layerCount * model.headsPerLayer })
    let sizes = try #require(outcome.result.attributionStar).tables[1].ranked(outcome.approximations)
    #expect(sizes.count == 2)
    #expect(star.effects.allSatisfy { ($0.dropped?.value ?? -1) >= 0 })
    #expect(outcome.findings.contains { $0.id == "input.L0H0.q" && $0.standing != .screened })
    #expect(outcome.findings.contains { $0.id == "gradient-drop.L0H0" && $0.standing == .screened })
  }

  @Test("Answers of several tokens have relevance and inputs too: every sequence counts")
  func severalSequences() throws {
    let outcome = try ReferenceModel.ioi.analyzer().run(
      ForcedAnswerTests.plan([.relevancePatching, .attributionStar, .attributionPatching]))
    let (relevance, star) = (try #require(outcome.result.relevance), try #require(outcome.result.attributionStar))
    #expect(relevance.effects.map(\.exact.value) == outcome.result.nodeEffects.compactMap(\.noising?.value))
    #expect(star.inputs.contains { abs($0.exact.value) > 0.01 })
    // z is linear in the values: first order in one is first order in the other.
    for entry in star.inputs where entry.input.description.hasSuffix(".v") {
      #expect(abs(entry.corrected.value - entry.attribution.value) <= 1e-4 * max(1, abs(entry.exact.value)))
    }
  }
}
