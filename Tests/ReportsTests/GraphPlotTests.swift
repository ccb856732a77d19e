import Foundation
import Testing

@testable import Reports

@Suite("The drawn graph")
struct GraphPlotTests {
  private let nodes: [Drawing.GraphNode] = [
    .init(label: "input", row: 0, rowLabel: "input"), .init(label: "L0H1", row: 1, rowLabel: "L0", isMarked: true),
    .init(label: "MLP0", row: 2, rowLabel: "L0"), .init(label: "decision", row: 3, rowLabel: "output"),
  ]
  private let edges: [Drawing.GraphEdge] = [
    .init(from: 0, to: 1, value: -0.4), .init(from: 1, to: 3, value: 0.1), .init(from: 1, to: 2, value: 0),
  ]

  private func figure(_ nodes: [Drawing.GraphNode], _ edges: [Drawing.GraphEdge]) -> Figure {
    Figure(
      id: "fig", caption: "c", alternative: "a", drawing: .graph(nodes: nodes, edges: edges, unit: "logits"),
      data: Table(caption: "c", header: ["a"], alignment: [.left], rows: []))
  }

  @Test("draws a box per part and a line per connection, as wide as its effect is large, dashed where it is negative")
  func drawing() throws {
    for variant in try SVG(text: InterfaceText.english()).variants(of: figure(nodes, edges)) {
      let reader = try #require(MarkupReader(variant.svg))
      #expect(reader.elements.count { $0.name == "rect" } == nodes.count)
      let paths = reader.elements.filter { $0.name == "path" }
      // 1 + 7 × |value| / 0.4, the widest first.
      #expect(paths.map { $0.attributes["stroke-width"] } == ["8", "2.75", "1"])
      #expect(paths.map { $0.attributes["stroke-dasharray"] != nil } == [true, false, false])
      #expect(reader.elements.filter { $0.attributes["stroke-width"] == "2.5" }.count == 1)
      for node in nodes { #expect(variant.svg.contains(">\(node.label)<")) }
      #expect(variant.svg.contains("0.400 logits"))
    }
  }

  @Test("keeps every box inside the drawing, on a phone too, and rows from the top down")
  func layout() throws {
    let wide = (0..<14).map { Drawing.GraphNode(label: "L1H\($0)", row: 1, rowLabel: "L1") }
    let all = [nodes[0]] + wide + [.init(label: "decision", row: 2, rowLabel: "output")]
    for (variant, width) in zip(try SVG(text: InterfaceText.english()).variants(of: figure(all, [])), [640.0, 300]) {
      let reader = try #require(MarkupReader(variant.svg))
      let boxes = reader.elements.filter { $0.name == "rect" }
      var tops: [Double] = []
      for box in boxes {
        let x = try #require(Double(box.attributes["x"] ?? ""))
        let boxWidth = try #require(Double(box.attributes["width"] ?? ""))
        #expect(x >= 0 && x + boxWidth <= width)
        tops.append(try #require(Double(box.attributes["y"] ?? "")))
      }
      #expect(boxes.count == 16 && tops == tops.sorted())
      let places = zip(boxes, tops).map { "\($0.attributes["x"] ?? "") \($1)" }
      #expect(Set(places).count == 16)
    }
  }

  @Test(
    "is refused if a connection leads upwards or to a part that is not there",
    arguments: [
      Drawing.GraphEdge(from: 3, to: 0, value: 1), .init(from: 0, to: 4, value: 1), .init(from: 1, to: 1, value: 1),
    ])
  func refused(_ edge: Drawing.GraphEdge) {
    let document = Document(
      title: "T", subtitle: "", sections: [Section(id: "s", heading: "H", blocks: [.figure(figure(nodes, [edge]))])])
    #expect { try document.check() } throws: { ($0 as? ReportsError)?.code == .notRendered }
  }

  @Test("stands in the dossier with its numbers and the parts it joins")
  func inDossier() throws {
    let folder = try DossierFixtures.folder()
    let project = try DossierFixtures.project(folder)
    let output = try DossierBuilder().build(DossierFixtures.inputs(folder, runs: [MechanismFixtures.run(project)]))
    let page = output.pages("html")
    #expect(page.contains("id=\"behaviour-colour-graph\""))
    #expect(page.contains("the 2 connections with the largest exact effect"))
    #expect(page.contains("L0H1 to logits −0.160"))
    #expect(output.pages("md").contains("| L0H1 | logits | −0.160 |"))
  }
}
