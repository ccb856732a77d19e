import Foundation
import Testing

@testable import Analysis

private struct AreasReference: Decodable {
  struct Row: Decodable {
    let faithfulness: [Double]
    let under: Double
    let fromOne: Double
  }
  let areas: [Row]
}

/// Completeness, minimality, backup nodes and faithfulness curves on set functions made by hand.
@Suite("Circuit checks")
struct CircuitChecksTests {
  private let heads = (0..<8).map { Node.head(layer: $0 / 4, head: $0 % 4) }

  /// Values from a function of the kept indices.
  private func values(_ value: @escaping (Set<Int>) -> Double) -> ([[Node]]) -> [Double] {
    let index = Dictionary(uniqueKeysWithValues: heads.enumerated().map { ($0.element, $0.offset) })
    return { $0.map { value(Set($0.compactMap { index[$0] })) } }
  }

  @Test("An additive circuit that holds everything is complete at every subset, and each node's need is its weight")
  func additive() throws {
    let weights = [4.0, 2, 1]
    func value(_ set: Set<Int>) -> Double { set.reduce(0) { $0 + ($1 < 3 ? weights[$1] : 0) } }
    let checks = try CircuitChecks.run(Array(heads.prefix(3)), universe: heads, seed: 1, values: values(value))
    #expect(checks.full == 7 && checks.empty == 0 && checks.worstIncompleteness == 0)
    #expect(checks.completeness.allSatisfy { $0.incompleteness == 0 })
    // All eight subsets of three nodes are tried, none twice.
    #expect(Set(checks.completeness.map(\.removed)).count == checks.completeness.count)
    #expect(checks.minimality.map(\.node) == [heads[2], heads[1], heads[0]])
    #expect(checks.minimality.map(\.largestChange) == [1, 2, 4])
    let shares: [Double] = [1.0, 2.0, 4.0].map { $0 / 7 }
    #expect(checks.minimality.map(\.share) == shares)
  }

  @Test("A backup outside the circuit leaves it faithful but incomplete, and completeness shows where")
  func backup() throws {
    // 1 does its work; if it is gone, 5 does. The circuit {0, 1} lacks 5.
    func value(_ set: Set<Int>) -> Double { (set.contains(0) ? 1 : 0) + (set.isDisjoint(with: [1, 5]) ? 0 : 3) }
    let checks = try CircuitChecks.run([heads[0], heads[1]], universe: heads, seed: 1, values: values(value))
    #expect(checks.completeness.first { $0.origin == .empty }?.incompleteness == 0, "faithful")
    let worst = checks.completeness[0]
    #expect(worst.incompleteness == 3 && worst.removed.contains(heads[1]) && worst.origin == .single)
    #expect(worst.circuit == 1 && worst.model == 4 && checks.worstIncompleteness == 0.75)
  }

  @Test("A node that is needed only when another is gone passes minimality by that subset")
  func redundantPair() throws {
    // Either of 0 and 1 is enough; 2 does nothing.
    func value(_ set: Set<Int>) -> Double { set.isDisjoint(with: [0, 1]) ? 0 : 2 }
    let checks = try CircuitChecks.run(Array(heads.prefix(3)), universe: heads, seed: 3, values: values(value))
    #expect(checks.minimality.map(\.node) == [heads[2], heads[0], heads[1]])
    #expect(checks.minimality.map(\.largestChange) == [0, 2, 2])
    #expect(checks.minimality[1].removed == [heads[1]] && checks.minimality[2].removed == [heads[0]])
  }

  @Test("Greedy subsets find an incompleteness that needs three nodes gone")
  func greedy() throws {
    // Each missing node of the circuit is made good by a backup outside, but for a part that grows with each.
    func value(_ set: Set<Int>) -> Double {
      let own = set.intersection([0, 1, 2, 3]).count
      return Double(own) + (set.contains(7) ? Double((4 - own) * (4 - own)) : 0)
    }
    let checks = try CircuitChecks.run(
      Array(heads.prefix(4)), universe: heads, random: 0, seed: 1, values: values(value))
    #expect(checks.completeness[0].removed == Array(heads.prefix(4)) && checks.completeness[0].origin == .greedy)
    #expect(checks.completeness[0].incompleteness == 16 && checks.worstIncompleteness == 4)
    #expect(checks.completeness.filter { $0.origin == .random }.isEmpty)
  }

  @Test("A model that ablation does not move has no completeness")
  func flat() {
    expectError(.notFinite, ["does not change"]) {
      _ = try CircuitChecks.run([heads[0]], universe: heads, seed: 1, values: values { _ in 1 })
    }
    expectError(.notFinite, ["does not change"]) {
      _ = try FaithfulnessCurve.measure(
        heads.map { ($0, 1) }, ranking: .signed, values: values { _ in 1 })
    }
  }

