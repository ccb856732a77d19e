import Foundation
import Testing

@testable import Analysis
@testable import Evidence
@testable import Reports

@Suite("The status of a dossier")
struct StatusTests {
  let catalogue: LawCatalogue
  let text: InterfaceText

  init() throws {
    catalogue = try StatusFixtures.catalogue.get()
    text = try .english()
  }

  private func item(_ id: String) throws -> LawItem { try #require(catalogue.item(id)) }

  private func element(_ status: DossierStatus, _ item: String, _ element: String) throws -> ElementStatus {
    try #require(status.item(item)?.elements.first { $0.element.id == element })
  }

  @Test("is missing throughout without statements, facts and runs, and says who owes what and where to write it")
  func nothing() throws {
    let status = try StatusFixtures.status([:])
    #expect(status.items.map(\.item.id) == catalogue.items.map(\.id))
    #expect(status.items.allSatisfy { $0.state == .missing && text.badge($0).kind == .missing })
    #expect(status.gaps.count == status.count(.missing))
    #expect(status.gaps.count == catalogue.items.reduce(0) { $0 + $1.elements.count })
    let gap = try #require(status.gaps.first { $0.element.id == "trade-offs" }?.gap)
    #expect(gap.reason == .noFile)
    #expect(gap.owner == "the provider")
    #expect(gap.file == "documentation/2-b.md")
    #expect(gap.heading == "## Decisions about possible trade-offs")
    #expect(text.action(gap).contains("documentation/2-b.md") && text.action(gap).contains(gap.heading))
    #expect(status.gaps.first { $0.element.id == "test-logs" }?.gap.owner.contains("responsible for the tests") == true)
  }

  @Test("is complete when every element is declared, and carries person, function, date, file and line")
  func complete() throws {
    let status = try StatusFixtures.status(StatusFixtures.complete(catalogue))
    #expect(status.gaps.isEmpty)
    #expect(status.items.allSatisfy { $0.state == .complete([.declared]) && text.badge($0).text == "declared" })
    let element = try element(status, "9", "post-market-plan")
    #expect(
      element.state
        == .declared([
          .statement(
            markdown: "Text on post-market-plan.",
            signature: Signature(
              responsible: "Ada Example", function: "Head of Model Risk",
              date: try #require(CalendarDate("2026-11-23")), file: "documentation/9.md", line: 12, namesVersion: false)
          )
        ]))
  }

  @Test("never calls an item evidenced by runs alone when its text asks for more")
  func runsAlone() throws {
    let runs = [
      StatusFixtures.run(
        "r1", .analysis, findings: ["total-effect", "circuit.sufficiency"].map { StatusFixtures.finding($0) }),
      StatusFixtures.run(
        "r2", .evaluation,
        findings: ["accuracy", "accuracy.sex.female", "base-rate", "brier"].map { StatusFixtures.finding($0) }),
    ]
    let status = try StatusFixtures.status([:], runs: runs)
    let states = Dictionary(uniqueKeysWithValues: status.items.map { ($0.item.id, $0.state) })
    for (id, state) in states where !["2(g)", "3"].contains(id) { #expect(state == .missing, "\(id)") }
    #expect(states["2(g)"] == .partial(missing: 7, of: 8))
    #expect(states["3"] == .partial(missing: 7, of: 8))
    #expect(status.item("3").map(text.badge) == Badge(kind: .partial, text: "partial: 7 of 8 elements missing"))
    let accuracy = try element(status, "3", "group-accuracy")
    let reference = RunReference(source: .evaluation, run: "r2", behaviour: nil, findings: ["accuracy.sex.female"])
    #expect(accuracy.state == .evidenced(runs: [reference], declarations: []))
    #expect(accuracy.support == [reference])
  }

  @Test("lets a run support an element that still lacks the provider's word")
  func support() throws {
    let run = StatusFixtures.run(
      "r1", .analysis,
      findings: [
        StatusFixtures.finding("total-effect", standing: .notEstablished),
        StatusFixtures.finding("circuit", hasNumber: false),
      ])
    let status = try StatusFixtures.status([:], runs: [run])
    let logic = try element(status, "2(b)", "general-logic")
    #expect(logic.state.kind == .missing)
    #expect(
      logic.support == [
        RunReference(source: .analysis, run: "r1", behaviour: "sex", findings: ["total-effect", "circuit"])
      ])
    #expect(try element(status, "2(b)", "parameter-relevance").support.map(\.findings) == [["total-effect"]])
    #expect(
      try element(status, "2(c)", "system-architecture").support == [
        RunReference(source: .identity, run: "r1", behaviour: nil, findings: [])
      ])
    #expect(try element(status, "5", "risk-management-system").support == [])
  }

  @Test(
    "does not take a run as evidence that was refused, failed a self-test, measured nothing or is of another version",
    arguments: ["refused", "self-test", "screened", "no number", "version", "failed"])
  func unsound(_ case: String) throws {
    let failed = SelfTest(name: "identity patch", outcome: .failed, measured: 1, limit: 0, detail: "")
    let finding = StatusFixtures.finding(
      "accuracy.sex.female", standing: `case` == "screened" ? .screened : .measured, hasNumber: `case` != "no number")
    let run = StatusFixtures.run(
      "r1", .evaluation, findings: [finding], version: `case` == "version" ? "1.1" : "1.0",
      status: `case` == "refused" ? .refused : `case` == "failed" ? .failed : .finished,
      selfTests: `case` == "self-test" ? [failed] : [])
    let accuracy = try element(try StatusFixtures.status([:], runs: [run]), "3", "group-accuracy")
    #expect(accuracy.state.kind == .missing)
    #expect(accuracy.support.isEmpty == ["version", "failed"].contains(`case`))
  }

