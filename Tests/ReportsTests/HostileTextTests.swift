import Foundation
import Testing

@testable import Analysis
@testable import Evidence
@testable import Project
@testable import Reports

@Suite("Hostile texts in every file")
struct HostileTextTests {
  private typealias Fixtures = DossierFixtures

  /// A statement whose person, function, reason and text are hostile.
  private func statement(_ text: String) -> String {
    func quoted(_ text: String) -> String {
      "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
    }
    return """
      ---
      item: 1(b)
      responsible: \(quoted("R \(text)"))
      function: \(quoted("F \(text)"))
      date: 2026-10-01
      status: final
      not_applicable:
        other-ai-systems: \(quoted("N \(text)"))
      ---
      ## Interaction with hardware or software outside the AI system

      Text \(text)
      """
  }

  @Test(
    "are shown as text in all pages and documents, whoever wrote them",
    arguments: [
      "<script>alert(1)</script>", "[x](javascript:alert(1))", "![i](http://192.0.2.1/i.png)",
      "{{body}} {{{style}}} {% raw %}", "</style></title></svg></main>", "\" onmouseover=\"x\" '", "<!-- c --> ]]>",
      "| a | b |", "\u{202E}txt.exe", "`code` $x^2$ ~~gone~~",
    ])
  func everyFile(_ text: String) throws {
    let yaml = Fixtures.yaml(system: "S \(text)", question: "Q \(text)")
    let folder = try Fixtures.folder(yaml, documentation: ["1-b.md": statement(text)])
    let project = try Fixtures.project(folder)
    var analysis = Fixtures.analysis(project, id: Fixtures.id("1"))
    analysis.record.analysis?.tokenAttributions[0].tokens[1] = text
    analysis.record.machine.processor = "P \(text)"
    var evaluation = Fixtures.evaluation(project, id: Fixtures.id("2"))
    evaluation.record.evaluationPlan?.dataset = "D \(text)"
    evaluation.record.evaluation?.groups[1].name = "G \(text)"
    var inputs = try Fixtures.inputs(folder, runs: [analysis, evaluation])
    inputs.signatures = [.init(run: Fixtures.id("1"), statement: "W \(text)", identity: "I \(text)")]
    let output = try DossierBuilder().build(inputs)
    for (name, content) in output.files where name.hasSuffix(".html") {
      let page = String(decoding: content, as: UTF8.self)
      let reader = try #require(MarkupReader(page), "\(name) is not well formed")
      #expect(
        Set(reader.elements.map(\.name)).isDisjoint(with: ["script", "img", "iframe", "b", "i", "form", "object"]),
        "\(name)")
      #expect(!reader.elements.contains { $0.attributes.keys.contains { $0.hasPrefix("on") } }, "\(name)")
      #expect(!page.contains("\u{202E}"), "\(name)")
      #expect(PlainText.oneLine(reader.text).contains(PlainText.oneLine("S \(text)")), "\(name)")
    }
    for (name, content) in output.files where name.hasSuffix(".md") {
      let text = String(decoding: content, as: UTF8.self)
      let body =
        name == "model-card.md" ? text.split(separator: "---\n", maxSplits: 2).last.map(String.init) ?? "" : text
      let judged = try CmarkJudge.html(body)
      for act in ["<script", "<img", "javascript:alert(1)\"", "onmouseover=\"x\" "] {
        #expect(!judged.contains(act), "\(name): \(act)")
      }
      #expect(!text.contains("\u{202E}"), "\(name)")
    }
  }

  @Test(
    "a megabyte of text in a statement and a token is shown, and drawings stay small", .timeLimit(.minutes(2)))
  func megabyte() throws {
    let long = String(repeating: "x", count: 1_000_000)
    let folder = try Fixtures.folder(
      Fixtures.yaml(system: "S " + String(repeating: "x", count: 190)),
      documentation: ["1-b.md": statement("short").replacing("Text short", with: long)])
    let project = try Fixtures.project(folder)
    var run = Fixtures.analysis(project, id: Fixtures.id("1"))
    run.record.analysis?.tokenAttributions[0].tokens[1] = long
    let output = try DossierBuilder().build(Fixtures.inputs(folder, runs: [run]))
    let page = output.text("dossier.html")
    #expect(page.contains(long))
    let drawings = page.split(separator: "<svg").dropFirst().map {
      $0.prefix { $0 != "§" }.components(separatedBy: "</svg>")[0]
    }
    for drawing in drawings {
      // Title and description are the figure's words; the shapes behind them are what must not grow.
      let shapes = drawing.components(separatedBy: "</desc>").last ?? ""
      #expect(shapes.utf8.count < 100_000)
    }
  }
}
