import Analysis
import Evidence

/// Sentences about what stands for and against a circuit. Which pattern is used follows from the numbers alone.
struct CircuitSentences: AnalysisPart {
  let view: AnalysisView

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

  private func names(_ nodes: [Node]) -> TextValue { .code(nodes.map(\.description).joined(separator: ", ")) }

  /// A circuit against random ones.
  func null(of heads: [Node], _ null: RandomCircuitNull, _ id: String) -> Sentence {
    let p = null.p
    let finding = "\(id).null.\(null.kind.rawValue)"
    func sentence(_ inlines: [Inline], _ standing: Finding.Standing) -> Sentence {
      Sentence(inlines: inlines, standing: standing, run: record.id, finding: finding)
    }
    let others =
      null.kind == .matched ? text.words("circuit.others-matched") : text.words("circuit.others-of-size")
    let values: (heads: TextValue, run: TextValue) = (names(heads), .inline(link))
    guard p.draws > 0 else {
      return sentence(
        text.inlines(
          "circuit.no-others", ["others": .text(others), "heads": values.heads, "run": values.run]), .notEstablished)
    }
    let numbers = TextValue.text(comparison(null, others))
    if p.rejects(at: plan.confidence) {
      return sentence(
        text.inlines("circuit.beats-random", ["heads": values.heads, "numbers": numbers, "run": values.run]), .measured)
    }
    return sentence(
      p.canReject(at: plan.confidence)
        ? text.inlines(
          "circuit.not-beyond-random", ["heads": values.heads, "numbers": numbers, "run": values.run])
        : text.inlines(
          "circuit.too-few-others", ["heads": values.heads, "numbers": numbers, "run": values.run]),
      .notEstablished)
  }

  private func comparison(_ null: RandomCircuitNull, _ others: String) -> String {
    let p = null.p
    let reachable =
      null.reachable.map { text.words("circuit.reachable", ["n": .count($0)]) }
      ?? text.words("circuit.reachable-about", ["power": .text(text.fixed(null.log10Reachable, 1))])
    let compared =
      p.exact
      ? text.words("circuit.compared-all", ["n": .count(p.draws)])
      : text.words("circuit.compared-drawn", ["n": .count(p.draws)])
    return text.words(
      "circuit.comparison",
      [
        "compared": .text(compared), "others": .text(others), "exceedances": .count(p.exceedances),
        "p": .text(text.pValue(p.value)), "smallest": .text(text.pValue(p.smallest)), "reachable": .text(reachable),
      ])
  }

  /// The stronger search's circuit with its exact scores, and its comparison.
  private func stronger(_ found: ForwardBackwardCircuit) -> [Sentence] {
    let (alone, without) = (found.sufficiency, found.comprehensiveness)
    let isEstablished = !alone.covers(0) && !without.covers(0)
    let inlines = text.inlines(
      "circuit.stronger",
      [
        "heads": names(found.selection.nodes), "alone": .text(text.fixed(alone.value)),
        "precision": .text(text.precision(alone)), "without": .text(text.fixed(without.value)),
        "interval": .text(text.interval(without)), "run": .inline(link),
      ])
    let sentence = Sentence(
      inlines: inlines, standing: isEstablished ? .measured : .notEstablished, run: record.id,
      finding: "forward-backward.sufficiency")
    return [sentence]
      + found.nulls.filter { $0.kind == .matched }.map {
        null(of: found.selection.nodes, $0, "forward-backward")
      }
  }

  /// Whether another set does as well.
  private var rival: Sentence? {
    guard let circuit = result.circuit, let rival = result.circuitEvidence?.rival else { return nil }
    let distances = TextValue.text(
      text.words(
        "circuit.distances", ["loss": .text(text.fixed(rival.loss)), "circuit": .text(text.fixed(rival.circuitLoss))]))
    if rival.isRival {
      let inlines = text.inlines(
        "circuit.rival",
        [
          "rival": names(rival.nodes), "heads": names(circuit.heads), "shared": .count(rival.shared.count),
          "distances": distances, "run": .inline(link),
        ])
      return Sentence(inlines: inlines, standing: .measured, run: record.id, finding: "circuit.rival")
    }
    let inlines = text.inlines(
      "circuit.no-rival",
      [
        "heads": names(circuit.heads), "best": names(rival.nodes), "distances": distances, "run": .inline(link),
      ])
    return Sentence(inlines: inlines, standing: .notEstablished, run: record.id, finding: "circuit.rival")
  }
}
