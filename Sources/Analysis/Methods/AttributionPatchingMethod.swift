/// Attribution patching: the first-order estimate of noising, one backward pass; each estimate is held against its exact value. See
/// `NodeMeasurement.attribution`.
enum AttributionPatchingMethod: AnalysisMethod {
  static let id = AnalysisPlan.Method.attributionPatching
  static let question = "What would each head and MLP do to the decision, to first order?"
  static let needs: NodeMeasurement = [.exact, .attribution]
}

extension AnalysisPlan.Method {
  /// Attribution patching: the first-order estimate of noising, one backward pass.
  public static let attributionPatching = Self("attribution-patching")
}

extension Approximation {
  static func attributionPatching(approximate: [Double], exact: [Double]) -> Approximation {
    compared(
      "attribution patching",
      assumption: "the decision value is linear in each activation between its clean and its counterfactual value",
      approximate: approximate, exact: exact,
      note:
        "every head and MLP of every pair was also patched exactly (noising); the error is per pair and node, in logits"
    )
  }
}

extension Transformer {
  /// Attribution patching (Nanda 2023; Syed, Rager, Conmy 2023): Σ over positions of (a_cf − a_clean)·∂m/∂a, the gradient
  /// taken at the clean run through the whole graph.
  /// - Returns: one value per node, in the order of `nodes`; an estimate of the node's noising effect.
  /// - Precondition: both runs have the same length; `gradients` is of `clean`.
  func attributions(clean: Trace, counterfactual: Trace, gradients: Gradients) -> [Double] {
    nodes.map { node in
      firstOrderEffect(of: node, clean: clean, counterfactual: counterfactual, gradients: gradients, run: 0)
    }
  }

  /// Σ over positions of (a_cf − a_clean)·∂m/∂a for one node, with the gradient of one run of a batch.
  /// - Precondition: `clean` and `counterfactual` hold one run each, of the gradient's length.
  func firstOrderEffect(
    of node: Node, clean: Trace, counterfactual: Trace, gradients: Gradients, run: Int
  ) -> Double {
    let headWidth = architecture.headWidth
    // The sequences of a run follow each other, so that they read like one long sequence.
    let here = clean.place(of: Site(node), sequence: 0, headWidth: headWidth)
    let there = counterfactual.place(of: Site(node), sequence: 0, headWidth: headWidth)
    let slope = gradients.place(of: node, sequence: run, length: clean.rows, headWidth: headWidth)
    var sum = 0.0
    for position in 0..<clean.rows {
      let (a, b, g) = (here.position(position), there.position(position), slope.position(position))
      for i in 0..<here.width { sum += (Double(b[i]) - Double(a[i])) * Double(g[i]) }
    }
    return sum
  }
}

extension Gradients {
  /// Where ∂m/∂(a node's activation) stands.
  func place(of node: Node, sequence: Int, length: Int, headWidth: Int) -> SitePlace {
    switch node {
    case .head(let layer, let head):
      SitePlace(start: z[layer].row(sequence * length) + head * headWidth, stride: z[layer].columns, width: headWidth)
    case .mlp(let layer):
      SitePlace(
        start: mlpOut[layer].row(sequence * length), stride: mlpOut[layer].columns, width: mlpOut[layer].columns)
    }
  }
}
