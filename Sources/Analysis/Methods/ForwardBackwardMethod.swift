/// The stronger circuit search (FoBa with a gradient forward step).
enum ForwardBackwardMethod: AnalysisMethod {
  static let id = AnalysisPlan.Method.forwardBackward
  static let question = "Which heads does a stronger search find, and does it find others?"
  static let results: [any MethodResult.Type] = [ForwardBackwardCircuit.self]

  static func cost(_ sheet: inout CostSheet) {
    sheet.drawnCircuits()
    let (model, stronger) = (sheet.model, CostModel.stronger)
    sheet.passes(
      "stronger circuit search", model.detail,
      forward: {
        (model.nulls + stronger.searched) * $0.changed * model.layers + stronger.steps * $0.rows * model.layers
      },
      backward: { stronger.steps * $0.rows * model.layers })
    sheet.interval(model.detail.count, 2)
  }

  static func run(_ job: inout AnalysisJob) throws {
    guard let drawn = try job.drawnCircuits() else { return }
    let (values, oracle) = (drawn.values, drawn.oracle)
    try job.step("stronger circuit search", 0, 1)
    let empty = try values.losses([[]])[0]
    let selection = try ForwardBackwardSearch(
      candidates: values.heads, target: 0.1 * empty, leastGain: 0.01 * empty, width: 3, takesAway: true
    ).run(oracle)
    let bootstrap = job.bootstrap(values.evaluation.full.count)
    let (sufficiency, comprehensiveness) = try values.scores(selection.nodes, bootstrap)
    job.outcome.result.forwardBackward = ForwardBackwardCircuit(
      pairs: values.evaluation.full.count, selection: selection, sufficiency: sufficiency,
      comprehensiveness: comprehensiveness, nulls: try job.nulls(of: selection.nodes, values))
  }

  static func findings(of result: AnalysisResult, plan: AnalysisPlan) -> [Finding] {
    guard let stronger = result.forwardBackward else { return [] }
    let scores = [
      ("sufficiency", "that the stronger search's heads carry alone", stronger.sufficiency),
      ("comprehensiveness", "that is lost without the stronger search's heads", stronger.comprehensiveness),
    ]
    return scores.map { name, words, estimate in
      Finding(
        id: "forward-backward.\(name)", title: "share of the heads' effect \(words)",
        standing: Finding.standing(estimate, null: 0), estimate: estimate, unit: "ratio",
        nodes: stronger.selection.nodes)
    } + stronger.nulls.map { Finding.null($0, of: "forward-backward", stronger.selection.nodes, plan) }
  }
}

extension AnalysisPlan.Method {
  /// The stronger circuit search (FoBa with a gradient forward step).
  public static let forwardBackward = Self("forward-backward")
}

extension AnalysisSummary {
  /// The circuit of the stronger search.
  public var forwardBackward: ForwardBackwardCircuit? {
    get { self[ForwardBackwardCircuit.self] }
    set { self[ForwardBackwardCircuit.self] = newValue }
  }
}

/// The circuit of the stronger search (FoBa with a gradient forward step), measured exactly on the pairs it was found on.
public struct ForwardBackwardCircuit: MethodResult {
  /// Its key.
  public static let key = "forwardBackward"

  /// Pairs that were drawn for the search.
  public var pairs: Int
  /// The heads and how the search came to them.
  public var selection: ForwardBackwardSelection
  /// Exact (m(C) − m(∅))/(m(N) − m(∅)), a ratio of means with its interval. Never clipped.
  public var sufficiency: Estimate
  /// Exact (m(N) − m(N∖C))/(m(N) − m(∅)), a ratio of means with its interval. Never clipped.
  public var comprehensiveness: Estimate
  /// Its exact sufficiency against random circuits, as in `CircuitEvidence.nulls`.
  public var nulls: [RandomCircuitNull]
}
