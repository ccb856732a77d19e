import Foundation
import Testing

@testable import Analysis

/// How often intervals between groups and between versions hold the truth. The full size, with VITRINE_TEST_FULL=1, is that of the
/// table in docs/statistics.md; VITRINE_RECORD=groups (or 1) writes it again.
@Suite("Coverage of intervals between groups")
struct GroupCoverageTests {
  /// Groups of these sizes, each beside a reference of at most ten times as many records.
  private static let sizes = [5, 10, 24, 100, 1000, 5000]
  /// Share of the group, share of the reference.
  private static let shares = [(0.9, 0.9), (0.6, 0.9), (0.4, 0.5), (0.03, 0.05)]

  private struct Rates {
    var difference = 0.0
    var ratio = 0.0
    var paired = 0.0
  }

  /// How many of n records count.
  private func drawn(_ n: Int, _ share: Double, _ generator: inout SplitMix64) -> Int {
    (0..<n).reduce(0) { count, _ in generator.uniform() < share ? count + 1 : count }
  }

  private func rates(_ share: Double, _ reference: Double, n: Int, repetitions: Int) -> Rates {
    var generator = SplitMix64(seed: UInt64(n) &* 1009 &+ UInt64(share * 1000) &* 31 &+ UInt64(reference * 1000))
    let others = min(5000, 10 * n)
    var known: [[Int]: (Bool, Bool)] = [:]
    var rates = Rates()
    for _ in 0..<repetitions {
      let counts = [drawn(n, share, &generator), drawn(others, reference, &generator)]
      let hit = known[counts] ?? held(counts, n, others, share, reference)
      known[counts] = hit
      if hit.0 { rates.difference += 1 }
      if hit.1 { rates.ratio += 1 }
      // The same records in two versions: so many only before, so many only after.
      let (onlyBefore, onlyAfter) = (0.1 + max(0, reference - share) / 2, 0.1 - max(0, reference - share) / 2)
      let lost = drawn(n, onlyBefore, &generator)
      let gained = drawn(n - lost, max(0, onlyAfter) / (1 - onlyBefore), &generator)
      let interval = PairedShares(n: n, onlyBefore: lost, onlyAfter: gained).interval(confidence: 0.95)
      let truth = max(0, onlyAfter) - onlyBefore
      if interval.low <= truth + 1e-12, truth - 1e-12 <= interval.high { rates.paired += 1 }
    }
    let all = Double(repetitions)
    return Rates(difference: rates.difference / all, ratio: rates.ratio / all, paired: rates.paired / all)
  }

  private func held(_ counts: [Int], _ n: Int, _ others: Int, _ share: Double, _ reference: Double) -> (Bool, Bool) {
    let difference = IndependentShares(
      countBefore: counts[1], nBefore: others, countAfter: counts[0], nAfter: n
    ).interval(confidence: 0.95)
    let truth = share - reference
    let ratio = ShareRatio(count: counts[0], n: n, countReference: counts[1], nReference: others)
      .interval(confidence: 0.95)
    // Where no record counts on either side every ratio fits.
    let holds = ratio.map { $0.low <= share / reference && share / reference <= $0.high ?? .infinity } ?? true
    return (difference.low <= truth && truth <= difference.high, holds)
  }

  @Test("Intervals of differences, ratios and changes hold the truth about as often as they say", arguments: shares)
  func coverage(share: Double, reference: Double) {
    let repetitions = Reference.isFull ? 10_000 : 500
    for n in Reference.isFull ? Self.sizes : [10, 24, 100] {
      let rates = rates(share, reference, n: n, repetitions: n > 500 ? repetitions / 5 : repetitions)
      let slack = 4 * (0.05 * 0.95 / Double(n > 500 ? repetitions / 5 : repetitions)).squareRoot()
      // Score intervals of few records swing around the level; 0.90 is the least of the table in docs/statistics.md.
      let least = n < 100 ? 0.90 : 0.93
      for (name, rate) in [("difference", rates.difference), ("ratio", rates.ratio), ("paired", rates.paired)] {
        #expect(rate >= least - slack, "\(name), \(share) and \(reference), n = \(n): \(rate)")
      }
      // An interval may not be idle either.
      if n >= 100 {
        #expect(max(rates.difference, rates.ratio, rates.paired) <= 0.965 + slack, "n = \(n): \(rates)")
      }
    }
  }

  private static let asked = ProcessInfo.processInfo.environment["VITRINE_RECORD"] ?? ""

  @Test(
    "The table of groups in docs/statistics.md is measured again on request",
    .enabled(if: ["1", "groups"].contains(asked), "VITRINE_RECORD is neither 1 nor groups"))
  func record() throws {
    let rows = Self.shares.flatMap { share, reference in
      Self.sizes.map { n -> [String] in
        let rates = rates(share, reference, n: n, repetitions: n > 500 ? 2000 : 10_000)
        return ["\(share)", "\(reference)", "\(n)", "\(min(5000, 10 * n))"]
          + [rates.difference, rates.ratio, rates.paired].map { String(format: "%.3f", $0) }
      }
    }
    try StatisticsPage.record(
      "groups",
      [
        "share", "reference’s", "n", "n of the reference", "difference (Newcombe)", "ratio (Miettinen–Nurminen)",
        "change (Tango)",
      ],
      rows)
  }
}
