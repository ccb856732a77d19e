import Foundation
import Testing

@testable import Evidence
@testable import Project
@testable import Reports

@Suite("Traceability, history and age of statements")
struct DossierHistoryTests {
  private typealias Fixtures = DossierFixtures

  private func statement(_ item: String, date: String, versions: String? = nil, text: String = "Words.") -> String {
    """
    ---
    item: "\(item)"
    responsible: Grace Example
    function: Head of Operations
    date: \(date)
    status: final
    \(versions.map { "model_versions: [\($0)]\n" } ?? "")---
    \(text)
    """
  }

  private func dated(_ date: String) -> String {
    Fixtures.yaml().replacing(
      "{folder: model, supersedes: 1.0}", with: "{folder: model, supersedes: 1.0, date: \(date)}")
  }

  @Test("an element leads to statement, person, run and signer, and a finding leads back to its elements")
  func traceability() throws {
    let folder = try Fixtures.folder(documentation: ["4.md": statement("4", date: "2026-10-01")])
    let project = try Fixtures.project(folder)
    var inputs = try Fixtures.inputs(folder, runs: [Fixtures.evaluation(project, id: Fixtures.id("2"))])
    inputs.signatures = [
      .init(run: Fixtures.id("2"), statement: "Ada Example, tester, performed", identity: "not established"),
      .init(run: Fixtures.id("9"), statement: "Somebody else", identity: "not established"),
    ]
    let output = try DossierBuilder().build(inputs)
    let section = try #require(output.section("traceability"))
    let forward = try #require(tables(section.sections[1]).first)
    #expect(forward.rows.count == output.dossier.counts.total)
    let row = try #require(forward.rows.first { $0[0].plainText.hasPrefix("4 ") })
    #expect(
      row.map(\.plainText) == [
        "4 Appropriateness of the performance metrics", "declared", "documentation/4.md:8",
        "Grace Example, Head of Operations, 2026-10-01", "run\u{A0}00000002",
        "Ada Example, tester, performed (not established)",
      ])
    let findings = try #require(tables(section.sections[2]).first)
    let accuracy = try #require(findings.rows.first { $0[0].plainText == "accuracy" })
    #expect(accuracy[3].plainText.contains("2(g) accuracy-metrics"))
    #expect(output.dossier.signers.map(\.run) == [Fixtures.id("2")])
    #expect(!output.text("dossier.html").contains("Somebody else"))
  }

  @Test("both directions of the matrix say the same")
  func agreement() throws {
    let folder = try Fixtures.folder()
    let project = try Fixtures.project(folder)
    let runs = [Fixtures.analysis(project, id: Fixtures.id("1")), Fixtures.evaluation(project, id: Fixtures.id("2"))]
    let output = try DossierBuilder().build(Fixtures.inputs(folder, runs: runs))
    let section = try #require(output.section("traceability"))
    var forward: Set<String> = []
    for item in output.dossier.items {
      for element in item.elements {
        for support in element.support where !support.findings.isEmpty {
          for finding in support.findings { forward.insert("\(support.run) \(finding) \(item.id) \(element.id)") }
        }
      }
    }
    var backward: Set<String> = []
    for (table, run) in zip(tables(section.sections[2]), runs) {
      for row in table.rows where row[3].plainText != "–" {
        for element in row[3].plainText.split(separator: "; ") {
          backward.insert("\(run.record.id) \(row[0].plainText) \(element)")
        }
      }
    }
    #expect(forward == backward && !forward.isEmpty)
  }

  @Test("the history names each version, how it stands, and what stands otherwise than before")
  func history() throws {
    let folder = try Fixtures.folder(
      dated("2026-11-01"),
      documentation: [
        "4-1.0.md": statement("4", date: "2026-10-01", versions: "1.0"),
        "4-1.1.md": statement("4", date: "2026-11-02", versions: "1.1", text: "Other words."),
        "5.md": statement("5", date: "2026-11-02", versions: "1.1"),
      ])
    let project = try Fixtures.project(folder)
    let output = try DossierBuilder().build(
      Fixtures.inputs(folder, version: "1.1", runs: [Fixtures.evaluation(project, id: Fixtures.id("2"))]))
    #expect(output.dossier.history.map(\.version) == ["1.1", "1.0"])
    #expect(output.dossier.history.map(\.latestRun) == [nil, "2026-11-20"])
    #expect(output.dossier.history[0].date == "2026-11-01")
    let changes = output.dossier.history[0].changed.map { "\($0.item) \($0.element): \($0.before) > \($0.after)" }
    #expect(
      changes == [
        "1(a) relation-to-previous-versions: missing > declared", "2(g) accuracy-metrics: evidenced > missing",
        "3 group-accuracy: evidenced > missing", "4 metric-appropriateness: declared > declared",
        "5 risk-management-system: missing > declared",
      ])
    #expect(output.text("dossier.html").contains("declared as before, with another text"))
  }

  @Test(
    "a statement is to be read again if it is older than its model version, unless it names it, or than the law",
    arguments: [
      ("2026-10-31", nil, ["model version 1.1"]), ("2026-11-01", nil, []), ("2026-10-31", "1.1", []),
      ("2026-07-26", nil, ["model version 1.1", "the law"]), ("2026-07-26", "1.1", ["the law"]),
    ] as [(String, String?, [String])])
  func staleness(_ date: String, _ versions: String?, _ reasons: [String]) throws {
    let folder = try Fixtures.folder(
      dated("2026-11-01"), documentation: ["5.md": statement("5", date: date, versions: versions)])
    let output = try DossierBuilder().build(Fixtures.inputs(folder, version: "1.1", runs: []))
    let found = output.dossier.staleStatements
    #expect(found.count == reasons.count)
    for (entry, reason) in zip(found, reasons) {
      #expect(entry.file == "documentation/5.md" && entry.item == "5" && entry.reason.hasPrefix("Older than \(reason)"))
    }
    // The statement itself is marked, and each reason stands once, where the mark leads.
    let mark = #/Declared by [^\n]*<strong>May be out of date</strong> \(<a href="[a-z.]*#history-stale">why</a>\)\./#
    #expect(output.text("dossier.html").contains(mark) == !reasons.isEmpty)
    let page = output.pages("html")
    #expect(page.contains("id=\"history-stale\"") && page.contains("May be out of date") == !reasons.isEmpty)
    for entry in found { #expect(page.components(separatedBy: entry.reason).count == 2, "\(entry.reason)") }
  }

  @Test("without a date of the version its statements' age is not judged, and the page says so")
  func undated() throws {
    let folder = try Fixtures.folder(documentation: ["5.md": statement("5", date: "2026-08-01")])
    let output = try DossierBuilder().build(Fixtures.inputs(folder, version: "1.1", runs: []))
    #expect(output.dossier.staleStatements.isEmpty)
    #expect(output.text("dossier.html").contains("models › 1.1 › date"))
    let first = try DossierBuilder().build(Fixtures.inputs(folder, version: "1.0", runs: []))
    #expect(!first.text("dossier.html").contains("models › 1.0 › date"))
  }

  private func tables(_ section: Section) -> [Table] {
    section.blocks.flatMap { block -> [Table] in
      guard case .details(_, let blocks) = block else { return [] }
      return blocks.compactMap { if case .table(let table) = $0 { table } else { nil } }
    }
  }
}
