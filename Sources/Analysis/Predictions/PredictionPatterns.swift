import Foundation

/// What explains predictions without running the model again: units, sides, rounding, order, thresholds.
struct PredictionPatterns {
  typealias Cause = PredictionComparison.Cause
  typealias Explanation = PredictionComparison.Explanation

  private let held: HeldPredictions
  private let pairs: [HeldPredictions.Pair]
  private let tolerance: Double
  private let rounding: Rounding?

  init(_ held: HeldPredictions) {
    self.held = held
    pairs = held.pairs
    tolerance = held.predictions.tolerance
    rounding = Rounding(held.pairs.compactMap(\.value.score))
  }

  /// The first pattern that explains, nil if none does.
  var explanation: Explanation? {
    let scored = pairs.contains(where: held.isBeyond)
    return scored ? scores : decisions
  }

  // MARK: Scores

  private var scores: Explanation? {
    guard let unit = held.predictions.unit else { return nil }
    let all = pairs.filter { $0.value.score != nil }
    if let constant = constant(all) { return constant }
    for reading in ScoreReading.all(unit, isClassifier: false) {
      if let found = explained(all, by: reading, within: tolerance, extra: []) { return found }
    }
    if let rounding, rounding.half > tolerance {
      for reading in ScoreReading.all(unit, isClassifier: false) {
        if let found = explained(all, by: reading, within: rounding.limit, extra: [rounding.cause]) { return found }
      }
    }
    return order(all) ?? calibrated(all)
  }

  /// All records by one reading, or nothing.
  private func explained(
    _ all: [HeldPredictions.Pair], by reading: ScoreReading, within limit: Double, extra: [Cause]
  ) -> Explanation? {
    let fits = ScoreFit(held.predictions, half: rounding?.half ?? 0, limit: limit)
    var left = 0.0
    for pair in all {
      guard let said = pair.value.score, let value = reading.value(pair.engine), fits(said, value) else { return nil }
      left = max(left, abs(said - value))
    }
    let causes = [reading.cause].compactMap { $0 } + extra
    return causes.isEmpty ? nil : Explanation(causes: causes, explained: all.count, of: all.count, left: left)
  }

  private func constant(_ all: [HeldPredictions.Pair]) -> Explanation? {
    guard all.count > 1, let first = all.first?.value.score, all.allSatisfy({ $0.value.score == first }) else {
      return nil
    }
    return Explanation(causes: [Cause(.constant, number: first)], explained: all.count, of: all.count, left: 0)
  }

  // MARK: Order

  private func order(_ all: [HeldPredictions.Pair]) -> Explanation? {
    let values = all.compactMap { pair in held.engine(pair.engine) }
    guard values.count == all.count, all.count >= 3 else { return nil }
    return shifted(all, values) ?? permuted(all, values)
  }

  private func shifted(_ all: [HeldPredictions.Pair], _ values: [Double]) -> Explanation? {
    for shift in [1, -1, 2, -2, 3, -3, 4, -4, 5, -5] where all.count - abs(shift) >= 3 {
      let places = all.indices.filter { values.indices.contains($0 - shift) }
      let differences = places.map { abs((all[$0].value.score ?? .nan) - values[$0 - shift]) }
      guard differences.allSatisfy({ $0 <= tolerance }) else { continue }
      return Explanation(
        causes: [Cause(.shifted, number: Double(shift))], explained: places.count, of: all.count,
        left: differences.max())
    }
    return nil
  }

  /// The scores that are wrong are those of the engine for the same records, but in another order.
  private func permuted(_ all: [HeldPredictions.Pair], _ values: [Double]) -> Explanation? {
    let wrong = all.indices.filter { held.isBeyond(all[$0]) }
    guard wrong.count >= 2 else { return nil }
    let said = wrong.sorted { (all[$0].value.score ?? 0) < (all[$1].value.score ?? 0) }
    let engine = wrong.sorted { values[$0] < values[$1] }
    var left = 0.0
    for (one, other) in zip(said, engine) {
      let difference = abs((all[one].value.score ?? .nan) - values[other])
      guard difference <= tolerance else { return nil }
      left = max(left, difference)
    }
    // Scores that lie closer together than the tolerance would be a permutation of anything.
    guard let lowest = engine.first, let highest = engine.last,
      values[highest] - values[lowest] > 4 * tolerance * Double(wrong.count)
    else { return nil }
    let first = zip(said, engine).min { $0.0 < $1.0 }
    let example = first.map { "\(all[$0.0].value.id) / \(all[$0.1].value.id)" }
    return Explanation(
      causes: [Cause(.order, detail: example)], explained: wrong.count, of: wrong.count, left: left)
  }

