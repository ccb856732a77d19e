import Kernels

/// ∂m/∂activation of one backward pass through the whole graph, attention included, for each run of a trace.
final class Gradients {
  /// ∂m/∂z by layer: `[rows, queryWidth]`.
  let z: [Matrix]
  /// ∂m/∂mlp_out by layer (which is ∂m/∂resid_post, unless a norm follows): `[rows, width]`.
  let mlpOut: [Matrix]
  /// ∂m/∂(input embeddings): `[rows, inputWidth]`.
  let embedding: Matrix
  /// ∂m/∂resid_post by layer: `[rows, width]`. The matrices of `mlpOut` where no norm follows.
  let residualPost: [Matrix]

  init(z: [Matrix], mlpOut: [Matrix], embedding: Matrix, residualPost: [Matrix]) {
    self.z = z
    self.mlpOut = mlpOut
    self.embedding = embedding
    self.residualPost = residualPost
  }
}

/// Sees what a backward pass passes by on its way down. The matrices are overwritten afterwards.
protocol BackwardObserver: AnyObject {
  /// ∂m/∂(the last layer's residual stream): `[rows, width]`.
  func final(_ gradient: Matrix)
  /// ∂m/∂(what the MLP reads, normed): `[rows, width]`.
  func mlp(layer: Int, _ gradient: Matrix)
  /// ∂m/∂(q, k and v before norms of single heads and rotation): `[rows, projectionWidth]`.
  func attention(layer: Int, _ gradient: Matrix)
}

/// Matrices that every layer's backward pass overwrites.
private struct BackwardScratch {
  /// `[rows, hidden]`.
  let active: Matrix
  /// `[rows, 2·hidden]`; empty where the MLP is not gated.
  let gateUp: Matrix
  /// `[rows, projectionWidth]`.
  let projected: Matrix
  /// `[rows, width]`.
  let fromMLP: Matrix
  /// `[rows, width]`.
  let fromAttention: Matrix

  init(_ architecture: Architecture, rows: Int) {
    active = Matrix(rows: rows, columns: architecture.hidden, zeroed: false)
    gateUp = Matrix(rows: architecture.isGated ? rows : 0, columns: architecture.hiddenInputs, zeroed: false)
    projected = Matrix(rows: rows, columns: architecture.projectionWidth, zeroed: false)
    fromMLP = Matrix(rows: rows, columns: architecture.width, zeroed: false)
    fromAttention = Matrix(rows: rows, columns: architecture.width, zeroed: false)
  }
}

extension Transformer {
  /// The backward pass of `forward`: activation gradients only, no weight gradients.
  /// - Parameters:
  ///   - frozen: heads whose z was replaced by given values: their ∂m/∂z is returned, but nothing flows through them.
  ///   - rule: what stands in a derivative's place; what is returned then is not a gradient but RelP's coefficients.
  /// - Complexity: about twice the forward's.
  func gradients(
    of decision: Decision, _ trace: Trace, observer: (any BackwardObserver)? = nil, frozen: Set<Node> = [],
    rule: BackwardRule = .derivative
  ) -> Gradients {
    let gradient = Matrix(rows: trace.rows, columns: architecture.width)
    addGradients(of: decision, trace, to: gradient, rule: rule)
    observer?.final(gradient)
    return gradients(below: layerCount, gradient, trace, observer: observer, frozen: frozen, rule: rule)
  }

  /// The backward pass through the first `top` layers.
  /// - Parameter gradient: ∂m/∂(what the last of these layers leaves in the stream), `[rows, width]`.
  /// - Returns: gradients of these layers alone.
  func gradients(
    below top: Int, _ gradient: Matrix, _ trace: Trace, observer: (any BackwardObserver)? = nil,
    frozen: Set<Node> = [], rule: BackwardRule = .derivative
  ) -> Gradients {
    let (rows, width) = (trace.rows, architecture.width)
    meter.add(backward: rows * top)
    var gradient = gradient
    var z: [Matrix] = []
    var mlpOut: [Matrix] = []
    var residualPost: [Matrix] = []
    let positions = trace.positions
    let scratch = BackwardScratch(architecture, rows: rows)
    for index in (0..<top).reversed() {
      residualPost.append(gradient)
      // ∂m/∂(the stream after attention) and ∂m/∂(the layer's input); one for both where the MLP is parallel.
      let sum = backward(through: layers[index].mlpSumNorm, at: trace.mlpSum[index], gradient, rule)
      var middle = Matrix(rows: rows, columns: width, zeroed: false)
      middle.copy(rows: rows, from: sum.pointer, to: 0)
      let out = backward(through: layers[index].mlpPostNorm, at: trace.mlpOut[index], sum, rule)
      mlpOut.append(out)
      let fromMLP = feedForwardBackward(index, trace, out, scratch, rule)
      observer?.mlp(layer: index, fromMLP)
      if !architecture.isParallel {
        addBack(fromMLP, through: layers[index].mlpNorm, at: trace.residualMid[index], to: middle, rule)
      }
      middle = backward(through: layers[index].attentionSumNorm, at: trace.attentionSum[index], middle, rule)
      let (dz, before) = attendBackward(index, trace, positions, middle, scratch, observer, frozen, rule)
      z.append(dz)
      if architecture.isParallel {
        addBack(fromMLP, through: layers[index].mlpNorm, at: trace.residual[index], to: before, rule)
      }
      gradient = before
    }
    return Gradients(
      z: z.reversed(), mlpOut: mlpOut.reversed(),
      embedding: embeddingSteps.backward(at: trace.input, gradient, rule: rule), residualPost: residualPost.reversed())
  }

