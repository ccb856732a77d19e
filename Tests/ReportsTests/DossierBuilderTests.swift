import Foundation
import Testing

@testable import Analysis
@testable import Evidence
@testable import Project
@testable import Reports

@Suite("The dossier")
struct DossierBuilderTests {
  private typealias Fixtures = DossierFixtures

  private func build(
    _ folder: DossierFixtures.Folder, version: String = "1.0", _ runs: (Project) -> [StoredRun]
  ) throws -> DossierBuilder.Output {
    let project = try DossierFixtures.project(folder)
    return try DossierBuilder().build(DossierFixtures.inputs(folder, version: version, runs: runs(project)))
  }

  @Test("the same inputs in another order give the same bytes")
  func deterministic() throws {
    let folder = try Fixtures.folder()
    let project = try Fixtures.project(folder)
    let runs = [
      Fixtures.analysis(project, id: Fixtures.id("11111111")),
      Fixtures.evaluation(project, id: Fixtures.id("22222222")),
      Fixtures.analysis(project, id: Fixtures.id("33333333"), version: "1.1"),
    ]
    let first = try build(folder) { _ in runs }
    let second = try build(folder) { _ in runs.reversed() }
    #expect(first.files.prefix(3).map(\.name) == ["dossier.md", "dossier.html", "dossier.json"])
    #expect(
      first.files.dropFirst(3).prefix(6).map(\.name) == [
        "evidence.md", "evidence.html", "traceability.md", "traceability.html", "law.md", "law.html",
      ])
    #expect(first.files.count == 19)
    for (one, other) in zip(first.files, second.files) { #expect(one.content == other.content) }
  }

