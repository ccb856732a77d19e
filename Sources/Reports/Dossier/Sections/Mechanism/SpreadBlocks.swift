import Analysis
import Evidence

/// What a mean over prompts hides: quantiles of the effect's size, and the pairs that move most.
struct SpreadBlocks {
  let context: DossierContext
  let record: RunRecord
  let plan: AnalysisPlan
  let result: AnalysisResult

  /// The blocks; none if it was not asked for.
  var blocks: [Block] {
    guard let spread = result.spread else { return [] }
    let short = context.names.short(record.id)
    let effects = Dictionary(result.pairs.map { ($0.name, $0.totalEffect) }, uniquingKeysWith: { first, _ in first })
    let rows = spread.worst.map { pair -> [[Inline]] in
      [
        [.code(pair.name)], [.text(effects[pair.name].flatMap { $0 }.map { Numbers.fixed($0, signed: true) } ?? "–")],
      ]
    }
    let quantiles = Table.plain(
      "\(plan.behaviour): size of the decision value’s change, with its sign left out, over \(English.counted(spread.n, "pair", "pairs")) "
        + "(logits; run \(short))",
      ["Share of pairs at or below", "Change"], numbers: 1,
      spread.quantiles.map { [Numbers.percent($0.q), Numbers.fixed($0.value)] })
    let worst = Table(
      caption: "\(plan.behaviour): the pairs whose decision value changes most (logits; run \(short))",
      header: ["Pair", "Change"], alignment: [.left, .right], rows: rows)
    return [.details(summary: "How the change varies from pair to pair", [.table(quantiles), .table(worst)])]
  }
}
