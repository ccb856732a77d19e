extension Approximation {
  /// An entry of the register whose values were all held against exact ones.
  static func compared(
    _ method: String, assumption: String, approximate: [Double], exact: [Double], note: String
  ) -> Approximation {
    Approximation(
      method: method, assumption: assumption, verified: exact.count, pearson: Correlation.pearson(approximate, exact),
      spearman: Correlation.spearman(approximate, exact),
      largestError: zip(approximate, exact).map { abs($0 - $1) }.max(), largestPossiblyMissed: exact.isEmpty ? nil : 0,
      checked: !exact.isEmpty, note: exact.isEmpty ? "nothing could be compared: no pair was left" : note)
  }

  static func attributionPatching(approximate: [Double], exact: [Double]) -> Approximation {
    compared(
      "attribution patching",
      assumption: "the decision value is linear in each activation between its clean and its counterfactual value",
      approximate: approximate, exact: exact,
      note:
        "every head and MLP of every pair was also patched exactly (noising); the error is per pair and node, in logits"
    )
  }

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

  static func positions(approximate: [Double], exact: [Double]) -> Approximation {
    compared(
      "attribution patching by position",
      assumption:
        "the decision value is linear in each activation at one position between its clean and its counterfactual value",
      approximate: approximate, exact: exact,
      note:
        "every head and MLP was also patched exactly at every position from the first differing token on, on the same pairs, in logits"
    )
  }

  static func integratedActivations(approximate: [Double], exact: [Double], steps: Int) -> Approximation {
    compared(
      "integrated gradients over activations",
      assumption:
        "the path integral is the mean over \(steps) midpoints between an activation's clean and its counterfactual value",
      approximate: approximate, exact: exact,
      note: "every head and MLP was also patched exactly (noising) on the same pairs, in logits")
  }

  /// Not an approximation of what it computes, but of what it is taken for.
  static func ablation(
    _ kind: AnalysisPlan.Ablation, ablated: [Double], exact: [Double], artefacts: [Node]
  ) -> Approximation {
    let flagged =
      artefacts.isEmpty
      ? "no head or MLP is moved by \(kind.rawValue) ablation alone"
      : "moved by \(kind.rawValue) ablation, not by the counterfactual: "
        + artefacts.map(\.description).joined(separator: ", ")
    return compared(
      "\(kind.rawValue) ablation",
      assumption:
        "what the model does with \(kind == .zero ? "zeros" : "means") in an activation's place says what the activation does for this question, though they are outside the distribution that the model was trained on",
      approximate: ablated, exact: exact,
      note: "held against exact patching with counterfactual values (noising) on the same pairs, in logits; \(flagged)")
  }

  static func gradientTimesInput(approximate: [Double], exact: [Double]) -> Approximation {
    compared(
      "gradient × input",
      assumption: "the decision value is linear in each token's embedding down to zero",
      approximate: approximate, exact: exact,
      note:
        "held against m(clean) − m(token embedding set to zero), computed exactly for every token of the drawn pairs, in logits; a zeroed embedding is an input that the model was never trained on"
    )
  }

  static func integratedGradients(residuals: [Double], steps: Int) -> Approximation {
    let largest = residuals.map(abs).max()
    return Approximation(
      method: "integrated gradients",
      assumption:
        "the path integral is the mean over \(steps) midpoints between the counterfactual and the clean embedding",
      verified: residuals.count, pearson: nil, spearman: nil, largestError: largest,
      largestPossiblyMissed: nil, checked: largest != nil,
      note: largest == nil
        ? "nothing could be compared: no pair was left"
        : "the error is the largest completeness residual |Σ attributions − (m_clean − m_counterfactual)|, in logits")
  }
}