  // MARK: Calibration

  /// logit(score) = slope·m + intercept.
  private func calibrated(_ all: [HeldPredictions.Pair]) -> Explanation? {
    guard let unit = held.predictions.unit, unit != .fullProbability, all.count >= 5 else { return nil }
    func logit(_ score: Double) -> Double { unit == .logit ? score : log(score / (1 - score)) }
    let points = all.compactMap { pair -> (x: Double, y: Double)? in
      let y = logit(pair.value.score ?? .nan)
      return y.isFinite && abs(y) < 10 ? (pair.engine.m, y) : nil
    }
    guard points.count >= 5, points.count * 2 >= all.count else { return nil }
    let n = Double(points.count)
    let (x, y) = (points.reduce(0) { $0 + $1.x } / n, points.reduce(0) { $0 + $1.y } / n)
    let spread = points.reduce(0) { $0 + ($1.x - x) * ($1.x - x) }
    guard spread > 1e-6 else { return nil }
    let slope = points.reduce(0) { $0 + ($1.x - x) * ($1.y - y) } / spread
    let intercept = y - slope * x
    var left = 0.0
    for pair in all {
      let fitted = slope * pair.engine.m + intercept
      let value = unit == .logit ? fitted : sigmoid(fitted)
      let difference = abs((pair.value.score ?? .nan) - value)
      guard difference <= tolerance else { return nil }
      left = max(left, difference)
    }
    return Explanation(
      causes: [Cause(.calibrated, low: slope, high: intercept)], explained: all.count, of: all.count, left: left)
  }

  // MARK: Decisions

  private var decisions: Explanation? {
    let said = pairs.compactMap { pair in pair.value.positive.map { (pair, $0) } }
    guard said.count >= 2 else { return nil }
    func whole(_ cause: Cause) -> Explanation {
      Explanation(causes: [cause], explained: said.count, of: said.count, left: nil)
    }
    let positives = said.count { $0.1 }
    if positives == 0 || positives == said.count { return whole(Cause(.constant, number: positives == 0 ? 0 : 1)) }
    if said.allSatisfy({ $0.0.isPositive == !$0.1 }) { return whole(Cause(.inverted)) }
    let wrong = pairs.filter(held.disagrees)
    // The third class is the model's own choice, and the system decides between the two that are named.
    if !wrong.contains(where: held.isTelling) { return whole(Cause(.declaredOnly)) }
    let highest = said.filter { !$0.1 }.map(\.0.engine.m).max() ?? -.infinity
    let lowest = said.filter(\.1).map(\.0.engine.m).min() ?? .infinity
    guard highest < lowest else { return nil }
    // Among neighbours of the threshold, arithmetic decides and not another threshold.
    let isNear = pairs.filter(held.disagrees).allSatisfy { abs($0.engine.m - held.threshold) < 0.005 }
    return whole(isNear ? Cause(.precision) : Cause(.threshold, low: highest, high: lowest))
  }

  // MARK: What is left

  /// What is said where nothing that was tried gives the predictions: small and nearly everywhere, or unknown.
  /// - Parameter fitting: ways that give the decisions where these do not tell one way from another.
  func rest(fitting: Int = 0) -> Explanation {
    let scored = pairs.filter { $0.value.score != nil }
    guard !scored.isEmpty, let unit = held.predictions.unit else {
      let wrong = pairs.filter(held.disagrees)
      let isNear = wrong.allSatisfy { abs($0.engine.m - held.threshold) < 0.05 }
      let unknown = Cause(.unknown, number: fitting > 0 ? Double(fitting) : nil)
      return Explanation(causes: [isNear ? Cause(.precision) : unknown], explained: 0, of: wrong.count, left: nil)
    }
    let values = scored.map { held.engine($0.engine) ?? .nan }
    let differences = zip(scored, values).map { abs(($0.value.score ?? .nan) - $1) }
    let largest = differences.max() ?? 0
    let mean = differences.reduce(0, +) / Double(differences.count)
    let scale = unit == .logit ? max(1, values.map(abs).max() ?? 1) : 1
    let moved = differences.count { $0 > tolerance / 10 }
    let correlation = Correlation.pearson(scored.map { $0.value.score ?? .nan }, values) ?? 0
    let isSmall =
      largest <= 0.1 * scale && mean <= 0.02 * scale && correlation >= 0.998 && moved * 2 >= differences.count
    return Explanation(
      causes: [Cause(isSmall ? .precision : .unknown)], explained: 0, of: pairs.count(where: held.isBeyond),
      left: nil)
  }
}
