import Foundation
import Testing

@testable import Analysis
@testable import Reports

@Suite("Figures")
struct FigureTests {
  private let empty = Table(caption: "c", header: ["a"], alignment: [.left], rows: [])

  private func variants(_ drawing: Drawing) throws -> [SVG.Variant] {
    try SVG(text: InterfaceText.english()).variants(
      of: Figure(id: "fig", caption: "Caption", alternative: "Alternative", drawing: drawing, data: empty))
  }

  @Test("black or white text reaches a contrast of 4.5 on every shade of the palette")
  func contrast() {
    for step in -100...100 {
      let colour = FigureColour.diverging(Double(step) / 100)
      #expect(colour.contrast(with: colour.readable) >= 4.5)
    }
  }

  @Test("the contrast ratio is WCAG's: 21 for black on white, 4.54 for #767676 on white")
  func wcagContrast() {
    #expect(abs(FigureColour.ink.contrast(with: .white) - 21) < 1e-9)
    let grey = FigureColour(red: 0x76, green: 0x76, blue: 0x76)
    #expect(abs(grey.contrast(with: .white) - 4.54) < 0.005)
  }

  @Test("the two ends differ in blue against orange and the middle is white")
  func palette() {
    #expect(FigureColour.diverging(0) == .white)
    #expect(FigureColour.diverging(-1).blue > FigureColour.diverging(-1).red)
    #expect(FigureColour.diverging(1).red > FigureColour.diverging(1).blue)
    #expect(FigureColour.diverging(7) == FigureColour.diverging(1))
  }

  @Test(
    "names of versions do not cover each other, however many and long they are and however narrow the page",
    arguments: [1, 3, 6, 12, 40], [300.0, 640])
  func versionNames(count: Int, width: Double) throws {
    let versions = (1...count).map { "2026.11.\($0)-rc" }
    let point = HistoryDrawing.Point(value: 0.5, low: 0.4, high: 0.6)
    let series = HistoryDrawing.Series(label: "all", points: versions.map { _ in point })
    let content = try HistoryPlot(
      drawing: HistoryDrawing(versions: versions, series: [series], reference: nil, unit: "share"), width: width,
      text: .english()
    ).drawn().content
    let names = content.matches(of: /<text x="([0-9.]+)" y="([0-9.]+)"[^>]*>(2026[^<]*)</).map {
      (x: Double($0.1) ?? 0, y: Double($0.2) ?? 0, length: $0.3.count)
    }
    #expect(!names.isEmpty && names.count <= count)
    #expect(count > 3 || names.count == count)
    for (place, name) in names.enumerated() {
      // Digits of common sans-serif faces are 0.56 em wide, and nothing here is wider: 6.2 of 11 pixels.
      for other in names[(place + 1)...] where other.y == name.y {
        #expect(abs(other.x - name.x) >= 6.2 * Double(max(name.length, other.length)))
      }
    }
  }

  @Test("a heat map prints every value with its sign, a dash where there is none, and outlines what is marked")
  func heatMap() throws {
    let drawn = try variants(
      .heatMap(
        rows: ["L0", "L1"], columns: ["H0", "MLP"], values: [[-0.5, 0.1234], [nil, 0]], unit: "logits",
        marked: [.init(row: 1, column: 0)]))
    #expect(drawn.map(\.cssClass) == ["map wide", "map narrow"])
    let reader = try #require(MarkupReader(drawn[0].svg))
    for text in ["−0.500", "+0.123", "–", ">0.000<", "logits"] {
      #expect(drawn[0].svg.contains(text))
    }
    #expect(reader.elements.count { $0.name == "rect" && $0.attributes["fill"] == "none" } == 2)
    // The largest size, 0.5, takes the full colour; +0.1234 is about a quarter of the way to orange.
    #expect(drawn[0].svg.contains("fill=\"\(FigureColour.diverging(-1).hex)\""))
    #expect(drawn[0].svg.contains("fill=\"\(FigureColour.diverging(0.1234 / 0.5).hex)\""))
  }

