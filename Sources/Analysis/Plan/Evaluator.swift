import Foundation

/// Carries out an evaluation plan on one model.
public struct Evaluator: Sendable {
  /// What an evaluation gave.
  public struct Outcome: Sendable {
    /// nil if no record could be scored.
    public var result: EvaluationResult?
    /// What a dossier can cite.
    public var findings: [Finding]
    /// Records that could not be scored, and why.
    public var refusals: [Refusal]
    /// Every prompt and answer as token ids, in the plan's order.
    public var tokens: PromptTokens
  }

  /// Another version's model, opened only if predictions differ and its weights may be why.
  public struct OtherVersion {
    let version: String
    let load: () throws -> (model: Transformer, tokenizer: Tokenizer?)

    /// A version and how to open it.
    public init(version: String, load: @escaping () throws -> (model: Transformer, tokenizer: Tokenizer?)) {
      self.version = version
      self.load = load
    }
  }

  let model: Transformer
  let tokenizer: Tokenizer?
  let folder: String

  /// An evaluator for a loaded model.
  /// - Parameter folder: the model's folder, for messages.
  public init(model: Transformer, tokenizer: Tokenizer?, folder: String) {
    self.model = model
    self.tokenizer = tokenizer
    self.folder = folder
  }

  /// Scores every record and summarises by group; holds the provider's own predictions against the scores, if the plan has any.
  /// - Parameter others: the project's other versions, whose weights may explain predictions that differ.
  /// - Throws: `AnalysisError` for what concerns the whole plan, `.interrupted` when cancelled.
  public func run(
    _ plan: EvaluationPlan, others: [OtherVersion] = [], progress: (Int, Int) -> Void = { _, _ in },
    isCancelled: @escaping () -> Bool = { false }
  ) throws -> Outcome {
    let (encoder, decision) = try prepare(plan)
    var outcome = Outcome(
      result: nil, findings: [], refusals: [],
      tokens: PromptTokens(prompts: [], decision))
    var scores: [EvaluationResult.Score] = []
    for (done, example) in plan.examples.enumerated() {
      if isCancelled() { throw AnalysisError(.interrupted, "interrupted; nothing of this run was stored") }
      progress(done, plan.examples.count)
      scores.append(try score(example, decision, encoder, &outcome))
    }
    let rule: EvaluationResult.DecisionRule =
      plan.threshold == nil
      ? .undecided : plan.firstChoice == true && model.head == .classifier ? .firstChoice : .threshold
    guard plan.unit == nil else {
      let errors = NumberErrors(plan: plan, scores: scores).groups()
      guard !errors.isEmpty else { return outcome }
      outcome.result = EvaluationResult(groups: [], errors: errors, scores: scores, rule: rule)
      outcome.findings = Finding.findings(of: errors, unit: plan.unit ?? "")
      return outcome
    }
    let records = zip(plan.examples, scores).compactMap { example, score in
      score.m.map { GroupPerformance.Record(plan: plan, example: example, m: $0, choice: score.choice, rule: rule) }
    }
    guard !records.isEmpty else { return outcome }
    let groups = GroupPerformance(plan: plan, records: records).groups()
    var result = EvaluationResult(groups: groups, scores: scores, rule: rule)
    result.predictions = try predictions(
      plan, result, encoder, decision, tokens: outcome.tokens, others: others, isCancelled: isCancelled)
    outcome.result = result
    outcome.findings = Finding.findings(of: groups)
    return outcome
  }