  @Test("an effect whose interval excludes 0 is measured, with interval, n and run")
  func measured() throws {
    let folder = try Fixtures.folder()
    let output = try build(folder) { [Fixtures.analysis($0, id: Fixtures.id("11111111"), spread: 0.022)] }
    let claim = try #require(output.dossier.behaviours[0].claims.first)
    #expect(claim.standing == .measured)
    #expect(
      claim.text.replacing("\u{A0}", with: " ")
        == "Changing colour = red to colour = blue moves the decision value by −0.168 logits on average, towards “no” "
        + "(95 % interval −0.190 to −0.146, n = 3 pairs; run 11111111).")
    #expect(claim.run == Fixtures.id("11111111") && claim.finding == "total-effect")
  }

  @Test("an effect whose interval covers 0 is not established, whatever its mean")
  func notEstablished() throws {
    let folder = try Fixtures.folder()
    let output = try build(folder) {
      [Fixtures.analysis($0, id: Fixtures.id("1"), effect: Fixtures.estimate(0.4, -0.01, 0.8))]
    }
    let claim = try #require(output.dossier.behaviours[0].claims.first)
    #expect(claim.standing == .notEstablished)
    #expect(
      claim.text.hasPrefix("It is not established that changing colour = red to colour = blue moves the decision"))
    #expect(claim.text.contains("+0.400 logits"))
    let section = try #require(output.section("evidence"))
    #expect(section.sections.first { $0.id == "behaviour-colour" }?.badge?.kind == .notEstablished)
  }

  @Test("a run without a measurable pair gives no number and says so")
  func nothingMeasured() throws {
    let folder = try Fixtures.folder()
    let output = try build(folder) {
      [Fixtures.analysis($0, id: Fixtures.id("1"), effect: nil, status: .refused)]
    }
    let claim = try #require(output.dossier.behaviours[0].claims.first)
    #expect(claim.standing == .notEstablished && claim.text.contains("no pair could be measured"))
    #expect(output.dossier.runs.map(\.status) == ["refused"])
  }

  @Test(
    "the effect counts every measured pair, the mechanism only those that were not refused, and the refusal is printed")
  func refusals() throws {
    let folder = try Fixtures.folder()
    let output = try build(folder) { [Fixtures.analysis($0, id: Fixtures.id("1"), hasCircuit: false)] }
    let numbers = try #require(output.dossier.behaviours[0].numbers)
    #expect(numbers.pairs == 3 && numbers.measuredPairs == 3 && numbers.mechanismPairs == 2)
    let groups = output.dossier.behaviours[0].refusals
    #expect(groups.map(\.pairs) == [["third"], []])
    let page = output.text("evidence.html")
    #expect(page.contains("For 1 pair, mechanism and ratios are refused: the decision moves too little to explain."))
    #expect(page.contains("third. First: moved by 0.01, floor 0.05"))
    #expect(page.contains("No circuit is reported: the pairs pull in different directions"))
  }

  @Test("the latest run that did not fail is cited; the others are listed with the reason")
  func latestRun() throws {
    let folder = try Fixtures.folder()
    let output = try build(folder) { project in
      [
        Fixtures.analysis(project, id: Fixtures.id("c"), started: "2026-11-22T10:00:00.000Z", status: .failed),
        Fixtures.analysis(project, id: Fixtures.id("b"), started: "2026-11-21T10:00:00.000Z"),
        Fixtures.analysis(project, id: Fixtures.id("a"), started: "2026-11-20T10:00:00.000Z"),
      ]
    }
    #expect(output.dossier.runs.map(\.id) == [Fixtures.id("b")])
    #expect(output.dossier.runsNotCited.map(\.id) == [Fixtures.id("a"), Fixtures.id("c")])
    #expect(
      output.dossier.runsNotCited.map(\.reason) == ["a later run of the same question is cited", "the run failed"])
    #expect(output.dossier.date == "2026-11-21")
  }

  @Test("without runs every question is open, nothing is invented, and the page says what to run")
  func empty() throws {
    let folder = try Fixtures.folder()
    let output = try build(folder) { _ in [] }
    #expect(output.dossier.date == nil && output.dossier.system.provider == nil)
    #expect(output.dossier.counts.evidenced == 0)
    // Of 1(a), the project file gives the version alone.
    #expect(output.dossier.counts.declared == 1)
    #expect(output.dossier.counts.missing == output.dossier.counts.total - 1)
    #expect(output.text("evidence.html").contains("<code>vitrine analyze --model 1.0 --behaviour colour</code>"))
    let page = output.text("dossier.html")
    #expect(page.contains("<code>vitrine analyze --model 1.0</code>"))
    #expect(page.contains("<dt>Provider</dt><dd>not stated</dd>"))
  }

  @Test("every cited run stands in all three files with its full identifier and digest")
  func traceability() throws {
    let folder = try Fixtures.folder()
    let output = try build(folder, version: "1.1") { project in
      [
        Fixtures.analysis(project, id: Fixtures.id("1"), version: "1.0", digest: "a"),
        Fixtures.analysis(project, id: Fixtures.id("2"), version: "1.1", digest: "b"),
        Fixtures.evaluation(project, id: Fixtures.id("3"), version: "1.1", digest: "c"),
      ]
    }
    #expect(output.dossier.runs.map(\.id) == [Fixtures.id("2"), Fixtures.id("3"), Fixtures.id("1")])
    for (run, digest) in [("1", "a"), ("2", "b"), ("3", "c")] {
      for file in ["traceability.md", "traceability.html", "dossier.json"] {
        #expect(output.text(file).contains(Fixtures.id(run)), "\(run) in \(file)")
        #expect(output.text(file).contains(String(repeating: digest, count: 64)), "\(run) in \(file)")
      }
    }
  }

  @Test("the comparison shows both versions' numbers with their runs, only where the same question was asked")
  func comparison() throws {
    let folder = try Fixtures.folder()
    let runs: (Project, Bool) -> [StoredRun] = { project, isSame in
      var older = Fixtures.analysis(project, id: Fixtures.id("1"), version: "1.0")
      if !isSame { older.record.analysisPlan?.pairs.removeLast() }
      let newer = Fixtures.analysis(
        project, id: Fixtures.id("2"), version: "1.1", effect: Fixtures.estimate(-0.074, -0.09, -0.06))
      return [older, newer]
    }
    let output = try build(folder, version: "1.1") { runs($0, true) }
    let row = try #require(output.dossier.comparison.first)
    #expect(row.before.run == Fixtures.id("1") && row.before.estimate.value == -0.168)
    #expect(row.after.run == Fixtures.id("2") && row.after.estimate.value == -0.074)
    #expect(output.text("evidence.md").contains("Version 1.1 beside version 1.0"))
    #expect(try build(folder, version: "1.1") { runs($0, false) }.dossier.comparison.isEmpty)
    #expect(try build(folder, version: "1.0") { runs($0, true) }.dossier.comparison.isEmpty)
  }

  @Test("a run whose plan is not today's plan is shown as such")
  func changedPlan() throws {
    let folder = try Fixtures.folder()
    let output = try build(folder) { project in
      var run = Fixtures.analysis(project, id: Fixtures.id("1"))
      run.record.analysisPlan?.seed = 99
      return [run]
    }
    #expect(output.dossier.behaviours[0].run == nil && output.dossier.runs.isEmpty)
    #expect(output.dossier.behaviours[0].otherPlanRun == Fixtures.id("1"))
    #expect(output.dossier.runsNotCited.map(\.code) == ["other-plan"])
    #expect(output.dossier.runsNotCited[0].reason.contains("different: seed"))
    #expect(output.text("evidence.html").contains("answered this question with another plan"))
    #expect(!output.pages("html").contains("made with the project’s present plan"))
    #expect(!output.pages("html").contains("made with the project's present plan"))
  }

  @Test("an unknown version is named")
  func unknownVersion() throws {
    let folder = try Fixtures.folder()
    #expect { try build(folder, version: "9.9") { _ in [] } } throws: {
      ($0 as? ReportsError)?.code == .unknownVersion && "\($0)".contains("9.9")
    }
  }
}

