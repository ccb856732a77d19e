import Analysis
import Evidence

/// Which connections between parts carry the effect.
struct EdgeBlocks: AnalysisPart {
  let view: AnalysisView

  /// So many of the strongest are shown at once; the rest opens.
  private static let shown = 10

  /// The section, or nil if it was not asked for.
  func section(anchor: String) -> Section? {
    guard let edges = result.edges else { return nil }
    var blocks: [Block] = [.paragraph(summary(edges))]
    if let figure = figure(edges, anchor) { blocks.append(.figure(figure)) }
    if !edges.strongest.isEmpty {
      let (behaviour, n) = (TextValue.text(plan.behaviour), TextValue.count(edges.pairs))
      blocks.append(
        .table(
          strongest(
            edges, Array(edges.strongest.prefix(Self.shown)),
            text.words("edges.strongest-caption", ["behaviour": behaviour, "n": n, "run": .text(short)]))))
      let rest = Array(edges.strongest.dropFirst(Self.shown))
      if !rest.isEmpty {
        let caption = text.words("edges.next-caption", ["behaviour": behaviour, "n": n, "run": .text(short)])
        blocks.append(
          .details(
            summary: text.words("edges.next", ["n": .count(rest.count)]), [.table(strongest(edges, rest, caption))]))
      }
    }
    if !edges.grown.isEmpty { blocks.append(.table(grown(edges))) }
    if let pruned = edges.pruned { blocks += self.pruned(pruned, edges) }
    return Section(
      id: anchor + "-edges", heading: text.words("edges.heading"), isListed: false, blocks: blocks)
  }

  private func figure(_ edges: EdgeEvidence, _ anchor: String) -> Figure? {
    EdgeFigure(view: view, edges: edges).figure(id: anchor + "-graph")
  }

  private func summary(_ edges: EdgeEvidence) -> [Inline] {
    let (all, strongest) = (TextValue.count(edges.graphEdges), TextValue.count(edges.strongest.count))
    let target = TextValue.text(text.fixed(plan.sufficiencyTarget, 2))
    guard let circuit = edges.circuit, let size = edges.grown.first(where: { $0.size == circuit.count }) else {
      return text.inlines(
        "edges.no-circuit",
        ["all": all, "strongest": strongest, "n": .count(edges.pairs), "target": target, "run": .inline(link)])
    }
    return text.inlines(
      "edges.circuit",
      [
        "all": all, "strongest": strongest, "n": .count(edges.pairs), "target": target, "size": .count(size.size),
        "kept": .text(text.fixed(size.sufficiency.value)), "precision": .text(text.precision(size.sufficiency)),
        "run": .inline(link),
      ])
  }

  private func strongest(_ edges: EdgeEvidence, _ scores: [EdgeEvidence.Score], _ caption: String) -> Table {
    let hasShares = edges.strongest.contains { $0.share != nil }
    let floor = plan.standing?.leastShare(of: edges.strongest.count)
    let rows = scores.map { score -> [[Inline]] in
      [
        [.code(score.edge.description)], [.text(text.fixed(score.attribution))],
        [.text(text.fixed(score.pathAttribution))],
        [.text(text.valueWithRange(score.exact))],
      ] + (hasShares ? [[.text(score.share.map { text.valueWithRange($0) } ?? "–")]] : [])
        + [
          [
            .badge(
              text.badge(
                score.exact.isEstablished(share: score.share, floor: floor) ? .measured : .notEstablished))
          ]
        ]
    }
    let steps = TextValue.text(String(edges.steps))
    return Table(
      caption: caption,
      header: hasShares
        ? text.columns("edges.columns-with-shares", ["steps": steps])
        : text.columns("edges.columns", ["steps": steps]),
      alignment: [.left, .right, .right, .right] + (hasShares ? [.right] : []) + [.left], rows: rows)
  }

  private func grown(_ edges: EdgeEvidence) -> Table {
    .plain(
      text.words("edges.grown-caption", ["behaviour": .text(plan.behaviour), "run": .text(short)]),
      text.columns("edges.grown-columns"), numbers: 3,
      edges.grown.map {
        [
          text.count($0.size), text.fixed($0.mCircuit),
          text.valueWithRange($0.sufficiency),
        ]
      })
  }

  private func pruned(_ pruned: EdgeEvidence.Pruned, _ edges: EdgeEvidence) -> [Block] {
    let summary = text.inlines(
      "edges.pruned",
      [
        "left": .count(pruned.edges.count), "all": .count(edges.graphEdges), "loss": .text(text.fixed(pruned.loss)),
        "threshold": .text(text.precise(pruned.threshold)), "n": .count(pruned.pairs), "run": .inline(link),
      ])
    return [
      .paragraph(summary),
      .details(
        summary: text.words("edges.pruned-summary"),
        [.paragraph([.code(pruned.edges.map(\.description).joined(separator: ", "))])]),
    ]
  }
}
