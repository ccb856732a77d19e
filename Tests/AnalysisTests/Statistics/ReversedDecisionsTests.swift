import Testing

@testable import Analysis

@Suite("Decisions that would be right the other way round")
struct ReversedDecisionsTests {
  /// `positives` records with a positive label, of which `right` and of the others `rightNegatives` are decided rightly.
  private func reversed(
    _ positives: Int, right: Int, _ negatives: Int, rightNegatives: Int, neither: Int = 0
  ) -> ReversedDecisions? {
    let n = positives + negatives + neither
    let labels = (0..<n).map { $0 < positives }
    let decisions = (0..<n).map { $0 < positives ? $0 < right : $0 - positives >= rightNegatives }
    let plan = EvaluationPlan(
      dataset: "d", label: "l", positive: ["a"], negative: ["b"], firstChoice: true, groupings: [],
      examples: labels.map { .init(name: "r", prompt: "p", positive: $0, groups: [:]) })
    let scores = decisions.enumerated().map { number, isPositive in
      EvaluationResult.Score(
        name: "r", m: isPositive ? 1 : -1,
        choice: OwnChoice(
          id: 0, text: "a", probability: 1,
          side: number >= positives + negatives ? .none : isPositive ? .positive : .negative, answersProbability: 1))
    }
    return ReversedDecisions(plan, EvaluationResult(groups: [], scores: scores, rule: .firstChoice))
  }

  @Test("Exchanged labels are found: 39 of 200 right, so that 161 would be")
  func exchanged() throws {
    let found = try #require(reversed(140, right: 27, 60, rightNegatives: 12))
    #expect(found.right.count == 39 && found.reversed.count == 161)
    // 39 of 200, where the more frequent label has 149: Fisher's exact test decides, not the share of a model that always says it.
    let base = try #require(reversed(149, right: 21, 51, rightNegatives: 18))
    #expect(base.right.count == 39 && base.reversed.count == 161)
    // Wilson 1927 with z = 2.5758: (0.805 + z²/400 − z·√(0.805·0.195/200 + z²/160000))/(1 + z²/200).
    #expect(abs(found.reversed.share.low - 0.7235) < 5e-4)
  }

  @Test("Chance, a model that always says the rarer answer, few records and answers that are neither are not")
  func others() {
    #expect(reversed(100, right: 45, 100, rightNegatives: 45) == nil)
    // Always negative, where 70 % are positive.
    #expect(reversed(140, right: 0, 60, rightNegatives: 60) == nil)
    // Fisher: 2 of the 70 tables of 4 and 4 records, 2 of the 252 of 5 and 5.
    #expect(reversed(4, right: 0, 4, rightNegatives: 0) == nil)
    #expect(reversed(5, right: 0, 5, rightNegatives: 0) != nil)
    #expect(reversed(40, right: 0, 40, rightNegatives: 0, neither: 80) == nil)
    // Nearly always negative, whatever the label.
    #expect(reversed(150, right: 8, 50, rightNegatives: 47) == nil)
    #expect(reversed(100, right: 90, 100, rightNegatives: 90) == nil)
    #expect(reversed(0, right: 0, 0, rightNegatives: 0) == nil)
  }
}
