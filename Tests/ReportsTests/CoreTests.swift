import Foundation
import Testing

@testable import Analysis
@testable import Evidence
@testable import Project
@testable import Reports

@Suite("The dossier's core and its annexes")
struct CoreTests {
  private typealias Fixtures = DossierFixtures

  private func output() throws -> DossierBuilder.Output {
    let folder = try Fixtures.folder()
    let project = try Fixtures.project(folder)
    return try DossierBuilder().build(
      Fixtures.inputs(
        folder, version: "1.1",
        runs: [
          Fixtures.analysis(project, id: Fixtures.id("1")), Fixtures.evaluation(project, id: Fixtures.id("2")),
          Fixtures.analysis(project, id: Fixtures.id("3"), version: "1.1"),
        ]))
  }

  @Test("the core has every element of Annex IV, every gap with its owner and file, and every limit")
  func nothingLost() throws {
    let output = try output()
    let core = output.text("dossier.html")
    var gaps = 0
    for item in output.status.items {
      for status in item.elements {
        let anchor = "id=\"\(item.item.anchor)-\(status.element.id.slug)\""
        #expect(core.components(separatedBy: anchor).count == 2, "\(anchor)")
        guard case .missing(let gap) = status.state else { continue }
        gaps += 1
        let start = try #require(core.range(of: anchor)).upperBound
        let line = core[start...].prefix { $0 != "\n" }
        #expect(line.contains(PlainText.html(status.element.title)) && line.contains(PlainText.html(gap.owner)))
        #expect(line.contains(PlainText.html(gap.file)))
      }
    }
    #expect(gaps == output.dossier.counts.missing && gaps > 0)
    let limits = try InterfaceText.english().limits
    #expect(limits.count > 5)
    for limit in limits {
      #expect(core.contains(PlainText.html(limit.title)) && core.contains(PlainText.html(limit.text)))
    }
  }

