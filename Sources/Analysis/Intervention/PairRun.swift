/// The two runs of one prompt pair, and what patching between them gives.
public struct PairRun: Sendable {
  /// The model that ran both prompts.
  public let model: Transformer
  let decision: Decision
  let clean: Trace
  let counterfactual: Trace
  /// Decision value of the clean prompt.
  public let mClean: Double
  /// Decision value of the counterfactual prompt.
  public let mCounterfactual: Double

  /// Runs both prompts.
  /// - Parameters:
  ///   - clean: token ids of the clean prompt.
  ///   - counterfactual: token ids of the counterfactual prompt, as many.
  ///   - positive: ids of the answers that the decision value counts for.
  ///   - negative: ids of the answers that it counts against.
  /// - Throws: `AnalysisError` if the prompts do not align, an id is unknown, or a value is NaN or infinite.
  /// - Complexity: two forward passes.
  public init(model: Transformer, clean: [Int], counterfactual: [Int], positive: [Int], negative: [Int]) throws {
    try self.init(
      model: model,
      decision: try Decision(positive: positive, negative: negative, vocabulary: model.decisionCount), clean: clean,
      counterfactual: counterfactual)
  }

  /// Runs both prompts.
  /// - Throws: `AnalysisError.misaligned`, `.emptyPrompt`, `.promptTooLong`, `.vocabularyMismatch`, or `.notFinite` if an
  ///   activation or decision value is NaN or infinite.
  init(model: Transformer, decision: Decision, clean: [Int], counterfactual: [Int]) throws {
    try Self.checkAlignment(clean: clean, counterfactual: counterfactual)
    try model.checkMemory(length: clean.count)
    self.model = model
    self.decision = decision
    self.clean = try model.forward(clean)
    self.counterfactual = try model.forward(counterfactual)
    mClean = model.value(of: decision, at: self.clean.decisionRow(sequence: 0))
    mCounterfactual = model.value(of: decision, at: self.counterfactual.decisionRow(sequence: 0))
    for (name, m, trace) in [("clean", mClean, self.clean), ("counterfactual", mCounterfactual, self.counterfactual)] {
      guard m.isFinite, trace.residual.allSatisfy(\.isFinite) else {
        throw AnalysisError(
          .notFinite,
          "the \(name) prompt gives values that are NaN or infinite; look for such weights in the checkpoint")
      }
    }
  }

  /// - Throws: `AnalysisError.misaligned` if the two prompts do not have as many tokens.
  static func checkAlignment(clean: [Int], counterfactual: [Int]) throws {
    guard clean.count == counterfactual.count else {
      throw AnalysisError(
        .misaligned,
        "the clean prompt has \(clean.count) tokens and its counterfactual \(counterfactual.count); reword one so that both have as many"
      )
    }
  }

  /// m of each variant, on the clean prompt (noising) or on the counterfactual prompt (denoising).
  func values(_ variants: [[Node]], noising: Bool) -> [(m: Double, changed: [Bool])] {
    sweep(noising: noising).run(interventions(variants, noising: noising)).map { outcome in
      (
        outcome.residual.withUnsafeBufferPointer { row in
          row.baseAddress.map { model.value(of: decision, at: $0) } ?? .nan
        }, outcome.changed
      )
    }
  }

  func sweep(noising: Bool) -> Sweep { Sweep(model: model, base: noising ? clean : counterfactual, sequence: 0) }

  func interventions(_ sets: [[Node]], noising: Bool) -> [[Intervention]] {
    let other = noising ? counterfactual : clean
    return sets.map { $0.map { Intervention(Site($0), .run(other, sequence: 0)) } }
  }
}
