import Analysis
import Evidence

/// Sentences about performance on labelled records.
struct EvaluationSentences {
  let record: RunRecord
  let plan: EvaluationPlan
  let result: EvaluationResult
  let link: Inline

  /// Sentences of a run (nil if it is not an evaluation with a result).
  init?(_ record: RunRecord, names: RunNames) {
    guard let plan = record.evaluationPlan, let result = record.evaluation else { return nil }
    self.record = record
    self.plan = plan
    self.result = result
    link = names.link(record.id)
  }

  /// Overall, then by group.
  var all: [Sentence] {
    guard let overall = result.groups.first(where: { $0.grouping == nil }) else { return [] }
    let accuracy = Sentence(
      inlines: [
        .text("On "), .code(plan.dataset), .text(", the decision equals the label in "),
        .text(Numbers.proportion(overall.accuracy, "records")), .text("; the decision is "),
        .attributed(English.answers(plan.positive)), .text(" in \(Numbers.proportion(overall.positiveRate)) ("),
        link,
        .text(")."),
      ],
      standing: .measured, run: record.id, finding: "accuracy")
    return [accuracy] + plan.groupings.compactMap(byGroup)
  }

  private func byGroup(_ grouping: String) -> Sentence? {
    let groups = result.groups.filter { $0.grouping == grouping }
    guard !groups.isEmpty else { return nil }
    var inlines: [Inline] = [.text("By "), .code(grouping), .text(", the decision equals the label in ")]
    for (index, group) in groups.enumerated() {
      if index > 0 { inlines.append(.text(index == groups.count - 1 ? " and in " : ", in ")) }
      inlines += [
        .text(Numbers.proportion(group.accuracy) + " for "), .code(group.name ?? ""),
      ]
    }
    return Sentence(
      inlines: inlines + [.text(" ("), link, .text(").")], standing: .measured, run: record.id,
      finding: "accuracy.\(grouping)")
  }
}
