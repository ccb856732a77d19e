import Analysis
import Evidence

/// Which heads and MLPs carry the effect of one behaviour: heat map, circuit with its terms.
struct MechanismBlocks: AnalysisPart {
  let view: AnalysisView

  private var pairs: Int { result.nodeEffects.first?.noising?.n ?? 0 }

  /// The pairs that the mechanism rests on, with what they were selected from.
  private var mechanismPairs: String {
    let all = result.pairs.count
    return pairs == all
      ? text.words("mechanism.all-pairs", ["n": .count(all)])
      : text.words("mechanism.some-pairs", ["n": .count(pairs), "all": .count(all)])
  }

  /// The section, or nil if nothing of this kind was asked for.
  func section(anchor: String) -> Section? {
    let parts = [
      HeadBlocks(view: view).section(anchor: anchor),
      CircuitCheckBlocks(view: view).section(anchor: anchor),
      LensBlocks(view: view).section(anchor: anchor),
      EdgeBlocks(view: view).section(anchor: anchor),
      AblationBlocks(view: view).section(anchor: anchor),
      NamedBlocks(view: view).section(anchor: anchor),
    ].compactMap { $0 }
    guard plan.methods.contains(.exactPatching) || plan.methods.contains(.circuit) || !parts.isEmpty else { return nil }
    var blocks: [Block] = [.paragraph(text.inlines("how-to-read.parts-of-a-model"))]
    let sentences = BehaviourSentences(view: view).mechanism
    if !sentences.isEmpty { blocks.append(.list(sentences.map { $0.badged(text) })) }
    if let figure = heatMap(anchor: anchor) {
      let lead = text.inlines(
        "mechanism.map-lead",
        ["pairs": .text(mechanismPairs), "run": .inline(link)])
      blocks += [.paragraph(lead), .figure(figure)]
    } else {
      blocks.append(
        .notice(
          kind: .refused, text.inlines("mechanism.no-effects", ["run": .inline(link)])))
    }
    if let circuit = result.circuit {
      blocks.append(.definitions(definitions(of: circuit)))
      if circuit.isCutShort { blocks.append(cutShort(circuit)) }
    }
    return Section(
      id: anchor + "-mechanism", heading: text.words("mechanism.heading"), isListed: false, blocks: blocks,
      sections: parts)
  }

  private func heatMap(anchor: String) -> Figure? {
    guard result.nodeEffects.contains(where: { $0.noising != nil }) else { return nil }
    let effects = Dictionary(result.nodeEffects.map { ($0.node, $0) }, uniquingKeysWith: { first, _ in first })
    let members = Set(result.circuit?.heads ?? [])
    let nodes = (0..<result.layers).map { layer in
      (0..<result.headsPerLayer).map { Node.head(layer: layer, head: $0) } + [Node.mlp(layer: layer)]
    }
    let marked = nodes.enumerated().flatMap { row, line in
      line.enumerated().filter { members.contains($0.element) }.map { Drawing.Cell(row: row, column: $0.offset) }
    }
    return Figure(
      id: anchor + "-map",
      caption: text.words(
        "mechanism.map-caption", ["behaviour": .text(plan.behaviour), "run": .text(short)]),
      alternative: alternative,
      drawing: .heatMap(
        rows: (0..<result.layers).map { "L\($0)" }, columns: (0..<result.headsPerLayer).map { "H\($0)" } + ["MLP"],
        values: nodes.map { $0.map { effects[$0]?.noising?.value } }, unit: text.words("words.logits"), marked: marked),
      data: data)
  }

  private var alternative: String {
    let ranked = result.nodeEffects.compactMap { effect in effect.noising.map { (effect.node, $0.value) } }
      .sorted { (abs($1.1), $0.0) < (abs($0.1), $1.0) }
    let largest = ranked.prefix(3).map { "\($0.0) \(text.fixed($0.1, signed: true))" }.joined(separator: ", ")
    let grid = text.words(
      "mechanism.map-alternative",
      [
        "layers": .count(result.layers), "heads": .count(result.headsPerLayer), "largest": .text(largest),
      ])
    guard let circuit = result.circuit else { return grid }
    let heads = circuit.heads.map(\.description).joined(separator: ", ")
    return grid + " " + text.words("mechanism.map-outlined", ["heads": .text(heads)])
  }

