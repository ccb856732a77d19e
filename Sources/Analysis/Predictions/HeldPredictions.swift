import Foundation

/// Predictions beside the engine's values, record by record, in the order of the provider's file.
struct HeldPredictions {
  /// One record that has both.
  struct Pair {
    let value: ProviderPredictions.Value
    /// Its place in the plan.
    let place: Int
    let engine: EngineScore
    /// Whether the engine decides for the positive answer; nil if the model's own first choice is no declared answer.
    let isPositive: Bool?
  }

  let plan: EvaluationPlan
  /// The plan's threshold.
  let threshold: Double
  let predictions: ProviderPredictions
  let pairs: [Pair]
  let refused: Int

  init?(_ plan: EvaluationPlan, _ result: EvaluationResult) {
    guard let predictions = plan.predictions, let threshold = plan.threshold else { return nil }
    self.plan = plan
    self.threshold = threshold
    self.predictions = predictions
    let places = Dictionary(plan.examples.enumerated().map { ($1.name, $0) }) { first, _ in first }
    var pairs: [Pair] = []
    var refused = 0
    for value in predictions.values {
      guard let place = places[value.record], result.scores.indices.contains(place) else { continue }
      let score = result.scores[place]
      guard let m = score.m else {
        refused += 1
        continue
      }
      pairs.append(
        Pair(
          value: value, place: place, engine: EngineScore(m: m, choice: score.choice),
          isPositive: plan.isPositive(m: m, choice: score.choice, rule: result.rule)))
    }
    self.pairs = pairs
    self.refused = refused
  }

  /// The engine's score in the unit of the predictions.
  func engine(_ score: EngineScore) -> Double? { predictions.unit.map { score.value(in: $0) } }

  /// Whether a score lies beyond the tolerance.
  func isBeyond(_ pair: Pair) -> Bool { isBeyond(pair, predictions.tolerance) }

  private func isBeyond(_ pair: Pair, _ limit: Double) -> Bool {
    guard let provider = pair.value.score, let engine = engine(pair.engine) else { return false }
    return abs(provider - engine) > limit
  }

  /// The widest difference of two scores that may come of rounding: of a probability with two digits. A tolerance beyond it says how
  /// far scores may be apart, not that another decision is the same.
  private static let widestRounding = 0.01

  /// Whether the decisions differ. Where the system says only a score, a decision is by the plan's threshold, and one that
  /// differs within the tolerance, and by no more than rounding does, does not count.
  func disagrees(_ pair: Pair) -> Bool {
    if let said = pair.value.positive { return pair.isPositive != said }
    guard isBeyond(pair, min(predictions.tolerance, Self.widestRounding)), let said = decision(pair) else {
      return false
    }
    return said != (pair.engine.m > threshold)
  }

  /// Whether a record's score or decision is another one than the engine's.
  func differs(_ pair: Pair) -> Bool { isBeyond(pair) || disagrees(pair) }

  /// Whether a score tells one explanation from another: one so near to 0 or 1 that its digits hold no logit any more is given by
  /// many.
  func isTelling(_ pair: Pair) -> Bool {
    guard let score = pair.value.score, let unit = predictions.unit else {
      // A decision that the declared answers alone give anyway says nothing about how the prompt was read.
      return pair.value.positive != (pair.engine.m > threshold)
    }
    return unit == .logit || ScoreFit.slack(score, half: 0) <= 0.5
  }

  /// The system's decision: as it says, or by its score.
  func decision(_ pair: Pair) -> Bool? {
    if let said = pair.value.positive { return said }
    guard let score = pair.value.score, let unit = predictions.unit else { return nil }
    switch unit {
    case .logit: return score > threshold
    case .probability: return score > sigmoid(threshold)
    case .fullProbability: return score > (pair.engine.answers ?? 1) * sigmoid(threshold)
    }
  }

  private func record(_ pair: Pair) -> PredictionComparison.Record {
    PredictionComparison.Record(
      record: pair.value.record, id: pair.value.id, provider: pair.value.score,
      engine: pair.value.score == nil ? nil : engine(pair.engine), providerPositive: decision(pair),
      enginePositive: pair.value.positive == nil ? pair.engine.m > threshold : pair.isPositive)
  }

  /// The comparison, without what explains it.
  func comparison() -> PredictionComparison {
    let records = pairs.filter { $0.value.score != nil }.map(record)
    // Stable: of equal differences the first in the file comes first.
    let order = records.indices.sorted {
      let (left, right) = (records[$0].difference ?? 0, records[$1].difference ?? 0)
      return left == right ? $0 < $1 : left > right
    }
    let beyond = pairs.count(where: isBeyond)
    let disagreeing = pairs.filter(disagrees)
    let limit = PredictionComparison.listed
    return PredictionComparison(
      verdict: pairs.isEmpty ? .notCompared : beyond > 0 || !disagreeing.isEmpty ? .differs : .agrees,
      compared: pairs.count, missing: plan.examples.count - predictions.values.count, refused: refused,
      tolerance: predictions.tolerance, largest: order.first.map { records[$0] }, beyond: beyond,
      disagreements: disagreeing.count, disagreeing: disagreeing.prefix(limit).map(record),
      farthest: order.prefix(min(limit, beyond)).map { records[$0] })
  }
}

/// What the engine says of one prompt, in every unit in which a serving system may have said it.
struct EngineScore {
  /// The decision value.
  let m: Double
  /// The declared answers' joint probability (nil if it is not known).
  let answers: Double?
  /// The probability of the model's own first choice (nil if it is not known).
  let first: Double?
  /// logsumexp of the positive answers' raw outputs, and of the negative ones' (nil if they are not known).
  var outputs: (positive: Double, negative: Double)?

  init(m: Double, choice: OwnChoice?) {
    self.m = m
    answers = choice?.answersProbability
    first = choice?.probability
  }

  /// The score in a unit.
  func value(in unit: ProviderPredictions.Unit) -> Double {
    switch unit {
    case .probability: sigmoid(m)
    case .fullProbability: sigmoid(m) * (answers ?? 1)
    case .logit: m
    }
  }
}
