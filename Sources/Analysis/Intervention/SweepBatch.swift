import Kernels

/// One batch of a sweep: variants sorted by where they join, so that the active ones are always the first rows.
final class SweepBatch {
  private let model: Transformer
  private let base: Trace
  private let sequence: Int
  private let variants: [SweepVariant]
  private let offsets: [Int]
  private var changed: [[Bool]]
  /// Residual stream of the active variants: `[rows, width]`.
  private let residual: Matrix
  private let normal: Matrix
  private let queryKeyValue: Matrix
  private let z: Matrix
  private let hidden: Matrix
  private let out: Matrix

  init(sweep: Sweep, variants: [SweepVariant]) {
    model = sweep.model
    base = sweep.base
    sequence = sweep.sequence
    self.variants = variants
    var offsets = [0]
    for variant in variants { offsets.append(offsets[offsets.count - 1] + variant.rows) }
    self.offsets = offsets
    changed = variants.map { variant in variant.interventions.map { _ in false } }
    let rows = offsets[offsets.count - 1]
    let width = model.architecture.width
    residual = Matrix(rows: rows, columns: width)
    normal = Matrix(rows: rows, columns: width)
    queryKeyValue = Matrix(rows: rows, columns: 3 * width)
    z = Matrix(rows: rows, columns: width)
    hidden = Matrix(rows: rows, columns: model.architecture.hidden)
    out = Matrix(rows: rows, columns: width)
  }

  func run() -> [Sweep.Outcome] {
    var active = 0
    for layer in model.layers.indices {
      active = join(Stage(layer: layer, step: .residual), from: active, base.residual[layer], into: residual)
      apply(Stage(layer: layer, step: .residual), to: residual, active: active)
      attend(layer, active: active)

      let joined = join(Stage(layer: layer, step: .heads), from: active, base.residual[layer], into: residual)
      copyBase(base.z[layer], into: z, variants: active..<joined)
      active = joined
      apply(Stage(layer: layer, step: .heads), to: z, active: active)
      model.layers[layer].output.forward(rows: offsets[active], z.pointer, into: out.pointer)
      // The sum runs as in Transformer.forward: W_O·z first, then the stream.
      Rows.add(out.pointer, to: residual.pointer, count: offsets[active] * residual.columns)

      feedForward(layer, active: active)
      let last = join(Stage(layer: layer, step: .mlp), from: active, base.residualMid[layer], into: residual)
      copyBase(base.mlpOut[layer], into: out, variants: active..<last)
      active = last
      apply(Stage(layer: layer, step: .mlp), to: out, active: active)
      Rows.add(out.pointer, to: residual.pointer, count: offsets[active] * residual.columns)
    }
    return variants.indices.map { v in
      let row = residual.row(offsets[v + 1] - 1)
      return Sweep.Outcome(
        residual: Array(UnsafeBufferPointer(start: row, count: residual.columns)), changed: changed[v])
    }
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
    let architecture = model.architecture
    let (width, headWidth) = (architecture.width, architecture.headWidth)
    let layer = model.layers[index]
    layer.attentionNorm.forward(rows: rows, residual.pointer, into: normal.pointer)
    layer.queryKeyValue.forward(rows: rows, normal.pointer, into: queryKeyValue.pointer)
    let cache = base.queryKeyValue[index].row(sequence * base.length)
    Attention.forward(
      (0..<active * architecture.heads).map { task in
        let (v, column) = (task / architecture.heads, task % architecture.heads * headWidth)
        let source = queryKeyValue.row(offsets[v]) + column
        return vk_attention_head(
          first: variants[v].first, rows: variants[v].rows, width: headWidth, q: source, k: source + width,
          v: source + 2 * width, ldq: 3 * width, base_k: cache + width + column, base_v: cache + 2 * width + column,
          ldbase: 3 * width, scale: architecture.attentionScale[index], z: z.row(offsets[v]) + column, ldz: width)
      })
  }

  private func feedForward(_ index: Int, active: Int) {
    let rows = offsets[active]
    guard rows > 0 else { return }
    let layer = model.layers[index]
    let hiddenWidth = model.architecture.hidden
    layer.mlpNorm.forward(rows: rows, residual.pointer, into: normal.pointer)
    layer.mlpIn.forward(rows: rows, normal.pointer, into: hidden.pointer)
    model.architecture.activation.forward(count: rows * hiddenWidth, hidden.pointer, into: hidden.pointer)
    layer.mlpOut.forward(rows: rows, hidden.pointer, into: out.pointer)
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