@Suite("Annex IV in the dossier")
struct DossierAnnexTests {
  @Test("every item stands in the law's order, with its words and its citation, in HTML and Markdown")
  func quotations() throws {
    let folder = try DossierFixtures.folder()
    let output = try DossierBuilder().build(DossierFixtures.inputs(folder, runs: []))
    let catalogue = try StatusFixtures.catalogue.get()
    let page = try #require(MarkupReader(output.text("dossier.html"))).text
    let markdown = try #require(MarkupReader(try CmarkJudge.html(output.text("dossier.md")))).text
    var rest = page[...]
    for item in catalogue.items {
      let words = item.passage.text.replacing("\n", with: "")
      let place = try #require(rest.range(of: words), "\(item.id)")
      rest = rest[place.upperBound...]
      #expect(rest.hasPrefix(item.passage.citation), "\(item.id)")
      #expect(PlainText.oneLine(markdown).contains(PlainText.oneLine(item.passage.text)), "\(item.id)")
    }
    #expect(output.dossier.items.map(\.id) == catalogue.items.map(\.id))
  }

  @Test("a statement is printed with who answers for it, when and where; its raw HTML is not")
  func statements() throws {
    let text = """
      ---
      item: 1(e)
      responsible: Grace Example
      function: Head of Operations
      date: 2026-10-01
      status: final
      ---
      A **server** with two cores.

      <script>alert(1)</script>
      """
    let folder = try DossierFixtures.folder(documentation: ["1-e.md": text])
    let output = try DossierBuilder().build(DossierFixtures.inputs(folder, runs: []))
    let page = output.text("dossier.html")
    #expect(page.contains("A <strong>server</strong> with two cores."))
    #expect(page.contains("Declared by Grace Example, Head of Operations, 2026-10-01"))
    #expect(page.contains("documentation/1-e.md:"))
    #expect(!page.contains("<script") && !output.text("dossier.md").contains("<script"))
    #expect(output.dossier.date == "2026-10-01")
  }

  @Test("a run evidences only what asks for a measurement; for the rest it is support, linked both ways")
  func support() throws {
    let folder = try DossierFixtures.folder()
    let project = try DossierFixtures.project(folder)
    let run = DossierFixtures.evaluation(project, id: DossierFixtures.id("7"))
    let output = try DossierBuilder().build(DossierFixtures.inputs(folder, runs: [run]))
    let testing = try #require(output.dossier.items.first { $0.id == "2(g)" })
    #expect(testing.elements.first { $0.id == "accuracy-metrics" }?.state == "evidenced")
    let procedures = try #require(testing.elements.first { $0.id == "procedures" })
    #expect(procedures.state == "missing" && procedures.support.map(\.run) == [run.record.id])
    let entry = try #require(output.dossier.runs.first)
    #expect(entry.supports.contains("2(g) accuracy-metrics") && entry.supports.contains("2(g) procedures"))
  }

  @Test(
    "provider, project and model words cannot act on the page", arguments: RenderSamples.hostile.filter { $0.count > 2 }
  )
  func hostile(_ text: String) throws {
    let usable = text.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" } && !text.contains("\u{FEFF}")
    guard usable else { return }
    let yaml = DossierFixtures.yaml(system: "S \(PlainText.oneLine(text))", question: "Q \(text)")
    let folder = try DossierFixtures.folder(yaml)
    let project = try DossierFixtures.project(folder)
    var run = DossierFixtures.analysis(project, id: DossierFixtures.id("1"))
    run.record.analysis?.tokenAttributions[0].tokens[1] = text
    run.record.refusals[0].detail = text
    run.record.analysisPlan?.cleanLabel = text
    let output = try DossierBuilder().build(DossierFixtures.inputs(folder, runs: [run]))
    let reader = try #require(MarkupReader(output.text("dossier.html")), "not well formed")
    let names = Set(reader.elements.map(\.name))
    #expect(names.isDisjoint(with: ["script", "img", "iframe", "b", "i"]))
    #expect(PlainText.oneLine(reader.text).contains(PlainText.oneLine("Q \(text)")))
    let judged = try CmarkJudge.html(output.text("dossier.md"))
    #expect(!judged.contains("<script") && !judged.contains("javascript:alert(1)\""))
  }
}
