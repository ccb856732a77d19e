import Analysis
import Evidence

/// The answer that one run gives to its question, in words, the numbers, the parts of the model that carry it.
struct AnswerSection: AnalysisPart {
  let view: AnalysisView
  let anchor: String
  let question: String
  /// What must be said before the numbers.
  var notices: [Block] = []
  /// How often each prompt of a pair is the record as it stands in the data.
  var asRecorded: Definition?

  var section: Section {
    let sentences = BehaviourSentences(view: view)
    return Section(
      id: anchor, heading: question, badge: sentences.badge,
      blocks: [.list(sentences.decision.map { $0.badged(text) })] + notices
        + [.definitions(setting), .table(numbers)] + SpreadBlocks(view: view).blocks + refusals,
      sections: [
        MechanismBlocks(view: view).section(anchor: anchor), TokenBlocks(view: view, anchor: anchor).section,
      ].compactMap { $0 })
  }

  private var setting: [Definition] {
    let answers =
      plan.unit != nil
      ? [.attributed(positive)]
      : text.inlines(
        "behaviour.answers-for-and-against",
        [
          "positive": .attributed(text.answers(plan.positive)),
          "negative": .attributed(text.answers(against: plan.positive, plan.negative)),
        ])
    let scoring = result.answerTokens.map { tokens in
      Definition(
        text.words("behaviour.scoring"),
        text.inlines("behaviour.scoring-by-tokens", ["tokens": .text(String(tokens))]))
    }
    return [
      Definition(text.words("behaviour.construction"), text.known(plan.construction)),
      Definition(text.words("behaviour.clean"), [.code(plan.cleanLabel)]),
      Definition(text.words("behaviour.counterfactual"), [.code(plan.counterfactualLabel)]),
    ] + [asRecorded].compactMap { $0 } + [Definition(text.words("behaviour.answers"), answers)]
      + [scoring].compactMap { $0 } + [Definition(text.words("words.run-term"), view.names.linkedWithDay(record))]
  }

  private var numbers: Table {
    let (clean, counterfactual) = (TextValue.code(plan.cleanLabel), TextValue.code(plan.counterfactualLabel))
    func row(_ name: [Inline], _ estimate: Estimate?) -> [[Inline]]? {
      estimate.map {
        [name, [.text(text.fixed($0.value))], [.text(text.range($0))], [.text(text.count($0.n))]]
      }
    }
    var rows = [
      row(text.inlines("behaviour.mean-value", ["label": clean]), result.meanClean),
      row(text.inlines("behaviour.mean-value", ["label": counterfactual]), result.meanCounterfactual),
      row(text.inlines("behaviour.total-effect-row"), result.totalEffect),
    ].compactMap { $0 }
    if let change = result.positiveShareChange(plan) {
      rows.append([
        plan.unit == nil
          ? text.inlines("behaviour.positive-share-row", ["answers": .attributed(positive)])
          : text.inlines("behaviour.number-share-row", ["answers": .attributed(positive)]),
        [.text(text.pointsAlone(change))], [.text(text.pointsRange(change))], [.text(text.count(change.n))],
      ])
    }
    if let flips = result.flips {
      let n: [Inline] = [.text(text.count(flips.share.n))]
      rows.append([
        text.inlines("behaviour.flips-row"), [.text("\(flips.count) (\(text.percent(flips.share.value)))")],
        [.text(text.range(flips.share, percent: true))], n,
      ])
      let directions = [(clean, result.positiveOnlyClean), (counterfactual, result.positiveOnlyCounterfactual)]
      for (label, count) in directions {
        let name = text.inlines(
          "behaviour.only-with-row", ["answers": .attributed(positive), "label": label])
        rows.append([name, [.text(count.map(text.count) ?? "–")], [.text("–")], n])
      }
    }
    return Table(
      caption: text.words(
        "behaviour.numbers-caption",
        ["behaviour": .text(plan.behaviour), "run": .text(short)]),
      header: text.columns("behaviour.numbers-columns", ["level": .text(text.level(plan.confidence))]),
      alignment: [.left, .right, .right, .right], rows: rows)
  }

  /// What the engine would not report, by reason.
  private var refusals: [Block] {
    Dossier.RefusalGroup.groups(record.refusals).filter { $0.scope != .circuit }.flatMap { group -> [Block] in
      let reason = TextValue.text(text.reason(group.reason))
      if group.pairs.isEmpty {
        let inlines = text.inlines(
          "behaviour.refused",
          [
            "scope": .inlines(text.known(group.scope.rawValue)), "reason": reason,
            "detail": .inlines(text.known(group.detail)),
          ])
        return [.notice(kind: .refused, inlines)]
      }
      let inlines =
        group.scope == .pair
        ? text.inlines("behaviour.refused-pairs", ["n": .count(group.pairs.count), "reason": reason])
        : text.inlines("behaviour.refused-mechanism", ["n": .count(group.pairs.count), "reason": reason])
      let names = text.inlines(
        "behaviour.refused-names",
        ["names": .attributed(group.pairs.joined(separator: ", ")), "detail": .inlines(text.known(group.detail))])
      return [
        .notice(kind: .refused, inlines),
        .details(summary: text.words("behaviour.refused-summary"), [.paragraph(names)]),
      ]
    }
  }
}
