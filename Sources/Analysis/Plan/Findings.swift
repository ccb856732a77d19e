extension Finding {
  /// The citable findings of an analysis.
  static func findings(of result: AnalysisResult, plan: AnalysisPlan) -> [Finding] {
    var findings: [Finding] = []
    let labels = "from \(plan.cleanLabel) to \(plan.counterfactualLabel)"
    if let effect = result.totalEffect {
      findings.append(
        Finding(
          id: "total-effect", title: "change of the decision value \(labels)", standing: standing(effect, null: 0),
          estimate: effect, unit: "logits"))
    }
    if let flips = result.flips {
      findings.append(
        Finding(
          id: "flips", title: "decisions that differ between \(plan.cleanLabel) and \(plan.counterfactualLabel)",
          standing: .measured, estimate: flips.share, unit: "share"))
    }
    for effect in result.nodeEffects {
      for (kind, words, estimate) in [
        ("noising", "\(effect.node) set to its counterfactual value in the clean run", effect.noising),
        ("denoising", "\(effect.node) set to its clean value in the counterfactual run", effect.denoising),
      ] {
        guard let estimate else { continue }
        findings.append(
          Finding(
            id: "\(kind).\(effect.node)", title: "effect on the decision value of \(words)",
            standing: standing(estimate, null: 0), estimate: estimate, unit: "logits", nodes: [effect.node]))
      }
      if let attribution = effect.attribution {
        findings.append(
          Finding(
            id: "attribution.\(effect.node)",
            title: "first-order estimate of the effect of setting \(effect.node) to its counterfactual value",
            standing: .screened, estimate: attribution, unit: "logits", nodes: [effect.node]))
      }
    }
    findings += circuitFindings(of: result, plan: plan)
    if !result.tokenAttributions.isEmpty {
      findings.append(
        Finding(
          id: "token-attribution",
          title: "contribution of each token to the decision value, \(result.tokenAttributions.count) drawn pairs",
          standing: .screened, estimate: nil, unit: "logits"))
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

  /// Measured if the interval excludes the null.
  private static func standing(_ estimate: Estimate, null: Double) -> Standing {
    estimate.covers(null) ? .notEstablished : .measured
  }
}