  @Test("cites runs from oldest to newest and lists each model that was run once")
  func order() throws {
    let findings = [StatusFixtures.finding("accuracy.sex.female")]
    let runs = [
      StatusFixtures.run("c", .evaluation, findings: findings, started: "2026-11-23T12:00:00.000Z", digest: "02"),
      StatusFixtures.run("a", .evaluation, findings: findings, started: "2026-11-23T11:00:00.000Z", digest: "01"),
      StatusFixtures.run("b", .evaluation, findings: findings, started: "2026-11-23T11:30:00.000Z", digest: "01"),
    ]
    let status = try StatusFixtures.status([:], runs: runs)
    #expect(try element(status, "3", "group-accuracy").support.map(\.run) == ["a", "b", "c"])
    #expect(try element(status, "2(c)", "system-architecture").support.map(\.run) == ["a", "c"])
    #expect(status.modelDigests == ["01", "02"])
    #expect(try StatusFixtures.status([:], runs: runs.reversed()) == status)
  }

  @Test("takes what does not apply only with a signed reason, and names the law's words it rests on")
  func notApplicable() throws {
    func status(_ head: [String]) throws -> DossierStatus {
      try StatusFixtures.status([
        "a.md": StatusFixtures.statement(
          try item("1(f)"), elements: [], notApplicable: ["product-illustrations": "part of no product"], head: head),
        "b.md": StatusFixtures.statement(
          try item("5"), elements: [], notApplicable: ["risk-management-system": "a demonstration"], head: head),
      ])
    }
    let signed = try status(StatusFixtures.signed)
    #expect(signed.item("1(f)")?.state == .complete([.notApplicable]))
    #expect(signed.item("1(f)").map(text.badge) == Badge(kind: .notApplicable, text: "not applicable"))
    guard case .notApplicable(let conditional) = try element(signed, "1(f)", "product-illustrations").state,
      case .notApplicable(let general) = try element(signed, "5", "risk-management-system").state
    else {
      Issue.record("not applicable was not taken")
      return
    }
    #expect(conditional.reason == "part of no product" && conditional.signature.responsible == "Ada Example")
    #expect(conditional.basis == "where the AI system is a component of products")
    #expect(general.basis == "as applicable to the relevant AI system")
    #expect(catalogue.annex.text.contains(general.basis))
    let open = try status(["responsible: Ada Example", "status: final"])
    #expect(
      open.gaps.first { $0.element.id == "product-illustrations" }?.gap.reason == .open(keys: ["function", "date"]))
  }

  @Test(
    "declares nothing while a key of the front matter is open",
    arguments: ["responsible", "function", "date", "status"])
  func open(_ key: String) throws {
    let head = StatusFixtures.signed.filter { !$0.hasPrefix(key) }
    let status = try StatusFixtures.status(["4.md": StatusFixtures.statement(try item("4"), head: head)])
    let gap = try #require(status.gaps.first { $0.item.id == "4" }?.gap)
    #expect(gap.reason == .open(keys: [key]))
    #expect(text.action(gap).contains(key))
  }

  @Test("does not take a draft for the provider's word")
  func draft() throws {
    let head = Array(StatusFixtures.signed.dropLast()) + ["status: draft"]
    let status = try StatusFixtures.status(["4.md": StatusFixtures.statement(try item("4"), head: head)])
    #expect(status.gaps.first { $0.item.id == "4" }?.gap.reason == .open(keys: ["status"]))
  }

  @Test("says what is wrong with the text: no heading, nothing under it, no heading at all, other versions")
  func textGaps() throws {
    let head = StatusFixtures.signed.joined(separator: "\n")
    func reason(_ body: String, versions: String = "", element: String = "post-market-plan") throws -> Gap {
      let files = ["x.md": "---\nitem: 9\n\(head)\n\(versions)---\n\(body)\n"]
      return try #require(try StatusFixtures.status(files).gaps.first { $0.element.id == element }?.gap)
    }
    #expect(try reason("## post-market-system\nText.").reason == .noHeading)
    #expect(try reason("## post-market-plan\n<!-- later -->").reason == .emptyText)
    let unassigned = try reason("We watch it.")
    #expect(unassigned.reason == .unassignedText(line: 8))
    #expect(unassigned.file == "documentation/x.md")
    #expect(text.action(unassigned).contains("\"## Post-market monitoring plan\""))
    let other = try reason("## post-market-plan\nText.", versions: "model_versions: [0.9]\n")
    #expect(other.reason == .otherVersions(["0.9"]))
    #expect(text.action(other).contains("model_versions: [1.0]"))
  }

  @Test("takes the facts of vitrine.yaml as declarations under item 1(a) only")
  func facts() throws {
    let facts = [
      ProjectFacts.Fact(key: "system › provider", text: "Example Bank", element: "provider-name"),
      ProjectFacts.Fact(key: "models › 1.0", text: "1.0", element: "version"),
    ]
    let status = try StatusFixtures.status([:], facts: facts)
    #expect(status.item("1(a)")?.state == .partial(missing: 2, of: 4))
    #expect(try element(status, "1(a)", "provider-name").state == .declared([.fact(facts[0])]))
    #expect(status.items.dropFirst().allSatisfy { $0.state == .missing })
    let gap = try #require(status.gaps.first { $0.element.id == "intended-purpose" }?.gap)
    #expect(text.action(gap).contains("system › intended_purpose in vitrine.yaml"))
    let both = try StatusFixtures.status(
      ["1-a.md": StatusFixtures.statement(try item("1(a)"))], facts: facts)
    #expect(try element(both, "1(a)", "provider-name").state.declarations.count == 2)
    #expect(try element(both, "1(a)", "intended-purpose").state.declarations.count == 1)
  }
}
