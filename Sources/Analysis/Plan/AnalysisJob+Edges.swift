extension AnalysisJob {
  /// Points of the input path for edge scores.
  static let pathSteps = 5
  /// Edges that are also patched exactly.
  static let verifiedEdges = 64
  /// Pairs that exact pruning walks on: every edge costs a run of each.
  static let pruningPairs = 4

  mutating func scoreEdges(_ drawn: [Int]) throws {
    guard asks(.edges) || asks(.edgePruning) else { return }
    do {
      try model.checkEdges()
      try decision.checkSingleToken(for: "edges")
    } catch let error as AnalysisError {
      outcome.refusals.append(Refusal(pair: nil, reason: .notDefined, scope: "edges", detail: error.message))
      return
    }
    let graph = model.edgeGraph
    let none = [Double](repeating: 0, count: graph.count)
    var (plain, path) = (EdgeScores(mean: none, counted: none), EdgeScores(mean: none, counted: none))
    let signs = directions(drawn)?.signs ?? drawn.map { _ in 1 }
    for (done, index) in drawn.enumerated() {
      try step("edge attribution", done, drawn.count)
      let run = try pairRun(index)
      let (atClean, along) = (try run.edgeAttributions(), try run.edgeAttributions(steps: Self.pathSteps))
      for edge in 0..<graph.count {
        plain.add(atClean.scores[edge] / Double(drawn.count), at: edge, sign: signs[done])
        path.add(along.scores[edge] / Double(drawn.count), at: edge, sign: signs[done])
      }
    }
    var evidence = EdgeEvidence(
      pairs: drawn.count, graphEdges: graph.count, steps: Self.pathSteps, strongest: [], grown: [], circuit: nil,
      pruned: nil)
    try measure(graph, plain, path, drawn, &evidence)
    if asks(.edgePruning) { evidence.pruned = try prune(graph, Array(drawn.prefix(Self.pruningPairs))) }
    outcome.result.edges = evidence
  }

  /// Patches the strongest edges one by one, and circuits of edges, exactly.
  private mutating func measure(
    _ graph: EdgeGraph, _ plain: EdgeScores, _ path: EdgeScores, _ drawn: [Int], _ evidence: inout EdgeEvidence
  ) throws {
    let ranked = path.counted
    let strongest = ranked.indices.sorted { (-abs(ranked[$0]), $0) < (-abs(ranked[$1]), $1) }.prefix(Self.verifiedEdges)
    let pairs = drawn.map { outcome.result.pairs[$0] }
    let clean = pairs.map { $0.mClean ?? .nan }
    let directions = directions(drawn)
    let signs = directions?.signs ?? drawn.map { _ in 1 }
    let range = zip(signs, pairs).map { $0 * -($1.totalEffect ?? 0) }
    // What an edge gives towards the decision's change is the negative of what patching it does.
    let change = range.reduce(0, +) / Double(range.count)
    let grown = abs(change) >= plan.floor && change != 0 ? graph.grow(ranked.map { -change * $0 }, to: graph.count) : []
    if grown.isEmpty {
      outcome.refusals.append(
        Refusal(
          pair: nil, reason: noCircuit, scope: "circuits of edges",
          detail:
            "on the \(drawn.count) pairs drawn, the mean of m_clean − m_counterfactual is \(Self.words(change)) logits, and no edge gives anything towards it where it is above the floor of \(plan.floor)"
        ))
    }
    let sizes = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, grown.count].filter { $0 > 0 && $0 <= grown.count }
      .reduce(into: [Int]()) { if $0.last != $1 { $0.append($1) } }
    let variants =
      strongest.map { edge in graph.set { $0 == edge } }
      + sizes.map { size in
        let kept = Set(grown.prefix(size))
        return graph.set { !kept.contains($0) }
      }
    let values = try edgeValues(variants, drawn)
    let bootstrap = bootstrap(drawn.count)
    // A share is counted towards the counterfactual, as the change is: of the scores as of the exact effects.
    func share(_ score: Double) -> Double? { directions.map { _ in -score / change } }
    evidence.strongest = strongest.enumerated().map { i, edge in
      let effects = zip(values[i], clean).map { $0 - $1 }
      return EdgeEvidence.Score(
        edge: graph.edge(edge), attribution: plain.mean[edge], pathAttribution: path.mean[edge],
        exact: bootstrap.mean(effects), share: directions?.share(effects, bootstrap),
        attributionShare: share(plain.counted[edge]), pathShare: share(path.counted[edge]))
    }
    let counterfactual = pairs.map { $0.mCounterfactual ?? .nan }
    evidence.grown = sizes.enumerated().map { i, size in
      let m = values[strongest.count + i]
      return EdgeEvidence.Circuit(
        size: size, mCircuit: zip(signs, m).map { $0 * $1 }.mean,
        sufficiency: bootstrap.ratio(zip(signs, zip(m, counterfactual)).map { $0 * ($1.0 - $1.1) }, range))
    }
    evidence.circuit = evidence.grown.first { $0.sufficiency.value >= plan.sufficiencyTarget }
      .map { circuit in grown.prefix(circuit.size).map(graph.edge) }
    // Means of signed effects cancel where pairs pull in different directions: they are compared as they are counted.
    let exact = strongest.indices.map { i in zip(signs, zip(values[i], clean)).map { $0 * ($1.0 - $1.1) }.mean }
    outcome.approximations += [
      .edges(
        "edge attribution patching", points: nil, approximate: strongest.map { plain.counted[$0] }, exact: exact,
        graph: graph.count, pairs: drawn.count),
      .edges(
        "edge attribution patching with integrated gradients (EAP-IG), \(Self.pathSteps) points",
        points: Self.pathSteps, approximate: strongest.map { path.counted[$0] }, exact: exact,
        graph: graph.count,
        pairs: drawn.count),
    ]
  }

  /// By variant, by pair: m with the edges of the variant patched.
  private func edgeValues(_ variants: [[Bool]], _ drawn: [Int]) throws -> [[Double]] {
    var values = variants.map { _ in [Double]() }
    for (done, index) in drawn.enumerated() {
      try step("exact edges", done, drawn.count)
      for (v, m) in try EdgeSweep(try pairRun(index)).values(variants).enumerated() { values[v].append(m) }
    }
    return values
  }

  private func prune(_ graph: EdgeGraph, _ drawn: [Int]) throws -> EdgeEvidence.Pruned {
    let pairs = drawn.map { outcome.result.pairs[$0] }
    let difference = pairs.reduce(0) { $0 + abs($1.totalEffect ?? 0) } / Double(pairs.count)
    let threshold = (plan.pruningThreshold ?? 0.01) * difference
    let sweeps = try drawn.map { try EdgeSweep(try pairRun($0)) }
    let found = try EdgePruning(threshold: threshold).prune(
      graph, full: pairs.map { $0.mClean ?? .nan },
      values: { variants in
        let byPair = sweeps.map { $0.values(variants) }
        return variants.indices.map { v in byPair.map { $0[v] } }
      },
      progress: { try step("exact pruning of edges", $0, graph.count) })
    return EdgeEvidence.Pruned(
      threshold: threshold, pairs: drawn.count,
      edges: found.isKept.indices.filter { found.isKept[$0] }.map(graph.edge), loss: found.loss, runs: found.runs)
  }
}

/// First-order scores of all edges, means over pairs.
private struct EdgeScores {
  /// As they are.
  var mean: [Double]
  /// Each pair counted in the direction of its own change.
  var counted: [Double]

  mutating func add(_ score: Double, at edge: Int, sign: Double) {
    mean[edge] += score
    counted[edge] += sign * score
  }
}

extension EdgeGraph {
  /// By edge, whether it is in a set.
  func set(_ isIn: (Int) -> Bool) -> [Bool] { (0..<count).map(isIn) }
}
