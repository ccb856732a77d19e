import Analysis
import Evidence
import Project

/// One question to the model: the answer in words, the numbers, the parts of the model that carry it.
struct BehaviourSection {
  let context: DossierContext
  let report: Dossier.BehaviourReport
  let behaviour: Project.Behaviour
  let run: StoredRun?

  /// The section; without a run it says so.
  var section: Section {
    guard let run, let sentences = BehaviourSentences(run.record, names: context.names, text: context.text) else {
      return Section(
        id: behaviour.anchor, heading: behaviour.question, badge: English.badge(.notEstablished),
        blocks: [.notice(kind: .missing, missingRun)])
    }
    var blocks: [Block] = [.list(sentences.decision.map { $0.badged(context.text) })]
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
      id: behaviour.anchor, heading: behaviour.question, badge: English.badge(sentences.totalEffect.standing),
      blocks: blocks, sections: [mechanism.section(anchor: behaviour.anchor), tokens.section].compactMap { $0 })
  }

  private var missingRun: [Inline] {
    [
      .text("No run of model version "), .code(context.model.version), .text(" answers this question. Run "),
      .code("vitrine analyze --model \(context.model.version) --behaviour \(behaviour.id)"), .text("."),
    ]
  }

  private var changedPlan: Block {
    .notice(
      kind: .note,
      [
        .text("The project file has changed since this run: its plan for "), .code(behaviour.id),
        .text(" is another one today. Analyse again to answer today’s question."),
      ])
  }

  private func setting(_ sentences: BehaviourSentences) -> [Definition] {
    let plan = sentences.plan
    var definitions = [
      Definition("How the pairs were made", [.attributed(plan.construction)]),
      Definition("Clean prompts", [.code(plan.cleanLabel)]),
      Definition("Counterfactual prompts", [.code(plan.counterfactualLabel)]),
      Definition(
        "Answers",
        [
          .text("for: "), .attributed(English.answers(plan.positive)), .text("; against: "),
          .attributed(English.answers(plan.negative)),
        ]),
      Definition("Run", [context.names.link(sentences.record.id), .text(", \(English.day(sentences.record.ended))")]),
    ]
    if let tokens = sentences.result.answerTokens {
      let words =
        "An answer here has up to \(tokens) tokens. Its score is the sum of its tokens’ log-probabilities, each token given "
        + "the prompt and the answer’s tokens before it (teacher forcing); the decision value compares these scores. A longer "
        + "answer is less probable for its length alone: differences between the two prompts do not suffer from that, the sign "
        + "of one decision value does."
      definitions.insert(Definition("How answers are scored", [.text(words)]), at: 4)
    }
    if let recorded = behaviour.asRecorded, report.planIsCurrent == true {
      let words =
        "Of the \(English.counted(behaviour.pairs.count, "pair", "pairs")), the record as it stands in the data is the clean "
        + "prompt in \(recorded.clean), the counterfactual prompt in \(recorded.counterfactual), and neither in "
        + "\(recorded.neither)."
      definitions.insert(Definition("As recorded", [.text(words)]), at: 3)
    }
    return definitions
  }

  private func numbers(_ sentences: BehaviourSentences) -> Table {
    let (result, plan) = (sentences.result, sentences.plan)
    let (clean, counterfactual) = (Inline.code(plan.cleanLabel), Inline.code(plan.counterfactualLabel))
    func row(_ name: [Inline], _ estimate: Estimate?) -> [[Inline]]? {
      estimate.map {
        [
          name, [.text(Numbers.fixed($0.value))], [.text(Numbers.range($0))],
          [.text(Numbers.count($0.n))],
        ]
      }
    }
    var rows = [
      row([.text("Mean decision value, "), clean], result.meanClean),
      row([.text("Mean decision value, "), counterfactual], result.meanCounterfactual),
      row([.text("Total effect: the second minus the first")], result.totalEffect),
    ].compactMap { $0 }
    if let flips = result.flips {
      let n: [Inline] = [.text(Numbers.count(flips.share.n))]
      rows.append([
        [.text("Pairs whose decision differs")], [.text("\(flips.count) (\(Numbers.percent(flips.share.value)))")],
        [.text(Numbers.range(flips.share, percent: true))], n,
      ])
      let directions = [(clean, result.positiveOnlyClean), (counterfactual, result.positiveOnlyCounterfactual)]
      for (label, count) in directions {
        let name: [Inline] = [.text("… "), .attributed(English.answers(plan.positive)), .text(" only with "), label]
        rows.append([name, [.text(Numbers.count(count))], [.text("–")], n])
      }
    }
    let short = context.names.short(sentences.record.id)
    return Table(
      caption:
        "\(behaviour.id): decision values over all measured pairs, small effects included (logits; run \(short))",
      header: ["Quantity", "Value", "\(Numbers.level(plan.confidence)) interval", "n"],
      alignment: [.left, .right, .right, .right], rows: rows)
  }

  /// What the engine would not report, by reason.
  private var refusals: [Block] {
    report.refusals.filter { $0.scope != "circuit" }.flatMap { group -> [Block] in
      if group.pairs.isEmpty {
        return [
          .notice(
            kind: .refused,
            [
              .text("For this behaviour, "), .attributed(group.scope),
              .text(" \(group.scope.hasSuffix("s") ? "are" : "is") refused: \(English.reason(group.reason)): "),
              .attributed(group.detail), .text("."),
            ])
        ]
      }
      let isWhole = group.scope == "pair"
      let words =
        "For \(English.counted(group.pairs.count, "pair", "pairs")), \(isWhole ? "everything" : "mechanism and ratios") "
        + "\(isWhole ? "is" : "are") refused: \(English.reason(group.reason)). "
        + (isWhole
          ? "These pairs count nowhere." : "Their total effect counts in the table above; their mechanism does not.")
      let names = group.pairs.joined(separator: ", ")
      return [
        .notice(kind: .refused, [.text(words)]),
        .details(summary: "The refused pairs", [.paragraph([.attributed("\(names). First: \(group.detail)")])]),
      ]
    }
  }
}
