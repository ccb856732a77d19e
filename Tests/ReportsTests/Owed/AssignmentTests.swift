import Foundation
import Testing

@testable import Evidence
@testable import Project
@testable import Reports

@Suite("Who owes an element")
struct AssignmentTests {
  let catalogue: LawCatalogue

  init() throws { catalogue = try StatusFixtures.catalogue.get() }

  private func entry(
    _ elements: [String], line: Int = 10, owner: String? = nil, due: String? = nil, reviewer: String? = nil
  ) -> Project.Assignment {
    Project.Assignment(
      elements: elements.map { .init(text: $0, line: line) }, owner: owner, due: due.flatMap { CalendarDate($0) },
      reviewer: reviewer, place: "vitrine.yaml:\(line)")
  }

  private func status(_ files: [String: String], _ entries: [Project.Assignment]) throws -> DossierStatus {
    try withStatements(files) { folder in
      DossierStatus.evaluate(
        catalogue: catalogue, statements: try StatementLoader.load(folder: folder, catalogue: catalogue),
        facts: ProjectFacts(modelVersion: "1.0"), assignments: try AssignmentTable(entries, catalogue: catalogue),
        runs: [])
    }
  }

  private func assignment(_ status: DossierStatus, _ item: String, _ element: String) throws -> Assignment {
    try #require(status.item(item)?.elements.first { $0.element.id == element }).assignment
  }

  @Test("an element's own entry counts before its item's, and that before its point's, key by key")
  func levels() throws {
    let status = try status(
      [:],
      [
        entry(["2"], line: 10, owner: "Point", due: "2027-01-01", reviewer: "R"),
        entry(["2(b)"], line: 11, owner: "Item"), entry(["2(b)  General-Logic"], line: 12, owner: "Element"),
      ])
    let own = try assignment(status, "2(b)", "general-logic")
    #expect(own.owner == .init("Element", place: "vitrine.yaml:12") && own.reviewer?.value == "R")
    #expect(own.due?.value == CalendarDate("2027-01-01") && own.due?.place == "vitrine.yaml:10")
    #expect(try assignment(status, "2(b)", "trade-offs").owner?.value == "Item")
    #expect(try assignment(status, "2(c)", catalogue.item("2(c)")!.elements[0].id).owner?.value == "Point")
    #expect(try assignment(status, "3", catalogue.item("3")!.elements[0].id).owner == nil)
  }

  @Test("an element's title names it as well as its id")
  func title() throws {
    let status = try status([:], [entry(["9 System to evaluate performance in the post-market phase"], owner: "Ada")])
    #expect(try assignment(status, "9", "post-market-system").owner?.value == "Ada")
    #expect(try assignment(status, "9", "post-market-plan").owner == nil)
  }

  @Test(
    "a name that the law has not, and one that stands twice, are refused with line and nearest name",
    arguments: [
      (
        ["2(b) general-logik"], ReportsError.Code.unknownElement,
        "line 10: item 2(b) has no element 'general-logik'; did you mean 'general-logic'?"
      ),
      (["2(i)"], .unknownItem, "line 10: Annex IV has no item '2(i)'; did you mean"),
      (["2b"], .unknownItem, "Annex IV has no item '2b'; did you mean '2(b)'?"), (["10"], .unknownItem, "no item '10'"),
      ([""], .unknownItem, "no item ''"),
      (["4", "4"], .duplicate, "'4' is written twice under 'owners', first in line 10"),
      (
        ["2(b) general-logic", "2(b) General logic of the AI system and of the algorithms"], .duplicate,
        "'2(b) general-logic' is written twice"
      ),
    ])
  func refused(_ names: [String], _ code: ReportsError.Code, _ words: String) {
    let error = #expect(throws: ReportsError.self) {
      try AssignmentTable([entry(names, owner: "A")], catalogue: catalogue)
    }
    #expect(error?.code == code)
    #expect(
      error?.message.contains(words) == true && error?.message.hasPrefix("vitrine.yaml, line 10") == true,
      "\(error?.message ?? "")")
  }

  @Test("a statement's own word counts, and what the table says otherwise is told once")
  func conflict() throws {
    let file = "---\nitem: 2(b)\nowner: Ada Example\ndue: 3 March 2027\nreviewer: Ben\nstatus: draft\n---\n"
    let status = try status(
      ["2-b.md": file], [entry(["2(b)"], owner: "Cy Example", due: "2027-03-03", reviewer: "Dee")])
    let assignment = try assignment(status, "2(b)", "trade-offs")
    #expect(assignment.owner == .init("Ada Example", place: "documentation/2-b.md:3"))
    #expect(status.conflicts.map(\.key) == ["owner", "reviewer"], "both name the same day")
    #expect(status.conflicts.first?.used == .init("Ada Example", place: "documentation/2-b.md:3"))
    #expect(status.conflicts.first?.other == .init("Cy Example", place: "vitrine.yaml:10"))
  }

  @Test("a file that only says who owes it, by when, declares nothing, whatever else is filled in")
  func owed() throws {
    for head in [
      ["owner: Ada Example", "due: 2027-03-31"], ["owner: Ada Example", "due: 2027-03-31"] + StatusFixtures.signed,
    ] {
      for body in ["", "\n<!-- to be written -->\n", "\n## Post-market monitoring plan\n"] {
        let text = (["---", "item: 9"] + head + ["---"]).joined(separator: "\n") + body
        let found = try? status(["9.md": text], [])
        guard let found else { continue }
        #expect(found.item("9")?.state == .missing, "\(text)")
        #expect(found.gaps.filter { $0.item.id == "9" }.allSatisfy { $0.gap.owner == "Ada Example" })
      }
    }
    let plain = try status(["9.md": "---\nitem: 9\nowner: Ada Example\ndue: 2027-03-31\n---\n"], [])
    #expect(plain.item("9")?.state == .missing)
  }

  @Test("what is owed is listed by person and day, the earliest first, and last what nobody is named for")
  func list() throws {
    let status = try status(
      [:],
      [
        entry(["3"], owner: "Cy", due: "2027-02-01"), entry(["4"], owner: "Ada", due: "2027-02-01"),
        entry(["5", "6"], owner: "Cy", due: "2026-12-01"), entry(["7"], owner: "Ada"), entry(["8"], due: "2026-01-01"),
      ])
    let list = OwedList(status)
    let named = list.groups.filter(\.isNamed).map { "\($0.owner) \($0.due?.description ?? "-")" }
    #expect(named == ["Cy 2026-12-01", "Ada 2027-02-01", "Cy 2027-02-01", "Ada -"])
    #expect(list.groups.drop(while: \.isNamed).allSatisfy { !$0.isNamed })
    #expect(Set(list.elements.map { "\($0.item.id) \($0.element.id)" }).count == status.gaps.count)
    #expect(list.elements.count == status.gaps.count)
    let day = try #require(CalendarDate("2026-12-01"))
    #expect(list.overdue(on: day).elements.map(\.item.id) == ["8"], "what is due on the day is not overdue")
    let next = try #require(CalendarDate("2026-12-02"))
    #expect(Set(list.overdue(on: next).elements.map(\.item.id)) == ["5", "6", "8"])
  }
}
