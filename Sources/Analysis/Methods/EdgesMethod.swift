/// Edge attribution of the whole graph, the strongest edges patched exactly, circuits of edges.
enum EdgesMethod: AnalysisMethod {
  static let id = AnalysisPlan.Method.edges
  static let question = "Which connections between parts carry the change?"
  static let results: [any MethodResult.Type] = [EdgeEvidence.self]

  /// Points of the input path for edge scores.
  static let pathSteps = 5
  /// Edges that are also patched exactly.
  static let verified = 64

  static func cost(_ sheet: inout CostSheet) {
    sheet.takesGradientsInBatches = true
    let model = sheet.model
    guard model.isSingleToken, (try? model.model.checkEdges()) != nil else { return }
    let points = Double(pathSteps)
    let (exact, circuits) = (min(Double(verified), Double(model.model.edgeGraph.count)), 7.0)
    sheet.passes(
      "edges", model.detail,
      forward: {
        2 * model.both($0) + points * $0.rows * model.layers + (0.7 * exact + circuits) * $0.changed * model.layers
      },
      backward: { (1 + points) * $0.rows * model.layers })
    sheet.interval(model.detail.count, Double(verified) + 7)
  }

  static func run(_ job: inout AnalysisJob) throws {
    guard try job.isDefined("edges", needsEdges: true) else { return }
    try job.scoreEdges(job.detail)
  }

  /// Edges patched exactly, and the smallest circuit of edges that reaches the plan's target.
  static func findings(of result: AnalysisResult, plan: AnalysisPlan) -> [Finding] {
    guard let edges = result.edges else { return [] }
    let floor = plan.standing?.leastShare(of: edges.strongest.count)
    var findings = edges.strongest.flatMap { score in
      Finding.effect(
        "edge.\(score.edge)", "\(score.edge) set to its counterfactual value in the clean run", score.exact,
        share: score.share, floor: floor)
    }
    if let circuit = edges.circuit, let grown = edges.grown.first(where: { $0.size == circuit.count }) {
      findings.append(
        Finding(
          id: "edge-circuit.sufficiency",
          title: "share of the effect that \(grown.size) of \(edges.graphEdges) edges carry alone",
          standing: Finding.standing(grown.sufficiency, null: 0), estimate: grown.sufficiency, unit: "ratio"))
    }
    return findings
  }
}

extension AnalysisPlan.Method {
  /// Edge attribution of the whole graph, the strongest edges patched exactly, circuits of edges.
  public static let edges = Self("edges")
}

extension AnalysisSummary {
  /// What was measured of the graph's edges.
  public var edges: EdgeEvidence? {
    get { self[EdgeEvidence.self] }
    set { self[EdgeEvidence.self] = newValue }
  }
}

extension AnalysisJob {
  fileprivate mutating func scoreEdges(_ drawn: [Int]) throws {
    let graph = model.edgeGraph
    let none = [Double](repeating: 0, count: graph.count)
    var (plain, path) = (EdgeScores(mean: none, counted: none), EdgeScores(mean: none, counted: none))
    let signs = directions(drawn)?.signs ?? drawn.map { _ in 1 }
    for (done, index) in drawn.enumerated() {
      try step("edge attribution", done, drawn.count)
      let run = try pairRun(index)
      let (atClean, along) = (try run.edgeAttributions(), try run.edgeAttributions(steps: EdgesMethod.pathSteps))
      for edge in 0..<graph.count {
        plain.add(atClean.scores[edge] / Double(drawn.count), at: edge, sign: signs[done])
        path.add(along.scores[edge] / Double(drawn.count), at: edge, sign: signs[done])
      }
    }
    var evidence = EdgeEvidence(
      pairs: drawn.count, graphEdges: graph.count, steps: EdgesMethod.pathSteps, strongest: [], grown: [], circuit: nil,
      pruned: nil)
    try measure(graph, plain, path, drawn, &evidence)
    outcome.result.edges = evidence
  }

