import Analysis
import Evidence
import Project

/// One question to the model: the answer in words, the numbers, the parts of the model that carry it.
struct BehaviourSection {
  let context: DossierContext
  let report: Dossier.BehaviourReport
  let behaviour: Project.Behaviour
  let run: StoredRun?

  private var text: InterfaceText { context.text }

  /// The section; without a run it says so.
  var section: Section {
    guard let run, let sentences = BehaviourSentences(run.record, names: context.names, text: text) else {
      return Section(
        id: behaviour.anchor, heading: behaviour.question, badge: text.badge(.notEstablished),
        blocks: [.notice(kind: .missing, missingRun)])
    }
    var blocks: [Block] = [.list(sentences.decision.map { $0.badged(text) })]
    if report.planIsCurrent == false { blocks.append(changedPlan) }
    blocks += [.definitions(setting(sentences)), .table(numbers(sentences))]
    blocks +=
      SpreadBlocks(
        context: context, record: run.record, plan: sentences.plan, result: sentences.result
      ).blocks
    blocks += refusals
    let mechanism = MechanismBlocks(
      context: context, record: run.record, plan: sentences.plan, result: sentences.result)
    let tokens = TokenBlocks(
      context: context, record: run.record, result: sentences.result, anchor: behaviour.anchor)
    return Section(
      id: behaviour.anchor, heading: behaviour.question, badge: sentences.badge,
      blocks: blocks, sections: [mechanism.section(anchor: behaviour.anchor), tokens.section].compactMap { $0 })
  }

  private var missingRun: [Inline] {
    let command = "vitrine analyze --model \(context.model.version) --behaviour \(behaviour.id)"
    if let other = report.otherPlanRun {
      return text.inlines("binding.question-of-other-plan", ["run": .code(other), "command": .code(command)])
    }
    return text.inlines(
      "behaviour.no-run", ["version": .code(context.model.version), "command": .code(command)])
  }

  private var changedPlan: Block {
    .notice(kind: .note, text.inlines("behaviour.changed-plan", ["behaviour": .code(behaviour.id)]))
  }

  private func setting(_ sentences: BehaviourSentences) -> [Definition] {
    let plan = sentences.plan
    var definitions = [
      Definition(text.words("behaviour.construction"), [.attributed(plan.construction)]),
      Definition(text.words("behaviour.clean"), [.code(plan.cleanLabel)]),
      Definition(text.words("behaviour.counterfactual"), [.code(plan.counterfactualLabel)]),
      Definition(
        text.words("behaviour.answers"),
        text.inlines(
          "behaviour.answers-for-and-against",
          [
            "positive": .attributed(text.answers(plan.positive)), "negative": .attributed(text.answers(plan.negative)),
          ])),
      Definition(text.words("words.run-term"), context.linkedWithDay(sentences.record)),
    ]
    if let tokens = sentences.result.answerTokens {
      definitions.insert(
        Definition(
          text.words("behaviour.scoring"),
          text.inlines("behaviour.scoring-by-tokens", ["tokens": .text(String(tokens))])),
        at: 4)
    }
    if let recorded = behaviour.asRecorded, report.planIsCurrent == true {
      definitions.insert(
        Definition(
          text.words("behaviour.as-recorded"),
          text.inlines(
            "behaviour.as-recorded-in",
            [
              "n": .count(behaviour.pairs.count), "clean": .text(String(recorded.clean)),
              "counterfactual": .text(String(recorded.counterfactual)), "neither": .text(String(recorded.neither)),
            ])), at: 3)
    }
    return definitions
  }

  private func numbers(_ sentences: BehaviourSentences) -> Table {
    let (result, plan) = (sentences.result, sentences.plan)
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
    if let flips = result.flips {
      let n: [Inline] = [.text(text.count(flips.share.n))]
      rows.append([
        text.inlines("behaviour.flips-row"), [.text("\(flips.count) (\(text.percent(flips.share.value)))")],
        [.text(text.range(flips.share, percent: true))], n,
      ])
      let directions = [(clean, result.positiveOnlyClean), (counterfactual, result.positiveOnlyCounterfactual)]
      for (label, count) in directions {
        let name = text.inlines(
          "behaviour.only-with-row", ["answers": .attributed(text.answers(plan.positive)), "label": label])
        rows.append([name, [.text(text.count(count))], [.text("–")], n])
      }
    }
    return Table(
      caption: text.words(
        "behaviour.numbers-caption",
        ["behaviour": .text(behaviour.id), "run": .text(context.names.short(sentences.record.id))]),
      header: text.columns("behaviour.numbers-columns", ["level": .text(text.level(plan.confidence))]),
      alignment: [.left, .right, .right, .right], rows: rows)
  }

  /// What the engine would not report, by reason.
  private var refusals: [Block] {
    report.refusals.filter { $0.scope != .circuit }.flatMap { group -> [Block] in
      let reason = TextValue.text(text.reason(group.reason))
      if group.pairs.isEmpty {
        let inlines = text.inlines(
          "behaviour.refused",
          ["scope": .attributed(group.scope.rawValue), "reason": reason, "detail": .attributed(group.detail)])
        return [.notice(kind: .refused, inlines)]
      }
      let inlines =
        group.scope == .pair
        ? text.inlines("behaviour.refused-pairs", ["n": .count(group.pairs.count), "reason": reason])
        : text.inlines("behaviour.refused-mechanism", ["n": .count(group.pairs.count), "reason": reason])
      let names = text.inlines(
        "behaviour.refused-names",
        ["names": .attributed(group.pairs.joined(separator: ", ")), "detail": .attributed(group.detail)])
      return [
        .notice(kind: .refused, inlines),
        .details(summary: text.words("behaviour.refused-summary"), [.paragraph(names)]),
      ]
    }
  }
}