  /// The provider's own predictions beside the engine's, and what explains a difference; nil if the plan has none.
  private func predictions(
    _ plan: EvaluationPlan, _ result: EvaluationResult, _ encoder: PromptEncoder, _ decision: Decision,
    tokens: PromptTokens, others: [OtherVersion], isCancelled: @escaping () -> Bool
  ) throws -> PredictionComparison? {
    guard let held = HeldPredictions(plan, result) else { return nil }
    var comparison = held.comparison()
    guard comparison.verdict == .differs else { return comparison }
    let patterns = PredictionPatterns(held)
    if let explanation = patterns.explanation {
      comparison.explanations = [explanation]
      return comparison
    }
    // Where the scores agree, no other way of reading the prompts is why decisions differ.
    guard plan.predictions?.unit == nil || comparison.beyond > 0 else {
      comparison.explanations = [patterns.rest()]
      return comparison
    }
    func scorer(_ model: Transformer, _ tokenizer: Tokenizer?, _ encoder: PromptEncoder, _ decision: Decision)
      -> PromptScorer
    {
      PromptScorer(
        model: model, encoder: encoder, decision: decision, tokenizer: tokenizer, around: encoder.specialIDs)
    }
    // A version that cannot be opened explains nothing; 'check' says what is wrong with it.
    let versions = others.map { other in
      PredictionSearch.Other(version: other.version) {
        guard let (model, tokenizer) = try? other.load(),
          let (encoder, decision) = try? Evaluator(model: model, tokenizer: tokenizer, folder: folder).prepare(
            plan.asDeclared.settled(with: tokenizer))
        else { return nil }
        return scorer(model, tokenizer, encoder, decision)
      }
    }
    let search = PredictionSearch(
      held, scorer(model, tokenizer, encoder, decision), tokens: tokens.prompts.map { $0?.first ?? [] },
      others: versions, isCancelled: isCancelled)
    let (explanations, tried, fitting) = try search.run()
    comparison.explanations = explanations.isEmpty ? [patterns.rest(fitting: fitting)] : explanations
    comparison.tried = tried
    return comparison
  }

  /// What would be refused if a plan were run: settings, tokenizer, vocabulary, answers and every prompt are read, nothing is
  /// computed.
  /// - Throws: `AnalysisError` for what would stop the whole run, as `run` would.
  public func check(_ plan: EvaluationPlan) throws -> EvaluationCheck {
    let (encoder, decision) = try prepare(plan)
    var check = EvaluationCheck(records: plan.examples.count, tokens: nil, refused: [])
    for example in plan.examples {
      do {
        let ids = try encoder.prompt(example.prompt)
        try model.check(prompt: ids, for: decision)
        let count = ids.count
        let known = check.tokens ?? count...count
        check.tokens = min(known.lowerBound, count)...max(known.upperBound, count)
      } catch let error as AnalysisError {
        let refusal = try Refusal(refusing: example.name, scope: .record, for: error)
        check.refused.append(PlanCheck.Problem(pair: example.name, detail: refusal.detail))
      }
    }
    return check
  }

  private func prepare(_ plan: EvaluationPlan) throws -> (PromptEncoder, Decision) {
    guard !plan.examples.isEmpty else {
      throw AnalysisError(.badPlan, "the evaluation has no records; check its data file and its 'where'")
    }
    guard (100...1_000_000).contains(plan.bootstrapResamples), plan.confidence > 0, plan.confidence < 1 else {
      throw AnalysisError(.badPlan, "bootstrap_resamples must be 100 to 1000000 and confidence between 0 and 1")
    }
    let encoder = try PromptEncoder(
      tokenizer: tokenizer, model: model, folder: folder, prepend: plan.prepend,
      specialTokens: plan.specialTokens ?? .never, ids: plan.specialIds, contexts: plan.examples.map(\.prompt))
    guard plan.unit != nil || plan.threshold != nil else {
      throw AnalysisError(.badPlan, "an evaluation of answers needs a threshold, in logits, e.g. 0 for even odds")
    }
    if plan.unit != nil, plan.examples.contains(where: { $0.number == nil }) || plan.predictions != nil {
      throw AnalysisError(
        .badPlan, "an evaluation of a regression needs a number as the label of each record, and holds no predictions")
    }
    let decision = try Decision(
      positive: plan.positive, negative: plan.negative, unit: plan.unit, model: model, encoder: encoder)
    return (encoder, decision)
  }

  private func score(
    _ example: EvaluationPlan.Example, _ decision: Decision, _ encoder: PromptEncoder, _ outcome: inout Outcome
  ) throws -> EvaluationResult.Score {
    let place = outcome.tokens.prompts.count
    outcome.tokens.prompts.append(nil)
    do {
      let ids = try encoder.prompt(example.prompt)
      outcome.tokens.prompts[place] = [ids]
      let trace = try model.forward(ids, for: decision)
      let m = model.value(of: decision, trace)
      guard m.isFinite else {
        throw AnalysisError(
          .notFinite, "the decision value is \(m); look for NaN or infinite weights in the checkpoint")
      }
      return EvaluationResult.Score(
        name: example.name, m: m,
        choice: model.asksOneSided ? nil : try model.ownChoice(of: decision, trace, texts: encoder.texts))
    } catch let error as AnalysisError {
      outcome.refusals.append(try Refusal(refusing: example.name, scope: .record, for: error))
      return EvaluationResult.Score(name: example.name, m: nil)
    }
  }
}
