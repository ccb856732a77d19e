import Analysis
import Evidence

/// Which connections between parts carry the effect.
struct EdgeBlocks {
  let context: DossierContext
  let record: RunRecord
  let plan: AnalysisPlan
  let result: AnalysisResult

  /// So many of the strongest are shown at once; the rest opens.
  private static let shown = 10

  private var short: String { context.names.short(record.id) }
  private var link: Inline { context.names.link(record.id) }

  /// The section, or nil if it was not asked for.
  func section(anchor: String) -> Section? {
    guard let edges = result.edges else { return nil }
    var blocks: [Block] = [.paragraph(summary(edges))]
    if let figure = figure(edges, anchor) { blocks.append(.figure(figure)) }
    if !edges.strongest.isEmpty {
      blocks.append(.table(strongest(edges, Array(edges.strongest.prefix(Self.shown)), "the strongest edges")))
      let rest = Array(edges.strongest.dropFirst(Self.shown))
      if !rest.isEmpty {
        blocks.append(
          .details(summary: "The next \(rest.count) edges", [.table(strongest(edges, rest, "the next edges"))]))
      }
    }
    if !edges.grown.isEmpty { blocks.append(.table(grown(edges))) }
    if let pruned = edges.pruned { blocks += self.pruned(pruned, edges) }
    return Section(
      id: anchor + "-edges", heading: "Which connections carry it", isListed: false, blocks: blocks)
  }

  private func figure(_ edges: EdgeEvidence, _ anchor: String) -> Figure? {
    EdgeFigure(plan: plan, result: result, edges: edges, run: short).figure(id: anchor + "-graph")
  }

  private func summary(_ edges: EdgeEvidence) -> [Inline] {
    let words =
      "An edge is what one part adds to the input of a later one: to a head’s query (q), key (k) or value (v), to an MLP, or to "
      + "the output (logits). All \(Numbers.count(edges.graphEdges)) edges were scored to first order, the "
      + "\(Numbers.count(edges.strongest.count)) strongest were also replaced one by one, exactly, on "
      + "\(English.counted(edges.pairs, "drawn pair", "drawn pairs")). "
    let target = Numbers.fixed(plan.sufficiencyTarget, 2)
    guard let circuit = edges.circuit, let size = edges.grown.first(where: { $0.size == circuit.count }) else {
      return [
        .text(words + "No circuit of edges that was measured keeps \(target) of the effect ("), link, .text(")."),
      ]
    }
    return [
      .text(
        words
          + "The smallest circuit of edges measured that keeps \(target) of the effect has \(Numbers.count(size.size)) "
          + "edges and keeps \(Numbers.fixed(size.sufficiency.value)) (\(context.text.precision(size.sufficiency)); "), link,
      .text(")."),
    ]
  }

  private func strongest(_ edges: EdgeEvidence, _ scores: [EdgeEvidence.Score], _ title: String) -> Table {
    let rows = scores.map { score -> [[Inline]] in
      [
        [.code(score.edge.description)], [.text(Numbers.fixed(score.attribution))],
        [.text(Numbers.fixed(score.pathAttribution))],
        [.text("\(Numbers.fixed(score.exact.value)) (\(Numbers.range(score.exact)))")],
        [.badge(English.badge(score.exact.covers(0) ? .notEstablished : .measured))],
      ]
    }
    return Table(
      caption:
        "\(plan.behaviour): \(title), effect on the decision value in logits, n = \(Numbers.count(edges.pairs)) (the two "
        + "first-order scores are screened, their errors stand in the approximation register; run \(short))",
      header: [
        "Edge", "First order (screened)", "First order, \(edges.steps) points (screened)", "Replaced (exact)",
        "Standing",
      ], alignment: [.left, .right, .right, .right, .left], rows: rows)
  }

  private func grown(_ edges: EdgeEvidence) -> Table {
    .plain(
      "\(plan.behaviour): circuits of edges by size, every other edge replaced, exact (run \(short))",
      ["Edges", "Mean decision value (logits)", "Share of the effect kept"], numbers: 3,
      edges.grown.map {
        [
          Numbers.count($0.size), Numbers.fixed($0.mCircuit),
          "\(Numbers.fixed($0.sufficiency.value)) (\(Numbers.range($0.sufficiency)))",
        ]
      })
  }

  private func pruned(_ pruned: EdgeEvidence.Pruned, _ edges: EdgeEvidence) -> [Block] {
    let words =
      "Exact pruning, edge by edge, leaves \(Numbers.count(pruned.edges.count)) of \(Numbers.count(edges.graphEdges)) edges; "
      + "what is left lies \(Numbers.fixed(pruned.loss)) logits from the whole model’s decision value on average. An edge went "
      + "if that distance rose by less than \(Numbers.precise(pruned.threshold)) logits "
      + "(\(English.counted(pruned.pairs, "pair", "pairs")); "
    return [
      .paragraph([.text(words), link, .text(").")]),
      .details(
        summary: "The edges that are left",
        [.paragraph([.code(pruned.edges.map(\.description).joined(separator: ", "))])]),
    ]
  }
}
