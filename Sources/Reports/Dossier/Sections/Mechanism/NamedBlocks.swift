import Analysis
import Evidence

/// What is measured only where the plan names it: paths, positions, ways of activations.
struct NamedBlocks: AnalysisPart {
  let view: AnalysisView

  /// So many of the strongest are shown.
  private static let shown = 10

  /// The section, or nil if none of it was asked for.
  func section(anchor: String) -> Section? {
    let tables =
      [paths].compactMap { $0 } + positions
      + EstimateBlocks(view: view).tables
    guard !tables.isEmpty else { return nil }
    return Section(
      id: anchor + "-named", heading: text.words("named.heading"), isListed: false,
      blocks: tables.map { .table($0) })
  }

  private func cell(_ estimate: Estimate) -> String { text.valueWithRange(estimate) }

  private var paths: Table? {
    guard let paths = result.paths, let n = paths.first?.noising.n else { return nil }
    let rows = paths.map { path -> [[Inline]] in
      let floor = result.shareFloor(plan)
      let isMeasured =
        path.noising.isEstablished(share: path.noisingShare, floor: floor)
        || path.denoising.isEstablished(share: path.denoisingShare, floor: floor)
      return [
        [.code(path.path.description)], [.badge(text.badge(isMeasured ? .measured : .notEstablished))],
        [.text(cell(path.noising))], [.text(cell(path.denoising))],
      ]
    }
    return Table(
      caption: text.words(
        "named.paths-caption", ["behaviour": .text(plan.behaviour), "n": .count(n), "run": .text(short)]),
      header: text.columns("named.paths-columns"),
      alignment: [.left, .left, .right, .right], rows: rows)
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
          [.code(PlainText.oneLine(pair.tokens[entry.place]))], [.text(text.fixed(entry.value))],
          [.text(text.fixed(pair.attribution[entry.node][entry.place]))],
        ]
      }
      return Table(
        caption: text.words(
          "named.positions-caption",
          ["behaviour": .text(plan.behaviour), "pair": .text(pair.pair), "run": .text(short)]),
        header: text.columns("named.positions-columns"),
        alignment: [.left, .right, .left, .right, .right], rows: rows)
    }
  }
}
