/// Tokens in reading order on shaded boxes, wrapped to a width. A token without a leading space touches the one before
/// it; the values of the tokens that matter most are printed below them.
struct TokenStrip {
  let tokens: [String]
  let values: [Double]
  let unit: String
  let width: Double
  let text: InterfaceText

  private let size = 13.0
  private let advance = 7.9
  private let lineHeight = 40.0
  /// A drawing shows at most this many characters of one token; the data table has the rest.
  private let longestToken = 28

  /// The strip with its legend.
  func drawn() -> SVG.Canvas {
    let largest = values.map(abs).max() ?? 0
    let printed = threshold(largest)
    var content = ""
    var x = 2.0
    var y = 6.0
    for (index, token) in tokens.enumerated() {
      let shown = shown(token)
      let boxWidth = max(12, Double(TerminalText.columns(of: shown)) * advance + 6)
      if index > 0 && startsWord(token) { x += 5 }
      if x > 2 && x + boxWidth > width - 2 {
        x = 2
        y += lineHeight
      }
      let value = values[index]
      let colour = FigureColour.diverging(largest > 0 ? value / largest : 0)
      content += SVG.rectangle(
        x: x, y: y, width: boxWidth, height: 20, fill: colour.hex, stroke: "#8a8a8a", strokeWidth: 0.5, corner: 2)
      content += SVG.text(
        shown, x: x + boxWidth / 2, y: y + 14.5, size: size, anchor: "middle", fill: colour.readable.hex,
        family: "ui-monospace, monospace", fitted: shown.isEmpty ? nil : boxWidth - 6)
      if abs(value) >= printed && value != 0 {
        content += SVG.text(
          text.fixed(value, 2, signed: true), x: x + boxWidth / 2, y: y + 31, size: 10, anchor: "middle",
          fill: "#333333")
      }
      x += boxWidth
    }
    let bottom = y + lineHeight
    let key = [
      text.words("figure.token-legend", ["unit": .text(unit)]),
      text.words("figure.largest", ["value": .text(text.fixed(largest))]),
    ]
    content += SVG.text(key[0], x: 2, y: bottom + 6, size: 11)
    content += SVG.text(key[1], x: 2, y: bottom + 20, size: 11)
    return SVG.Canvas(width: width, height: bottom + 26, content: content)
  }

  /// Values at or above this are printed: the eight largest at most, none below a tenth of the largest.
  private func threshold(_ largest: Double) -> Double {
    let sizes = values.map(abs).sorted(by: >)
    return max(largest / 10, sizes.count > 8 ? sizes[7] : 0)
  }

  private func startsWord(_ token: String) -> Bool { token.unicodeScalars.first?.properties.isWhitespace ?? true }

  private func shown(_ token: String) -> String {
    let lines = PlainText.visible(token).replacingScalars("\n", with: "↵").replacingScalars("\t", with: "⇥")
    let trimmed = lines.unicodeScalars.drop { $0 == " " }
    let text = trimmed.isEmpty ? String(repeating: "␣", count: lines.unicodeScalars.count) : String(trimmed)
    return PlainText.shortened(text, to: longestToken)
  }
}
