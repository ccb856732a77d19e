import Analysis
import Evidence

/// What zeros or means in place of activations do, always beside what the counterfactual says.
struct AblationBlocks: AnalysisPart {
  let view: AnalysisView

  /// So many of the strongest are shown at once; the rest opens.
  private static let shown = 10

  /// The section, or nil if no other value was asked for.
  func section(anchor: String) -> Section? {
    guard let ablation = result.ablation else { return nil }
    let run = TextValue.inline(link)
    let lead =
      switch ablation.value {
      case .zero: text.inlines("ablation.lead-zeros", ["run": run])
      case .positionMean: text.inlines("ablation.lead-position-means", ["run": run])
      case .mean, .counterfactual: text.inlines("ablation.lead-means", ["run": run])
      }
    var blocks: [Block] = [.notice(kind: .note, lead), artefacts(ablation)]
    let ranked = ablation.effects.sorted {
      (abs($1.effect.value), $0.node) < (abs($0.effect.value), $1.node)
    }
    let (behaviour, method) = (TextValue.text(plan.behaviour), TextValue.text(text.replacement(ablation.value)))
    blocks.append(
      .table(
        table(
          Array(ranked.prefix(Self.shown)), ablation,
          text.words(
            "ablation.largest-caption", ["behaviour": behaviour, "method": method, "run": .text(short)]))))
    let rest = Array(ranked.dropFirst(Self.shown))
    if !rest.isEmpty {
      let caption = text.words(
        "ablation.other-caption", ["behaviour": behaviour, "method": method, "run": .text(short)])
      blocks.append(
        .details(
          summary: text.words("ablation.other-parts", ["n": .count(rest.count)]),
          [.table(table(rest, ablation, caption))]))
    }
    if let circuit = ablation.circuit { blocks.append(.definitions(definitions(circuit, ablation))) }
    return Section(
      id: anchor + "-ablation",
      heading: ablation.value == .zero ? text.words("ablation.heading-zeros") : text.words("ablation.heading-means"),
      isListed: false, blocks: blocks)
  }

  private func artefacts(_ ablation: AblationEvidence) -> Block {
    let (method, run) = (TextValue.text(text.replacement(ablation.value)), TextValue.inline(link))
    guard !ablation.artefacts.isEmpty else {
      return .paragraph(text.inlines("ablation.no-artefacts", ["method": method, "run": run]))
    }
    return .paragraph(
      text.inlines(
        "ablation.artefacts",
        [
          "standing": .inline(.badge(text.badge(.notEstablished))), "method": method,
          "parts": .code(ablation.artefacts.map(\.description).joined(separator: ", ")), "run": run,
        ]))
  }

  private func table(_ effects: [AblationEvidence.Effect], _ ablation: AblationEvidence, _ caption: String) -> Table {
    let noising = Dictionary(result.nodeEffects.map { ($0.node, $0.noising) }, uniquingKeysWith: { first, _ in first })
    return .plain(
      caption, text.columns("ablation.columns", ["method": .text(text.replacement(ablation.value))]), numbers: 2,
      effects.map { effect in
        [
          effect.node.description, effect.isArtefact ? text.words("ablation.artefact-note") : "",
          text.valueWithRange(effect.effect),
          noising[effect.node].flatMap { $0 }.map { text.valueWithRange($0) } ?? "–",
        ]
      })
  }

  private func definitions(_ circuit: AnalysisResult.Circuit, _ ablation: AblationEvidence) -> [Definition] {
    [
      Definition(
        text.words("ablation.circuit", ["method": .text(text.replacement(ablation.value))]),
        [.code(circuit.heads.map(\.description).joined(separator: ", "))]),
      Definition(text.words("terms.sufficiency"), linked(circuit.sufficiency)),
      Definition(text.words("terms.comprehensiveness"), linked(circuit.comprehensiveness)),
    ] + text.definitions(of: circuit.terms)
  }
}