  @Test("A backup head's effect appears when the heads it backs up are ablated; an addend's does not change")
  func conditional() throws {
    // Kept-set values: 0 does 3, backed up by 5 to 2; 6 adds 1; 7 works only with 0, for 0.5.
    func value(_ kept: Set<Int>) -> Double {
      (kept.contains(0) ? 3 : kept.contains(5) ? 2 : 0) + (kept.contains(6) ? 1 : 0)
        + (kept.isSuperset(of: [0, 7]) ? 0.5 : 0)
    }
    let evaluate = values(value)
    let result = try BackupNodes.measure(given: [heads[0]], nodes: heads) { ablated in
      evaluate(ablated.map { set in heads.filter { !set.contains($0) } })
    }
    #expect(result.conditioningEffect == 2 + 1 - 4.5 && result.entries.count == 7)
    let entry = Dictionary(uniqueKeysWithValues: result.entries.map { ($0.node, $0) })
    #expect(entry[heads[5]]?.marginal == 0 && entry[heads[5]]?.conditional == -2 && entry[heads[5]]?.interaction == -2)
    #expect(entry[heads[6]]?.marginal == -1 && entry[heads[6]]?.interaction == 0)
    #expect(entry[heads[7]]?.marginal == -0.5 && entry[heads[7]]?.interaction == 0.5)
    #expect(result.entries.map(\.node).prefix(2) == [heads[5], heads[7]])
    expectError(.notFinite, ["not finite"]) {
      _ = try BackupNodes.measure(given: [heads[0]], nodes: heads) { $0.map { _ in .nan } }
    }
  }

  @Test("Areas are numpy's trapezoids over MIB's ten shares")
  func areas() throws {
    for row in try Reference.read(AreasReference.self, "statistics.json").areas {
      // 1,000 nodes: every share has its own size. The value of the first k nodes is the wanted faithfulness.
      let nodes = (0..<1000).map { Node.head(layer: $0 / 10, head: $0 % 10) }
      let sizes = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
      // m(∅) = −2, m(N) = 2.
      let curve = Dictionary(uniqueKeysWithValues: zip([0] + sizes, [0] + row.faithfulness))
      let measured = try FaithfulnessCurve.measure(
        nodes.enumerated().map { ($0.element, Double(-$0.offset)) }, ranking: .signed
      ) { circuits in
        circuits.map { -2 + 4 * (curve[$0.count] ?? .nan) }
      }
      #expect(measured.points.map(\.size) == sizes && measured.points.map(\.share) == FaithfulnessCurve.shares)
      #expect(largestDifference(measured.points.map(\.faithfulness), row.faithfulness) < 1e-12)
      #expect(abs(measured.areaUnder - row.under) < 1e-12 && abs(measured.areaFromOne - row.fromOne) < 1e-12)
    }
  }

  @Test("An ideal ranking has areas 0.999 and 0, and rankings differ by the sign of harmful nodes")
  func rankings() throws {
    // Node 0 works for the decision, node 1 against it.
    func value(_ set: Set<Int>) -> Double { (set.contains(0) ? 2 : 0) - (set.contains(1) ? 1 : 0) }
    let worth: [Double] = [2, -1, 0, 0, 0, 0, 0, 0]
    let scores = zip(heads, worth).map { (node: $0, score: $1) }
    let signed = try FaithfulnessCurve.measure(scores, ranking: .signed, values: values(value))
    // int(k · 8): 0 seven times, 1 at 0.2, 4 at 0.5, 8.
    #expect(signed.points.map(\.size) == [0, 0, 0, 0, 0, 0, 0, 1, 4, 8])
    #expect(signed.points.map(\.faithfulness) == [0, 0, 0, 0, 0, 0, 0, 2, 2, 1])
    // Widths 0.1, 0.3, 0.5 of mean heights 1, 2, 1.5; below them 0.099 of height 0.
    #expect(abs(signed.areaUnder - 1.45) < 1e-12)
    // |1 − f| is 1 up to 0.1 and 1 up to 0.5, then falls to 0.
    #expect(abs(signed.areaFromOne - 0.749) < 1e-12)
    let absolute = try FaithfulnessCurve.measure(scores, ranking: .absolute, values: values(value))
    #expect(absolute.points.map(\.faithfulness) == [0, 0, 0, 0, 0, 0, 0, 2, 1, 1])
    let ideal = try FaithfulnessCurve.measure(
      (0..<2000).map { (.head(layer: $0, head: 0), $0 == 0 ? 1 : 0) }, ranking: .absolute
    ) { $0.map { $0.contains(.head(layer: 0, head: 0)) ? 5 : 3 } }
    #expect(abs(ideal.areaUnder - 0.999) < 1e-12 && abs(ideal.areaFromOne) < 1e-12)
  }
}
