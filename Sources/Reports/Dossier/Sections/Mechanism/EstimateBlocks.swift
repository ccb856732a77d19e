import Analysis
import Evidence

/// Estimates of effects beside the exact ones: relevance patching, and AtP*'s inputs and sizes. Each group of estimates that was held
/// against the same exact values has a table of errors, the smallest first.
struct EstimateBlocks: AnalysisPart {
  let view: AnalysisView

  /// So many of the strongest are shown.
  private static let shown = 10

  var tables: [Table] {
    [relevance, errors(.parts), inputs, errors(.queriesAndKeys), sizes, errors(.sizes)].compactMap { $0 }
  }

  private func cell(_ estimate: Estimate) -> String { text.valueWithRange(estimate) }

  private var relevance: Table? {
    guard let relevance = result.relevance else { return nil }
    let ranked = relevance.effects.sorted { (abs($1.exact.value), $0.node) < (abs($0.exact.value), $1.node) }
    return .plain(
      text.words(
        "named.relevance-caption",
        ["behaviour": .text(plan.behaviour), "n": .count(relevance.pairs), "run": .text(short)]),
      text.columns("named.relevance-columns"),
      numbers: 4,
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
      text.words(
        "named.inputs-caption", ["behaviour": .text(plan.behaviour), "n": .count(star.pairs), "run": .text(short)]),
      text.columns("named.inputs-columns"), numbers: 3,
      ranked.prefix(Self.shown).map {
        [$0.input.description, cell($0.attribution), cell($0.corrected), cell($0.exact)]
      })
  }

  private var sizes: Table? {
    guard let star = result.attributionStar, star.effects.contains(where: { $0.dropped != nil }) else { return nil }
    let ranked = star.effects.sorted { (abs($1.exact.value), $0.node) < (abs($0.exact.value), $1.node) }
    return .plain(
      text.words(
        "named.sizes-caption", ["behaviour": .text(plan.behaviour), "n": .count(star.pairs), "run": .text(short)]),
      text.columns("named.sizes-columns"), numbers: 3,
      ranked.prefix(Self.shown).map {
        [$0.node.description, $0.dropped.map(cell) ?? "–", cell($0.attribution), cell($0.exact)]
      })
  }

  /// Which of a group of estimates errs least on these pairs.
  private func errors(_ group: EstimateGroup) -> Table? {
    let ranked = group.ranked(record.approximations)
    guard ranked.count > 1 else { return nil }
    return .plain(
      text.words("named.errors-caption", ["behaviour": .text(plan.behaviour), "run": .text(short)]),
      text.columns("named.errors-columns"), numbers: 3,
      ranked.map {
        [
          $0.method, $0.largestError.map { text.fixed($0) } ?? "–", $0.spearman.map { text.fixed($0) } ?? "–",
          text.count($0.verified),
        ]
      })
  }
}
