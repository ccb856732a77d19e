import Analysis
import Evidence

/// What single tokens contribute, on drawn pairs.
struct TokenBlocks {
  let context: DossierContext
  let record: RunRecord
  let result: AnalysisResult
  let anchor: String

  /// At most this many pairs are shown; the record has all drawn ones.
  private let shown = 2

  private var short: String { context.names.short(record.id) }

  /// The section, or nil if no pair was drawn.
  var section: Section? {
    let attributions = result.tokenAttributions
    guard !attributions.isEmpty else { return nil }
    let words =
      "Shown are \(min(shown, attributions.count)) of the \(English.counted(attributions.count, "pair", "pairs")) that were "
      + "drawn at random from the \(result.pairs.count) of the plan: the first ones drawn, as examples and not as a summary. "
      + "Each box is a token of the clean prompt. Its shade says how far the decision value falls when this token is blanked "
      + "(its embedding set to zero), computed exactly; a blanked token is an input that the model was never trained on ("
    let figures = attributions.prefix(shown).enumerated().flatMap { index, attribution -> [Block] in
      [.figure(figure(attribution, index: index, of: attributions.count)), .paragraph(difference(attribution))]
    }
    return Section(
      id: anchor + "-tokens", heading: "What single words contribute", isListed: false,
      blocks: [.paragraph([.text(words), context.names.link(record.id), .text(").")])] + figures)
  }

  private func figure(_ attribution: AnalysisResult.TokenAttribution, index: Int, of count: Int) -> Figure {
    let ranked = attribution.tokens.indices.sorted {
      (abs(attribution.zeroed[$1]), $0) < (abs(attribution.zeroed[$0]), $1)
    }
    let largest = ranked.prefix(3).map {
      "“\(PlainText.oneLine(attribution.tokens[$0]))” \(Numbers.fixed(attribution.zeroed[$0], signed: true))"
    }
    let rows = attribution.tokens.indices.map { place -> [[Inline]] in
      [
        [.text(String(place))], [.code(attribution.tokens[place])], [.code(attribution.counterfactualTokens[place])],
        [.text(Numbers.fixed(attribution.zeroed[place]))],
        [.text(Numbers.fixed(attribution.gradientTimesInput[place]))],
        [.text(Numbers.fixed(attribution.integratedGradients[place]))],
      ]
    }
    let behaviour = record.behaviour ?? ""
    return Figure(
      id: "\(anchor)-tokens-\(index + 1)",
      caption:
        "\(behaviour): tokens of drawn pair \(index + 1) of \(count), and how far the decision value falls without each "
        + "(logits; run \(short))",
      alternative:
        "The prompt as \(attribution.tokens.count) boxes. Largest values: \(largest.joined(separator: ", ")) logits.",
      drawing: .tokens(tokens: attribution.tokens, values: attribution.zeroed, unit: "logits"),
      data: Table(
        caption:
          "\(behaviour), drawn pair \(index + 1): values by token in logits, run \(short); the last two columns are screened, "
          + "their errors stand in the approximation register",
        header: ["Place", "Clean", "Counterfactual", "Blanked (exact)", "Gradient × input", "Integrated gradients"],
        alignment: [.right, .left, .left, .right, .right, .right], rows: rows))
  }

  private func difference(_ attribution: AnalysisResult.TokenAttribution) -> [Inline] {
    let places = attribution.tokens.indices.filter { attribution.tokens[$0] != attribution.counterfactualTokens[$0] }
    let sum = places.reduce(0) { $0 + attribution.integratedGradients[$1] }
    let words =
      ": the two prompts differ in \(English.counted(places.count, "token", "tokens")), to which integrated gradients give "
      + "\(Numbers.fixed(sum, signed: true)) logits; the completeness residual is "
      + "\(Numbers.precise(attribution.completenessResidual)) logits (screened; "
    return [.text("Pair "), .code(attribution.pair), .text(words), context.names.link(record.id), .text(").")]
  }
}
