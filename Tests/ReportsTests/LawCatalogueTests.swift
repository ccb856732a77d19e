import Foundation
import Testing

@testable import Analysis
@testable import Evidence
@testable import Reports

@Suite("The law catalogue")
struct LawCatalogueTests {
  let catalogue: LawCatalogue

  init() throws { catalogue = try LawCatalogue.load() }

  @Test("holds every point of Annex IV in the law's order, word for word, and no other")
  func annexIV() throws {
    let pinned = try LawPinnedText.annexIV()
    let withLetters = Set(pinned.points.map(\.0).filter { $0.contains("(") }.map { String($0.prefix { $0 != "(" }) })
    let items = pinned.points.filter { !withLetters.contains($0.0) }
    #expect(catalogue.items.map(\.id) == items.map(\.0))
    #expect(catalogue.items.map(\.passage.text) == items.map(\.1))
    let introductions = pinned.points.filter { withLetters.contains($0.0) }
    #expect(catalogue.points.map(\.id) == introductions.map(\.0))
    #expect(catalogue.points.map(\.passage.text) == introductions.map(\.1))
    #expect(catalogue.annex.text == pinned.chapeau)
    #expect(catalogue.annexHeading == pinned.heading)
    // 8 + 8 lettered points and points 3 to 9: counted in the Official Journal.
    #expect(catalogue.items.count == 23)
    #expect(catalogue.items.first?.id == "1(a)" && catalogue.items.last?.id == "9")
  }

  @Test("keeps the drafting quirks of the authentic text")
  func quirks() throws {
    #expect(try text("2(b)").contains("in respect of who, the system is intended to be used"))
    for item in ["1(g)", "1(h)"] {
      #expect(try text(item).contains("a basic description of the user-interface provided to the deployer"))
    }
  }

