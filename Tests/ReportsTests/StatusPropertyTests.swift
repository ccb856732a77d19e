import Foundation
import Testing

@testable import Analysis
@testable import Evidence
@testable import Reports

/// From a complete dossier, anything that is taken away turns exactly the elements missing that rested on it, and nothing else.
@Suite("Taking one thing away")
struct StatusPropertyTests {
  let catalogue: LawCatalogue
  let files: [String: String]
  let runs: [StoredRun]

  /// The elements that the fixture leaves to runs alone.
  static let byRuns: Set<String> = ["2(g) accuracy-metrics", "3 group-accuracy"]

  init() throws {
    catalogue = try StatusFixtures.catalogue.get()
    files = Dictionary(
      uniqueKeysWithValues: catalogue.items.map { item in
        let declared = item.elements.filter { !Self.byRuns.contains("\(item.id) \($0.id)") && !$0.isConditional }
        let excluded = item.elements.filter(\.isConditional).map { ($0.id, "it does not occur") }
        return (
          "\(item.slug).md",
          StatusFixtures.statement(
            item, elements: declared, notApplicable: Dictionary(uniqueKeysWithValues: excluded))
        )
      })
    runs = [
      StatusFixtures.run("overall", .evaluation, findings: [StatusFixtures.finding("accuracy")]),
      StatusFixtures.run("groups", .evaluation, findings: [StatusFixtures.finding("accuracy.sex.female")]),
      StatusFixtures.run("circuit", .analysis, findings: [StatusFixtures.finding("circuit.sufficiency")]),
    ]
  }

  /// `item element` of everything missing.
  private func missing(_ files: [String: String], _ runs: [StoredRun]) throws -> Set<String> {
    Set(try StatusFixtures.status(files, runs: runs).gaps.map { "\($0.item.id) \($0.element.id)" })
  }

  @Test("starts from a dossier in which nothing is missing")
  func complete() throws { #expect(try missing(files, runs) == []) }

  @Test("of a file turns its item's elements missing, but for those that runs evidence")
  func file() throws {
    for item in catalogue.items {
      var rest = files
      rest.removeValue(forKey: "\(item.slug).md")
      let expected = Set(item.elements.map { "\(item.id) \($0.id)" }).subtracting(Self.byRuns)
      #expect(try missing(rest, runs) == expected, "\(item.id)")
    }
  }

  @Test("of a heading turns one element missing")
  func heading() throws {
    for item in catalogue.items where item.elements.count > 1 {
      for element in item.elements where !Self.byRuns.contains("\(item.id) \(element.id)") && !element.isConditional {
        var rest = files
        rest["\(item.slug).md"] = rest["\(item.slug).md"]?
          .replacing("## \(element.title)\n\nText on \(element.id).\n", with: "")
        #expect(rest != files)
        #expect(try missing(rest, runs) == ["\(item.id) \(element.id)"])
      }
    }
  }

  @Test("of the text under a heading turns one element missing")
  func text() throws {
    for item in catalogue.items {
      for element in item.elements where !Self.byRuns.contains("\(item.id) \(element.id)") && !element.isConditional {
        var rest = files
        rest["\(item.slug).md"] = rest["\(item.slug).md"]?.replacing("Text on \(element.id).\n", with: "\n")
        #expect(rest != files)
        #expect(try missing(rest, runs) == ["\(item.id) \(element.id)"])
      }
    }
  }

  @Test("of a reason for not applying turns one element missing")
  func exclusion() throws {
    for item in catalogue.items {
      for element in item.elements where element.isConditional {
        var rest = files
        rest["\(item.slug).md"] = rest["\(item.slug).md"]?.replacing("  \(element.id): it does not occur\n", with: "")
        #expect(rest != files)
        #expect(try missing(rest, runs) == ["\(item.id) \(element.id)"])
      }
    }
  }

  @Test("of a key of the front matter turns all that the file says missing", arguments: 0..<4)
  func frontMatter(_ key: Int) throws {
    for item in catalogue.items {
      var rest = files
      rest["\(item.slug).md"] = rest["\(item.slug).md"]?.replacing(StatusFixtures.signed[key] + "\n", with: "")
      let expected = Set(item.elements.map { "\(item.id) \($0.id)" }).subtracting(Self.byRuns)
      #expect(try missing(rest, runs) == expected, "\(item.id)")
    }
  }

  /// The project file's facts, each with the element of 1(a) that it declares.
  private static let facts = ["intended-purpose", "provider-name", "version", "relation-to-previous-versions"].map {
    ProjectFacts.Fact(key: "system › \($0)", text: "As declared.", element: $0)
  }

  @Test("of a field of the project file turns the one element missing that it declares", arguments: 0..<4)
  func field(_ index: Int) throws {
    var rest = files
    rest.removeValue(forKey: "1-a.md")
    func missing(_ facts: [ProjectFacts.Fact]) throws -> Set<String> {
      Set(try StatusFixtures.status(rest, facts: facts, runs: runs).gaps.map { "\($0.item.id) \($0.element.id)" })
    }
    #expect(try missing(Self.facts) == [])
    var fewer = Self.facts
    let taken = fewer.remove(at: index)
    #expect(try missing(fewer) == ["1(a) \(taken.element)"])
  }

  /// Any mixture of files, headings, reasons and runs taken away: what is missing is the union of what each leaves open.
  @Test("of several things at once turns just the union missing", arguments: 0..<40)
  func several(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var rest = files
    var expected: Set<String> = []
    for item in catalogue.items {
      let file = "\(item.slug).md"
      let open = item.elements.filter { !Self.byRuns.contains("\(item.id) \($0.id)") }
      if random.next() % 5 == 0 {
        rest.removeValue(forKey: file)
        expected.formUnion(open.map { "\(item.id) \($0.id)" })
        continue
      }
      for element in open where random.next() % 4 == 0 {
        let words = element.isConditional ? "  \(element.id): it does not occur\n" : "Text on \(element.id).\n"
        rest[file] = rest[file]?.replacing(words, with: "")
        expected.insert("\(item.id) \(element.id)")
      }
    }
    let kept = runs.filter { _ in random.next() % 2 == 0 }
    if !kept.contains(where: { $0.record.id == "overall" }) { expected.insert("2(g) accuracy-metrics") }
    if !kept.contains(where: { $0.record.id == "groups" }) { expected.insert("3 group-accuracy") }
    #expect(try missing(rest, kept) == expected)
  }

  @Test(
    "of a run turns missing what only it evidences",
    arguments: [
      ("overall", Set(["2(g) accuracy-metrics"])), ("groups", Set(["3 group-accuracy"])), ("circuit", Set()),
    ])
  func run(_ id: String, _ expected: Set<String>) throws {
    #expect(try missing(files, runs.filter { $0.record.id != id }) == expected)
  }
}
