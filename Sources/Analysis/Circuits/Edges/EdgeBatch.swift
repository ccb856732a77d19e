/// One batch of an edge sweep: variants that all begin at the layer where the first of them has a patched edge.
final class EdgeBatch {
  private let sweep: EdgeSweep
  private let model: Transformer
  private let variants: [EdgeVariant]
  /// Rows of one variant: positions from the runs' first difference on.
  private let length: Int
  private let joins: Int
  private let positions: [Int32]
  private let work: SweepWorkspace
  /// other − current of the senders of the layers from `joins` on: `[variant][sender][length, width]`.
  private let own: Matrix
  /// Inputs of the receivers of one layer that have patched edges: `[receiver of a list][variant][length, width]`.
  private let inputs: Matrix
  /// The stream after each addition, kept where it is normed; nil where it is the sum of what senders add.
  private var kept: KeptStreams?

  private var rows: Int { variants.count * length }
  private var width: Int { model.architecture.width }
  private var perLayer: Int { model.architecture.heads + 1 }

  init(_ sweep: EdgeSweep, _ variants: [EdgeVariant]) {
    self.sweep = sweep
    self.variants = variants
    model = sweep.model
    length = sweep.base.length - sweep.first
    joins = variants[0].joins
    let architecture = model.architecture
    let count = variants.count * length
    let first = sweep.first
    positions = (0..<count).map { [length] in Int32(first + $0 % length) }
    work = SweepWorkspace(architecture, rows: count)
    own = Matrix(
      rows: (model.layerCount - joins) * (architecture.heads + 1) * count, columns: architecture.width, zeroed: false)
    inputs = Matrix(
      rows: (architecture.heads + 2 * architecture.keyValueHeads) * count, columns: architecture.width, zeroed: false)
  }

  /// m of each variant.
  func run() -> [Double] {
    model.meter.add(forward: rows * (model.layerCount - joins))
    for v in variants.indices {
      work.residual.copy(rows: length, from: sweep.base.residual[joins].row(sweep.first), to: v * length)
    }
    if model.normsStream { kept = KeptStreams(model, base: sweep.base, layer: joins, row: sweep.first) }
    for layer in joins..<model.layerCount {
      attend(layer)
      // A parallel MLP reads the stream before attention adds to it.
      if model.architecture.isParallel { feedForwardInput(layer) }
      model.attentionOutput(layer, rows: rows, z: work.z, into: work.out)
      addShares(layer)
      Rows.add(work.out.pointer, to: work.residual.pointer, count: rows * width)
      kept?.keep(work.residual, rows: rows, after: 2 * layer)
      if !model.architecture.isParallel { feedForwardInput(layer) }
      model.feedForward(
        layer, rows: rows, work.normal, hidden: work.hidden, active: work.active, into: work.out)
      differ(sender: 1 + layer * perLayer + perLayer - 1, from: work.out.pointer)
      Rows.add(work.out.pointer, to: work.residual.pointer, count: rows * width)
      kept?.keep(work.residual, rows: rows, after: 2 * layer + 1)
    }
    return decide()
  }

  // MARK: One layer

  /// q, k and v of the stream, and again of those heads whose input has patched edges; then attention.
  private func attend(_ layer: Int) {
    let (architecture, projection) = (model.architecture, model.layers[layer].queryKeyValue)
    let norm = model.layers[layer].attentionNorm
    let seen = model.read(norm, rows: rows, work.residual, scratch: work.normal)
    projection.forward(rows: rows, seen.pointer, into: work.queryKeyValue.pointer)
    let receivers = architecture.heads + 2 * architecture.keyValueHeads
    let places = patchInputs(
      receivers: layer * (receivers + 1)..<(layer + 1) * (receivers + 1) - 1, stream: work.residual.pointer,
      other: sweep.other.residual[layer].row(sweep.first))
    let (headWidth, length, inputs, target) = (architecture.headWidth, length, inputs, work.queryKeyValue)
    Parallel.forEach(receivers) { r in
      guard let place = places[r] else { return }
      let count = place.variants.count * length
      let input = inputs.row(place.first * length)
      norm?.forward(rows: count, input, into: input)
      let result = FloatBuffer(count * headWidth, zeroed: false)
      let columns = r * headWidth..<(r + 1) * headWidth
      projection.forward(rows: count, columns: columns, input, into: result.pointer)
      for (i, v) in place.variants.enumerated() {
        for row in 0..<length {
          (target.row(v * length + row) + columns.lowerBound).update(
            from: result.pointer + (i * length + row) * headWidth, count: headWidth)
        }
      }
    }
    model.finishProjection(layer, positions: positions[..<rows], work.queryKeyValue)
    let cache = sweep.base.queryKeyValue[layer].row(0)
    Attention.forward(
      (0..<variants.count * architecture.heads).map { task in
        let v = task / architecture.heads
        return model.attentionJob(
          layer, head: task % architecture.heads, first: sweep.first, rows: length,
          queryKeyValue: work.queryKeyValue.row(v * length), cache: cache, z: work.z.row(v * length))
      })
  }

