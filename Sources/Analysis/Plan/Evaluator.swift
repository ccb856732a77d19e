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

  /// Scores every record and summarises by group.
  /// - Throws: `AnalysisError` for what concerns the whole plan, `.interrupted` when cancelled.
  public func run(
    _ plan: EvaluationPlan, progress: (Int, Int) -> Void = { _, _ in }, isCancelled: () -> Bool = { false }
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
      plan.firstChoice == true && model.classifier != nil ? .firstChoice : .threshold
    let records = zip(plan.examples, scores).compactMap { example, score in
      score.m.map { GroupPerformance.Record(plan: plan, example: example, m: $0, choice: score.choice, rule: rule) }
    }
    guard !records.isEmpty else { return outcome }
    let groups = GroupPerformance(plan: plan, records: records).groups()
    outcome.result = EvaluationResult(groups: groups, scores: scores, rule: rule)
    outcome.findings = Finding.findings(of: groups)
    return outcome
  }

  /// What would be refused if a plan were run: settings, tokenizer, vocabulary, answers and every prompt are read, nothing is
  /// computed.
  /// - Throws: `AnalysisError` for what would stop the whole run, as `run` would.
  public func check(_ plan: EvaluationPlan) throws -> EvaluationCheck {
    let (encoder, decision) = try prepare(plan)
    var check = EvaluationCheck(records: plan.examples.count, tokens: nil, refused: [])
    for example in plan.examples {
      do {
        let count = try encoder.prompt(example.prompt).count
        try model.check(prompt: count, for: decision)
        let known = check.tokens ?? count...count
        check.tokens = min(known.lowerBound, count)...max(known.upperBound, count)
      } catch let error as AnalysisError {
        let refusal = try Refusal(refusing: example.name, scope: "record", for: error)
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
    let decision = try Decision(positive: plan.positive, negative: plan.negative, model: model, encoder: encoder)
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
        name: example.name, m: m, choice: model.ownChoice(of: decision, trace, texts: encoder.texts))
    } catch let error as AnalysisError {
      outcome.refusals.append(try Refusal(refusing: example.name, scope: "record", for: error))
      return EvaluationResult.Score(name: example.name, m: nil)
    }
  }
}
