/// Sign-flip tests of every node's exact effects, adjusted for testing all of them; how the effect spreads over prompts.
enum SignificanceMethod: AnalysisMethod {
  static let id = AnalysisPlan.Method.significance
  static let question = "Which heads and MLPs matter once all are tested together?"
  static let needs: NodeMeasurement = .exact
  static let results: [any MethodResult.Type] = [NodeSignificance.self, PromptSpread.self]

  static func cost(_ sheet: inout CostSheet) {
    let n = sheet.model.pairs.count
    let nulls = n < 14 ? Double(1 << n) : Double(PermutationTest.usualDraws)
    sheet.statistics.flipped += sheet.model.nodes * Double(n) * nulls
  }

  static func run(_ job: inout AnalysisJob) throws {
    let pairs = job.accepted.map { job.outcome.result.pairs[$0] }
    let measured = job.outcome.result.pairs.filter { $0.totalEffect != nil }
    job.outcome.result.spread = PromptSpread(
      measured.compactMap { $0.totalEffect.map(abs) }, names: measured.map(\.name), worst: .highest)
    let effects = job.outcome.result.nodes.enumerated().map { i, node in
      (node: node, effects: pairs.compactMap { $0.noising?[i] })
    }
    job.outcome.result.significance = NodeSignificance.test(effects, seed: job.plan.seed)
  }
}

extension AnalysisPlan.Method {
  /// Sign-flip tests of every node's exact effects, adjusted for testing all of them; how the effect spreads over prompts.
  public static let significance = Self("significance")
}

extension AnalysisSummary {
  /// Which nodes' effects lie away from 0 (nil if not asked for).
  public var significance: NodeSignificance? {
    get { self[NodeSignificance.self] }
    set { self[NodeSignificance.self] = newValue }
  }
}

extension AnalysisSummary {
  /// How m_counterfactual − m_clean spreads over the pairs; the worst are those with the largest |effect|.
  public var spread: PromptSpread? {
    get { self[PromptSpread.self] }
    set { self[PromptSpread.self] = newValue }
  }
}

extension NodeSignificance: MethodResult {
  /// Its key.
  public static let key = "significance"
}

extension PromptSpread: MethodResult {
  /// Its key.
  public static let key = "spread"
}
