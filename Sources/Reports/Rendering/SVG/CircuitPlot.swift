import Analysis

/// Circuits on the grid of their models: layers from below upwards, heads from left to right, the MLP last. What both
/// circuits have is a filled circle, what only one has a square, so that nothing rests on colour.
struct CircuitPlot {
  let drawing: CircuitDrawing
  let width: Double
  let text: InterfaceText

  private let rowHeight = 46.0
  private let titleHeight = 24.0
  private let keptColour = "#1f5a99"
  private let ownColour = "#b35806"

  private var isStacked: Bool { width < 480 }

  /// The panels beside each other, on a narrow screen below each other, and the legend.
  func drawn() -> SVG.Canvas {
    let count = Double(drawing.panels.count)
    let panelWidth = isStacked ? width : (width - 20 * (count - 1)) / count
    let heights = drawing.panels.map { titleHeight + Double($0.layers + 2) * rowHeight }
    var content = ""
    var (x, y) = (0.0, 0.0)
    for (panel, height) in zip(drawing.panels, heights) {
      content += drawn(panel, x: x, y: y, width: panelWidth, height: height)
      if isStacked { y += height + 8 } else { x += panelWidth + 20 }
    }
    let bottom = isStacked ? y : heights.max() ?? 0
    content += legend(y: bottom + 16)
    return SVG.Canvas(width: width, height: bottom + (isStacked ? 66 : 30), content: content)
  }

  private func drawn(_ panel: CircuitDrawing.Panel, x: Double, y: Double, width: Double, height: Double) -> String {
    let grid = Grid(panel: panel, x: x, y: y + titleHeight, width: width, rowHeight: rowHeight)
    var content = SVG.text(PlainText.shortened(panel.title, to: 40), x: x + 2, y: y + 14, size: 13)
    for (edge, mark) in panel.edges.sorted(by: { $0.key.description < $1.key.description }) {
      content += SVG.line(
        from: grid.place(edge.sender), to: grid.place(edge.receiver), stroke: mark == .kept ? "#9db8d6" : ownColour,
        width: mark == .kept ? 1.2 : 1.8, dashed: mark == .own)
    }
    let ends = [
      (text.words("figure.embedding"), grid.place(Sender.embedding)),
      (text.words("figure.logits"), grid.place(Receiver.logits)),
    ]
    for (name, place) in ends {
      content += SVG.rectangle(
        x: place.0 - 34, y: place.1 - 9, width: 68, height: 18, fill: "#ffffff", stroke: "#8a8a8a", corner: 3)
      content += SVG.text(name, x: place.0, y: place.1 + 4, size: 11, anchor: "middle")
    }
    for layer in 0..<panel.layers {
      let nodes = (0..<panel.heads).map { Node.head(layer: layer, head: $0) } + [.mlp(layer: layer)]
      for node in nodes { content += drawn(node, panel.nodes[node], at: grid.place(node), spacing: grid.spacing) }
    }
    return content
  }

  private func drawn(_ node: Node, _ mark: CircuitDrawing.Mark?, at place: (Double, Double), spacing: Double) -> String
  {
    let (x, y) = (SVG.number(place.0), SVG.number(place.1))
    guard let mark else {
      return "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"3\" fill=\"#c9c9c9\"/>\n"
    }
    let shape =
      mark == .kept
      ? "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"8\" fill=\"\(keptColour)\"/>\n"
      : SVG.rectangle(
        x: place.0 - 8, y: place.1 - 8, width: 16, height: 16, fill: ownColour, stroke: "#000000", strokeWidth: 1.5)
    let label =
      spacing >= 30
      ? SVG.text(node.description, x: place.0, y: place.1 + 20, size: 10, anchor: "middle", haloed: true) : ""
    return shape + label
  }

  private func legend(y: Double) -> String {
    var content = "<circle cx=\"10\" cy=\"\(SVG.number(y - 4))\" r=\"6\" fill=\"\(keptColour)\"/>\n"
    content += SVG.text(text.words("figure.in-both"), x: 22, y: y, size: 11)
    let second = isStacked ? (10.0, y + 18) : (140.0, y)
    content += SVG.rectangle(
      x: second.0 - 6, y: second.1 - 10, width: 12, height: 12, fill: ownColour, stroke: "#000000", strokeWidth: 1.5)
    content += SVG.text(text.words("figure.in-one"), x: second.0 + 12, y: second.1, size: 11)
    let third = isStacked ? (10.0, y + 36) : (290.0, y)
    content += "<circle cx=\"\(SVG.number(third.0))\" cy=\"\(SVG.number(third.1 - 4))\" r=\"3\" fill=\"#c9c9c9\"/>\n"
    content += SVG.text(text.words("figure.outside"), x: third.0 + 12, y: third.1, size: 11)
    return content
  }

  /// Places of the nodes in one panel.
  private struct Grid {
    let panel: CircuitDrawing.Panel
    let x: Double
    let y: Double
    let width: Double
    let rowHeight: Double

    var spacing: Double { width / Double(panel.heads + 1) }

    func place(_ node: Node) -> (Double, Double) {
      let column: Int
      switch node {
      case .head(_, let head): column = head
      case .mlp: column = panel.heads
      }
      return (x + (Double(column) + 0.5) * spacing, row(node.layer + 1))
    }

    func place(_ sender: Sender) -> (Double, Double) {
      switch sender {
      case .embedding: (x + width / 2, row(0))
      case .node(let node): place(node)
      }
    }

    func place(_ receiver: Receiver) -> (Double, Double) {
      switch receiver {
      case .query(let layer, let head): place(Node.head(layer: layer, head: head))
      case .key(let layer, let head), .value(let layer, let head):
        // Where heads share keys and values, the edge is drawn to the first of them.
        place(Node.head(layer: layer, head: min(head, panel.heads - 1)))
      case .mlp(let layer): place(Node.mlp(layer: layer))
      case .logits: (x + width / 2, row(panel.layers + 1))
      }
    }

    private func row(_ row: Int) -> Double { y + (Double(panel.layers + 1 - row) + 0.5) * rowHeight }
  }
}
