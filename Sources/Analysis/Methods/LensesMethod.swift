/// Logit lens, direct logit attribution, attention roles and head composition.
enum LensesMethod: AnalysisMethod {
  static let id = AnalysisPlan.Method.lenses
  static let question = "What do the layers and heads read and write on the way to the decision?"
  static let results: [any MethodResult.Type] = [LensSummary.self]

  static func cost(_ sheet: inout CostSheet) {
    let model = sheet.model
    guard model.isSingleToken, !model.detail.isEmpty, !model.model.asksOneSided else { return }
    sheet.passes("lenses", model.detail) { $0.rows * model.layers }
    sheet.interval(model.detail.count, 2 * (model.layers + 1) + model.nodes + 2)
    sheet.products("lens and weights", rows(model))
  }

  /// Unembeddings of every depth for each prompt, what looking at each token writes, and the composition of all pairs of layers.
  private static func rows(_ cost: CostModel) -> Double {
    let (architecture, layers, detail) = (cost.model.architecture, cost.layers, cost.detail)
    let width = Double(architecture.width)
    let (queries, projection) = (Double(architecture.queryWidth), Double(architecture.projectionWidth))
    let mlp = Double(architecture.hidden + architecture.hiddenInputs)
    let perRow = width * (projection + queries + mlp)
    let unembedding = (layers + 1) * Double(cost.model.decisionCount) * width
    let tokens = detail.reduce(0) { $0 + $1.tokens } / Double(detail.count)
    let looking = layers * tokens * 2 * queries * width
    let composes = cost.model.composesHeads ? 1.0 : 0
    let composition = composes * layers * (layers - 1) / 2 * 3 * queries * queries * width
    let folding = composes * layers * 2 * projection * projection * width
    return (Double(detail.count) * (unembedding + looking) + composition + folding) / perRow
  }

  static func run(_ job: inout AnalysisJob) throws {
    guard try job.isDefined("lenses"), isDefined(&job) else { return }
    let drawn = job.detail
    var collector = LensCollector(
      model: job.model, decision: job.decision, delimiters: Set(job.encoder.specialIDs.after))
    for (done, index) in drawn.enumerated() {
      try job.step("lenses", done, drawn.count)
      guard let ids = job.outcome.tokens.prompts[index]?[0] else { continue }
      collector.add(ids, try job.model.forward(ids, for: job.decision))
    }
    job.outcome.result.lenses = collector.summary(job.bootstrap(drawn.count), strongest: 20)
  }

  /// Refuses what lenses cannot mean on this model.
  /// - Returns: whether anything is left.
  private static func isDefined(_ job: inout AnalysisJob) -> Bool {
    let model = job.model
    guard !model.asksOneSided else {
      job.refuse(
        "lenses", .notDefined,
        "they compare the distribution over all classes that each layer's stream would give, and the outputs of this model "
          + "(\(model.head.rawValue)) stand each for itself")
      return false
    }
    if !model.addsToOneStream {
      job.refuse(
        "direct logit attribution", .notDefined,
        model.composesHeads
          ? "layers of the head's own stand between this model's stream and its logits, so that no contribution to the stream is one to a logit"
          : "this model (\(model.modelType)) norms its stream after each addition, so that contributions do not add up to the logits"
      )
    }
    if !model.composesHeads {
      job.refuse(
        "head composition", .notDefined,
        "this model (\(model.modelType)) norms its stream after each addition, so that a later head does not read what an earlier one wrote as it was written"
      )
    }
    return true
  }
}

extension AnalysisPlan.Method {
  /// Logit lens, direct logit attribution, attention roles and head composition.
  public static let lenses = Self("lenses")
}

extension AnalysisSummary {
  /// What the lenses show of the clean prompts.
  public var lenses: LensSummary? {
    get { self[LensSummary.self] }
    set { self[LensSummary.self] = newValue }
  }
}

extension LensSummary: MethodResult {
  /// Its key.
  public static let key = "lenses"
}
