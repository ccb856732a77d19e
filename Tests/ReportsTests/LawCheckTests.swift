import Foundation
import Testing

@testable import Evidence
@testable import Project
@testable import Reports

@Suite("The check of the law's quotations")
struct LawCheckTests {
  let catalogue: LawCatalogue
  let today: CalendarDate

  init() throws {
    catalogue = try LawCatalogue.load()
    today = try #require(CalendarDate("2026-12-01"))
  }

  /// A copy of the pinned text in which one file may be changed or left out.
  private func folder(changing name: String? = nil, to change: (String) -> String? = { $0 }) throws
    -> DossierFixtures.Folder
  {
    var files: [String: String] = [:]
    for file in Set(catalogue.entries.map(\.file)) {
      let text = try LawPinnedText.file(file)
      files[file] = file == name ? change(text) : text
    }
    return try DossierFixtures.Folder(files)
  }

  @Test("finds every quotation in the pinned text")
  func pinned() throws {
    let check = try LawCheck.run(catalogue, folder: LawPinnedText.folder, today: today)
    #expect(check.entries.filter { $0.text != .found || !$0.digestHolds }.map(\.id) == [])
    #expect(check.holds && check.entries.count == catalogue.items.count + 3 + catalogue.provisions.count)
  }

  @Test("finds the one word that differs, in the one passage that holds it")
  func changedWord() throws {
    let folder = try folder(changing: "annex-05-V.txt") {
      $0.replacing("the name and function of the person", with: "the name of the person")
    }
    let check = try LawCheck.run(catalogue, folder: folder.url, today: today)
    #expect(check.entries.filter { $0.text != .found }.map(\.id) == ["annex-v-8"])
    #expect(!check.holds)
  }

  @Test("names the passages whose file is not there")
  func missingFile() throws {
    let folder = try folder(changing: "article-019.txt") { _ in nil }
    let check = try LawCheck.run(catalogue, folder: folder.url, today: today)
    #expect(check.entries.filter { $0.text == .noFile }.map(\.id) == ["article-19-1", "article-19-2"])
    #expect(!check.holds)
  }

  @Test("holds no quotation whose text is not the one of its digest")
  func changedQuotation() throws {
    var changed = catalogue
    changed.provisions[0].passage.text += " And more."
    let check = try LawCheck.run(changed, folder: nil, today: today)
    #expect(check.entries.filter { !$0.digestHolds }.map(\.id) == [catalogue.provisions[0].id])
    #expect(!check.holds)
  }

  @Test(
    "asks for a check by a person that is young enough",
    arguments: [("2026-11-23", true), ("2027-02-21", true), ("2027-02-22", false), ("2026-11-22", false)])
  func age(_ day: String, _ isRecent: Bool) throws {
    let check = try LawCheck.run(catalogue, folder: nil, today: try #require(CalendarDate(day)))
    #expect(check.isRecent == isRecent && check.holds == isRecent)
  }

  @Test("finds a passage by its id and by the name of its statement file, and names the nearest one to a misspelt id")
  func entries() throws {
    #expect(try catalogue.entry("2(b)") == catalogue.entry("2-b"))
    #expect(try catalogue.entry("9").kind == .item)
    #expect(try catalogue.entry("1").kind == .point)
    #expect(try catalogue.entry("annex-v-8").application.map(\.from) == ["2026-08-02"])
    #expect { try catalogue.entry("anex-v-8") } throws: {
      ($0 as? ReportsError)?.code == .unknownPassage && "\($0)".contains("annex-v-8")
    }
  }
}

@Suite("What follows from what a project declares")
struct ApplicabilityTests {
  private func system(
    point: String? = nil, annexI: Bool = false, enterprise: String? = nil, institution: Bool? = nil, learns: Bool? = nil
  ) -> Project.System {
    Project.System(
      name: "Example", provider: nil, intendedPurpose: nil, riskClass: nil, annexIIIPoint: point, annexI: annexI,
      enterprise: enterprise, placedOnMarket: nil, financialInstitution: institution, continuesToLearn: learns)
  }

