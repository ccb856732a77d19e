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
}
