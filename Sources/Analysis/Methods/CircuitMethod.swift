/// The asymmetric circuit search over the accepted pairs, each counted in the direction of its own change; exact sufficiency and
/// comprehensiveness afterwards.
enum CircuitMethod: AnalysisMethod {
  static let id = AnalysisPlan.Method.circuit
  static let question = "Which few heads carry the decision's change?"
  static let needs: NodeMeasurement = [.exact, .attribution]
  static let results: [any MethodResult.Type] = [AnalysisResult.Circuit.self]

  static func cost(_ sheet: inout CostSheet) {
    let model = sheet.model
    sheet.passes("circuit", model.pairs) { model.search($0, rows: $0.changed) }
    sheet.interval(model.pairs.count, 2)
  }

  static func run(_ job: inout AnalysisJob) throws { try job.searchCircuit() }

  static func runWithoutPairs(_ job: inout AnalysisJob) {
    let flips = job.outcome.result.flips?.count ?? 0
    guard job.plan.standing != nil, flips > 0 else {
      return job.refuse(.circuit, .nothingToExplain, "no prompt pair is left after the refusals")
    }
    job.refuse(
      .circuit, .notFound,
      "\(flips) decisions differ, but no prompt pair is left after the refusals: none moves the decision value by the floor of \(job.plan.floor)"
    )
  }

  static func findings(of result: AnalysisResult, plan: AnalysisPlan) -> [Finding] {
    guard plan.methods.contains(.circuit) else { return [] }
    guard let circuit = result.circuit else {
      return [
        Finding(id: "circuit", title: "circuit of heads (refused)", standing: .notEstablished, estimate: nil, unit: "")
      ]
    }
    return [
      Finding(
        id: "circuit.sufficiency", title: "share of the heads' effect that the circuit's heads carry alone",
        standing: Finding.standing(circuit.sufficiency, null: 0), estimate: circuit.sufficiency, unit: "ratio",
        nodes: circuit.heads),
      Finding(
        id: "circuit.comprehensiveness", title: "share of the heads' effect that is lost without the circuit's heads",
        standing: Finding.standing(circuit.comprehensiveness, null: 0), estimate: circuit.comprehensiveness,
        unit: "ratio",
        nodes: circuit.heads),
    ]
  }
}

extension CostModel {
  /// Circuits that a search and its pruning look at, and requests that run each pair again.
  private static let searched = (circuits: 19.0, requests: 6.0)

  /// Rows·layers of one search of a circuit with its pruning.
  func search(_ pair: Pair, rows: Double) -> Double {
    Self.searched.requests * both(pair) + Self.searched.circuits * rows * layers
  }
}

extension AnalysisJob {
  /// First-order scores whose rank correlation with the exact effects is below this do not choose the circuit's heads.
  static let leastRankCorrelation = 0.5
  /// A head alone carries this share of the change before it is asked whether it works one after another with others.
  private static let seriesShare = 0.5
  /// At most so many heads are asked.
  private static let seriesHeads = 8

  /// Why there is no circuit where decisions move: a plan of before version 0.2 said of all reasons that nothing is to be explained.
  var noCircuit: Refusal.Reason { plan.standing == nil ? .nothingToExplain : .notFound }

  fileprivate mutating func searchCircuit() throws {
    let pairs = accepted.map { outcome.result.pairs[$0] }
    let directions = directions(accepted)
    func mean(_ values: [Double]) -> Double { directions?.mean(values) ?? values.mean }
    let difference = -mean(pairs.map { $0.totalEffect ?? 0 })
    guard abs(difference) >= plan.floor, difference != 0 else {
      return refuse(
        .circuit, .nothingToExplain,
        "the mean of m_clean − m_counterfactual over \(pairs.count) pairs, \(Self.words(difference)) logits, is below the floor of \(plan.floor): the pairs pull in different directions"
      )
    }
    let job = self
    let runs = accepted.map { index in { try job.pairRun(index) } }
    let heads = outcome.result.nodes.filter(\.isHead)
    let evaluation = try CircuitEvaluation(heads: heads, runs: runs, signs: directions?.signs, step: step)
    let range = (evaluation.full.reduce(0, +) - evaluation.empty.reduce(0, +)) / Double(pairs.count)
    let along = directions == nil ? abs(range) : (difference > 0 ? range : -range)
    guard along >= plan.floor, range != 0 else {
      return refuse(
        .circuit, noCircuit,
        directions == nil
          ? "replacing every head moves the mean decision value by \(Self.words(range)) logits, below the floor of \(plan.floor): what the question changes does not pass through the heads"
          : "replacing every head moves the decision value by \(Self.words(along)) logits in the direction of its change, below the floor of \(plan.floor): what the question changes does not pass through the heads"
      )
    }
    let search = AsymmetricSearch(
      sufficiencyTarget: plan.sufficiencyTarget, comprehensivenessTarget: plan.comprehensivenessTarget)
    let selection = select(
      search, difference: difference, firstOrder: pairs.map { $0.attribution ?? [] }, exact: pairs.map { $0.noising },
      mean)
    guard !selection.heads.isEmpty else {
      return refuse(
        .circuit, noCircuit,
        directions == nil
          ? "no head adds first-order sufficiency"
          : "no head alone moves the decision in the direction of its change, neither to first order nor exactly: only several together do, or one stands in for another; the stronger search (forward-backward) looks for such sets"
      )
    }
    let (kept, unpruned) = try search.prune(selection.heads, evaluation.values)
    var circuit = try evaluation.circuit(
      heads: kept, selection: selection, unpruned: unpruned, bootstrap: bootstrap(pairs.count), plan: plan,
      isForced: !decision.isSingleToken)
    if circuit.isCutShort, let directions { circuit.series = try series(beside: kept, directions, runs) }
    outcome.result.circuit = circuit
  }

