/// Exact decision values of head sets over the pairs of a behaviour.
///
/// The two base runs of a pair are computed again for each request instead of being kept: memory stays that of one pair.
struct CircuitEvaluation {
  /// m(N) by pair.
  let full: [Double]
  /// m(∅) by pair: every head at its counterfactual value, MLPs computed again.
  let empty: [Double]
  private let heads: [Node]
  private let runs: [() throws -> PairRun]
  private let step: AnalysisJob.Step

  init(heads: [Node], runs: [() throws -> PairRun], step: @escaping AnalysisJob.Step) throws {
    self.heads = heads
    self.runs = runs
    self.step = step
    var full: [Double] = []
    var empty: [Double] = []
    for (done, run) in runs.enumerated() {
      try step("circuit search", done, runs.count)
      let run = try run()
      full.append(run.mClean)
      empty.append(run.values([heads], noising: true)[0].m)
    }
    self.full = full
    self.empty = empty
  }

  /// By set, by pair: m with the set's heads at their counterfactual values.
  func noised(_ sets: [[Node]]) throws -> [[Double]] {
    var values = sets.map { _ in [Double]() }
    for (done, run) in runs.enumerated() {
      try step("circuit search", done, runs.count)
      for (s, value) in try run().values(sets, noising: true).enumerated() { values[s].append(value.m) }
    }
    return values
  }

  var values: AsymmetricSearch.SetValues {
    AsymmetricSearch.SetValues(full: full, empty: empty, without: noised)
  }

  /// Measures the found heads exactly.
  func circuit(
    heads kept: [Node], selection: AsymmetricSearch.Selection, unpruned: Double, bootstrap: Bootstrap,
    plan: AnalysisPlan
  ) throws -> AnalysisResult.Circuit {
    let scores = try noised([heads.filter { !kept.contains($0) }, kept])
    let (only, without) = (scores[0], scores[1])
    func difference(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 - $1 } }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    let range = difference(full, empty)
    return AnalysisResult.Circuit(
      heads: kept, selected: selection.heads, firstOrderSufficiency: selection.sufficiency,
      selectedComprehensiveness: unpruned, mFull: mean(full), mEmpty: mean(empty), mCircuit: mean(only),
      mWithout: mean(without), sufficiency: bootstrap.ratio(difference(only, empty), range),
      comprehensiveness: bootstrap.ratio(difference(full, without), range),
      terms: AnalysisResult.Circuit.Terms(
        granularity: "attention heads, all positions together",
        components: "heads; MLPs recomputed from what they receive",
        ablation: "counterfactual value of the same pair", positions: "all",
        direction: "noising: the clean run with activations of the counterfactual run",
        prompts: "\(full.count) of \(plan.pairs.count) pairs of '\(plan.behaviour)' (\(plan.construction))"))
  }
}
