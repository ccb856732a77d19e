import Foundation

/// How far the numbers of a regression lie from the labels, over all records and by group, with intervals and n.
struct NumberErrors {
  /// One scored record.
  private struct Record {
    let groups: [String: String]
    /// The model's number and the label, in the plan's unit.
    let number, label: Double

    var error: Double { number - label }
  }

  private let plan: EvaluationPlan
  private let records: [Record]

  /// Scores beside their labels; records that were refused, or have no number, are left out.
  /// - Parameter scores: of the plan's examples, in their order.
  init(plan: EvaluationPlan, scores: [EvaluationResult.Score]) {
    self.plan = plan
    records = zip(plan.examples, scores).compactMap { example, score in
      guard let number = score.m, let label = example.number else { return nil }
      return Record(groups: example.groups, number: number, label: label)
    }
  }

  /// All records first, then each grouping's groups in alphabetical order; empty if no record was scored.
  /// - Complexity: O(records·resamples) for all records and for each grouping.
  func groups() -> [EvaluationResult.ErrorGroup] {
    guard !records.isEmpty else { return [] }
    var groups = [group(nil, nil, records)]
    for grouping in plan.groupings {
      let members = Dictionary(grouping: records) { $0.groups[grouping] ?? "" }
      groups += members.keys.sorted().map { group(grouping, $0, members[$0] ?? []) }
    }
    return groups
  }

  private func group(_ grouping: String?, _ name: String?, _ records: [Record]) -> EvaluationResult.ErrorGroup {
    let n = records.count
    let (errors, labels) = (records.map(\.error), records.map(\.label))
    let bootstrap = Bootstrap(n: n, resamples: plan.bootstrapResamples, confidence: plan.confidence, seed: plan.seed)
    func share(_ counts: (Record, Double) -> Bool) -> Proportion? {
      plan.threshold.map { threshold in
        .wilson(records.count { counts($0, threshold) }, of: n, confidence: plan.confidence)
      }
    }
    return EvaluationResult.ErrorGroup(
      grouping: grouping, name: name, n: n, meanAbsoluteError: bootstrap.mean(errors.map(abs)),
      rootMeanSquareError: bootstrap.statistic { Self.rootMeanSquare(errors, $0) },
      determination: Self.isConstant(labels) ? nil : bootstrap.statistic { Self.determination(errors, labels, $0) },
      meanError: bootstrap.mean(errors), meanNumber: bootstrap.mean(records.map(\.number)),
      accuracy: share { ($0.number > $1) == ($0.label > $1) }, positiveRate: share { $0.number > $1 },
      baseRate: share { $0.label > $1 })
  }

  private static func isConstant(_ labels: [Double]) -> Bool { labels.allSatisfy { $0 == labels.first } }

  /// √ mean of the squares of drawn errors.
  static func rootMeanSquare(_ errors: [Double], _ drawn: [Int32]) -> Double {
    (drawn.reduce(0) { $0 + errors[Int($1)] * errors[Int($1)] } / Double(drawn.count)).squareRoot()
  }

  /// R² of drawn records, 1 − Σ error² / Σ (label − mean label)²; NaN if all drawn labels are the same.
  static func determination(_ errors: [Double], _ labels: [Double], _ drawn: [Int32]) -> Double {
    let mean = drawn.reduce(0) { $0 + labels[Int($1)] } / Double(drawn.count)
    let (residual, total) = drawn.reduce((0.0, 0.0)) { sums, i in
      let (error, spread) = (errors[Int(i)], labels[Int(i)] - mean)
      return (sums.0 + error * error, sums.1 + spread * spread)
    }
    return total > 0 ? 1 - residual / total : .nan
  }
}

extension Finding {
  /// The citable findings of an evaluation of a regression.
  static func findings(of groups: [EvaluationResult.ErrorGroup], unit: String) -> [Finding] {
    groups.flatMap { group -> [Finding] in
      let suffix = group.grouping.flatMap { grouping in group.name.map { ".\(grouping).\($0)" } } ?? ""
      let whom =
        group.grouping.flatMap { grouping in group.name.map { " where \(grouping) = \($0)" } } ?? " of all records"
      let measures: [(id: String, title: String, estimate: Estimate?, unit: String)] = [
        ("mean-absolute-error", "mean distance between number and label", group.meanAbsoluteError, unit),
        ("root-mean-square-error", "root of the mean squared error", group.rootMeanSquareError, unit),
        ("determination", "share of the labels' spread that the numbers explain (R²)", group.determination, "ratio"),
        ("mean-error", "mean of number minus label", group.meanError, unit),
        ("mean-number", "mean number that the model gives", group.meanNumber, unit),
        ("accuracy", "share of right decisions", group.accuracy?.share, "share"),
        ("positive-rate", "share of numbers above the threshold", group.positiveRate?.share, "share"),
        ("base-rate", "share of labels above the threshold", group.baseRate?.share, "share"),
      ]
      return measures.compactMap { measure in
        measure.estimate.map {
          Finding(
            id: measure.id + suffix, title: measure.title + whom, standing: .measured, estimate: $0, unit: measure.unit)
        }
      }
    }
  }
}
