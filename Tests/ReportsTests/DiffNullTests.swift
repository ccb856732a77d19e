import Foundation
import Testing

@testable import Analysis
@testable import Evidence
@testable import Project
@testable import Reports

@Suite("Comparisons where the truth is known")
struct DiffNullTests {
  private static let isFull = ProcessInfo.processInfo.environment["VITRINE_TEST_FULL"] == "1"

  /// A normal number, by Box and Muller.
  private static func normal(_ generator: inout SplitMix64) -> Double {
    let (u, v) = (1 - generator.uniform(), generator.uniform())
    return (-2 * log(u)).squareRoot() * cos(2 * .pi * v)
  }

  private static func values(_ prompts: Range<Int>, _ effect: (Int) -> Double) -> [DiffFixtures.Values] {
    prompts.map { place in
      DiffFixtures.Values(
        name: "record \(place)", prompt: "prompt \(place)", clean: 0.3, counterfactual: 0.3 + effect(place))
    }
  }

  @Test("say of the same model twice that it is byte-identical, and that nothing changed")
  func same() throws {
    let demo = try DiffDemo.shared.get()
    let source = DiffFixtures.demo(demo).before
    let built = try DiffBuilder().build(DiffFixtures.inputs(source, source))
    #expect(built.diff.outcome.isIdentical)
    #expect(built.diff.rows.allSatisfy { $0.verdict == .identical })
    #expect(built.diff.outcome.beyond.isEmpty)
    #expect(String(decoding: built.files[0].content, as: UTF8.self).contains("Byte-identical."))
    #expect(built.diff.mechanisms.allSatisfy { $0.nodes.allSatisfy { $0.verdict == .identical } })
  }

