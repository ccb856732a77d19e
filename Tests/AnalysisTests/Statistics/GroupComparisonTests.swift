import Foundation
import Testing

@testable import Analysis

@Suite("Groups beside their reference")
struct GroupComparisonTests {
  private func close(_ a: Double, _ b: Double, _ tolerance: Double = 1e-7) -> Bool {
    abs(a - b) <= tolerance * max(1, abs(b))
  }

  @Test(
    "Intervals of differences are statsmodels' (Newcombe), those of ratios the inverted test of Miettinen and Nurminen")
  func intervals() throws {
    for row in try GroupReference.shared.get().intervals {
      let place = "\(row.count)/\(row.n) against \(row.countReference)/\(row.nReference)"
      let difference = IndependentShares(
        countBefore: row.countReference, nBefore: row.nReference, countAfter: row.count, nAfter: row.n
      ).interval(confidence: 0.95)
      #expect(close(difference.low, row.low) && close(difference.high, row.high), "\(place): \(difference)")
      let ratio = ShareRatio(
        count: row.count, n: row.n, countReference: row.countReference, nReference: row.nReference
      ).interval(confidence: 0.95)
      guard let expected = row.ratio else {
        #expect(ratio == nil, "\(place)")
        continue
      }
      let found = try #require(ratio, "\(place)")
      #expect(close(found.low, try #require(expected[0]), 1e-6), "\(place): \(found)")
      #expect((found.high == nil) == (expected[1] == nil), "\(place): \(found)")
      if let high = found.high, let other = expected[1] { #expect(close(high, other, 1e-6), "\(place): \(found)") }
    }
  }

  @Test("A ratio and its inverse have inverse intervals")
  func inverse() throws {
    for (a, n, b, m) in [(3, 9, 120, 191), (14, 24, 58, 66), (9, 10, 3, 10)] {
      let one = try #require(
        ShareRatio(count: a, n: n, countReference: b, nReference: m).interval(confidence: 0.95))
      let other = try #require(
        ShareRatio(count: b, n: m, countReference: a, nReference: n).interval(confidence: 0.95))
      let (high, otherHigh) = (try #require(one.high), try #require(other.high))
      #expect(close(one.low, 1 / otherHigh, 1e-9) && close(high, 1 / other.low, 1e-9))
    }
  }

  @Test("Records needed are statsmodels' and R's for different records, and those of Connor for the same ones")
  func needed() throws {
    let reference = try GroupReference.shared.get()
    for row in reference.independent {
      let n = SampleSize.independent(
        share: row.share, reference: row.reference, ratio: row.ratio, level: 0.05, power: row.power)
      #expect(n == row.n, "\(row)")
    }
    // The example of R's power.prop.test: n = 76.7.
    #expect(SampleSize.independent(share: 0.5, reference: 0.75, level: 0.05, power: 0.9) == 77)
    for row in reference.paired {
      let n = SampleSize.paired(
        discordant: row.discordant, difference: -row.difference, level: 0.05, power: 0.8)
      #expect(n == row.n, "\(row)")
      // What McNemar's test then finds, summed exactly.
      #expect(abs(row.power - 0.8) < 0.04, "\(row)")
    }
    #expect(SampleSize.independent(share: 0.5, reference: 0.5, level: 0.05, power: 0.8) == nil)
    #expect(SampleSize.paired(discordant: 0, difference: 0, level: 0.05, power: 0.8) == nil)
  }

