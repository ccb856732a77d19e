import Foundation
import Testing

@testable import Evidence
@testable import Project
@testable import Reports

@Suite("Law as of today")
struct LawTodayTests {
  let catalogue: LawCatalogue

  init() throws { catalogue = try StatusFixtures.catalogue.get() }

  @Test(
    "The definitions and Article 4a that were inserted apply since the inserting act is in force",
    arguments: ["article-3-14a", "article-3-14b", "article-4a-1", "article-4a-1-f", "article-4a-2"])
  func inserted(_ id: String) throws {
    let dates = try catalogue.entry(id).application
    #expect(dates.map(\.from) == ["2026-07-27"] && dates.map(\.scope) == ["any"])
    #expect(try LawPinnedText.file(LawProvisionTests.amendments).contains("In force 27 July 2026."))
  }

  @Test("What was in Chapter I as enacted, and penalties, apply by points (a) and (b) of Article 113")
  func earlier() throws {
    #expect(try catalogue.entry("article-3-23").application.map(\.from) == ["2025-02-02"])
    #expect(try catalogue.entry("article-99-4").application.map(\.from) == ["2025-08-02"])
    let lines = try LawPinnedText.lines("article-113.txt")
    #expect(lines.contains("(a) Chapters I and II shall apply from 2 February 2025;"))
    #expect(lines.contains { $0.hasPrefix("(b) ") && $0.contains("Chapter XII") && $0.contains("2 August 2025") })
  }

  @Test("2 August 2026 never comes without what begins on 2 December 2027 or 2 August 2028")
  func together() throws {
    var seen = 0
    for entry in catalogue.entries {
      for date in entry.application where date.from == "2026-08-02" {
        seen += 1
        let later = Set((date.refersTo ?? []).map(\.from))
        let isOne = later == ["2027-12-02"] || later == ["2028-08-02"] || later == ["2027-12-02", "2028-08-02"]
        #expect(isOne, "\(entry.id)")
      }
    }
    #expect(seen > 50)
    // Articles 43(2) and 43(3) speak of one kind of system each.
    #expect(try catalogue.entry("article-43-2").application[0].refersTo?.map(\.from) == ["2027-12-02"])
    #expect(try catalogue.entry("article-43-3").application[0].refersTo?.map(\.from) == ["2028-08-02"])
    #expect(try catalogue.entry("article-6-1a").application.map(\.from) == ["2028-08-02"])
    #expect(try catalogue.entry("article-27-4").application.map(\.from) == ["2027-12-02"])
    #expect(try catalogue.entry("article-6-5").application.map(\.from) == ["2026-08-02"])
  }

  @Test("The dossier, its JSON and a comparison of the law say both days in one breath")
  func printed() throws {
    let yaml = DossierFixtures.yaml().replacing("people:", with: "  annex_iii_point: 5(b)\npeople:")
    let output = try DossierBuilder().build(DossierFixtures.inputs(try DossierFixtures.folder(yaml), runs: []))
    let general = try #require(output.dossier.law.application.first { $0.from == "2026-08-02" })
    #expect(general.refersTo?.map(\.from) == ["2027-12-02"])
    #expect(general.days.hasPrefix("2026-08-02 (refers to ") && general.days.hasSuffix(": from 2027-12-02)"))
    // Every cell that has the one day has the other; the text between is the rule's own.
    let rows = output.pages("md").split(separator: "\n").filter { $0.hasPrefix("|") && $0.contains("2026-08-02") }
    #expect(rows.count == 1 && rows.allSatisfy { $0.contains("2027-12-02") }, "\(rows)")
    #expect(rows.allSatisfy { output.text("law.md").contains($0) })
  }