  @Test("cites each item by its own number")
  func citations() {
    for item in catalogue.items {
      #expect(item.passage.citation == "Annex IV, point \(item.id), Regulation (EU) 2024/1689")
      #expect(item.passage.verification == .byteVerified)
      #expect(item.passage.amendment.description == "not amended by Regulation (EU) 2026/1744")
      #expect(!item.passage.ourTitle.isEmpty)
    }
    #expect(
      catalogue.item("2(b)").map(catalogue.introduction)??.passage.text.hasPrefix("A detailed description") == true)
    #expect(catalogue.item("3").map(catalogue.introduction) == .some(nil))
  }

  @Test("quotes each element from its item, and the elements together leave out nothing that the law asks")
  func elementsCoverTheText() {
    // What may stand between the elements: words that join, and none that asks for anything.
    let joining: Set<String> = [
      "a", "and", "as", "in", "including", "of", "particular", "regard", "the", "to", "together", "well", "with",
    ]
    for item in catalogue.items {
      let text = item.passage.text
      var isCovered = [Bool](repeating: false, count: text.utf8.count)
      let quotes =
        item.elements.flatMap { [$0.quote] + [$0.condition].compactMap { $0 } } + [item.lead].compactMap { $0 }
      for quote in quotes {
        let ranges = text.ranges(of: quote)
        #expect(!ranges.isEmpty, "\(item.id): '\(quote)' is not in the text")
        for range in ranges {
          let start = text.utf8.distance(from: text.startIndex, to: range.lowerBound)
          for index in start..<(start + quote.utf8.count) { isCovered[index] = true }
        }
      }
      let rest = String(decoding: zip(text.utf8, isCovered).map { $1 ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
      let words = rest.split { !$0.isLetter }.map { $0.lowercased() }
      #expect(words.filter { !joining.contains($0) } == [], "\(item.id) leaves words without an element")
    }
  }

  @Test("marks an element conditional where the law conditions it")
  func conditions() throws {
    func conditional(_ item: String) throws -> [String] {
      try #require(catalogue.item(item)).elements.filter(\.isConditional).map(\.id)
    }
    #expect(try conditional("1(b)") == ["external-hardware-and-software", "other-ai-systems"])
    #expect(try conditional("1(f)") == ["product-illustrations"])
    #expect(try conditional("2(a)") == ["third-party-tools"])
    #expect(try conditional("2(f)") == ["pre-determined-changes", "continuous-compliance"])
    #expect(try conditional("3") == ["input-specifications"])
    #expect(try conditional("7") == ["adopted-solutions", "other-standards"])
    for item in ["1(a)", "1(e)", "2(b)", "2(c)", "2(e)", "2(h)", "4", "5", "6", "8", "9"] {
      #expect(try conditional(item) == [], "\(item)")
    }
    // Each condition is one that the text states, and no item that states one lacks a conditional element.
    for item in catalogue.items {
      let states = ["where applicable", "where relevant", "as appropriate", "where the AI system is", "where no such"]
        .contains(where: item.passage.text.contains)
      #expect(try conditional(item.id).isEmpty != states, "\(item.id)")
    }
  }

  @Test("lets runs bear on items 2(b), 2(c), 2(e), 2(f), 2(g), 3, 4 and 6 only, and never complete one")
  func evidence() {
    let bearing = catalogue.items.filter { $0.elements.contains { $0.evidence != nil } }.map(\.id)
    #expect(bearing == ["2(b)", "2(c)", "2(e)", "2(f)", "2(g)", "3", "4", "6"])
    let sufficient = catalogue.items.flatMap { item in
      item.elements.filter { $0.evidence?.isSufficient == true }.map { "\(item.id) \($0.id)" }
    }
    #expect(sufficient == ["2(g) accuracy-metrics", "3 group-accuracy"])
    for item in catalogue.items {
      #expect(!item.elements.allSatisfy { $0.evidence?.isSufficient == true }, "\(item.id)")
    }
  }

  private func text(_ item: String) throws -> String { try #require(catalogue.item(item)).passage.text }
}

@Suite("Findings that bear on an element")
struct LawEvidenceRuleTests {
  @Test(
    "are named by patterns over the parts of their ids",
    arguments: [
      (["accuracy.*.**"], "accuracy.sex.female", true), (["accuracy.*.**"], "accuracy.age.25.5", true),
      (["accuracy.*.**"], "accuracy.all", false), (["accuracy.*.**"], "accuracy", false),
      (["accuracy", "accuracy.**"], "accuracy", true), (["accuracy", "accuracy.**"], "accuracy.sex.female", true),
      (["accuracy"], "accuracy-loss", false), (["accuracy.*"], "brier.sex", false), ([], "total-effect", true),
    ])
  func patterns(_ patterns: [String], _ finding: String, _ covers: Bool) {
    let rule = EvidenceRule(sources: [.evaluation], findings: patterns, isSufficient: false)
    #expect(rule.covers(finding: finding) == covers)
  }
}

@Suite("A calendar date")
struct LawCalendarDateTests {
  @Test(
    "is read only as YYYY-MM-DD and only if the day exists",
    arguments: [
      ("2026-11-23", true), ("2024-02-29", true), ("2000-02-29", true), ("2025-02-29", false), ("1900-02-29", false),
      ("2026-13-01", false), ("2026-00-10", false), ("2026-04-31", false), ("2026-4-3", false), ("23.11.2026", false),
      ("2026-11-23T00:00:00Z", false), ("+026-11-23", false), ("２０２６-11-23", false), ("", false),
    ])
  func reading(_ text: String, _ exists: Bool) {
    #expect(CalendarDate(text)?.description == (exists ? text : nil))
  }

  /// Expected values: Python's `datetime.date` difference.
  @Test(
    "counts the days to another",
    arguments: [
      ("2026-11-23", "2027-12-02", 374), ("2026-11-23", "2026-11-23", 0), ("2026-11-23", "2026-08-02", -113),
      ("2024-02-28", "2024-03-01", 2), ("1900-02-28", "1900-03-01", 1), ("1999-12-31", "2026-11-23", 9824),
    ])
  func days(_ from: String, _ to: String, _ expected: Int) throws {
    #expect(try #require(CalendarDate(from)).days(until: try #require(CalendarDate(to))) == expected)
  }
}
