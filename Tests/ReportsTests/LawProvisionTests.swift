import Foundation
import Testing

@testable import Evidence
@testable import Reports

@Suite("Provisions that a dossier cites")
struct LawProvisionTests {
  static let amendments = "00-AMENDMENTS-2026-1744.md"
  let catalogue: LawCatalogue

  init() throws { catalogue = try LawCatalogue.load() }

  @Test("stand in their pinned files line by line, without a line left out between")
  func wording() throws {
    for provision in catalogue.provisions where !isRunTogether(provision) {
      let pinned = try LawPinnedText.lines(provision.file).map { $0.trimmingCharacters(in: .whitespaces) }
      var wanted = provision.passage.text.split(separator: "\n").map(String.init)
      // The first line may stand behind the number or letter of its paragraph, which the citation gives.
      let first = wanted.removeFirst()
      let isThere = pinned.indices.contains { start in
        let unnumbered = pinned[start].replacing(#/^(\d+\.|\((\d+[a-z]*|[a-z]+)\)) /#, with: "")
        guard pinned[start] == first || unnumbered == first else { return false }
        return pinned[(start + 1)...].starts(with: wanted)
      }
      #expect(isThere, "\(provision.id) is not in \(provision.file)")
    }
  }

  /// Whether its pinned file has it on one line with what comes before or after: some carriers give paragraphs so.
  private func isRunTogether(_ provision: Provision) -> Bool {
    ["article-4a-1", "article-6-1", "article-25-4-second-sentence"].contains { provision.id.hasPrefix($0) }
  }

  @Test("that a carrier gives run together are, put one after the other, the whole line")
  func runTogether() throws {
    func text(_ id: String) throws -> String { try #require(catalogue.provision(id)).passage.text }
    let lines = try LawPinnedText.lines(Self.amendments)
    let letters = try ["a", "b", "c", "d", "e", "f"].map { "(\($0)) " + (try text("article-4a-1-\($0)")) }
    let article4a = (["1. " + (try text("article-4a-1"))] + letters).joined(separator: " ")
    #expect(lines.contains(article4a))
    let article6 = try ["1", "1a", "1b", "1c"].map { "\($0). " + (try text("article-6-\($0)")) }.joined(separator: " ")
    #expect(lines.contains(article6))
    // Article 25(4) of 2024: the first sentence was replaced, the second is the last of its line.
    let sentence = try text("article-25-4-second-sentence")
    let article25 = try LawPinnedText.lines("article-025.txt")
    #expect(article25.contains { $0.hasPrefix("4. ") && $0.hasSuffix(". " + sentence) })
    #expect(sentence.hasPrefix("This paragraph shall not apply") && !sentence.contains(". "))
    let together = catalogue.provisions.filter(isRunTogether).map(\.id)
    #expect(together.count == 12, "\(together)")
  }

  @Test("of Article 6(1) are in the carrier's wording those of 2024")
  func article6() throws {
    let lines = try LawPinnedText.lines("article-006.txt")
    let start = try #require(lines.firstIndex { $0.hasPrefix("1. Irrespective") })
    let enacted = lines[start..<(start + 3)].joined(separator: " ").dropFirst(3)
    #expect(try #require(catalogue.provision("article-6-1")).passage.text == enacted)
  }

  /// Articles that are held whole, with the number of their paragraphs.
  private static let whole = [
    (6, 8), (9, 10), (17, 4), (20, 2), (21, 3), (26, 12), (27, 5), (40, 3), (43, 6), (48, 5), (49, 5), (99, 11),
  ]

  @Test("are the ones that a dossier needs")
  func presence() {
    let wanted =
      [
        "article-11-1-second", "article-13-3", "article-13-3-b-iv", "article-13-3-b-vii", "article-13-3-d",
        "article-14-4",
        "article-15-3", "article-18-1", "article-43-4", "article-47-1", "article-72-3", "article-86-1", "annex-iii-5-b",
        "article-113-second", "article-113-third-c", "article-3-14a", "article-11-2", "article-12-1", "article-12-2",
        "article-18-3", "article-19-1", "article-19-2", "article-47-2", "article-49-1", "article-86-2", "annex-v",
        "article-16", "article-25-4", "article-42-3", "article-111-2",
      ] + Self.whole.flatMap { article, last in (1...last).map { "article-\(article)-\($0)" } }
      + [1, 2, 3, 4, 6].map { "article-10-\($0)" } + (1...4).map { "annex-vi-\($0)" }
      + (1...8).map { "annex-iii-\($0)" }
      + (1...8).map { "annex-v-\($0)" } + (1...13).map { "annex-viii-a-\($0)" }
      + [1, 2, 3, 4, 5, 6, 8].map { "annex-viii-b-\($0)" }
    #expect(wanted.filter { catalogue.provision($0) == nil } == [])
    // Regulation (EU) 2026/1744 deletes these two.
    #expect(["annex-viii-b-7", "annex-viii-b-9", "article-10-5"].allSatisfy { catalogue.provision($0) == nil })
  }

  @Test("carry the number of their Article or Annex in citation and file")
  func citations() {
    for provision in catalogue.provisions {
      let parts = provision.id.split(separator: "-")
      let isAnnex = parts[0] == "annex"
      let place = isAnnex ? "Annex \(parts[1].uppercased())" : "Article \(parts[1])"
      #expect(provision.passage.citation.hasPrefix(place), "\(provision.id)")
      #expect(provision.passage.citation.contains("Regulation (EU) 2024/1689"), "\(provision.id)")
      if provision.file != Self.amendments {
        let annexes = ["iii": "annex-03-III", "v": "annex-05-V", "vi": "annex-06-VI", "viii": "annex-08-VIII"]
        let number =
          isAnnex
          ? annexes[String(parts[1])] ?? "" : "article-\(String(repeating: "0", count: 3 - parts[1].count))\(parts[1])"
        #expect(provision.file == "\(number).txt", "\(provision.id)")
      }
    }
  }

  @Test("never call wording of the amendment byte-verified, and name who carries it")
  func verification() {
    for provision in catalogue.provisions {
      let fromCarrier = provision.file == Self.amendments
      #expect((provision.passage.verification == .notByteVerified) == fromCarrier, "\(provision.id)")
      #expect(provision.carriers.isEmpty != fromCarrier, "\(provision.id)")
      let isNew = [.replaced, .inserted].contains(provision.passage.amendment.status)
      #expect(isNew == (fromCarrier && provision.id != "article-6-1"), "\(provision.id)")
      #expect(provision.passage.standing.contains("not byte-verified") == fromCarrier)
      #expect(!fromCarrier || !provision.passage.standing.lowercased().contains("official journal text"))
    }
    // Articles 3(14a), (14b), 4a(1), its points (a) to (f), (2), 6(1) to (1c), 10(1), (6), 11(1), 17(2), 25(4), 27(4), 42(3), 43(3), 72(3),
    // 111(2) and 113, third paragraph, points (a) to (d).
    #expect(catalogue.provisions.count { $0.file == Self.amendments } == 28)
  }

  @Test("stand at the point that the id names, with its letter or number")
  func places() throws {
    // e.g. annex-v-3 → "point 3", article-13-3-b-ii → "point (b)(ii)".
    for provision in catalogue.provisions where provision.file != Self.amendments {
      let parts = provision.id.split(separator: "-").map(String.init)
      let citation = provision.passage.citation
      switch (parts[0], parts[1], parts.count) {
      case ("annex", "v", 3), ("annex", "vi", 3), ("annex", "iii", 3):
        #expect(citation.hasPrefix("Annex \(parts[1].uppercased()), point \(parts[2]), "), "\(provision.id)")
      case ("annex", "viii", 4):
        #expect(citation.hasPrefix("Annex VIII, Section \(parts[2].uppercased()), point \(parts[3]), "))
      case ("article", "13", 4...):
        let mark = parts[3...].map { "(\($0))" }.joined()
        #expect(citation.hasPrefix("Article 13(3), point \(mark), "), "\(provision.id)")
        let pinned = try LawPinnedText.lines(provision.file).map { $0.trimmingCharacters(in: .whitespaces) }
        let first = provision.passage.text.prefix { $0 != "\n" }
        #expect(pinned.contains("(\(parts[parts.count - 1])) \(first)"), "\(provision.id)")
      case ("article", "3", 3):
        #expect(citation.hasPrefix("Article 3, point (\(parts[2])), "), "\(provision.id)")
        let pinned = try LawPinnedText.lines(provision.file)
        #expect(provision.passage.text.hasPrefix("(\(parts[2])) ") && pinned.contains(provision.passage.text))
      case ("article", _, 3) where Int(parts[2]) != nil:
        #expect(citation.hasPrefix("Article \(parts[1])(\(parts[2]))"), "\(provision.id)")
        let first = provision.passage.text.prefix { $0 != "\n" }
        let pinned = try LawPinnedText.lines(provision.file)
        // An introductory wording alone is cited as such.
        #expect(pinned.contains { $0.hasPrefix("\(parts[2]). \(first)") }, "\(provision.id)")
      default: break
      }
    }
  }

  @Test("say that they are unamended only where the pinned files say so")
  func amendments() throws {
    let notes = try LawPinnedText.file(Self.amendments)
    // The list that begins "NOT amended:".
    let unamended = try #require(notes.firstMatch(of: #/NOT amended: ([^\n]+)/#)).1
    for provision in catalogue.provisions where provision.passage.amendment.status == .unamended {
      if provision.id.hasPrefix("article-43-") {
        #expect(
          notes.contains("Paragraphs 1, 2, 4 (substantial modification / pre-determined changes), 5 and 6: UNCHANGED."))
        continue
      }
      let header = try LawPinnedText.file(provision.file).prefix { $0 != ">" }
      #expect(!header.contains("AMENDED since"), "\(provision.id)")
      let name = provision.id.split(separator: "-")[1]
      #expect(
        unamended.contains(provision.id.hasPrefix("annex") ? "Annex \(name.uppercased())," : "\(name)"),
        "\(provision.id)")
    }
    // Of these Articles nobody says that they are unamended: the carrier's quotations stand in the text of 2024.
    let sentence = #/quotations of Articles ([^\n]+) every one stands in the 2024 text/#
    let quoted = try #require(notes.firstMatch(of: sentence)).1
    for provision in catalogue.provisions where provision.passage.amendment.status == .noChangeNamed {
      let article = try #require(provision.id.split(separator: "-").dropFirst().first)
      let isAmendedElsewhere = try LawPinnedText.file(provision.file).contains("AMENDED since")
      #expect(
        isAmendedElsewhere || provision.id == "article-6-1" || article == "40"
          || quoted.split(whereSeparator: { !$0.isNumber }).contains(article), "\(provision.id)")
      #expect(provision.passage.amendment.note != nil, "\(provision.id)")
    }
    #expect(!unamended.contains("40"))
    for provision in catalogue.provisions where provision.passage.amendment.status == .wordingNotHeld {
      let isAmended = try LawPinnedText.file(provision.file).contains("AMENDED since")
      let note = try #require(provision.passage.amendment.note)
      #expect(isAmended || note.contains("secondary source"), "\(provision.id)")
      #expect(provision.passage.standing.contains("amended by Regulation (EU) 2026/1744; present wording not held"))
    }
    #expect(unamended.contains("Annex IV"))
    #expect(try LawPinnedText.file("annex-04-IV.txt").contains("Not amended by Regulation (EU) 2026/1744"))
  }
}

