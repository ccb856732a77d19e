import Foundation

/// Whether a value gives a score: within a limit and, of probabilities, also in logits as far as the score's digits hold them. Of
/// two models that are both sure nearly all probabilities are alike, and the logits are not.
struct ScoreFit {
  /// How far a value may be from a score.
  let limit: Double
  /// Whether scores are probabilities.
  let isProbability: Bool
  /// How far rounding may have moved a score.
  let half: Double

  init(_ predictions: ProviderPredictions, half: Double, limit: Double) {
    isProbability = predictions.unit != .logit
    self.half = half
    self.limit = limit
  }

  /// How far logits of the same probability may be apart: near to 1 by the resolution of float32, elsewhere by the digits given.
  static func slack(_ score: Double, half: Double) -> Double {
    let distance = min(score, 1 - score)
    guard distance > 0 else { return .infinity }
    return 0.05 + max(half, score > 0.5 ? 3e-7 : 0) / distance
  }

  func callAsFunction(_ score: Double, _ value: Double) -> Bool {
    guard abs(score - value) <= limit else { return false }
    // Far from 0 and 1, tolerance and rounding say all.
    guard isProbability, score > 0, score < 1, min(score, 1 - score) < 0.01 else { return true }
    guard value > 0, value < 1 else { return false }
    return abs(log(score / (1 - score)) - log(value / (1 - value))) <= Self.slack(score, half: half)
  }
}

/// Decimals that all scores have at most.
struct Rounding {
  let decimals: Int
  /// How far rounding to them may move a score.
  let half: Double

  /// Nil if not all scores have few decimals, or there are too few scores to say so.
  init?(_ scores: [Double]) {
    guard scores.count >= 3 else { return nil }
    for decimals in 0...9 {
      let scale = pow(10, Double(decimals))
      // The nearest double of the rounded number, which a score of all its digits is not.
      guard scores.allSatisfy({ ($0 * scale).rounded() / scale == $0 }) else { continue }
      (self.decimals, half) = (decimals, 0.5 / scale)
      return
    }
    return nil
  }

  /// How far a rounded score may be from the engine's.
  var limit: Double { half * 1.01 + 1e-6 }

  var cause: PredictionComparison.Cause { PredictionComparison.Cause(.rounded, number: Double(decimals)) }
}