  @Test("the first page answers in the order of an officer's questions, in words of ordinary use")
  func firstPage() throws {
    let output = try output()
    let sections = output.pages.pages[0].document.sections
    #expect(sections.prefix(2).map(\.id) == ["about", "in-brief"])
    #expect(
      sections[1].sections.map(\.id)
        == ["brief-decisions", "brief-groups", "brief-changes", "brief-missing", "brief-next"])
    let said = sections.prefix(2).map(\.words).joined(separator: "\n").lowercased()
    for word in ["logit", "null", "node", "circuit", "head ", "mlp", "bootstrap", "patching", "faithful", "token"] {
      #expect(!said.contains(word), "the first page says '\(word)'")
    }
  }

  @Test("the first page says which pairs and records stand in no number, and that the engine failed a check of itself")
  func leftOut() throws {
    let folder = try Fixtures.folder()
    let project = try Fixtures.project(folder)
    var analysis = Fixtures.analysis(project, id: Fixtures.id("1"))
    var evaluation = Fixtures.evaluation(project, id: Fixtures.id("2"))
    func page() throws -> String {
      let output = try DossierBuilder().build(Fixtures.inputs(folder, runs: [analysis, evaluation]))
      return output.pages.pages[0].document.sections.prefix(2).map(\.words).joined(separator: "\n")
    }
    let before = try page()
    #expect(!before.contains("could not be") && !before.contains("check failed"))
    analysis.record.refusals.append(Refusal(pair: "first", reason: .badPrompt, scope: .pair, detail: "empty"))
    evaluation.record.refusals.append(Refusal(pair: "record 9", reason: .badPrompt, scope: .pair, detail: "empty"))
    analysis.record.selfTests.append(SelfTest(name: "no-op", outcome: .failed, measured: 1, limit: 0, detail: "d"))
    let after = try page()
    #expect(
      after.contains("1 pair of 3 could not be measured and stands in no number of this row: colour = blue instead of"))
    #expect(after.contains("1 record could not be scored and stands in no number here"))
    #expect(
      after.contains("At least one check failed. Do not rely on the numbers of the run concerned. (run\u{A0}00000001)"))
  }

  @Test(
    "where the evaluation decides at a threshold of its own, the table of decisions says that its decisions are others")
  func threshold() throws {
    for (threshold, isSaid) in [("0", false), ("1.5", true)] {
      let folder = try Fixtures.folder(
        Fixtures.yaml().replacing("groups: [shape]", with: "groups: [shape]\n  threshold: \(threshold)"))
      let project = try Fixtures.project(folder)
      let output = try DossierBuilder().build(
        Fixtures.inputs(
          folder,
          runs: [
            Fixtures.analysis(project, id: Fixtures.id("1")), Fixtures.evaluation(project, id: Fixtures.id("2")),
          ]))
      let said = try #require(output.section("in-brief")).words
      #expect(said.contains("at its threshold 1.50 in vitrine.yaml") == isSaid, "\(threshold)")
    }
  }

  @Test("what changed begins with what lies outside the declared limits, a limit that nothing answers among it")
  func outsideTheLimits() throws {
    let limit = "changes:\n  may_change: [weights]\n  envelope:\n    - {measure: accuracy, from: -0.05, to: 1}\n"
    for (declared, said) in [
      ("", "declares no limits of change"), (limit, "1 change is not shown to lie within the limits that vitrine.yaml"),
    ] {
      let folder = try Fixtures.folder(Fixtures.yaml() + "\n" + declared)
      let project = try Fixtures.project(folder)
      let output = try DossierBuilder().build(
        Fixtures.inputs(
          folder, version: "1.1",
          runs: [
            Fixtures.analysis(project, id: Fixtures.id("1")), Fixtures.evaluation(project, id: Fixtures.id("2")),
            Fixtures.analysis(project, id: Fixtures.id("3"), version: "1.1"),
          ]))
      let brief = try #require(output.section("in-brief"))
      let changes = try #require(brief.sections.first { $0.id == "brief-changes" })
      #expect(changes.words.contains(said), "\(changes.words)")
      let next = try #require(brief.sections.first { $0.id == "brief-next" })
      #expect(next.words.contains("was foreseen (1 change), and let") == !declared.isEmpty, "\(next.words)")
    }
  }

  @Test("every number of the first page's tables has its run in the row, and the run's entry is one click away")
  func runsInRows() throws {
    let output = try output()
    let brief = try #require(output.section("in-brief"))
    var links = 0
    for section in brief.sections where section.id != "brief-missing" {
      for case .table(let table) in section.blocks {
        for row in table.rows {
          let runs = row.joined().compactMap { inline -> String? in
            if case .link(_, let target) = inline, target.hasPrefix("#run-") { target } else { nil }
          }
          #expect(!runs.isEmpty, "\(row.map(\.plainText))")
          links += runs.count
        }
      }
    }
    #expect(links > 0)
    let html = output.text("dossier.html")
    #expect(html.contains("href=\"traceability.html#run-") && !html.contains("href=\"#run-"))
    #expect(output.text("dossier.md").contains("](traceability.md#run-"))
    for run in output.dossier.runs {
      #expect(output.text("traceability.html").contains("id=\"\(RunNames.anchor(run.id))\""))
    }
  }

  @Test("every link between pages leads to a place that is there", arguments: ["html", "md"])
  func links(_ ending: String) throws {
    let output = try output()
    let names = Set(output.files.map(\.name))
    var crossing = 0
    for file in output.files where file.name.hasSuffix(".\(ending)") {
      let text = String(decoding: file.content, as: UTF8.self)
      let pattern = ending == "html" ? "href=\"([^\"]*)\"" : "\\]\\(([^)]*)\\)"
      let regex = try NSRegularExpression(pattern: pattern)
      for match in regex.matches(in: text, range: NSRange(text.startIndex..., in: text)) {
        let target = String(text[try #require(Range(match.range(at: 1), in: text))])
        let parts = target.components(separatedBy: "#")
        let page = parts[0].isEmpty ? file.name : parts[0]
        guard page.hasSuffix(".\(ending)") || parts[0].isEmpty else { continue }
        #expect(names.contains(page), "\(file.name) links to \(target)")
        guard parts.count == 2, parts[1] != "content" else { continue }
        #expect(output.text(page).contains("id=\"\(parts[1])\""), "\(file.name) links to \(target)")
        crossing += parts[0].isEmpty ? 0 : 1
      }
    }
    #expect(crossing > 10)
  }

  @Test("one anchor on two pages is refused")
  func twice() {
    let page = Document(title: "t", subtitle: "", sections: [Section(id: "same", heading: "h")])
    #expect(throws: ReportsError.self) { try LinkedPages([("a", page), ("b", page)]) }
  }
}
