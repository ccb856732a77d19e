extension Linear {
  /// The transpose of W: `[outputs, inputs]`, each row what one output reads.
  ///
  /// The weight is only kept packed. Rows of the identity are sent backwards through the map, which gives its rows exactly: each
  /// sum has one term that is not 0, and the backward has no bias.
  /// - Complexity: O(outputs²·inputs).
  func transposedWeight() -> Matrix {
    let result = Matrix(rows: outputs, columns: inputs)
    // A block of the identity at a time, so that it does not take as much memory as the map itself.
    let block = min(outputs, 256)
    for first in stride(from: 0, to: outputs, by: block) {
      let rows = min(block, outputs - first)
      let identity = Matrix(rows: rows, columns: outputs)
      for r in 0..<rows { identity.row(r)[first + r] = 1 }
      backward(rows: rows, identity.pointer, into: result.row(first))
    }
    return result
  }
}
