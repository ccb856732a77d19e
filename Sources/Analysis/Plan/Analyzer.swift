/// Carries out an analysis plan on one model.
public struct Analyzer: Sendable {
  /// How far a run is.
  public struct Progress: Sendable {
    /// What is being done, e.g. `exact patching`.
    public let step: String
    /// Pairs done in this step.
    public let done: Int
    /// Pairs of this step.
    public let total: Int
  }

  /// What a run gave; the store adds who, when and on which machine.
  public struct Outcome: Sendable {
    /// The numbers.
    public var result: AnalysisResult
    /// What a dossier can cite.
    public var findings: [Finding]
    /// The approximate methods with their measured error.
    public var approximations: [Approximation]
    /// The engine's checks on this model.
    public var selfTests: [SelfTest]
    /// What was refused, and why.
    public var refusals: [Refusal]
    /// Every prompt and answer as token ids, in the plan's order: what the run's prompt digest is made of.
    public var tokens: PromptTokens

    /// Whether nothing at all could be measured.
    public var isRefused: Bool { result.totalEffect == nil }
  }

  let model: Transformer
  let tokenizer: Tokenizer?
  let folder: String

  /// An analyzer for a loaded model.
  /// - Parameter folder: the model's folder, for messages.
  public init(model: Transformer, tokenizer: Tokenizer?, folder: String) {
    self.model = model
    self.tokenizer = tokenizer
    self.folder = folder
  }

  /// Runs a plan.
  /// - Parameters:
  ///   - progress: called before each pair.
  ///   - isCancelled: asked before each pair.
  /// - Throws: `AnalysisError.badAnswer` or another error that concerns the whole plan, `.interrupted` when cancelled. What
  ///   concerns one pair becomes a refusal.
  public func run(
    _ plan: AnalysisPlan, progress: @escaping (Progress) -> Void = { _ in },
    isCancelled: @escaping () -> Bool = { false }
  ) throws -> Outcome {
    try plan.validate()
    var job = AnalysisJob(try prepare(plan)) { step, done, total in
      if isCancelled() { throw AnalysisError(.interrupted, "interrupted; nothing of this run was stored") }
      progress(Progress(step: step, done: done, total: total))
    }
    try job.run()
    return job.outcome
  }
}

/// A plan with what reads its prompts and answers for one model.
struct PreparedPlan {
  let model: Transformer
  let plan: AnalysisPlan
  let encoder: PromptEncoder
  let decision: Decision
}

extension Analyzer {
  /// Reads a plan's special tokens and answers; no prompt yet.
  /// - Throws: `AnalysisError` for what would stop the whole run.
  func prepare(_ plan: AnalysisPlan) throws -> PreparedPlan {
    let encoder = try PromptEncoder(
      tokenizer: tokenizer, model: model, folder: folder, prepend: plan.prepend,
      specialTokens: plan.specialTokens ?? .never, ids: plan.specialIds,
      contexts: plan.pairs.flatMap { [$0.clean, $0.counterfactual] })
    let decision = try Decision(
      positive: plan.positive, negative: plan.negative, unit: plan.unit, model: model, encoder: encoder)
    try plan.checkPaths(of: model)
    return PreparedPlan(model: model, plan: plan, encoder: encoder, decision: decision)
  }
}

/// Prompts and answers as token ids.
public struct PromptTokens: Codable, Sendable, Equatable {
  /// Clean and counterfactual prompt of each pair (or the prompt of each example), nil where a text could not be read.
  public var prompts: [[[Int]]?]
  /// The positive answers.
  public var positive: [AnswerTokens]
  /// The negative answers.
  public var negative: [AnswerTokens]

  init(prompts: [[[Int]]?], _ decision: Decision) {
    self.prompts = prompts
    positive = decision.positiveAnswers.map(AnswerTokens.init)
    negative = decision.negativeAnswers.map(AnswerTokens.init)
  }
}

/// An answer as token ids (or the number of a class). Coded as a number if it is one, else as a list of numbers.
public struct AnswerTokens: Codable, Sendable, Equatable {
  /// The tokens, at least one.
  public var ids: [Int]

  /// An answer from its tokens.
  public init(_ ids: [Int]) { self.ids = ids }

  /// Makes one from a number or a list of numbers.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let id = try? container.decode(Int.self) {
      ids = [id]
    } else {
      ids = try container.decode([Int].self)
    }
  }

  /// Writes the coded form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if ids.count == 1 {
      try container.encode(ids[0])
    } else {
      try container.encode(ids)
    }
  }
}

extension AnalysisPlan {
  /// - Throws: `AnalysisError.badPlan` naming the setting that makes no sense.
  func validate() throws {
    func check(_ condition: Bool, _ what: String) throws {
      guard condition else { throw AnalysisError(.badPlan, "behaviour '\(behaviour)': \(what)") }
    }
    try check(!pairs.isEmpty, "has no prompt pairs; give it some, or a data file whose records match")
    try check(
      !methods.isEmpty,
      "has no methods; name at least one of \(Method.allCases.map(\.rawValue).joined(separator: ", "))")
    try check(Set(pairs.map(\.name)).count == pairs.count, "two pairs have the same name; names must be unique")
    try check(floor >= 0 && floor.isFinite, "floor must be 0 or more")
    try check((1...10_000).contains(integratedGradientsSteps), "integrated_gradients_steps must be 1 to 10000")
    try check(tokenAttributionPairs >= 0, "token_attribution_pairs must be 0 (all) or more")
    try check(sufficiencyTarget > 0 && sufficiencyTarget.isFinite, "sufficiency_target must be above 0")
    try check((0...1).contains(comprehensivenessTarget), "comprehensiveness_target must be between 0 and 1")
    try check((100...1_000_000).contains(bootstrapResamples), "bootstrap_resamples must be 100 to 1000000")
    try check(confidence > 0 && confidence < 1, "confidence must be between 0 and 1")
    if let standing {
      try check((0..<1).contains(standing.flips), "flip_floor must be 0 or more and below 1")
      try check((0..<1).contains(standing.share), "share_floor must be 0 or more and below 1")
    }
    try check(
      !methods.contains(.pathPatching) || paths?.isEmpty == false,
      "path-patching has no paths to patch; name some under 'paths', such as L0H1>L1H2.q")
  }
}
