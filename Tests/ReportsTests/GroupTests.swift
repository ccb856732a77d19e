import Foundation
import Testing

@testable import Analysis
@testable import Evidence
@testable import Project
@testable import Reports

/// Who fares worse, as it is printed. Planted data and what holds of them: `Tests/Reference/groups.json`, made with scipy and
/// statsmodels.
@Suite("Who fares worse, in words")
struct GroupTests {
  private struct Planted: Decodable {
    struct Cell: Decodable {
      var groups: [String: String]
      var n, labels, `true`, `false`: Int
    }
    struct Row: Decodable {
      var groupings, group: [String]
      var measure, loss: String
      var difference: Double
    }
    struct Kind: Decodable {
      var name: String
      var references: [String: String]
      var intersections: [[String]]
      var favourable: GroupComparison.Declaration.Side
      var groupings: [String]
      var cells: [Cell]
      var expected: [Row]
    }
    var planted: [Kind]
  }

  private let kinds: [Planted.Kind]
  private let text: InterfaceText

  init() throws {
    text = try InterfaceText.english()
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Reference/groups.json")
    kinds = try JSONDecoder().decode(Planted.self, from: Data(contentsOf: file)).planted
  }

  private func glance(_ kind: Planted.Kind, limit: Int) throws -> (blocks: [Block], section: Section) {
    var (names, labels, groups, scores) = ([String](), [Bool](), [[String: String]](), [Double]())
    for cell in kind.cells {
      for place in 0..<cell.n {
        names.append("record \(names.count + 1)")
        labels.append(place < cell.labels)
        groups.append(cell.groups)
        let isPositive = place < cell.labels ? place < cell.true : place - cell.labels < cell.false
        scores.append(isPositive ? 1 : -1)
      }
    }
    let run = DiffFixtures.evaluation(
      "1.0", names: names, prompts: names, positive: labels, groupings: kind.groupings, groups: groups, scores: scores,
      run: DossierFixtures.id("77")
    ).record
    let comparison = GroupComparison(
      try #require(run.evaluationPlan), try #require(run.evaluation),
      .init(references: kind.references, intersections: kind.intersections, favourable: kind.favourable),
      confidence: 0.95,
      power: 0.8)
    let fares = WhoFaresWorse(comparison, changes: [])
    let words = GroupWords(text: text, positive: [" approve"])
    let runs = RunNames([run.id], text: text)
    return (
      GroupsAtAGlance(
        run: run, comparison: comparison, fares: fares, words: words, names: runs, limit: limit
      ).blocks,
      GroupsSection(run: run, comparison: comparison, fares: fares, words: words, before: nil, names: runs).section
    )
  }

  private func rows(_ blocks: [Block]) -> [[String]] {
    blocks.flatMap { block -> [[String]] in
      guard case .table(let table) = block else { return [] }
      return table.rows.map { $0.map { $0.plainText.replacing("\u{A0}", with: " ") } }
    }
  }

