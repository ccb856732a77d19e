import Analysis
import Evidence

/// Sentences about one behaviour. Each names its run; which pattern is used follows from the numbers alone.
struct BehaviourSentences {
  let record: RunRecord
  let plan: AnalysisPlan
  let result: AnalysisResult
  let link: Inline

  /// Sentences of a run (nil if it is not an analysis with a result).
  init?(_ record: RunRecord, names: RunNames) {
    guard let plan = record.analysisPlan, let result = record.analysis else { return nil }
    self.record = record
    self.plan = plan
    self.result = result
    link = names.link(record.id)
  }

  /// Everything that may be said, the total effect first.
  var all: [Sentence] { [totalEffect, flips].compactMap { $0 } + mechanism }

  /// What happens to the decision: how often it turns, then how far the decision value moves.
  var decision: [Sentence] { [flips, totalEffect].compactMap { $0 } }

  /// What carries it inside the model.
  var mechanism: [Sentence] {
    circuit + CircuitSentences(record: record, plan: plan, result: result, link: link).main
  }

  private var change: [Inline] {
    [.code(plan.cleanLabel), .text(" to "), .code(plan.counterfactualLabel)]
  }

  /// How far, and towards which answer, the change moves the decision value on average.
  var totalEffect: Sentence {
    guard let effect = result.totalEffect else {
      return Sentence(
        inlines: [.text("It is not established whether changing ")] + change
          + [.text(" moves the decision: no pair could be measured ("), link, .text(").")],
        standing: .notEstablished, run: record.id, finding: nil)
    }
    let value = Numbers.fixed(effect.value, signed: true)
    guard effect.hasInterval else {
      let why = effect.n > 1 ? "its \(effect.n) pairs all give the same number" : "it rests on one pair"
      return Sentence(
        inlines: [.text("It is not established that changing ")] + change
          + [
            .text(
              " moves the decision value on average: the mean is \(value) logits, but \(why), so there is no interval ("
                + "n = \(English.counted(effect.n, "pair", "pairs")); "), link, .text(")."),
          ],
        standing: .notEstablished, run: record.id, finding: "total-effect")
    }
    if effect.covers(0) {
      return Sentence(
        inlines: [.text("It is not established that changing ")] + change
          + [
            .text(
              " moves the decision value on average: the mean is \(value) logits, and its interval covers 0 ("
                + "\(English.precision(effect)); "), link, .text(")."),
          ],
        standing: .notEstablished, run: record.id, finding: "total-effect")
    }
    let towards = effect.value < 0 ? plan.negative : plan.positive
    return Sentence(
      inlines: [.text("Changing ")] + change
        + [
          .text(" moves the decision value by \(value) logits on average, towards "),
          .attributed(English.answers(towards)), .text(" (\(English.precision(effect)); "), link, .text(")."),
        ],
      standing: .measured, run: record.id, finding: "total-effect")
  }

  /// In how many pairs the decision itself differs, and in which direction.
  var flips: Sentence? {
    guard let flips = result.flips else { return nil }
    var inlines: [Inline] =
      [.text("The decision is another one after changing ")] + change + [
        .text(" in \(Numbers.proportion(flips, "pairs"))")
      ]
    if flips.count > 0 {
      inlines += [
        .text(": "), .attributed(English.answers(plan.positive)), .text(" only with "), .code(plan.cleanLabel),
        .text(" in \(result.positiveOnlyClean), only with "), .code(plan.counterfactualLabel),
        .text(" in \(result.positiveOnlyCounterfactual)"),
      ]
    }
    return Sentence(
      inlines: inlines + [.text(" ("), link, .text(").")], standing: .measured, run: record.id, finding: "flips")
  }

  /// What the circuit's heads carry, or that there is none.
  private var circuit: [Sentence] {
    guard plan.methods.contains(.circuit) else { return [] }
    guard let circuit = result.circuit else {
      let detail = record.refusals.first { $0.scope == "circuit" }?.detail
      return [
        Sentence(
          inlines: [.text("No circuit is reported"), .text(detail == nil ? "" : ": "), .attributed(detail ?? "")]
            + [.text(" ("), link, .text(").")],
          standing: .notEstablished, run: record.id, finding: "circuit")
      ]
    }
    let heads: [Inline] = [.code(circuit.heads.map(\.description).joined(separator: ", "))]
    let alone = Sentence(
      inlines: [.text("With every head except ")] + heads
        + [
          .text(
            " at its counterfactual value, the model keeps \(Numbers.fixed(circuit.sufficiency.value)) of the heads’ "
              + "joint effect on the mean decision value (sufficiency; \(English.precision(circuit.sufficiency)); "),
          link, .text(")."),
        ],
      standing: standing(circuit.sufficiency), run: record.id, finding: "circuit.sufficiency")
    let without = Sentence(
      inlines: [.text("With only ")] + heads
        + [
          .text(
            " at \(circuit.heads.count == 1 ? "its counterfactual value" : "their counterfactual values"), it loses \(Numbers.fixed(circuit.comprehensiveness.value)) of that effect "
              + "(comprehensiveness; \(English.precision(circuit.comprehensiveness)); "), link, .text(")."),
        ],
      standing: standing(circuit.comprehensiveness), run: record.id, finding: "circuit.comprehensiveness")
    return [alone, without]
  }

  private func standing(_ estimate: Estimate) -> Finding.Standing {
    estimate.covers(0) ? .notEstablished : .measured
  }
}