  /// ∂m/∂resid_pre of a layer by what flows past its attention and its MLP alone: through the norms of the stream itself, if it has them.
  /// - Parameter gradient: ∂m/∂resid_post of the layer.
  func backward(past index: Int, _ trace: Trace, _ gradient: Matrix) -> Matrix {
    let middle = backward(through: layers[index].mlpSumNorm, at: trace.mlpSum[index], gradient, .derivative)
    return backward(through: layers[index].attentionSumNorm, at: trace.attentionSum[index], middle, .derivative)
  }

  /// ∂m/∂x of an optional norm (forward: y = norm(x), or x without one).
  /// - Parameter x: what was normed; kept where there is a norm.
  private func backward(
    through norm: Norm?, at x: @autoclosure () -> Matrix?, _ gradient: Matrix, _ rule: BackwardRule
  ) -> Matrix {
    guard let norm else { return gradient }
    guard let x = x() else { preconditionFailure("a trace without what a norm read") }
    let result = Matrix(rows: gradient.rows, columns: gradient.columns)
    norm.backward(rows: gradient.rows, at: x.pointer, gradient.pointer, addingTo: result.pointer, rule: rule)
    return result
  }

  /// sum += ∂m/∂x of an optional norm (forward: y = norm(x), or x without one).
  private func addBack(_ gradient: Matrix, through norm: Norm?, at x: Matrix, to sum: Matrix, _ rule: BackwardRule) {
    if let norm {
      norm.backward(rows: sum.rows, at: x.pointer, gradient.pointer, addingTo: sum.pointer, rule: rule)
    } else {
      Rows.add(gradient.pointer, to: sum.pointer, count: sum.rows * sum.columns)
    }
  }

  /// Forward: out = W_out·f(W_in·x), or W_out·(f(gate)·up). Returns ∂m/∂x, `[rows, width]`.
  private func feedForwardBackward(
    _ index: Int, _ trace: Trace, _ out: Matrix, _ scratch: BackwardScratch, _ rule: BackwardRule
  ) -> Matrix {
    let (rows, hidden, layer) = (trace.rows, architecture.hidden, layers[index])
    let (active, result) = (scratch.active, scratch.fromMLP)
    layer.mlpOut.backward(rows: rows, out.pointer, into: active.pointer)
    let at = trace.mlpHidden[index].pointer
    if architecture.isGated {
      let both = scratch.gateUp
      architecture.activation.gatedBackward(
        rows: rows, width: hidden, at: at, active.pointer, into: both.pointer, rule: rule)
      layer.mlpIn.backward(rows: rows, both.pointer, into: result.pointer)
    } else {
      architecture.activation.backward(
        count: rows * hidden, at: at, active.pointer, into: active.pointer, rule: rule)
      layer.mlpIn.backward(rows: rows, active.pointer, into: result.pointer)
    }
    return result
  }

