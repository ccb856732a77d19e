import Foundation
import Testing

@testable import Analysis

/// `Tests/Reference/diff/values.json`: values of scipy and statsmodels.
private struct DifferenceReference: Decodable {
  struct Means: Decodable {
    var before: [Double]?
    var after: [Double]?
    var first: [Double]?
    var second: [Double]?
    var margin, p, low, high, equivalence: Double
  }
  struct Shares: Decodable {
    var n, onlyBefore, onlyAfter: Int
    var margin, p, low, high, equivalence: Double
  }
  struct Independent: Decodable {
    var before, after: [Int]
    var p, low, high: Double
  }
  struct Power: Decodable {
    var shift, level, power: Double
    var n: Int
  }
  struct Family: Decodable { var p, holm, benjaminiHochberg: [Double] }

  var paired, independent: [Means]
  var pairedShares: [Shares]
  var independentShares: [Independent]
  var power: [Power]
  var families: [Family]
}

@Suite("Differences of means and shares")
struct DifferenceTests {
  private let reference: DifferenceReference

  init() throws { reference = try Reference.read(DifferenceReference.self, "diff/values.json") }

  private func close(_ a: Double, _ b: Double, _ tolerance: Double = 1e-9) -> Bool {
    abs(a - b) <= tolerance * max(1e-12, abs(b)) || abs(a - b) < 1e-15
  }

  @Test("of pairs have the p-value, interval and equivalence test of scipy's paired t test and statsmodels' TOST")
  func paired() throws {
    for row in reference.paired {
      let test = MeanDifference.paired(zip(row.before ?? [], row.after ?? []).map { $1 - $0 })
      let interval = try #require(test.interval(confidence: 0.95))
      #expect(close(test.p, row.p) && close(interval.low, row.low) && close(interval.high, row.high), "\(row.p)")
      #expect(close(test.equivalenceP(margin: row.margin), row.equivalence), "\(row.equivalence)")
    }
  }

  @Test("of two samples have those of Welch's test")
  func independent() throws {
    for row in reference.independent {
      let test = MeanDifference.independent(row.first ?? [], row.second ?? [])
      let interval = try #require(test.interval(confidence: 0.95))
      #expect(close(test.p, row.p) && close(interval.low, row.low) && close(interval.high, row.high), "\(row.p)")
      #expect(close(test.equivalenceP(margin: row.margin), row.equivalence), "\(row.equivalence)")
    }
  }

  @Test("of shares of the same records have McNemar's exact p-value and Tango's interval from the likelihood itself")
  func pairedShares() {
    for row in reference.pairedShares {
      let test = PairedShares(n: row.n, onlyBefore: row.onlyBefore, onlyAfter: row.onlyAfter)
      #expect(close(test.p, row.p), "\(row.n) \(row.onlyBefore) \(row.onlyAfter)")
      let interval = test.interval(confidence: 0.95)
      // The reference maximises the likelihood numerically.
      #expect(abs(interval.low - row.low) < 1e-5 && abs(interval.high - row.high) < 1e-5, "\(interval) \(row)")
      #expect(abs(test.equivalenceP(margin: row.margin) - row.equivalence) < 1e-5, "\(row)")
    }
  }

  @Test("of shares of different records have Fisher's exact p-value and Newcombe's interval")
  func independentShares() {
    for row in reference.independentShares {
      let test = IndependentShares(
        countBefore: row.before[0], nBefore: row.before[1], countAfter: row.after[0], nAfter: row.after[1])
      let interval = test.interval(confidence: 0.95)
      #expect(close(test.p, row.p), "\(row)")
      #expect(abs(interval.low - row.low) < 1e-9 && abs(interval.high - row.high) < 1e-9, "\(interval) \(row)")
    }
  }

  @Test("have the power that statsmodels gives the t test")
  func power() {
    for row in reference.power {
      let power = TestPower.power(shift: row.shift, level: row.level, degrees: Double(row.n - 1))
      #expect(abs(power - row.power) < 1e-6, "\(power) \(row)")
      guard row.shift > 0 else { continue }
      #expect(
        abs(TestPower.shift(level: row.level, power: row.power, degrees: Double(row.n - 1)) - row.shift) < 1e-5,
        "\(row)")
    }
  }

  @Test("are adjusted for being many as statsmodels adjusts")
  func families() {
    for row in reference.families {
      #expect(zip(MultipleTesting.holm(row.p), row.holm).allSatisfy { close($0, $1) })
      #expect(zip(MultipleTesting.benjaminiHochberg(row.p), row.benjaminiHochberg).allSatisfy { close($0, $1) })
    }
  }

  @Test("settle nothing where there is one value, and are as likely as equal signs where all values agree")
  func degenerate() {
    #expect(MeanDifference.paired([0.5]).p == 1)
    #expect(MeanDifference.paired([0.5]).equivalenceP(margin: 1) == 1)
    #expect(MeanDifference.paired([0.5]).interval(confidence: 0.95) == nil)
    // Two sides of a coin: five equal signs have 2/2⁵.
    #expect(MeanDifference.paired([1, 1, 1, 1, 1]).p == 0.0625)
    #expect(MeanDifference.paired([0, 0, 0]).p == 1)
    #expect(PairedShares(n: 7, onlyBefore: 0, onlyAfter: 0).p == 1)
  }

  @Test("are smallest p-values that no outcome undercuts", arguments: [0, 1, 2, 5, 12])
  func smallest(_ differing: Int) {
    let all = (0...differing).map { PairedShares(n: 40, onlyBefore: $0, onlyAfter: differing - $0) }
    #expect(close(all.map(\.p).min() ?? 2, all[0].smallestP))
  }
}
