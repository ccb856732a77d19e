import Foundation
import Testing

@testable import Analysis

private struct WassersteinReference: Decodable {
  struct Row: Decodable {
    let a: [Double]
    let b: [Double]
    let distance: Double
  }
  let wasserstein: [Row]
}

@Suite("Comparison of circuits")
struct CircuitComparisonTests {
  /// A model whose k-th strongest head is the k-th given one; all other heads are weaker, in order.
  private func model(layers: Int, heads: Int, top: [Node]) -> CircuitAlignment.Model {
    let all = (0..<layers).flatMap { layer in (0..<heads).map { Node.head(layer: layer, head: $0) } }
    return CircuitAlignment.Model(
      layers: layers,
      scores: all.map { head in
        // Signs alternate: only the size counts.
        (head, top.firstIndex(of: head).map { Double(100 - $0) * ($0 % 2 == 0 ? 1 : -1) } ?? 0.5)
      })
  }

  private func placement(
    _ alignment: CircuitAlignment, _ pairing: CircuitAlignment.Pairing, _ kind: CircuitAlignment.NullKind
  ) throws -> CircuitAlignment.Placement {
    try #require(alignment.placements.first { $0.pairing == pairing && $0.kind == kind })
  }

  @Test("FCAS is its inventor's formula: relative depths paired by rank of |attribution|")
  func score() {
    // 12 and 24 layers: depths 9/11, 7/11, 0 against 20/23, 23/23, 5/23.
    let a = model(
      layers: 12, heads: 12, top: [.head(layer: 9, head: 9), .head(layer: 7, head: 3), .head(layer: 0, head: 1)])
    let b = model(
      layers: 24, heads: 16, top: [.head(layer: 20, head: 1), .head(layer: 23, head: 0), .head(layer: 5, head: 5)])
    let result = CircuitAlignment.compare(a, b, k: 3, draws: 100, seed: 1)
    func score(_ a: [Double], _ b: [Double]) -> Double {
      1 - zip(a, b).reduce(0) { $0 + abs($1.0 / 11 - $1.1 / 23) } / 3
    }
    let wanted = score([9, 7, 0], [20, 23, 5])
    #expect(abs(result.score - wanted) < 1e-12)
    #expect(result.pairs.map(\.a.description) == ["L9H9", "L7H3", "L0H1"])
    #expect(result.pairs.map(\.b.description) == ["L20H1", "L23H0", "L5H5"])
    // Sorted: 0, 7/11, 9/11 against 5/23, 20/23, 1.
    let sorted = score([0, 7, 9], [5, 20, 23])
    #expect(abs(result.sortedScore - sorted) < 1e-12 && result.sortedScore >= result.score)
  }

  @Test("With the depths sorted it is 1 − scipy's Wasserstein distance")
  func wasserstein() throws {
    for row in try Reference.read(WassersteinReference.self, "statistics.json").wasserstein {
      // Depths are multiples of 1/11 and 1/5: 12 and 6 layers. A head per rank, so that equal depths do not collide.
      func heads(_ depths: [Double], _ last: Double) -> [Node] {
        depths.enumerated().map { .head(layer: Int(($0.element * last).rounded()), head: $0.offset) }
      }
      let alignment = CircuitAlignment.compare(
        model(layers: 12, heads: 10, top: heads(row.a, 11)), model(layers: 6, heads: 10, top: heads(row.b, 5)),
        k: row.a.count, draws: 10, seed: 1)
      #expect(alignment.k == row.a.count && abs(alignment.sortedScore - (1 - row.distance)) < 1e-9, "\(row)")
    }
  }

  @Test("A model of one layer has depth 0, and k is no larger than the smaller model")
  func oneLayer() {
    let one = model(layers: 1, heads: 2, top: [])
    let result = CircuitAlignment.compare(one, one, k: 5, draws: 20, seed: 1)
    #expect(result.k == 2 && result.score == 1 && result.pairs.allSatisfy { $0.depthA == 0 && $0.depthB == 0 })
    let heads = result.placements.first { $0.kind == .uniformHeads }
    #expect(heads?.z == nil && heads?.largestZ == nil && heads?.p.value == 1, "a null that does not vary has no z")
  }