  @Test("is known only where the project file says it")
  func conditions() {
    typealias Condition = ApplicabilityRule.Condition
    let nothing = system()
    #expect(Condition.allCases.allSatisfy { $0.holds(for: nothing) == nil })
    let credit = system(point: "5(b)", enterprise: "smc", institution: true, learns: false)
    #expect(Condition.annexIII.holds(for: credit) == true && Condition.annexI.holds(for: credit) == false)
    #expect(Condition.sme.holds(for: credit) == false && Condition.smc.holds(for: credit) == true)
    #expect(Condition.financialInstitution.holds(for: credit) == true)
    #expect(Condition.continuesToLearn.holds(for: credit) == false)
    let product = system(annexI: true)
    #expect(Condition.annexI.holds(for: product) == true && Condition.annexIII.holds(for: product) == false)
  }

  @Test("rests on provisions that say it")
  func basis() throws {
    let catalogue = try LawCatalogue.load()
    let words: [ApplicabilityRule.Condition: String] = [
      .annexIII: "referred to in Annex III", .annexI: "a single set of technical documentation",
      .sme: "‘SME’ means", .smc: "‘SMC’ means", .financialInstitution: "Providers that are financial institutions",
      .continuesToLearn: "continue to learn after being placed on the market",
    ]
    let all = ApplicabilityRule.Condition.allCases
    let points: [ApplicabilityRule.Condition] = [.annexIIIPoint1, .annexIIIOther]
    #expect(catalogue.applicability.map(\.when).distinct == all.filter { !points.contains($0) })
    #expect(Set(catalogue.notifiedBody.map(\.when)) == Set(points + [.annexI]))
    for rule in catalogue.applicability {
      let texts = rule.provisions.compactMap { catalogue.provision($0)?.passage.text }
      let wanted = try #require(
        rule.id == "annex-iii-deployers" ? "points 5 (b) and (c) of Annex III" : words[rule.when])
      #expect(texts.contains { $0.contains(wanted) }, "\(rule.id)")
    }
    let bodies: [ApplicabilityRule.Condition: String] = [
      .annexIIIPoint1: "listed in point 1 of Annex III", .annexIIIOther: "points 2 to 8 of Annex III",
      .annexI: "covered by the Union harmonisation legislation listed in Section A of Annex I",
    ]
    for rule in catalogue.notifiedBody {
      let texts = rule.provisions.compactMap { catalogue.provision($0)?.passage.text }
      #expect(try texts.contains { $0.contains(try #require(bodies[rule.when])) }, "\(rule.id)")
    }
  }

  @Test("of one point of Annex III is not that of another", arguments: [("1(a)", true), ("2", false), ("8(b)", false)])
  func points(_ point: String, isFirst: Bool) {
    let system = system(point: point)
    #expect(ApplicabilityRule.Condition.annexIIIPoint1.holds(for: system) == isFirst)
    #expect(ApplicabilityRule.Condition.annexIIIOther.holds(for: system) == !isFirst)
  }

  @Test("stands in the dossier with its citations, and what is not said as not stated")
  func dossier() throws {
    let yaml = DossierFixtures.yaml().replacing(
      "people:", with: "  annex_iii_point: 5(b)\n  enterprise: sme\n  continues_to_learn: true\npeople:")
    let folder = try DossierFixtures.folder(yaml)
    let output = try DossierBuilder().build(DossierFixtures.inputs(folder, runs: []))
    let holds = Dictionary(
      output.dossier.law.applicability.map { ($0.condition, $0.holds) }, uniquingKeysWith: { first, _ in first })
    #expect(holds["annex-iii"] == true && holds["annex-i"] == false && holds["sme"] == true)
    #expect(holds["continues-to-learn"] == true && holds["financial-institution"] == .some(nil))
    #expect(output.text("law.html").contains("Article 18(3), Regulation (EU) 2024/1689"))
    #expect(output.text("law.md").contains("Article 3, point (14a)"))
  }
}
