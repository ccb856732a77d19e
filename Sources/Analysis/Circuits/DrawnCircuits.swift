/// Decision values of circuits on the drawn pairs, which the checks of a circuit and the stronger search share.
struct DrawnCircuits {
  let values: CircuitValues
  let oracle: ForwardBackwardSearch.Oracle
}

extension AnalysisJob {
  /// What circuits do on the pairs drawn; nil, and refused once, where replacing every head moves too little there.
  mutating func drawnCircuits() throws -> DrawnCircuits? {
    if let known = circuits { return known }
    let drawn = detail
    let runs = pairRuns(drawn)
    let heads = outcome.result.nodes.filter(\.isHead)
    let values = CircuitValues(
      try CircuitEvaluation(heads: heads, runs: runs, signs: directions(drawn)?.signs, step: step), heads: heads)
    guard abs(values.range) >= plan.floor, values.range != 0 else {
      circuits = .some(nil)
      refuse(
        "checks of circuits", noCircuit,
        "on the \(drawn.count) pairs drawn, replacing every head moves the mean decision value by \(Self.words(values.range)) logits, below the floor of \(plan.floor)"
      )
      return nil
    }
    let oracle = ForwardBackwardSearch.Oracle(loss: values.losses) { circuit, nodes in
      var sums = [Double](repeating: 0, count: nodes.count)
      for run in runs {
        for (i, promise) in try run().promises(at: circuit, of: nodes).enumerated() { sums[i] += promise }
      }
      return sums.map { $0 / Double(runs.count) }
    }
    let found = DrawnCircuits(values: values, oracle: oracle)
    circuits = found
    return found
  }

  func nulls(of circuit: [Node], _ values: CircuitValues) throws -> [RandomCircuitNull] {
    try [RandomCircuitNull.Kind.matched, .sizeOnly].map { kind in
      try RandomCircuitNull.compare(
        circuit, universe: values.heads, kind: kind, draws: plan.nullDraws ?? 199, seed: plan.seed,
        evaluate: values.sufficiencies)
    }
  }
}

extension Finding {
  /// Measured if the p-value is at or below the level that the plan's confidence leaves.
  static func null(
    _ null: RandomCircuitNull, of circuit: String, _ heads: [Node], _ plan: AnalysisPlan
  ) -> Finding {
    let words = null.kind == .matched ? "as many heads in each layer" : "as many heads in all"
    return Finding(
      id: "\(circuit).null.\(null.kind.rawValue)",
      title: "sufficiency of \(heads.map(\.description).joined(separator: ", ")) against random circuits with \(words)",
      standing: null.p.rejects(at: plan.confidence) ? .measured : .notEstablished, estimate: nil, unit: "",
      nodes: heads, p: null.p)
  }
}

extension CostModel {
  /// Circuits that the random-circuit nulls look at, as if a circuit had three heads, in three layers.
  var nulls: Double {
    let draws = Double(plan.nullDraws ?? 199)
    let perLayer = Double(model.headsPerLayer)
    return min(draws, perLayer * perLayer * perLayer) + min(draws, heads * (heads - 1) * (heads - 2) / 6)
  }

  /// Steps of a stronger search, and circuits that it looks at.
  static let stronger = (steps: 6.0, searched: 40.0)
}

extension CostSheet {
  /// The base runs of the drawn pairs, once for all that is measured of circuits on them.
  mutating func drawnCircuits() {
    guard !keepsRuns else { return }
    keepsRuns = true
    let model = model
    passes("checks of circuits", model.detail) { model.both($0) + $0.changed * model.layers }
  }
}
