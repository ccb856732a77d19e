import Kernels

/// First-order estimates of what patching each edge does to m: (u_cf − u_clean)·∂m/∂(the receiver's input), summed over
/// positions. The queries, keys and values of a head are receivers of their own.
///
/// Edge attribution patching (EAP; Syed, Rager, Conmy 2023) takes the gradient at the clean run; with integrated gradients
/// (EAP-IG; Hanna, Pezzelle, Belinkov 2024) it is the mean along the straight path between the two input embeddings, here by
/// the midpoint rule. Where the stream is normed after additions, the gradient is taken back through the norms between the
/// receiver and what the sender adds.
public struct EdgeAttribution: Sendable {
  /// By edge, in the order of the model's `edgeGraph`.
  public let scores: [Double]
  /// Points of the path; nil: at the clean run alone.
  public let steps: Int?
}

extension PairRun {
  /// Scores every edge of the graph.
  /// - Parameter steps: points of the midpoint rule along the path of inputs; nil for EAP.
  /// - Throws: `AnalysisError.unsupportedArchitecture` for models whose heads do not add to the stream one by one, `.badAnswer` if
  ///   an answer has several tokens.
  /// - Complexity: one backward pass (or `steps` forward and backward passes in batches), and senders·receivers·positions·width
  ///   multiply-adds.
  public func edgeAttributions(steps: Int? = nil) throws -> EdgeAttribution {
    try model.checkEdges()
    try decision.checkSingleToken(for: "edges")
    let differences = SenderShares(
      SenderShares(model, counterfactual), minus: SenderShares(model, clean))
    let scorer = EdgeScorer(model: model, differences: differences)
    if let steps {
      scorer.sequencesLeft = steps
      model.alongInputs(from: counterfactual, to: clean, steps: steps) { trace in
        scorer.trace = trace
        _ = model.gradients(of: decision, trace, observer: scorer)
        scorer.sequencesLeft -= trace.sequences
      }
      return EdgeAttribution(scores: scorer.scores.map { $0 / Double(steps) }, steps: steps)
    }
    scorer.trace = clean
    _ = model.gradients(of: decision, clean, observer: scorer)
    return EdgeAttribution(scores: scorer.scores, steps: nil)
  }
}

extension Transformer {
  /// Runs the points of the midpoint rule on the straight path between two runs' input embeddings, in batches; each point has as
  /// many sequences as the two runs.
  func alongInputs(from start: Trace, to end: Trace, steps: Int, _ visit: (Trace) -> Void) {
    let (rows, width) = (end.rows, architecture.inputWidth)
    let most = rowsThatFit(bytesPerRow: traceBytesPerRow + gradientBytesPerRow, fixed: 2 * rows * traceBytesPerRow)
    let batch = max(1, min(steps, most / rows))
    let (a, b) = (start.input.pointer, end.input.pointer)
    for first in stride(from: 0, to: steps, by: batch) {
      let count = min(batch, steps - first)
      let input = Matrix(rows: count * rows, columns: width, zeroed: false)
      for s in 0..<count {
        let t = Float((Double(first + s) + 0.5) / Double(steps))
        let row = input.row(s * rows)
        for i in 0..<rows * width { row[i] = a[i] + t * (b[i] - a[i]) }
      }
      visit(forward(input, length: end.length, decided: end.decided))
    }
  }
}

/// Takes the gradients at the receivers' inputs from a backward pass and multiplies them with what the senders differ by.
private final class EdgeScorer: BackwardObserver {
  /// The run whose backward pass is observed.
  var trace: Trace?
  /// Sequences whose gradients are still to come, those of `trace` included. Gradients are summed one sequence after the other
  /// and multiplied once at the end, so that it does not matter to any bit how the sequences are split into batches.
  var sequencesLeft = 1
  /// Sums of the batches so far, by the first receiver of a group; empty if one batch holds all sequences.
  private var sums: [Int: Matrix] = [:]
  private(set) var scores: [Double]
  private let model: Transformer
  private let graph: EdgeGraph
  private let positions: Int
  /// What the senders differ by.
  private let shares: SenderShares
  /// By position, the same, packed: `[width, senders]`.
  private let differences: [FloatBuffer]
  private let perLayer: Int

  init(model: Transformer, differences: SenderShares) {
    self.model = model
    positions = differences.positions
    shares = differences
    graph = model.edgeGraph
    let (width, senders) = (differences.width, graph.senders.count)
    self.differences = (0..<positions).map { position in
      let packed = FloatBuffer(vk_packed_count(width, senders), zeroed: false)
      vk_pack(
        differences.share(0) + position * width, differences.positions * width, 1, width, senders, packed.pointer)
      return packed
    }
    scores = [Double](repeating: 0, count: graph.count)
    let architecture = model.architecture
    perLayer = architecture.heads + 2 * architecture.keyValueHeads + 1
  }

  func final(_ gradient: Matrix) { add([graph.receivers.count - 1]) { _ in gradient } }

