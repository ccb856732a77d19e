/// What would be refused if a plan were run: prompts read and aligned, nothing computed.
public struct PlanCheck: Sendable, Equatable {
  /// One pair that would be refused, and why.
  public struct Problem: Sendable, Equatable {
    /// The pair's name in the plan.
    public var pair: String
    /// The reason in words.
    public var detail: String
  }

  /// Pairs of the plan.
  public var pairs: Int
  /// Tokens of the shortest and of the longest clean prompt (nil if none could be read).
  public var tokens: ClosedRange<Int>?
  /// Pairs that would be refused whole.
  public var refused: [Problem]
  /// Pairs whose two prompts are the same tokens.
  public var identical: [String]
}

/// What would be refused if an evaluation were run: prompts read, nothing computed.
public struct EvaluationCheck: Sendable, Equatable {
  /// Records of the plan.
  public var records: Int
  /// Tokens of the shortest and of the longest prompt (nil if none could be read).
  public var tokens: ClosedRange<Int>?
  /// Records that would be refused.
  public var refused: [PlanCheck.Problem]
}

extension Analyzer {
  /// Reads a plan's prompts and answers with the model's tokenizer.
  /// - Throws: `AnalysisError` for what would stop the whole run: settings, answers, tokenizer, vocabulary.
  public func check(_ plan: AnalysisPlan) throws -> PlanCheck {
    try plan.validate()
    let prepared = try prepare(plan)
    let (encoder, decision) = (prepared.encoder, prepared.decision)
    var check = PlanCheck(pairs: plan.pairs.count, tokens: nil, refused: [], identical: [])
    for pair in plan.pairs {
      let (clean, counterfactual) = (try encoder.prompt(pair.clean), try encoder.prompt(pair.counterfactual))
      do {
        for prompt in [clean, counterfactual] { try model.check(prompt: prompt, for: decision) }
        try PairRun.checkAlignment(clean: clean, counterfactual: counterfactual)
        try PairRun.checkPlaces(model, decision, clean: clean, counterfactual: counterfactual)
      } catch let error as AnalysisError {
        let refusal = try Refusal(refusing: pair.name, scope: .pair, for: error)
        check.refused.append(PlanCheck.Problem(pair: pair.name, detail: refusal.detail))
        continue
      }
      if clean == counterfactual { check.identical.append(pair.name) }
      let known = check.tokens ?? clean.count...clean.count
      check.tokens = min(known.lowerBound, clean.count)...max(known.upperBound, clean.count)
    }
    if let longest = check.tokens?.upperBound {
      try model.checkMemory(
        length: (longest + decision.tail - 1) * decision.continuations.count)
    }
    return check
  }
}
