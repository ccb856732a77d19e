/// Exact decision values of head sets over the pairs of a behaviour.
///
/// The two base runs of a pair are computed again for each request instead of being kept: memory stays that of one pair.
struct CircuitEvaluation {
  /// m(N) by pair.
  let full: [Double]
  /// m(∅) by pair: every head at its counterfactual (or other) value, MLPs computed again.
  let empty: [Double]
  /// What replaces heads; nil: their values in the counterfactual run.
  let ablation: AblationValues?
  /// By pair: what its decision values are counted with, so that pairs that move in different directions do not cancel.
  let signs: [Double]
  private let heads: [Node]
  private let runs: [() throws -> PairRun]
  private let step: AnalysisJob.Step

  init(
    heads: [Node], runs: [() throws -> PairRun], signs: [Double]? = nil, ablation: AblationValues? = nil,
    step: @escaping AnalysisJob.Step
  ) throws {
    self.signs = signs ?? runs.map { _ in 1 }
    self.ablation = ablation
    self.heads = heads
    self.runs = runs
    self.step = step
    var full: [Double] = []
    var empty: [Double] = []
    for (done, run) in runs.enumerated() {
      try step("circuit search", done, runs.count)
      let run = try run()
      full.append(self.signs[done] * run.mClean)
      empty.append(self.signs[done] * Self.values(run, [heads], ablation)[0])
    }
    self.full = full
    self.empty = empty
  }

  private static func values(_ run: PairRun, _ sets: [[Node]], _ ablation: AblationValues?) -> [Double] {
    (ablation.map { run.values(sets, ablation: $0) } ?? run.values(sets, noising: true)).map(\.m)
  }

  /// By set, by pair: m with the set's heads replaced.
  func noised(_ sets: [[Node]]) throws -> [[Double]] {
    var values = sets.map { _ in [Double]() }
    for (done, run) in runs.enumerated() {
      try step("circuit search", done, runs.count)
      for (s, m) in Self.values(try run(), sets, ablation).enumerated() { values[s].append(signs[done] * m) }
    }
    return values
  }

  var values: AsymmetricSearch.SetValues {
    AsymmetricSearch.SetValues(full: full, empty: empty, without: noised)
  }

  /// Measures the found heads exactly.
  func circuit(
    heads kept: [Node], selection: AsymmetricSearch.Selection, unpruned: Double, bootstrap: Bootstrap,
    plan: AnalysisPlan, isForced: Bool = false
  ) throws -> AnalysisResult.Circuit {
    let turned = signs.count { $0 < 0 }
    let scores = try noised([heads.filter { !kept.contains($0) }, kept])
    let (only, without) = (scores[0], scores[1])
    let (sufficiency, comprehensiveness) = self.scores(only: only, without: without, bootstrap)
    var circuit = AnalysisResult.Circuit(
      heads: kept, selected: selection.heads, firstOrderSufficiency: selection.sufficiency,
      selectedComprehensiveness: unpruned, mFull: full.mean, mEmpty: empty.mean, mCircuit: only.mean,
      mWithout: without.mean, sufficiency: sufficiency, comprehensiveness: comprehensiveness,
      terms: AnalysisResult.Circuit.Terms(
        granularity: "attention heads, all positions together",
        components: "heads; MLPs recomputed from what they receive",
        ablation: ablation?.kind.words ?? AnalysisPlan.Ablation.counterfactual.words,
        positions: isForced ? "all, those of the answers' tokens included" : "all",
        direction: (ablation == nil
          ? "noising: the clean run with activations of the counterfactual run"
          : "the clean run with other activations")
          + (turned == 0
            ? ""
            : "; each pair's decision value counted in the direction of its own change (\(turned) of \(full.count) turned)"),
        prompts: "\(full.count) of \(plan.pairs.count) pairs of '\(plan.behaviour)' (\(plan.construction))"))
    guard plan.standing != nil else { return circuit }
    circuit.forward = selection.forward
    circuit.turned = turned
    return circuit
  }

  /// Sufficiency (m(C) − m(∅))/(m(N) − m(∅)) and comprehensiveness (m(N) − m(N∖C))/(m(N) − m(∅)), ratios of means. Never clipped.
  /// - Parameters:
  ///   - only: m(C) by pair.
  ///   - without: m(N∖C) by pair.
  func scores(only: [Double], without: [Double], _ bootstrap: Bootstrap) -> (
    sufficiency: Estimate, comprehensiveness: Estimate
  ) {
    func difference(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 - $1 } }
    let range = difference(full, empty)
    return (
      bootstrap.ratio(difference(only, empty), range), bootstrap.ratio(difference(full, without), range)
    )
  }
}

extension AnalysisPlan.Ablation {
  /// What replaces an activation, in words.
  var words: String {
    switch self {
    case .counterfactual: "counterfactual value of the same pair"
    case .mean:
      "one mean over all positions of all the behaviour's prompts, clean and counterfactual (a value that no prompt gives: outside the distribution the model was trained on)"
    case .positionMean:
      "mean at the same position over all the behaviour's prompts, clean and counterfactual (a value that no prompt gives: outside the distribution the model was trained on)"
    case .zero: "zero (outside the distribution the model was trained on)"
    }
  }
}
