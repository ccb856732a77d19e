import Analysis
import Evidence

/// What the model would decide if it ended earlier, layer by layer.
struct LensBlocks: AnalysisPart {
  let view: AnalysisView

  /// The section, or nil if it was not asked for.
  func section(anchor: String) -> Section? {
    guard let lenses = result.lenses, let last = lenses.depths.last else { return nil }
    let lead = text.inlines("lens.lead", ["n": .count(last.value.n), "run": .inline(link)])
    return Section(
      id: anchor + "-lens", heading: text.words("lens.heading"), isListed: false,
      blocks: [
        .paragraph(lead), .figure(figure(lenses, anchor)),
      ] + (lenses.direct.map { [.paragraph(direct($0))] } ?? []))
  }

  private func label(_ depth: Int) -> String {
    depth == 0 ? text.words("lens.input") : text.words("lens.after", ["layer": .text("L\(depth - 1)")])
  }

  private func figure(_ lenses: LensSummary, _ anchor: String) -> Figure {
    let depths = lenses.depths
    let values = depths.map { "\(label($0.depth)) \(text.fixed($0.value.value, signed: true))" }
    let rows = depths.map { depth in
      [
        label(depth.depth), text.fixed(depth.value.value), text.range(depth.value),
        text.fixed(depth.divergence.value), text.range(depth.divergence),
        text.counted(of: depth.agreement),
      ]
    }
    return Figure(
      id: anchor + "-lens-curve",
      caption: text.words("lens.caption", ["behaviour": .text(plan.behaviour), "run": .text(short)]),
      alternative: text.words("lens.alternative", ["values": .text(values.joined(separator: ", "))]),
      drawing: .intervals(
        labels: depths.map { label($0.depth) },
        estimates: depths.map { (value: $0.value.value, low: $0.value.low, high: $0.value.high) }, reference: 0,
        unit: text.words("words.logits")),
      data: .plain(
        text.words(
          "lens.data-caption",
          [
            "behaviour": .text(plan.behaviour), "level": .text(text.level(plan.confidence)), "run": .text(short),
          ]),
        text.columns("lens.columns"), numbers: 5, rows))
  }

  private func direct(_ direct: LensSummary.Direct) -> [Inline] {
    let ranked = direct.nodes.sorted { (abs($1.value.value), $0.node) < (abs($0.value.value), $1.node) }.prefix(5)
    let names = ranked.map { "\($0.node) \(text.fixed($0.value.value, signed: true))" }
    let residual = TextValue.text(text.precise(direct.largestResidual))
    let complete =
      direct.isComplete
      ? text.words("lens.complete", ["residual": residual]) : text.words("lens.incomplete", ["residual": residual])
    return text.inlines(
      "lens.direct",
      [
        "parts": .text(names.joined(separator: ", ")), "complete": .text(complete),
        "run": .inline(link),
      ])
  }
}
