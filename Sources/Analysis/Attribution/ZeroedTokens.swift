extension PairRun {
  /// m(clean) − m(clean with one position's token embedding set to zero), exactly, per position: what gradient × input
  /// estimates to first order.
  /// - Complexity: one batched sweep of `length` variants.
  func zeroedTokenEffects(_ ids: [Int]) -> [Double] {
    let width = model.architecture.width
    let input = clean.residual[0]
    return values(onCleanRun: true) { sequence in
      ids.enumerated().map { position, id -> [Intervention] in
        let row = input.row(sequence * clean.length + position)
        let token = model.tokenEmbedding.pointer + id * width
        let rest = (0..<width).map { row[$0] - model.architecture.embeddingScale * token[$0] }
        return [Intervention(.residualPre(layer: 0), positions: position..<position + 1, .values(rest))]
      }
    }.map { mClean - $0.m }
  }
}
