/// What an expert asks once effects and circuit are known: significance, lenses, nulls, stability, rivals, edges.
extension AnalysisJob {
  mutating func analyseInDepth() throws {
    guard !accepted.isEmpty else { return }
    testSignificance()
    let drawn = detailPairs()
    try collectLenses(drawn)
    try evaluateCircuits(drawn)
    try scoreEdges(drawn)
    try patchPaths(drawn)
    try patchPositions(drawn)
    try integrateActivations(drawn)
    try patchRelevance(drawn)
    try patchHeadInputs(drawn)
  }

  /// The pairs that the costlier methods look at, in the plan's order.
  private func detailPairs() -> [Int] {
    let wanted = plan.detailPairs ?? 24
    guard wanted > 0, wanted < accepted.count else { return accepted }
    // Another stream of random numbers than the one that draws pairs for token attribution.
    var generator = SplitMix64(seed: plan.seed ^ 0x6465_7461_696C)
    return generator.sample(wanted, of: accepted.count).sorted().map { accepted[$0] }
  }

  /// The base runs of some pairs: kept from the first use on if all fit into memory together, else run again for each use.
  func pairRuns(_ indices: [Int]) -> [() throws -> PairRun] {
    let tokens = indices.reduce(0) { $0 + outcome.result.pairs[$1].tokens }
    let bytes = 2 * tokens * model.traceBytesPerRow
    let room = model.memory.total.map { ($0 - model.weightBytes) / 2 } ?? MemoryBudget.standardBatch
    let job = self
    guard bytes <= room else { return indices.map { index in { try job.pairRun(index) } } }
    let kept = KeptRuns()
    return indices.map { index in { try kept.run(index) { try job.pairRun(index) } } }
  }

  /// Notes that a method reads one position, where answers of several tokens have several.
  mutating func refuse(_ what: String) {
    do {
      try decision.checkSingleToken(for: what)
    } catch {
      outcome.refusals.append(
        Refusal(pair: nil, reason: .notDefined, scope: what, detail: (error as? AnalysisError)?.message ?? "\(error)"))
    }
  }

  private mutating func testSignificance() {
    guard asks(.significance) else { return }
    let pairs = accepted.map { outcome.result.pairs[$0] }
    let measured = outcome.result.pairs.filter { $0.totalEffect != nil }
    outcome.result.spread = PromptSpread(
      measured.compactMap { $0.totalEffect.map(abs) }, names: measured.map(\.name), worst: .highest)
    guard pairs.allSatisfy({ $0.noising != nil }) else { return }
    let effects = outcome.result.nodes.enumerated().map { i, node in
      (node: node, effects: pairs.compactMap { $0.noising?[i] })
    }
    outcome.result.significance = NodeSignificance.test(effects, seed: plan.seed)
  }

  // MARK: Lenses

  private mutating func collectLenses(_ drawn: [Int]) throws {
    guard asks(.lenses) else { return }
    guard decision.isSingleToken else { return refuse("lenses") }
    var collector = LensCollector(model: model, decision: decision)
    for (done, index) in drawn.enumerated() {
      try step("lenses", done, drawn.count)
      guard let ids = outcome.tokens.prompts[index]?[0] else { continue }
      collector.add(ids, try model.forward(ids))
    }
    outcome.result.lenses = collector.summary(bootstrap(drawn.count), strongest: 20)
  }

  // MARK: Circuits

  private mutating func evaluateCircuits(_ drawn: [Int]) throws {
    guard asks(.forwardBackward) || (asks(.circuitChecks) && outcome.result.circuit != nil) else { return }
    let runs = pairRuns(drawn)
    let heads = outcome.result.nodes.filter(\.isHead)
    let values = CircuitValues(
      try CircuitEvaluation(heads: heads, runs: runs, signs: directions(drawn)?.signs, step: step), heads: heads)
    guard abs(values.range) >= plan.floor, values.range != 0 else {
      outcome.refusals.append(
        Refusal(
          pair: nil, reason: noCircuit, scope: "checks of circuits",
          detail:
            "on the \(drawn.count) pairs drawn, replacing every head moves the mean decision value by \(Self.words(values.range)) logits, below the floor of \(plan.floor)"
        ))
      return
    }
    let oracle = ForwardBackwardSearch.Oracle(loss: values.losses) { circuit, nodes in
      var sums = [Double](repeating: 0, count: nodes.count)
      for run in runs {
        for (i, promise) in try run().promises(at: circuit, of: nodes).enumerated() { sums[i] += promise }
      }
      return sums.map { $0 / Double(runs.count) }
    }
    if asks(.forwardBackward) { try searchForwardBackward(values, oracle) }
    if asks(.circuitChecks), let circuit = outcome.result.circuit?.heads { try check(circuit, values, oracle, drawn) }
  }

