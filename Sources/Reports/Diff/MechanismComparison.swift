import Analysis
import Evidence
import Project

/// The mechanism of one behaviour in two versions.
struct MechanismComparison {
  let behaviours: BehaviourComparison
  let settings: ChangeSettings
  let transfer: TransferRecord?
  let transferNote: String

  /// How close decision values must be to be the same up to rounding: the engine's own contract, relative to max(1,
  /// |value|).
  static let tolerance = ResultComparison.Tolerance.standard.relative

  private var before: AnalysisResult { behaviours.before.result }
  private var after: AnalysisResult { behaviours.after.result }

  /// The comparison.
  func mechanism() -> Diff.Mechanism {
    let profiles = Profiles(behaviours.shared, before.nodes, after.nodes)
    let match = profiles.match(seed: behaviours.after.plan.seed)
    let identity = identity(profiles, match)
    let moved = identity.kind == .byProfile ? match?.pairs.filter { $0.a != $0.b } ?? [] : []
    let largest = largestDifference
    let weightsDiffer = behaviours.before.record.model.tensorsSha256 != behaviours.after.record.model.tensorsSha256
    return Diff.Mechanism(
      behaviour: behaviours.before.plan.behaviour, runBefore: behaviours.before.record.id,
      runAfter: behaviours.after.record.id,
      shapes: [before, after].map { Diff.Shape(layers: $0.layers, heads: $0.headsPerLayer) },
      identity: identity.kind, identityNote: identity.note, nameCorrelation: profiles.nameCorrelation,
      moved: moved.map { Diff.Move(before: $0.a, after: $0.b, correlation: $0.correlation) },
      largestDifference: largest,
      isSameFunction: weightsDiffer && behaviours.match.alone == 0 && largest.map { $0 <= Self.tolerance } ?? false,
      comparison: comparison(match), circuitBefore: before.circuit?.heads, circuitAfter: after.circuit?.heads,
      edges: edges, nodes: nodes(profiles, identity.kind, match), n: profiles.n, refused: profiles.refused,
      transfer: transfer.map { Diff.Transfer(record: $0.id, scores: $0.scores) }, transferNote: transferNote)
  }

  private var largestDifference: Double? {
    behaviours.shared.flatMap { pair in
      [(pair.before.mClean, pair.after.mClean), (pair.before.mCounterfactual, pair.after.mCounterfactual)]
    }.map { a, b in abs((a ?? 0) - (b ?? 0)) / max(1, abs(a ?? 0)) }.max()
  }

  private func comparison(_ match: EffectProfileMatch?) -> CircuitComparison? {
    func side(_ result: AnalysisResult) -> CircuitComparison.Side? {
      let scores = result.nodeEffects.compactMap { effect -> (head: Node, score: Double)? in
        guard effect.node.isHead, let score = effect.attribution ?? effect.noising else { return nil }
        return (effect.node, score.value)
      }
      guard !scores.isEmpty else { return nil }
      return CircuitComparison.Side(
        circuit: result.circuit?.heads ?? [], model: CircuitAlignment.Model(layers: result.layers, scores: scores))
    }
    guard let a = side(before), let b = side(after) else { return nil }
    return .compare(a, b, draws: 1999, profiles: match, seed: behaviours.after.plan.seed)
  }

  private var edges: Diff.EdgeChange? {
    guard let a = before.edges?.circuit, let b = after.edges?.circuit else { return nil }
    let (first, second) = (Set(a), Set(b))
    return Diff.EdgeChange(
      shared: a.filter(second.contains), lost: a.filter { !second.contains($0) },
      gained: b.filter { !first.contains($0) })
  }

  /// Do names mean the same heads? Only the effects can tell: the pairing by name is held against what best pairings
  /// reach when the prompts are shuffled.
  private func identity(
    _ profiles: Profiles, _ match: EffectProfileMatch?
  ) -> (kind: Diff.Mechanism.Identity, note: String) {
    guard let match, let best = match.meanCorrelation, let mean = match.nullMean, let deviation = match.nullDeviation
    else {
      return (
        .notEstablished, "There are no exact effects of heads on shared prompts, so nothing says which head is which."
      )
    }
    let bar = mean + 3 * deviation
    let words =
      "best pairing \(Numbers.fixed(best)); by chance \(Numbers.fixed(mean)), standard deviation "
      + "\(Numbers.fixed(deviation)); n = \(match.n) prompts"
    // Names hold if they reach more than half of what the best pairing has over chance; a pairing in which every head has its
    // double shows each exchange of places.
    let isExact = match.pairs.allSatisfy { $0.correlation > 0.999 }
    let holds = isExact ? match.pairs.allSatisfy { $0.a == $0.b } : true
    if let name = profiles.nameCorrelation, holds, name > bar, name - mean > (best - mean) / 2 {
      return (
        .byName,
        "Heads of the same name have correlated effects over the prompts (mean correlation \(Numbers.fixed(name)); \(words))."
      )
    }
    if best > bar {
      return (
        .byProfile,
        "Heads are paired by their effects over the prompts, not by name (mean correlation of heads of the same name "
          + "\(profiles.nameCorrelation.map { Numbers.fixed($0) } ?? "not defined: the shapes differ"); \(words))."
      )
    }
    return (
      .notEstablished,
      "No pairing of heads is three standard deviations better than pairings of shuffled prompts (\(words)), so nothing "
        + "says which head of one version is which of the other. Circuits are compared by name below, which may mean nothing."
    )
  }

