import Foundation
import Testing

@testable import Analysis

@Suite("Other ablation values, as a run reports them")
struct AblationTests {
  static let seeds: [UInt64] = Array(1...(Reference.isFull ? 100 : 4))

  private func run(_ planted: Planted, _ ablation: AnalysisPlan.Ablation?) throws -> Analyzer.Outcome {
    var plan = planted.plan()
    plan.ablation = ablation
    return try planted.analyzer().run(plan)
  }

  @Test(
    "Zero ablation reports a head that the counterfactual says does nothing: the run says so wherever the effect stands"
  )
  func falsePositive() throws {
    for seed in Self.seeds {
      let planted = try PlantedProgram.constant.compile(seed: seed, pairs: 8)
      let head = try #require(planted.constants.first)
      let outcome = try run(planted, .zero)
      let ablation = try #require(outcome.result.ablation)
      #expect(ablation.artefacts == planted.constants.sorted(), "seed \(seed)")
      let effect = try #require(ablation.effects.first { $0.node == head })
      #expect(abs(effect.effect.value) > 1, "the false positive is large: \(effect.effect.value)")
      let counterfactual = try #require(outcome.result.nodeEffects.first { $0.node == head })
      #expect(abs(try #require(counterfactual.noising).value) < 1e-4)
      // The circuit by zeros takes the head in; the circuit by counterfactual values does not.
      #expect(ablation.circuit?.heads.contains(head) == true)
      #expect(outcome.result.circuit?.heads.contains(head) != true)
      // Flagged as a finding, in the register, and among the circuit's terms.
      let finding = try #require(outcome.findings.first { $0.id == "zero-ablation.\(head)" })
      #expect(finding.standing == .notEstablished)
      #expect(finding.title == "\(head): moved by zero ablation, not by the counterfactual")
      let entry = try #require(outcome.approximations.first { $0.method == "zero ablation" })
      #expect(entry.note.contains("moved by zero ablation, not by the counterfactual: \(head)"))
      #expect(entry.assumption.contains("outside the distribution"))
      #expect(ablation.circuit?.terms.ablation.contains("zero (outside the distribution") == true)
      #expect(outcome.result.circuit?.terms.ablation != ablation.circuit?.terms.ablation)
    }
  }

  @Test("Means leave a head that always writes the same as it is; what carries the question is moved all the same")
  func mean() throws {
    for seed in Self.seeds {
      let planted = try PlantedProgram.constant.compile(seed: seed, pairs: 8)
      let ablation = try #require(try run(planted, .mean).result.ablation)
      #expect(ablation.value == .mean && ablation.artefacts.isEmpty)
      for head in planted.constants {
        #expect(abs(try #require(ablation.effects.first { $0.node == head }).effect.value) < 1e-3)
      }
      for node in planted.nodes {
        #expect(abs(try #require(ablation.effects.first { $0.node == node }).effect.value) > 0.5, "\(node)")
      }
    }
  }

  @Test("Means by position need prompts of one length: those of others are refused by name and say what to do")
  func positionMean() throws {
    var plan = Prompts.ioiPlan(methods: [.exactPatching, .circuit])
    plan.ablation = .positionMean
    let outcome = try ReferenceModel.ioi.analyzer().run(plan)
    let ablation = try #require(outcome.result.ablation)
    #expect(
      ablation.value == .positionMean && ablation.circuit?.terms.ablation.contains("at the same position") == true)
    #expect(outcome.refusals.isEmpty && ablation.effects.contains { abs($0.effect.value) > 1 })
    plan.pairs.append(
      .init(
        name: "longer", clean: Prompts.ioi("Mary", opening: "Then, Mary and John had a long argument at the park, and"),
        counterfactual: Prompts.ioi("John", opening: "Then, Mary and John had a long argument at the park, and")))
    let refused = try ReferenceModel.ioi.analyzer().run(plan)
    #expect(refused.result.ablation == nil)
    let refusal = try #require(refused.refusals.first)
    #expect(refusal.scope == "position-mean ablation" && refusal.detail.contains("use 'mean'"))
  }

  @Test(
    "The counterfactual value, named or not, leaves the result as it was",
    arguments: [nil, AnalysisPlan.Ablation.counterfactual])
  func standard(ablation: AnalysisPlan.Ablation?) throws {
    let outcome = try run(try PlantedProgram.lookup.compile(seed: 1), ablation)
    #expect(outcome.result.ablation == nil)
    #expect(!outcome.findings.contains { $0.id.contains("ablation") })
  }

  @Test("Answers of several tokens can be ablated too")
  func severalTokens() throws {
    var plan = ForcedAnswerTests.plan([.exactPatching])
    plan.ablation = .zero
    let outcome = try ReferenceModel.ioi.analyzer().run(plan)
    let model = try ReferenceModel.ioi.model()
    let ids = try #require(outcome.tokens.prompts[0])
    let run = try PairRun(
      model: model,
      decision: Decision(
        positive: outcome.tokens.positive.map(\.ids), negative: outcome.tokens.negative.map(\.ids),
        vocabulary: model.decisionCount), clean: ids[0], counterfactual: ids[1])
    let zeros = run.values(onCleanRun: true) { _ in
      model.nodes.map { [Intervention(Site($0), .transform { [Float](repeating: 0, count: $0.count) })] }
    }.map { $0.m - run.mClean }
    let effects = try #require(outcome.result.ablation).effects
    #expect(effects.count == zeros.count && effects.allSatisfy { $0.effect.n == 2 })
    // Of two pairs, the first's effect and the mean give the second's.
    #expect(zip(effects, zeros).allSatisfy { $0.effect.value.isFinite && $1.isFinite })
    #expect(zip(effects, zeros).contains { abs($0.effect.value - $1) < abs($1) })
  }
}