  @Test("a token strip stays within its width and keeps every token, in both forms")
  func tokens() throws {
    let tokens = (0..<60).map { $0 % 3 == 0 ? " word\($0)" : "p\($0)" }
    let drawn = try variants(.tokens(tokens: tokens, values: tokens.indices.map { sin(Double($0)) }, unit: "logits"))
    #expect(drawn.map(\.cssClass) == ["wide", "narrow"])
    for (variant, width) in zip(drawn, [640.0, 300.0]) {
      let reader = try #require(MarkupReader(variant.svg))
      let boxes = reader.elements.filter { $0.name == "rect" }
      #expect(boxes.count == 60)
      for box in boxes {
        let x = try #require(Double(box.attributes["x"] ?? ""))
        let boxWidth = try #require(Double(box.attributes["width"] ?? ""))
        #expect(x >= 0 && x + boxWidth <= width)
      }
      for token in tokens { #expect(variant.svg.contains(">\(token.trimmingCharacters(in: .whitespaces))<")) }
    }
  }

  @Test("an interval plot puts low, point and high in order on the axis, inside the plot")
  func intervals() throws {
    let drawn = try variants(
      .intervals(
        labels: ["all", "female"], estimates: [(0.805, 0.745, 0.854), (0.755, 0.619, 0.854)], reference: 0.805,
        unit: "share"))
    for (variant, width) in zip(drawn, [640.0, 300.0]) {
      let reader = try #require(MarkupReader(variant.svg))
      let points = try reader.elements.filter { $0.name == "circle" }.map {
        try #require(Double($0.attributes["cx"] ?? ""))
      }
      #expect(points.count == 2 && points[0] > points[1])
      #expect(points.allSatisfy { $0 > 0 && $0 < width })
      let dashed = reader.elements.filter { $0.attributes["stroke-dasharray"] != nil }
      #expect(dashed.count == 1)
      #expect(dashed.first.flatMap { Double($0.attributes["x1"] ?? "") } == points[0])
      #expect(variant.svg.contains("0.755 (0.619 to 0.854)"))
    }
  }

  @Test(
    "an axis has at most seven round ticks that cover its values",
    arguments: [
      [0.0, 1.0], [-0.19, 0.0], [0.61, 0.86], [5, 5], [0, 0], [-1e-7, 2e-7], [1e6, 3e6], [0.1, 0.9, 0.5], [3],
    ])
  func axes(_ values: [Double]) throws {
    let axis = Axis(covering: values)
    #expect((2...8).contains(axis.ticks.count))
    #expect(try axis.low <= #require(values.min()) + 1e-12)
    #expect(try axis.high >= #require(values.max()) - 1e-12)
    let mantissa = axis.step / pow(10, floor(log10(axis.step) + 1e-9))
    #expect([1.0, 2, 5].contains { abs($0 - mantissa) < 1e-6 })
  }

  @Test("each drawing is an image with title and description, and its ids are its own")
  func accessibility() throws {
    let drawn = try variants(.tokens(tokens: ["a"], values: [1], unit: "logits"))
    var ids: [String] = []
    for variant in drawn {
      let reader = try #require(MarkupReader(variant.svg))
      let svg = try #require(reader.elements.first { $0.name == "svg" })
      #expect(svg.attributes["role"] == "img")
      let title = try #require(reader.elements.first { $0.name == "title" }?.attributes["id"])
      let description = try #require(reader.elements.first { $0.name == "desc" }?.attributes["id"])
      #expect(svg.attributes["aria-labelledby"] == title && svg.attributes["aria-describedby"] == description)
      ids += [title, description]
    }
    #expect(Set(ids).count == 4)
  }

  @Test("a token of a million characters is shortened in the drawing")
  func longToken() throws {
    let drawn = try variants(.tokens(tokens: [String(repeating: "x", count: 1_000_000)], values: [1], unit: "logits"))
    #expect(drawn.allSatisfy { $0.svg.count < 4000 })
  }
}

@Suite("Printed numbers")
struct RenderNumbersTests {
  @Test("minus signs are true minus signs and a rounded zero has none")
  func signs() {
    #expect(Numbers.fixed(-0.1684) == "−0.168")
    #expect(Numbers.fixed(-0.0001) == "0.000")
    #expect(Numbers.fixed(0.5, 1, signed: true) == "+0.5")
    #expect(Numbers.fixed(.nan) == "not finite")
  }

  @Test("shares have one decimal, counts their n and interval")
  func shares() throws {
    let share = Estimate(value: 0.045, low: 0.0239, high: 0.0832, confidence: 0.95, n: 200, method: "Wilson")
    #expect(Numbers.percent(0.805) == "80.5\u{A0}%")
    let text = "9 of 200 (4.5\u{A0}%, 95\u{A0}% interval 2.4\u{A0}%\u{A0}to\u{A0}8.3\u{A0}%)"
    #expect(try InterfaceText.english().proportion(Proportion(count: 9, share: share)) == text)
    #expect(Numbers.level(0.995) == "99.5\u{A0}%")
  }

  @Test("small numbers have three significant digits")
  func precise() {
    #expect(Numbers.precise(0) == "0")
    #expect(Numbers.precise(0.01324) == "0.0132")
    #expect(Numbers.precise(-12.345) == "−12.3")
    #expect(Numbers.precise(2.441e-4) == "2.44\u{A0}×\u{A0}10⁻⁴")
  }

  @Test("counts are grouped by three")
  func counts() {
    #expect(Numbers.count(878_848) == "878\u{202F}848")
    #expect(Numbers.count(12) == "12")
    #expect(Numbers.count(-1_000) == "−1\u{202F}000")
  }
}
