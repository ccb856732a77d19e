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
    findings += nodeFindings(of: result, plan: plan)
    return findings + Methods.steps.filter { $0.isAsked(by: plan) }.flatMap { $0.findings(of: result, plan: plan) }
  }

  /// Effects by head and MLP, whichever method needs them.
  private static func nodeFindings(of result: AnalysisResult, plan: AnalysisPlan) -> [Finding] {
    var findings: [Finding] = []
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
    return findings
  }

  /// An exact effect, and its share of each pair's change where only that establishes it.
  static func effect(
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

  /// Measured if the interval excludes the null.
  static func standing(_ estimate: Estimate, null: Double) -> Standing {
    estimate.covers(null) ? .notEstablished : .measured
  }
}
