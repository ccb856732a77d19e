import Foundation
import Testing

@testable import Analysis

/// Nulls and resampling on set functions made by hand, whose answers follow by counting.
@Suite("Random circuits and stability")
struct RandomCircuitNullTests {
  /// 4 layers of 4 heads and an MLP.
  private let universe = (0..<4).flatMap { layer in
    (0..<4).map { Node.head(layer: layer, head: $0) } + [Node.mlp(layer: layer)]
  }

  private func head(_ layer: Int, _ head: Int) -> Node { .head(layer: layer, head: head) }

  private func worth(_ good: [Node]) -> ([[Node]]) -> [Double] {
    { sets in sets.map { set in set.reduce(0) { $0 + (good.contains($1) ? 1 : 0) } } }
  }

  @Test("A matched null of a small circuit is enumerated: layer sizes multiply, and the p-value is exact")
  func matched() throws {
    let circuit = [head(0, 1), head(2, 0), head(2, 3)]
    // 4 choices in layer 0 times 6 in layer 2.
    let null = try RandomCircuitNull.compare(
      circuit, universe: universe, kind: .matched, seed: 1, evaluate: worth([head(0, 1), head(2, 0)]))
    #expect(null.reachable == 24 && abs(null.log10Reachable - log10(24)) < 1e-12)
    #expect(null.p.exact && null.p.draws == 23 && null.p.null.contains("all 23 others"))
    // As good: (0,1) with (2,0) and one of 3 other heads of layer 2, the circuit's own choice left out: 2.
    #expect(null.observed == 2 && null.p.exceedances == 2 && null.p.value == 3 / 24.0)
    // Even the best circuit ties with two others: nothing below 3/24 can come out.
    #expect(null.p.smallest == 3 / 24.0)
    // Values of all 24: mean ¼ + ½; the observed 2 left out.
    #expect(abs((null.mean ?? 0) - (24 * 0.75 - 2) / 23) < 1e-12)
    #expect(null.quantiles.first?.value == 0 && null.quantiles.last?.value == 2)
  }

  @Test("An MLP is only ever replaced by an MLP, in a matched null by none: its layer has no other")
  func mlp() throws {
    let circuit = [head(1, 0), .mlp(layer: 1)]
    var seen: [[Node]] = []
    func record(_ sets: [[Node]]) -> [Double] {
      seen += sets
      return sets.map { _ in 0 }
    }
    let matched = try RandomCircuitNull.compare(
      circuit, universe: universe, kind: .matched, seed: 1, evaluate: record)
    #expect(matched.reachable == 4 && seen.allSatisfy { $0.contains(.mlp(layer: 1)) && $0.count == 2 })
    seen = []
    let sized = try RandomCircuitNull.compare(circuit, universe: universe, kind: .sizeOnly, seed: 1, evaluate: record)
    #expect(sized.reachable == 16 * 4 && Set(seen).count == 64)
    #expect(seen.allSatisfy { $0.filter(\.isHead).count == 1 && $0.count == 2 })
    // All equal: every circuit ties.
    #expect(sized.p.value == 1 && sized.p.smallest == 1)
  }

  @Test("A circuit that its null cannot vary is compared with nothing, and the p-value says so")
  func alone() throws {
    let circuit = (0..<4).map { head(3, $0) }
    let null = try RandomCircuitNull.compare(
      circuit, universe: universe, kind: .matched, seed: 1, evaluate: worth(circuit))
    #expect(null.reachable == 1 && null.p.draws == 0 && null.p.value == 1 && null.p.smallest == 1)
    #expect(null.mean == nil && null.deviation == nil && null.quantiles.isEmpty)
  }

