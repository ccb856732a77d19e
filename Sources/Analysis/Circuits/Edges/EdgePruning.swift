/// Automatic circuit discovery (ACDC; Conmy et al. 2023): walks the graph from the logits back, and patches every edge whose
/// patching raises the loss by less than a threshold. What is never patched is the circuit.
///
/// Every decision is exact and is taken on the graph as pruned so far, one edge after the other, as in the original. Here
/// several edges are tried at once: the variants "the next edge patched too", "the next two", … travel in one batch, and the
/// first that costs too much ends the row; those before it were taken as they would have been one by one.
public struct EdgePruning: Sendable {
  /// What the walk found.
  public struct Outcome: Sendable, Equatable {
    /// By edge, whether it is in the circuit.
    public var isKept: [Bool]
    /// Mean |m(N) − m(C)| over the pairs.
    public var loss: Double
    /// Edges tried.
    public var tried: Int
    /// Exact runs made, those whose outcome was not needed included.
    public var runs: Int
  }

  /// An edge goes if its patching raises the loss by less than this, in units of the decision value.
  public let threshold: Double
  /// Variants tried at once at the most.
  public var mostTogether = 64

  /// - Parameter threshold: τ of the paper; larger values give smaller circuits.
  public init(threshold: Double) { self.threshold = threshold }

  /// Prunes the whole graph.
  /// - Parameters:
  ///   - full: m(N) by pair.
  ///   - values: by variant, by pair, m with the given edges patched.
  ///   - progress: edges decided so far; throws to stop.
  /// - Complexity: at least one exact run per edge and pair.
  public func prune(
    _ graph: EdgeGraph, full: [Double], values: ([[Bool]]) throws -> [[Double]],
    progress: (Int) throws -> Void = { _ in }
  ) throws -> Outcome {
    var patched = [Bool](repeating: false, count: graph.count)
    var outcome = Outcome(isKept: [], loss: 0, tried: 0, runs: 0)
    // Receivers from the logits back; of each the latest sender first.
    let order = graph.receivers.indices.reversed().flatMap { graph.edges(into: $0).reversed() }
    var (next, together) = (0, min(8, mostTogether))
    while next < order.count {
      try progress(next)
      let row = order[next..<min(order.count, next + together)]
      var variants: [[Bool]] = []
      var variant = patched
      for edge in row {
        variant[edge] = true
        variants.append(variant)
      }
      let losses = try values(variants).map { FaithfulnessLoss.mean(full: full, circuit: $0) }
      outcome.runs += variants.count
      var accepted = 0
      while accepted < losses.count {
        let rise = losses[accepted] - outcome.loss
        guard rise < threshold else { break }
        outcome.loss = losses[accepted]
        patched[row[row.startIndex + accepted]] = true
        accepted += 1
      }
      // The edge after the accepted ones stays in the circuit.
      let isStopped = accepted < losses.count
      outcome.tried += accepted + (isStopped ? 1 : 0)
      next += accepted + (isStopped ? 1 : 0)
      together = min(mostTogether, isStopped ? max(4, min(together, 2 * accepted)) : 2 * together)
    }
    outcome.isKept = patched.map { !$0 }
    return outcome
  }
}

extension PairRun {
  /// Decision values with edges patched: by variant, whether each edge of the model's `edgeGraph` is.
  /// - Parameter noising: the clean run with edges from the counterfactual run; otherwise the other way round.
  /// - Throws: `AnalysisError.unsupportedArchitecture` as `edgeAttributions`.
  /// - Complexity: about one forward pass per variant, from its first patched layer on.
  public func decisionValues(patchingEdges variants: [[Bool]], noising: Bool = true) throws -> [Double] {
    try EdgeSweep(self, noising: noising).values(variants)
  }

  /// ACDC on this pair alone.
  /// - Parameter progress: edges decided so far; throws to stop.
  public func prunedEdges(
    threshold: Double, progress: (Int) throws -> Void = { _ in }
  ) throws -> EdgePruning.Outcome {
    let sweep = try EdgeSweep(self)
    return try EdgePruning(threshold: threshold).prune(
      model.edgeGraph, full: [mClean], values: { sweep.values($0).map { [$0] } }, progress: progress)
  }
}
