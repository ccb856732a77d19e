import Foundation

/// Performance of all records and of each group, with intervals and n.
struct GroupPerformance {
  struct Record {
    let example: EvaluationPlan.Example
    /// The decision value.
    let m: Double
    /// Whether the decision is positive.
    let isPositive: Bool
    /// Whether the decision is right.
    let isRight: Bool

    init(
      plan: EvaluationPlan, example: EvaluationPlan.Example, m: Double, choice: OwnChoice?,
      rule: EvaluationResult.DecisionRule
    ) {
      self.example = example
      self.m = m
      (isPositive, isRight) = plan.decision(example, m: m, choice: choice, rule: rule)
    }

    /// Probability of the positive side between the two answer sets: σ(m).
    var probability: Double { sigmoid(m) }
  }

  let plan: EvaluationPlan
  let records: [Record]

  /// All records first, then each grouping's groups in alphabetical order.
  func groups() -> [EvaluationResult.Group] {
    var groups = [group(nil, nil, records)]
    for grouping in plan.groupings {
      let members = Dictionary(grouping: records) { $0.example.groups[grouping] ?? "" }
      groups += members.keys.sorted().map { group(grouping, $0, members[$0] ?? []) }
    }
    return groups
  }

  private func group(_ grouping: String?, _ name: String?, _ records: [Record]) -> EvaluationResult.Group {
    let n = records.count
    let labels = records.map(\.example.positive)
    let decisions = records.map(\.isPositive)
    let probabilities = records.map(\.probability)
    let scores = records.map(\.m)
    let positives = labels.reduce(0) { $0 + ($1 ? 1 : 0) }
    func count(_ condition: (Bool, Bool) -> Bool) -> Int {
      zip(decisions, labels).reduce(0) { $0 + (condition($1.0, $1.1) ? 1 : 0) }
    }
    func share(_ count: Int, of total: Int) -> Proportion { .wilson(count, of: total, confidence: plan.confidence) }
    let bootstrap = Bootstrap(n: n, resamples: plan.bootstrapResamples, confidence: plan.confidence, seed: plan.seed)
    let targets = labels.map { $0 ? 1.0 : 0.0 }
    func pick<T>(_ values: [T], _ indices: [Int32]) -> [T] { indices.map { values[Int($0)] } }
    return EvaluationResult.Group(
      grouping: grouping, name: name, n: n, accuracy: share(records.count(where: \.isRight), of: n),
      positiveRate: share(count { decision, _ in decision }, of: n), baseRate: share(positives, of: n),
      truePositiveRate: positives > 0 ? share(count { $0 && $1 }, of: positives) : nil,
      falsePositiveRate: positives < n ? share(count { $0 && !$1 }, of: n - positives) : nil,
      areaUnderCurve: positives > 0 && positives < n
        ? bootstrap.statistic { Classification.areaUnderCurve(scores: pick(scores, $0), labels: pick(labels, $0)) }
        : nil,
      brier: bootstrap.mean(zip(probabilities, targets).map { ($0 - $1) * ($0 - $1) }),
      calibrationInTheLarge: bootstrap.mean(zip(probabilities, targets).map { $0 - $1 }),
      expectedCalibrationError: .withoutInterval(
        Classification.expectedCalibrationError(probabilities: probabilities, labels: labels), n: n,
        confidence: plan.confidence,
        why: "the value lies too high by an amount that depends on n, and resampling adds to it once more"),
      bins: Classification.reliability(probabilities: probabilities, labels: labels))
  }
}

extension Finding {
  /// The citable findings of an evaluation.
  static func findings(of groups: [EvaluationResult.Group]) -> [Finding] {
    groups.flatMap { group -> [Finding] in
      let suffix = group.grouping.flatMap { grouping in group.name.map { ".\(grouping).\($0)" } } ?? ""
      let whom =
        group.grouping.flatMap { grouping in group.name.map { " where \(grouping) = \($0)" } } ?? " of all records"
      func finding(_ id: String, _ title: String, _ estimate: Estimate?, _ unit: String) -> Finding? {
        estimate.map {
          Finding(id: id + suffix, title: title + whom, standing: .measured, estimate: $0, unit: unit)
        }
      }
      return [
        finding("accuracy", "share of right decisions", group.accuracy.share, "share"),
        finding("positive-rate", "share of positive decisions", group.positiveRate.share, "share"),
        finding("base-rate", "share of positive labels", group.baseRate.share, "share"),
        finding(
          "true-positive-rate", "positive decisions among positive labels", group.truePositiveRate?.share, "share"),
        finding(
          "false-positive-rate", "positive decisions among negative labels", group.falsePositiveRate?.share, "share"),
        finding("auc", "area under the ROC curve", group.areaUnderCurve, "share"),
        finding("brier", "mean squared error of the predicted probability", group.brier, ""),
        finding(
          "calibration-in-the-large", "mean predicted probability minus share of positive labels",
          group.calibrationInTheLarge, "share"),
        finding("calibration-error", "expected calibration error, 10 bins", group.expectedCalibrationError, "share"),
      ].compactMap { $0 }
    }
  }
}
