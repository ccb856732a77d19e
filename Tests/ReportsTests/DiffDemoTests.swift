import Foundation
import Testing

@testable import Analysis
@testable import Evidence
@testable import Project
@testable import Reports

@Suite("The demo's two versions, compared")
struct DiffDemoTests {
  let demo: DiffDemo
  let diff: Diff

  init() throws {
    demo = try DiffDemo.shared.get()
    let (before, after) = DiffFixtures.demo(demo)
    diff = try DiffFixtures.diff(before, after)
  }

  private func row(
    _ measure: ChangeSettings.Measure, _ behaviour: String? = nil, _ grouping: String? = nil, _ group: String? = nil
  ) throws -> Diff.Row {
    try #require(
      diff.rows.first {
        $0.measure == measure && $0.behaviour == behaviour && $0.grouping == grouping && $0.group == group
      })
  }

  @Test("have the differences, intervals and p-values that scipy gives for every behaviour")
  func effects() throws {
    for behaviour in demo.behaviours {
      let (row, expected) = (try row(.effect, behaviour.id), behaviour.expected)
      let difference = try #require(row.difference)
      #expect(row.n == 200 && row.pairing == .paired)
      #expect(abs(row.before - expected.before) < 1e-12 && abs(row.after - expected.after) < 1e-12)
      #expect(abs(difference.value - expected.difference) < 1e-12)
      #expect(abs(difference.low - expected.low) < 1e-9 && abs(difference.high - expected.high) < 1e-9)
      #expect(abs((row.p ?? 2) / expected.p - 1) < 1e-6, "\(behaviour.id)")
    }
  }

  @Test("show the effect of sex reduced, while the flipped decisions, 9 to 3, leave it unsettled: the report says both")
  func sex() throws {
    let effect = try row(.effect, "sex")
    #expect(effect.verdict == .changed)
    #expect(abs(effect.after) < abs(effect.before))
    let flips = try row(.flips, "sex")
    #expect(flips.discordant == .init(onlyBefore: 9, onlyAfter: 3, countBefore: 9, countAfter: 3))
    // 2·(1 + 12 + 66 + 220)/2¹².
    #expect(abs((flips.p ?? 0) - 598.0 / 4096) < 1e-12)
    #expect(flips.verdict == .unsettled)
    let (before, after) = DiffFixtures.demo(demo)
    let markdown = try DiffBuilder().build(DiffFixtures.inputs(before, after)).files[0].content
    let text = String(decoding: markdown, as: UTF8.self).replacing("\u{A0}", with: " ")
    #expect(
      text.contains("effect of sex: −0.168 before, −0.074 after, difference +0.094 (+0.080 to +0.107) logits, n = 200"))
    #expect(text.contains("9 before and 3 after, of 200; 9 only before, 3 only after"))
    #expect(text.contains("McNemar’s exact p-value 0.146"))
  }

  @Test("have McNemar's exact p-values and n for right decisions, over all records and by group, and settle none")
  func accuracy() throws {
    for (name, expected) in demo.evaluation.expected {
      let parts = name.split(separator: ".").map(String.init)
      let row = try parts.count == 2 ? row(.accuracy, nil, parts[0], parts[1]) : row(.accuracy)
      #expect(row.n == expected.n, "\(name)")
      #expect(row.discordant?.onlyBefore == expected.onlyBefore && row.discordant?.onlyAfter == expected.onlyAfter)
      #expect(abs((row.p ?? 2) - expected.mcnemar) < 1e-12, "\(name)")
      #expect([.unsettled, .unchanged].contains(row.verdict), "\(name): \(row.verdict)")
    }
  }

  @Test("are compared by group on the records' own groups, whose n add up to all records")
  func groups() throws {
    for grouping in demo.evaluation.groupings {
      let rows = diff.rows.filter { $0.measure == .effect && $0.behaviour == "sex" && $0.grouping == grouping }
      #expect(rows.reduce(0) { $0 + $1.n } == 200)
    }
  }

  @Test("say which heads carried the change, by scipy's test of each node on the prompts where both sides have effects")
  func heads() throws {
    let mechanism = try #require(diff.mechanisms.first { $0.behaviour == "sex" })
    let expected = try #require(demo.behaviours.first { $0.id == "sex" }?.expected)
    #expect(mechanism.n == expected.n && mechanism.refused == 200 - (expected.n ?? 0))
    #expect(mechanism.identity == .byName)
    let p = try #require(expected.nodes)
    let order = mechanism.nodes.map(\.node.description)
    let adjusted = MultipleTesting.holm(order.map { p[$0]?.p ?? 2 })
    for (change, adjusted) in zip(mechanism.nodes, adjusted) {
      #expect(abs((change.difference?.value ?? 9) - (p[change.node.description]?.difference ?? 0)) < 1e-9)
      #expect(abs((change.adjustedP ?? 2) / adjusted - 1) < 1e-6, "\(change.node)")
    }
    let largest = p.max { abs($0.value.difference) < abs($1.value.difference) }?.key
    #expect(order.first == largest)
    #expect(mechanism.comparison?.onlyA == [] && mechanism.comparison?.onlyB == [])
  }

  @Test("list the prompts that differ most, worst first, by name")
  func worst() throws {
    let behaviour = try #require(demo.behaviours.first { $0.id == "sex" })
    func effect(_ values: [Double]) -> Double { values[1] - values[0] }
    let changes: [Double] = zip(behaviour.before, behaviour.after).map { effect($1) - effect($0) }
    let order = changes.indices.sorted { abs(changes[$0]) > abs(changes[$1]) }.prefix(5).map { behaviour.names[$0] }
    #expect(try row(.effect, "sex").worst.map(\.name) == order)
    func flips(_ values: [Double]) -> Bool { (values[0] > 0) != (values[1] > 0) }
    let flipped = behaviour.names.indices.filter { flips(behaviour.before[$0]) != flips(behaviour.after[$0]) }
      .map { behaviour.names[$0] }
    #expect(try row(.flips, "sex").worst.map(\.name) == flipped)
  }

  @Test("lie beyond an envelope in which nothing was declared, and within one whose limits hold the whole interval")
  func envelope() throws {
    #expect(try row(.effect, "sex").envelope.state == .beyond)
    #expect(!diff.outcome.beyond.isEmpty)
    let (before, after) = DiffFixtures.demo(demo)
    func state(_ from: Double, _ to: Double) throws -> Diff.Envelope.State? {
      let limit = ChangeSettings.Limit(measure: .effect, behaviour: "sex", from: from, to: to)
      return try DiffFixtures.diff(before, after, DiffFixtures.settings(envelope: [limit])).rows.first {
        $0.measure == .effect && $0.behaviour == "sex" && !$0.isGroup
      }?.envelope.state
    }
    #expect(try state(0, 0.2) == .inside)
    #expect(try state(0, 0.1) == .notShownInside)
    #expect(try state(-0.2, 0) == .beyond)
  }

  @Test("give the same bytes each time")
  func deterministic() throws {
    let (before, after) = DiffFixtures.demo(demo)
    let first = try DiffBuilder().build(DiffFixtures.inputs(before, after))
    let second = try DiffBuilder().build(DiffFixtures.inputs(before, after))
    #expect(first.files.map(\.content) == second.files.map(\.content))
  }

  @Test("answer no question of the law and leave every blank blank")
  func noVerdict() throws {
    #expect(diff.worksheet.count == 7)
    let text = String(decoding: try WorksheetFile.blank(diff), as: UTF8.self)
    for line in text.split(separator: "\n") where line.contains("answer:") || line.contains("    reason:") {
      #expect(line.hasSuffix(":"), "\(line)")
    }
    #expect(text.contains("substantial_modification:    # yes or no"))
  }
}