  @Test("recognise a copy with permuted heads as the same function, and say which head is where")
  func permuted() throws {
    let demo = try DiffDemo.shared.get()
    let sex = try #require(demo.behaviours.first { $0.id == "sex" })
    let nodes = try #require(sex.nodes?.compactMap { Node($0) })
    let heads = try #require(sex.heads)
    // In layer 1 every head moves on by one place; the others stay.
    func moved(_ node: Node) -> Node {
      if case .head(1, let head) = node { .head(layer: 1, head: (head + 1) % heads) } else { node }
    }
    let place = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($0.element, $0.offset) })
    func run(_ version: String, _ tail: String, isMoved: Bool) -> StoredRun {
      DiffFixtures.analysis(
        "sex", version,
        values: sex.before.enumerated().map { i, m in
          let noising = sex.noisingBefore?[i].map { effects in
            var result = effects
            if isMoved { for node in nodes { result[place[moved(node)] ?? 0] = effects[place[node] ?? 0] } }
            return result
          }
          // Another order of summation moves the last bits.
          return DiffFixtures.Values(
            name: sex.names[i], prompt: "prompt \(i)", clean: m[0] + (isMoved ? 1e-7 : 0), counterfactual: m[1],
            noising: noising)
        }, run: DossierFixtures.id(tail), nodes: nodes, shape: (sex.layers ?? 0, heads), tensors: tail)
    }
    let diff = try DiffFixtures.diff(
      DiffFixtures.source("1.0", [run("1.0", "a", isMoved: false)], root: "r0"),
      DiffFixtures.source("copy", [run("copy", "b", isMoved: true)], root: "r1"))
    let mechanism = diff.mechanisms[0]
    #expect(mechanism.isSameFunction)
    #expect(mechanism.identity == .byProfile)
    let moves = Dictionary(uniqueKeysWithValues: mechanism.moved.map { ($0.before, $0.after) })
    for head in 0..<heads { #expect(moves[.head(layer: 1, head: head)] == .head(layer: 1, head: (head + 1) % heads)) }
    #expect(moves.count == heads)
    #expect(!diff.outcome.isIdentical)
    #expect(diff.rows.allSatisfy { $0.verdict != .changed })
  }

  @Test("keep the share of reports with a false “changed” at the level when two runs have half of the prompts each")
  func halves() throws {
    let demo = try DiffDemo.shared.get()
    let repetitions = Self.isFull ? 2000 : 200
    var generator = SplitMix64(seed: 20_261_125)
    var wrong = 0
    for _ in 0..<repetitions {
      let order = generator.permutation(200)
      var drafts: [RowDraft.Tested] = []
      for behaviour in demo.behaviours {
        let effects = behaviour.before.map { $0[1] - $0[0] }
        let flips = behaviour.before.map { ($0[0] > 0) != ($0[1] > 0) ? 1.0 : 0 }
        for (measure, values) in [(ChangeSettings.Measure.effect, effects), (.flips, flips)] {
          let draft = RowDraft(
            subject: .init(
              measure: measure, behaviour: behaviour.id, grouping: nil, group: nil, runBefore: "a", runAfter: "b"),
            names: [], before: order[..<100].map { values[$0] }, after: order[100...].map { values[$0] },
            isPaired: false,
            leftOut: 0, isIdentical: false)
          drafts.append(draft.tested(DiffFixtures.settings()))
        }
      }
      let rows = Self.verdicts(drafts)
      if rows.contains(where: { $0 == .changed || $0 == .unchangedWithinMargin }) { wrong += 1 }
    }
    // Under the stated level of 0.05 more than this has a probability below 0.001 (normal bound, 3.1 standard deviations).
    let limit = 0.05 * Double(repetitions) + 3.1 * (0.05 * 0.95 * Double(repetitions)).squareRoot()
    print("false \"changed\" in \(wrong) of \(repetitions) reports on halves of the prompts; stated level 0.05")
    #expect(Double(wrong) <= limit)
  }

  /// Verdicts of one family, without the search for detectable differences.
  private static func verdicts(_ drafts: [RowDraft.Tested]) -> [Diff.Verdict] {
    let verdicts = Verdicts(settings: DiffFixtures.settings())
    let p = verdicts.adjusted(drafts.map { $0.row.p ?? 1 })
    let withMargin = drafts.indices.filter { drafts[$0].row.equivalenceP != nil }
    let adjusted = verdicts.adjusted(withMargin.map { drafts[$0].row.equivalenceP ?? 1 })
    let equivalence = Dictionary(uniqueKeysWithValues: zip(withMargin, adjusted))
    return drafts.indices.map { verdicts.verdict(p[$0], equivalence[$0]) }
  }

  @Test("find a planted change with the power that the report predicts for it")
  func planted() throws {
    let repetitions = Self.isFull ? 2000 : 200
    var generator = SplitMix64(seed: 7)
    let n = 60
    func row(_ shift: Double) throws -> Diff.Row {
      let before = Self.values(0..<n) { _ in Self.normal(&generator) }
      let after = before.map { value in
        var value = value
        value.counterfactual += shift + 0.2 * Self.normal(&generator)
        return value
      }
      let diff = try DiffFixtures.diff(
        DiffFixtures.source("1", [DiffFixtures.analysis("x", "1", values: before, run: DossierFixtures.id("a"))]),
        DiffFixtures.source("2", [DiffFixtures.analysis("x", "2", values: after, run: DossierFixtures.id("b"))]))
      return try #require(diff.rows.first { $0.measure == .effect })
    }
    // The report's own word, from a comparison in which nothing was planted.
    let detectable = try #require(try row(0).smallestDetectable)
    // The spread of the differences is 0.2 by construction; the report knows it from 60 of them only.
    let level = 0.05 / 2
    let predicted = TestPower.power(
      shift: detectable / (0.2 / Double(n).squareRoot()), level: level, degrees: Double(n - 1))
    #expect(abs(predicted - 0.8) < 0.15)
    var found = 0
    for _ in 0..<repetitions {
      let differences = (0..<n).map { _ in detectable + 0.2 * Self.normal(&generator) }
      if MeanDifference.paired(differences).p <= level { found += 1 }
    }
    let share = Double(found) / Double(repetitions)
    print(
      "a planted change of \(detectable) logits was found in \(share) of \(repetitions) repetitions, predicted \(predicted)"
    )
    #expect(abs(share - predicted) < 3.3 * (predicted * (1 - predicted) / Double(repetitions)).squareRoot())
  }

  @Test("call a difference that is both established and smaller than the margin unchanged within the margin")
  func withinMargin() throws {
    var generator = SplitMix64(seed: 3)
    let before = Self.values(0..<200) { _ in Self.normal(&generator) }
    let after = before.map { value in
      var value = value
      value.counterfactual += 0.02 + 0.01 * Self.normal(&generator)
      return value
    }
    let row = try #require(
      try DiffFixtures.diff(
        DiffFixtures.source("1", [DiffFixtures.analysis("x", "1", values: before, run: DossierFixtures.id("a"))]),
        DiffFixtures.source("2", [DiffFixtures.analysis("x", "2", values: after, run: DossierFixtures.id("b"))])
      ).rows.first { $0.measure == .effect })
    #expect(row.verdict == .unchangedWithinMargin)
    #expect(abs((row.difference?.value ?? 0) - 0.02) < 0.005)
    #expect(row.envelope.state == .notNeeded)
  }
}