  /// Forward: mid = resid_pre + norm(W_O·z), z = attention(rotate(norm(W_QKV·norm(resid_pre)))).
  /// - Returns: ∂m/∂z, and ∂m/∂resid_pre but for what a parallel MLP adds.
  private func attendBackward(
    _ index: Int, _ trace: Trace, _ positions: [Int32], _ middle: Matrix, _ scratch: BackwardScratch,
    _ observer: (any BackwardObserver)?, _ frozen: Set<Node>, _ rule: BackwardRule
  ) -> (z: Matrix, before: Matrix) {
    let (rows, layer) = (trace.rows, layers[index])
    let out = backward(through: layer.attentionPostNorm, at: trace.attentionRaw[index], middle, rule)
    let dz = Matrix(rows: rows, columns: architecture.queryWidth, zeroed: false)
    layer.output.backward(rows: rows, out.pointer, into: dz.pointer)
    var projected = scratch.projected
    attentionBackward(index, trace, flowing(dz, layer: index, frozen), into: projected)
    if rule == .relevance(patternHeld: true) { clearQueriesAndKeys(projected) }
    architecture.rotary(layer: index)?.backward(
      heads: architecture.heads + architecture.keyValueHeads, width: architecture.headWidth, positions: positions[...],
      projected.pointer, stride: projected.columns)
    if let raw = trace.queryKeyValueRaw[index] {
      let normed = headNorms(layer)
      let result = Matrix(rows: rows, columns: projected.columns)
      copyUnnormed(from: projected, to: result, layer)
      for (norm, column) in normed {
        norm.backward(
          rows: rows, stride: raw.columns, at: raw.pointer + column, projected.pointer + column,
          addingTo: result.pointer + column, rule: rule)
      }
      projected = result
    }
    observer?.attention(layer: index, projected)
    let normal = scratch.fromAttention
    layer.queryKeyValue.backward(rows: rows, projected.pointer, into: normal.pointer)
    let before = Matrix(rows: rows, columns: architecture.width, zeroed: false)
    before.copy(rows: rows, from: middle.pointer, to: 0)
    addBack(normal, through: layer.attentionNorm, at: trace.residual[index], to: before, rule)
    return (dz, before)
  }

  /// ∂m/∂z without the columns of frozen heads.
  private func flowing(_ dz: Matrix, layer: Int, _ frozen: Set<Node>) -> Matrix {
    let heads = frozen.compactMap { node in if case .head(layer, let head) = node { head } else { nil } }
    guard !heads.isEmpty else { return dz }
    let result = Matrix(rows: dz.rows, columns: dz.columns, zeroed: false)
    result.copy(rows: dz.rows, from: dz.pointer, to: 0)
    for row in 0..<dz.rows {
      for head in heads {
        (result.row(row) + head * architecture.headWidth).update(repeating: 0, count: architecture.headWidth)
      }
    }
    return result
  }

  /// Nothing flows to queries and keys where the pattern is held.
  private func clearQueriesAndKeys(_ projected: Matrix) {
    for row in 0..<projected.rows {
      projected.row(row).update(repeating: 0, count: architecture.queryWidth + architecture.keyValueWidth)
    }
  }

  /// Copies the columns of q, k and v that no head norm covers; the others stay 0.
  private func copyUnnormed(from source: Matrix, to target: Matrix, _ layer: TransformerLayer) {
    let (query, key) = (architecture.queryWidth, architecture.keyValueWidth)
    var kept = [query + key..<query + 2 * key]
    if layer.queryNorm == nil { kept.append(0..<query) }
    if layer.keyNorm == nil { kept.append(query..<query + key) }
    for row in 0..<source.rows {
      for columns in kept {
        (target.row(row) + columns.lowerBound).update(from: source.row(row) + columns.lowerBound, count: columns.count)
      }
    }
  }

  /// ∂m/∂(q, k and v as attention uses them) from ∂m/∂z: `[rows, queryWidth]` → `[rows, projectionWidth]`.
  func attentionBackward(_ index: Int, _ trace: Trace, _ dz: Matrix, into result: Matrix) {
    let (groups, headWidth) = (architecture.keyValueHeads, architecture.headWidth)
    let (queryWidth, stride) = (architecture.queryWidth, architecture.projectionWidth)
    let group = architecture.heads / groups
    let queryKeyValue = trace.queryKeyValue[index]
    Attention.backward(
      (0..<trace.sequences * groups).map { task in
        let (first, column) = (task / groups * trace.length, task % groups * headWidth)
        let (source, target) = (queryKeyValue.row(first), result.row(first))
        let (key, value) = (queryWidth + column, queryWidth + architecture.keyValueWidth + column)
        return vk_attention_gradient(
          rows: trace.length, width: headWidth, q: source + group * column, k: source + key, v: source + value,
          ldq: stride, scale: architecture.attentionScale[index], dz: dz.row(first) + group * column, lddz: queryWidth,
          dq: target + group * column, dk: target + key, dv: target + value, lddq: stride,
          window: architecture.attentionWindow[index] ?? 0, soft_cap: architecture.attentionCap ?? 0, group: group,
          both_ways: architecture.looksBothWays ? 1 : 0, bias: attentionBias?.centre(head: task % groups),
          relative: layers[index].relative?.head(task % groups, width: headWidth) ?? vk_relative_positions())
      })
  }
}
