import Analysis
import Evidence

/// Sentences about how far a regression's numbers lie from the labels.
struct NumberSentences {
  private let sentences: EvaluationSentences
  private let errors: [EvaluationResult.ErrorGroup]
  private let unit: String

  /// Nil where the model gives no number.
  init?(_ sentences: EvaluationSentences) {
    guard let errors = sentences.result.errors, let unit = sentences.plan.unit else { return nil }
    self.sentences = sentences
    self.errors = errors
    self.unit = unit
  }

  private var text: InterfaceText { sentences.text }

  /// Overall, then by group.
  var all: [Sentence] { [overall].compactMap { $0 } + sentences.plan.groupings.compactMap(byGroup) }

  /// How far numbers lie from labels, over all records.
  var overall: Sentence? {
    guard let all = errors.first(where: { $0.grouping == nil }) else { return nil }
    let inlines = text.inlines(
      "evaluation.overall-number",
      [
        "dataset": .code(sentences.plan.dataset), "error": .text(text.fixed(all.meanAbsoluteError.value)),
        "unit": .text(unit), "precision": .text(text.precision(all.meanAbsoluteError)),
        "bias": .text(text.signedWithRange(all.meanError)), "run": .inline(sentences.link),
      ])
    return sentence(inlines, "mean-absolute-error")
  }

  private func byGroup(_ grouping: String) -> Sentence? {
    let groups = errors.filter { $0.grouping == grouping }
    guard let first = groups.first else { return nil }
    func one(_ group: EvaluationResult.ErrorGroup) -> [Inline] {
      text.inlines(
        "evaluation.one-group",
        [
          "accuracy": .text(text.valueWithRange(group.meanAbsoluteError)), "group": .code(group.name ?? ""),
        ])
    }
    let list = groups.dropFirst().enumerated().reduce(one(first)) { list, next in
      let (before, group) = (TextValue.inlines(list), TextValue.inlines(one(next.element)))
      return next.offset == groups.count - 2
        ? text.inlines("evaluation.last-group", ["before": before, "group": group])
        : text.inlines("evaluation.next-group", ["before": before, "group": group])
    }
    let inlines = text.inlines(
      "evaluation.by-group-number",
      [
        "grouping": .code(grouping), "unit": .text(unit), "groups": .inlines(list), "run": .inline(sentences.link),
      ])
    return sentence(inlines, "mean-absolute-error.\(grouping)")
  }

  private func sentence(_ inlines: [Inline], _ finding: String) -> Sentence {
    Sentence(inlines: inlines, standing: .measured, run: sentences.record.id, finding: finding)
  }
}
