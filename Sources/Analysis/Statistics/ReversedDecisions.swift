/// Decisions that would be right far more often the other way round: labels or answers are probably exchanged.
public struct ReversedDecisions: Sendable, Equatable {
  /// Decisions that are right.
  public let right: Proportion
  /// Decisions that would be right if each were the opposite; what is neither answer is right in neither way.
  public let reversed: Proportion

  /// The level of both intervals; stricter than that of a report, since this is looked for in every evaluation.
  public static let confidence = 0.99

  /// Counts both ways; nil unless the reversed decisions are right more often than if all had the more frequent label, with the whole
  /// interval (Wilson, `confidence`). That is at least one half, so that chance and a model that always says the same never count.
  public init?(_ plan: EvaluationPlan, _ result: EvaluationResult) {
    var (right, reversed, positive, n) = (0, 0, 0, 0)
    for (example, score) in zip(plan.examples, result.scores) {
      guard let m = score.m else { continue }
      n += 1
      if example.positive { positive += 1 }
      switch plan.isPositive(m: m, choice: score.choice, rule: result.rule) {
      case example.positive: right += 1
      case nil: break
      case .some: reversed += 1
      }
    }
    guard n > 0 else { return nil }
    self.right = .wilson(right, of: n, confidence: Self.confidence)
    self.reversed = .wilson(reversed, of: n, confidence: Self.confidence)
    guard self.reversed.share.low > Double(max(positive, n - positive)) / Double(n) else { return nil }
  }
}