  @Test(
    "Planted data: the first page has the groups that are behind, worst first, in the words that hold",
    arguments: 0..<20)
  func planted(number: Int) throws {
    let kind = kinds[number]
    let behind = kind.expected.filter { $0.loss != "none" }
    let (blocks, section) = try glance(kind, limit: 1000)
    let rows = rows(blocks)
    #expect(rows.count == behind.count, "\(kind.name)")
    for (row, expected) in zip(rows, behind) {
      let place = "\(kind.name): \(row)"
      let named = zip(expected.groupings, expected.group).map { "\($0): \($1)" }.joined(separator: ", ")
      #expect(row[0].hasPrefix(named + ", against "), "\(place)")
      #expect(row[0].hasSuffix("all other records") == kind.references.isEmpty, "\(place)")
      let sign = expected.difference < 0 ? "−" : "+"
      #expect(row[4].hasPrefix(sign + String(format: "%.1f", abs(expected.difference * 100)) + " ("), "\(place)")
      let said =
        switch expected.measure {
        case "accuracy": "decided rightly"
        case "positive-rate": "decided “approve”"
        case "true-positive-rate": "decided “approve” where that is the label"
        default: "decided “approve” where another answer is the label"
        }
      #expect(row[4].hasSuffix(") " + said), "\(place)")
      switch expected.loss {
      case "settled": #expect(row[5] == "settled", "\(place)")
      case "likely":
        #expect(row[5].hasPrefix("likely, not settled: about ") && row[5].hasSuffix(" records would"), "\(place)")
      default: #expect(row[5].hasPrefix("not settled: about ") && row[5].hasSuffix(" records would"), "\(place)")
      }
      let n = kind.cells.filter { cell in
        zip(expected.groupings, expected.group).allSatisfy { cell.groups[$0] == $1 }
      }.reduce(0) { $0 + $1.n }
      #expect(row[1].contains("(few)") == (n < 30), "\(place)")
      #expect(row[6] == "run 00000077", "\(place)")
    }
    // A first page has a few rows and says how many more there are.
    let few = try glance(kind, limit: 2).blocks
    #expect(self.rows(few).count == min(2, behind.count))
    guard case .paragraph(let last) = few.last else { return #expect(Bool(false), "\(kind.name)") }
    if behind.count > 2 { #expect(last.plainText.hasPrefix("\(behind.count - 2) more row"), "\(kind.name)") }
    // No word of the section claims more than a measurement.
    #expect(
      section.blocks.count >= 6 && ClaimLinter(text.claims).violation(in: section.words) == nil, "\(kind.name)")
  }

  // MARK: Between versions

  /// Records of one group, of which so many lost and so many gained a right decision.
  private struct Change: Sendable {
    var group: String
    var n: Int
    var lost: Int
    var gained: Int
  }

  private func diff(_ changes: [Change], _ envelope: [ChangeSettings.Limit] = []) throws -> (
    diff: Diff, summary: String
  ) {
    func source(_ version: String, isLater: Bool) -> DiffSource {
      var (names, labels, groups, scores) = ([String](), [Bool](), [[String: String]](), [Double]())
      for change in changes {
        for place in 0..<change.n {
          names.append("record \(names.count + 1)")
          labels.append(place % 2 == 0)
          groups.append(["g": change.group])
          // The lost first, then the gained, then right ones; every label has its share of each.
          let isRight = place < change.lost ? !isLater : place < change.lost + change.gained ? isLater : true
          scores.append((place % 2 == 0) == isRight ? 1 : -1)
        }
      }
      return DiffFixtures.source(
        version,
        [
          DiffFixtures.evaluation(
            version, names: names, prompts: names, positive: labels, groupings: ["g"], groups: groups, scores: scores,
            run: DossierFixtures.id(isLater ? "b1" : "a1"))
        ], root: isLater ? "r1" : "r0")
    }
    let settings = DiffFixtures.settings(envelope: envelope)
    let inputs = try DiffFixtures.inputs(source("1", isLater: false), source("2", isLater: true), settings)
    let built = try DiffBuilder().build(inputs)
    let document = DiffDocument(diff: built.diff, inputs: inputs, text: text)
    return (built.diff, DiffBriefSection(context: document).section.words.replacing("\u{A0}", with: " "))
  }

  @Test(
    "a limit that nothing measured answers is not shown to be held: no run of both versions, no such group, no such behaviour"
  )
  func unanswered() throws {
    let changes = [Change(group: "x", n: 100, lost: 0, gained: 0), Change(group: "y", n: 300, lost: 0, gained: 0)]
    let effect = ChangeSettings.Limit(
      measure: .effect, behaviour: "sex", grouping: nil, group: nil, from: -0.1, to: 0.1)
    let group = ChangeSettings.Limit(measure: .accuracy, behaviour: nil, grouping: "g", group: "z", from: -0.05, to: 1)
    #expect(try diff(changes, [Self.limit]).0.outcome.beyond == [])
    let beyond = try diff(changes, [Self.limit, effect, group]).0.outcome.beyond
    #expect(
      beyond.count == 2
        && beyond.allSatisfy { $0.contains("both versions were not measured for it; not shown to be within") })
    #expect(beyond[0].hasPrefix("effect of sex:") && beyond[1].contains("z"), "\(beyond)")
  }

  private static let limit = ChangeSettings.Limit(
    measure: .accuracy, behaviour: nil, grouping: nil, group: nil, from: -0.05, to: 1)

