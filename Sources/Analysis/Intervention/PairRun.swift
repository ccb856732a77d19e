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

  /// Runs both prompts, with answers of one token.
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
      decision: try Decision(positive: positive.map { [$0] }, negative: negative.map { [$0] }, model: model),
      clean: clean, counterfactual: counterfactual)
  }

  /// Runs both prompts.
  /// - Throws: `AnalysisError.misaligned`, `.emptyPrompt`, `.promptTooLong`, `.vocabularyMismatch`, or `.notFinite` if an
  ///   activation or decision value is NaN or infinite.
  /// - Parameter types: the types of each prompt's tokens; nil: all 0.
  init(
    model: Transformer, decision: Decision, clean: [Int], counterfactual: [Int],
    types: (clean: [Int]?, counterfactual: [Int]?) = (nil, nil)
  ) throws {
    try Self.checkAlignment(clean: clean, counterfactual: counterfactual)
    try Self.checkPlaces(model, decision, clean: clean, counterfactual: counterfactual)
    try model.checkMemory(length: (clean.count + decision.tail - 1) * decision.continuations.count)
    self.model = model
    self.decision = decision
    self.clean = try model.forward(clean, types: types.clean, for: decision)
    self.counterfactual = try model.forward(counterfactual, types: types.counterfactual, for: decision)
    mClean = model.value(of: decision, self.clean)
    mCounterfactual = model.value(of: decision, self.counterfactual)
    for (name, m, trace) in [("clean", mClean, self.clean), ("counterfactual", mCounterfactual, self.counterfactual)] {
      guard m.isFinite, trace.residual.allSatisfy(\.isFinite) else {
        throw AnalysisError(
          .notFinite,
          "the \(name) prompt gives values that are NaN or infinite; look for such weights in the checkpoint")
      }
    }
  }

  /// Two runs that were made already, of as many tokens and read at the same positions.
  init(model: Transformer, decision: Decision, clean: Trace, counterfactual: Trace) {
    precondition(
      clean.length == counterfactual.length && clean.decided == counterfactual.decided, "runs of different shape")
    (self.model, self.decision, self.clean, self.counterfactual) = (model, decision, clean, counterfactual)
    mClean = model.value(of: decision, clean)
    mCounterfactual = model.value(of: decision, counterfactual)
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

  /// - Throws: `AnalysisError.misaligned` if the two prompts are decided at different positions, otherwise as `Transformer.check`.
  static func checkPlaces(
    _ model: Transformer, _ decision: Decision, clean: [Int], counterfactual: [Int]
  ) throws {
    let places = try [clean, counterfactual].map { prompt in
      try model.check(prompt: prompt, for: decision)
      return try model.decided(in: decision.sequences(after: prompt)[0], for: decision)
    }
    guard places[0] != places[1] else { return }
    throw AnalysisError(
      .misaligned,
      "the clean prompt is decided at position \(places[0].lowerBound) and its counterfactual at \(places[1].lowerBound); reword one so that the mask stands at the same place"
    )
  }

  /// m of each variant, on the clean prompt (noising) or on the counterfactual prompt (denoising).
  func values(_ variants: [[Node]], noising: Bool) -> [(m: Double, changed: [Bool])] {
    values(onCleanRun: noising) { interventions(variants, noising: noising, sequence: $0) }
  }

  /// m of each variant, and of each of its interventions whether it changed a bit of any sequence.
  /// - Parameter variants: the variants on one sequence of the run; as many for each.
  func values(
    onCleanRun isClean: Bool, recomputeUnchanged: Bool = false, _ variants: (_ sequence: Int) -> [[Intervention]]
  ) -> [(m: Double, changed: [Bool])] {
    let outcomes = outcomes(onCleanRun: isClean, recomputeUnchanged: recomputeUnchanged, variants)
    guard let first = outcomes.first else { return [] }
    let width = model.architecture.width
    // [variant][sequence][decided, width]
    let (sequences, decided) = (outcomes.count, clean.decided.count)
    let rows = Matrix(rows: first.count * sequences * decided, columns: width, zeroed: false)
    for (s, list) in outcomes.enumerated() {
      for (v, outcome) in list.enumerated() {
        rows.copy(rows: decided, from: outcome.residual, to: (v * sequences + s) * decided)
      }
    }
    let m = model.values(
      of: decision,
      at: first.indices.map { v in
        (0..<sequences).map { UnsafePointer(rows.row((v * sequences + $0) * decided)) }
      }, rowsRead: clean.rowsRead)
    return withExtendedLifetime(rows) {
      m.enumerated().map { v, m in
        (m, first[v].changed.indices.map { i in outcomes.contains { $0[v].changed[i] } })
      }
    }
  }

  /// What a sweep of each sequence gives: by sequence, by variant.
  func outcomes(
    onCleanRun isClean: Bool, recomputeUnchanged: Bool = false, _ variants: (_ sequence: Int) -> [[Intervention]]
  ) -> [[Sweep.Outcome]] {
    (0..<clean.sequences).map { sequence in
      var sweep = sweep(noising: isClean, sequence: sequence)
      sweep.recomputeUnchanged = recomputeUnchanged
      return sweep.run(variants(sequence))
    }
  }

  func sweep(noising: Bool, sequence: Int = 0) -> Sweep {
    Sweep(model: model, base: noising ? clean : counterfactual, sequence: sequence)
  }

  func interventions(_ sets: [[Node]], noising: Bool, sequence: Int = 0) -> [[Intervention]] {
    let other = noising ? counterfactual : clean
    return sets.map { $0.map { Intervention(Site($0), .run(other, sequence: sequence)) } }
  }
}
