extension PairRun {
  /// Exact noising effects of one head or MLP at one position of the prompt at a time: m(clean run with the node's counterfactual
  /// value there) − m_clean.
  /// - Parameter positions: positions of the prompt.
  /// - Complexity: one batched sweep of a variant per position, each from its position on.
  public func positionEffects(of node: Node, positions: Range<Int>) -> [Double] {
    values(onCleanRun: true) { sequence in
      positions.map {
        [Intervention(Site(node), positions: $0..<$0 + 1, .run(counterfactual, sequence: sequence))]
      }
    }.map { $0.m - mClean }
  }

  /// First-order estimates of the same, by node in the model's order, by position: the parts that attribution patching adds up.
  /// - Complexity: one backward pass.
  public func positionAttributions(positions: Range<Int>) -> [[Double]] {
    let gradients = model.gradients(of: decision, clean)
    let headWidth = model.architecture.headWidth
    return model.nodes.map { node in
      let here = clean.place(of: Site(node), sequence: 0, headWidth: headWidth)
      let there = counterfactual.place(of: Site(node), sequence: 0, headWidth: headWidth)
      let slope = gradients.place(of: node, sequence: 0, length: clean.rows, headWidth: headWidth)
      return positions.map { position in
        (0..<clean.sequences).reduce(0.0) { sum, sequence in
          let row = sequence * clean.length + position
          let (a, b, g) = (here.position(row), there.position(row), slope.position(row))
          return (0..<here.width).reduce(sum) { $0 + (Double(b[$1]) - Double(a[$1])) * Double(g[$1]) }
        }
      }
    }
  }
}