  @Test(
    "Under uniform depths even identical circuits cannot pass z = √(18k)/3, which is 2.45 at k = 3",
    arguments: [1, 3, 5, 10])
  func bound(k: Int) throws {
    let top = (0..<k).map { Node.head(layer: $0, head: 0) }
    let same = model(layers: 12, heads: 4, top: top)
    let draws = 20_000
    let result = CircuitAlignment.compare(same, same, k: k, draws: draws, seed: 17)
    #expect(result.score == 1 && result.sortedScore == 1)
    let place = try placement(result, .rank, .uniformDepths)
    // |U − V| has mean 1/3 and variance 1/18.
    #expect(abs(place.mean - 2.0 / 3) < 5 * (1 / Double(18 * k * draws)).squareRoot())
    #expect(abs(place.deviation * Double(18 * k).squareRoot() - 1) < 0.03)
    let bound = Double(18 * k).squareRoot() / 3
    #expect(abs((place.largestZ ?? 0) - bound) < 0.03 * bound)
    #expect(place.z == place.largestZ)
    if k == 3 { #expect(abs(bound - 2.449) < 0.001) }
  }

  @Test("The mean under uniform heads is the mean depth difference of all pairs of heads")
  func uniformHeads() throws {
    let (a, b) = (model(layers: 6, heads: 4, top: []), model(layers: 12, heads: 3, top: []))
    let draws = 20_000
    let place = try placement(
      CircuitAlignment.compare(a, b, k: 4, draws: draws, seed: 2), .rank, .uniformHeads)
    var (sum, squares) = (0.0, 0.0)
    for i in 0..<6 {
      for j in 0..<12 {
        let difference = abs(Double(i) / 5 - Double(j) / 11)
        sum += difference
        squares += difference * difference
      }
    }
    let mean = sum / 72
    // Heads are drawn without repetition, which only narrows the mean of 4; one pair's variance is enough as a bound.
    let deviation = (squares / 72 - mean * mean).squareRoot()
    #expect(abs(place.mean - (1 - mean)) < 5 * deviation / Double(draws).squareRoot())
    #expect(place.deviation < 1.1 * deviation / 2)
  }

  @Test("The layer-matched null is all orders of the circuit's own layers")
  func layerMatched() throws {
    // Depths 0, ½, 1 in the same order: of 6 orders one is perfect, 2 swap neighbours (1 − 1/3), 3 reach the worst 1 − 2/3.
    let top = [Node.head(layer: 0, head: 0), .head(layer: 1, head: 0), .head(layer: 2, head: 0)]
    let same = model(layers: 3, heads: 2, top: top)
    let place = try placement(CircuitAlignment.compare(same, same, draws: 100, seed: 1), .rank, .layerMatched)
    #expect(place.p.exact && place.p.draws == 5 && place.p.value == 1 / 6.0 && place.p.smallest == 1 / 6.0)
    let scores: [Double] = [3, 2, 2, 1, 1, 1].map { $0 / 3 }
    let mean = scores.reduce(0, +) / 6
    #expect(abs(place.mean - mean) < 1e-12)
    let variance = scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 6
    #expect(abs((place.largestZ ?? 0) - (1 - mean) / variance.squareRoot()) < 1e-9)
    // All in one layer: no order differs.
    let flat = model(layers: 3, heads: 4, top: (0..<3).map { .head(layer: 1, head: $0) })
    let none = try placement(CircuitAlignment.compare(flat, flat, draws: 100, seed: 1), .rank, .layerMatched)
    #expect(none.z == nil && none.p.value == 1 && none.p.smallest == 1)
    // Ten ranks have 3.6 million orders: drawn.
    let ten = model(layers: 12, heads: 1, top: (0..<10).map { .head(layer: $0, head: 0) })
    let drawn = try placement(CircuitAlignment.compare(ten, ten, k: 10, draws: 200, seed: 1), .rank, .layerMatched)
    #expect(!drawn.p.exact && drawn.p.draws == 200 && drawn.p.value == 1 / 201.0)
  }

  @Test("Two circuits share nodes by name; scores correlate only over the same nodes")
  func comparison() {
    let heads = (0..<4).map { Node.head(layer: $0 / 2, head: $0 % 2) }
    func side(_ circuit: [Int], _ scores: [Double], layers: Int = 2) -> CircuitComparison.Side {
      .init(
        circuit: circuit.map { heads[$0] },
        model: .init(layers: layers, scores: zip(heads, scores).map { ($0, $1) }))
    }
    let result = CircuitComparison.compare(
      side([0, 1, 2], [4, 3, 2, 1]), side([1, 2, 3], [8, 7, 5, 6]), k: 2, draws: 50, seed: 1)
    #expect(result.jaccard == 0.5 && result.shared == [heads[1], heads[2]])
    #expect(result.onlyA == [heads[0]] && result.onlyB == [heads[3]])
    // Rank differences 0, 0, 1, 1: 1 − 6·2/(4·15).
    #expect(abs((result.spearman ?? 0) - 0.8) < 1e-12)
    let other = CircuitComparison.Side(circuit: [], model: model(layers: 3, heads: 2, top: []))
    let different = CircuitComparison.compare(side([], [4, 3, 2, 1]), other, draws: 50, seed: 1)
    #expect(different.spearman == nil && different.jaccard == 1 && different.shared.isEmpty)
  }

  // MARK: Profiles

  private func profiles(_ values: [[Double]]) -> [(node: Node, effects: [Double])] {
    values.enumerated().map { (.head(layer: 0, head: $0.offset), $0.element) }
  }

  @Test("Heads that moved are found again by their profiles")
  func movedHeads() {
    let base = (0..<5).map { head in noise(30, seed: UInt64(head + 1)).map(Double.init) }
    // The second model: the same profiles at other places, in other units, with an offset.
    let order = [3, 0, 4, 1, 2]
    let moved = order.map { base[$0].map { 2 * $0 - 7 } }
    let match = EffectProfileMatch.match(profiles(base), profiles(moved), draws: 99, seed: 1)
    #expect(match.n == 30 && match.pairs.count == 5 && abs((match.meanCorrelation ?? 0) - 1) < 1e-12)
    for pair in match.pairs {
      guard case .head(_, let a) = pair.a, case .head(_, let b) = pair.b else { return }
      #expect(order[b] == a)
    }
    #expect(match.p?.value == 0.01 && match.p?.exact == false)
    // A best pairing of noise is above 0: that is what the null is for.
    #expect((match.nullMean ?? 0) > 0.1)
  }

  @Test("The null is exact for few prompts, and constant profiles are named, not paired")
  func fewPrompts() throws {
    let a = profiles([[1, 2, 3], [5, 5, 5]])
    let b = profiles([[2, 4, 7], [0.1 + 0.2, 0.3, 0.3]])
    let match = EffectProfileMatch.match(a, b, seed: 1)
    #expect(match.constantA == [.head(layer: 0, head: 1)] && match.constantB == [.head(layer: 0, head: 1)])
    let wanted = try #require(Correlation.pearson([1, 2, 3], [2, 4, 7]))
    #expect(match.pairs.count == 1 && abs(match.pairs[0].correlation - wanted) < 1e-12)
    #expect(match.p?.exact == true && match.p?.draws == 5 && match.p?.value == 1 / 6.0)
    let none = EffectProfileMatch.match(profiles([[1, 1]]), b.map { ($0.node, [1, 2]) }, seed: 1)
    #expect(none.pairs.isEmpty && none.meanCorrelation == nil && none.p == nil)
  }

  @Test("The best pairing beats the greedy one where they differ")
  func bestPairing() throws {
    // Correlations of 4 prompts: greedy takes 0–0 first and is left with a bad rest.
    let base: [[Double]] = [[1, 0, -1, 0], [0, 1, 0, -1]]
    let a = profiles([base[0], zip(base[0], base[1]).map { 0.9 * $0 + 0.44 * $1 }])
    let b = profiles([base[0], zip(base[0], base[1]).map { 0.8 * $0 - 0.6 * $1 }])
    let match = EffectProfileMatch.match(a, b, seed: 1)
    var best = -2.0
    for order in [[0, 1], [1, 0]] {
      let sum = try (0..<2).reduce(0.0) { try $0 + #require(Correlation.pearson(a[$1].effects, b[order[$1]].effects)) }
      best = max(best, sum / 2)
    }
    #expect(abs((match.meanCorrelation ?? 0) - best) < 1e-12)
  }
}
