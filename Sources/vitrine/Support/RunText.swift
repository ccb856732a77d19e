import Analysis
import Evidence
import Foundation
import Reports

/// A run in a line, as `analyze` and `evaluate` report it.
enum RunText {
  /// One line: what was measured and the main number.
  static func headline(_ record: RunRecord) -> String {
    let name = "\(record.modelVersion) \(record.behaviour ?? record.kind.rawValue)"
    let refused = refusals(record)
    if let effect = record.analysis?.totalEffect {
      return
        "\(name): \(record.status.rawValue), change of the decision value \(interval(effect)) \(record.analysisPlan?.unit ?? "logits"), \(effect.n) of \(record.analysisPlan?.pairs.count ?? effect.n) pairs\(refused)"
    }
    if let accuracy = record.evaluation?.groups.first?.accuracy {
      return
        "\(name): \(record.status.rawValue), \(accuracy.count) of \(accuracy.share.n) decisions right, \(percent(accuracy.share))\(refused)"
    }
    if let error = record.evaluation?.errors?.first?.meanAbsoluteError {
      return
        "\(name): \(record.status.rawValue), mean absolute error \(interval(error)) \(record.evaluationPlan?.unit ?? ""), \(error.n) records\(refused)"
    }
    return "\(name): \(record.status.rawValue)\(refused)"
  }

  /// What was refused, each kind with its count: `; refused: 3 pairs, the mechanism of 12, circuit`.
  private static func refusals(_ record: RunRecord) -> String {
    let whole = record.refusals.filter { $0.pair != nil && $0.scope.isWhole }
    // Pairs, not refusals: several parts of one pair's mechanism may be refused.
    let mechanism = Set(record.refusals.compactMap { $0.scope.isWhole ? nil : $0.pair }).count
    var parts: [String] = []
    if let first = whole.first { parts.append("\(whole.count) \(first.scope.rawValue)\(whole.count == 1 ? "" : "s")") }
    if mechanism > 0 { parts.append("the mechanism of \(mechanism) pair\(mechanism == 1 ? "" : "s")") }
    for refusal in record.refusals where refusal.pair == nil && !parts.contains(refusal.scope.rawValue) {
      parts.append(refusal.scope.rawValue)
    }
    return parts.isEmpty ? "" : "; refused: " + parts.joined(separator: ", ")
  }

  /// What is to be read with care, because the model itself would often say something else than the declared answers; nil if it
  /// does not.
  static func ownChoiceWarning(_ record: RunRecord) -> String? {
    guard let sentence = try? PredictionText.ownChoice(record) else { return nil }
    return
      "warning: \(record.modelVersion) \(record.behaviour ?? record.kind.rawValue): \(sentence) Check 'answers', 'template' and the special tokens"
  }

  /// That the decisions would be right far more often the other way round; nil if they would not.
  static func reversedWarning(_ record: RunRecord) -> String? {
    guard let plan = record.evaluationPlan, let result = record.evaluation,
      let found = ReversedDecisions(plan, result)
    else { return nil }
    return
      "warning: \(record.modelVersion) \(record.kind.rawValue): \(found.right.count) of \(found.right.share.n) decisions are right, but \(found.reversed.count), \(percent(found.reversed.share)), would be if each were the opposite: labels or answers are probably exchanged. If they are, exchange 'positive' and 'negative' under 'evaluation: label', or under 'answers'"
  }

  /// A share in per cent with its interval: `86.9 % (95 % interval 84.1 to 89.2 %)`.
  private static func percent(_ share: Estimate) -> String {
    func number(_ value: Double) -> String { String(format: "%.1f", value * 100) }
    return
      "\(number(share.value)) % (\(Int((share.confidence * 100).rounded())) % interval \(number(share.low)) to \(number(share.high)) %)"
  }

  /// A decision value or a difference with its interval, signed.
  private static func interval(_ estimate: Estimate) -> String {
    "\(Format.logit(estimate.value)) (\(Int((estimate.confidence * 100).rounded())) % interval \(Format.logit(estimate.low)) to \(Format.logit(estimate.high)))"
  }
}