  @Test(
    "A loss counts for the envelope and the exit status when it is settled and when it is likely, not when few records leave it open",
    arguments: [
      // McNemar: 2/2⁵ = 0.0625 for 5 to 0, and Tango’s interval leaves out 0; 2/2³⁰⁰ for 300 to 0.
      ("likely", 24, 5, 0, GroupComparison.Loss.likely, Diff.Envelope.State.notShownInside),
      ("settled and beyond", 1000, 300, 0, .settled, .beyond),
      ("settled, part of the interval within", 1000, 70, 10, .settled, .notShownInside),
      ("settled and small", 5000, 100, 20, .none, .notNeeded),
      ("one of five", 5, 1, 0, .open, .notNeeded),
      ("three and two", 24, 3, 2, .open, .notNeeded),
      ("gained", 24, 0, 5, .none, .notNeeded),
      ("nothing", 100, 0, 0, .none, .notNeeded),
    ] as [(String, Int, Int, Int, GroupComparison.Loss, Diff.Envelope.State)])
  func envelope(
    _ name: String, n: Int, lost: Int, gained: Int, loss: GroupComparison.Loss, state: Diff.Envelope.State
  ) throws {
    let (diff, summary) = try diff(
      [Change(group: "x", n: n, lost: lost, gained: gained), Change(group: "y", n: 300, lost: 0, gained: 0)],
      [Self.limit])
    let row = try #require(diff.rows.first { $0.measure == .accuracy && $0.group == "x" })
    #expect(row.loss == loss && row.envelope.state == state, "\(name): \(row)")
    let isTold = diff.outcome.beyond.contains { $0.hasPrefix("right decisions, g: x") }
    #expect(isTold == (state == .notShownInside || state == .beyond), "\(name): \(diff.outcome.beyond)")
    if loss == .likely {
      #expect(
        diff.outcome.beyond.contains {
          $0.contains("a likely loss, not settled: not shown to be within −5.0 to +100.0")
        })
      // 5 of 24 differ: (1.95996·√0.20833 + 0.84162·√(0.20833 − 0.0025))²/0.0025 = 651.7, by hand.
      #expect(row.needed == 652)
      #expect(summary.contains("likely, not settled: about 652 records would (limit: 5.0 points)"))
      #expect(
        diff.worksheet.flatMap(\.evidence).contains {
          $0.hasPrefix("Likely lost, and not settled: right decisions, g: x")
        })
    }
  }

  @Test(
    "Without a declared limit a likely loss is still told, with the records that would show one as large as the observed"
  )
  func withoutLimit() throws {
    let (diff, _) = try diff([Change(group: "x", n: 24, lost: 5, gained: 0)])
    let row = try #require(diff.rows.first { $0.measure == .accuracy && $0.group == "x" })
    // ψ = δ = 5/24: (1.95996·√ψ + 0.84162·√(ψ − ψ²))²/ψ² = 35.6, by hand.
    #expect(row.envelope == .init(state: .notShownInside, limit: nil) && row.needed == 36)
    #expect(diff.outcome.beyond.contains { $0.contains("a likely loss, not settled: no declared limit covers it") })
  }

  @Test(
    "Groups that lost stand worst first: what the interval shows before what is open, the larger before the smaller")
  func order() throws {
    let (diff, _) = try diff(
      [
        Change(group: "open", n: 5, lost: 2, gained: 1), Change(group: "small", n: 1000, lost: 80, gained: 10),
        Change(group: "large", n: 200, lost: 80, gained: 0), Change(group: "none", n: 100, lost: 0, gained: 3),
        Change(group: "likely", n: 24, lost: 5, gained: 0),
      ])
    let lost = WhoFaresWorse(nil, changes: diff.rows).groups.filter(\.hasLost)
    #expect(lost.map { $0.values[0] } == ["large", "likely", "small", "open"])
  }

  @Test(
    "The demo: the young of 24 records lost five right decisions, on the first page, in the worksheet and for the exit status"
  )
  func young() throws {
    let demo = try DiffDemo.shared.get()
    let (before, after) = DiffFixtures.demo(demo)
    let settings = DiffFixtures.settings(envelope: [Self.limit])
    let inputs = try DiffFixtures.inputs(before, after, settings)
    let built = try DiffBuilder().build(inputs)
    let document = DiffDocument(diff: built.diff, inputs: inputs, text: text)
    let brief = rows(DiffBriefSection(context: document).section.blocks)
    let young = try #require(brief.first { $0[0] == "age: young" })
    #expect(
      young[1] == "24 (few)" && young[3] == "58.3 % → 37.5 %" && young[4].hasSuffix("decided rightly"), "\(young)")
    #expect(brief.first { $0.count == 8 }?[0] == "age: young", "it is the first row")
    let line = "right decisions, age: young"
    #expect(built.diff.outcome.beyond.contains { $0.hasPrefix(line) && $0.contains("not shown to be within") })
    #expect(built.diff.worksheet.flatMap(\.evidence).contains { $0.contains(line) })
  }
}
