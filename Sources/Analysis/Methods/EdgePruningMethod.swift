/// Exact pruning of every edge (ACDC). Minutes to hours on large models: only where it is named.
enum EdgePruningMethod: AnalysisMethod {
  static let id = AnalysisPlan.Method.edgePruning
  static let question = "Which connections are left when every one that is not needed is taken away?"
  static let isNamedOnly = true
  static let goesOnFrom: [AnalysisPlan.Method] = [.edges]

  /// Pairs that exact pruning walks on: every edge costs a run of each.
  static let pairs = 4

  static func cost(_ sheet: inout CostSheet) {
    let model = sheet.model
    guard model.isSingleToken, (try? model.model.checkEdges()) != nil else { return }
    let edges = Double(model.model.edgeGraph.count)
    sheet.passes("edge pruning", Array(model.detail.prefix(pairs))) {
      model.both($0) + 1.2 * edges * $0.changed * (model.layers + 1) / 2
    }
  }

  static func run(_ job: inout AnalysisJob) throws {
    // Without edges nothing can be pruned: refused where edges are.
    guard var edges = job.outcome.result.edges else { return }
    edges.pruned = try job.prune(job.model.edgeGraph, Array(job.detail.prefix(pairs)))
    job.outcome.result.edges = edges
  }
}

extension AnalysisPlan.Method {
  /// Exact pruning of every edge (ACDC). Minutes to hours on large models: only where it is named.
  public static let edgePruning = Self("edge-pruning")
}

extension AnalysisJob {
  fileprivate func prune(_ graph: EdgeGraph, _ drawn: [Int]) throws -> EdgeEvidence.Pruned {
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