  private var data: Table {
    func cell(_ estimate: Estimate?) -> [Inline] {
      [.text(estimate.map { text.valueWithRange($0) } ?? "–")]
    }
    let hasShares = result.nodeEffects.contains { $0.noisingShare != nil }
    let rows = result.nodeEffects.map { effect -> [[Inline]] in
      [[.text(effect.node.description)], cell(effect.noising), cell(effect.denoising), cell(effect.attribution)]
        + (hasShares ? [cell(effect.noisingShare), cell(effect.denoisingShare)] : [])
    }
    return Table(
      caption: text.words(
        "mechanism.data-caption",
        [
          "behaviour": .text(plan.behaviour), "level": .text(text.level(plan.confidence)), "n": .count(pairs),
          "run": .text(short),
        ]),
      header: hasShares ? text.columns("mechanism.data-columns-with-shares") : text.columns("mechanism.data-columns"),
      alignment: [.left, .right, .right, .right] + (hasShares ? [.right, .right] : []), rows: rows)
  }

  /// The founding search's known weakness, where its numbers show it; its reason only where it was looked for and found.
  private func cutShort(_ circuit: AnalysisResult.Circuit) -> Block {
    let promised = TextValue.text(text.fixed(circuit.firstOrderSufficiency))
    let kept = TextValue.text(text.fixed(circuit.sufficiency.value))
    let run = TextValue.inline(link)
    let inlines: [Inline]
    switch circuit.series {
    case nil:
      inlines = text.inlines("mechanism.cut-short", ["first-order": promised, "kept": kept, "run": run])
    case []?:
      inlines = text.inlines("mechanism.cut-short-not-serial", ["first-order": promised, "kept": kept, "run": run])
    case let series?:
      let heads = TextValue.code(series.map(\.description).joined(separator: ", "))
      inlines = text.inlines(
        "mechanism.cut-short-serial", ["first-order": promised, "kept": kept, "heads": heads, "run": run])
    }
    return .notice(kind: .note, inlines)
  }

  /// What the forward step went by, with what decided that.
  private func search(_ circuit: AnalysisResult.Circuit) -> [Inline] {
    let promised = TextValue.text(text.fixed(circuit.firstOrderSufficiency))
    let (selected, kept) = (circuit.selected.count, circuit.heads.count)
    guard circuit.forward == .exact else {
      return text.inlines(
        "mechanism.search-was", ["selected": .count(selected), "first-order": promised, "heads": .count(kept)])
    }
    let correlation = record.rankCorrelation.map { text.fixed($0, 2) } ?? text.words("mechanism.undefined")
    return text.inlines(
      "mechanism.search-was-exact",
      [
        "selected": .count(selected), "first-order": promised, "heads": .count(kept), "correlation": .text(correlation),
      ])
  }

  private func definitions(of circuit: AnalysisResult.Circuit) -> [Definition] {
    let full = TextValue.text(text.fixed(circuit.mFull))
    let empty = TextValue.text(text.fixed(circuit.mEmpty))
    let only = TextValue.text(text.fixed(circuit.mCircuit))
    let without = TextValue.text(text.fixed(circuit.mWithout))
    let run = TextValue.inline(link)
    let values =
      (circuit.turned ?? 0) > 0
      ? text.inlines(
        "mechanism.values-directed",
        ["full": full, "empty": empty, "circuit": only, "without": without, "run": run])
      : text.inlines(
        "mechanism.values", ["full": full, "empty": empty, "circuit": only, "without": without, "run": run])
    return [
      Definition(text.words("mechanism.circuit"), [.code(circuit.heads.map(\.description).joined(separator: ", "))]),
      Definition(text.words("terms.sufficiency"), linked(circuit.sufficiency)),
      Definition(text.words("terms.comprehensiveness"), linked(circuit.comprehensiveness)),
      Definition(text.words("mechanism.mean-values"), values),
      Definition(text.words("mechanism.search"), search(circuit)),
    ] + text.definitions(of: circuit.terms)
  }
}

extension InterfaceText {
  /// On what terms a circuit was measured, as the record says it.
  func definitions(of terms: AnalysisResult.Circuit.Terms) -> [Definition] {
    [
      Definition(words("terms.granularity"), known(terms.granularity)),
      Definition(words("terms.components"), known(terms.components)),
      Definition(words("terms.replaced-by"), known(terms.ablation)),
      Definition(words("terms.positions"), known(terms.positions)),
      Definition(words("terms.direction"), known(terms.direction)),
      Definition(words("terms.prompts"), known(terms.prompts)),
    ]
  }
}
