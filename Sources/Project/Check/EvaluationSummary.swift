import Analysis
import Foundation

/// What an evaluation counts, before anything is measured: labels with their meaning, and how many records of each group have a
/// positive one.
package struct EvaluationSummary {
  private let evaluation: Project.Evaluation

  /// - Parameter evaluation: as read.
  package init(_ evaluation: Project.Evaluation) { self.evaluation = evaluation }

  // MARK: As lines

  /// One line for the labels; one more if a value is negative because nobody said otherwise, and one for the threshold.
  var labels: [CheckMessage] {
    if let unit = evaluation.unit { return [CheckMessage(.ok, "evaluation", "labels: \(numbers(unit))")] }
    let total = evaluation.labels.reduce(0) { $0 + ($1.meaning == .ignored ? 0 : $1.count) }
    let parts = evaluation.labels.map { label in
      let value = "\(VisibleText.quoted(label.value)) \(label.count)"
      return switch label.meaning {
      case .positive: "\(value) (positive, \(Self.share(label.count, of: total)))"
      case .negative: "\(value) (negative, \(Self.share(label.count, of: total)))"
      case .ignored: "\(value) (left out)"
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

  /// `200 numbers from 1 to 9 points, mean 4.25; decided above 5`.
  private func numbers(_ unit: String) -> String {
    let values = evaluation.examples.compactMap(\.number)
    let decided = evaluation.threshold.map { "decided above \(Self.short($0))" } ?? "nothing is decided: no threshold"
    return "\(values.count) numbers from \(Self.short(values.min() ?? 0)) to \(Self.short(values.max() ?? 0)) \(unit), "
      + "mean \(Self.short(Self.mean(values))); \(decided)"
  }

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }

  /// Four digits that count.
  private static func short(_ value: Double) -> String { String(format: "%.4g", value) }

  /// What a group's labels come to.
  private func labels(_ group: Group) -> String {
    evaluation.unit == nil
      ? "\(Self.share(group.positive, of: group.all)) positive labels"
      : "mean label \(Self.short(group.sum / Double(max(1, group.all))))"
  }

  /// One line for each grouping.
  var groups: [CheckMessage] {
    evaluation.groupings.map { grouping in
      let groups = counts(grouping)
      let shown = groups.prefix(Self.shownGroups).map { group in
        "\(VisibleText.shown(group.name)) \(group.all) (\(labels(group)))"
      }
      let rest = groups.count > Self.shownGroups ? " and \(groups.count - Self.shownGroups) more" : ""
      return CheckMessage(.ok, "evaluation", "groups of '\(grouping)': \(shown.joined(separator: ", "))\(rest)")
    }
  }

  // MARK: As a table

  /// The rows of a table: what is counted, value, records, share, what it is.
  package var rows: [[String]] {
    let total = evaluation.examples.count
    var rows = evaluation.labels.map { label -> [String] in
      let isLeftOut = label.meaning == .ignored
      return [
        "label", Self.named(label.value), "\(label.count)", isLeftOut ? "" : Self.share(label.count, of: total),
        isLeftOut ? "left out" : "\(label.meaning.rawValue) label",
      ]
    }
    for grouping in evaluation.groupings {
      let groups = counts(grouping)
      rows += groups.prefix(Self.rowsOfGrouping).map { group in
        [
          grouping, Self.named(group.name), "\(group.all)",
          evaluation.unit == nil ? Self.share(group.positive, of: group.all) : "",
          (evaluation.unit == nil ? "positive labels" : labels(group)) + (group.all < Self.few ? "; few records" : ""),
        ]
      }
      let rest = groups.dropFirst(Self.rowsOfGrouping)
      if !rest.isEmpty {
        rows.append([grouping, "\(rest.count) more", "\(rest.reduce(0) { $0 + $1.all })", "", ""])
      }
    }
    return rows + prompts(total)
  }

  /// Lengths of the prompts, and how many occur twice.
  private func prompts(_ total: Int) -> [[String]] {
    var labels: [ExactText: EvaluationPlan.Example] = [:]
    var (again, contradicted) = (0, 0)
    for example in evaluation.examples {
      guard let before = labels.updateValue(example, forKey: ExactText(example.prompt)) else { continue }
      again += 1
      if before.positive != example.positive || before.number != example.number { contradicted += 1 }
    }
    return [
      ["prompts", "all", "\(total)", "", "\(Self.lengths(evaluation.examples.map(\.prompt))) characters"],
      [
        "prompts", "once more", "\(again)", Self.share(again, of: total),
        "equal an earlier one; \(contradicted) with another label",
      ],
    ]
  }

  /// `70 to 82`.
  package static func lengths(_ texts: [String]) -> String {
    let lengths = texts.map(\.count)
    guard let least = lengths.min(), let most = lengths.max() else { return "no" }
    return least == most ? "\(least)" : "\(least) to \(most)"
  }

  private static func named(_ value: String) -> String { value.isEmpty ? "(empty)" : VisibleText.shown(value) }

  /// Rows of one grouping in the table.
  private static let rowsOfGrouping = 24
  /// Groups of fewer records say little.
  private static let few = 10

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

  /// A group's records, those with a positive label, and the sum of labels that are numbers.
  private typealias Group = (name: String, all: Int, positive: Int, sum: Double)

  /// The groups in order of appearance.
  private func counts(_ grouping: String) -> [Group] {
    var places: [ExactText: Int] = [:]
    var groups: [Group] = []
    for example in evaluation.examples {
      let name = example.groups[grouping] ?? ""
      let place = places[ExactText(name)] ?? groups.count
      if place == groups.count {
        places[ExactText(name)] = place
        groups.append((name, 0, 0, 0))
      }
      groups[place].all += 1
      if example.positive { groups[place].positive += 1 }
      groups[place].sum += example.number ?? 0
    }
    return groups
  }

  /// A share in per cent, with one decimal.
  private static func share(_ count: Int, of total: Int) -> String {
    guard total > 0 else { return "0 %" }
    let tenths = (count * 2000 + total) / (2 * total)
    return "\(tenths / 10).\(tenths % 10) %"
  }
}
