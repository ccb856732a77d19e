import Kernels

/// Runs many patched variants of one prompt as rows of one matrix.
///
/// A variant joins at the layer it first changes. Where tokens see only those before them, positions before its first changed one are
/// never computed again: their keys and values come from the base run. Where they see those after them too, every position is. A row's bits do not depend on the rows beside it, so a batch
/// equals one-at-a-time runs bit for bit.
struct Sweep {
  /// What one variant gave.
  struct Outcome: Sendable {
    /// The last layer's residual stream where the decision reads it, `[decided.count, width]`.
    let residual: [Float]
    /// For each intervention of the variant, whether it changed a bit of the activation it names.
    let changed: [Bool]
  }

  let model: Transformer
  let base: Trace
  let sequence: Int
  /// Rows that are computed at once; more variants are split. Nil: as many as the model's memory budget has room for.
  var rowBudget: Int?
  /// Compute every position from the first site on, also where nothing changes: for self-tests of the engine.
  var recomputeUnchanged = false

  /// Runs the variants; outcomes come in their order.
  /// - Precondition: sites exist, positions lie within the prompt, replacement runs have its length, values have the
  ///   site's size.
  /// - Complexity: O(Σ rows after the first change · layers after it).
  func run(_ variants: [[Intervention]]) -> [Outcome] {
    var outcomes = variants.map { variant in
      Outcome(
        residual: Array(
          UnsafeBufferPointer(
            start: base.decisionRow(sequence: sequence), count: base.decided.count * model.architecture.width)),
        changed: variant.map { _ in false })
    }
    var batch: [SweepVariant] = []
    var rows = 0
    let prepared = variants.enumerated().compactMap { prepare($1, index: $0) }
    let budget = rowBudget ?? model.sweepRows(length: base.length)
    // A variant that is larger than the budget is a batch of its own.
    let most = max(prepared.map(\.rows).max() ?? 0, min(budget, prepared.reduce(0) { $0 + $1.rows }))
    let work = SweepWorkspace(model.architecture, rows: most)
    func flush() {
      guard !batch.isEmpty else { return }
      let result = SweepBatch(sweep: self, variants: batch, work: work).run()
      for (variant, outcome) in zip(batch, result) { outcomes[variant.index] = outcome }
      batch = []
      rows = 0
    }
    for variant in prepared.sorted(by: { ($0.joins, $0.index) < ($1.joins, $1.index) }) {
      if rows + variant.rows > budget { flush() }
      batch.append(variant)
      rows += variant.rows
    }
    flush()
    return outcomes
  }

  /// What `run` of these variants computes, counted and not carried out.
  func work(_ variants: [[Intervention]]) -> SweepWork {
    variants.enumerated().reduce(into: SweepWork()) { work, entry in
      work.rows += base.length * model.layerCount
      guard let variant = prepare(entry.element, index: entry.offset) else { return }
      work.computed += variant.rows * (model.layerCount - variant.joins.layer)
    }
  }

  /// Where a variant joins, and the first position that it computes anew; nil if it changes nothing.
  private func prepare(_ interventions: [Intervention], index: Int) -> SweepVariant? {
    var first = base.length
    for intervention in interventions {
      let positions = intervention.positions ?? 0..<base.length
      precondition(positions.lowerBound >= 0 && positions.upperBound <= base.length, "positions outside the prompt")
      precondition(model.has(intervention.site), "no such site: \(intervention.site)")
      if recomputeUnchanged {
        first = 0
      } else {
        first = min(first, firstChange(intervention, positions))
      }
    }
    guard first < base.length, let joins = interventions.map(\.site.stage).min() else { return nil }
    if model.architecture.looksBothWays { first = 0 }
    return SweepVariant(
      index: index, interventions: interventions, joins: joins, first: first, rows: base.length - first)
  }

  private func firstChange(_ intervention: Intervention, _ positions: Range<Int>) -> Int {
    let headWidth = model.architecture.headWidth
    let here = base.place(of: intervention.site, sequence: sequence, headWidth: headWidth)
    switch intervention.replacement {
    case .transform: return positions.isEmpty ? base.length : positions.lowerBound
    case .run(let other, let otherSequence):
      precondition(other.length == base.length, "a replacement run of another length")
      let there = other.place(of: intervention.site, sequence: otherSequence, headWidth: headWidth)
      return positions.first { !here.sameBits(at: $0, as: there, otherPosition: $0) } ?? base.length
    case .values(var values):
      precondition(values.count == positions.count * here.width, "values of another size than the site")
      return values.withUnsafeMutableBufferPointer { buffer in
        guard let start = buffer.baseAddress else { return base.length }
        let there = SitePlace(start: start, stride: here.width, width: here.width)
        return positions.first { !here.sameBits(at: $0, as: there, otherPosition: $0 - positions.lowerBound) }
          ?? base.length
      }
    }
  }
}

extension Transformer {
  /// The first position that a difference of the tokens at `first` can change: the very first where tokens see those after them.
  func firstChanged(by first: Int) -> Int { architecture.looksBothWays ? 0 : first }

  /// Rows of a sweep's batch that fit beside the two runs of a pair of `length` tokens.
  fileprivate func sweepRows(length: Int) -> Int {
    rowsThatFit(bytesPerRow: SweepWorkspace.bytesPerRow(architecture), fixed: 2 * length * traceBytesPerRow)
  }

  /// Whether the model has a layer, and a head, of that number.
  fileprivate func has(_ site: Site) -> Bool {
    switch site {
    case .residualPre(let layer), .mlpOut(let layer): layers.indices.contains(layer)
    case .z(let layer, let head): layers.indices.contains(layer) && (0..<headsPerLayer).contains(head)
    }
  }
}

/// Rows of activations (a position in a layer) of a sweep: all of its variants', and those that were computed.
public struct SweepWork: Sendable, Equatable {
  /// Variants · positions · layers.
  public var rows = 0
  /// Those not taken from the base run.
  public var computed = 0

  /// Nothing yet.
  public init() {}

  /// The share of rows that the base run saved; 0 of nothing.
  public var cachedShare: Double { rows == 0 ? 0 : 1 - Double(computed) / Double(rows) }

  /// Adds another sweep's.
  public static func += (left: inout SweepWork, right: SweepWork) {
    left.rows += right.rows
    left.computed += right.computed
  }
}

/// One variant, prepared: it joins at a stage and recomputes positions `first..<length`.
struct SweepVariant {
  let index: Int
  let interventions: [Intervention]
  let joins: Stage
  let first: Int
  let rows: Int
}
