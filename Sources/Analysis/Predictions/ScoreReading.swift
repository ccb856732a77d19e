import Foundation

/// One way of making a score from what the model computes.
struct ScoreReading: Sendable {
  /// Why it is another one than declared; nil for the declared one.
  let cause: PredictionComparison.Cause?
  let value: @Sendable (EngineScore) -> Double?

  private init(_ cause: PredictionComparison.Cause?, _ value: @escaping @Sendable (EngineScore) -> Double?) {
    self.cause = cause
    self.value = value
  }

  /// The declared one first, then those that people take for it.
  /// - Parameter isClassifier: whether raw outputs of one class are scores that somebody may write down.
  static func all(_ declared: ProviderPredictions.Unit, isClassifier: Bool) -> [ScoreReading] {
    typealias Cause = PredictionComparison.Cause
    var readings = [ScoreReading(nil) { $0.value(in: declared) }]
    readings.append(
      ScoreReading(Cause(.otherSide)) { score in
        switch declared {
        case .probability: sigmoid(-score.m)
        case .fullProbability: score.answers.map { sigmoid(-score.m) * $0 }
        case .logit: -score.m
        }
      })
    for unit in ProviderPredictions.Unit.allCases where unit != declared {
      readings.append(ScoreReading(Cause(.unit, detail: unit.rawValue)) { $0.value(in: unit) })
    }
    readings.append(ScoreReading(Cause(.topClass)) { max(sigmoid($0.m), sigmoid(-$0.m)) })
    readings.append(ScoreReading(Cause(.topClass)) { $0.first })
    readings.append(ScoreReading(Cause(.unit, detail: "per cent")) { 100 * sigmoid($0.m) })
    readings.append(ScoreReading(Cause(.unit, detail: "log-probability")) { log(sigmoid($0.m)) })
    readings.append(
      ScoreReading(Cause(.unit, detail: "log-probability among all")) { score in
        score.answers.map { log(sigmoid(score.m) * $0) }
      })
    guard isClassifier else { return readings }
    readings.append(ScoreReading(Cause(.oneOutput, detail: "logit")) { $0.outputs?.positive })
    readings.append(
      ScoreReading(Cause(.oneOutput, detail: "sigmoid")) { $0.outputs.map { sigmoid($0.positive) } })
    readings.append(ScoreReading(Cause(.oneOutput, detail: "logit of the negative")) { $0.outputs?.negative })
    return readings
  }
}
