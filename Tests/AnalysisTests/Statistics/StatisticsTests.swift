import Foundation
import Testing

@testable import Analysis

/// `Tests/Reference/statistics.json`: values of statsmodels, scikit-learn, scipy, numpy and C.
private struct StatisticsReference: Decodable {
  struct Wilson: Decodable {
    let count: Int
    let n: Int
    let confidence: Double
    let low: Double
    let high: Double
  }
  struct Area: Decodable {
    let scores: [Double]
    let labels: [Int]
    let value: Double?
  }
  struct Calibration: Decodable {
    struct Bin: Decodable {
      let n: Int
      let predicted: Double?
      let observed: Double?
    }
    let probabilities: [Double]
    let labels: [Int]
    let brier: Double
    let calibrationInTheLarge: Double
    let expectedCalibrationError: Double
    let bins: [Bin]
  }
  struct Correlated: Decodable {
    let x: [Double]
    let y: [Double]
    let pearson: Double?
    let spearman: Double?
  }
  struct Quantiles: Decodable {
    let values: [Double]
    let q: [Double]
    let expected: [Double]
  }
  struct Resampled: Decodable {
    struct Interval: Decodable {
      let confidence: Double
      let low: Double
      let high: Double
    }
    let values: [Double]
    let resamples: [[Int]]
    let mean: Double
    let intervals: [Interval]
  }
  struct Seeded: Decodable {
    let values: [Double]
    let resamples: Int
    let seed: UInt64
    let confidence: Double
    let mean: Double
    let low: Double
    let high: Double
  }
  struct Sequence: Decodable {
    let seed: String
    let outputs: [String]
  }
  struct Indices: Decodable {
    let seed: UInt64
    let below: String
    let outputs: [String]
  }
  struct NormalQuantile: Decodable {
    let p: Double
    let z: Double
  }

  let wilson: [Wilson]
  let areaUnderCurve: [Area]
  let calibration: [Calibration]
  let correlation: [Correlated]
  let quantiles: [Quantiles]
  let bootstrap: [Resampled]
  let seededBootstrap: [Seeded]
  let splitMix64: [Sequence]
  let indices: [Indices]
  let normalQuantiles: [NormalQuantile]
}

@Suite("Statistics")
struct StatisticsTests {
  private let reference: StatisticsReference

  init() throws { reference = try Reference.read(StatisticsReference.self, "statistics.json") }