  private mutating func searchForwardBackward(
    _ values: CircuitValues, _ oracle: ForwardBackwardSearch.Oracle
  ) throws {
    try step("stronger circuit search", 0, 1)
    let empty = try values.losses([[]])[0]
    let selection = try ForwardBackwardSearch(
      candidates: values.heads, target: 0.1 * empty, leastGain: 0.01 * empty, width: 3, takesAway: true
    ).run(oracle)
    let bootstrap = bootstrap(values.evaluation.full.count)
    let (sufficiency, comprehensiveness) = try values.scores(selection.nodes, bootstrap)
    outcome.result.forwardBackward = ForwardBackwardCircuit(
      pairs: values.evaluation.full.count, selection: selection, sufficiency: sufficiency,
      comprehensiveness: comprehensiveness, nulls: try nulls(of: selection.nodes, values))
  }

  private func nulls(of circuit: [Node], _ values: CircuitValues) throws -> [RandomCircuitNull] {
    try [RandomCircuitNull.Kind.matched, .sizeOnly].map { kind in
      try RandomCircuitNull.compare(
        circuit, universe: values.heads, kind: kind, draws: plan.nullDraws ?? 199, seed: plan.seed,
        evaluate: values.sufficiencies)
    }
  }

  private mutating func check(
    _ circuit: [Node], _ values: CircuitValues, _ oracle: ForwardBackwardSearch.Oracle, _ drawn: [Int]
  ) throws {
    try step("checks of the circuit", 0, 1)
    let pairs = drawn.map { outcome.result.pairs[$0] }
    let signs = values.evaluation.signs
    func counted(_ value: (AnalysisResult.Pair) -> Double) -> [Double] { zip(signs, pairs).map { $0 * value($1) } }
    func byHead(_ values: (AnalysisResult.Pair) -> [Double]?) -> [(node: Node, values: [Double])] {
      outcome.result.nodes.enumerated().compactMap { i, node in
        node.isHead ? (node: node, values: counted { values($0)?[i] ?? 0 }) : nil
      }
    }
    let attributions = byHead(\.attribution)
    // What chose the circuit chooses it again.
    let chosenBy = outcome.result.circuit?.forward == .exact ? byHead(\.noising) : attributions
    let differences = counted { -($0.totalEffect ?? 0) }
    let sign: Double = values.range > 0 ? 1 : -1
    let scores = attributions.map { (node: $0.node, score: -sign * $0.values.reduce(0, +)) }
    let search = AsymmetricSearch(
      sufficiencyTarget: plan.sufficiencyTarget, comprehensivenessTarget: plan.comprehensivenessTarget)
    let stability = try CircuitStability.bootstrap(
      circuit, n: drawn.count, resamples: 100, seed: plan.seed
    ) { indices in try values.search(search, chosenBy, differences, on: indices) }
    outcome.result.circuitEvidence = CircuitEvidence(
      pairs: drawn.count, nulls: try nulls(of: circuit, values), stability: stability,
      checks: try CircuitChecks.run(circuit, universe: values.heads, seed: plan.seed, values: values.kept),
      curves: try [FaithfulnessCurve.Ranking.signed, .absolute].map {
        try FaithfulnessCurve.measure(scores, ranking: $0, values: values.kept)
      },
      backups: try BackupNodes.measure(given: circuit, nodes: values.heads, values: values.ablated),
      rival: circuit.count < values.heads.count
        ? try RivalCircuit.search(circuit, universe: values.heads, width: 3, oracle: oracle) : nil)
  }
}

/// Base runs by pair. Used by one task.
private final class KeptRuns {
  private var runs: [Int: PairRun] = [:]

  func run(_ index: Int, _ make: () throws -> PairRun) rethrows -> PairRun {
    if let run = runs[index] { return run }
    let run = try make()
    runs[index] = run
    return run
  }
}
