import Analysis

/// What an evaluation counts, before anything is measured: labels with their meaning, and how many records of each group have a
/// positive one.
struct EvaluationSummary {
  private let evaluation: Project.Evaluation

  init(_ evaluation: Project.Evaluation) { self.evaluation = evaluation }

  /// One line for the labels; one more if a value is negative because nobody said otherwise.
  var labels: [CheckMessage] {
    let total = evaluation.labels.reduce(0) { $0 + ($1.meaning == .ignored ? 0 : $1.count) }
    let parts = evaluation.labels.map { label in
      switch label.meaning {
      case .positive: "'\(label.value)' \(label.count) (positive, \(Self.share(label.count, of: total)))"
      case .negative: "'\(label.value)' \(label.count) (negative, \(Self.share(label.count, of: total)))"
      case .ignored: "'\(label.value)' \(label.count) (left out)"
      }
    }
    var messages = [CheckMessage(.ok, "evaluation", "labels: \(parts.joined(separator: ", "))")]
    if let value = evaluation.assumedNegative {
      messages.append(
        CheckMessage(
          .ok, "evaluation", "the label '\(value)' is taken as negative, since it is the only other value",
          remedy: "to say so yourself, add 'negative: \"\(value)\"' under 'evaluation › label'"))
    }
    return messages
  }

  /// One line for each grouping.
  var groups: [CheckMessage] {
    evaluation.groupings.map { grouping in
      var order: [String] = []
      var counts: [String: (all: Int, positive: Int)] = [:]
      for example in evaluation.examples {
        let name = example.groups[grouping] ?? ""
        if counts[name] == nil { order.append(name) }
        counts[name, default: (0, 0)].all += 1
        if example.positive { counts[name]?.positive += 1 }
      }
      let shown = order.prefix(Self.shownGroups).map { name in
        let count = counts[name] ?? (0, 0)
        return "\(name) \(count.all) (\(Self.share(count.positive, of: count.all)) positive labels)"
      }
      let rest = order.count > Self.shownGroups ? " and \(order.count - Self.shownGroups) more" : ""
      return CheckMessage(.ok, "evaluation", "groups of '\(grouping)': \(shown.joined(separator: ", "))\(rest)")
    }
  }

  /// What the serving system's own predictions will be held against, and what is missing among them.
  var predictions: [CheckMessage] {
    guard let given = evaluation.predictions else { return [] }
    let values = given.values
    let score = values.score.map { "scores in column '\($0)' (\(Self.name(values.unit)))" }
    let label = values.label.map { "decisions in column '\($0)'" }
    let total = evaluation.examples.count
    let unused =
      values.unused > 0
      ? "; \(values.unused) \(values.unused == 1 ? "row is" : "rows are") about records that the evaluation leaves out"
      : ""
    var messages = [
      CheckMessage(
        .ok, "evaluation",
        "predictions: '\(values.file)' has \([score, label].compactMap { $0 }.joined(separator: " and ")) for "
          + "\(values.values.count) of the \(total) records, by '\(values.id)', to be held against model version "
          + "\(given.version) within \(values.tolerance)\(unused)")
    ]
    let known = Set(values.values.map(\.record))
    let missing = evaluation.examples.filter { !known.contains($0.name) }
    if let first = missing.first {
      messages.append(
        CheckMessage(
          .gap, "evaluation",
          "predictions: \(missing.count) of the \(total) records have none in '\(values.file)', first \(first.name)",
          remedy: "let your serving system answer these too, or leave them out with 'where'"))
    }
    return messages
  }

  private static func name(_ unit: ProviderPredictions.Unit?) -> String {
    switch unit {
    case .probability?, nil: "probability of the positive answers among the declared ones"
    case .fullProbability?: "probability of the positive answers among all"
    case .logit?: "decision value in logits"
    }
  }

  /// Groups that one line names.
  private static let shownGroups = 12

  /// A share in per cent, with one decimal.
  private static func share(_ count: Int, of total: Int) -> String {
    guard total > 0 else { return "0 %" }
    let tenths = (count * 2000 + total) / (2 * total)
    return "\(tenths / 10).\(tenths % 10) %"
  }
}