  @Test("Planted data: order, measure, size and how far a loss is established are as planted", arguments: 0..<20)
  func planted(kind: Int) throws {
    let kinds = try GroupReference.shared.get().planted
    #expect(kinds.count == 20)
    let kind = kinds[kind]
    let comparison = kind.comparison
    #expect(comparison.rows.count == kind.expected.count, "\(kind.name)")
    for (row, expected) in zip(comparison.rows, kind.expected) {
      let worst = try #require(row.worst, "\(kind.name)")
      #expect(row.groupings == expected.groupings && row.group == expected.group, "\(kind.name): \(row.name)")
      #expect(worst.measure == expected.measure && worst.loss == expected.loss, "\(kind.name), \(row.name): \(worst)")
      #expect(close(worst.difference.value, expected.difference), "\(kind.name), \(row.name)")
      #expect(close(try #require(worst.adjustedP), expected.adjustedP, 1e-6), "\(kind.name), \(row.name)")
      let n = kind.cells.filter { cell in
        zip(row.groupings, row.group).allSatisfy { cell.groups[$0] == $1 }
      }.reduce(0) { $0 + $1.n }
      #expect(row.n == n && row.isSmall == (n < 30), "\(kind.name), \(row.name)")
      // What is not settled says what would settle it.
      #expect(
        (worst.needed == nil) == (worst.loss == .settled || worst.difference.value == 0), "\(kind.name), \(row.name)")
    }
  }

  @Test("Four fifths are of the group with the largest share, and exactly four fifths are not below")
  func fourFifths() throws {
    func kind(_ counts: [(String, Int)]) -> GroupReference.Kind {
      .init(
        name: "", references: [:], intersections: [], favourable: .positive, groupings: ["g"],
        cells: counts.map { .init(groups: ["g": $0.0], n: 100, labels: 100, true: $0.1, false: 0) }, expected: [])
    }
    let found = try #require(kind([("a", 50), ("b", 40), ("c", 39), ("d", 10)]).comparison.fourFifths?.first)
    #expect(found.highest == "a" && found.below.map(\.group) == ["d", "c"])
    #expect(found.below.map(\.ratio).elementsEqual([0.2, 0.78]) { abs($0 - $1) < 1e-12 })
    #expect(kind([("a", 50), ("b", 40)]).comparison.fourFifths == [])
    var worse = kind([("a", 50), ("b", 10)])
    worse.favourable = .negative
    #expect(worse.comparison.fourFifths == nil)
  }

  @Test("Calibration by group: mean probability less the share of positive labels, and its difference by Welch's t")
  func calibration() throws {
    // σ(0) = ½ of every record: 0.5 − 0.8 against 0.5 − 0.2.
    let cells = [("a", 40), ("b", 10)]
    let examples = cells.flatMap { name, positives in
      (0..<50).map {
        EvaluationPlan.Example(name: "\(name)\($0)", prompt: "p", positive: $0 < positives, groups: ["g": name])
      }
    }
    let plan = EvaluationPlan(
      dataset: "d", label: "l", positive: ["x"], negative: ["y"], groupings: ["g"], examples: examples)
    let result = EvaluationResult(groups: [], scores: examples.map { .init(name: $0.name, m: 0) })
    let comparison = GroupComparison(plan, result, .init(references: ["g": "b"]), confidence: 0.95, power: 0.8)
    let found = try #require(comparison.rows.first?.comparison(.calibration))
    #expect(abs(found.value + 0.3) < 1e-12 && abs(found.valueReference - 0.3) < 1e-12 && found.loss == nil)
    // Welch: variance 0.16·50/49/50 on both sides, 98 degrees of freedom, t = 1.98447.
    let half = 1.984467 * (2 * 0.16 / 49).squareRoot()
    #expect(abs(found.difference.low - (-0.6 - half)) < 1e-5 && abs(found.difference.high - (-0.6 + half)) < 1e-5)
  }

  @Test(
    "A reference group without a scored record leaves its groups without comparison, and a refused record counts nowhere"
  )
  func refused() throws {
    let examples = ["a", "a", "b"].enumerated().map {
      EvaluationPlan.Example(name: "\($0.offset)", prompt: "p", positive: true, groups: ["g": $0.element])
    }
    let plan = EvaluationPlan(
      dataset: "d", label: "l", positive: ["x"], negative: ["y"], groupings: ["g"], examples: examples)
    let result = EvaluationResult(
      groups: [], scores: [.init(name: "0", m: 1), .init(name: "1", m: 1), .init(name: "2", m: nil)])
    let comparison = GroupComparison(plan, result, .init(references: ["g": "b"]), confidence: 0.95, power: 0.8)
    let row = try #require(comparison.rows.first)
    #expect(
      comparison.rows.count == 1 && row.n == 2 && row.nReference == 0 && row.comparisons.isEmpty && row.worst == nil)
  }
}
