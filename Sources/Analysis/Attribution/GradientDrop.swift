extension Transformer {
  /// Gradients of one decision with the derivative of one layer's contribution (attention and MLP) set to zero at a time, layer
  /// after layer: GradDrop of Kramár, Lieberum, Shah, Nanda 2024, arXiv:2403.00745, section 3.1.2. What flows past the layer in
  /// the residual stream stays, through the norms of the stream itself if the layer has them.
  /// - Parameters:
  ///   - gradients: those of the whole pass over `trace`.
  ///   - visit: the dropped layer, and the gradients of the layers below it. Those of the layers above are the whole pass's; in
  ///     the layer itself they are 0.
  /// - Complexity: (layers − 1)/2 backward passes; one of them in memory at a time.
  func droppingLayers(_ trace: Trace, _ gradients: Gradients, _ visit: (_ dropped: Int, _ below: Gradients) -> Void) {
    // Below the first layer there is no node.
    for layer in 1..<max(1, layerCount) {
      visit(layer, self.gradients(below: layer, backward(past: layer, trace, gradients.residualPost[layer]), trace))
    }
  }
}

/// Mean size of estimates with one layer's gradient dropped at a time: Σ over dropped layers of |estimate|/(layers − 1). The
/// node's own layer adds 0, so that layers − 1 are left to divide by (as above, section 3.1.2).
struct DroppedSum {
  private let layers: Int
  private(set) var sums: [Double]

  /// - Parameters:
  ///   - estimates: with no layer dropped.
  ///   - at: the layer of each.
  ///   - layers: of the model.
  init(_ estimates: [Double], at layer: [Int], layers: Int) {
    self.layers = layers
    // Every layer below a node may be dropped without a change to the node's gradient.
    sums = zip(estimates, layer).map { abs($0) * Double($1) }
  }

  /// Adds the estimate of one node with a layer above it dropped.
  mutating func add(_ estimate: Double, to index: Int) { sums[index] += abs(estimate) }

  /// By node; nil in a model of one layer, where nothing is left when it is dropped.
  var means: [Double]? { layers > 1 ? sums.map { $0 / Double(layers - 1) } : nil }
}

extension PairRun {
  /// GradDrop's estimates of the size of each noising effect, in the order of the model's `nodes`: never negative.
  /// - Returns: nil for a model of one layer, where it is not defined.
  /// - Complexity: 1 + (layers − 1)/2 backward passes.
  public func droppedAttributions() -> [Double]? {
    let whole = model.gradients(of: decision, clean)
    let nodes = model.nodes
    var sum = DroppedSum(
      model.attributions(clean: clean, counterfactual: counterfactual, gradients: whole), at: nodes.map(\.layer),
      layers: model.layerCount)
    model.droppingLayers(clean, whole) { dropped, below in add(below, dropped, to: &sum) }
    return sum.means
  }

  /// Adds every node below a dropped layer.
  func add(_ below: Gradients, _ dropped: Int, to sum: inout DroppedSum) {
    for (index, node) in model.nodes.enumerated() where node.layer < dropped {
      sum.add(
        model.firstOrderEffect(of: node, clean: clean, counterfactual: counterfactual, gradients: below, run: 0),
        to: index)
    }
  }
}
