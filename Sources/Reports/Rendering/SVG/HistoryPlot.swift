/// Values over versions: one line for each series, its points with their intervals. Series differ in dash and marker
/// too.
struct HistoryPlot {
  let drawing: HistoryDrawing
  let width: Double
  let text: InterfaceText

  private let top = 8.0
  private let plotHeight = 190.0
  private let left = 52.0

  private static let styles = [
    (colour: "#1f5a99", dash: ""), (colour: "#b35806", dash: "6 3"), (colour: "#3c7d3c", dash: "2 3"),
    (colour: "#7b3f98", dash: "9 3 2 3"), (colour: "#4d4d4d", dash: "12 4"), (colour: "#a8324a", dash: "1 2"),
  ]

  /// The lines over their axes, and the legend.
  func drawn() -> SVG.Canvas {
    let points = drawing.series.flatMap { $0.points.compactMap { $0 } }
    let axis = Axis(
      covering: points.flatMap { [$0.low, $0.high, $0.value] } + (drawing.reference.map { [$0] } ?? []))
    let bottom = top + plotHeight
    func y(_ value: Double) -> Double { bottom - (value - axis.low) / (axis.high - axis.low) * plotHeight }
    var content = ""
    for tick in axis.ticks {
      content += SVG.line(from: (left, y(tick)), to: (width - 8, y(tick)), stroke: "#d9d9d9")
      content += SVG.text(axis.label(tick, text), x: left - 6, y: y(tick) + 4, size: 11, anchor: "end")
    }
    if let reference = drawing.reference {
      content += SVG.line(
        from: (left, y(reference)), to: (width - 8, y(reference)), stroke: "#1b1b1b", width: 1.2, dashed: true)
    }
    let names = versionNames
    for (place, version) in names.labels.enumerated() where place % names.every == 0 {
      let row = place / names.every % names.rows
      content += SVG.text(
        version, x: left + (Double(place) + 0.5) * step, y: bottom + 16 + Double(row) * 14, size: 11, anchor: "middle")
    }
    for (number, series) in drawing.series.enumerated() { content += drawn(series, number, y) }
    content += SVG.line(from: (left, bottom), to: (width - 8, bottom), stroke: "#1b1b1b")
    let legend = bottom + Double(names.rows - 1) * 14
    content += SVG.text(drawing.unit, x: left, y: legend + 32, size: 11)
    for (number, series) in drawing.series.enumerated() {
      let line = legend + 48 + Double(number) * 17
      content += stroke([(left, line - 4), (left + 26, line - 4)], Self.style(number))
      content += marker(number, at: (left + 13, line - 4))
      content += SVG.text(PlainText.shortened(series.label, to: 40), x: left + 34, y: line, size: 11)
    }
    return SVG.Canvas(
      width: width, height: legend + 46 + Double(drawing.series.count) * 17, content: content)
  }

  /// The space of one version.
  private var step: Double { (width - left - 8) / Double(max(1, drawing.versions.count)) }

  /// The versions' names in up to three rows, so that none covers its neighbour; of very many every second, third … one is
  /// named, and the data table names all.
  private var versionNames: (labels: [String], rows: Int, every: Int) {
    let labels = drawing.versions.map { PlainText.shortened($0, to: 12) }
    // A character of 11 pixels in a common sans-serif face is hardly wider than 7.
    let widest = 8 + 7 * Double(labels.map(\.count).max() ?? 0)
    let rows = min(3, max(1, Int((widest / step).rounded(.up))))
    return (labels, rows, max(1, Int((widest / (step * Double(rows))).rounded(.up))))
  }

  private static func style(_ number: Int) -> (colour: String, dash: String) { styles[number % styles.count] }

  /// Series stand a little beside each other, so that intervals do not cover each other.
  private func x(_ place: Int, _ number: Int) -> Double {
    let offset =
      (Double(number) - Double(drawing.series.count - 1) / 2) * min(7, step / Double(drawing.series.count + 2))
    return left + (Double(place) + 0.5) * step + (drawing.series.count > 1 ? offset : 0)
  }

  private func drawn(_ series: HistoryDrawing.Series, _ number: Int, _ y: (Double) -> Double) -> String {
    let style = Self.style(number)
    var content = ""
    var line: [(Double, Double)] = []
    for (place, point) in series.points.enumerated() {
      guard let point else {
        content += stroke(line, style)
        line = []
        continue
      }
      let x = x(place, number)
      content += SVG.line(from: (x, y(point.low)), to: (x, y(point.high)), stroke: style.colour, width: 1.5)
      content += marker(number, at: (x, y(point.value)))
      line.append((x, y(point.value)))
    }
    return stroke(line, style) + content
  }

  private func stroke(_ points: [(Double, Double)], _ style: (colour: String, dash: String)) -> String {
    guard points.count > 1 else { return "" }
    let path = points.map { "\(SVG.number($0.0)),\(SVG.number($0.1))" }.joined(separator: " ")
    let dash = style.dash.isEmpty ? "" : " stroke-dasharray=\"\(style.dash)\""
    return "<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(style.colour)\" stroke-width=\"2\"\(dash)/>\n"
  }

  private func marker(_ number: Int, at place: (Double, Double)) -> String {
    let colour = Self.style(number).colour
    let (x, y) = (SVG.number(place.0), SVG.number(place.1))
    switch number % 3 {
    case 0: return "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"4\" fill=\"\(colour)\"/>\n"
    case 1: return SVG.rectangle(x: place.0 - 4, y: place.1 - 4, width: 8, height: 8, fill: colour)
    default:
      let corners = [(0.0, -5.0), (5, 4), (-5, 4)].map {
        "\(SVG.number(place.0 + $0.0)),\(SVG.number(place.1 + $0.1))"
      }
      return "<polygon points=\"\(corners.joined(separator: " "))\" fill=\"\(colour)\"/>\n"
    }
  }
}
