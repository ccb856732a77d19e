extension AnalysisResult {
  /// By how much the positive answers' share among the declared answers differs between the two prompts of a pair: the mean of
  /// σ(m_counterfactual) − σ(m_clean) over all pairs that could be read, from −1 to 1. Unlike a mean of logits it can be read as
  /// percentage points of a decision. Of a regression it is the share of numbers above the threshold. Nil if no pair could be read, or
  /// nothing is decided.
  ///
  /// Drawn anew from the plan's seed with the resamples of the run's other intervals, so a record always gives the same.
  /// - Complexity: O(pairs·resamples).
  public func positiveShareChange(_ plan: AnalysisPlan) -> Estimate? {
    let changes = pairs.compactMap { pair -> Double? in
      guard let clean = pair.mClean, let counterfactual = pair.mCounterfactual else { return nil }
      guard plan.unit != nil else { return sigmoid(counterfactual) - sigmoid(clean) }
      guard let threshold = plan.threshold else { return nil }
      return (counterfactual > threshold ? 1 : 0) - (clean > threshold ? 1 : 0)
    }
    guard !changes.isEmpty else { return nil }
    return Bootstrap(
      n: changes.count, resamples: plan.bootstrapResamples, confidence: plan.confidence, seed: plan.seed
    ).mean(changes)
  }
}
