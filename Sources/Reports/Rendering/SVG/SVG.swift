/// Draws figures as inline SVG: `role="img"`, title and description, ids that are unique in the page, no external font.
struct SVG {
  let text: InterfaceText

  /// One drawing of a figure for a range of screen widths.
  struct Variant: Equatable {
    /// `wide` (from about 44rem, and in print) or `narrow`, with `map` for one that must not be scaled down.
    var cssClass: String
    var svg: String
  }

  /// The drawings of a figure: a wide and a narrow form, of which the style sheet shows one. A heat map keeps its size and
  /// scrolls in its own region if the screen is narrower still.
  func variants(of figure: Figure) -> [Variant] {
    switch figure.drawing {
    case .heatMap(let rows, let columns, let values, let unit, let marked):
      return Self.widths.map { name, width in
        let map = HeatMap(
          rows: rows, columns: columns, values: values, unit: unit, marked: Set(marked), text: text,
          scale: width < 480 ? 1 : 1.3)
        return Variant(cssClass: "map \(name)", svg: frame(map.drawn(), figure, suffix: name))
      }
    case .tokens(let tokens, let values, let unit):
      return Self.widths.map { name, width in
        let strip = TokenStrip(tokens: tokens, values: values, unit: unit, width: width, text: text)
        return Variant(cssClass: name, svg: frame(strip.drawn(), figure, suffix: name))
      }
    case .intervals(let labels, let estimates, let reference, let unit):
      return Self.widths.map { name, width in
        let plot = IntervalPlot(
          labels: labels, estimates: estimates, reference: reference, unit: unit, width: width, text: text)
        return Variant(cssClass: name, svg: frame(plot.drawn(), figure, suffix: name))
      }
    case .graph(let nodes, let edges, let unit):
      return Self.widths.map { name, width in
        let plot = GraphPlot(nodes: nodes, edges: edges, unit: unit, width: width, text: text)
        return Variant(cssClass: name, svg: frame(plot.drawn(), figure, suffix: name))
      }
    case .circuits(let drawing):
      return Self.widths.map { name, width in
        Variant(
          cssClass: name,
          svg: frame(CircuitPlot(drawing: drawing, width: width, text: text).drawn(), figure, suffix: name))
      }
    case .history(let drawing):
      return Self.widths.map { name, width in
        Variant(
          cssClass: name,
          svg: frame(HistoryPlot(drawing: drawing, width: width, text: text).drawn(), figure, suffix: name))
      }
    }
  }

  static let widths: [(String, Double)] = [("wide", 640), ("narrow", 300)]

  /// What a drawing returns: its size and its content.
  struct Canvas {
    var width: Double
    var height: Double
    var content: String
  }

  private func frame(_ canvas: Canvas, _ figure: Figure, suffix: String) -> String {
    let id = "\(figure.id)-\(suffix)"
    let (width, height) = (Self.number(canvas.width.rounded(.up)), Self.number(canvas.height.rounded(.up)))
    return """
      <svg role="img" aria-labelledby="\(id)-title" aria-describedby="\(id)-desc" viewBox="0 0 \(width) \(height)" \
      width="\(width)" height="\(height)" xmlns="http://www.w3.org/2000/svg">
      <title id="\(id)-title">\(PlainText.html(figure.caption))</title>
      <desc id="\(id)-desc">\(PlainText.html(figure.alternative))</desc>
      \(canvas.content)</svg>
      """
  }

  /// A coordinate with at most two decimals and no needless zeros.
  static func number(_ value: Double) -> String {
    var text = Numbers.fixed(value, 2).replacing("−", with: "-")
    while text.contains("."), text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  /// A text element.
  static func text(
    _ text: String, x: Double, y: Double, size: Double = 12, anchor: String = "start", fill: String = "#1b1b1b",
    family: String = "sans-serif", haloed: Bool = false, fitted width: Double? = nil
  ) -> String {
    let fit = width.map { " textLength=\"\(number($0))\" lengthAdjust=\"spacingAndGlyphs\"" } ?? ""
    // A white edge keeps text readable where a line passes behind it.
    let halo = haloed ? " class=\"halo\" stroke=\"#ffffff\" stroke-width=\"4\"" : ""
    return "<text x=\"\(number(x))\" y=\"\(number(y))\" font-size=\"\(number(size))\" font-family=\"\(family)\" "
      + "text-anchor=\"\(anchor)\" fill=\"\(fill)\"\(halo)\(fit)>\(PlainText.html(text))</text>\n"
  }

  /// A rectangle.
  static func rectangle(
    x: Double, y: Double, width: Double, height: Double, fill: String, stroke: String? = nil, strokeWidth: Double = 1,
    corner: Double = 0
  ) -> String {
    let edge = stroke.map { " stroke=\"\($0)\" stroke-width=\"\(number(strokeWidth))\"" } ?? ""
    let round = corner > 0 ? " rx=\"\(number(corner))\"" : ""
    return "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" height=\"\(number(height))\" "
      + "fill=\"\(fill)\"\(edge)\(round)/>\n"
  }

  /// A straight line.
  static func line(
    from start: (Double, Double), to end: (Double, Double), stroke: String, width: Double = 1, dashed: Bool = false
  ) -> String {
    let dash = dashed ? " stroke-dasharray=\"4 3\"" : ""
    return "<line x1=\"\(number(start.0))\" y1=\"\(number(start.1))\" x2=\"\(number(end.0))\" y2=\"\(number(end.1))\" "
      + "stroke=\"\(stroke)\" stroke-width=\"\(number(width))\"\(dash)/>\n"
  }
}
