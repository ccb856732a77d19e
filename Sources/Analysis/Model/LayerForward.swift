import Kernels

/// The pieces of one layer's forward pass, shared by `Transformer.forward` and the sweep: the same operations in the same
/// order give the same bits.
extension Transformer {
  /// What attention or MLP reads: the stream itself, or its norm, which goes into `scratch`.
  /// - Parameter rows: the first rows of the stream.
  func read(_ norm: Norm?, rows: Int, _ stream: Matrix, scratch: Matrix) -> Matrix {
    guard let norm else { return stream }
    norm.forward(rows: rows, stream.pointer, into: scratch.pointer)
    return scratch
  }

  /// The norm of a stream in a matrix of its own; the stream where there is none.
  func normed(_ norm: Norm?, _ stream: Matrix) -> Matrix {
    guard let norm else { return stream }
    let result = Matrix(rows: stream.rows, columns: stream.columns, zeroed: false)
    norm.forward(rows: stream.rows, stream.pointer, into: result.pointer)
    return result
  }

  /// q, k and v of rows of the normalised stream, rotated: `[rows, width]` → `[rows, projectionWidth]`.
  /// - Parameters:
  ///   - positions: each row's position in its sequence.
  ///   - raw: receives q, k and v before their norms, if there are such norms.
  func project(
    _ index: Int, positions: ArraySlice<Int32>, _ normal: Matrix, into result: Matrix, raw: Matrix? = nil
  ) {
    let (layer, rows) = (layers[index], positions.count)
    layer.queryKeyValue.forward(rows: rows, normal.pointer, into: result.pointer)
    raw?.copy(rows: rows, from: result.pointer, to: 0)
    finishProjection(index, positions: positions, result)
  }

  /// Norms of single heads and rotation of q, k and v as W_QKV gives them, in place.
  func finishProjection(_ index: Int, positions: ArraySlice<Int32>, _ result: Matrix) {
    let (layer, rows) = (layers[index], positions.count)
    for (norm, column) in headNorms(layer) {
      let head = result.pointer + column
      norm.forward(rows: rows, stride: result.columns, head, into: head)
    }
    architecture.rotary(layer: index)?.forward(
      heads: architecture.heads + architecture.keyValueHeads, width: architecture.headWidth, positions: positions,
      result.pointer, stride: result.columns)
  }

  /// The norms of single heads, and the column of q, k and v where each head begins.
  func headNorms(_ layer: TransformerLayer) -> [(norm: Norm, column: Int)] {
    let (heads, headWidth) = (architecture.heads, architecture.headWidth)
    let query = layer.queryNorm.map { norm in (0..<heads).map { (norm, $0 * headWidth) } } ?? []
    let key =
      layer.keyNorm.map { norm in
        (0..<architecture.keyValueHeads).map { (norm, architecture.queryWidth + $0 * headWidth) }
      } ?? []
    return query + key
  }

  /// One query head's attention over one sequence.
  /// - Parameters:
  ///   - queryKeyValue: row of the first computed position.
  ///     Where attention looks both ways, the rows are all positions from `first` on.
  ///   - cache: row of position 0 of a run that holds the positions before `first`; nil if `first` is 0.
  ///   - z: row of the first computed position.
  func attentionJob(
    _ index: Int, head: Int, first: Int, rows: Int, queryKeyValue: UnsafePointer<Float>, cache: UnsafePointer<Float>?,
    z: UnsafeMutablePointer<Float>
  ) -> vk_attention_head {
    let (key, headWidth) = (architecture.keyColumn(head: head), architecture.headWidth)
    let value = key + architecture.keyValueWidth
    return vk_attention_head(
      first: first, rows: rows, width: headWidth, q: queryKeyValue + head * headWidth, k: queryKeyValue + key,
      v: queryKeyValue + value, ldq: architecture.projectionWidth, base_k: cache.map { $0 + key },
      base_v: cache.map { $0 + value }, ldbase: architecture.projectionWidth,
      scale: architecture.attentionScale[index], z: z + head * headWidth, ldz: architecture.queryWidth,
      window: architecture.attentionWindow[index] ?? 0, soft_cap: architecture.attentionCap ?? 0,
      length: architecture.looksBothWays ? first + rows : 0, bias: attentionBias?.centre(head: head),
      relative: layers[index].relative?.head(head, width: headWidth) ?? vk_relative_positions())
  }

  /// What attention adds to the residual stream: W_O·z, and its norm if there is one.
  /// - Parameter raw: receives W_O·z before the norm, if there is one.
  func attentionOutput(_ index: Int, rows: Int, z: Matrix, into out: Matrix, raw: Matrix? = nil) {
    let layer = layers[index]
    layer.output.forward(rows: rows, z.pointer, into: out.pointer)
    raw?.copy(rows: rows, from: out.pointer, to: 0)
    layer.attentionPostNorm?.forward(rows: rows, out.pointer, into: out.pointer)
  }

  /// The MLP module: `[rows, width]` of the normalised stream → `[rows, width]`.
  /// - Parameters:
  ///   - hidden: receives what the nonlinearity receives, `[rows, hiddenInputs]`.
  ///   - active: receives what it gives, `[rows, hidden]`; may be `hidden` if the MLP is not gated.
  func feedForward(_ index: Int, rows: Int, _ normal: Matrix, hidden: Matrix, active: Matrix, into out: Matrix) {
    let layer = layers[index]
    layer.mlpIn.forward(rows: rows, normal.pointer, into: hidden.pointer)
    if architecture.isGated {
      architecture.activation.gatedForward(
        rows: rows, width: architecture.hidden, hidden.pointer, into: active.pointer)
    } else {
      architecture.activation.forward(count: rows * architecture.hidden, hidden.pointer, into: active.pointer)
    }
    layer.mlpOut.forward(rows: rows, active.pointer, into: out.pointer)
  }
}
