extension PairRun {
  /// m(clean) − m(clean with one position's token embedding set to zero), exactly, per position: what gradient × input
  /// estimates to first order.
  /// - Complexity: one batched sweep of `length` variants.
  func zeroedTokenEffects(_ ids: [Int]) -> [Double] {
    let width = model.architecture.width
    let input = clean.residual[0]
    let variants = ids.enumerated().map { position, id -> [Intervention] in
      let (row, token) = (input.row(position), model.tokenEmbedding.pointer + id * width)
      let rest = (0..<width).map { row[$0] - model.architecture.embeddingScale * token[$0] }
      return [Intervention(.residualPre(layer: 0), positions: position..<position + 1, .values(rest))]
    }
    return Sweep(model: model, base: clean, sequence: 0).run(variants).map { outcome in
      outcome.residual.withUnsafeBufferPointer { row in
        row.baseAddress.map { mClean - model.value(of: decision, at: $0) } ?? .nan
      }
    }
  }
}
