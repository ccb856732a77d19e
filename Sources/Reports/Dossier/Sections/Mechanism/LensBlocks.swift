import Analysis
import Evidence

/// What the model would decide if it ended earlier, layer by layer.
struct LensBlocks {
  let context: DossierContext
  let record: RunRecord
  let plan: AnalysisPlan
  let result: AnalysisResult

  private var short: String { context.names.short(record.id) }

  /// The section, or nil if it was not asked for.
  func section(anchor: String) -> Section? {
    guard let lenses = result.lenses, let last = lenses.depths.last else { return nil }
    let words =
      "Read after each layer as if it were the last, the clean prompts’ decision value develops like this (mean over "
      + "\(English.counted(last.value.n, "drawn pair", "drawn pairs")); the last point is the model’s own). A lens that finds "
      + "nothing in an early layer does not show that nothing is there ("
    return Section(
      id: anchor + "-lens", heading: "When the decision forms", isListed: false,
      blocks: [
        .paragraph([.text(words), context.names.link(record.id), .text(").")]), .figure(figure(lenses, anchor)),
        .paragraph(direct(lenses.direct)),
      ])
  }

  private func label(_ depth: Int) -> String { depth == 0 ? "input" : "after L\(depth - 1)" }

  private func figure(_ lenses: LensSummary, _ anchor: String) -> Figure {
    let depths = lenses.depths
    let values = depths.map { "\(label($0.depth)) \(Numbers.fixed($0.value.value, signed: true))" }
    let rows = depths.map { depth in
      [
        label(depth.depth), Numbers.fixed(depth.value.value), Numbers.range(depth.value),
        Numbers.fixed(depth.divergence.value), Numbers.range(depth.divergence),
        "\(depth.agreement.count) of \(depth.agreement.share.n)",
      ]
    }
    return Figure(
      id: anchor + "-lens-curve",
      caption: "\(plan.behaviour): decision value read after each layer (logit lens, clean prompts; run \(short))",
      alternative:
        "One point with its interval per layer, from the input on: \(values.joined(separator: ", ")) logits.",
      drawing: .intervals(
        labels: depths.map { label($0.depth) },
        estimates: depths.map { (value: $0.value.value, low: $0.value.low, high: $0.value.high) }, reference: 0,
        unit: "logits"),
      data: .plain(
        "\(plan.behaviour): logit lens at the decision position, \(Numbers.level(plan.confidence)) intervals, run \(short)",
        [
          "Read", "Decision value (logits)", "Interval", "Divergence from the model’s own (nats)", "Interval",
          "Same first choice",
        ], numbers: 5, rows))
  }

  private func direct(_ direct: LensSummary.Direct) -> [Inline] {
    let ranked = direct.nodes.sorted { (abs($1.value.value), $0.node) < (abs($0.value.value), $1.node) }.prefix(5)
    let names = ranked.map { "\($0.node) \(Numbers.fixed($0.value.value, signed: true))" }
    let complete =
      direct.isComplete
      ? "all contributions add up to the decision value (largest remainder \(Numbers.precise(direct.largestResidual)))"
      : "answers of several tokens: contributions need not add up (largest remainder "
        + "\(Numbers.precise(direct.largestResidual)))"
    return [
      .text(
        "Written directly, without passing through later parts, most comes from \(names.joined(separator: ", ")) logits; "
          + "\(complete) ("), context.names.link(record.id), .text(")."),
    ]
  }
}
