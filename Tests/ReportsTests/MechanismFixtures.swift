import Foundation

@testable import Analysis
@testable import Evidence
@testable import Project
@testable import Reports

/// What the methods beyond effects and circuit could have measured of the dossier's made-up project. By hand.
enum MechanismFixtures {
  private static func estimate(_ value: Double, _ low: Double, _ high: Double) -> Estimate {
    DossierFixtures.estimate(value, low, high, n: 2)
  }

  static let first = Node.head(layer: 0, head: 0)
  static let second = Node.head(layer: 0, head: 1)

  /// A comparison in which `exceedances` of `draws` random circuits do at least as well.
  static func null(
    _ kind: RandomCircuitNull.Kind = .matched, exceedances: Int, draws: Int, exact: Bool = false, reachable: Int? = 500
  ) -> RandomCircuitNull {
    RandomCircuitNull(
      kind: kind, observed: 0.85, reachable: reachable, log10Reachable: 20.5,
      p: PValue(exceedances: exceedances, draws: draws, exact: exact, null: "by hand"), mean: 0.2, deviation: 0.1,
      quantiles: [.init(q: 0, value: -0.1), .init(q: 1, value: 0.55)])
  }

  static func rival(_ isRival: Bool) -> RivalCircuit {
    RivalCircuit(
      nodes: [first], loss: isRival ? 0.021 : 0.4, circuitLoss: 0.03, isRival: isRival, shared: [], jaccard: 0,
      evaluations: 4)
  }

  static func evidence(matched: RandomCircuitNull, isRival: Bool = true) -> CircuitEvidence {
    CircuitEvidence(
      pairs: 2, nulls: [matched, null(.sizeOnly, exceedances: 150, draws: 199)],
      stability: CircuitStability(
        n: 2, resamples: 100,
        inclusions: [
          .init(node: second, count: 93, frequency: 0.93, inCircuit: true),
          .init(node: first, count: 12, frequency: 0.12, inCircuit: false),
        ], meanPairwiseJaccard: 0.8, meanJaccardWithCircuit: 0.87, empty: 0, meanSize: 1.05),
      checks: CircuitChecks(
        full: 1, empty: 0.8,
        completeness: [
          .init(origin: .single, removed: [second], circuit: 0.8, model: 0.85, incompleteness: 0.05),
          .init(origin: .empty, removed: [], circuit: 0.97, model: 1, incompleteness: 0.03),
        ], worstIncompleteness: 0.25,
        minimality: [.init(node: second, largestChange: 0.17, removed: [], share: 0.85)]),
      curves: [
        FaithfulnessCurve(
          ranking: .signed, points: [.init(share: 0.5, size: 1, faithfulness: 0.85)], areaUnder: 0.7, areaFromOne: 0.3)
      ],
      backups: BackupNodes(
        conditioning: [second], conditioningEffect: -0.19,
        entries: [.init(node: first, marginal: -0.01, conditional: -0.06, interaction: -0.05)]), rival: rival(isRival))
  }

  static let stronger = ForwardBackwardCircuit(
    pairs: 2,
    selection: ForwardBackwardSelection(
      nodes: [second, first], loss: 0.002, emptyLoss: 0.2,
      steps: [
        .init(added: true, node: second, loss: 0.03, size: 1), .init(added: true, node: first, loss: 0.002, size: 2),
      ],
      stop: .target, evaluations: 3,
      submodularity: SubmodularityRatio(upperBound: 0.714, base: [], added: [first, second], comparisons: 1)),
    sufficiency: estimate(0.99, 0.97, 1.01), comprehensiveness: estimate(1.0, 0.98, 1.02),
    nulls: [null(exceedances: 0, draws: 0, exact: true, reachable: 1)])

  static var lenses: LensSummary {
    var mover = HeadRoles(head: second)
    mover.previousToken = RoleScore(value: 0.05, baseline: 0.2, prompts: 2, positions: 4)
    mover.positiveAnswer = RoleScore(value: 0.91, baseline: 0.07, prompts: 2, positions: 2)
    mover.copying = CopyScore(attended: 2, baseline: 0.1, raisedShare: 0.95, prompts: 2, tokens: 6)
    var duplicate = HeadRoles(head: first)
    duplicate.duplicateToken = RoleScore(value: 0.64, baseline: 0.11, prompts: 2, positions: 3)
    return LensSummary(
      depths: [(-0.5, -0.6, -0.4), (1.25, 1.1, 1.4)].enumerated().map { depth, value in
        .init(
          depth: depth, value: estimate(value.0, value.1, value.2), divergence: estimate(0.1, 0, 0.2),
          agreement: Proportion(count: depth, share: estimate(0.5, 0.1, 0.9)))
      },
      firstPrompt: [.init(depth: 0, position: 2, value: -0.5, divergence: 0.3, top: [.init(id: 3, probability: 0.25)])],
      direct: .init(
        nodes: [
          .init(node: first, value: estimate(0.02, -0.01, 0.05)), .init(node: second, value: estimate(1.5, 1.4, 1.6)),
        ], embedding: estimate(0.1, 0, 0.2), biases: estimate(0.1, 0, 0.2), largestResidual: 0.000002, isComplete: true),
      roles: [duplicate, mover],
      composition: LensSummary.Composition(
        HeadComposition(
          baseline: 0.125, dimension: 64, isCentred: true, distance: nil,
          scores: [.init(earlier: first, later: .head(layer: 1, head: 0), input: .query, value: 0.5, deviations: 9.25)]),
        strongest: 20))
  }

  static var edges: EdgeEvidence {
    let toLogits = Edge(.node(second), .logits)
    return EdgeEvidence(
      pairs: 2, graphEdges: 24, steps: 5,
      strongest: [
        .init(edge: toLogits, attribution: -0.12, pathAttribution: -0.15, exact: estimate(-0.16, -0.18, -0.14)),
        .init(
          edge: Edge(.embedding, .query(layer: 0, head: 1)), attribution: 0.01, pathAttribution: 0.02,
          exact: estimate(0.003, -0.01, 0.02)),
      ],
      grown: [
        .init(size: 10, mCircuit: 0.98, sufficiency: estimate(0.88, 0.8, 0.95)),
        .init(size: 24, mCircuit: 1, sufficiency: estimate(1, 1, 1)),
      ], circuit: Array(repeating: toLogits, count: 10),
      pruned: .init(threshold: 0.002, pairs: 2, edges: [toLogits], loss: 0.01, runs: 30))
  }

  /// The dossier's analysis with all of it.
  static func run(
    _ project: Project, matched: RandomCircuitNull = null(exceedances: 3, draws: 199), isRival: Bool = true
  ) -> StoredRun {
    var run = DossierFixtures.analysis(project, id: DossierFixtures.id("1"))
    run.record.analysis?.significance = NodeSignificance(
      n: 2,
      entries: [first, second, .mlp(layer: 0)].enumerated().map { index, node in
        .init(
          node: node, p: PValue(exceedances: index, draws: 7, exact: true, null: "sign flips of 3 effects, all 8"),
          benjaminiHochberg: index == 1 ? 0.0125 : 0.375, holm: 0.5)
      })
    run.record.analysis?.spread = PromptSpread([0.1, 0.3, 0.2], names: ["first", "second", "third"], worst: .highest)
    run.record.analysis?.circuitEvidence = evidence(matched: matched, isRival: isRival)
    run.record.analysis?.forwardBackward = stronger
    run.record.analysis?.lenses = lenses
    run.record.analysis?.edges = edges
    return run
  }
}
