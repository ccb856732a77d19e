import Foundation
import Testing

@testable import Analysis

@Suite("Change of the positive answers' share")
struct PositiveShareTests {
  private func plan() -> AnalysisPlan {
    AnalysisPlan(behaviour: "b", question: "q", positive: [" yes"], negative: [" no"], pairs: [], methods: [])
  }

  private func result(_ values: [(Double?, Double?)]) -> AnalysisResult {
    var result = AnalysisResult(layers: 1, headsPerLayer: 1, nodes: [])
    result.pairs = values.enumerated().map { index, value in
      var pair = AnalysisResult.Pair(name: "record \(index + 1)")
      (pair.mClean, pair.mCounterfactual) = value
      return pair
    }
    return result
  }

  /// By hand: σ(0) = 1/2, σ(ln 3) = 3/4, σ(−ln 3) = 1/4; the pairs change by −1/4, −1/2 and 0, on average −1/4.
  @Test("the mean of the change of the share, not the share of the mean; what could not be read is left out")
  func mean() throws {
    let third = log(3.0)
    let change = try #require(
      result([(third, 0), (third, -third), (0, 0), (nil, nil), (1, nil)]).positiveShareChange(plan()))
    #expect(abs(change.value + 0.25) < 1e-15 && change.n == 3)
    #expect(change.low <= change.value && change.value <= change.high)
    #expect(result([(nil, nil)]).positiveShareChange(plan()) == nil)
  }

  @Test("answers that change places change the sign alone, and the same record gives the same interval")
  func exchanged() throws {
    let values = (0..<40).map { index in (sin(Double(index)) * 2, cos(Double(index) * 1.3) * 2) }
    let one = try #require(result(values.map { ($0.0, $0.1) }).positiveShareChange(plan()))
    let other = try #require(result(values.map { (-$0.0, -$0.1) }).positiveShareChange(plan()))
    #expect(abs(one.value + other.value) < 1e-15 && abs(one.low + other.high) < 1e-12)
    #expect(try #require(result(values.map { ($0.0, $0.1) }).positiveShareChange(plan())) == one)
  }
}
