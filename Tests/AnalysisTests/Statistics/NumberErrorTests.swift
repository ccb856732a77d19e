import Foundation
import Testing

@testable import Analysis

/// `Tests/Reference/numbers.json`: values of scikit-learn and scipy (`number_goldens.py` beside it).
private struct NumberReference: Decodable {
  struct Row: Decodable {
    var group: String
    var label, number: Double
  }
  struct Errors: Decodable {
    var n: Int
    var meanAbsoluteError, rootMeanSquareError, meanError: Double
    var determination: Double?
  }
  struct Difference: Decodable {
    var group: String
    var difference, low, high, p, adjustedP: Double
  }
  struct Case: Decodable, CustomTestStringConvertible {
    var name, reference: String
    var rows: [Row]
    var all: Errors
    var groups: [String: Errors]
    var differences: [Difference]

    var testDescription: String { name }

    /// The records as an evaluation that gave these numbers.
    func plan(threshold: Double? = nil) -> EvaluationPlan {
      EvaluationPlan(
        dataset: name, label: "label", positive: [], negative: [], threshold: threshold, groupings: ["group"],
        examples: rows.enumerated().map { place, row in
          EvaluationPlan.Example(
            name: "record \(place)", prompt: "", positive: threshold.map { row.label > $0 } ?? false, number: row.label,
            groups: ["group": row.group])
        }, bootstrapResamples: 400, unit: "points")
    }

    var scores: [EvaluationResult.Score] {
      rows.enumerated().map { EvaluationResult.Score(name: "record \($0.offset)", m: $0.element.number) }
    }
  }
  var cases: [Case]

  static func cases() throws -> [Case] { try Reference.read(NumberReference.self, "numbers.json").cases }
}

@Suite("Errors of numbers")
struct NumberErrorTests {
  private func near(_ value: Double?, _ expected: Double?) -> Bool {
    guard let value, let expected else { return value == nil && expected == nil }
    return abs(value - expected) <= 1e-9 * max(1, abs(expected))
  }

  @Test(
    "MAE, RMSE, R² and the mean error are scikit-learn's, overall and by group", arguments: try NumberReference.cases())
  fileprivate func errors(example: NumberReference.Case) throws {
    let groups = NumberErrors(plan: example.plan(), scores: example.scores).groups()
    #expect(groups.map(\.name) == [nil] + example.groups.keys.sorted())
    for group in groups {
      let expected = group.name.flatMap { example.groups[$0] } ?? example.all
      #expect(group.n == expected.n)
      #expect(near(group.meanAbsoluteError.value, expected.meanAbsoluteError))
      #expect(near(group.rootMeanSquareError.value, expected.rootMeanSquareError))
      #expect(near(group.determination?.value, expected.determination))
      #expect(near(group.meanError.value, expected.meanError))
      for estimate in [group.meanAbsoluteError, group.rootMeanSquareError, group.meanError, group.determination] {
        guard let estimate else { continue }
        #expect(estimate.low <= estimate.value && estimate.value <= estimate.high && estimate.low < estimate.high)
      }
      // Nothing is decided without a threshold.
      #expect(group.accuracy == nil && group.positiveRate == nil && group.baseRate == nil)
    }
  }

