extension PairRun {
  /// Integrated gradients over one node's activation: Σ over positions of (a_cf − a_clean)·(mean of ∂m/∂a while a goes straight from
  /// its clean to its counterfactual value at all positions), everything else computed from there. With many points this is
  /// the node's exact noising effect (completeness; Sundararajan, Taly, Yan 2017, proposition 1, for the function of a alone).
  /// - Parameter steps: points of the midpoint rule.
  /// - Complexity: `steps` forward and backward passes in batches.
  public func integratedEffect(of node: Node, steps: Int) -> Double {
    let (rows, site, headWidth) = (clean.rows, Site(node), model.architecture.headWidth)
    let here = clean.place(of: site, sequence: 0, headWidth: headWidth)
    let there = counterfactual.place(of: site, sequence: 0, headWidth: headWidth)
    let most = model.rowsThatFit(
      bytesPerRow: model.traceBytesPerRow + model.gradientBytesPerRow, fixed: 2 * rows * model.traceBytesPerRow)
    let batch = max(1, min(steps, most / rows))
    var sum = 0.0
    for first in stride(from: 0, to: steps, by: batch) {
      let count = min(batch, steps - first)
      let input = Matrix(rows: count * rows, columns: model.architecture.width, zeroed: false)
      for point in 0..<count { input.copy(rows: rows, from: clean.residual[0].pointer, to: point * rows) }
      let trace = model.forward(input, length: clean.length, tail: clean.tail) { stage, activation in
        guard stage == site.stage else { return }
        let column = if case .z(_, let head) = site { head * headWidth } else { 0 }
        for point in 0..<count {
          let t = Float((Double(first + point) + 0.5) / Double(steps))
          for row in 0..<rows {
            let (a, b) = (here.position(row), there.position(row))
            let target = activation.row(point * rows + row) + column
            for i in 0..<here.width { target[i] = a[i] + t * (b[i] - a[i]) }
          }
        }
      }
      let gradients = model.gradients(of: decision, trace)
      for point in 0..<count {
        sum += model.firstOrderEffect(
          of: node, clean: clean, counterfactual: counterfactual, gradients: gradients, run: point)
      }
    }
    return sum / Double(steps)
  }
}
