/// Random-circuit nulls, stability, completeness, minimality, backup heads and rivals of the circuit found.
enum CircuitChecksMethod: AnalysisMethod {
  static let id = AnalysisPlan.Method.circuitChecks
  static let question = "What stands for and against the circuit?"
  static let goesOnFrom: [AnalysisPlan.Method] = [.circuit]
  static let results: [any MethodResult.Type] = [CircuitEvidence.self]

  static func cost(_ sheet: inout CostSheet) {
    sheet.drawnCircuits()
    let (model, stronger) = (sheet.model, CostModel.stronger)
    // Resamples, completeness, curves, backups, a rival.
    let circuits = model.nulls + 60 + 2 * model.heads + stronger.searched
    sheet.passes(
      "circuit checks", model.detail,
      forward: { circuits * $0.changed * model.layers + stronger.steps * $0.rows * model.layers },
      backward: { stronger.steps * $0.rows * model.layers })
  }

  static func run(_ job: inout AnalysisJob) throws {
    guard let circuit = job.outcome.result.circuit?.heads, let drawnCircuits = try job.drawnCircuits() else { return }
    let (values, oracle, drawn) = (drawnCircuits.values, drawnCircuits.oracle, job.detail)
    try job.step("checks of the circuit", 0, 1)
    let pairs = drawn.map { job.outcome.result.pairs[$0] }
    let signs = values.evaluation.signs
    func counted(_ value: (AnalysisResult.Pair) -> Double) -> [Double] { zip(signs, pairs).map { $0 * value($1) } }
    func byHead(_ values: (AnalysisResult.Pair) -> [Double]?) -> [(node: Node, values: [Double])] {
      job.outcome.result.nodes.enumerated().compactMap { i, node in
        node.isHead ? (node: node, values: counted { values($0)?[i] ?? 0 }) : nil
      }
    }
    let attributions = byHead(\.attribution)
    // What chose the circuit chooses it again.
    let chosenBy = job.outcome.result.circuit?.forward == .exact ? byHead(\.noising) : attributions
    let differences = counted { -($0.totalEffect ?? 0) }
    let sign: Double = values.range > 0 ? 1 : -1
    let scores = attributions.map { (node: $0.node, score: -sign * $0.values.reduce(0, +)) }
    let search = AsymmetricSearch(
      sufficiencyTarget: job.plan.sufficiencyTarget, comprehensivenessTarget: job.plan.comprehensivenessTarget)
    let stability = try CircuitStability.bootstrap(
      circuit, n: drawn.count, resamples: 100, seed: job.plan.seed
    ) { indices in try values.search(search, chosenBy, differences, on: indices) }
    job.outcome.result.circuitEvidence = CircuitEvidence(
      pairs: drawn.count, nulls: try job.nulls(of: circuit, values), stability: stability,
      checks: try CircuitChecks.run(circuit, universe: values.heads, seed: job.plan.seed, values: values.kept),
      curves: try [FaithfulnessCurve.Ranking.signed, .absolute].map {
        try FaithfulnessCurve.measure(scores, ranking: $0, values: values.kept)
      },
      backups: try BackupNodes.measure(given: circuit, nodes: values.heads, values: values.ablated),
      rival: circuit.count < values.heads.count
        ? try RivalCircuit.search(circuit, universe: values.heads, width: 3, oracle: oracle) : nil)
  }

  static func findings(of result: AnalysisResult, plan: AnalysisPlan) -> [Finding] {
    guard let evidence = result.circuitEvidence else { return [] }
    var findings = evidence.nulls.map { Finding.null($0, of: "circuit", result.circuit?.heads ?? [], plan) }
    if let rival = evidence.rival {
      findings.append(
        Finding(
          id: "circuit.rival", title: "another set of heads that is at least as faithful as the circuit",
          standing: rival.isRival ? .measured : .notEstablished, estimate: nil, unit: "", nodes: rival.nodes))
    }
    return findings
  }
}

extension AnalysisPlan.Method {
  /// Random-circuit nulls, stability, completeness, minimality, backup heads and rivals of the circuit found.
  public static let circuitChecks = Self("circuit-checks")
}

extension AnalysisSummary {
  /// What stands for and against the circuit (nil if not asked for, or if there is no circuit).
  public var circuitEvidence: CircuitEvidence? {
    get { self[CircuitEvidence.self] }
    set { self[CircuitEvidence.self] = newValue }
  }
}

/// What stands for and against the circuit that the asymmetric search found: the questions that an expert asks next, answered
/// exactly on some of the behaviour's pairs.
public struct CircuitEvidence: MethodResult {
  /// Its key.
  public static let key = "circuitEvidence"

  /// Pairs that were drawn for these checks.
  public var pairs: Int
  /// Exact sufficiency against random circuits: with as many heads in each layer, and with as many heads in all.
  public var nulls: [RandomCircuitNull]
  /// The same search on bootstrap resamples of the pairs.
  public var stability: CircuitStability
  /// Completeness and minimality.
  public var checks: CircuitChecks
  /// Faithfulness of circuits of growing size, heads ranked by attribution patching.
  public var curves: [FaithfulnessCurve]
  /// Heads that take over when the circuit's fail.
  public var backups: BackupNodes
  /// Another circuit at least as faithful, with little of this one; nil if every head is in the circuit.
  public var rival: RivalCircuit?
}
