import Foundation
import Testing

@testable import Analysis
@testable import Evidence
@testable import Project
@testable import Reports

@Suite("What else two versions can differ in")
struct DiffPartsTests {
  private func values(_ count: Int, _ shift: Double = 0) -> [DiffFixtures.Values] {
    (0..<count).map {
      DiffFixtures.Values(
        name: "record \($0)", prompt: "prompt \($0)", clean: 0.1, counterfactual: 0.2 + shift + 0.01 * Double($0 % 3))
    }
  }

  private func run(_ version: String, _ shift: Double = 0, positive: [String] = [" yes"], count: Int = 30) -> StoredRun
  {
    DiffFixtures.analysis(
      "colour", version, values: values(count, shift), run: DossierFixtures.id("\(version.hashValueFree)"),
      positive: positive)
  }

  private func item(_ markdown: String, run: StoredRun, date: String = "2026-11-23", text: String = "sha")
    -> Dossier.Item
  {
    Dossier.Item(
      id: "2(b)", ourTitle: "Design", text: "law", citation: "Annex IV", textSha256: text, standing: "as enacted",
      state: "declared",
      elements: [
        Dossier.Element(
          id: "general-logic", title: "General logic", quote: "law", condition: nil, state: "declared",
          owner: "engineer",
          declarations: [
            .init(
              markdown: markdown, source: "documentation/2-b.md:3", responsible: "Ada", function: "Engineer", date: date
            )
          ], notApplicable: nil, evidencedBy: [],
          support: [.init(run: run.record.id, source: "analysis", findings: ["total-effect"])], gap: nil)
      ])
  }

  @Test("a statement older than a run whose finding changed is stale; one made on the run's day is not")
  func stale() throws {
    let (old, new) = (run("1.0"), run("1.1", 0.5))
    func elements(_ date: String) throws -> [Diff.Documentation.Element] {
      try DiffFixtures.diff(
        DiffFixtures.source("1.0", [old], items: [item("It is blue.", run: old, date: date)]),
        DiffFixtures.source("1.1", [new], items: [item("It is blue.", run: new, date: date)])
      ).documentation.elements
    }
    let stale = try #require(try elements("2026-11-23").first)
    #expect(stale.isStale && stale.changedEvidence == ["effect of colour"])
    #expect(stale.statements.map(\.state) == [.same])
    #expect(try elements("2026-11-25").isEmpty)
  }

  @Test("a statement is the same, reworded, added or removed")
  func statements() throws {
    let (old, new) = (run("1.0"), run("1.1"))
    let diff = try DiffFixtures.diff(
      DiffFixtures.source("1.0", [old], items: [item("It is blue.", run: old)]),
      DiffFixtures.source("1.1", [new], items: [item("It is green.", run: new)]))
    let element = try #require(diff.documentation.elements.first)
    #expect(element.statements.map(\.state) == [.reworded])
    #expect(element.statements[0].before == "It is blue." && element.statements[0].after == "It is green.")
    let gone = try DiffFixtures.diff(
      DiffFixtures.source("1.0", [old], items: [item("It is blue.", run: old)]), DiffFixtures.source("1.1", [new]))
    #expect(gone.documentation.elements.first?.statements.map(\.state) == [.removed])
    #expect(gone.documentation.elements.first?.after == nil)
  }

  @Test("the law: its days, and an item whose wording differs")
  func law() throws {
    let (old, new) = (run("1.0"), run("1.1"))
    let diff = try DiffFixtures.diff(
      DiffFixtures.source("1.0", [old], items: [item("x", run: old, text: "one")], asOf: "2024-07-12"),
      DiffFixtures.source("1.1", [new], items: [item("x", run: new, text: "two")]))
    #expect(diff.law.asOf == ["2024-07-12", "2026-07-27"])
    #expect(diff.law.items == [.init(item: "2(b)", change: "the wording differs")])
  }

  @Test("a signature on a run covers the later side only if the later side cites that run")
  func approvals() throws {
    let (old, new) = (run("1.0"), run("1.1"))
    let approval = DiffSource.Approval(
      name: "Ada Example", function: "Head", meaning: "approved test report", date: "2026-11-24T00:00:00.000Z",
      run: old.record.id)
    let diff = try DiffFixtures.diff(
      DiffFixtures.source("1.0", [old], approvals: [approval]), DiffFixtures.source("1.1", [new]))
    #expect(diff.approvals.map(\.holds) == [false])
    let same = try DiffFixtures.diff(
      DiffFixtures.source("1.0", [old], approvals: [approval]), DiffFixtures.source("1.0", [old]))
    #expect(same.approvals.map(\.holds) == [true])
  }

  @Test("other answers, a behaviour of one side only and a missing run are not compared, and the report says why")
  func notCompared() throws {
    let other = try DiffFixtures.diff(
      DiffFixtures.source("1.0", [run("1.0")]), DiffFixtures.source("1.1", [run("1.1", positive: [" maybe"])]))
    #expect(other.rows.isEmpty && other.notCompared.contains { $0.reason.contains("the answers differ") })
    let single = try DiffFixtures.diff(DiffFixtures.source("1.0", [run("1.0")]), DiffFixtures.source("1.1", []))
    #expect(single.notCompared.contains { $0.subject == "behaviour colour" && $0.reason == "only version 1.0 has it" })
    #expect(single.notCompared.contains { $0.reason == "version 1.0 has no evaluation run" })
  }