  @Test("Registration and explanations are never said without the exception of point 2 of Annex III")
  func pointTwo() throws {
    let rule = try #require(catalogue.applicability.first { $0.when == .annexIII })
    #expect(rule.says.contains("Unless that is point 2") && rule.says.contains("registered at national level"))
    #expect(rule.provisions.contains("article-49-5"))
    let pinned = try LawPinnedText.lines("article-049.txt")
    #expect(
      pinned.contains(
        "5. High-risk AI systems referred to in point 2 of Annex III shall be registered at national level."))
  }

  @Test(
    "A notified body: each point of Annex III has one case, and its law says so",
    arguments: ["1(a)", "2", "5(b)", "8(b)"])
  func notifiedBody(_ point: String) throws {
    let yaml = DossierFixtures.yaml().replacing("people:", with: "  annex_iii_point: \(point)\npeople:")
    let output = try DossierBuilder().build(DossierFixtures.inputs(try DossierFixtures.folder(yaml), runs: []))
    let cases = try #require(output.dossier.law.notifiedBody)
    #expect(cases.count == 1)
    let citation =
      point == "1(a)" ? "Article 43(1), Regulation (EU) 2024/1689" : "Article 43(2), Regulation (EU) 2024/1689"
    #expect(cases[0].citations.first == citation && (cases[0].asks?.count ?? 0) >= 3)
    let says = point == "1(a)" ? "it depends on standards" : "does not involve a notified body"
    #expect(output.text("law.md").contains(says))
    let law = try LawPinnedText.file("article-043.txt")
    #expect(
      law.contains("2. For high-risk AI systems referred to in points 2 to 8 of Annex III, providers shall follow"))
    #expect(law.contains("1. For high-risk AI systems listed in point 1 of Annex III"))
  }

  @Test("Standards: the cited one as the pinned notes report it, secondary, and all others pending")
  func standards() throws {
    let notes = try LawPinnedText.file(LawProvisionTests.amendments)
    let cited = catalogue.standards.list.filter { $0.status == .cited }
    #expect(cited.map { "\($0.reference):\($0.edition ?? "")" } == ["EN 18286:2026"])
    let standard = try #require(cited.first)
    #expect(notes.contains("EN 18286:2026, \(standard.title)"))
    #expect(standard.officialJournal?.contains("Commission Implementing Decision (EU) 2026/2274") == true)
    #expect(standard.officialJournal?.contains("OJ L 2026/2274, 14.10.2026 (CELEX 32026D2274)") == true)
    #expect(
      notes.contains(
        "OJ L 2026/2274, 14.10.2026 (CELEX 32026D2274), for the requirements of Article 17 that the standard covers"))
    #expect(standard.presumption.contains("Article 17 that the standard covers"))
    #expect(catalogue.standards.source.hasPrefix("Secondary source") && catalogue.standards.source.contains("not seen"))
    let pending = catalogue.standards.list.filter { $0.status == .pending }
    #expect(pending.count > 5 && pending.allSatisfy { $0.officialJournal == nil && $0.edition == nil })
    // Articles 9 to 15 are those of Section 2 with requirements of their own; 11 is covered by the others.
    let articles = pending.map(\.presumption)
    #expect([9, 10, 12, 13, 14, 15].allSatisfy { articles.contains("Article \($0)") })
  }

  @Test("The document says that it is not the simplified form, and that the division into elements is ours")
  func ours() throws {
    let output = try DossierBuilder().build(DossierFixtures.inputs(try DossierFixtures.folder(), runs: []))
    for file in ["dossier.md", "dossier.html"] {
      let text = output.text(file)
      #expect(text.contains("It is not the simplified form of Article 11(1), second subparagraph"), "\(file)")
      #expect(text.contains("none was known to be published on 2026-11-30"), "\(file)")
      #expect(text.contains("division into elements are ours"), "\(file)")
    }
  }
}

@Suite("Groups that are special categories of personal data")
struct SpecialCategoryTests {
  private static let conditions = [
    "special-category-necessity", "special-category-limits", "special-category-access", "special-category-no-transfer",
    "special-category-deletion", "special-category-records",
  ]

  private func build(_ groups: String, documentation: [String: String] = [:]) throws -> DossierBuilder.Output {
    let yaml = DossierFixtures.yaml().replacing("groups: [shape]", with: "groups: \(groups)")
    return try DossierBuilder().build(
      DossierFixtures.inputs(try DossierFixtures.folder(yaml, documentation: documentation), runs: []))
  }

