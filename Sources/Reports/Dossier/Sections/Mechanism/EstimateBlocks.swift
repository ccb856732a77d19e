import Analysis
import Evidence

/// Estimates of effects beside the exact ones: relevance patching, and AtP*'s inputs and sizes. Each group of estimates that was held
/// against the same exact values has a table of errors, the smallest first.
struct EstimateBlocks {
  /// The run's short name.
  let run: String
  let approximations: [Approximation]
  let plan: AnalysisPlan
  let result: AnalysisResult

  /// So many of the strongest are shown.
  private static let shown = 10

  var tables: [Table] {
    [relevance, errors(.parts), inputs, errors(.queriesAndKeys), sizes, errors(.sizes)].compactMap { $0 }
  }

  private func cell(_ estimate: Estimate) -> String {
    "\(Numbers.fixed(estimate.value)) (\(Numbers.range(estimate)))"
  }

  private var relevance: Table? {
    guard let relevance = result.relevance else { return nil }
    let ranked = relevance.effects.sorted { (abs($1.exact.value), $0.node) < (abs($0.exact.value), $1.node) }
    return .plain(
      "\(plan.behaviour): estimates of what replacing a part does, beside the exact effect, the largest effects, in logits, "
        + "n = \(Numbers.count(relevance.pairs)) (run \(run))",
      [
        "Part", "Relevance patching (screened)", "The same through attention (screened)",
        "Attribution patching (screened)", "Replaced (exact)",
      ], numbers: 4,
      ranked.prefix(Self.shown).map {
        [$0.node.description, cell($0.relevance), cell($0.attended), cell($0.attribution), cell($0.exact)]
      })
  }

  private var inputs: Table? {
    guard let star = result.attributionStar else { return nil }
    let ranked = star.inputs.sorted {
      (abs($1.exact.value), $0.input.description) < (abs($0.exact.value), $1.input.description)
    }
    return .plain(
      "\(plan.behaviour): what replacing the queries (q), keys (k) or values (v) of a head alone does, the largest effects, in logits, "
        + "n = \(Numbers.count(star.pairs)) (run \(run))",
      ["Input", "First order (screened)", "Attention computed anew (screened)", "Replaced (exact)"], numbers: 3,
      ranked.prefix(Self.shown).map {
        [$0.input.description, cell($0.attribution), cell($0.corrected), cell($0.exact)]
      })
  }

  private var sizes: Table? {
    guard let star = result.attributionStar, star.effects.contains(where: { $0.dropped != nil }) else { return nil }
    let ranked = star.effects.sorted { (abs($1.exact.value), $0.node) < (abs($0.exact.value), $1.node) }
    return .plain(
      "\(plan.behaviour): sizes of effects with one layer’s gradient dropped at a time (they have no sign), in logits, "
        + "n = \(Numbers.count(star.pairs)) (run \(run))",
      ["Part", "Layers dropped (screened)", "First order (screened)", "Replaced (exact)"], numbers: 3,
      ranked.prefix(Self.shown).map {
        [$0.node.description, $0.dropped.map(cell) ?? "–", cell($0.attribution), cell($0.exact)]
      })
  }

  /// Which of a group of estimates errs least on these pairs.
  private func errors(_ group: EstimateGroup) -> Table? {
    let ranked = group.ranked(approximations)
    guard ranked.count > 1 else { return nil }
    return .plain(
      "\(plan.behaviour): largest error of each estimate against the exact values on the same pairs, the smallest first, in logits "
        + "(run \(run))",
      ["Estimate", "Largest error", "Rank correlation", "Values compared"], numbers: 3,
      ranked.map {
        [
          $0.method, $0.largestError.map { Numbers.fixed($0) } ?? "–", $0.spearman.map { Numbers.fixed($0) } ?? "–",
          Numbers.count($0.verified),
        ]
      })
  }
}