@Suite("Application dates")
struct LawApplicationTests {
  let catalogue: LawCatalogue

  init() throws { catalogue = try LawCatalogue.load() }

  @Test(
    "of Chapter III, Sections 1 to 3, follow Article 113, third paragraph, point (c)",
    arguments: ["article-6-2", "article-11-1-second", "article-13-3-d", "article-14-4", "article-15-3", "article-18-1"])
  func chapterIII(_ id: String) throws {
    let provision = try #require(catalogue.provision(id))
    let rule = try #require(catalogue.applicationRule(of: provision.passage))
    #expect(rule.dates(annexIII: true, annexI: false).map(\.from.description) == ["2027-12-02"])
    #expect(rule.dates(annexIII: false, annexI: true).map(\.from.description) == ["2028-08-02"])
    #expect(rule.dates(annexIII: true, annexI: true).count == 2)
    #expect(rule.dates.allSatisfy { $0.basis.hasPrefix("Article 113, third paragraph, point (c)") })
    #expect(rule.verification == .notByteVerified)
    let basis = try #require(catalogue.provision(rule.provision)).passage.text
    #expect(basis.contains("2 December 2027 as regards AI systems classified as high-risk pursuant to Article 6(2)"))
    #expect(basis.contains("2 August 2028 as regards AI systems classified as high-risk pursuant to Article 6(1)"))
  }

