/// What a backward pass multiplies with where an operation is not linear.
enum BackwardRule: Hashable, Sendable {
  /// The derivative.
  case derivative
  /// The coefficients of layer-wise relevance propagation that RelP takes in place of derivatives (Rezaei Jafari, Eberle,
  /// Khakzar, Nanda 2025, arXiv:2508.21258). Each operation counts as the linear map that it is with some of its values held:
  ///
  /// - a norm with its scale held (LN rule; Ali et al. 2022, arXiv:2202.07304);
  /// - an activation function as a multiplication with f(x)/x (identity rule);
  /// - a gate, f(gate)·up, half for each factor (half rule; Arras et al. 2019);
  /// - attention with its pattern held (AH rule; Ali et al. 2022), so that nothing flows to queries and keys, if `patternHeld`;
  ///   otherwise with its derivative, as RelP's own code does unless told to hold it;
  /// - a linear map as itself (0-rule).
  ///
  /// What follows the final norm (unembedding, cap on the logits, decision value) keeps its derivative.
  case relevance(patternHeld: Bool)

  /// Whether a norm's scale is held and activation functions count as multiplications.
  var isRelevance: Bool { self != .derivative }
}