  /// The forward step: by first-order scores or, where these rank otherwise than the exact effects or promise nothing, by the exact
  /// effects of single heads.
  /// - Parameters:
  ///   - firstOrder: by pair, by node.
  ///   - exact: by pair, by node; nil where a pair has none.
  ///   - mean: over pairs, as the circuit is counted.
  func select(
    _ search: AsymmetricSearch, difference: Double, firstOrder: [[Double]], exact: [[Double]?],
    _ mean: ([Double]) -> Double
  ) -> AsymmetricSearch.Selection {
    func scores(_ values: [[Double]]) -> [(head: Node, value: Double)] {
      outcome.result.nodes.enumerated().compactMap { i, node in
        node.isHead ? (node, mean(values.map { i < $0.count ? $0[i] : 0 })) : nil
      }
    }
    let selection = search.select(scores(firstOrder), difference: difference)
    let known = exact.compactMap { $0 }
    guard plan.standing != nil, known.count == exact.count else { return selection }
    let correlation = Correlation.spearman(firstOrder.flatMap { $0 }, known.flatMap { $0 })
    if !selection.heads.isEmpty, let correlation, correlation >= Self.leastRankCorrelation { return selection }
    var exactly = search.select(scores(known), difference: difference)
    exactly.forward = .exact
    return exactly
  }

  /// Heads that work one after another, some of them outside the circuit: each alone carries half of the change or more, and the earlier
  /// one's effect is at most half of that where the later one keeps its clean value.
  private func series(
    beside kept: [Node], _ directions: ChangeDirections, _ runs: [() throws -> PairRun]
  ) throws -> [Node] {
    let nodes = outcome.result.nodes
    let pairs = accepted.map { outcome.result.pairs[$0] }
    let total = directions.mean(pairs.map { $0.totalEffect ?? 0 })
    func effect(_ i: Int) -> Double { directions.mean(pairs.map { $0.noising?[i] ?? 0 }) }
    let strong = nodes.indices.filter { nodes[$0].isHead && effect($0) / total >= Self.seriesShare }
      .sorted { (-effect($0) / total, $0) < (-effect($1) / total, $1) }.prefix(Self.seriesHeads).sorted()
    let couples = strong.flatMap { a in
      strong.filter { nodes[a].layer < nodes[$0].layer }.map { (earlier: a, later: $0) }
    }
    guard !couples.isEmpty else { return [] }
    var held = couples.map { _ in 0.0 }
    for (done, run) in runs.enumerated() {
      try step("heads one after another", done, runs.count)
      let run = try run()
      let values = run.values(onCleanRun: true) { sequence in
        couples.map { couple in
          [
            Intervention(Site(nodes[couple.earlier]), .run(run.counterfactual, sequence: sequence)),
            Intervention(Site(nodes[couple.later]), .run(run.clean, sequence: sequence)),
          ]
        }
      }
      for (c, value) in values.enumerated() {
        held[c] += directions.signs[done] * (value.m - run.mClean) / Double(runs.count)
      }
    }
    let found = couples.indices.filter { held[$0] / effect(couples[$0].earlier) <= Self.seriesShare }
      .flatMap { [nodes[couples[$0].earlier], nodes[couples[$0].later]] }
    return Set(found).isSubset(of: kept) ? [] : Set(found).sorted()
  }
}

extension AnalysisPlan.Method {
  /// The asymmetric circuit search, with exact sufficiency and comprehensiveness afterwards.
  public static let circuit = Self("circuit")
}

extension AnalysisSummary {
  /// The circuit (nil if not asked for, or refused).
  public var circuit: AnalysisResult.Circuit? {
    get { self[AnalysisResult.Circuit.self] }
    set { self[AnalysisResult.Circuit.self] = newValue }
  }
}
