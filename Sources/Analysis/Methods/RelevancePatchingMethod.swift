/// Relevance patching (RelP) beside attribution patching, held against exact effects. Only where it is named.
enum RelevancePatchingMethod: AnalysisMethod {
  static let id = AnalysisPlan.Method.relevancePatching
  static let question = "What would each head and MLP do, by the rules of relevance propagation?"
  static let isNamedOnly = true
  static let results: [any MethodResult.Type] = [RelevanceEvidence.self]

  static func cost(_ sheet: inout CostSheet) {
    sheet.takesGradientsInBatches = true
    let (model, needs) = (sheet.model, sheet.model.plan.needs)
    let passes = needs.contains(.attribution) ? 2.0 : 3
    sheet.passes(
      "relevance patching", model.detail, forward: { model.both($0) + model.exact($0) },
      backward: { passes * $0.rows * model.layers })
    sheet.interval(model.detail.count, 4 * model.nodes)
  }

  static func run(_ job: inout AnalysisJob) throws {
    let drawn = job.detail
    let nodes = job.outcome.result.nodes
    var (held, attended, attribution, exact) = ([[Double]](), [[Double]](), [[Double]](), [[Double]]())
    for (done, index) in drawn.enumerated() {
      try job.step("relevance patching", done, drawn.count)
      let run = try job.pairRun(index)
      held.append(run.relevances(patternHeld: true))
      attended.append(run.relevances(patternHeld: false))
      attribution.append(job.outcome.result.pairs[index].attribution ?? run.attributions())
      exact.append(job.outcome.result.pairs[index].noising ?? run.effects(noising: true))
    }
    guard (held + attended + attribution + exact).joined().allSatisfy(\.isFinite) else {
      return job.refuseNotFinite("relevance patching")
    }
    let bootstrap = job.bootstrap(drawn.count)
    job.outcome.result.relevance = RelevanceEvidence(
      pairs: drawn.count,
      effects: nodes.enumerated().map { i, node in
        func mean(_ values: [[Double]]) -> Estimate { bootstrap.mean(values.map { $0[i] }) }
        return .init(
          node: node, relevance: mean(held), attended: mean(attended), attribution: mean(attribution),
          exact: mean(exact))
      })
    job.outcome.approximations += Approximation.relevances(
      held: held.flatMap { $0 }, attended: attended.flatMap { $0 }, attribution: attribution.flatMap { $0 },
      exact: exact.flatMap { $0 })
  }

  static func findings(of result: AnalysisResult, plan: AnalysisPlan) -> [Finding] {
    (result.relevance?.effects ?? []).flatMap { effect in
      [
        ("relevance", "attention patterns held", effect.relevance),
        ("relevance-attended", "the softmax's derivative kept", effect.attended),
      ].map { name, words, estimate in
        Finding(
          id: "\(name).\(effect.node)",
          title: "effect of setting \(effect.node) to its counterfactual value, by relevance patching, \(words)",
          standing: .screened, estimate: estimate, unit: "logits", nodes: [effect.node])
      }
    }
  }
}

extension AnalysisPlan.Method {
  /// Relevance patching (RelP) beside attribution patching, held against exact effects. Only where it is named.
  public static let relevancePatching = Self("relevance-patching")
}

extension AnalysisSummary {
  /// Relevance patching beside attribution patching (nil if not asked for).
  public var relevance: RelevanceEvidence? {
    get { self[RelevanceEvidence.self] }
    set { self[RelevanceEvidence.self] = newValue }
  }
}

extension CostModel {
  /// Exact effects of heads and MLPs, where nothing else asks for them.
  func exact(_ pair: Pair) -> Double { plan.needs.contains(.exact) ? 0 : single(pair.changed) }
}

/// Relevance patching (RelP) beside attribution patching and exact effects, means over some of the behaviour's pairs.
public struct RelevanceEvidence: MethodResult {
  /// Its key.
  public static let key = "relevance"
  /// Its tables.
  public static let tableNames = ["relevance"]

  /// One head's or MLP's estimates of its noising effect.
  public struct Effect: Codable, Sendable, Equatable {
    /// The head or MLP.
    public var node: Node
    /// Approximate: RelP with attention patterns held.
    public var relevance: Estimate
    /// Approximate: RelP with the softmax's own derivative.
    public var attended: Estimate
    /// Approximate: attribution patching, on the same pairs.
    public var attribution: Estimate
    /// Exact: the noising effect, on the same pairs.
    public var exact: Estimate
  }

  /// Pairs that it rests on.
  public var pairs: Int
  /// By node, in the model's order.
  public var effects: [Effect]

  /// The estimates beside what is exact.
  public var tables: [ResultTable] {
    [
      ResultTable(
        "relevance", pairs: pairs,
        effects.map { ("\($0.node)", [$0.relevance, $0.attended, $0.attribution, $0.exact]) },
        estimates: [Approximation.relevance, Approximation.relevanceThroughAttention, Approximation.besideRelevance])
    ]
  }
}

extension Approximation {
  static let relevance = "relevance patching"
  static let relevanceThroughAttention = "relevance patching, attention's derivative kept"
  static let besideRelevance = "attribution patching, on the pairs of relevance patching"

  static let samePairs =
    "every head and MLP was also patched exactly (noising) on the same pairs; the error is per pair and node, in logits"

  /// The three estimates of heads' and MLPs' effects that one backward pass each gives, on the same pairs and held against the same
  /// exact values.
  static func relevances(
    held: [Double], attended: [Double], attribution: [Double], exact: [Double]
  ) -> [Approximation] {
    let rules =
      "each norm is linear with its scale held, each activation function a multiplication with f(x)/x, each gate half of each factor"
    return [
      compared(
        relevance,
        assumption: "\(rules), and attention linear with its pattern held: where a head looks does not change",
        approximate: held, exact: exact, note: samePairs),
      compared(
        relevanceThroughAttention, assumption: "\(rules); attention's pattern is linear in queries and keys",
        approximate: attended, exact: exact, note: samePairs),
      compared(
        besideRelevance,
        assumption: "the decision value is linear in each activation between its clean and its counterfactual value",
        approximate: attribution, exact: exact, note: samePairs),
    ]
  }
}

extension PairRun {
  /// Relevance patching (RelP; Rezaei Jafari, Eberle, Khakzar, Nanda 2025, arXiv:2508.21258): Σ over positions of
  /// (a_cf − a_clean)·(coefficient of layer-wise relevance propagation at the clean run), in the order of the model's `nodes`; an
  /// estimate of the noising effects in attribution patching's form.
  /// - Parameter patternHeld: whether attention patterns are held (AH rule). What a head does to where later heads look then
  ///   counts for nothing; otherwise the softmax keeps its derivative.
  /// - Complexity: one backward pass.
  public func relevances(patternHeld: Bool) -> [Double] {
    model.attributions(
      clean: clean, counterfactual: counterfactual,
      gradients: model.gradients(of: decision, clean, rule: .relevance(patternHeld: patternHeld)))
  }
}
