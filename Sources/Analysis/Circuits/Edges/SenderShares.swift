/// What each sender of a run adds to the residual stream at each position: `[senders][positions, width]`.
///
/// Unchecked: filled before anyone else sees it, only read afterwards.
final class SenderShares: @unchecked Sendable {
  let positions: Int
  let width: Int
  private let rows: Matrix

  /// - Parameter sequence: of the trace's sequences.
  /// - Complexity: about the cost of the output projections of one forward pass.
  init(_ model: Transformer, _ trace: Trace, sequence: Int = 0) {
    (positions, width) = (trace.length, model.architecture.width)
    let perLayer = model.architecture.heads + 1
    rows = Matrix(rows: (1 + model.layerCount * perLayer) * positions, columns: width, zeroed: false)
    let first = sequence * positions
    rows.copy(rows: positions, from: trace.residual[0].row(first), to: 0)
    for layer in 0..<model.layerCount {
      let sender = 1 + layer * perLayer
      model.headShares(layer, rows: positions, z: trace.z[layer].row(first)) { self.share(sender + $0) }
      rows.copy(rows: positions, from: trace.mlpOut[layer].row(first), to: (sender + perLayer - 1) * positions)
    }
  }

  /// What two runs' senders differ by: `other − base`.
  init(_ other: SenderShares, minus base: SenderShares) {
    precondition(other.positions == base.positions && other.rows.rows == base.rows.rows, "runs of different shape")
    (positions, width) = (base.positions, base.width)
    let difference = Matrix(rows: base.rows.rows, columns: width, zeroed: false)
    var sum = RowSums()
    sum.add(other.rows.pointer, sign: -1, CollectionOfOne(UnsafePointer(base.rows.pointer)), into: difference.pointer)
    sum.run(columns: base.rows.rows * width)
    rows = difference
  }

  /// The first row of a sender's share: `[positions, width]`.
  func share(_ sender: Int) -> UnsafeMutablePointer<Float> { rows.row(sender * positions) }

  /// Whether every value is neither NaN nor infinite.
  var isFinite: Bool { rows.isFinite }
}

extension Transformer {
  /// What each head's z gives through its rows of W_O, without the bias.
  /// - Parameters:
  ///   - z: `[rows, queryWidth]`.
  ///   - target: where a head's share goes: `[rows, width]`.
  func headShares(
    _ layer: Int, rows: Int, z: UnsafePointer<Float>, target: (Int) -> UnsafeMutablePointer<Float>
  ) {
    let headWidth = architecture.headWidth
    // One head after the other: each product runs on all threads.
    for head in 0..<architecture.heads {
      layers[layer].output.share(
        rows: rows, of: head * headWidth..<(head + 1) * headWidth, z, into: target(head))
    }
  }
}