  @Test("A large space is drawn from without repetition, and never the circuit itself")
  func drawn() throws {
    let many = (0..<12).flatMap { layer in (0..<12).map { Node.head(layer: layer, head: $0) } }
    let circuit = [head(0, 0), head(0, 1), head(5, 5), head(9, 9), head(11, 3)]
    var seen: [[Node]] = []
    let null = try RandomCircuitNull.compare(circuit, universe: many, kind: .matched, draws: 400, seed: 3) { sets in
      seen += sets
      return sets.map { set in set == circuit ? 1 : 0 }
    }
    // 66 · 12³.
    #expect(null.reachable == 114_048 && !null.p.exact && null.p.value == 1 / 401.0 && null.p.smallest == 1 / 401.0)
    #expect(seen.count == 401 && Set(seen).count == 401)
    #expect(seen.allSatisfy { $0.map(\.layer) == [0, 0, 5, 9, 11] })
    // 144 choose 72 is about 10^42: too many for a record's exact numbers.
    let half = try RandomCircuitNull.compare(
      Array(many.prefix(72)), universe: many, kind: .sizeOnly, draws: 5, seed: 3, evaluate: worth([]))
    #expect(half.reachable == nil && abs(half.log10Reachable - 42.170_324) < 1e-5)
  }

  @Test("A value that is not finite is an error, not a p-value")
  func notFinite() {
    expectError(.notFinite, ["random circuit"]) {
      _ = try RandomCircuitNull.compare([head(0, 0)], universe: universe, kind: .matched, seed: 1) { sets in
        sets.map { $0 == [head(0, 2)] ? .nan : 1 }
      }
    }
  }

  // MARK: Stability

  @Test("A selection that does not depend on the prompts is perfectly stable")
  func stable() throws {
    let circuit = [head(0, 0), head(1, 1)]
    let result = try CircuitStability.bootstrap(circuit, n: 5, resamples: 20, seed: 1) { _ in circuit }
    #expect(result.meanPairwiseJaccard == 1 && result.meanJaccardWithCircuit == 1 && result.meanSize == 2)
    #expect(result.inclusions.map(\.frequency) == [1, 1] && result.inclusions.allSatisfy(\.inCircuit))
    #expect(result.empty == 0 && result.n == 5 && result.resamples == 20)
  }

  @Test("A node selected when one prompt was drawn is included as often as that prompt is drawn")
  func inclusion() throws {
    let (steady, fickle, never) = (head(0, 0), head(1, 1), head(2, 2))
    let resamples = 2000
    let result = try CircuitStability.bootstrap([steady, never], n: 10, resamples: resamples, seed: 4) { prompts in
      #expect(prompts.count == 10 && prompts.allSatisfy { (0..<10).contains($0) })
      return prompts.contains(3) ? [steady, fickle] : [steady]
    }
    // 1 − 0.9¹⁰.
    let p = 0.651_321_6
    let frequency = Dictionary(uniqueKeysWithValues: result.inclusions.map { ($0.node, $0.frequency) })
    #expect(frequency[steady] == 1 && frequency[never] == 0)
    #expect(abs((frequency[fickle] ?? 0) - p) < 5 * (p * (1 - p) / Double(resamples)).squareRoot())
    #expect(result.inclusions.map(\.node) == [steady, fickle, never])
    #expect(result.inclusions.map(\.inCircuit) == [true, false, true])
    // Two resamples agree unless just one of them has the fickle node, then ½.
    let share = frequency[fickle] ?? 0
    let unlike = 2 * share * (1 - share) * Double(resamples) / Double(resamples - 1)
    #expect(abs((result.meanPairwiseJaccard ?? 0) - (1 - unlike / 2)) < 1e-9)
    // {steady} against {steady, never}: ½; {steady, fickle}: ⅓.
    #expect(abs(result.meanJaccardWithCircuit - (share / 3 + (1 - share) / 2)) < 1e-9)
  }

  @Test("The resamples are the bootstrap's, and empty selections are counted")
  func resamples() throws {
    var drawn: [[Int]] = []
    let result = try CircuitStability.bootstrap([], n: 6, resamples: 3, seed: 9) { prompts in
      drawn.append(prompts)
      return []
    }
    #expect(result.empty == 3 && result.meanPairwiseJaccard == 1 && result.inclusions.isEmpty)
    var index = 0
    _ = Bootstrap(n: 6, resamples: 3, confidence: 0.9, seed: 9).statistic(by: .percentile) { indices in
      // The first call is for the sample itself.
      if index > 0 { #expect(indices.map(Int.init) == drawn[index - 1]) }
      index += 1
      return 0
    }
    #expect(index == 4)
  }
}