  @Test(
    "A group's error is held against its reference's by Welch's test, worst first",
    arguments: try NumberReference.cases())
  fileprivate func comparison(example: NumberReference.Case) throws {
    let result = EvaluationResult(groups: [], errors: [], scores: example.scores, rule: .undecided)
    let comparison = GroupComparison(
      example.plan(), result, GroupComparison.Declaration(references: ["group": example.reference]), confidence: 0.95,
      power: 0.8)
    #expect(comparison.rows.count == example.differences.count && comparison.fourFifths == nil)
    for expected in example.differences {
      let row = try #require(comparison.rows.first { $0.group == [expected.group] })
      // Without a threshold the error is all that is compared.
      #expect(row.comparisons.map(\.measure) == [.absoluteError])
      let found = try #require(row.worst)
      #expect(near(found.difference.value, expected.difference))
      #expect(abs(found.difference.low - expected.low) < 1e-6 && abs(found.difference.high - expected.high) < 1e-6)
      #expect(abs((found.p ?? .nan) - expected.p) < 1e-8 && abs((found.adjustedP ?? .nan) - expected.adjustedP) < 1e-8)
      let loss: GroupComparison.Loss =
        expected.difference <= 0 ? .none : expected.adjustedP <= 0.05 ? .settled : expected.low > 0 ? .likely : .open
      #expect(found.loss == loss)
      #expect(row.isSmall == ((example.groups[expected.group]?.n ?? 0) < GroupComparison.few))
    }
    let shown = comparison.rows.compactMap(\.worst).map { (shown: $0.loss?.isShown == true, size: $0.difference.value) }
    for (first, second) in zip(shown, shown.dropFirst()) {
      #expect(first.shown || !second.shown)
      if first.shown == second.shown { #expect(first.size >= second.size) }
    }
  }

  @Test("A threshold makes decisions: above it, not at it")
  func threshold() throws {
    let example = try #require(try NumberReference.cases().first)
    let threshold = 50.0
    let plan = example.plan(threshold: threshold)
    let all = try #require(NumberErrors(plan: plan, scores: example.scores).groups().first)
    #expect(all.positiveRate?.count == example.rows.count { $0.number > threshold })
    #expect(all.baseRate?.count == example.rows.count { $0.label > threshold })
    #expect(all.accuracy?.count == example.rows.count { ($0.number > threshold) == ($0.label > threshold) })
    let result = EvaluationResult(groups: [], errors: [], scores: example.scores, rule: .threshold)
    let comparison = GroupComparison(plan, result, GroupComparison.Declaration(), confidence: 0.95, power: 0.8)
    let measures = try #require(comparison.rows.first).comparisons.map(\.measure)
    #expect(measures == [.absoluteError, .positiveRate, .accuracy, .truePositiveRate, .falsePositiveRate])
    // An error in points and a share have no common order: the error says who fares worse.
    #expect(comparison.rows.allSatisfy { $0.worst?.measure == .absoluteError })
    let exact = EvaluationPlan.Example(name: "at it", prompt: "", positive: false, number: 50, groups: [:])
    #expect(plan.isPositive(m: 50, choice: nil, rule: .threshold) == false)
    #expect(plan.isPositive(m: 50.nextUp, choice: nil, rule: .threshold) == true)
    #expect(example.plan().isPositive(m: 51, choice: nil, rule: .undecided) == nil)
    #expect(example.plan().decision(exact, m: 51, choice: nil, rule: .undecided) == (false, false))
  }

  @Test("A label that nothing decides is no negative one: it is not written, and without a number it has to be")
  func side() throws {
    let undecided = EvaluationPlan.Example(name: "a", prompt: "p", positive: nil, number: 1, groups: [:])
    let data = try JSONEncoder().encode(undecided)
    #expect(!String(decoding: data, as: UTF8.self).contains("positive"))
    #expect(try JSONDecoder().decode(EvaluationPlan.Example.self, from: data) == undecided)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(
        EvaluationPlan.Example.self, from: Data(#"{"name": "a", "prompt": "p", "groups": {}}"#.utf8))
    }
  }

  @Test("Refused records are left out, and without any there is no group")
  func refused() throws {
    let example = try #require(try NumberReference.cases().first)
    var scores = example.scores
    scores[0].m = nil
    let groups = NumberErrors(plan: example.plan(), scores: scores).groups()
    #expect(groups.first?.n == example.rows.count - 1)
    #expect(NumberErrors(plan: example.plan(), scores: scores.map { .init(name: $0.name, m: nil) }).groups().isEmpty)
  }
}
