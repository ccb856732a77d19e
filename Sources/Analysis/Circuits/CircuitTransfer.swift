extension Analyzer {
  /// Exact scores of one circuit that may have been found on another model.
  public struct TransferScore: Codable, Sendable, Equatable {
    /// Pairs that the scores rest on.
    public var pairs: Int
    /// Mean m(N) − m(∅) on this model: what there is to keep or lose.
    public var range: Double
    /// (m(C) − m(∅))/(m(N) − m(∅)); nil if the range is below the plan's floor, or this model has not got the heads.
    public var sufficiency: Estimate?
    /// (m(N) − m(N∖C))/(m(N) − m(∅)); nil as above.
    public var comprehensiveness: Estimate?
    /// Heads that this model has not got.
    public var missing: [Node]
  }

  /// Measures circuits of heads on this model, over all pairs of a plan that can be read and whose prompts differ:
  /// pairs that hardly move the decision count too, so that two models are measured on the same prompts.
  /// - Returns: a score for each circuit; nil if no pair can be measured.
  /// - Throws: `AnalysisError` that concerns the whole plan.
  /// - Complexity: two base runs and 2·circuits + 1 patched runs per pair.
  public func transfer(
    _ circuits: [[Node]], plan: AnalysisPlan, progress: @escaping (Progress) -> Void = { _ in },
    isCancelled: @escaping () -> Bool = { false }
  ) throws -> [TransferScore]? {
    var all = plan
    all.methods = []
    all.floor = 0
    let prepared = try prepare(all)
    let (encoder, decision) = (prepared.encoder, prepared.decision)
    let step: AnalysisJob.Step = { step, done, total in
      if isCancelled() { throw AnalysisError(.interrupted, "interrupted; nothing of this run was stored") }
      progress(Progress(step: step, done: done, total: total))
    }
    let heads = model.nodes.filter(\.isHead)
    let runs = try plan.pairs.compactMap { pair -> (() throws -> PairRun)? in
      do {
        let ids = [try encoder.prompt(pair.clean), try encoder.prompt(pair.counterfactual)]
        guard ids[0].count == ids[1].count, ids[0] != ids[1] else { return nil }
        let (model, decision) = (model, decision)
        return { try PairRun(model: model, decision: decision, clean: ids[0], counterfactual: ids[1]) }
      } catch let error as AnalysisError {
        // What concerns one pair is left out, as in a run; what concerns the whole plan is thrown on.
        _ = try Refusal(refusing: pair.name, scope: .pair, for: error)
        return nil
      }
    }
    guard !runs.isEmpty else { return nil }
    var signs: [Double]?
    if plan.standing != nil {
      let changes = try runs.map { run in
        let run = try run()
        return run.mCounterfactual - run.mClean
      }
      signs = ChangeDirections(changes, total: changes.reduce(0, +)).signs
    }
    let evaluation = try CircuitEvaluation(heads: heads, runs: runs, signs: signs, step: step)
    let bootstrap = Bootstrap(
      n: runs.count, resamples: plan.bootstrapResamples, confidence: plan.confidence, seed: plan.seed)
    return try circuits.map { circuit in
      try score(circuit, evaluation, heads: heads, bootstrap: bootstrap, floor: plan.floor)
    }
  }

  private func score(
    _ circuit: [Node], _ evaluation: CircuitEvaluation, heads: [Node], bootstrap: Bootstrap, floor: Double
  ) throws -> TransferScore {
    func difference(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 - $1 } }
    let range = difference(evaluation.full, evaluation.empty)
    let mean = range.reduce(0, +) / Double(range.count)
    let missing = circuit.filter { !heads.contains($0) }
    var score = TransferScore(pairs: range.count, range: mean, missing: missing)
    guard missing.isEmpty, abs(mean) >= floor, mean != 0 else { return score }
    let values = try evaluation.noised([heads.filter { !circuit.contains($0) }, circuit])
    score.sufficiency = bootstrap.ratio(difference(values[0], evaluation.empty), range)
    score.comprehensiveness = bootstrap.ratio(difference(evaluation.full, values[1]), range)
    return score
  }
}