  /// The MLP's input, normed, into `work.normal`.
  private func feedForwardInput(_ layer: Int) {
    let receivers = model.architecture.heads + 2 * model.architecture.keyValueHeads
    let receiver = layer * (receivers + 1) + receivers
    let other = model.architecture.isParallel ? sweep.other.residual[layer] : sweep.other.residualMid[layer]
    let place = patchInputs(
      receivers: receiver..<receiver + 1, stream: work.residual.pointer, other: other.row(sweep.first))[0]
    work.normal.copy(rows: rows, from: work.residual.pointer, to: 0)
    if let place {
      for (i, v) in place.variants.enumerated() {
        work.normal.copy(rows: length, from: inputs.row((place.first + i) * length), to: v * length)
      }
    }
    model.layers[layer].mlpNorm?.forward(rows: rows, work.normal.pointer, into: work.normal.pointer)
  }

  /// What each head adds now, held against the other run.
  private func addShares(_ layer: Int) {
    let shares = Matrix(rows: model.architecture.heads * rows, columns: width, zeroed: false)
    model.headShares(layer, rows: rows, z: work.z.pointer) { shares.row($0 * rows) }
    for head in 0..<model.architecture.heads {
      differ(sender: 1 + layer * perLayer + head, from: shares.row(head * rows))
    }
  }

  /// other − current of one sender, for every variant.
  private func differ(sender: Int, from current: UnsafePointer<Float>) {
    let there = sweep.otherShares.share(sender) + sweep.first * width
    var sums = RowSums()
    for v in variants.indices {
      sums.add(there, sign: -1, CollectionOfOne(current + v * length * width), into: own(sender, variant: v))
    }
    sums.run(columns: length * width)
  }

  /// Where a variant's difference of a sender stands: of its own from the joining layer on, else as in the two base runs.
  private func own(_ sender: Int, variant: Int) -> UnsafeMutablePointer<Float> {
    let place = sender - (1 + joins * perLayer)
    guard place >= 0 else { return sweep.differences.share(sender) + sweep.first * width }
    return own.row((variant * (model.layerCount - joins) * perLayer + place) * length)
  }

  // MARK: Patched inputs

  /// Where the inputs of a receiver with patched edges stand: blocks of `length` rows, one per variant.
  private struct Place {
    let first: Int
    let variants: [Int]
  }

  /// Fills `inputs` for those receivers and variants that have patched edges.
  /// - Parameters:
  ///   - stream: what receivers without patched edges read, `[variants·length, width]`.
  ///   - other: the same in the other run, `[length, width]`.
  private func patchInputs(
    receivers: Range<Int>, stream: UnsafePointer<Float>, other: UnsafePointer<Float>
  ) -> [Place?] {
    var sums = RowSums()
    var next = 0
    let places = receivers.map { receiver -> Place? in
      let first = next
      let patched = variants.indices.filter { v in
        let isPatched = add(
          receiver, variant: v, to: &sums, stream: stream + v * length * width, other: other,
          into: inputs.row(next * length))
        next += isPatched ? 1 : 0
        return isPatched
      }
      return patched.isEmpty ? nil : Place(first: first, variants: patched)
    }
    sums.run(columns: length * width)
    return places
  }

  /// Adds the sum that makes up a receiver's input; false if none of its edges is patched.
  ///
  /// The input is the stream plus what the patched senders differ by; or, if fewer edges are left than patched, the other
  /// run's stream less what the others differ by. Both are the same sum; the shorter one is taken. Where the stream is normed after
  /// additions, what is patched goes through the norms on its way, at once and not as a sum.
  private func add(
    _ receiver: Int, variant v: Int, to sums: inout RowSums, stream: UnsafePointer<Float>,
    other: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) -> Bool {
    let edges = sweep.graph.edges(into: receiver)
    let patched = variants[v].patched[edges]
    let count = patched.reduce(0) { $0 + ($1 ? 1 : 0) }
    guard count > 0 else { return false }
    if let kept, count < edges.count {
      kept.patch(
        v, at: StreamChain(model: model).place(of: sweep.graph.receivers[receiver]), patched,
        difference: { UnsafePointer(self.own($0, variant: v)) }, into: target)
      return true
    }
    let isMost = 2 * count > edges.count
    let listed = edges.lazy.filter { patched[$0] != isMost }.map { [self] edge in
      UnsafePointer(own(edge - edges.lowerBound, variant: v))
    }
    sums.add(isMost ? other : stream, sign: isMost ? -1 : 1, listed, into: target)
    return true
  }

  // MARK: Decision

  private func decide() -> [Double] {
    let results = Matrix(rows: rows, columns: width, zeroed: false)
    var sums = RowSums()
    for v in variants.indices {
      let stream = work.residual.row(v * length)
      let isPatched = add(
        sweep.graph.receivers.count - 1, variant: v, to: &sums, stream: stream,
        other: sweep.other.stream(at: 2 * model.layerCount).row(sweep.first), into: results.row(v * length))
      if !isPatched { results.copy(rows: length, from: stream, to: v * length) }
    }
    sums.run(columns: length * width)
    let decided = sweep.base.decided.lowerBound - sweep.first
    return variants.indices.map {
      model.value(of: sweep.decision, at: results.row($0 * length + decided), rows: sweep.base.rowsRead)
    }
  }
}
