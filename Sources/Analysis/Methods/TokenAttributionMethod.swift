/// Gradient × input and integrated gradients per token (Sundararajan, Taly, Yan 2017), and what zeroing each token's embedding does.
enum TokenAttributionMethod: AnalysisMethod {
  static let id = AnalysisPlan.Method.tokenAttribution
  static let question = "What does each token of the prompt contribute to the decision?"
  static let results: [any MethodResult.Type] = [[AnalysisResult.TokenAttribution].self]

  static func cost(_ sheet: inout CostSheet) {
    let (model, points) = (sheet.model, Double(sheet.model.plan.integratedGradientsSteps))
    sheet.passes(
      "token attribution", model.drawn(model.plan.tokenAttributionPairs),
      forward: { model.both($0) + (points * $0.rows + $0.rows * ($0.tokens + 1) / 2) * model.layers },
      backward: { (points + 1) * $0.rows * model.layers })
    sheet.takesGradientsInBatches = true
  }

  static func run(_ job: inout AnalysisJob) throws {
    let plan = job.plan
    var generator = SplitMix64(seed: plan.seed)
    let wanted = plan.tokenAttributionPairs == 0 ? job.accepted.count : plan.tokenAttributionPairs
    let drawn = generator.sample(wanted, of: job.accepted.count).map { job.accepted[$0] }
    var attributions: [AnalysisResult.TokenAttribution] = []
    for (done, index) in drawn.enumerated() {
      try job.step("token attribution", done, drawn.count)
      let run = try job.pairRun(index)
      let ids = job.outcome.tokens.prompts[index] ?? []
      let scores = job.model.tokenScores(
        of: job.decision, ids: ids[0], clean: run.clean, counterfactual: run.counterfactual,
        cleanGradients: job.model.gradients(of: job.decision, run.clean), steps: plan.integratedGradientsSteps)
      attributions.append(
        AnalysisResult.TokenAttribution(
          pair: plan.pairs[index].name, tokens: job.encoder.texts(of: ids[0]),
          counterfactualTokens: job.encoder.texts(of: ids[1]), zeroed: run.zeroedTokenEffects(ids[0]),
          gradientTimesInput: scores.gradientTimesInput, integratedGradients: scores.integratedGradients,
          completenessResidual: scores.completenessResidual))
    }
    job.outcome.result.tokenAttributions = attributions
    job.outcome.approximations.append(
      .gradientTimesInput(
        approximate: attributions.flatMap(\.gradientTimesInput), exact: attributions.flatMap(\.zeroed)))
    job.outcome.approximations.append(
      .integratedGradients(residuals: attributions.map(\.completenessResidual), steps: plan.integratedGradientsSteps))
  }

  static func findings(of result: AnalysisResult, plan: AnalysisPlan) -> [Finding] {
    guard !result.tokenAttributions.isEmpty else { return [] }
    return [
      Finding(
        id: "token-attribution",
        title: "contribution of each token to the decision value, \(result.tokenAttributions.count) drawn pairs",
        standing: .screened, estimate: nil, unit: "logits")
    ]
  }
}

extension AnalysisPlan.Method {
  /// Gradient × input and integrated gradients per token.
  public static let tokenAttribution = Self("token-attribution")
}

extension AnalysisSummary {
  /// Token attributions of the drawn pairs.
  public var tokenAttributions: [AnalysisResult.TokenAttribution] {
    get { self[[AnalysisResult.TokenAttribution].self] ?? [] }
    set { self[[AnalysisResult.TokenAttribution].self] = newValue }
  }
}

extension AnalysisResult {
  /// Token attribution of one pair.
  public struct TokenAttribution: ListedResult {
    /// The list's key.
    public static let listKey = "tokenAttributions"
    /// The pair's name in the plan.
    public var pair: String
    /// The clean prompt's tokens as text, leading spaces kept.
    public var tokens: [String]
    /// The counterfactual prompt's tokens as text.
    public var counterfactualTokens: [String]
    /// Exact: m(clean) − m(clean with this position's token embedding set to zero), per position. An input that the model
    /// was never trained on.
    public var zeroed: [Double]
    /// Approximate: embedding(clean) · ∂m/∂embedding, per position; a first-order estimate of `zeroed`.
    public var gradientTimesInput: [Double]
    /// Approximate: integrated gradients over the input embeddings, counterfactual → clean, per position.
    public var integratedGradients: [Double]
    /// Σ integratedGradients − (m_clean − m_counterfactual): what the midpoint rule leaves over.
    public var completenessResidual: Double
  }
}

extension Approximation {
  static func gradientTimesInput(approximate: [Double], exact: [Double]) -> Approximation {
    compared(
      "gradient × input",
      assumption: "the decision value is linear in each token's embedding down to zero",
      approximate: approximate, exact: exact,
      note:
        "held against m(clean) − m(token embedding set to zero), computed exactly for every token of the drawn pairs, in logits; a zeroed embedding is an input that the model was never trained on"
    )
  }

  static func integratedGradients(residuals: [Double], steps: Int) -> Approximation {
    let largest = residuals.map(abs).max()
    return Approximation(
      method: "integrated gradients",
      assumption:
        "the path integral is the mean over \(steps) midpoints between the counterfactual and the clean embedding",
      verified: residuals.count, pearson: nil, spearman: nil, largestError: largest,
      largestPossiblyMissed: nil, checked: largest != nil,
      note: largest == nil
        ? "nothing could be compared: no pair was left"
        : "the error is the largest completeness residual |Σ attributions − (m_clean − m_counterfactual)|, in logits")
  }
}

extension PairRun {
  /// m(clean) − m(clean with one position's token embedding set to zero), exactly, per position: what gradient × input
  /// estimates to first order.
  /// - Complexity: one batched sweep of `length` variants.
  func zeroedTokenEffects(_ ids: [Int]) -> [Double] {
    let width = model.architecture.inputWidth
    let input = clean.input
    return values(onCleanRun: true) { sequence in
      ids.enumerated().map { position, id -> [Intervention] in
        let row = input.row(sequence * clean.length + position)
        let token = model.tokenEmbedding.pointer + id * width
        let rest = Matrix(rows: 1, columns: width, zeroed: false)
        for i in 0..<width { rest.pointer[i] = row[i] - model.architecture.embeddingScale * token[i] }
        let entering = model.embeddingSteps.forward(rest)
        return [
          Intervention(
            .residualPre(layer: 0), positions: position..<position + 1,
            .values(entering.buffer.array(0..<entering.columns)))
        ]
      }
    }.map { mClean - $0.m }
  }
}