  /// Every node's effect on both sides under the pairing that holds.
  private func nodes(
    _ profiles: Profiles, _ identity: Diff.Mechanism.Identity, _ match: EffectProfileMatch?
  ) -> [Diff.NodeChange] {
    let partners: [(Node, Node)]
    switch identity {
    case .byName: partners = profiles.sharedNames.map { ($0, $0) }
    case .byProfile:
      partners = (match?.pairs.map { ($0.a, $0.b) } ?? []) + profiles.sharedNames.filter { !$0.isHead }.map { ($0, $0) }
    case .notEstablished: partners = []
    }
    let tests = partners.compactMap { node, partner -> (Node, Node, [Double], [Double], MeanDifference)? in
      guard let a = profiles.before[node], let b = profiles.after[partner], !a.isEmpty else { return nil }
      return (node, partner, a, b, .paired(zip(a, b).map { $1 - $0 }))
    }
    let verdicts = Verdicts(settings: settings)
    let p = verdicts.adjusted(tests.map(\.4.p))
    let equivalence = verdicts.adjusted(tests.map { $0.4.equivalenceP(margin: settings.decisionValueMargin) })
    return zip(tests, zip(p, equivalence)).map { test, p in
      let interval = test.4.interval(confidence: settings.confidence)
      return Diff.NodeChange(
        node: test.0, partner: test.1, before: mean(test.2), after: mean(test.3),
        difference: interval.map {
          Estimate(
            value: test.4.value, low: $0.low, high: $0.high, confidence: settings.confidence, n: test.4.n,
            method: "Student's t of the paired differences")
        },
        adjustedP: p.0, verdict: test.2 == test.3 ? .identical : verdicts.verdict(p.0, p.1))
    }.sorted { (-abs($0.after - $0.before), $0.node) < (-abs($1.after - $1.before), $1.node) }
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}

/// Exact effects of every node, prompt by prompt, where both sides have them.
private struct Profiles {
  /// Effects by node, in the order of the shared prompts.
  let before: [Node: [Double]]
  let after: [Node: [Double]]
  let n: Int
  let refused: Int
  let sharedNames: [Node]

  init(
    _ shared: [(before: AnalysisResult.Pair, after: AnalysisResult.Pair)], _ nodesBefore: [Node], _ nodesAfter: [Node]
  ) {
    let effects = shared.compactMap { pair -> ([Double], [Double])? in
      guard let a = pair.before.noising, let b = pair.after.noising else { return nil }
      return (a, b)
    }
    n = effects.count
    refused = shared.count - effects.count
    before = Dictionary(
      uniqueKeysWithValues: nodesBefore.enumerated().map { i, node in (node, effects.map { $0.0[i] }) })
    after = Dictionary(
      uniqueKeysWithValues: nodesAfter.enumerated().map { i, node in (node, effects.map { $0.1[i] }) })
    let names = Set(nodesAfter)
    sharedNames = nodesBefore.filter(names.contains)
  }

  private func heads(_ effects: [Node: [Double]]) -> [(node: Node, effects: [Double])] {
    effects.keys.filter(\.isHead).sorted().map { ($0, effects[$0] ?? []) }
  }

  /// The best pairing of heads with its null; nil without at least three prompts.
  func match(seed: UInt64) -> EffectProfileMatch? {
    let (a, b) = (heads(before), heads(after))
    guard n >= 3, !a.isEmpty, !b.isEmpty else { return nil }
    return .match(a, b, draws: 199, seed: seed)
  }

  /// Mean correlation of the heads of the same name; nil if the models do not have the same heads or nothing varies.
  var nameCorrelation: Double? {
    let (a, b) = (heads(before), heads(after))
    guard n >= 3, a.map(\.node) == b.map(\.node) else { return nil }
    let all = zip(a, b).compactMap { Correlation.pearson($0.effects, $1.effects) }
    return all.isEmpty ? nil : all.reduce(0, +) / Double(all.count)
  }
}
