import Kernels

/// The residual stream of a run as a chain of additions, where each may be followed by a norm of the stream itself (post-norm). What a
/// sender adds then reaches a later receiver through the norms between them.
///
/// Places of the stream are numbered: 0 is what enters the first layer, 2l + 1 stands after layer l's attention, 2l + 2 after its MLP.
/// Addition a leads from place a to place a + 1.
struct StreamChain {
  let model: Transformer

  /// The place that a receiver reads.
  func place(of receiver: Receiver) -> Int {
    switch receiver {
    case .query(let layer, _), .key(let layer, _), .value(let layer, _): 2 * layer
    case .mlp(let layer): 2 * layer + 1
    case .logits: 2 * model.layerCount
    }
  }

  /// The numbers of the senders that an addition adds, in the graph's order.
  func senders(of addition: Int) -> Range<Int> {
    let first = 1 + addition / 2 * (model.headsPerLayer + 1)
    let mlp = first + model.headsPerLayer
    return addition % 2 == 0 ? first..<mlp : mlp..<mlp + 1
  }

  /// The norm of the stream after an addition; nil where there is none.
  func norm(after addition: Int) -> Norm? {
    let layer = model.layers[addition / 2]
    return addition % 2 == 0 ? layer.attentionSumNorm : layer.mlpSumNorm
  }
}

extension Transformer {
  /// Whether the stream itself is normed after additions.
  var normsStream: Bool { layers.contains { $0.attentionSumNorm != nil || $0.mlpSumNorm != nil } }
}

extension Trace {
  /// The stream at a place of a chain: `[rows, width]`.
  func stream(at place: Int) -> Matrix { place % 2 == 0 ? residual[place / 2] : residualMid[place / 2] }

  /// The stream after an addition, before its norm: `[rows, width]`.
  func sum(after addition: Int) -> Matrix {
    let sum = addition % 2 == 0 ? attentionSum[addition / 2] : mlpSum[addition / 2]
    return sum ?? stream(at: addition + 1)
  }
}

/// The stream of a batch's variants at every place from the one on where they join, kept while they run.
struct KeptStreams {
  private let chain: StreamChain
  private let base: Trace
  /// The first place that is the variants' own.
  private let first: Int
  /// First row of the base run.
  private let row: Int
  private let length: Int
  /// By place from `first` on, and by addition from `first` on: `[variants·length, width]`.
  private var streams: [Matrix] = []
  private var sums: [Matrix] = []

  /// - Parameters:
  ///   - layer: where the variants join.
  ///   - row: position from which on they are computed.
  init(_ model: Transformer, base: Trace, layer: Int, row: Int) {
    chain = StreamChain(model: model)
    self.base = base
    first = 2 * layer
    self.row = row
    length = base.length - row
  }

  /// Keeps what an addition gave, and norms the stream where the model does.
  /// - Parameter stream: the sum, `[variants·length, width]`; normed in place.
  mutating func keep(_ stream: Matrix, rows: Int, after addition: Int) {
    func copy() -> Matrix {
      let matrix = Matrix(rows: rows, columns: stream.columns, zeroed: false)
      matrix.copy(rows: rows, from: stream.pointer, to: 0)
      return matrix
    }
    let sum = copy()
    sums.append(sum)
    guard let norm = chain.norm(after: addition) else { return streams.append(sum) }
    norm.forward(rows: rows, stream.pointer, into: stream.pointer)
    streams.append(copy())
  }

  private func stream(at place: Int, variant: Int) -> UnsafePointer<Float> {
    place <= first
      ? UnsafePointer(base.stream(at: place).row(row))
      : UnsafePointer(streams[place - first - 1].row(variant * length))
  }

  private func sum(after addition: Int, variant: Int) -> UnsafePointer<Float> {
    addition < first
      ? UnsafePointer(base.sum(after: addition).row(row))
      : UnsafePointer(sums[addition - first].row(variant * length))
  }

  /// The stream that a receiver reads where some of its edges are patched, all else as the variant has it.
  /// - Parameters:
  ///   - place: that the receiver reads.
  ///   - patched: by sender, at least one of them.
  ///   - difference: other − current of a sender, `[length, width]`.
  ///   - target: `[length, width]`.
  /// - Complexity: O(additions·length·width).
  func patch(
    _ variant: Int, at place: Int, _ patched: ArraySlice<Bool>,
    difference: (Int) -> UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    let width = chain.model.architecture.width
    let count = length * width
    var differs = patched[patched.startIndex]
    if differs {
      let (stream, other) = (stream(at: 0, variant: variant), difference(0))
      for i in 0..<count { target[i] = stream[i] + other[i] }
    }
    for addition in 0..<place {
      let senders = chain.senders(of: addition).filter { patched[patched.startIndex + $0] }
      guard differs || !senders.isEmpty else { continue }
      let (sum, before) = (sum(after: addition, variant: variant), stream(at: addition, variant: variant))
      for i in 0..<count { target[i] = differs ? sum[i] + (target[i] - before[i]) : sum[i] }
      for sender in senders {
        let other = difference(sender)
        for i in 0..<count { target[i] += other[i] }
      }
      chain.norm(after: addition)?.forward(rows: length, target, into: target)
      differs = true
    }
  }
}
