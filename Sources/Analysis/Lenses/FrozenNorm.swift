/// A norm whose scale is held at the value it had in one run: what is left is linear, so that a read-out of its output can be
/// pulled back to its input.
extension Norm {
  /// 1/√(variance + ε), or 1/√(mean square + ε), of one row.
  func scale(at row: UnsafePointer<Float>) -> Double {
    var (mean, square) = (0.0, 0.0)
    if kind == .layer {
      for i in 0..<width { mean += Double(row[i]) }
      mean /= Double(width)
    }
    for i in 0..<width { square += (Double(row[i]) - mean) * (Double(row[i]) - mean) }
    return 1 / (square / Double(width) + Double(epsilon)).squareRoot()
  }

  /// u with Σ direction·(norm(x) − bias) = Σ u·x for every x of that scale: gain and centring folded into the read-out.
  func pullBack(_ direction: [Double], scale: Double) -> [Double] {
    let gained = direction.enumerated().map { $1 * Double(gain($0)) }
    // The mean that the norm takes off x is taken off the read-out instead: the projection is its own transpose.
    let mean = kind == .layer ? gained.reduce(0, +) / Double(width) : 0
    return gained.map { ($0 - mean) * scale }
  }

  /// What a read-out finds in the norm's bias: Σ direction·bias; 0 for a norm without one.
  func biasReading(_ direction: [Double]) -> Double {
    (0..<bias.count).reduce(0) { $0 + direction[$1] * Double(bias.pointer[$1]) }
  }
}

extension [Double] {
  /// Σ self·row.
  func dot(_ row: UnsafePointer<Float>) -> Double {
    var sum = 0.0
    for i in indices { sum += self[i] * Double(row[i]) }
    return sum
  }
}

extension Transformer {
  /// The scale of a layer's attention post-norm at one position of a run; nil where there is no such norm.
  /// - Parameter row: row of the trace.
  func attentionPostScale(_ layer: Int, _ trace: Trace, row: Int) -> Double? {
    guard let norm = layers[layer].attentionPostNorm else { return nil }
    var raw = [Float](repeating: 0, count: architecture.width)
    layers[layer].output.forward(rows: 1, trace.z[layer].row(row), into: &raw)
    return norm.scale(at: raw)
  }
}