  @Test("without the records, values of the dossiers stand side by side untested")
  func withoutRecords() throws {
    let diff = try DiffFixtures.diff(
      DiffFixtures.source("1.0", [run("1.0")], hasRecords: false),
      DiffFixtures.source("1.1", [run("1.1", 0.5)], hasRecords: false))
    #expect(diff.rows.map(\.verdict) == [.notTested])
    #expect(abs(diff.rows[0].after - diff.rows[0].before - 0.5) < 1e-12)
    #expect(diff.before.recordsAtHand == 0 && diff.outcome.beyond.isEmpty)
  }

  @Test("prompts are matched by their texts: names and order do not matter, and those without a partner are counted")
  func matching() throws {
    let first = run("1.0", count: 30)
    var second = run("1.1", count: 20)
    second.record.analysisPlan?.pairs.reverse()
    second.record.analysis?.pairs.reverse()
    for place in 0..<20 { second.record.analysisPlan?.pairs[place].name = "other \(place)" }
    let row = try #require(
      try DiffFixtures.diff(DiffFixtures.source("1.0", [first]), DiffFixtures.source("1.1", [second])).rows.first)
    #expect(row.n == 20 && row.leftOut == 10 && row.pairing == .paired)
    #expect(row.difference?.value == 0)
    let match = PromptMatch(["a", "a", "b"], ["b", "a", "c"])
    #expect(match.pairs.map { [$0.before, $0.after] } == [[0, 1], [2, 0]] && match.alone == 2)
  }

  @Test("another tokenizer is beyond the envelope unless it may change; so is another intended purpose")
  func parts() throws {
    let old = run("1.0")
    var new = run("1.1")
    new.record.model.tokenizerSha256 = "other"
    func beyond(_ settings: ChangeSettings, purpose: String = "to score") throws -> [String] {
      try DiffFixtures.diff(
        DiffFixtures.source("1.0", [old]), DiffFixtures.source("1.1", [new], purpose: purpose), settings
      ).outcome.beyond
    }
    var settings = DiffFixtures.settings()
    #expect(
      try beyond(settings) == [
        "the tokenizer was \(old.record.model.tokenizerSha256 ?? "none") and is other, and 'may_change' does not name tokenizer"
      ])
    settings.mayChange = [.weights, .tokenizer]
    #expect(try beyond(settings) == [])
    #expect(try beyond(settings, purpose: "to sell") == ["the intended purpose reads differently"])
  }

  @Test("an unverified source is named at the top and in every part of every file")
  func unverified() throws {
    var source = DiffFixtures.source("1.0", [run("1.0")])
    source.unverified = "the signature is not of these files"
    let built = try DiffBuilder().build(DiffFixtures.inputs(source, DiffFixtures.source("1.1", [run("1.1")])))
    let warning = "1.0 is NOT VERIFIED: the signature is not of these files"
    let markdown = String(decoding: built.files[0].content, as: UTF8.self)
    #expect(markdown.components(separatedBy: warning).count - 1 == built.document.sections.count)
    let html = String(decoding: built.files[1].content, as: UTF8.self)
    #expect(html.contains("<p class=\"warning\" role=\"note\">\(warning)</p>"))
    #expect(html.contains(".warning { position: fixed;"))
    #expect(built.diff.before.unverified == source.unverified)
  }

  @Test("the worksheet's questions are the law's words, from the provisions they cite")
  func questions() throws {
    let catalogue = try StatusFixtures.catalogue.get()
    for text in Worksheet.texts {
      let provision = try #require(catalogue.provision(text.provision))
      #expect(provision.passage.text.contains(text.quote), "\(text.id)")
      #expect(provision.passage.verification == .byteVerified)
    }
  }

  @Test("a worksheet is signed only when a person has filled in all of it")
  func worksheet() throws {
    let diff = try DiffFixtures.diff(
      DiffFixtures.source("1.0", [run("1.0")]), DiffFixtures.source("1.1", [run("1.1")]))
    let blank = String(decoding: try WorksheetFile.blank(diff), as: UTF8.self)
    let form = /substantial_modification: .*\n  reason:\n  name:\n  function:\n  date: .*\n/
    func decided(_ reason: String) -> String {
      blank.replacing("    answer:\n", with: "    answer: as the evidence says\n").replacing(
        form,
        with: "substantial_modification: no\n  reason: \(reason)\n  name: Ada Example\n  function: Head\n"
          + "  date: 2026-11-25\n")
    }
    let (filled, whole) = (decided(""), decided("nothing moved"))
    let folder = try DossierFixtures.Folder(["blank.yaml": blank, "filled.yaml": filled, "whole.yaml": whole])
    let empty = try WorksheetFile(folder.url.appendingPathComponent("blank.yaml"))
    #expect(!empty.isStarted)
    #expect { try empty.decision() } throws: { ($0 as? ReportsError)?.code == .badWorksheet }
    let partly = try WorksheetFile(folder.url.appendingPathComponent("filled.yaml"))
    #expect(partly.isStarted)
    // The decision's reason is still blank.
    #expect { try partly.decision() } throws: { error in
      (error as? ReportsError)?.message.contains("filled in: decision.reason. Fill") ?? false
    }
    let statement = try WorksheetFile(folder.url.appendingPathComponent("whole.yaml")).decision()
    #expect(statement.reason == "nothing moved" && !statement.isSubstantial && statement.answers.count == 7)
    // The law's words are not the person's to change.
    try Data(whole.replacing("is affected", with: "is hardly affected").utf8).write(
      to: folder.url.appendingPathComponent("whole.yaml"))
    #expect { try WorksheetFile(folder.url.appendingPathComponent("whole.yaml")) } throws: {
      ($0 as? ReportsError)?.code == .badWorksheet
    }
  }
}

extension String {
  /// Digits of a version as a short hexadecimal name, e.g. `1.1` → `11`.
  fileprivate var hashValueFree: String { filter(\.isNumber) }
}
