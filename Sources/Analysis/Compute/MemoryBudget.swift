/// How much memory a model and its computations may take. Batches are split so that they fit; the numbers do not depend on
/// how they are split, to the last bit.
public struct MemoryBudget: Sendable, Equatable {
  /// Bytes for everything: weights as the engine keeps them, the two runs of a pair, batches. Nil: batches of a size at which
  /// larger ones are no faster.
  public var total: Int?

  /// A budget; nil for none.
  public init(total: Int?) { self.total = total }

  /// Rows of one batch at which the kernels reach their full speed.
  static let fastRows = 2048
  /// Bytes that one batch takes at the most when no budget is given.
  static let standardBatch = 192 << 20
}

extension Transformer {
  /// Rows of a batch that fit, `fixed` bytes being taken besides the weights.
  func rowsThatFit(bytesPerRow: Int, fixed: Int) -> Int {
    let room = memory.total.map { $0 - weightBytes - fixed } ?? MemoryBudget.standardBatch
    return max(1, min(MemoryBudget.fastRows, room / bytesPerRow))
  }

  /// Bytes that the weights take as the engine keeps them: every map packed for both directions, and the tables.
  public var weightBytes: Int {
    let maps = layers.flatMap { [$0.queryKeyValue, $0.output, $0.mlpIn, $0.mlpOut] }
    // Layers may share their maps.
    let bytes = Dictionary(
      (maps + embeddingSteps.maps + readout.steps.maps).map { (ObjectIdentifier($0), $0.bytes) },
      uniquingKeysWith: { first, _ in first })
    let embedded = architecture.vocabulary + (positionEmbedding == nil ? 0 : architecture.positions)
    let decided = isTied ? 0 : classifier.map(\.labels.count) ?? architecture.vocabulary
    let floats = embedded * architecture.inputWidth + decided * featureWidth
    return bytes.values.reduce(0, +) + floats * MemoryLayout<Float>.stride + (attentionBias?.bytes ?? 0)
      + layers.reduce(0) { $0 + ($1.relative?.bytes ?? 0) }
  }

  private var isTied: Bool { unembedding === tokenEmbedding }

  /// Bytes of a trace per row.
  var traceBytesPerRow: Int {
    let perLayer =
      3 * architecture.width + architecture.projectionWidth + architecture.queryWidth + architecture.hiddenInputs
      + (layers[0].attentionPostNorm == nil ? 0 : architecture.width)
      + (layers[0].attentionSumNorm == nil ? 0 : 2 * architecture.width)
      + (layers[0].queryNorm == nil && layers[0].keyNorm == nil ? 0 : architecture.projectionWidth)
    return (layerCount * perLayer + 2 * architecture.width + architecture.hidden) * MemoryLayout<Float>.stride
  }

  /// Bytes of a backward pass per row, the trace not counted.
  var gradientBytesPerRow: Int {
    let perLayer =
      architecture.queryWidth + 2 * architecture.width + (layers[0].mlpPostNorm == nil ? 0 : architecture.width)
      + (layers[0].mlpSumNorm == nil ? 0 : architecture.width)
    let scratch =
      architecture.hidden + architecture.hiddenInputs + architecture.projectionWidth + 2 * architecture.width
    return (layerCount * perLayer + scratch) * MemoryLayout<Float>.stride
  }

  /// What one forward pass to the decision value must do at the least: bytes of packed weights read once, and operations of
  /// the maps and of attention (a multiply-add counts as two).
  public func forwardWork(tokens: Int) -> (weightBytes: Int, operations: Int) {
    let maps = layers.flatMap { [$0.queryKeyValue, $0.output, $0.mlpIn, $0.mlpOut] }
    let weights = maps.reduce(0) { $0 + $1.inputs * $1.outputs }
    let seen = architecture.looksBothWays ? 2 * tokens : tokens + 1
    let attention = layerCount * 2 * tokens * seen * architecture.queryWidth
    return (weights * MemoryLayout<Float>.stride, 2 * tokens * weights + attention)
  }

  private func leastMemory(length: Int) -> Int {
    weightBytes + 2 * length * traceBytesPerRow + length * SweepWorkspace.bytesPerRow(architecture)
  }

  /// - Parameters:
  ///   - length: tokens of the prompts.
  ///   - told: tokens for which the message says what is needed, where prompts are not known yet.
  /// - Throws: `AnalysisError.memoryTooSmall` if the weights and the two runs of a pair do not fit.
  func checkMemory(length: Int, told: Int? = nil) throws {
    guard let total = memory.total, total < leastMemory(length: length) else { return }
    let length = told ?? length
    let least = leastMemory(length: length)
    func gigabytes(_ bytes: Int) -> String { "\((Double(bytes) / 1e7).rounded(.up) / 100) GB" }
    throw AnalysisError(
      .memoryTooSmall,
      "the memory budget of \(gigabytes(total)) is too small: this model's weights take \(gigabytes(weightBytes)), and a prompt pair of \(length) tokens needs \(gigabytes(least)) in all; give --memory \((Double(least) / 1e8).rounded(.up) / 10) or more"
    )
  }
}
