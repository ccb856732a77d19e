import Analysis
import Evidence

/// What is measured only where the plan names it: paths, positions, ways of activations.
struct NamedBlocks {
  let context: DossierContext
  let record: RunRecord
  let plan: AnalysisPlan
  let result: AnalysisResult

  /// So many of the strongest are shown.
  private static let shown = 10

  private var short: String { context.names.short(record.id) }

  /// The section, or nil if none of it was asked for.
  func section(anchor: String) -> Section? {
    let tables =
      [paths, integrated].compactMap { $0 } + positions
      + EstimateBlocks(run: short, approximations: record.approximations, plan: plan, result: result).tables
    guard !tables.isEmpty else { return nil }
    return Section(
      id: anchor + "-named", heading: "Single paths, positions and ways", isListed: false,
      blocks: tables.map { .table($0) })
  }

  private func cell(_ estimate: Estimate) -> String {
    "\(Numbers.fixed(estimate.value)) (\(Numbers.range(estimate)))"
  }

  private var paths: Table? {
    guard let paths = result.paths, let n = paths.first?.noising.n else { return nil }
    let rows = paths.map { path -> [[Inline]] in
      let isMeasured = !path.noising.covers(0) || !path.denoising.covers(0)
      return [
        [.code(path.path.description)], [.badge(English.badge(isMeasured ? .measured : .notEstablished))],
        [.text(cell(path.noising))], [.text(cell(path.denoising))],
      ]
    }
    return Table(
      caption:
        "\(plan.behaviour): paths named in the plan, each replaced by itself, exact, in logits, n = \(Numbers.count(n)) (run \(short))",
      header: ["Path", "Standing", "In the clean run", "In the counterfactual run"],
      alignment: [.left, .left, .right, .right], rows: rows)
  }

  private var integrated: Table? {
    guard let integrated = result.integratedActivations else { return nil }
    let ranked = integrated.effects.sorted { (abs($1.exact.value), $0.node) < (abs($0.exact.value), $1.node) }
    return .plain(
      "\(plan.behaviour): integrated gradients along each part’s own way to its counterfactual value, \(integrated.steps) points, the "
        + "largest effects, in logits, n = \(Numbers.count(integrated.pairs)) (run \(short))",
      ["Part", "Integrated (screened)", "Replaced (exact)"], numbers: 2,
      ranked.prefix(Self.shown).map { [$0.node.description, cell($0.integrated), cell($0.exact)] })
  }

  /// The largest effects of each pair.
  private var positions: [Table] {
    (result.positions?.pairs ?? []).map { pair in
      let all = result.nodes.indices.flatMap { node in
        pair.noising[node].indices.map { (node: node, place: $0, value: pair.noising[node][$0]) }
      }.sorted { (abs($1.value), $0.node, $0.place) < (abs($0.value), $1.node, $1.place) }
      let rows = all.prefix(Self.shown).map { entry -> [[Inline]] in
        [
          [.text(result.nodes[entry.node].description)], [.text("\(pair.first + entry.place)")],
          [.code(PlainText.oneLine(pair.tokens[entry.place]))], [.text(Numbers.fixed(entry.value))],
          [.text(Numbers.fixed(pair.attribution[entry.node][entry.place]))],
        ]
      }
      return Table(
        caption:
          "\(plan.behaviour), \(pair.pair): parts replaced at one position alone, the largest effects, in logits (one pair; run \(short))",
        header: ["Part", "Position", "Token", "Replaced (exact)", "First order (screened)"],
        alignment: [.left, .right, .left, .right, .right], rows: rows)
    }
  }
}
