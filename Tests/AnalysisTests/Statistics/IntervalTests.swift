import Foundation
import Testing

@testable import Analysis

/// `Tests/Reference/statistics.json`: values of scipy and numpy.
private struct IntervalReference: Decodable {
  struct StudentRow: Decodable {
    let degrees: Int
    let p: Double
    let t: Double
  }
  struct BootstrapRow: Decodable {
    let kind: String
    let x: [Double]
    let y: [Double]
    let resamples: Int
    let seed: UInt64
    let value: Double
    let low: Double
    let high: Double
    let expandedLow: Double
    let expandedHigh: Double
    let studentLow: Double
    let studentHigh: Double
  }

  let studentT: [StudentRow]
  let bootstrapT: [BootstrapRow]
}

@Suite("Bootstrap intervals")
struct IntervalTests {
  private let reference: IntervalReference

  init() throws { reference = try Reference.read(IntervalReference.self, "statistics.json") }

  private func near(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool { abs(a - b) <= tolerance * max(1, abs(b)) }

  @Test("Student's quantiles are scipy's, on both sides of the change to the expansion")
  func student() {
    for row in reference.studentT {
      // Far out at few degrees the quantile is in the thousands and its condition number as large.
      let tolerance = row.p > 0.9999 && row.degrees < 5 ? 1e-6 : 1e-9
      #expect(near(StudentT.quantile(row.p, degrees: row.degrees), row.t, tolerance), "\(row)")
    }
    // With one degree it is Cauchy's distribution: quantile tan(π(p − ½)).
    #expect(near(StudentT.quantile(0.75, degrees: 1), 1, 1e-12))
  }

  @Test("The bootstrap-t and the expanded percentile intervals are numpy's, of means and of ratios")
  func studentized() {
    for row in reference.bootstrapT {
      let bootstrap = Bootstrap(n: row.x.count, resamples: row.resamples, confidence: 0.95, seed: row.seed)
      let estimate = row.kind == "mean" ? bootstrap.mean(row.x) : bootstrap.ratio(row.x, row.y)
      #expect(near(estimate.value, row.value, 1e-12))
      #expect(near(estimate.low, row.low, 1e-9) && near(estimate.high, row.high, 1e-9), "\(row) is not \(estimate)")
      #expect(estimate.method.hasPrefix("bootstrap-t over prompts, \(row.resamples) resamples"))
      let expanded = bootstrap.ratio(row.x, row.y, by: .expanded)
      #expect(near(expanded.low, row.expandedLow, 1e-9) && near(expanded.high, row.expandedHigh, 1e-9))
    }
  }

  @Test("With fewer than five prompts, or too many equal values, the interval is Student's")
  func fallback() {
    for values in [[1.0, 2, 4], [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]] {
      let n = values.count
      let mean = values.reduce(0, +) / Double(n)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n - 1)
      // scipy.stats.t.ppf(0.975, n - 1)
      let half = (n == 3 ? 4.302652729696142 : 2.2621571627409915) * (variance / Double(n)).squareRoot()
      let estimate = Bootstrap(n: n, resamples: 500, confidence: 0.95, seed: 1).mean(values)
      #expect(near(estimate.low, mean - half, 1e-9) && near(estimate.high, mean + half, 1e-9), "\(estimate)")
      #expect(estimate.method.hasPrefix("Student's t"))
    }
  }

  @Test("One prompt, and prompts that agree, have no interval, and the method says so")
  func degenerate() {
    let one = Bootstrap(n: 1, resamples: 100, confidence: 0.95, seed: 1)
    for estimate in [one.mean([3]), one.ratio([6], [2]), one.statistic { _ in 3 }] {
      #expect(estimate.value == 3 && estimate.low == 3 && estimate.high == 3 && estimate.n == 1)
      #expect(estimate.method == "one prompt: there is no interval")
    }
    let equal = Bootstrap(n: 8, resamples: 100, confidence: 0.95, seed: 1)
    let counts = (1...8).map(Double.init)
    // 0.1 is not a binary fraction: its sums round.
    for estimate in [
      equal.mean([Double](repeating: 0.1, count: 8)), equal.ratio(counts.map { 0.1 * $0 }, counts),
    ] {
      #expect(abs(estimate.value - 0.1) < 1e-15 && estimate.low == estimate.value && estimate.high == estimate.value)
      #expect(estimate.method == "all 8 prompts agree: there is no spread to make an interval of")
    }
  }

  @Test("An interval moves and stretches with its values, and always holds the estimate")
  func equivariance() {
    let bootstrap = Bootstrap(n: 12, resamples: 400, confidence: 0.9, seed: 7)
    let values = noise(12, seed: 3).map { Double($0) }
    let base = bootstrap.mean(values)
    let moved = bootstrap.mean(values.map { 5 + 2 * $0 })
    #expect(near(moved.low, 5 + 2 * base.low, 1e-9) && near(moved.high, 5 + 2 * base.high, 1e-9))
    let mirrored = bootstrap.mean(values.map { -$0 })
    #expect(near(mirrored.low, -base.high, 1e-9) && near(mirrored.high, -base.low, 1e-9))
    #expect(base.low < base.value && base.value < base.high)
    // A ratio to a constant is a scaled mean.
    let ratio = bootstrap.ratio(values, [Double](repeating: 4, count: 12))
    #expect(near(4 * ratio.low, base.low, 1e-9) && near(4 * ratio.high, base.high, 1e-9))
  }
}