  @Test("ask for the six conditions of Article 4a(1) as statements, shown at 2(d) and at 2(g)")
  func asked() throws {
    let catalogue = try StatusFixtures.catalogue.get()
    let plain = try build("[shape]")
    let special = try build("[{column: shape, special_category: true}]")
    #expect(special.dossier.counts.total == plain.dossier.counts.total + 6)
    let item = try #require(special.status.item("2(d)"))
    #expect(item.elements.suffix(6).map(\.element.id) == Self.conditions)
    #expect(item.elements.suffix(6).allSatisfy { $0.state.kind == .missing })
    let page = special.text("dossier.html")
    for (letter, element) in zip("abcdef", item.elements.suffix(6)) {
      let passage = try #require(catalogue.provision("article-4a-1-\(letter)")).passage
      #expect(element.element.provision == "article-4a-1-\(letter)")
      #expect(page.contains(passage.text), "\(letter)")
      #expect(special.text("dossier.md").contains("[2(d) \(element.element.title)](#"), "\(letter)")
    }
    #expect(
      page.contains("Article 4a(1), point (f), Regulation (EU) 2024/1689, as inserted by Regulation (EU) 2026/1744"))
    #expect(!plain.text("dossier.html").contains("Article 4a(1)"))
  }

  @Test("count as stated once they are, and a statement made without the declaration is not dropped")
  func stated() throws {
    let text = """
      ---
      item: 2(d)
      responsible: Ada Example
      function: Engineer
      date: 2026-11-01
      status: final
      ---
      ## Special categories: deletion

      Deleted after ninety days.
      """
    for groups in ["[{column: shape, special_category: true}]", "[shape]"] {
      let output = try build(groups, documentation: ["2-d.md": text])
      let element = try #require(
        output.status.item("2(d)")?.elements.first { $0.element.id == "special-category-deletion" })
      #expect(element.state.kind == .declared)
      #expect(output.text("dossier.md").contains("Deleted after ninety days."))
    }
  }

  @Test(
    "are declared with true or false under a column's name, and nothing else",
    arguments: [
      ("[{column: shape, special_category: maybe}]", ProjectError.Code.wrongType),
      ("[{column: shape, special_categories: true}]", .unknownKey), ("[{special_category: true}]", .missingKey),
      ("[{column: form, special_category: true}]", .unknownValue),
    ])
  func refused(_ groups: String, _ code: ProjectError.Code) {
    let error = #expect(throws: ProjectError.self) { _ = try build(groups) }
    #expect(
      error?.code == code && error?.description.contains("vitrine.yaml line") == true, "\(String(describing: error))")
  }
}

@Suite("The envelope of pre-determined changes in the dossier")
struct EnvelopeBlocksTests {
  @Test("stands under point 2(f) as vitrine.yaml has it, and nothing stands there where nothing is declared")
  func envelope() throws {
    let changes = """

      changes:
        may_change: [weights, tokenizer]
        envelope:
          - {measure: accuracy, grouping: shape, group: round, from: -0.02, to: 0.1}
      """
    let with = try DossierBuilder().build(
      DossierFixtures.inputs(try DossierFixtures.folder(DossierFixtures.yaml() + changes), runs: []))
    let without = try DossierBuilder().build(DossierFixtures.inputs(try DossierFixtures.folder(), runs: []))
    let page = with.text("dossier.md")
    let start = try #require(page.range(of: "# 2(f) Pre-determined changes")).lowerBound
    let end = try #require(page.range(of: "# 2(g) Validation and testing")).lowerBound
    let item = page[start..<end]
    #expect(item.contains("weights, tokenizer") && item.contains("accuracy") && item.contains("shape: round"))
    // Shares in percentage points: -0.02 and 0.1.
    #expect(item.contains("2.0") && item.contains("10.0") && item.contains("percentage points"))
    #expect(!without.text("dossier.md").contains("Declared envelope of pre-determined changes"))
  }
}
