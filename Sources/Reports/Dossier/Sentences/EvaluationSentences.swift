import Analysis
import Evidence

/// Sentences about performance on labelled records.
struct EvaluationSentences {
  let record: RunRecord
  let plan: EvaluationPlan
  let result: EvaluationResult
  let names: RunNames
  let text: InterfaceText

  /// Sentences of a run (nil if it is not an evaluation with a result).
  init?(_ record: RunRecord, names: RunNames, text: InterfaceText) {
    guard let plan = record.evaluationPlan, let result = record.evaluation else { return nil }
    self.record = record
    self.plan = plan
    self.result = result
    self.text = text.measuring(in: plan.unit)
    self.names = names
  }

  var link: Inline { names.link(record.id) }

  /// Overall, then by group.
  var all: [Sentence] {
    if let numbers = NumberSentences(self) { return numbers.all }
    guard let accuracy else { return [] }
    let choice = OwnChoiceSentence(record, link: link, text: text).sentence
    // The worst fact first: where the serving system says something else, no number here is about what it does.
    let (doubts, remarks) =
      predictions.map { $0.isDoubtful ? ($0.all, []) : ([], $0.all) } ?? ([], [])
    return doubts + [reversed, accuracy].compactMap { $0 } + remarks + [choice].compactMap { $0 }
      + plan.groupings.compactMap(byGroup)
  }

  /// How often the decision equals the label, over all records.
  private var accuracy: Sentence? {
    guard let overall = result.groups.first(where: { $0.grouping == nil }) else { return nil }
    let inlines = text.inlines(
      "evaluation.overall",
      [
        "dataset": .code(plan.dataset), "accuracy": .text(text.proportionOfRecords(overall.accuracy)),
        "answers": .attributed(text.answers(plan.positive)), "positive": .text(text.proportion(overall.positiveRate)),
        "run": .inline(link),
      ])
    return Sentence(inlines: inlines, standing: .measured, run: record.id, finding: "accuracy")
  }

  /// What a first page says: how often the decision equals the label, and first what speaks against reading it so.
  var brief: [Block] {
    if let overall = NumberSentences(self)?.overall { return [.paragraph(overall.inlines)] }
    let choice = OwnChoiceSentence(record, link: link, text: text)
    let doubts = [reversed, choice.choices.isDoubtful ? choice.sentence : nil].compactMap { $0 }
    return doubts.map { .notice(kind: .note, $0.inlines) } + (accuracy.map { [.paragraph($0.inlines)] } ?? [])
  }

  /// That the decisions would be right far more often the other way round, if they would.
  private var reversed: Sentence? {
    guard let found = ReversedDecisions(plan, result) else { return nil }
    let inlines = text.inlines(
      "evaluation.reversed",
      [
        "right": .text(text.proportionOfRecords(found.right)),
        "reversed": .text(text.proportionOfRecords(found.reversed)), "run": .inline(link),
      ])
    return Sentence(inlines: inlines, standing: .measured, run: record.id, finding: "accuracy")
  }

  /// What the serving system itself said, if that was held against the engine.
  var predictions: PredictionSentences? { PredictionSentences(record, link: link, text: text) }

  private func byGroup(_ grouping: String) -> Sentence? {
    let groups = result.groups.filter { $0.grouping == grouping }
    guard !groups.isEmpty else { return nil }
    var list: [Inline] = []
    for (index, group) in groups.enumerated() {
      let one = text.inlines(
        "evaluation.one-group",
        ["accuracy": .text(text.proportion(group.accuracy)), "group": .code(group.name ?? "")])
      list =
        index == 0
        ? one
        : index == groups.count - 1
          ? text.inlines("evaluation.last-group", ["before": .inlines(list), "group": .inlines(one)])
          : text.inlines("evaluation.next-group", ["before": .inlines(list), "group": .inlines(one)])
    }
    let inlines = text.inlines(
      "evaluation.by-group", ["grouping": .code(grouping), "groups": .inlines(list), "run": .inline(link)])
    return Sentence(inlines: inlines, standing: .measured, run: record.id, finding: "accuracy.\(grouping)")
  }
}
