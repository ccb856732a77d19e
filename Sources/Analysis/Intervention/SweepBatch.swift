import Kernels

/// One batch of a sweep: variants sorted by where they join, so that the active ones are always the first rows.
final class SweepBatch {
  private let model: Transformer
  private let base: Trace
  private let sequence: Int
  private let variants: [SweepVariant]
  private let offsets: [Int]
  private var changed: [[Bool]]
  private let work: SweepWorkspace
  /// Each row's position in the prompt.
  private let positions: [Int32]

  /// - Precondition: the workspace has room for all rows of the variants.
  init(sweep: Sweep, variants: [SweepVariant], work: SweepWorkspace) {
    self.work = work
    model = sweep.model
    base = sweep.base
    sequence = sweep.sequence
    self.variants = variants
    var offsets = [0]
    for variant in variants { offsets.append(offsets[offsets.count - 1] + variant.rows) }
    self.offsets = offsets
    changed = variants.map { variant in variant.interventions.map { _ in false } }
    positions = variants.flatMap { variant in (0..<variant.rows).map { Int32(variant.first + $0) } }
  }

  func run() -> [Sweep.Outcome] {
    model.meter.add(
      forward: variants.reduce(0) { $0 + $1.rows * (model.layerCount - $1.joins.layer) })
    let (residual, z, out) = (work.residual, work.z, work.out)
    var active = 0
    // What attention or MLP reads, where nothing norms it, is the stream itself.
    var seen = work.normal
    for layer in model.layers.indices {
      active = join(Stage(layer: layer, step: .residual), from: active, base.residual[layer], into: residual)
      apply(Stage(layer: layer, step: .residual), to: residual, active: active)
      attend(layer, active: active)

      let joined = join(Stage(layer: layer, step: .heads), from: active, base.residual[layer], into: residual)
      copyBase(base.z[layer], into: z, variants: active..<joined)
      active = joined
      apply(Stage(layer: layer, step: .heads), to: z, active: active)
      if model.architecture.isParallel { seen = readForMLP(layer, active: active) }
      model.attentionOutput(layer, rows: offsets[active], z: z, into: out)
      Rows.add(out.pointer, to: residual.pointer, count: offsets[active] * residual.columns)
      model.layers[layer].attentionSumNorm?.forward(rows: offsets[active], residual.pointer, into: residual.pointer)

      if !model.architecture.isParallel { seen = readForMLP(layer, active: active) }
      model.feedForward(layer, rows: offsets[active], seen, hidden: work.hidden, active: work.active, into: out)
      let last = join(Stage(layer: layer, step: .mlp), from: active, base.residualMid[layer], into: residual)
      copyBase(base.mlpOut[layer], into: out, variants: active..<last)
      active = last
      apply(Stage(layer: layer, step: .mlp), to: out, active: active)
      model.layers[layer].mlpPostNorm?.forward(rows: offsets[active], out.pointer, into: out.pointer)
      Rows.add(out.pointer, to: residual.pointer, count: offsets[active] * residual.columns)
      model.layers[layer].mlpSumNorm?.forward(rows: offsets[active], residual.pointer, into: residual.pointer)
    }
    return variants.indices.map { v in Sweep.Outcome(residual: decisionRows(v), changed: changed[v]) }
  }

  /// A variant's rows where the decision reads; those before the first computed one are the base run's.
  private func decisionRows(_ v: Int) -> [Float] {
    let (columns, first) = (work.residual.columns, variants[v].first)
    let own = base.decided.clamped(to: first..<base.length)
    let before = UnsafeBufferPointer(
      start: base.decisionRow(sequence: sequence), count: (base.decided.count - own.count) * columns)
    let after = UnsafeBufferPointer(
      start: work.residual.row(offsets[v] + own.lowerBound - first), count: own.count * columns)
    return Array(before) + Array(after)
  }

  /// Takes in the variants that join at a stage, with the base run's residual stream. Returns how many are active.
  private func join(_ stage: Stage, from active: Int, _ source: Matrix, into target: Matrix) -> Int {
    var end = active
    while end < variants.count, variants[end].joins == stage { end += 1 }
    copyBase(source, into: target, variants: active..<end)
    return end
  }

  private func copyBase(_ source: Matrix, into target: Matrix, variants range: Range<Int>) {
    for v in range {
      target.copy(rows: variants[v].rows, from: source.row(sequence * base.length + variants[v].first), to: offsets[v])
    }
  }

  private func attend(_ index: Int, active: Int) {
    let rows = offsets[active]
    guard rows > 0 else { return }
    let heads = model.architecture.heads
    let seen = model.read(model.layers[index].attentionNorm, rows: rows, work.residual, scratch: work.normal)
    model.project(index, positions: positions[..<rows], seen, into: work.queryKeyValue)
    let cache = base.queryKeyValue[index].row(sequence * base.length)
    Attention.forward(
      (0..<active * heads).map { task in
        let v = task / heads
        return model.attentionJob(
          index, head: task % heads, first: variants[v].first, rows: variants[v].rows,
          queryKeyValue: work.queryKeyValue.row(offsets[v]), cache: cache, z: work.z.row(offsets[v]))
      })
  }

  /// What the MLP reads, from the residual stream as it stands.
  private func readForMLP(_ index: Int, active: Int) -> Matrix {
    model.read(model.layers[index].mlpNorm, rows: offsets[active], work.residual, scratch: work.normal)
  }

  /// Makes the replacements of a stage in the rows of the active variants.
  private func apply(_ stage: Stage, to matrix: Matrix, active: Int) {
    for v in 0..<active {
      for (i, intervention) in variants[v].interventions.enumerated() where intervention.site.stage == stage {
        if replace(intervention, in: matrix, variant: v) { changed[v][i] = true }
      }
    }
  }

  /// Makes one replacement; true if it changed a bit.
  private func replace(_ intervention: Intervention, in matrix: Matrix, variant v: Int) -> Bool {
    let headWidth = model.architecture.headWidth
    let first = variants[v].first
    let named = intervention.positions ?? 0..<base.length
    // Positions before the variant's first change keep the base run's values, which is what they would be replaced with.
    let positions = named.clamped(to: first..<base.length)
    guard !positions.isEmpty else { return false }
    let target: SitePlace
    if case .z(_, let head) = intervention.site {
      target = SitePlace(start: matrix.row(offsets[v]) + head * headWidth, stride: matrix.columns, width: headWidth)
    } else {
      target = SitePlace(start: matrix.row(offsets[v]), stride: matrix.columns, width: matrix.columns)
    }
    let new: [Float]
    switch intervention.replacement {
    case .run(let other, let otherSequence):
      new = other.place(of: intervention.site, sequence: otherSequence, headWidth: headWidth).values(positions)
    case .values(let values):
      new = Array(
        values[
          (positions.lowerBound - named.lowerBound) * target.width..<(positions.upperBound - named.lowerBound)
            * target.width])
    case .transform(let transform):
      new = transform(target.values(positions.lowerBound - first..<positions.upperBound - first))
      precondition(new.count == positions.count * target.width, "a transform returned another size")
    }
    var changed = false
    for position in positions {
      let row = target.position(position - first)
      let offset = (position - positions.lowerBound) * target.width
      for c in 0..<target.width where row[c].bitPattern != new[offset + c].bitPattern {
        row[c] = new[offset + c]
        changed = true
      }
    }
    return changed
  }
}
