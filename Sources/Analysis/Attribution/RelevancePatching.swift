extension PairRun {
  /// Relevance patching (RelP; Rezaei Jafari, Eberle, Khakzar, Nanda 2025, arXiv:2508.21258): Σ over positions of
  /// (a_cf − a_clean)·(coefficient of layer-wise relevance propagation at the clean run), in the order of the model's `nodes`; an
  /// estimate of the noising effects in attribution patching's form.
  /// - Parameter patternHeld: whether attention patterns are held (AH rule). What a head does to where later heads look then
  ///   counts for nothing; otherwise the softmax keeps its derivative.
  /// - Complexity: one backward pass.
  public func relevances(patternHeld: Bool) -> [Double] {
    model.attributions(
      clean: clean, counterfactual: counterfactual,
      gradients: model.gradients(of: decision, clean, rule: .relevance(patternHeld: patternHeld)))
  }
}
