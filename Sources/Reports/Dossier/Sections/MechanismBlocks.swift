import Analysis
import Evidence

/// Which heads and MLPs carry the effect of one behaviour: heat map, circuit with its terms.
struct MechanismBlocks {
  let context: DossierContext
  let record: RunRecord
  let plan: AnalysisPlan
  let result: AnalysisResult

  private var short: String { context.names.short(record.id) }

  private var pairs: String { English.counted(result.nodeEffects.first?.noising?.n ?? 0, "pair", "pairs") }

  /// The pairs that the mechanism rests on, with what they were selected from.
  private var mechanismPairs: String {
    let n = result.nodeEffects.first?.noising?.n ?? 0
    let all = result.pairs.count
    return n == all
      ? English.counted(all, "pair", "pairs")
      : "\(Numbers.count(n)) of \(English.counted(all, "pair", "pairs")) that were not refused"
  }

  /// The section, or nil if nothing of this kind was asked for.
  func section(anchor: String) -> Section? {
    let parts = [
      HeadBlocks(context: context, record: record, plan: plan, result: result).section(anchor: anchor),
      CircuitCheckBlocks(context: context, record: record, plan: plan, result: result).section(anchor: anchor),
      LensBlocks(context: context, record: record, plan: plan, result: result).section(anchor: anchor),
      EdgeBlocks(context: context, record: record, plan: plan, result: result).section(anchor: anchor),
      AblationBlocks(context: context, record: record, plan: plan, result: result).section(anchor: anchor),
      NamedBlocks(context: context, record: record, plan: plan, result: result).section(anchor: anchor),
    ].compactMap { $0 }
    guard plan.methods.contains(.exactPatching) || plan.methods.contains(.circuit) || !parts.isEmpty else { return nil }
    var blocks: [Block] = [.paragraph([.text(English.partsOfAModel)])]
    let sentences = BehaviourSentences(record, names: context.names, text: context.text)?.mechanism ?? []
    if !sentences.isEmpty { blocks.append(.list(sentences.map { $0.badged(context.text) })) }
    if let figure = heatMap(anchor: anchor) {
      let words =
        "Each cell says how the decision value changes, on average over the \(mechanismPairs), when one part of the model gets the value it "
        + "has on the counterfactual prompt while everything else starts from the clean one. Rows are layers, from the input "
        + "(L0) to the output; columns are attention heads (H) and the layer’s MLP. The values are exact ("
      blocks += [.paragraph([.text(words), context.names.link(record.id), .text(").")]), .figure(figure)]
    } else {
      blocks.append(
        .notice(
          kind: .refused,
          [
            .text("No effects of single heads or MLPs: none was asked for, or no pair was left after the refusals ("),
            context.names.link(record.id), .text(")."),
          ]))
    }
    if let circuit = result.circuit {
      blocks.append(.definitions(definitions(of: circuit)))
      if circuit.isCutShort { blocks.append(cutShort(circuit)) }
    }
    return Section(
      id: anchor + "-mechanism", heading: "Which parts of the model carry it", isListed: false, blocks: blocks,
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
      caption:
        "\(plan.behaviour): exact effect of each head and MLP on the decision value (noising, logits; run \(short))",
      alternative: alternative,
      drawing: .heatMap(
        rows: (0..<result.layers).map { "L\($0)" }, columns: (0..<result.headsPerLayer).map { "H\($0)" } + ["MLP"],
        values: nodes.map { $0.map { effects[$0]?.noising?.value } }, unit: "logits", marked: marked),
      data: data)
  }

  private var alternative: String {
    let ranked = result.nodeEffects.compactMap { effect in effect.noising.map { (effect.node, $0.value) } }
      .sorted { (abs($1.1), $0.0) < (abs($0.1), $1.0) }
    let largest = ranked.prefix(3).map { "\($0.0) \(Numbers.fixed($0.1, signed: true))" }.joined(separator: ", ")
    let circuit = result.circuit.map {
      " Outlined cells belong to the circuit: \($0.heads.map(\.description).joined(separator: ", "))."
    }
    return "A grid of \(English.counted(result.layers, "layer", "layers")) by "
      + "\(English.counted(result.headsPerLayer, "head", "heads")) and the MLP. Largest effects: \(largest) logits."
      + (circuit ?? "")
  }

  private var data: Table {
    func cell(_ estimate: Estimate?) -> [Inline] {
      [
        .text(
          estimate.map { "\(Numbers.fixed($0.value)) (\(Numbers.range($0)))" } ?? "–")
      ]
    }
    let rows = result.nodeEffects.map { effect -> [[Inline]] in
      [[.text(effect.node.description)], cell(effect.noising), cell(effect.denoising), cell(effect.attribution)]
    }
    return Table(
      caption:
        "\(plan.behaviour): mean effects in logits with \(Numbers.level(plan.confidence)) intervals, n = \(pairs), run \(short)",
      header: ["Part", "Noising (exact)", "Denoising (exact)", "Attribution patching (screened)"],
      alignment: [.left, .right, .right, .right], rows: rows)
  }

  /// The founding search's known weakness, where its numbers show it.
  private func cutShort(_ circuit: AnalysisResult.Circuit) -> Block {
    let words =
      "The selection stopped at a first-order sufficiency of \(Numbers.fixed(circuit.firstOrderSufficiency)), but these heads keep "
      + "only \(Numbers.fixed(circuit.sufficiency.value)) of the effect. Heads that work one after another each show nearly the "
      + "whole effect, so that the selection takes one of them for all: it cannot find such a serial circuit. Read the stronger "
      + "search’s circuit instead, if there is one ("
    return .notice(kind: .note, [.text(words), context.names.link(record.id), .text(").")])
  }

  private func definitions(of circuit: AnalysisResult.Circuit) -> [Definition] {
    let terms = circuit.terms
    let values =
      "whole model \(Numbers.fixed(circuit.mFull)), every head replaced \(Numbers.fixed(circuit.mEmpty)), every head but the "
      + "circuit’s replaced \(Numbers.fixed(circuit.mCircuit)), only the circuit’s replaced "
      + "\(Numbers.fixed(circuit.mWithout)) (logits, means over the pairs; "
    let search =
      "first-order selection of \(English.counted(circuit.selected.count, "head", "heads")) (first-order sufficiency "
      + "\(Numbers.fixed(circuit.firstOrderSufficiency)), screened), then exact pruning to "
      + "\(English.counted(circuit.heads.count, "head", "heads")); there is no assurance that it is the best set"
    return [
      Definition("Circuit", [.code(circuit.heads.map(\.description).joined(separator: ", "))]),
      Definition("Sufficiency", context.linked(circuit.sufficiency, run: record.id)),
      Definition("Comprehensiveness", context.linked(circuit.comprehensiveness, run: record.id)),
      Definition("Mean decision values", [.text(values), context.names.link(record.id), .text(")")]),
      Definition("Search", [.text(search)]),
      Definition("Granularity", [.attributed(terms.granularity)]),
      Definition("Components", [.attributed(terms.components)]),
      Definition("Replaced by", [.attributed(terms.ablation)]),
      Definition("Positions", [.attributed(terms.positions)]),
      Definition("Direction", [.attributed(terms.direction)]),
      Definition("Prompts", [.attributed(terms.prompts)]),
    ]
  }
}
