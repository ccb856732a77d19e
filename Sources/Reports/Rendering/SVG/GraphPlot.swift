/// Parts of the model in rows from the input down to the output, and the connections between them: the wider the line, the larger
/// the effect. The sign rests on the line's form (dashed: negative) as well as on its colour.
struct GraphPlot {
  let nodes: [Drawing.GraphNode]
  let edges: [Drawing.GraphEdge]
  let unit: String
  let width: Double
  let text: InterfaceText

  private let boxHeight = 22.0
  private let gap = 44.0
  private let top = 8.0
  private var boxWidth: Double { width < 480 ? 44 : 60 }
  private var left: Double { width < 480 ? 4 : 64 }

  /// One line of boxes; a row with more boxes than fit takes several lines.
  private struct Line {
    var row: Int
    var members: [Int]
  }

  /// The rows from the top, the legend below.
  func drawn() -> SVG.Canvas {
    let lines = lines
    var centres = [(x: Double, y: Double)](repeating: (0, 0), count: nodes.count)
    var boxes = ""
    for (index, line) in lines.enumerated() {
      let y = top + Double(index) * (boxHeight + gap)
      let step = (width - left - 4) / Double(line.members.count)
      if width >= 480, index == 0 || lines[index - 1].row != line.row {
        boxes += SVG.text(nodes[line.members[0]].rowLabel, x: 2, y: y + 15, size: 11)
      }
      for (place, member) in line.members.enumerated() {
        let x = left + (Double(place) + 0.5) * step
        centres[member] = (x, y)
        boxes += box(nodes[member], x: x, y: y)
      }
    }
    let extreme = edges.map { abs($0.value) }.max() ?? 0
    // The widest first, so that thin lines stay visible on top.
    let drawnEdges = edges.sorted { (abs($1.value), $0.from, $0.to) < (abs($0.value), $1.from, $1.to) }
      .map { path($0, centres, extreme) }.joined()
    let bottom = top + Double(lines.count) * (boxHeight + gap) - gap
    return SVG.Canvas(
      width: width, height: bottom + 58, content: drawnEdges + boxes + legend(y: bottom + 20, extreme: extreme))
  }

  private var lines: [Line] {
    let fit = max(1, Int((width - left - 4) / (boxWidth + 6)))
    return Set(nodes.map(\.row)).sorted().flatMap { row -> [Line] in
      let members = nodes.indices.filter { nodes[$0].row == row }
      return stride(from: 0, to: members.count, by: fit).map {
        Line(row: row, members: Array(members[$0..<min($0 + fit, members.count)]))
      }
    }
  }

  private func box(_ node: Drawing.GraphNode, x: Double, y: Double) -> String {
    SVG.rectangle(
      x: x - boxWidth / 2, y: y, width: boxWidth, height: boxHeight, fill: "#ffffff", stroke: "#1b1b1b",
      strokeWidth: node.isMarked ? 2.5 : 1, corner: 4)
      + SVG.text(PlainText.shortened(node.label, to: 9), x: x, y: y + 15, size: 11, anchor: "middle")
  }

  private func path(_ edge: Drawing.GraphEdge, _ centres: [(x: Double, y: Double)], _ extreme: Double) -> String {
    let (from, to) = (centres[edge.from], centres[edge.to])
    let (startY, endY) = (from.y + boxHeight, to.y)
    let bend = max(gap / 2, (endY - startY) / 2)
    let share = extreme > 0 ? abs(edge.value) / extreme : 0
    let colour = FigureColour.diverging(edge.value < 0 ? -1 : 1).hex
    let dash = edge.value < 0 ? " stroke-dasharray=\"6 3\"" : ""
    let points = [(from.x, startY), (from.x, startY + bend), (to.x, endY - bend), (to.x, endY)]
      .map { "\(SVG.number($0.0)) \(SVG.number($0.1))" }
    return "<path d=\"M\(points[0]) C\(points[1]), \(points[2]), \(points[3])\" fill=\"none\" stroke=\"\(colour)\" "
      + "stroke-opacity=\"0.75\" stroke-width=\"\(SVG.number(1 + 7 * share))\"\(dash)/>\n"
  }

  private func legend(y: Double, extreme: Double) -> String {
    let blue = FigureColour.diverging(-1).hex
    let orange = FigureColour.diverging(1).hex
    return SVG.line(from: (left, y), to: (left + 30, y), stroke: blue, width: 4, dashed: true)
      + SVG.text(text.words("figure.graph-lowers"), x: left + 36, y: y + 4, size: 11)
      + SVG.line(from: (left, y + 16), to: (left + 30, y + 16), stroke: orange, width: 4)
      + SVG.text(text.words("figure.graph-raises"), x: left + 36, y: y + 20, size: 11)
      + SVG.text(
        text.words("figure.graph-widest", ["value": .text(text.fixed(extreme)), "unit": .text(unit)]), x: left,
        y: y + 36, size: 11)
  }
}
