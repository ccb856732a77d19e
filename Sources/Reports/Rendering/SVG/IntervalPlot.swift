import Foundation

/// One point with its interval per row on a common axis; a dashed line stands at the reference.
struct IntervalPlot {
  let labels: [String]
  let estimates: [(value: Double, low: Double, high: Double)]
  let reference: Double?
  let unit: String
  let width: Double
  let text: InterfaceText

  private var isStacked: Bool { width < 480 }
  private var rowHeight: Double { isStacked ? 40 : 26 }
  private var plotLeft: Double { isStacked ? 8 : 190 }
  private var plotRight: Double { isStacked ? width - 8 : width - 170 }
  private let top = 6.0

  /// Rows above the axis.
  func drawn() -> SVG.Canvas {
    let axis = Axis(covering: estimates.flatMap { [$0.low, $0.high, $0.value] } + (reference.map { [$0] } ?? []))
    let bottom = top + Double(labels.count) * rowHeight
    var content = ""
    for tick in axis.ticks {
      let x = position(tick, axis)
      content += SVG.line(from: (x, top), to: (x, bottom), stroke: "#d9d9d9")
      content += SVG.text(axis.label(tick, text), x: x, y: bottom + 15, size: 11, anchor: anchor(of: tick, axis))
    }
    if let reference {
      let x = position(reference, axis)
      content += SVG.line(from: (x, top), to: (x, bottom), stroke: "#1b1b1b", width: 1.2, dashed: true)
    }
    for (row, label) in labels.enumerated() { content += drawnRow(row, label, axis) }
    content += SVG.line(from: (plotLeft, bottom), to: (plotRight, bottom), stroke: "#1b1b1b")
    content += SVG.text(unit, x: (plotLeft + plotRight) / 2, y: bottom + 31, size: 11, anchor: "middle")
    return SVG.Canvas(width: width, height: bottom + 40, content: content)
  }

  private func drawnRow(_ row: Int, _ label: String, _ axis: Axis) -> String {
    let estimate = estimates[row]
    let start = top + Double(row) * rowHeight
    let y = start + (isStacked ? 28 : rowHeight / 2)
    let textY = isStacked ? start + 13 : y + 4
    // Percentage points need no more than one decimal.
    let decimals = axis.step >= 5 ? 1 : 3
    let words = text.words(
      "figure.value-with-range",
      [
        "value": .text(text.fixed(estimate.value, decimals)), "low": .text(text.fixed(estimate.low, decimals)),
        "high": .text(text.fixed(estimate.high, decimals)),
      ])
    let name = PlainText.shortened(PlainText.oneLine(label), to: isStacked ? 24 : 28)
    let (low, high) = (position(estimate.low, axis), position(estimate.high, axis))
    let point = position(estimate.value, axis)
    var content = SVG.text(
      name, x: isStacked ? plotLeft : plotLeft - 12, y: textY, anchor: isStacked ? "start" : "end", haloed: isStacked)
    content += SVG.text(words, x: width - 4, y: textY, size: isStacked ? 11 : 12, anchor: "end", haloed: isStacked)
    content += SVG.line(from: (low, y), to: (high, y), stroke: "#1f5a99", width: 2)
    for end in [low, high] { content += SVG.line(from: (end, y - 4), to: (end, y + 4), stroke: "#1f5a99", width: 2) }
    content += "<circle cx=\"\(SVG.number(point))\" cy=\"\(SVG.number(y))\" r=\"4\" fill=\"#1f5a99\"/>\n"
    return content
  }

  private func position(_ value: Double, _ axis: Axis) -> Double {
    plotLeft + (value - axis.low) / (axis.high - axis.low) * (plotRight - plotLeft)
  }

  private func anchor(of tick: Double, _ axis: Axis) -> String {
    guard isStacked else { return "middle" }
    return tick == axis.ticks.first ? "start" : tick == axis.ticks.last ? "end" : "middle"
  }
}

/// An axis with round ticks that covers all values.
struct Axis: Equatable {
  let low: Double
  let high: Double
  let step: Double

  /// An axis from the round number below the smallest to the one above the largest value, with at most seven ticks.
  init(covering values: [Double]) {
    let finite = values.filter { abs($0) < 1e100 }
    let smallest = finite.min() ?? 0
    let largest = finite.max() ?? 1
    let span = largest > smallest ? largest - smallest : max(abs(largest), 1)
    let decade = pow(10, floor(log10(span / 5)))
    let step = [1.0, 2, 5].map { $0 * decade }.first { span / $0 <= 5 } ?? 10 * decade
    self.step = step
    var low = (smallest / step).rounded(.down)
    var high = (largest / step).rounded(.up)
    if low == high {
      low -= 1
      high += 1
    }
    self.low = low * step
    self.high = high * step
  }

  /// The ticks, from `low` to `high`.
  var ticks: [Double] {
    let first = Int((low / step).rounded())
    let last = Int((high / step).rounded())
    return (first...last).map { Double($0) * step }
  }

  /// A tick with as many decimals as the step needs.
  func label(_ tick: Double, _ text: InterfaceText) -> String {
    var decimals = 0
    var unit = step
    while unit < 0.999, decimals < 9 {
      unit *= 10
      decimals += 1
    }
    return text.fixed(tick, decimals)
  }
}
