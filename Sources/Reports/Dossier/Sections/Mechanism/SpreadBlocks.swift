import Analysis
import Evidence

/// What a mean over prompts hides: quantiles of the effect's size, and the pairs that move most.
struct SpreadBlocks: AnalysisPart {
  let view: AnalysisView

  /// The blocks; none if it was not asked for.
  var blocks: [Block] {
    guard let spread = result.spread else { return [] }
    let effects = Dictionary(result.pairs.map { ($0.name, $0.totalEffect) }, uniquingKeysWith: { first, _ in first })
    let rows = spread.worst.map { pair -> [[Inline]] in
      [
        [.code(pair.name)], [.text(effects[pair.name].flatMap { $0 }.map { text.fixed($0, signed: true) } ?? "–")],
      ]
    }
    let quantiles = Table.plain(
      text.words(
        "spread.quantiles-caption",
        ["behaviour": .text(plan.behaviour), "n": .count(spread.n), "run": .text(short)]),
      text.columns("spread.quantiles-columns"), numbers: 1,
      spread.quantiles.map { [text.percent($0.q), text.fixed($0.value)] })
    let worst = Table(
      caption: text.words("spread.worst-caption", ["behaviour": .text(plan.behaviour), "run": .text(short)]),
      header: text.columns("spread.worst-columns"), alignment: [.left, .right], rows: rows)
    return [.details(summary: text.words("spread.summary"), [.table(quantiles), .table(worst)])]
  }
}
