/// Decisions that would be right far more often the other way round: labels or answers are probably exchanged.
public struct ReversedDecisions: Sendable, Equatable {
  /// Decisions that are right.
  public let right: Proportion
  /// Decisions that would be right if each were the opposite; what is neither answer is right in neither way.
  public let reversed: Proportion

  /// The level of the intervals and of the test; stricter than that of a report, since this is looked for in every evaluation.
  public static let confidence = 0.99

  /// Counts both ways.
  /// - Returns: nil unless the reversed decisions are right in more than one half, with the whole interval (Wilson), and decisions are
  ///   positive more rarely where the label is positive than where it is negative (Fisher's exact test). By the second a model that
  ///   always says the same never counts, however frequent the other label is.
  public init?(_ plan: EvaluationPlan, _ result: EvaluationResult) {
    // A number has no answers that could be exchanged.
    guard plan.unit == nil else { return nil }
    // Records by label, and of them those that are decided positively.
    var (labelled, decided) = ([true: 0, false: 0], [true: 0, false: 0])
    var (right, reversed) = (0, 0)
    for (example, score) in zip(plan.examples, result.scores) {
      guard let m = score.m else { continue }
      labelled[example.positive, default: 0] += 1
      guard let isPositive = plan.isPositive(m: m, choice: score.choice, rule: result.rule) else { continue }
      if isPositive { decided[example.positive, default: 0] += 1 }
      if isPositive == example.positive { right += 1 } else { reversed += 1 }
    }
    let (positive, negative) = (labelled[true] ?? 0, labelled[false] ?? 0)
    guard positive > 0, negative > 0 else { return nil }
    self.right = .wilson(right, of: positive + negative, confidence: Self.confidence)
    self.reversed = .wilson(reversed, of: positive + negative, confidence: Self.confidence)
    let association = IndependentShares(
      countBefore: decided[false] ?? 0, nBefore: negative, countAfter: decided[true] ?? 0, nAfter: positive)
    guard self.reversed.share.low > 0.5, association.difference < 0, association.p < 1 - Self.confidence else {
      return nil
    }
  }
}
