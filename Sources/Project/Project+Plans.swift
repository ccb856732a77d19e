public import Analysis

extension Project {
  /// The unit of the number that the project's models give; nil: their decision values are logits.
  public var unit: String? { evaluation?.unit ?? behaviours.lazy.compactMap(\.unit).first }

  /// What to run for a behaviour: its pairs with the project's analysis settings.
  public func plan(for behaviour: Behaviour) -> AnalysisPlan {
    AnalysisPlan(
      behaviour: behaviour.id, question: behaviour.question, construction: behaviour.construction,
      cleanLabel: behaviour.cleanLabel, counterfactualLabel: behaviour.counterfactualLabel,
      positive: behaviour.positive, negative: behaviour.negative, pairs: behaviour.pairs, prepend: behaviour.prepend,
      specialTokens: behaviour.specialTokens == .never ? nil : behaviour.specialTokens, methods: analysis.methods,
      floor: analysis.floor,
      integratedGradientsSteps: analysis.integratedGradientsSteps,
      tokenAttributionPairs: analysis.tokenAttributionPairs, sufficiencyTarget: analysis.sufficiencyTarget,
      comprehensivenessTarget: analysis.comprehensivenessTarget, bootstrapResamples: analysis.bootstrapResamples,
      confidence: analysis.confidence, seed: analysis.seed, detailPairs: analysis.detailPairs,
      nullDraws: analysis.nullDraws, pruningThreshold: analysis.pruningThreshold,
      ablation: analysis.ablation, paths: analysis.paths, standing: analysis.standing, unit: behaviour.unit,
      threshold: behaviour.threshold)
  }

  /// What to evaluate, with the project's analysis settings; nil if the project has no `evaluation`.
  /// - Parameter version: the model version; the provider's own predictions are part of the plan for the version that they are
  ///   of only (nil: whichever that is).
  public func evaluationPlan(version: String? = nil) -> EvaluationPlan? {
    evaluation.map { evaluation in
      let predictions = evaluation.predictions.flatMap {
        version == nil || version == $0.version ? $0.values : nil
      }
      return EvaluationPlan(
        dataset: evaluation.dataset, label: evaluation.label, positive: evaluation.positive,
        negative: evaluation.negative, prepend: evaluation.prepend,
        specialTokens: evaluation.specialTokens == .never ? nil : evaluation.specialTokens,
        threshold: evaluation.threshold ?? (evaluation.unit == nil ? 0 : nil),
        firstChoice: evaluation.threshold == nil && !evaluation.negative.isEmpty ? true : nil,
        groupings: evaluation.groupings, examples: evaluation.examples,
        bootstrapResamples: analysis.bootstrapResamples, confidence: analysis.confidence, seed: analysis.seed,
        predictions: predictions, unit: evaluation.unit)
    }
  }

  /// The behaviour with an id.
  /// - Throws: `ProjectError` `.unknownName` that lists the known ids.
  public func behaviour(id: String) throws -> Behaviour {
    if let behaviour = behaviours.first(where: { $0.id == id }) { return behaviour }
    throw ProjectError(
      .unknownName,
      "the project has no behaviour '\(id)'; " + NearestName.hint(id, among: behaviours.map(\.id), kind: "behaviours"))
  }

  /// The model of a version.
  /// - Throws: `ProjectError` `.unknownName` that lists the known versions.
  public func model(version: String) throws -> ModelVersion {
    if let model = models.first(where: { $0.version == version }) { return model }
    throw ProjectError(
      .unknownName,
      "the project has no model version '\(version)'; "
        + NearestName.hint(version, among: models.map(\.version), kind: "versions"))
  }
}