  @Test("of Annex IV are those of Article 11(1), which refers to it")
  func annexIV() throws {
    let article = try #require(catalogue.provision("article-11-1-second")).passage
    #expect(catalogue.annex.application == article.application)
    #expect(catalogue.items.allSatisfy { $0.passage.application == article.application })
  }

  @Test("of all else are the general one", arguments: ["article-43-4", "article-47-2", "article-72-1", "article-86-1"])
  func general(_ id: String) throws {
    let provision = try #require(catalogue.provision(id))
    let rule = try #require(catalogue.applicationRule(of: provision.passage))
    #expect(rule.dates(annexIII: true, annexI: false).map(\.from.description) == ["2026-08-02"])
    #expect(rule.dates.map(\.basis) == ["Article 113, second paragraph, Regulation (EU) 2024/1689"])
    #expect(try #require(catalogue.provision(rule.provision)).passage.text == "It shall apply from 2 August 2026.")
  }

  @Test("come with the day of the law and of the last check")
  func dates() throws {
    #expect(catalogue.lawAsOf.description == "2026-07-27")
    #expect(catalogue.checkedOn.description == "2026-11-23")
    #expect(catalogue.daysSinceCheck(on: try #require(CalendarDate("2027-02-21"))) == 90)
  }

  @Test("come with sources whose digests the pinned files name, and with the notice that reuse asks for")
  func sources() throws {
    let notes = try LawPinnedText.file(LawProvisionTests.amendments)
    for source in catalogue.sources {
      let line = try #require(notes.split(separator: "\n").first { $0.contains(source.sha256) }, "\(source.id)")
      #expect(line.contains(source.celex))
      #expect(line.contains("not held") != source.held)
    }
    #expect(catalogue.sources.count == 3)
    #expect(try LawPinnedText.file("annex-04-IV.txt").contains(catalogue.notice))
  }
}
