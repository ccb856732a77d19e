import Analysis
import Evidence

/// What zeros or means in place of activations do, always beside what the counterfactual says.
struct AblationBlocks {
  let context: DossierContext
  let record: RunRecord
  let plan: AnalysisPlan
  let result: AnalysisResult

  /// So many of the strongest are shown at once; the rest opens.
  private static let shown = 10

  private var short: String { context.names.short(record.id) }
  private var link: Inline { context.names.link(record.id) }

  /// The section, or nil if no other value was asked for.
  func section(anchor: String) -> Section? {
    guard let ablation = result.ablation else { return nil }
    let value = ablation.value == .zero ? "zeros" : "its mean over the behaviour’s prompts"
    let words =
      "Here a part of the model gets \(value) instead of the value it has on the counterfactual prompt. No prompt gives the model "
      + "that state: it lies outside the distribution the model was trained on. A part that writes the same on every prompt can "
      + "then seem to matter though it tells nothing apart ("
    var blocks: [Block] = [.notice(kind: .note, [.text(words), link, .text(").")]), artefacts(ablation)]
    let ranked = ablation.effects.sorted {
      (abs($1.effect.value), $0.node) < (abs($0.effect.value), $1.node)
    }
    blocks.append(.table(table(Array(ranked.prefix(Self.shown)), ablation, "the largest effects")))
    let rest = Array(ranked.dropFirst(Self.shown))
    if !rest.isEmpty {
      blocks.append(
        .details(summary: "The other \(rest.count) parts", [.table(table(rest, ablation, "the other effects"))]))
    }
    if let circuit = ablation.circuit { blocks.append(.definitions(definitions(circuit, ablation))) }
    return Section(
      id: anchor + "-ablation", heading: "What \(ablation.value == .zero ? "zeros" : "means") in their place do",
      isListed: false, blocks: blocks)
  }

  private func artefacts(_ ablation: AblationEvidence) -> Block {
    let name = "\(ablation.value.rawValue) ablation"
    guard !ablation.artefacts.isEmpty else {
      return .paragraph([
        .text("No head or MLP is moved by \(name) and not by the counterfactual ("), link, .text(")."),
      ])
    }
    return .paragraph([
      .badge(English.badge(.notEstablished)), .text(" Moved by \(name), not by the counterfactual: "),
      .code(ablation.artefacts.map(\.description).joined(separator: ", ")),
      .text(". Nothing follows for this question from these effects ("), link, .text(")."),
    ])
  }

  private func table(_ effects: [AblationEvidence.Effect], _ ablation: AblationEvidence, _ title: String) -> Table {
    let noising = Dictionary(result.nodeEffects.map { ($0.node, $0.noising) }, uniquingKeysWith: { first, _ in first })
    return .plain(
      "\(plan.behaviour): \(title) of \(ablation.value.rawValue) ablation on the decision value, exact, in logits (run \(short))",
      ["Part", "Note", "By \(ablation.value.rawValue)", "By the counterfactual"], numbers: 2,
      effects.map { effect in
        [
          effect.node.description, effect.isArtefact ? "not by the counterfactual" : "",
          "\(Numbers.fixed(effect.effect.value)) (\(Numbers.range(effect.effect)))",
          noising[effect.node].flatMap { $0 }.map { "\(Numbers.fixed($0.value)) (\(Numbers.range($0)))" } ?? "–",
        ]
      })
  }

  private func definitions(_ circuit: AnalysisResult.Circuit, _ ablation: AblationEvidence) -> [Definition] {
    [
      Definition(
        "Circuit by \(ablation.value.rawValue) ablation",
        [.code(circuit.heads.map(\.description).joined(separator: ", "))]),
      Definition("Sufficiency", context.linked(circuit.sufficiency, run: record.id)),
      Definition("Comprehensiveness", context.linked(circuit.comprehensiveness, run: record.id)),
      Definition("Granularity", [.attributed(circuit.terms.granularity)]),
      Definition("Components", [.attributed(circuit.terms.components)]),
      Definition("Replaced by", [.attributed(circuit.terms.ablation)]),
      Definition("Positions", [.attributed(circuit.terms.positions)]),
      Definition("Direction", [.attributed(circuit.terms.direction)]),
      Definition("Prompts", [.attributed(circuit.terms.prompts)]),
    ]
  }
}
