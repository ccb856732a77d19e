/// Exact runs of a prompt with edges patched: along a patched edge the receiver reads what the sender wrote in the other run,
/// while every other receiver reads what the sender writes now (path patching; Goldowsky-Dill et al. 2023).
///
/// Variants travel as rows of one matrix. They join at the first layer with a patched edge, positions before the runs'
/// first difference are never computed again where tokens see only those before them, and a receiver without patched edges reads the stream itself, so that a
/// variant without patched edges has the bits of the base run, and one with all edges patched those of the other run.
struct EdgeSweep {
  let model: Transformer
  let decision: Decision
  let graph: EdgeGraph
  let base: Trace
  let other: Trace
  /// Positions before this one are the same in both runs, in every layer.
  let first: Int
  /// other − base, by sender.
  let differences: SenderShares
  /// What each sender adds in the other run.
  let otherShares: SenderShares

  /// - Parameter noising: the clean run with edges from the counterfactual run; otherwise the other way round.
  /// - Throws: `AnalysisError.unsupportedArchitecture` as `checkEdges`, `.badAnswer` if an answer has several tokens.
  init(_ run: PairRun, noising: Bool = true) throws {
    try run.model.checkEdges()
    try run.decision.checkSingleToken(for: "edges")
    model = run.model
    decision = run.decision
    graph = run.model.edgeGraph
    (base, other) = noising ? (run.clean, run.counterfactual) : (run.counterfactual, run.clean)
    let width = run.model.architecture.width
    let (a, b) = (base.residual[0], other.residual[0])
    let differing = (0..<base.length).first { position in
      (0..<width).contains { a.row(position)[$0].bitPattern != b.row(position)[$0].bitPattern }
    }
    first = differing.map(model.firstChanged(by:)) ?? base.length
    otherShares = SenderShares(model, other)
    differences = SenderShares(otherShares, minus: SenderShares(model, base))
  }

  /// m of each variant.
  /// - Parameter variants: by variant, by edge of the graph, whether it is patched.
  /// - Complexity: O(variants · rows after the first difference · (layers after the first patched edge · parameters of a layer +
  ///   patched or, if fewer, unpatched edges · width)).
  func values(_ variants: [[Bool]]) -> [Double] {
    let mBase = model.value(of: decision, at: base.decisionRow(sequence: 0), rows: base.rowsRead)
    var values = [Double](repeating: mBase, count: variants.count)
    guard first < base.length else { return values }
    let patched = variants.enumerated().compactMap { index, edges -> EdgeVariant? in
      precondition(edges.count == graph.count, "a variant of another graph")
      guard let join = edges.firstIndex(of: true) else { return nil }
      return EdgeVariant(index: index, patched: edges, joins: layer(of: join))
    }.sorted { ($0.joins, $0.index) < ($1.joins, $1.index) }
    var start = 0
    while start < patched.count {
      let joins = patched[start].joins
      let end = min(patched.count, start + variantsThatFit(from: joins))
      let batch = EdgeBatch(self, Array(patched[start..<end]))
      for (variant, value) in zip(patched[start..<end], batch.run()) { values[variant.index] = value }
      start = end
    }
    return values
  }

  /// m with some edges patched.
  func value(patching edges: some Sequence<Edge>) -> Double {
    var variant = [Bool](repeating: false, count: graph.count)
    for edge in edges {
      guard let index = graph.index(of: edge) else { preconditionFailure("no such edge: \(edge)") }
      variant[index] = true
    }
    return values([variant])[0]
  }

  /// The layer at which an edge arrives; the logits' is the number of layers.
  private func layer(of edge: Int) -> Int {
    switch graph.receivers[graph.ends(edge).receiver] {
    case .query(let layer, _), .key(let layer, _), .value(let layer, _), .mlp(let layer): layer
    case .logits: model.layerCount
    }
  }

  private func variantsThatFit(from layer: Int) -> Int {
    let rows = base.length - first
    let architecture = model.architecture
    let receivers = architecture.heads + 2 * architecture.keyValueHeads
    let perRow =
      SweepWorkspace.bytesPerRow(architecture) / MemoryLayout<Float>.stride
      + ((model.layerCount - layer) * (architecture.heads + (model.normsStream ? 5 : 1)) + receivers + 3)
      * architecture.width
    let fixed = base.length * (2 * model.traceBytesPerRow + 3 * graph.senders.count * architecture.width * 4)
    return max(
      1, model.rowsThatFit(bytesPerRow: perRow * MemoryLayout<Float>.stride, fixed: fixed) / max(1, rows))
  }
}

/// One variant of an edge sweep.
struct EdgeVariant {
  let index: Int
  /// By edge of the graph, whether it is patched.
  let patched: [Bool]
  /// The first layer with a patched edge.
  let joins: Int
}
