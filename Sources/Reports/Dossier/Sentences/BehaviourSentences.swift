import Analysis
import Evidence

/// Sentences about one behaviour. Each names its run; which pattern is used follows from the numbers alone.
struct BehaviourSentences: AnalysisPart {
  let view: AnalysisView
  /// Whether the decision moves at all; nil if no pair was measured.
  let behaviour: BehaviourStanding?

  /// Sentences of a run.
  init(view: AnalysisView) {
    self.view = view
    behaviour = view.result.behaviourStanding(view.plan)
  }

  /// Sentences of a run (nil if it is not an analysis with a result).
  init?(_ record: RunRecord, names: RunNames, text: InterfaceText) {
    guard let view = AnalysisView(record, names: names, text: text) else { return nil }
    self.init(view: view)
  }

  /// Everything that may be said, the total effect first.
  var all: [Sentence] { [totalEffect, flips, grounds, ownChoice.sentence].compactMap { $0 } + mechanism }

  /// What happens to the decision: how often it turns, how far the decision value moves, and what the model itself would say.
  var decision: [Sentence] { [flips, totalEffect, grounds, ownChoice.sentence].compactMap { $0 } }

  /// The badge of the behaviour's heading.
  var badge: Badge { behaviour.map(text.badge) ?? text.badge(totalEffect.standing) }

  /// What an extract says of the decision: what the model itself would say only where it must be read with care.
  var brief: [Sentence] { [flips, totalEffect, doubt].compactMap { $0 } }

  /// What the model itself would say, where the decision must be read with care for it.
  var doubt: Sentence? { ownChoice.choices.isDoubtful ? ownChoice.sentence : nil }

  private var ownChoice: OwnChoiceSentence { OwnChoiceSentence(record, link: link, text: text) }

  /// What carries it inside the model.
  var mechanism: [Sentence] {
    circuit + CircuitSentences(view: view).main
  }

  private var change: TextValue {
    .inlines(
      text.inlines(
        "behaviour.change", ["clean": .code(plan.cleanLabel), "counterfactual": .code(plan.counterfactualLabel)]))
  }

  private func totalEffect(_ inlines: [Inline], _ standing: Finding.Standing, finding: String?) -> Sentence {
    Sentence(inlines: inlines, standing: standing, run: record.id, finding: finding)
  }

  /// How far, and towards which answer, the change moves the decision value on average.
  var totalEffect: Sentence {
    let run = TextValue.inline(link)
    guard let effect = result.totalEffect else {
      return totalEffect(
        text.inlines("behaviour.nothing-measured", ["change": change, "run": run]), .notEstablished, finding: nil)
    }
    let value = TextValue.text(text.fixed(effect.value, signed: true))
    guard effect.hasInterval else {
      let why =
        effect.n > 1
        ? text.words("behaviour.why-all-same", ["n": .count(effect.n)]) : text.words("behaviour.why-one-pair")
      let n = text.words("numbers.n-pairs", ["n": .count(effect.n)])
      return totalEffect(
        text.inlines(
          "behaviour.without-interval",
          ["change": change, "value": value, "why": .text(why), "n": .text(n), "run": run]),
        .notEstablished, finding: "total-effect")
    }
    let precision = TextValue.text(text.precision(effect))
    if let behaviour, !behaviour.grounds.contains(.direction), behaviour.grounds.contains(.size) {
      return totalEffect(
        text.inlines(
          "behaviour.both-ways",
          [
            "change": change, "size": .text(text.fixed(behaviour.size.value)), "value": value, "precision": precision,
            "run": run,
          ]),
        .measured, finding: result.standing == nil ? "total-effect" : "change")
    }
    if let behaviour, !effect.covers(0), !behaviour.grounds.contains(.direction) {
      return totalEffect(
        text.inlines(
          "behaviour.covers-zero-at-third",
          [
            "change": change, "value": value, "precision": precision,
            "third": .text(text.interval(behaviour.direction)), "run": run,
          ]),
        .notEstablished, finding: "total-effect")
    }
    if effect.covers(0) {
      return totalEffect(
        text.inlines(
          "behaviour.covers-zero", ["change": change, "value": value, "precision": precision, "run": run]),
        .notEstablished, finding: "total-effect")
    }
    if let unit = plan.unit {
      return totalEffect(
        text.inlines(
          "behaviour.total-effect-number",
          ["change": change, "value": value, "unit": .text(unit), "precision": precision, "run": run]),
        .measured, finding: "total-effect")
    }
    let towards =
      effect.value < 0 ? text.answers(against: plan.positive, plan.negative) : text.answers(plan.positive)
    return totalEffect(
      text.inlines(
        "behaviour.total-effect",
        ["change": change, "value": value, "answers": .attributed(towards), "precision": precision, "run": run]),
      .measured, finding: "total-effect")
  }

  /// In how many pairs the decision itself differs, and in which direction.
  var flips: Sentence? {
    guard let flips = result.flips else { return nil }
    let proportion = TextValue.text(text.proportionOfPairs(flips))
    let inlines =
      flips.count > 0
      ? text.inlines(
        "behaviour.flips",
        [
          "change": change, "proportion": proportion, "answers": .attributed(positive),
          "clean": .code(plan.cleanLabel), "only-clean": .text(String(result.positiveOnlyClean ?? 0)),
          "counterfactual": .code(plan.counterfactualLabel),
          "only-counterfactual": .text(String(result.positiveOnlyCounterfactual ?? 0)), "run": .inline(link),
        ])
      : text.inlines("behaviour.no-flips", ["change": change, "proportion": proportion, "run": .inline(link)])
    return Sentence(inlines: inlines, standing: .measured, run: record.id, finding: "flips")
  }

  /// What the circuit's heads carry, or that there is none.
  private var circuit: [Sentence] {
    guard plan.methods.contains(.circuit) else { return [] }
    guard let circuit = result.circuit else { return [noCircuit] }
    let heads = TextValue.code(circuit.heads.map(\.description).joined(separator: ", "))
    let value = TextValue.text(text.fixed(circuit.sufficiency.value))
    let precision = TextValue.text(text.precision(circuit.sufficiency))
    let alone =
      (circuit.turned ?? 0) > 0
      ? text.inlines(
        "circuit.alone-directed", ["heads": heads, "value": value, "precision": precision, "run": .inline(link)])
      : text.inlines("circuit.alone", ["heads": heads, "value": value, "precision": precision, "run": .inline(link)])
    let without = text.inlines(
      "circuit.without",
      [
        "heads": heads, "n": .count(circuit.heads.count), "value": .text(text.fixed(circuit.comprehensiveness.value)),
        "precision": .text(text.precision(circuit.comprehensiveness)), "run": .inline(link),
      ])
    return [
      Sentence(
        inlines: alone, standing: standing(circuit.sufficiency), run: record.id, finding: "circuit.sufficiency"),
      Sentence(
        inlines: without, standing: standing(circuit.comprehensiveness), run: record.id,
        finding: "circuit.comprehensiveness"),
    ]
  }

  private var noCircuit: Sentence {
    let detail = record.refusals.first { $0.scope == .circuit }?.detail
    let inlines =
      detail.map { text.inlines("circuit.none-because", ["detail": .inlines(text.known($0)), "run": .inline(link)]) }
      ?? text.inlines("circuit.none", ["run": .inline(link)])
    return Sentence(inlines: inlines, standing: .notEstablished, run: record.id, finding: "circuit")
  }

  private func standing(_ estimate: Estimate) -> Finding.Standing {
    estimate.covers(0) ? .notEstablished : .measured
  }
}
