import Analysis
import Evidence

/// The tables that methods give of their results, e.g. estimates beside exact effects. Estimates that were held against the same exact
/// values have a table of errors too, the smallest first.
struct EstimateBlocks: AnalysisPart {
  let view: AnalysisView

  /// So many of the strongest are shown.
  private static let shown = 10

  var tables: [Table] { result.summary.tables.flatMap { [effects($0), errors($0)].compactMap { $0 } } }

  private func effects(_ table: ResultTable) -> Table? {
    guard let columns = table.rows.first?.values.count else { return nil }
    let words = text.words(
      of: table.name,
      [
        "behaviour": .text(plan.behaviour), "n": .count(table.pairs), "run": .text(short),
        "points": .text(table.points.map(String.init) ?? ""),
      ])
    return .plain(
      words.caption, words.columns, numbers: columns,
      table.rows.prefix(Self.shown).map { [$0.label] + $0.values.map { $0.map { text.valueWithRange($0) } ?? "–" } })
  }

  /// Which of the estimates errs least on these pairs.
  private func errors(_ table: ResultTable) -> Table? {
    let ranked = table.ranked(record.approximations)
    guard ranked.count > 1 else { return nil }
    return .plain(
      text.words("named.errors-caption", ["behaviour": .text(plan.behaviour), "run": .text(short)]),
      text.columns("named.errors-columns"), numbers: 3,
      ranked.map {
        [
          text.knownWords($0.method), $0.largestError.map { text.fixed($0) } ?? "–",
          $0.spearman.map { text.fixed($0) } ?? "–", text.count($0.verified),
        ]
      })
  }
}