  func mlp(layer: Int, _ gradient: Matrix) {
    guard let trace else { return }
    let input = model.architecture.isParallel ? trace.residual[layer] : trace.residualMid[layer]
    let model = model
    add([layer * perLayer + perLayer - 1]) { _ in
      Self.through(model.layers[layer].mlpNorm, at: input, gradient)
    }
  }

  func attention(layer: Int, _ gradient: Matrix) {
    guard let trace else { return }
    let (model, input, headWidth) = (model, trace.residual[layer], model.architecture.headWidth)
    // Queries, keys and values stand side by side, a receiver after the other.
    add(Array(layer * perLayer..<layer * perLayer + perLayer - 1)) { receiver in
      let share = Matrix(rows: gradient.rows, columns: model.architecture.width, zeroed: false)
      model.layers[layer].queryKeyValue.backward(
        rows: gradient.rows, share: receiver * headWidth..<(receiver + 1) * headWidth, gradient.pointer,
        into: share.pointer)
      return Self.through(model.layers[layer].attentionNorm, at: input, share)
    }
  }

  /// ∂m/∂x of norm(x).
  private static func through(_ norm: Norm?, at x: Matrix, _ gradient: Matrix) -> Matrix {
    guard let norm else { return gradient }
    let result = Matrix(rows: gradient.rows, columns: gradient.columns)
    norm.backward(rows: gradient.rows, at: x.pointer, gradient.pointer, addingTo: result.pointer)
    return result
  }

  /// Adds the scores of all edges into some receivers.
  /// - Parameter gradient: ∂m/∂(the input of receiver i of the list), `[sequences·positions, width]`.
  private func add(_ receivers: [Int], gradient: @escaping @Sendable (Int) -> Matrix) {
    guard let trace, let firstReceiver = receivers.first else { return }
    guard !model.normsStream else {
      for (r, receiver) in receivers.enumerated() { multiply(receiver, gradient(r), through: trace) }
      return
    }
    let (positions, width, sequences) = (positions, model.architecture.width, trace.sequences)
    // [receivers][positions, width], summed over the sequences.
    let gradients =
      sums.removeValue(forKey: firstReceiver) ?? Matrix(rows: receivers.count * positions, columns: width)
    Parallel.forEach(receivers.count) { r in
      let all = gradient(r)
      for sequence in 0..<sequences {
        vk_add(positions, width, all.row(sequence * positions), width, gradients.row(r * positions), width)
      }
    }
    if sequencesLeft > sequences {
      sums[firstReceiver] = gradients
    } else {
      multiply(receivers, gradients)
    }
  }

  /// Adds gradient · differences to the scores of all edges into one receiver, addition after addition down the stream, the gradient going
  /// back through each one's norm. Each sequence is multiplied by itself, so that it does not matter how they are split into batches.
  /// - Parameter gradient: ∂m/∂(the receiver's input), `[sequences·positions, width]`.
  private func multiply(_ receiver: Int, _ gradient: Matrix, through trace: Trace) {
    let (chain, edges) = (StreamChain(model: model), graph.edges(into: receiver))
    func add(_ senders: Range<Int>, _ gradient: Matrix) {
      var products = [Float](repeating: 0, count: senders.count)
      for row in 0..<gradient.rows {
        let position = row % positions
        vk_matrix_vector(
          senders.count, gradient.columns, shares.share(senders.lowerBound) + position * gradient.columns,
          positions * gradient.columns, gradient.row(row), &products)
        for (i, product) in products.enumerated() {
          scores[edges.lowerBound + senders.lowerBound + i] += Double(product)
        }
      }
    }
    var gradient = gradient
    for addition in (0..<chain.place(of: graph.receivers[receiver])).reversed() {
      gradient = Self.through(chain.norm(after: addition), at: trace.sum(after: addition), gradient)
      add(chain.senders(of: addition), gradient)
    }
    add(0..<1, gradient)
  }

  /// Adds gradients · differences to the scores of all edges into some receivers.
  /// - Parameter gradients: `[receivers][positions, width]`.
  private func multiply(_ receivers: [Int], _ gradients: Matrix) {
    guard let reads = receivers.map({ graph.reads[$0] }).max() else { return }
    let (positions, width) = (positions, gradients.columns)
    // By position [receivers, senders].
    let products = Matrix(rows: positions * receivers.count, columns: reads, zeroed: false)
    let differences = differences
    Parallel.forEach(positions) { position in
      vk_gemm(
        receivers.count, reads, width, gradients.row(position), positions * width, differences[position].pointer, nil,
        products.row(position * receivers.count), reads)
    }
    for (r, receiver) in receivers.enumerated() {
      let edges = graph.edges(into: receiver)
      for position in 0..<positions {
        let row = products.row(position * receivers.count + r)
        for sender in 0..<edges.count { scores[edges.lowerBound + sender] += Double(row[sender]) }
      }
    }
  }
}
