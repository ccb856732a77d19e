/// A grid of values around 0: colour for the eye, the printed value for everybody, an outline for marked cells.
struct HeatMap {
  let rows: [String]
  let columns: [String]
  let values: [[Double?]]
  let unit: String
  let marked: Set<Drawing.Cell>
  let text: InterfaceText
  /// 1 for a phone; text and cells grow with it.
  let scale: Double

  /// A drawing shows at most this many characters of a label; the data table has the rest.
  private static let longestLabel = 28

  private var fontSize: Double { 11 * scale }
  private var cellHeight: Double { 30 * scale }
  private var top: Double { 26 * scale }

  /// Cells are as wide as the widest value needs, so that no text is ever scaled down.
  func drawn() -> SVG.Canvas {
    let rows = rows.map { PlainText.shortened(PlainText.oneLine($0), to: Self.longestLabel) }
    let columns = columns.map { PlainText.shortened(PlainText.oneLine($0), to: Self.longestLabel) }
    let texts = values.map { $0.map { $0.map { text.fixed($0, signed: true) } ?? "–" } }
    let longest = (texts.joined().map(\.count) + columns.map(\.count)).max() ?? 1
    let cellWidth = max(44, Double(longest) * 6.6 + 6) * scale
    let left = Double(rows.map(\.count).max() ?? 1) * 7 * scale + 8
    let extreme = largest
    var content = ""
    for (column, label) in columns.enumerated() {
      content += SVG.text(
        label, x: left + (Double(column) + 0.5) * cellWidth, y: top - 9, size: fontSize, anchor: "middle")
    }
    for (row, label) in rows.enumerated() {
      let y = top + Double(row) * cellHeight
      content += SVG.text(label, x: left - 6, y: y + cellHeight / 2 + 4, size: fontSize, anchor: "end")
      for column in columns.indices {
        let x = left + Double(column) * cellWidth
        let colour = values[row][column].map { FigureColour.diverging(extreme > 0 ? $0 / extreme : 0) } ?? .white
        content += SVG.rectangle(
          x: x, y: y, width: cellWidth, height: cellHeight, fill: colour.hex, stroke: "#ffffff", strokeWidth: 1)
        content += SVG.text(
          texts[row][column], x: x + cellWidth / 2, y: y + cellHeight / 2 + 4, size: fontSize, anchor: "middle",
          fill: colour.readable.hex)
      }
    }
    for cell in marked.sorted(by: { ($0.row, $0.column) < ($1.row, $1.column) })
    where rows.indices.contains(cell.row) && columns.indices.contains(cell.column) {
      content += SVG.rectangle(
        x: left + Double(cell.column) * cellWidth + 1.5, y: top + Double(cell.row) * cellHeight + 1.5,
        width: cellWidth - 3, height: cellHeight - 3, fill: "none", stroke: "#000000", strokeWidth: 2.5)
    }
    let gridBottom = top + Double(rows.count) * cellHeight
    let width = max(left + Double(columns.count) * cellWidth + 2, left + 190)
    content += legend(x: left, y: gridBottom + 14, extreme: extreme)
    return SVG.Canvas(width: width, height: gridBottom + (marked.isEmpty ? 44 : 60), content: content)
  }

  private var largest: Double { values.joined().compactMap { $0 }.map(abs).max() ?? 0 }

  private func legend(x: Double, y: Double, extreme: Double) -> String {
    let steps = 9
    let width = 180.0 / Double(steps)
    var content = ""
    for step in 0..<steps {
      let share = Double(step) / Double(steps - 1) * 2 - 1
      content += SVG.rectangle(
        x: x + Double(step) * width, y: y, width: width, height: 9, fill: FigureColour.diverging(share).hex,
        stroke: "#767676", strokeWidth: 0.5)
    }
    content += SVG.text(text.fixed(-extreme, signed: true), x: x, y: y + 22, size: 11)
    content += SVG.text("0", x: x + 90, y: y + 22, size: 11, anchor: "middle")
    content += SVG.text(
      "\(text.fixed(extreme, signed: true)) \(unit)", x: x + 180, y: y + 22, size: 11, anchor: "end")
    if !marked.isEmpty {
      content += SVG.rectangle(
        x: x + 1, y: y + 31, width: 14, height: 10, fill: "none", stroke: "#000000", strokeWidth: 2)
      content += SVG.text(text.words("figure.outlined"), x: x + 20, y: y + 40, size: 11)
    }
    return content
  }
}
