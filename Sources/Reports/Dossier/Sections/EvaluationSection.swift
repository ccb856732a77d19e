import Analysis
import Evidence

/// Performance on labelled records: overall and by group, with n and intervals.
struct EvaluationSection {
  let sentences: EvaluationSentences
  /// What must be said before the numbers.
  var notices: [Block] = []
  /// Each group beside its reference; nil where no reference groups are at hand.
  var groups: Section?

  private var text: InterfaceText { sentences.text }
  private var plan: EvaluationPlan { sentences.plan }
  private var result: EvaluationResult { sentences.result }
  private var record: RunRecord { sentences.record }
  private var short: String { sentences.names.short(record.id) }

  /// The section.
  var section: Section {
    let predictions = PredictionBlocks(record, short: short, text: text)
    if let numbers = NumberBlocks(sentences) {
      return Section(
        id: "evaluation", heading: text.words("evaluation.heading"), badge: text.badge(.measured),
        blocks: [.list(sentences.all.map { $0.badged(text) })] + notices + [.definitions(setting(nil))] + numbers.blocks
          + [.paragraph(text.inlines("evaluation.associations"))] + refusals, sections: [groups].compactMap { $0 })
    }
    return Section(
      id: "evaluation", heading: text.words("evaluation.heading"), badge: text.badge(.measured),
      blocks: [.list(sentences.all.map { $0.badged(text) })] + notices + [
        .definitions(setting(predictions)), .table(decisions), .table(scores), .figure(accuracy),
        .figure(positiveRate), .paragraph(text.inlines("evaluation.associations")),
      ] + refusals + [predictions?.table].compactMap { $0.map { .table($0) } } + [
        .details(summary: text.words("evaluation.reliability-summary"), reliability.map { .table($0) })
      ], sections: [groups].compactMap { $0 })
  }

  private func setting(_ predictions: PredictionBlocks?) -> [Definition] {
    [
      Definition(text.words("evaluation.data"), [.code(plan.dataset)]),
      Definition(
        plan.unit == nil ? text.words("evaluation.label") : text.words("evaluation.number-label"), [.code(plan.label)]),
      Definition(text.words("evaluation.records"), [.text(text.count(plan.examples.count))]),
      Definition(text.words("evaluation.decision"), decisionRule),
    ] + [predictions?.definition].compactMap { $0 }
      + [Definition(text.words("words.run-term"), sentences.names.linkedWithDay(record))]
  }

  private var decisionRule: [Inline] {
    if plan.unit != nil { return [.attributed(text.answers([], unit: plan.unit, threshold: plan.threshold))] }
    let answers = TextValue.attributed(text.answers(plan.positive))
    return result.rule == .firstChoice
      ? text.inlines("evaluation.first-choice-rule", ["answers": answers])
      : text.inlines(
        "evaluation.decision-rule", ["answers": answers, "threshold": .text(text.precise(plan.threshold ?? 0))])
  }

  private var refusals: [Block] {
    Dossier.RefusalGroup.groups(record.refusals).map { group in
      .notice(
        kind: .refused,
        text.inlines(
          "evaluation.refused",
          [
            "n": .count(group.pairs.count), "reason": .text(text.reason(group.reason)),
            "names": .attributed(group.pairs.joined(separator: ", ")),
          ]))
    }
  }

  // MARK: Tables and figures

  private var level: TextValue { .text(text.level(plan.confidence)) }
  private var run: TextValue { .text(short) }

  private func share(_ proportion: Proportion?) -> String {
    guard let proportion else { return "–" }
    let (share, n) = (proportion.share, proportion.share.n)
    return "\(text.percent(share.value)), \(proportion.count)/\(n) (\(text.range(share, percent: true)))"
  }

  private func number(_ estimate: Estimate?) -> String { estimate.map { text.valueWithRange($0) } ?? "–" }

  private var decisions: Table {
    .attributed(
      text.words("evaluation.decisions-caption", ["level": level, "run": run]),
      text.columns("evaluation.decisions-columns"),
      result.groups.map { group in
        [
          text.group(group), text.count(group.n), share(group.accuracy), share(group.positiveRate),
          share(group.baseRate), share(group.truePositiveRate), share(group.falsePositiveRate),
        ]
      })
  }

  private var scores: Table {
    .attributed(
      text.words("evaluation.scores-caption", ["level": level, "run": run]), text.columns("evaluation.scores-columns"),
      result.groups.map { group in
        [
          text.group(group), text.count(group.n), number(group.areaUnderCurve), number(group.brier),
          number(group.calibrationInTheLarge), number(group.expectedCalibrationError),
        ]
      })
  }

  private var accuracy: Figure {
    figure(
      "accuracy", text.words("evaluation.accuracy-figure", ["level": level, "run": run]),
      text.words("evaluation.accuracy-table", ["run": run]), \.accuracy)
  }

  private var positiveRate: Figure {
    figure(
      "positive-rate", text.words("evaluation.positive-figure", ["level": level, "run": run]),
      text.words("evaluation.positive-table", ["run": run]), \.positiveRate)
  }

  private func figure(
    _ id: String, _ caption: String, _ tableCaption: String, _ path: KeyPath<EvaluationResult.Group, Proportion>
  ) -> Figure {
    let estimates = result.groups.map { $0[keyPath: path].share }
    let overall = result.groups.firstIndex { $0.grouping == nil }.map { estimates[$0].value }
    let points = zip(result.groups, estimates).map { "\(text.group($0)) \(text.percent($1.value))" }
    return Figure(
      id: "evaluation-\(id)", caption: caption,
      alternative: text.words("evaluation.figure-alternative", ["points": .text(points.joined(separator: ", "))]),
      drawing: .intervals(
        labels: zip(result.groups, estimates).map {
          text.words("evaluation.figure-label", ["group": .text(text.group($0)), "n": .text(String($1.n))])
        },
        estimates: estimates.map { ($0.value, $0.low, $0.high) }, reference: overall,
        unit: text.words("evaluation.share-unit")),
      data: .attributed(
        tableCaption, text.columns("evaluation.figure-columns", ["level": level]),
        result.groups.map { group in
          let proportion = group[keyPath: path]
          return [
            text.group(group), text.count(proportion.share.n), text.count(proportion.count),
            text.percent(proportion.share.value), text.range(proportion.share, percent: true),
          ]
        }))
  }

  private var reliability: [Table] {
    result.groups.map { group in
      .attributed(
        text.words("evaluation.reliability-caption", ["group": .text(text.group(group)), "run": run]),
        text.columns("evaluation.reliability-columns"),
        group.bins.map { bin in
          [
            text.words(
              "evaluation.bin", ["from": .text(text.fixed(bin.from, 1)), "to": .text(text.fixed(bin.to, 1))]),
            text.count(bin.n), bin.predicted.map { text.fixed($0) } ?? "–",
            bin.observed.map { text.percent($0) } ?? "–",
          ]
        })
    }
  }
}

extension Table {
  /// A table of data: the first column names the row in words that may be the project's, the rest are numbers.
  static func attributed(_ caption: String, _ header: [String], _ rows: [[String]]) -> Table {
    Table(
      caption: caption, header: header, alignment: header.indices.map { $0 == 0 ? .left : .right },
      rows: rows.map { row in row.enumerated().map { $0.offset == 0 ? [.attributed($0.element)] : [.text($0.element)] }
      })
  }
}
