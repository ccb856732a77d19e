import Foundation
import Testing

@testable import Analysis

/// `Tests/Reference/statistics.json`: values of scipy and statsmodels.
private struct TestReference: Decodable {
  struct SignRow: Decodable {
    let effects: [Double]
    let twoSided: Double
    let greater: Double
    let less: Double
  }
  struct LabelRow: Decodable {
    let a: [Double]
    let b: [Double]
    let twoSided: Double
    let greater: Double
    let less: Double
  }
  struct AdjustedRow: Decodable {
    let p: [Double]
    let benjaminiHochberg: [Double]
    let holm: [Double]
  }
  struct AssignmentRow: Decodable {
    let costs: [[Double]]
    let least: Double
  }

  let signFlips: [SignRow]
  let labels: [LabelRow]
  let adjusted: [AdjustedRow]
  let assignments: [AssignmentRow]
}

@Suite("Permutation tests and multiple testing")
struct PermutationTests {
  private let reference: TestReference

  init() throws { reference = try Reference.read(TestReference.self, "statistics.json") }

  private func near(_ a: [Double], _ b: [Double]) -> Bool { largestDifference(a, b) < 1e-12 }

  @Test("Enumerated sign flips give scipy's p-values")
  func signFlips() {
    for row in reference.signFlips {
      func p(_ alternative: Alternative) -> PValue {
        PermutationTest.signFlips(row.effects, alternative: alternative, seed: 1).p
      }
      #expect(
        near([p(.twoSided), p(.greater), p(.less)].map(\.value), [row.twoSided, row.greater, row.less]), "\(row)")
      let count = 1 << row.effects.count
      #expect(p(.twoSided).exact && p(.twoSided).draws == count - 1)
      #expect(p(.twoSided).null == "sign flips of \(row.effects.count) effects, all \(count)")
      // Flipping every sign gives the same |mean|, and the sign of a zero does not matter.
      let zeros = row.effects.reduce(0) { $0 + ($1 == 0 ? 1 : 0) }
      #expect(p(.twoSided).smallest == Double(2 << zeros) / Double(count))
      #expect(p(.greater).smallest == Double(1 << zeros) / Double(count))
    }
  }

  @Test("Enumerated labels give scipy's p-values")
  func labels() throws {
    for row in reference.labels {
      func p(_ alternative: Alternative) -> PValue {
        PermutationTest.labels(row.a, row.b, alternative: alternative, seed: 1).p
      }
      #expect(
        near([p(.twoSided), p(.greater), p(.less)].map(\.value), [row.twoSided, row.greater, row.less]), "\(row)")
      let count = try #require(Combinatorics.binomial(row.a.count + row.b.count, row.a.count))
      #expect(p(.greater).exact && p(.greater).draws == count - 1)
    }
    // 3 against 3, perfectly apart: 1 of 20 orders one-sided, 2 two-sided. No level of 0.01 can be reached.
    let apart = PermutationTest.labels([4, 5, 6], [1, 2, 3], seed: 1)
    #expect(apart.statistic == 3 && apart.p.value == 0.1 && apart.p.smallest == 0.1)
  }

  @Test("A drawn null agrees with the enumerated one within its sampling error, and repeats with its seed")
  func drawn() {
    for row in reference.signFlips where row.effects.count > 10 {
      let draws = 800
      let test = PermutationTest.signFlips(row.effects, draws: draws, seed: 5)
      #expect(!test.p.exact && test.p.draws == draws && test.p.smallest == 1 / 801.0)
      // Five binomial standard deviations.
      let slack = 5 * (row.twoSided * (1 - row.twoSided) / Double(draws)).squareRoot() + 1 / Double(draws)
      #expect(abs(test.p.value - row.twoSided) < slack, "\(test.p.value) is not \(row.twoSided)")
      #expect(test == PermutationTest.signFlips(row.effects, draws: draws, seed: 5))
      #expect(test != PermutationTest.signFlips(row.effects, draws: draws, seed: 6))
    }
    for row in reference.labels where row.a.count + row.b.count > 10 {
      let test = PermutationTest.labels(row.a, row.b, draws: 500, seed: 5)
      let slack = 5 * (row.twoSided * (1 - row.twoSided) / 500).squareRoot() + 1 / 500.0
      #expect(!test.p.exact && abs(test.p.value - row.twoSided) < slack)
    }
  }

  @Test("More effects than a word has bits are flipped independently")
  func manyEffects() {
    // Of 130 equal effects no flip but the identity and its mirror gives as large a mean.
    let test = PermutationTest.signFlips([Double](repeating: 1, count: 130), draws: 2000, seed: 1)
    #expect(test.p.exceedances == 0 && test.p.value == 1 / 2001.0)
  }

  @Test("Rounding never turns a tie into evidence")
  func ties() {
    // The sum is 0 by algebra and 1e-16 in floating point. Of the 16 flips, 7 are above 0, 7 below, and 2 are 0.
    for alternative in [Alternative.greater, .less] {
      #expect(PermutationTest.signFlips([0.1, 0.2, 0.3, -0.6], alternative: alternative, seed: 1).p.value == 9 / 16.0)
    }
    #expect(PermutationTest.signFlips([0, 0, 0], seed: 1).p.value == 1)
  }

  @Test("Adjusted p-values are statsmodels' Benjamini–Hochberg and Holm")
  func adjusted() {
    for row in reference.adjusted {
      #expect(near(MultipleTesting.benjaminiHochberg(row.p), row.benjaminiHochberg), "\(row.p)")
      #expect(near(MultipleTesting.holm(row.p), row.holm), "\(row.p)")
    }
    #expect(MultipleTesting.benjaminiHochberg([]).isEmpty && MultipleTesting.holm([]).isEmpty)
  }

  @Test("A p-value counts the observed value, and never falls below its null's smallest")
  func pValue() {
    let p = PValue(3, among: [1, 2, 3, 4], exact: true, tolerance: 0, null: "n")
    #expect(p.exceedances == 2 && p.draws == 4 && p.value == 0.6 && p.smallest == 0.2)
    let top = PValue(4, among: [4, 4, 1], exact: true, tolerance: 0, null: "n")
    #expect(top.value == 0.75 && top.smallest == 0.75)
    let alone = PValue(1, among: [], exact: true, tolerance: 0, null: "n")
    #expect(alone.value == 1 && alone.smallest == 1)
    #expect(PValue(1, among: [1 - 1e-9, 0], exact: false, tolerance: 1e-8, null: "n").exceedances == 1)
  }

  @Test(
    "A p-value at the level rejects, one above does not; below its smallest value no level can be met",
    arguments: [
      (0.95, 19, 0, true), (0.95, 19, 1, false), (0.95, 18, 0, false), (0.9, 9, 0, true), (0.99, 99, 0, true),
    ])
  func rejects(confidence: Double, draws: Int, exceedances: Int, isRejected: Bool) {
    // 1/20 = 0.05 although 1 − 0.95 is 0.05000000000000004, and 1/10 = 0.1 although 1 − 0.9 is 0.09999999999999998.
    let p = PValue(exceedances: exceedances, draws: draws, exact: false, null: "n")
    #expect(p.rejects(at: confidence) == isRejected)
    #expect(p.canReject(at: confidence) == (draws != 18))
  }

  private func total(_ values: [[Double]], _ columns: [Int?]) -> Double {
    zip(values, columns).reduce(0) { sum, row in sum + (row.1.map { row.0[$0] } ?? 0) }
  }

  @Test("Assignments cost what scipy's do, each row and column used at most once")
  func assignments() {
    for row in reference.assignments {
      let columns = Assignment.least(row.costs)
      let used = columns.compactMap { $0 }
      #expect(used.count == min(row.costs.count, row.costs[0].count) && Set(used).count == used.count)
      let cost = total(row.costs, columns)
      #expect(abs(cost - row.least) < 1e-9, "\(cost) instead of \(row.least)")
      let negated = row.costs.map { $0.map { -$0 } }
      let greatest = total(negated, Assignment.greatest(negated))
      #expect(abs(greatest + row.least) < 1e-9)
    }
    #expect(Assignment.least([]).isEmpty && Assignment.least([[], []]) == [nil, nil])
  }

  @Test("Choices and orders are counted and listed completely, each once")
  func combinatorics() {
    #expect(Combinatorics.binomial(16, 5) == 4368 && Combinatorics.binomial(5, 0) == 1)
    #expect(Combinatorics.binomial(52, 5) == 2_598_960 && Combinatorics.binomial(144, 72) == nil)
    #expect(abs(Combinatorics.log10Binomial(52, 5) - log10(2_598_960)) < 1e-12)
    #expect(Combinatorics.log10Binomial(7, 7) == 0 && Combinatorics.log10Binomial(7, 0) == 0)
    #expect(Combinatorics.factorial(0) == 1 && Combinatorics.factorial(10) == 3_628_800)
    #expect(Combinatorics.factorial(18) == 6_402_373_705_728_000 && Combinatorics.factorial(19) == nil)
    var choices: [[Int]] = []
    Combinatorics.forEachCombination(3, of: 6) { choices.append($0) }
    #expect(choices.count == 20 && Set(choices).count == 20 && choices[0] == [0, 1, 2])
    #expect(choices.allSatisfy { $0 == $0.sorted() && Set($0).count == 3 })
    var orders: [[Int]] = []
    Combinatorics.forEachPermutation(5) { orders.append($0) }
    #expect(orders.count == 120 && Set(orders).count == 120 && orders[0] == [0, 1, 2, 3, 4])
    var empty = 0
    Combinatorics.forEachPermutation(0) { _ in empty += 1 }
    Combinatorics.forEachCombination(0, of: 4) { _ in empty += 1 }
    #expect(empty == 2)
  }

  @Test("Random orders are equally likely, and uniform numbers have a uniform's moments")
  func random() {
    var generator = SplitMix64(seed: 11)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<6000 { counts[generator.permutation(3), default: 0] += 1 }
    // Each of 6 is expected 1,000 times with a standard deviation of 29; five of them are 145.
    #expect(counts.count == 6 && counts.values.allSatisfy { abs($0 - 1000) < 145 }, "\(counts)")
    let uniform = (0..<20_000).map { _ in generator.uniform() }
    #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 })
    let moments = Moments(uniform)
    #expect(abs((moments?.mean ?? 0) - 0.5) < 5 * 0.289 / 141)
    #expect(abs((moments?.deviation ?? 0) - (1 / 12.0).squareRoot()) < 0.01)
  }

  @Test("Nodes are tested together: the p-values are adjusted over all of them, and the smallest reachable is told")
  func nodes() {
    let steady = [1.0, 1.2, 0.9, 1.1, 1.3, 0.8]
    let shaky = [1.0, -1.2, 0.9, -1.1, 1.3, -0.8]
    let result = NodeSignificance.test(
      [(.head(layer: 0, head: 0), steady), (.head(layer: 0, head: 1), shaky), (.mlp(layer: 0), steady.map { -$0 })],
      seed: 1)
    // All six of one sign: 2 of 64 flips. Of three p-values 2/64, p, 2/64 with p large: BH 2/64 · 3/2, Holm 3 · 2/64.
    #expect(result.entries.map(\.p.value)[0] == 2 / 64.0 && result.entries.map(\.p.value)[2] == 2 / 64.0)
    #expect(result.entries[0].benjaminiHochberg == 3 / 64.0 && result.entries[0].holm == 6 / 64.0)
    #expect(result.entries[1].p.value > 0.5 && result.n == 6)
    #expect(result.smallestHolm == 6 / 64.0, "six prompts cannot show any of three nodes at 0.05")
  }

  @Test("A spread names the worst prompts, worst first, earlier ones first among equals")
  func spread() {
    let values = [0.9, 0.2, 0.7, 0.2, 1.1]
    let low = PromptSpread(values, names: ["a", "b", "c", "d", "e"], worst: .lowest, count: 3, quantiles: [0, 0.5, 1])
    #expect(low.worst.map(\.name) == ["b", "d", "c"] && low.worst.map(\.value) == [0.2, 0.2, 0.7])
    #expect(low.quantiles.map(\.value) == [0.2, 0.7, 1.1] && low.quantiles.map(\.q) == [0, 0.5, 1])
    #expect(low.n == 5 && abs(low.mean - 0.62) < 1e-15)
    let high = PromptSpread(values, names: ["a", "b", "c", "d", "e"], worst: .highest, count: 9)
    #expect(high.worst.map(\.name) == ["e", "a", "c", "b", "d"])
  }
}
