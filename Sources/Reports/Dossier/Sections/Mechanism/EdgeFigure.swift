import Analysis
import Evidence

/// The strongest connections as a drawn graph.
struct EdgeFigure: AnalysisPart {
  let view: AnalysisView
  let edges: EdgeEvidence

  /// At most this many are drawn: more cannot be told apart.
  private static let shown = 16

  /// The figure, or nil if there is nothing to draw.
  func figure(id: String) -> Figure? {
    let strongest = Array(
      edges.strongest.sorted { abs($0.exact.value) > abs($1.exact.value) }.prefix(Self.shown))
    guard !strongest.isEmpty else { return nil }
    let members = Set((result.circuit?.heads ?? []).map(\.description))
    let places = Set(strongest.flatMap { [place(of: $0.edge.sender), place(of: $0.edge.receiver)] })
      .sorted { ($0.row, $0.order, $0.label) < ($1.row, $1.order, $1.label) }
    let nodes = places.map {
      Drawing.GraphNode(
        label: $0.label, row: $0.row, rowLabel: $0.rowLabel, isMarked: members.contains($0.label))
    }
    let index = Dictionary(places.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    let drawn = strongest.compactMap { score -> Drawing.GraphEdge? in
      guard let from = index[place(of: score.edge.sender)], let to = index[place(of: score.edge.receiver)] else {
        return nil
      }
      return Drawing.GraphEdge(from: from, to: to, value: score.exact.value)
    }
    let words = strongest.prefix(3).map {
      text.words(
        "edges.connection",
        [
          "from": .text($0.edge.sender.description), "to": .text($0.edge.receiver.description),
          "value": .text(text.fixed($0.exact.value, signed: true)),
        ])
    }
    let alternative: [TextValue] = [.count(nodes.count), .text(words.joined(separator: ", "))]
    return Figure(
      id: id,
      caption: text.words(
        "edges.figure-caption",
        ["behaviour": .text(plan.behaviour), "n": .count(strongest.count), "run": .text(short)]),
      alternative: members.isEmpty
        ? text.words("edges.figure-alternative", ["boxes": alternative[0], "largest": alternative[1]])
        : text.words("edges.figure-alternative-marked", ["boxes": alternative[0], "largest": alternative[1]]),
      drawing: .graph(nodes: nodes, edges: drawn, unit: text.words("words.logits")), data: data(strongest))
  }

  private func data(_ scores: [EdgeEvidence.Score]) -> Table {
    .plain(
      text.words(
        "edges.data-caption",
        ["behaviour": .text(plan.behaviour), "n": .count(edges.pairs), "run": .text(short)]),
      text.columns("edges.data-columns"), numbers: 2,
      scores.map {
        [
          $0.edge.sender.description, $0.edge.receiver.description, text.fixed($0.exact.value), text.range($0.exact),
        ]
      })
  }

  private struct Place: Hashable {
    var label: String
    var row: Int
    var rowLabel: String
    var order: Int
  }

  private func place(of sender: Sender) -> Place {
    switch sender {
    case .embedding:
      Place(label: text.words("edges.input"), row: 0, rowLabel: text.words("edges.input"), order: 0)
    case .node(.head(let layer, let head)): self.head(layer, head)
    case .node(.mlp(let layer)): mlp(layer)
    }
  }

  private func place(of receiver: Receiver) -> Place {
    switch receiver {
    case .query(let layer, let head), .key(let layer, let head), .value(let layer, let head): self.head(layer, head)
    case .mlp(let layer): mlp(layer)
    case .logits:
      Place(
        label: text.words("edges.decision"), row: 2 * result.layers + 1, rowLabel: text.words("edges.output"), order: 0)
    }
  }

  private func head(_ layer: Int, _ head: Int) -> Place {
    Place(
      label: Node.head(layer: layer, head: head).description, row: 2 * layer + 1, rowLabel: "L\(layer)", order: head)
  }

  private func mlp(_ layer: Int) -> Place {
    Place(label: Node.mlp(layer: layer).description, row: 2 * layer + 2, rowLabel: "L\(layer)", order: 0)
  }
}