  private func near(_ a: Double?, _ b: Double?, _ tolerance: Double = 1e-12) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return abs(a - b) <= tolerance * max(1, abs(b))
  }

  @Test("Wilson's interval is statsmodels' and scipy's")
  func wilson() {
    for row in reference.wilson {
      let share = Proportion.wilson(row.count, of: row.n, confidence: row.confidence)
      #expect(share.count == row.count && share.share.n == row.n && share.share.confidence == row.confidence)
      #expect(share.share.value == Double(row.count) / Double(row.n))
      #expect(near(share.share.low, row.low) && near(share.share.high, row.high), "\(row)")
    }
  }

  @Test("The normal distribution's quantiles are scipy's")
  func normal() {
    for row in reference.normalQuantiles {
      #expect(near(Normal.quantile(row.p), row.z, 1e-11), "p = \(row.p)")
      #expect(near(Normal.cumulative(row.z) / row.p, 1, 1e-10))
    }
  }

  @Test("The area under the curve is scikit-learn's, and undefined with one class")
  func areaUnderCurve() {
    for row in reference.areaUnderCurve {
      let area = Classification.areaUnderCurve(scores: row.scores, labels: row.labels.map { $0 == 1 })
      #expect(near(area.isNaN ? nil : area, row.value))
    }
  }

  @Test("Brier score, calibration and its bins are scikit-learn's and numpy's, also as a group's performance")
  func calibration() {
    for row in reference.calibration {
      let labels = row.labels.map { $0 == 1 }
      #expect(
        near(
          Classification.expectedCalibrationError(probabilities: row.probabilities, labels: labels),
          row.expectedCalibrationError))
      let examples = labels.map { EvaluationPlan.Example(name: "", prompt: "", positive: $0, groups: [:]) }
      let plan = EvaluationPlan(
        dataset: "", label: "", positive: [], negative: [], groupings: [], examples: examples, bootstrapResamples: 100)
      let records = zip(examples, row.probabilities).map {
        GroupPerformance.Record(plan: plan, example: $0, m: log($1 / (1 - $1)), choice: nil, rule: .threshold)
      }
      let group = GroupPerformance(plan: plan, records: records).groups()[0]
      #expect(near(group.brier.value, row.brier))
      #expect(near(group.calibrationInTheLarge.value, row.calibrationInTheLarge))
      #expect(near(group.expectedCalibrationError.value, row.expectedCalibrationError))
      #expect(!group.expectedCalibrationError.hasInterval, "a bootstrap's would not cover the value at its rate")
      #expect(group.bins.map(\.n) == row.bins.map(\.n))
      for (bin, wanted) in zip(group.bins, row.bins) {
        #expect(near(bin.predicted, wanted.predicted) && near(bin.observed, wanted.observed))
      }
      #expect(group.bins.map(\.from) == (0..<10).map { Double($0) / 10 })
      #expect(group.bins.last?.to == 1)
    }
  }

  @Test("Correlations are scipy's, and undefined without variance")
  func correlation() {
    for row in reference.correlation {
      #expect(near(Correlation.pearson(row.x, row.y), row.pearson, 1e-9), "\(row)")
      #expect(near(Correlation.spearman(row.x, row.y), row.spearman, 1e-9), "\(row)")
    }
    #expect(Correlation.ranks([3, 1, 3, 2]) == [3.5, 1, 3.5, 2])
  }

  @Test("Quantiles are numpy's")
  func quantiles() {
    for row in reference.quantiles {
      let sorted = row.values.sorted()
      for (q, wanted) in zip(row.q, row.expected) { #expect(near(Quantile.linear(sorted: sorted, q), wanted)) }
    }
    #expect(Quantile.linear(sorted: [], 0.5) == nil)
    for row in reference.bootstrap {
      let means = row.resamples.map { draw in draw.reduce(0) { $0 + row.values[$1] } / Double(draw.count) }.sorted()
      for interval in row.intervals {
        let tail = (1 - interval.confidence) / 2
        #expect(near(Quantile.linear(sorted: means, tail), interval.low, 1e-9))
        #expect(near(Quantile.linear(sorted: means, 1 - tail), interval.high, 1e-9))
      }
    }
  }

  @Test("The seeded percentile bootstrap draws and summarises as the C and numpy reference does")
  func seededBootstrap() {
    for row in reference.seededBootstrap {
      let estimate = Bootstrap(
        n: row.values.count, resamples: row.resamples, confidence: row.confidence, seed: row.seed
      ).mean(row.values, by: .percentile)
      #expect(near(estimate.value, row.mean) && near(estimate.low, row.low) && near(estimate.high, row.high))
      #expect(estimate.n == row.values.count && estimate.confidence == row.confidence)
      #expect(estimate.method == "percentile bootstrap over prompts, \(row.resamples) resamples")
    }
  }

  @Test("A bootstrapped ratio is the ratio of sums, not the mean of ratios, and leaves out what is undefined")
  func ratio() {
    // Sums 3 and 4; the mean of 1/1 and 2/3 would be 5/6.
    let bootstrap = Bootstrap(n: 2, resamples: 1000, confidence: 0.95, seed: 1)
    let ratio = bootstrap.ratio([1, 2], [1, 3], by: .percentile)
    #expect(ratio.value == 0.75)
    // The resamples' values are 1, 3/4 and 2/3 with weights ¼, ½, ¼.
    #expect(ratio.low == 2.0 / 3 && ratio.high == 1)
    let undefined = bootstrap.ratio([1, 1], [0, 1], by: .percentile)
    #expect(undefined.value == 2)
    #expect(undefined.low == 1 && undefined.high == 2, "resamples over 0 are left out")
    #expect(undefined.method.contains("of them undefined and left out"))
  }

  @Test("An interval covers a value at its ends and between, not outside")
  func covers() {
    let estimate = Estimate(value: 1, low: 0, high: 2, confidence: 0.95, n: 3, method: "")
    #expect(estimate.covers(0) && estimate.covers(2) && estimate.covers(1.5))
    #expect(!estimate.covers(-0.001) && !estimate.covers(2.001))
  }

  @Test("The random sequence is SplitMix64's, and its indices Lemire's")
  func sequences() throws {
    for row in reference.splitMix64 {
      var generator = SplitMix64(seed: try #require(UInt64(row.seed.dropFirst(2), radix: 16)))
      let outputs = row.outputs.map { UInt64($0.dropFirst(2), radix: 16) }
      for wanted in outputs { #expect(generator.next() == wanted) }
    }
    for row in reference.indices {
      var generator = SplitMix64(seed: row.seed)
      let below = try #require(Int(row.below))
      for wanted in row.outputs { #expect(generator.index(below: below) == Int(wanted)) }
    }
  }

  @Test("A sample has as many different indices as asked for, in rising order, each equally often")
  func sample() {
    var generator = SplitMix64(seed: 3)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<7000 {
      let drawn = generator.sample(3, of: 7)
      #expect(drawn.count == 3 && drawn == Set(drawn).sorted() && drawn.allSatisfy { (0..<7).contains($0) })
      for i in drawn { counts[i] += 1 }
    }
    // Each is expected 3,000 times with a standard deviation of 41; five of them are 207.
    #expect(counts.allSatisfy { abs($0 - 3000) < 207 }, "\(counts)")
    #expect(generator.sample(9, of: 4) == [0, 1, 2, 3])
  }
}
