import Analysis
import Evidence

/// What single tokens contribute, on drawn pairs.
struct TokenBlocks: AnalysisPart {
  let view: AnalysisView
  let anchor: String

  /// At most this many pairs are shown; the record has all drawn ones.
  private let shown = 2

  /// The section, or nil if no pair was drawn.
  var section: Section? {
    let attributions = result.tokenAttributions
    guard !attributions.isEmpty else { return nil }
    let lead = text.inlines(
      "tokens.lead",
      [
        "shown": .text(String(min(shown, attributions.count))), "drawn": .count(attributions.count),
        "all": .text(String(result.pairs.count)), "run": .inline(link),
      ])
    let figures = attributions.prefix(shown).enumerated().flatMap { index, attribution -> [Block] in
      [.figure(figure(attribution, index: index, of: attributions.count)), .paragraph(difference(attribution))]
    }
    return Section(
      id: anchor + "-tokens", heading: text.words("tokens.heading"), isListed: false,
      blocks: [.paragraph(lead)] + figures)
  }

  private func figure(_ attribution: AnalysisResult.TokenAttribution, index: Int, of count: Int) -> Figure {
    let ranked = attribution.tokens.indices.sorted {
      (abs(attribution.zeroed[$1]), $0) < (abs(attribution.zeroed[$0]), $1)
    }
    let largest = ranked.prefix(3).map {
      "\(text.quoted(attribution.tokens[$0])) \(text.fixed(attribution.zeroed[$0], signed: true))"
    }
    let rows = attribution.tokens.indices.map { place -> [[Inline]] in
      [
        [.text(String(place))], [.code(attribution.tokens[place])], [.code(attribution.counterfactualTokens[place])],
        [.text(text.fixed(attribution.zeroed[place]))],
        [.text(text.fixed(attribution.gradientTimesInput[place]))],
        [.text(text.fixed(attribution.integratedGradients[place]))],
      ]
    }
    let behaviour = record.behaviour ?? ""
    return Figure(
      id: "\(anchor)-tokens-\(index + 1)",
      caption: text.words(
        "tokens.caption",
        [
          "behaviour": .text(behaviour), "number": .text(String(index + 1)), "count": .text(String(count)),
          "run": .text(short),
        ]),
      alternative: text.words(
        "tokens.alternative",
        ["n": .text(String(attribution.tokens.count)), "largest": .text(largest.joined(separator: ", "))]),
      drawing: .tokens(tokens: attribution.tokens, values: attribution.zeroed, unit: text.words("words.logits")),
      data: Table(
        caption: text.words(
          "tokens.data-caption",
          ["behaviour": .text(behaviour), "number": .text(String(index + 1)), "run": .text(short)]),
        header: text.columns("tokens.columns"), alignment: [.right, .left, .left, .right, .right, .right], rows: rows))
  }

  private func difference(_ attribution: AnalysisResult.TokenAttribution) -> [Inline] {
    let places = attribution.tokens.indices.filter { attribution.tokens[$0] != attribution.counterfactualTokens[$0] }
    let sum = places.reduce(0) { $0 + attribution.integratedGradients[$1] }
    return text.inlines(
      "tokens.difference",
      [
        "pair": .code(attribution.pair), "n": .count(places.count), "sum": .text(text.fixed(sum, signed: true)),
        "residual": .text(text.precise(attribution.completenessResidual)),
        "run": .inline(link),
      ])
  }
}
