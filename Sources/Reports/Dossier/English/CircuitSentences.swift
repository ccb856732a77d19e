import Analysis
import Evidence

/// Sentences about what stands for and against a circuit. Which pattern is used follows from the numbers alone.
struct CircuitSentences {
  let record: RunRecord
  let plan: AnalysisPlan
  let result: AnalysisResult
  let link: Inline

  /// For the top of the behaviour: the matched comparison of each circuit, and whether there are rivals.
  var main: [Sentence] {
    var sentences: [Sentence] = []
    if let circuit = result.circuit, let evidence = result.circuitEvidence {
      sentences += evidence.nulls.filter { $0.kind == .matched }.map { null(of: circuit.heads, $0, "circuit") }
    }
    if let stronger = result.forwardBackward { sentences += self.stronger(stronger) }
    return sentences + [rival].compactMap { $0 }
  }

  /// The comparison with as many heads in all.
  var sizeOnly: [Sentence] {
    guard let circuit = result.circuit, let evidence = result.circuitEvidence else { return [] }
    return evidence.nulls.filter { $0.kind == .sizeOnly }.map { null(of: circuit.heads, $0, "circuit") }
  }

  private func names(_ nodes: [Node]) -> Inline { .code(nodes.map(\.description).joined(separator: ", ")) }

  /// A circuit against random ones.
  func null(of heads: [Node], _ null: RandomCircuitNull, _ id: String) -> Sentence {
    let p = null.p
    let others =
      null.kind == .matched ? "other circuits with as many heads in each layer" : "other circuits of that size"
    let finding = "\(id).null.\(null.kind.rawValue)"
    guard p.draws > 0 else {
      return Sentence(
        inlines: [
          .text("There are no \(others) to compare "), names(heads), .text(" with ("), link, .text(")."),
        ], standing: .notEstablished, run: record.id, finding: finding)
    }
    let reachable =
      null.reachable.map { "\(Numbers.count($0)) such circuits exist" }
      ?? "about 10 to the power \(Numbers.fixed(null.log10Reachable, 1)) such circuits exist"
    let compared = p.exact ? "all \(Numbers.count(p.draws))" : "\(Numbers.count(p.draws)) randomly drawn"
    let numbers =
      "of \(compared) \(others), \(Numbers.count(p.exceedances)) do at least as well (p-value \(Numbers.precise(p.value)); the "
      + "smallest this comparison can give is \(Numbers.precise(p.smallest)); \(reachable), this one included; "
    if p.rejects(at: plan.confidence) {
      return Sentence(
        inlines: [
          .text("The circuit "), names(heads), .text(" keeps more of the effect alone than random ones: \(numbers)"),
        ]
          + [link, .text(").")], standing: .measured, run: record.id, finding: finding)
    }
    let hopeless =
      p.canReject(at: plan.confidence)
      ? "" : " With so few circuits, no result of this comparison could have established it."
    return Sentence(
      inlines: [
        .text("It is not established that the circuit "), names(heads),
        .text(" keeps more of the effect alone than random ones: \(numbers)"), link, .text(").\(hopeless)"),
      ], standing: .notEstablished, run: record.id, finding: finding)
  }

  /// The stronger search's circuit with its exact scores, and its comparison.
  private func stronger(_ found: ForwardBackwardCircuit) -> [Sentence] {
    let (alone, without) = (found.sufficiency, found.comprehensiveness)
    let isEstablished = !alone.covers(0) && !without.covers(0)
    let sentence = Sentence(
      inlines: [
        .text("A stronger search, exact at every step, ends at "), names(found.selection.nodes),
        .text(
          ": alone they keep \(Numbers.fixed(alone.value)) of the heads’ joint effect (\(English.precision(alone))), without "
            + "them \(Numbers.fixed(without.value)) of it is lost (\(Numbers.interval(without)); "), link, .text(")."),
      ], standing: isEstablished ? .measured : .notEstablished, run: record.id,
      finding: "forward-backward.sufficiency")
    return [sentence]
      + found.nulls.filter { $0.kind == .matched }.map {
        null(of: found.selection.nodes, $0, "forward-backward")
      }
  }

  /// Whether another set does as well.
  private var rival: Sentence? {
    guard let circuit = result.circuit, let rival = result.circuitEvidence?.rival else { return nil }
    let distances =
      "mean distance from the whole model’s decision value \(Numbers.fixed(rival.loss)) logits against "
      + "\(Numbers.fixed(rival.circuitLoss)); "
    if rival.isRival {
      let shared = rival.shared.isEmpty ? "none of its heads" : "\(rival.shared.count) of its heads"
      return Sentence(
        inlines: [
          .text("Another set of heads, "), names(rival.nodes), .text(", is at least as faithful as "),
          names(circuit.heads),
        ]
          + [.text(" and has \(shared) (\(distances)"), link, .text("): the circuit is one of several.")],
        standing: .measured, run: record.id, finding: "circuit.rival")
    }
    return Sentence(
      inlines: [
        .text("The search for another set of heads as faithful as "), names(circuit.heads),
        .text(" found none; the best it met is "), names(rival.nodes), .text(" (\(distances)"), link,
        .text("). One may exist."),
      ], standing: .notEstablished, run: record.id, finding: "circuit.rival")
  }
}