  /// Patches the strongest edges one by one, and circuits of edges, exactly.
  private mutating func measure(
    _ graph: EdgeGraph, _ plain: EdgeScores, _ path: EdgeScores, _ drawn: [Int], _ evidence: inout EdgeEvidence
  ) throws {
    let ranked = path.counted
    let strongest = ranked.indices.sorted { (-abs(ranked[$0]), $0) < (-abs(ranked[$1]), $1) }.prefix(
      EdgesMethod.verified)
    let pairs = drawn.map { outcome.result.pairs[$0] }
    let clean = pairs.map { $0.mClean ?? .nan }
    let directions = directions(drawn)
    let signs = directions?.signs ?? drawn.map { _ in 1 }
    let range = zip(signs, pairs).map { $0 * -($1.totalEffect ?? 0) }
    // What an edge gives towards the decision's change is the negative of what patching it does.
    let change = range.reduce(0, +) / Double(range.count)
    let grown = abs(change) >= plan.floor && change != 0 ? graph.grow(ranked.map { -change * $0 }, to: graph.count) : []
    if grown.isEmpty {
      refuse(
        "circuits of edges", noCircuit,
        "on the \(drawn.count) pairs drawn, the mean of m_clean − m_counterfactual is \(Self.words(change)) logits, and no edge gives anything towards it where it is above the floor of \(plan.floor)"
      )
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
        "edge attribution patching with integrated gradients (EAP-IG), \(EdgesMethod.pathSteps) points",
        points: EdgesMethod.pathSteps, approximate: strongest.map { path.counted[$0] }, exact: exact,
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

/// What was measured of the graph's edges on some of the behaviour's pairs.
public struct EdgeEvidence: MethodResult {
  /// Its key.
  public static let key = "edges"

  /// One edge's scores, means over the pairs, in logits.
  public struct Score: Codable, Sendable, Equatable {
    /// The edge.
    public var edge: Edge
    /// Approximate: edge attribution patching, gradient at the clean run.
    public var attribution: Double
    /// Approximate: gradient averaged along the input path.
    public var pathAttribution: Double
    /// Exact: m(clean run with this edge from the counterfactual run) − m_clean.
    public var exact: Estimate
    /// Exact: the share of each pair's change that the edge carries, in that pair's direction. Nil in records of before version 0.2.
    public var share: Estimate?
    /// Approximate: the same share by edge attribution patching.
    public var attributionShare: Double?
    /// Approximate: the same share with the gradient averaged along the input path; what edges are ranked by where it is there.
    public var pathShare: Double?
  }

  /// A circuit of the best edges, everything else patched.
  public struct Circuit: Codable, Sendable, Equatable {
    /// Edges in it.
    public var size: Int
    /// Mean m with every other edge from the counterfactual run.
    public var mCircuit: Double
    /// Exact (m(C) − m_cf)/(m_clean − m_cf), a ratio of means with its interval. Never clipped.
    public var sufficiency: Estimate
  }

  /// What exact pruning of every edge left over (ACDC).
  public struct Pruned: Codable, Sendable, Equatable {
    /// An edge went if its patching raised the loss by less than this.
    public var threshold: Double
    /// Pairs that the walk rested on.
    public var pairs: Int
    /// The edges that are left, in the graph's order.
    public var edges: [Edge]
    /// Mean |m(N) − m(C)| of what is left.
    public var loss: Double
    /// Exact runs made per pair.
    public var runs: Int
  }

  /// Pairs that were drawn.
  public var pairs: Int
  /// Edges of the whole graph.
  public var graphEdges: Int
  /// Points of the input path.
  public var steps: Int
  /// The edges with the largest |pathShare| (of before version 0.2: |pathAttribution|), each also patched exactly.
  public var strongest: [Score]
  /// Circuits grown by `pathAttribution`, by size.
  public var grown: [Circuit]
  /// The edges of the smallest grown circuit that reaches the plan's sufficiency target, in the order in which they were
  /// taken; nil if none of those measured does.
  public var circuit: [Edge]?
  /// Exact pruning of the whole graph; nil if not asked for.
  public var pruned: Pruned?
}

extension Approximation {
  /// - Parameter points: how many points of the input path the gradient is averaged over; nil for the clean run alone.
  static func edges(
    _ method: String, points: Int?, approximate: [Double], exact: [Double], graph: Int, pairs: Int
  ) -> Approximation {
    let linear = "the decision value is linear in each receiver's input between its clean and its counterfactual value"
    var entry = compared(
      method,
      assumption: points.map {
        "\(linear), at the mean rate of \($0) points of the straight path between the two prompts' embeddings"
      } ?? linear,
      approximate: approximate, exact: exact,
      note:
        "the \(exact.count) of \(graph) edges with the largest scores along the input path were also patched exactly, means over \(pairs) pairs, in logits; what the others do exactly was not measured"
    )
    // The scores of the others are estimates of the kind that is being checked: they bound nothing.
    if exact.count < graph { entry.largestPossiblyMissed = nil }
    return entry
  }
}
