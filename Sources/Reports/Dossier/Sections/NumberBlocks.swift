import Analysis
import Evidence

/// How far a regression's numbers lie from the labels, overall and by group: tables and a figure.
struct NumberBlocks {
  private let sentences: EvaluationSentences
  private let errors: [EvaluationResult.ErrorGroup]
  private let unit: TextValue

  /// Nil where the model gives no number.
  init?(_ sentences: EvaluationSentences) {
    guard let errors = sentences.result.errors, let unit = sentences.plan.unit else { return nil }
    self.sentences = sentences
    self.errors = errors
    self.unit = .text(unit)
  }

  private var text: InterfaceText { sentences.text }
  private var level: TextValue { .text(text.level(sentences.plan.confidence)) }
  private var run: TextValue { .text(sentences.names.short(sentences.record.id)) }

  /// The table of errors, that of decisions where a threshold makes some, and the figure.
  var blocks: [Block] { [.table(table)] + [decisions].compactMap { $0 } + [.figure(figure)] }

  private func number(_ estimate: Estimate?) -> String { estimate.map { text.valueWithRange($0) } ?? "–" }

  private var table: Table {
    .attributed(
      text.words("evaluation.numbers-caption", ["unit": unit, "level": level, "run": run]),
      text.columns("evaluation.numbers-columns"),
      errors.map { group in
        [
          text.group(group), text.count(group.n), number(group.meanAbsoluteError), number(group.rootMeanSquareError),
          number(group.determination), text.signedWithRange(group.meanError), number(group.meanNumber),
        ]
      })
  }

  private var decisions: Block? {
    guard sentences.plan.threshold != nil else { return nil }
    func share(_ proportion: Proportion?) -> String {
      guard let proportion else { return "–" }
      let (share, n) = (proportion.share, proportion.share.n)
      return "\(text.percent(share.value)), \(proportion.count)/\(n) (\(text.range(share, percent: true)))"
    }
    return .table(
      .attributed(
        text.words("evaluation.decisions-caption", ["level": level, "run": run]),
        text.columns("evaluation.number-decisions-columns"),
        errors.map { group in
          [
            text.group(group), text.count(group.n), share(group.accuracy), share(group.positiveRate),
            share(group.baseRate),
          ]
        }))
  }

  private var figure: Figure {
    let estimates = errors.map(\.meanAbsoluteError)
    let points = zip(errors, estimates).map { "\(text.group($0)) \(text.fixed($1.value))" }
    return Figure(
      id: "evaluation-error",
      caption: text.words("evaluation.error-figure", ["unit": unit, "level": level, "run": run]),
      alternative: text.words("evaluation.figure-alternative", ["points": .text(points.joined(separator: ", "))]),
      drawing: .intervals(
        labels: errors.map {
          text.words("evaluation.figure-label", ["group": .text(text.group($0)), "n": .text(String($0.n))])
        },
        estimates: estimates.map { ($0.value, $0.low, $0.high) },
        reference: errors.first { $0.grouping == nil }?.meanAbsoluteError.value, unit: sentences.plan.unit ?? ""),
      data: .attributed(
        text.words("evaluation.error-table", ["unit": unit, "run": run]),
        text.columns("evaluation.error-columns", ["level": level]),
        zip(errors, estimates).map { group, estimate in
          [text.group(group), text.count(group.n), text.fixed(estimate.value), text.range(estimate)]
        }))
  }
}
