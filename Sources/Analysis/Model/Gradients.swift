import Kernels

/// ∂m/∂activation of one backward pass through the whole graph, attention included, for each sequence of a trace.
final class Gradients {
  /// ∂m/∂z by layer: `[rows, width]`.
  let z: [Matrix]
  /// ∂m/∂mlp_out by layer (which is ∂m/∂resid_post): `[rows, width]`.
  let mlpOut: [Matrix]
  /// ∂m/∂(input embeddings): `[rows, width]`.
  let embedding: Matrix

  init(z: [Matrix], mlpOut: [Matrix], embedding: Matrix) {
    self.z = z
    self.mlpOut = mlpOut
    self.embedding = embedding
  }
}

extension Transformer {
  /// The backward pass of `forward`: activation gradients only, no weight gradients.
  /// - Complexity: about twice the forward's.
  func gradients(of decision: Decision, _ trace: Trace) -> Gradients {
    let (rows, width) = (trace.rows, architecture.width)
    var gradient = Matrix(rows: rows, columns: width)
    for sequence in 0..<trace.sequences {
      addGradient(
        of: decision, at: trace.decisionRow(sequence: sequence),
        to: gradient.row(sequence * trace.length + trace.length - 1))
    }
    var z: [Matrix] = []
    var mlpOut: [Matrix] = []
    let scratch = Matrix(rows: rows, columns: width)
    let hidden = Matrix(rows: rows, columns: architecture.hidden)
    let dQueryKeyValue = Matrix(rows: rows, columns: 3 * width)
    for index in layers.indices.reversed() {
      let layer = layers[index]
      mlpOut.append(gradient)
      // Forward: resid_post = mid + W_out·f(W_in·norm(mid)).
      let middle = Matrix(rows: rows, columns: width)
      middle.copy(rows: rows, from: gradient.pointer, to: 0)
      layer.mlpOut.backward(rows: rows, gradient.pointer, into: hidden.pointer)
      architecture.activation.backward(
        count: rows * architecture.hidden, at: trace.mlpHidden[index].pointer, hidden.pointer, into: hidden.pointer)
      layer.mlpIn.backward(rows: rows, hidden.pointer, into: scratch.pointer)
      layer.mlpNorm.backward(
        rows: rows, at: trace.residualMid[index].pointer, scratch.pointer, addingTo: middle.pointer)
      // Forward: mid = resid_pre + W_O·z, z = attention(W_QKV·norm(resid_pre)).
      let dz = Matrix(rows: rows, columns: width)
      layer.output.backward(rows: rows, middle.pointer, into: dz.pointer)
      z.append(dz)
      attendBackward(layer: index, trace, dz, into: dQueryKeyValue)
      layer.queryKeyValue.backward(rows: rows, dQueryKeyValue.pointer, into: scratch.pointer)
      let before = Matrix(rows: rows, columns: width)
      before.copy(rows: rows, from: middle.pointer, to: 0)
      layer.attentionNorm.backward(
        rows: rows, at: trace.residual[index].pointer, scratch.pointer, addingTo: before.pointer)
      gradient = before
    }
    return Gradients(z: z.reversed(), mlpOut: mlpOut.reversed(), embedding: gradient)
  }

  private func attendBackward(layer: Int, _ trace: Trace, _ dz: Matrix, into result: Matrix) {
    let (heads, headWidth, width) = (architecture.heads, architecture.headWidth, architecture.width)
    let queryKeyValue = trace.queryKeyValue[layer]
    Attention.backward(
      (0..<trace.sequences * heads).map { task in
        let first = task / heads * trace.length
        let column = task % heads * headWidth
        let source = queryKeyValue.row(first) + column
        let target = result.row(first) + column
        return vk_attention_gradient(
          rows: trace.length, width: headWidth, q: source, k: source + width, v: source + 2 * width, ldq: 3 * width,
          scale: architecture.attentionScale[layer], dz: dz.row(first) + column, lddz: width, dq: target,
          dk: target + width, dv: target + 2 * width, lddq: 3 * width)
      })
  }
}
