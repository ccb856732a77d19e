extension Finding {
  /// The citable findings of an analysis.
  static func findings(of result: AnalysisResult, plan: AnalysisPlan) -> [Finding] {
    var findings: [Finding] = []
    let labels = "from \(plan.cleanLabel) to \(plan.counterfactualLabel)"
    if let effect = result.totalEffect {
      findings.append(
        Finding(
          id: "total-effect", title: "change of the decision value \(labels)",
          standing: result.standing.map { $0.grounds.contains(.direction) ? .measured : .notEstablished }
            ?? standing(effect, null: 0),
          estimate: effect, unit: "logits"))
    }
    if let standing = result.standing {
      findings.append(
        Finding(
          id: "change", title: "size of the change of the decision value \(labels), whichever way it goes",
          standing: standing.grounds.contains(.size) ? .measured : .notEstablished, estimate: standing.size,
          unit: "logits"))
    }
    if let flips = result.flips {
      findings.append(
        Finding(
          id: "flips", title: "decisions that differ between \(plan.cleanLabel) and \(plan.counterfactualLabel)",
          standing: .measured, estimate: flips.share, unit: "share"))
    }
    let floor = plan.standing?.leastShare(of: result.nodes.count)
    for effect in result.nodeEffects {
      for (kind, words, estimate, share) in [
        (
          "noising", "\(effect.node) set to its counterfactual value in the clean run", effect.noising,
          effect.noisingShare
        ),
        (
          "denoising", "\(effect.node) set to its clean value in the counterfactual run", effect.denoising,
          effect.denoisingShare
        ),
      ] {
        guard let estimate else { continue }
        findings += Self.effect(
          "\(kind).\(effect.node)", words, estimate, share: share, floor: floor, nodes: [effect.node])
      }
      if let attribution = effect.attribution {
        findings.append(
          Finding(
            id: "attribution.\(effect.node)",
            title: "first-order estimate of the effect of setting \(effect.node) to its counterfactual value",
            standing: .screened, estimate: attribution, unit: "logits", nodes: [effect.node]))
      }
    }
    findings += circuitFindings(of: result, plan: plan) + evidenceFindings(of: result, plan: plan)
    findings +=
      edgeFindings(of: result, plan: plan) + ablationFindings(of: result) + nodeFindings(of: result, plan: plan)
    if !result.tokenAttributions.isEmpty {
      findings.append(
        Finding(
          id: "token-attribution",
          title: "contribution of each token to the decision value, \(result.tokenAttributions.count) drawn pairs",
          standing: .screened, estimate: nil, unit: "logits"))
    }
    return findings
  }

  /// An exact effect, and its share of each pair's change where only that establishes it.
  private static func effect(
    _ id: String, _ words: String, _ estimate: Estimate, share: Estimate?, floor: Double?, nodes: [Node] = []
  ) -> [Finding] {
    let isEstablished = estimate.isEstablished(share: share, floor: floor)
    var findings = [
      Finding(
        id: id, title: "effect on the decision value of \(words)",
        standing: isEstablished ? .measured : .notEstablished, estimate: estimate, unit: "logits", nodes: nodes)
    ]
    if isEstablished, estimate.covers(0), let share {
      findings.append(
        Finding(
          id: "share.\(id)",
          title: "share of each pair's change, in that pair's direction, that goes with \(words)",
          standing: .measured, estimate: share, unit: "share", nodes: nodes))
    }
    return findings
  }

  private static func circuitFindings(of result: AnalysisResult, plan: AnalysisPlan) -> [Finding] {
    guard plan.methods.contains(.circuit) else { return [] }
    guard let circuit = result.circuit else {
      return [
        Finding(id: "circuit", title: "circuit of heads (refused)", standing: .notEstablished, estimate: nil, unit: "")
      ]
    }
    return [
      Finding(
        id: "circuit.sufficiency", title: "share of the heads' effect that the circuit's heads carry alone",
        standing: standing(circuit.sufficiency, null: 0), estimate: circuit.sufficiency, unit: "ratio",
        nodes: circuit.heads),
      Finding(
        id: "circuit.comprehensiveness", title: "share of the heads' effect that is lost without the circuit's heads",
        standing: standing(circuit.comprehensiveness, null: 0), estimate: circuit.comprehensiveness, unit: "ratio",
        nodes: circuit.heads),
    ]
  }

  /// What stands for and against the circuit, and the stronger search's circuit.
  private static func evidenceFindings(of result: AnalysisResult, plan: AnalysisPlan) -> [Finding] {
    var findings: [Finding] = []
    if let evidence = result.circuitEvidence {
      findings += evidence.nulls.map { finding(of: $0, "circuit", result.circuit?.heads ?? [], plan) }
      if let rival = evidence.rival {
        findings.append(
          Finding(
            id: "circuit.rival", title: "another set of heads that is at least as faithful as the circuit",
            standing: rival.isRival ? .measured : .notEstablished, estimate: nil, unit: "", nodes: rival.nodes))
      }
    }
    if let stronger = result.forwardBackward {
      let scores = [
        ("sufficiency", "that the stronger search's heads carry alone", stronger.sufficiency),
        ("comprehensiveness", "that is lost without the stronger search's heads", stronger.comprehensiveness),
      ]
      findings += scores.map { name, words, estimate in
        Finding(
          id: "forward-backward.\(name)", title: "share of the heads' effect \(words)",
          standing: standing(estimate, null: 0), estimate: estimate, unit: "ratio", nodes: stronger.selection.nodes)
      }
      findings += stronger.nulls.map { finding(of: $0, "forward-backward", stronger.selection.nodes, plan) }
    }
    return findings
  }

  /// Measured if the p-value is at or below the level that the plan's confidence leaves.
  private static func finding(
    of null: RandomCircuitNull, _ circuit: String, _ heads: [Node], _ plan: AnalysisPlan
  ) -> Finding {
    let words = null.kind == .matched ? "as many heads in each layer" : "as many heads in all"
    return Finding(
      id: "\(circuit).null.\(null.kind.rawValue)",
      title: "sufficiency of \(heads.map(\.description).joined(separator: ", ")) against random circuits with \(words)",
      standing: null.p.rejects(at: plan.confidence) ? .measured : .notEstablished, estimate: nil, unit: "",
      nodes: heads, p: null.p)
  }

  /// Edges patched exactly, and the smallest circuit of edges that reaches the plan's target.
  private static func edgeFindings(of result: AnalysisResult, plan: AnalysisPlan) -> [Finding] {
    guard let edges = result.edges else { return [] }
    let floor = plan.standing?.leastShare(of: edges.strongest.count)
    var findings = edges.strongest.flatMap { score in
      effect(
        "edge.\(score.edge)", "\(score.edge) set to its counterfactual value in the clean run", score.exact,
        share: score.share, floor: floor)
    }
    if let circuit = edges.circuit, let grown = edges.grown.first(where: { $0.size == circuit.count }) {
      findings.append(
        Finding(
          id: "edge-circuit.sufficiency",
          title: "share of the effect that \(grown.size) of \(edges.graphEdges) edges carry alone",
          standing: standing(grown.sufficiency, null: 0), estimate: grown.sufficiency, unit: "ratio"))
    }
    return findings
  }

  /// Effects of zeros or means; those of which the counterfactual knows nothing establish nothing.
  private static func ablationFindings(of result: AnalysisResult) -> [Finding] {
    guard let ablation = result.ablation else { return [] }
    let value = ablation.value.rawValue
    var findings = ablation.effects.map { effect in
      Finding(
        id: "\(value)-ablation.\(effect.node)",
        title: effect.isArtefact
          ? "\(effect.node): moved by \(value) ablation, not by the counterfactual"
          : "effect on the decision value of \(effect.node) set to its \(value) value in the clean run (outside the distribution the model was trained on)",
        standing: effect.isArtefact ? .notEstablished : standing(effect.effect, null: 0), estimate: effect.effect,
        unit: "logits", nodes: [effect.node])
    }
    if let circuit = ablation.circuit {
      findings += [("sufficiency", circuit.sufficiency), ("comprehensiveness", circuit.comprehensiveness)].map {
        Finding(
          id: "\(value)-ablation.circuit.\($0)",
          title: "\($0) of the circuit found by \(value) ablation (outside the distribution the model was trained on)",
          standing: standing($1, null: 0), estimate: $1, unit: "ratio", nodes: circuit.heads)
      }
    }
    return findings
  }

  /// Paths and integrated activations. Effects at single positions belong to single pairs: no mean, no finding.
  private static func nodeFindings(of result: AnalysisResult, plan: AnalysisPlan) -> [Finding] {
    let floor = plan.standing?.leastShare(of: result.nodes.count)
    var findings = (result.paths ?? []).flatMap { path in
      [
        ("noising", "its counterfactual value in the clean run", path.noising, path.noisingShare),
        ("denoising", "its clean value in the counterfactual run", path.denoising, path.denoisingShare),
      ].flatMap { kind, words, estimate, share in
        effect(
          "path.\(kind).\(path.path)", "the path \(path.path) set to \(words)", estimate, share: share, floor: floor)
      }
    }
    findings += (result.integratedActivations?.effects ?? []).map { effect in
      Finding(
        id: "integrated-activations.\(effect.node)",
        title:
          "effect of setting \(effect.node) to its counterfactual value, by integrated gradients over its activation",
        standing: .screened, estimate: effect.integrated, unit: "logits", nodes: [effect.node])
    }
    return findings + relevanceFindings(of: result) + inputFindings(of: result, floor: floor)
  }

  private static func relevanceFindings(of result: AnalysisResult) -> [Finding] {
    (result.relevance?.effects ?? []).flatMap { effect in
      [
        ("relevance", "attention patterns held", effect.relevance),
        ("relevance-attended", "the softmax's derivative kept", effect.attended),
      ].map { name, words, estimate in
        Finding(
          id: "\(name).\(effect.node)",
          title: "effect of setting \(effect.node) to its counterfactual value, by relevance patching, \(words)",
          standing: .screened, estimate: estimate, unit: "logits", nodes: [effect.node])
      }
    }
  }

  /// What a head's queries, keys or values do, exact and estimated; sizes with layers dropped.
  private static func inputFindings(of result: AnalysisResult, floor: Double?) -> [Finding] {
    guard let star = result.attributionStar else { return [] }
    let inputs = star.inputs.flatMap { entry in
      effect(
        "input.\(entry.input)", "the input \(entry.input) set to its counterfactual value in the clean run",
        entry.exact, share: entry.share, floor: floor) + [
          Finding(
            id: "input-corrected.\(entry.input)",
            title: "estimate of the effect of the input \(entry.input), the softmax exact and the rest first order",
            standing: .screened, estimate: entry.corrected, unit: "logits")
        ]
    }
    let sizes = star.effects.compactMap { entry in
      entry.dropped.map {
        Finding(
          id: "gradient-drop.\(entry.node)",
          title: "size of the effect of setting \(entry.node) to its counterfactual value, first order, layers dropped",
          standing: .screened, estimate: $0, unit: "logits", nodes: [entry.node])
      }
    }
    return inputs + sizes
  }

  /// Measured if the interval excludes the null.
  private static func standing(_ estimate: Estimate, null: Double) -> Standing {
    estimate.covers(null) ? .notEstablished : .measured
  }
}
