import Foundation
import Testing

@testable import Analysis

@Suite("Analyzer")
struct AnalyzerTests {
  @Test("A whole run gives the reference's numbers, and what is made of them")
  func wholeRun() throws {
    let reference = try ReferenceModel.ioi.cases()[0]
    let outcome = try ReferenceModel.ioi.analyzer().run(Prompts.ioiPlan())
    let pair = outcome.result.pairs[0]
    #expect(pair.name == "store" && pair.tokens == 15 && pair.firstDifference == 10)
    #expect(outcome.tokens.prompts[0] == [reference.cleanIDs, reference.corruptedIDs])
    #expect(outcome.tokens.positive == [AnswerTokens([418])] && outcome.tokens.negative == [AnswerTokens([419])])
    let tolerance = 1e-4 * reference.scale
    let mClean = try #require(pair.mClean)
    #expect(abs(mClean - reference.mClean) < tolerance)
    let total = try #require(pair.totalEffect)
    #expect(abs(total - (reference.mCorrupted - reference.mClean)) < 2 * tolerance)
    // By layer: the heads, then the MLP.
    func byNode(_ heads: [[Double]], _ mlps: [Double]) -> [Double] { zip(heads, mlps).flatMap { $0 + [$1] } }
    let noising = try #require(pair.noising)
    #expect(largestDifference(noising, byNode(reference.noisingHead, reference.noisingMLP)) < tolerance)
    let denoising = try #require(pair.denoising)
    #expect(largestDifference(denoising, byNode(reference.denoisingHead, reference.denoisingMLP)) < tolerance)
    let attribution = try #require(pair.attribution)
    #expect(largestDifference(attribution, byNode(reference.attributionHead, reference.attributionMLP)) < tolerance)
    let tokens = try #require(outcome.result.tokenAttributions.first { $0.pair == "store" })
    #expect(tokens.tokens.joined() == "<|endoftext|>When Mary and John went to the store, Mary gave a drink to")
    #expect(largestDifference(tokens.gradientTimesInput, reference.gradientTimesInput) < tolerance)
    #expect(outcome.refusals.isEmpty && !outcome.isRefused)
  }

  @Test("Means over pairs are the means of the pairs")
  func means() throws {
    let result = try ReferenceModel.ioi.analyzer().run(Prompts.ioiPlan()).result
    func mean(_ values: [Double?]) -> Double { values.reduce(0) { $0 + ($1 ?? .nan) } / Double(values.count) }
    #expect(result.totalEffect?.value == mean(result.pairs.map(\.totalEffect)))
    #expect(result.meanClean?.value == mean(result.pairs.map(\.mClean)))
    #expect(result.meanCounterfactual?.value == mean(result.pairs.map(\.mCounterfactual)))
    #expect(result.totalEffect?.n == 2)
    #expect(result.nodeEffects.map(\.node) == result.nodes && result.nodes.count == 4 * (4 + 1))
    for (i, effect) in result.nodeEffects.enumerated() {
      #expect(effect.noising?.value == mean(result.pairs.map { $0.noising?[i] }))
      #expect(effect.denoising?.value == mean(result.pairs.map { $0.denoising?[i] }))
      #expect(effect.attribution?.value == mean(result.pairs.map { $0.attribution?[i] }))
    }
    // Both decisions turn over: John before, Mary after.
    #expect(result.flips?.count == 2 && result.positiveOnlyClean == 2 && result.positiveOnlyCounterfactual == 0)
  }

