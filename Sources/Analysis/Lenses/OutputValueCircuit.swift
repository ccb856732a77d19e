extension Transformer {
  /// The mean row of the unembedding: `[width]`.
  /// - Complexity: O(decisionCount·width).
  func meanUnembedding() -> [Double] {
    let width = architecture.width
    var sum = [Double](repeating: 0, count: width)
    sum.withUnsafeMutableBufferPointer { sum in
      for id in 0..<decisionCount {
        let row = unembedding.pointer + id * width
        for i in 0..<width { sum[i] += Double(row[i]) }
      }
    }
    return sum.map { $0 / Double(decisionCount) }
  }

  /// What each head of a layer adds to the logit of token t, against the mean over the vocabulary, when it looks at the
  /// embedding of token u alone; norms after the head have their scales at one row of a run.
  /// - Parameters:
  ///   - tokens: ids of t and of u.
  ///   - row: row of the trace, whose norms' scales are held.
  ///   - vocabularyMean: `meanUnembedding()`.
  /// - Returns: `[head][t][u]`.
  /// - Complexity: O(tokens·width·projectionWidth + heads·tokens²·headWidth).
  func outputValueLogits(
    _ index: Int, _ tokens: [Int], _ trace: Trace, row: Int, vocabularyMean: [Double]
  ) -> [[[Double]]] {
    let (width, headWidth, layer) = (architecture.width, architecture.headWidth, layers[index])
    let embedded = Matrix(rows: tokens.count, columns: width)
    for (t, id) in tokens.enumerated() {
      let (target, source) = (embedded.row(t), tokenEmbedding.pointer + id * width)
      for i in 0..<width { target[i] = architecture.embeddingScale * source[i] }
    }
    layer.attentionNorm?.forward(rows: tokens.count, embedded.pointer, into: embedded.pointer)
    let projected = Matrix(rows: tokens.count, columns: architecture.projectionWidth)
    layer.queryKeyValue.forward(rows: tokens.count, embedded.pointer, into: projected.pointer)
    let slopes = outputSlopes(index, tokens, trace, row: row, vocabularyMean: vocabularyMean)
    return (0..<architecture.heads).map { head in
      let column = architecture.keyColumn(head: head) + architecture.keyValueWidth
      return tokens.indices.map { t in
        let slope = slopes.row(t) + head * headWidth
        return tokens.indices.map { u in
          let value = projected.row(u) + column
          return (0..<headWidth).reduce(0.0) { $0 + Double(slope[$1]) * Double(value[$1]) }
        }
      }
    }
  }

  /// ∂(logit of a token − mean logit)/∂z of a layer, the norms' scales held: `[tokens, queryWidth]`.
  private func outputSlopes(
    _ index: Int, _ tokens: [Int], _ trace: Trace, row: Int, vocabularyMean: [Double]
  ) -> Matrix {
    let (width, layer) = (architecture.width, layers[index])
    guard let last = trace.residual.last, let finalNorm else { preconditionFailure("no layers, or no final norm") }
    let finalScale = finalNorm.scale(at: last.row(row))
    let postScale = attentionPostScale(index, trace, row: row)
    let directions = Matrix(rows: tokens.count, columns: width)
    for (t, id) in tokens.enumerated() {
      let unembedded = unembedding.pointer + id * width
      var direction = finalNorm.pullBack(
        vocabularyMean.enumerated().map { Double(unembedded[$0]) - $1 }, scale: finalScale)
      if let norm = layer.attentionPostNorm, let postScale { direction = norm.pullBack(direction, scale: postScale) }
      let target = directions.row(t)
      for i in 0..<width { target[i] = Float(direction[i]) }
    }
    let slopes = Matrix(rows: tokens.count, columns: architecture.queryWidth)
    layer.output.backward(rows: tokens.count, directions.pointer, into: slopes.pointer)
    return slopes
  }
}