  @Test("Each approximation carries the error measured against the exact values of the run")
  func approximations() throws {
    let outcome = try ReferenceModel.ioi.analyzer().run(Prompts.ioiPlan())
    #expect(
      outcome.approximations.map(\.method) == [
        "attribution patching", "gradient × input", "integrated gradients", "edge attribution patching",
        "edge attribution patching with integrated gradients (EAP-IG), 5 points",
      ])
    let result = outcome.result
    func check(_ approximation: Approximation, _ approximate: [Double], _ exact: [Double]) {
      #expect(approximation.largestError == zip(approximate, exact).map { abs($0 - $1) }.max())
      #expect(approximation.verified == exact.count && approximation.checked)
      #expect(approximation.pearson == Correlation.pearson(approximate, exact))
      #expect(approximation.spearman == Correlation.spearman(approximate, exact))
    }
    check(
      outcome.approximations[0], result.pairs.flatMap { $0.attribution ?? [] },
      result.pairs.flatMap { $0.noising ?? [] })
    let tokens = result.tokenAttributions
    #expect(tokens.count == 2)
    check(outcome.approximations[1], tokens.flatMap(\.gradientTimesInput), tokens.flatMap(\.zeroed))
    #expect(outcome.approximations[2].largestError == tokens.map { abs($0.completenessResidual) }.max())
    let edges = try #require(result.edges?.strongest)
    check(outcome.approximations[3], edges.map(\.attribution), edges.map(\.exact.value))
    check(outcome.approximations[4], edges.map(\.pathAttribution), edges.map(\.exact.value))
    #expect(outcome.approximations[3].largestPossiblyMissed == nil, "the other edges were not patched")
    // The first-order estimates are known to be poor on this model: a check that found no error would be broken.
    let largest = try #require(outcome.approximations[0].largestError)
    #expect(largest > 0.1)
  }

  @Test("The circuit's exact scores follow from its four means")
  func circuit() throws {
    let outcome = try ReferenceModel.ioi.analyzer().run(Prompts.ioiPlan(methods: [.circuit]))
    let circuit = try #require(outcome.result.circuit)
    let range = circuit.mFull - circuit.mEmpty
    #expect(abs(circuit.sufficiency.value - (circuit.mCircuit - circuit.mEmpty) / range) < 1e-12)
    #expect(abs(circuit.comprehensiveness.value - (circuit.mFull - circuit.mWithout) / range) < 1e-12)
    #expect(Set(circuit.heads).isSubset(of: Set(circuit.selected)) && circuit.heads == circuit.heads.sorted())
    #expect(circuit.comprehensiveness.value >= 0.9 * circuit.selectedComprehensiveness - 1e-9)
    #expect(circuit.terms.prompts == "2 of 2 pairs of 'indirect-object' (subject exchanged)")
    #expect(outcome.result.tokenAttributions.isEmpty)
  }

  @Test("A plan run twice gives the same bytes, and another seed other intervals and the same values")
  func determinism() throws {
    let analyzer = try ReferenceModel.ioi.analyzer()
    func bytes(_ outcome: Analyzer.Outcome) throws -> [Data] {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return [
        try encoder.encode(outcome.result), try encoder.encode(outcome.findings),
        try encoder.encode(outcome.approximations),
        try encoder.encode(outcome.selfTests), try encoder.encode(outcome.refusals), try encoder.encode(outcome.tokens),
      ]
    }
    var plan = Prompts.ioiPlan()
    let first = try analyzer.run(plan)
    #expect(try bytes(first) == bytes(analyzer.run(plan)))
    let decoded = try JSONDecoder().decode(AnalysisResult.self, from: bytes(first)[0])
    #expect(decoded == first.result)
    plan.pairs.append(
      .init(
        name: "again", clean: Prompts.ioi("Mary", opening: "Then, Mary and John went to the store,"),
        counterfactual: Prompts.ioi("John", opening: "Then, Mary and John went to the store,")))
    plan.confidence = 0.8
    let one = try analyzer.run(plan)
    plan.seed = 2
    let two = try analyzer.run(plan)
    #expect(one.result.pairs == two.result.pairs)
    #expect(one.result.totalEffect?.value == two.result.totalEffect?.value)
  }

  @Test("Only what was asked for is computed", arguments: AnalysisPlan.Method.allCases)
  func methods(method: AnalysisPlan.Method) throws {
    var plan = Prompts.ioiPlan([Prompts.store], methods: [method])
    plan.paths = [try #require(Edge("L0H0>logits"))]
    let outcome = try ReferenceModel.ioi.analyzer().run(plan)
    let result = outcome.result
    #expect((result.paths != nil) == (method == .pathPatching))
    #expect((result.positions != nil) == (method == .positionPatching))
    #expect((result.integratedActivations != nil) == (method == .integratedActivations))
    #expect((result.relevance != nil) == (method == .relevancePatching))
    #expect((result.attributionStar != nil) == (method == .attributionStar))
    #expect(result.ablation == nil)
    let hasCircuit = [.circuit, .circuitChecks].contains(method)
    let isPatched = hasCircuit || [.exactPatching, .attributionPatching, .significance].contains(method)
    #expect((result.pairs[0].noising != nil) == isPatched)
    #expect((result.pairs[0].attribution != nil) == (method == .attributionPatching || hasCircuit))
    #expect((result.circuit != nil) == hasCircuit)
    #expect((result.circuitEvidence != nil) == (method == .circuitChecks))
    #expect((result.forwardBackward != nil) == (method == .forwardBackward))
    #expect((result.significance != nil) == (method == .significance))
    #expect((result.spread != nil) == (method == .significance))
    #expect((result.lenses != nil) == (method == .lenses))
    #expect((result.edges != nil) == [.edges, .edgePruning].contains(method))
    #expect((result.edges?.pruned != nil) == (method == .edgePruning))
    #expect(result.tokenAttributions.isEmpty == (method != .tokenAttribution))
    // What is approximate is registered, whichever way it came in.
    let registered: [String] =
      switch method {
      case .tokenAttribution: ["gradient × input", "integrated gradients"]
      case .attributionPatching, .circuit, .circuitChecks: ["attribution patching"]
      case .edges, .edgePruning:
        ["edge attribution patching", "edge attribution patching with integrated gradients (EAP-IG), 5 points"]
      case .positionPatching: ["attribution patching by position"]
      case .integratedActivations: ["integrated gradients over activations"]
      case .relevancePatching:
        [
          "relevance patching", "relevance patching, attention's derivative kept",
          "attribution patching, on the pairs of relevance patching",
        ]
      case .attributionStar:
        [
          "attribution patching of queries and keys", "attribution patching of queries and keys, softmax exact",
          "attribution patching of queries and keys, softmax exact, layers dropped (AtP*)",
          "attribution patching, sizes alone, layers dropped (GradDrop)", "attribution patching, sizes alone",
        ]
      default: []
      }
    #expect(outcome.approximations.map(\.method) == registered)
    #expect(result.totalEffect != nil, "the total effect is always there")
  }

  @Test("Token attribution is computed for as many drawn pairs as the plan says, 0 being all")
  func drawnPairs() throws {
    let pairs = (0..<5).map { i in
      AnalysisPlan.Pair(name: "pair \(i)", clean: Prompts.store.clean, counterfactual: Prompts.store.counterfactual)
    }
    var plan = Prompts.ioiPlan(pairs, methods: [.tokenAttribution])
    for (wanted, count) in [(2, 2), (0, 5), (9, 5)] {
      plan.tokenAttributionPairs = wanted
      let attributions = try ReferenceModel.ioi.analyzer().run(plan).result.tokenAttributions
      #expect(attributions.count == count && Set(attributions.map(\.pair)).count == count)
    }
  }

  // MARK: Findings

  @Test("Every finding has one id, a value from the result and the standing that its evidence allows")
  func findings() throws {
    let outcome = try ReferenceModel.ioi.analyzer().run(Prompts.ioiPlan())
    let result = outcome.result
    #expect(Set(outcome.findings.map(\.id)).count == outcome.findings.count)
    let byID = Dictionary(uniqueKeysWithValues: outcome.findings.map { ($0.id, $0) })
    #expect(byID["total-effect"]?.estimate == result.totalEffect && byID["total-effect"]?.standing == .measured)
    #expect(byID["flips"]?.estimate == result.flips?.share && byID["flips"]?.unit == "share")
    for effect in result.nodeEffects {
      for (kind, estimate) in [("noising", effect.noising), ("denoising", effect.denoising)] {
        let finding = try #require(byID["\(kind).\(effect.node)"])
        #expect(finding.estimate == estimate && finding.nodes == [effect.node] && finding.unit == "logits")
        #expect(finding.standing == (estimate?.covers(0) == true ? .notEstablished : .measured))
      }
      let attribution = try #require(byID["attribution.\(effect.node)"])
      #expect(attribution.standing == .screened, "an estimate is never called measured")
      #expect(attribution.estimate == effect.attribution)
    }
    #expect(byID["circuit.sufficiency"]?.estimate == result.circuit?.sufficiency)
    #expect(byID["circuit.comprehensiveness"]?.nodes == result.circuit?.heads)
    #expect(byID["token-attribution"]?.standing == .screened)
  }

  @Test(
    "Comparisons, the stronger circuit and each exact edge are findings; a p-value above the level establishes nothing")
  func findingsInDepth() throws {
    let plan = Prompts.ioiPlan()
    let outcome = try ReferenceModel.ioi.analyzer().run(plan)
    let result = outcome.result
    let byID = Dictionary(uniqueKeysWithValues: outcome.findings.map { ($0.id, $0) })
    let (evidence, stronger) = (try #require(result.circuitEvidence), try #require(result.forwardBackward))
    for (circuit, heads, nulls) in [
      ("circuit", result.circuit?.heads, evidence.nulls),
      ("forward-backward", stronger.selection.nodes, stronger.nulls),
    ] {
      #expect(nulls.map(\.kind) == [.matched, .sizeOnly])
      for null in nulls {
        let finding = try #require(byID["\(circuit).null.\(null.kind.rawValue)"])
        #expect(finding.p == null.p && finding.nodes == heads && finding.estimate == nil)
        #expect(finding.standing == (null.p.value <= 0.05 ? .measured : .notEstablished))
      }
    }
    let rival = try #require(evidence.rival)
    #expect(byID["circuit.rival"]?.standing == (rival.isRival ? .measured : .notEstablished))
    #expect(byID["circuit.rival"]?.nodes == rival.nodes)
    #expect(byID["forward-backward.sufficiency"]?.estimate == stronger.sufficiency)
    #expect(byID["forward-backward.comprehensiveness"]?.nodes == stronger.selection.nodes)
    let edges = try #require(result.edges)
    #expect(outcome.findings.count { $0.id.hasPrefix("edge.") } == edges.strongest.count)
    for score in edges.strongest {
      let finding = try #require(byID["edge.\(score.edge)"])
      #expect(finding.estimate == score.exact && finding.unit == "logits")
      #expect(
        finding.standing
          == (score.exact.isEstablished(share: score.share, floor: 2 / Double(edges.strongest.count))
            ? .measured : .notEstablished))
    }
  }

  @Test("Of before version 0.2: effects that cancel are not established, and their circuit is refused with the reason")
  func cancellation() throws {
    var plan = Prompts.ioiPlan([Prompts.store, Prompts.reversed])
    plan.standing = nil
    let outcome = try ReferenceModel.ioi.analyzer().run(plan)
    #expect(outcome.result.standing == nil && outcome.result.nodeEffects.allSatisfy { $0.noisingShare == nil })
    let total = try #require(outcome.findings.first { $0.id == "total-effect" })
    let mean = try #require(total.estimate).value
    #expect(total.standing == .notEstablished && abs(mean) < 1e-6)
    #expect(outcome.result.circuit == nil)
    let circuit = try #require(outcome.findings.first { $0.id == "circuit" })
    #expect(circuit.standing == .notEstablished && circuit.estimate == nil)
    #expect(outcome.refusals.map(\.reason) == [.nothingToExplain, .nothingToExplain, .nothingToExplain])
    #expect(outcome.refusals.map(\.scope) == ["circuit", "checks of circuits", "circuits of edges"])
    #expect(outcome.result.edges?.strongest.isEmpty == false && outcome.result.edges?.grown.isEmpty == true)
    #expect(outcome.refusals[0].pair == nil && outcome.refusals[0].scope == "circuit")
    #expect(outcome.refusals[0].detail.contains("the pairs pull in different directions"))
    #expect(outcome.result.flips?.count == 2)
    #expect(outcome.result.positiveOnlyClean == 1 && outcome.result.positiveOnlyCounterfactual == 1)
  }

  // MARK: Stopping

  @Test("A cancelled run stops with 'interrupted', wherever it is", arguments: [0, 1, 2, 3, 5])
  func cancelled(after calls: Int) throws {
    final class Counter { var value = 0 }
    let counter = Counter()
    expectError(.interrupted, ["nothing of this run was stored"]) {
      _ = try ReferenceModel.ioi.analyzer().run(
        Prompts.ioiPlan(),
        isCancelled: {
          counter.value += 1
          return counter.value > calls
        })
    }
    #expect(counter.value == calls + 1)
  }

  @Test("Progress counts up to the pairs of each step")
  func progress() throws {
    final class Steps { var seen: [(String, Int, Int)] = [] }
    let steps = Steps()
    _ = try ReferenceModel.ioi.analyzer().run(
      Prompts.ioiPlan(), progress: { steps.seen.append(($0.step, $0.done, $0.total)) })
    #expect(steps.seen.allSatisfy { $0.1 < $0.2 && [1, 2].contains($0.2) })
    #expect(steps.seen.prefix(2).map(\.0) == ["prompt pairs", "prompt pairs"])
    #expect(
      Set(steps.seen.map(\.0)) == [
        "prompt pairs", "token attribution", "circuit search", "lenses", "stronger circuit search",
        "checks of the circuit", "edge attribution", "exact edges",
      ])
  }

  // MARK: Plans that make no sense

  static let badPlans: [(String, @Sendable (inout AnalysisPlan) -> Void)] = [
    ("has no prompt pairs", { $0.pairs = [] }),
    ("has no methods; name at least one of exact-patching", { $0.methods = [] }),
    ("two pairs have the same name", { $0.pairs[1].name = "store" }),
    ("floor must be 0 or more", { $0.floor = -0.1 }),
    ("floor must be 0 or more", { $0.floor = .nan }),
    ("integrated_gradients_steps must be 1 to 10000", { $0.integratedGradientsSteps = 0 }),
    ("integrated_gradients_steps", { $0.integratedGradientsSteps = 10_001 }),
    ("token_attribution_pairs must be 0 (all) or more", { $0.tokenAttributionPairs = -1 }),
    ("sufficiency_target must be above 0", { $0.sufficiencyTarget = 0 }),
    ("sufficiency_target", { $0.sufficiencyTarget = .infinity }),
    ("comprehensiveness_target must be between 0 and 1", { $0.comprehensivenessTarget = 1.01 }),
    ("comprehensiveness_target", { $0.comprehensivenessTarget = .nan }),
    ("bootstrap_resamples must be 100 to 1000000", { $0.bootstrapResamples = 99 }),
    ("confidence must be between 0 and 1", { $0.confidence = 1 }),
    ("confidence", { $0.confidence = .nan }),
  ]

  @Test("A setting that makes no sense is refused by name", arguments: badPlans.indices)
  func badPlan(number: Int) throws {
    var plan = Prompts.ioiPlan()
    Self.badPlans[number].1(&plan)
    expectError(.badPlan, ["behaviour 'indirect-object'", Self.badPlans[number].0]) {
      _ = try ReferenceModel.ioi.analyzer().run(plan)
    }
  }
}
