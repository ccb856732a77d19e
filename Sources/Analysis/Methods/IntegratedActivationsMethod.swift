/// Integrated gradients along each head's and MLP's own way to its counterfactual value. Only where it is named.
enum IntegratedActivationsMethod: AnalysisMethod {
  static let id = AnalysisPlan.Method.integratedActivations
  static let question = "What does each head and MLP do, followed along its own way?"
  static let isNamedOnly = true
  static let results: [any MethodResult.Type] = [IntegratedActivations.self]

  /// Points of each way.
  static let steps = 8

  static func cost(_ sheet: inout CostSheet) {
    sheet.takesGradientsInBatches = true
    let model = sheet.model
    let points = model.nodes * Double(steps)
    sheet.passes(
      "integrated activations", model.few, forward: { model.both($0) + points * $0.rows * model.layers },
      backward: { points * $0.rows * model.layers })
    sheet.interval(model.few.count, 2 * model.nodes)
  }

  static func run(_ job: inout AnalysisJob) throws {
    let chosen = job.few
    let nodes = job.outcome.result.nodes
    var integrated: [[Double]] = []
    var exact: [[Double]] = []
    for (done, index) in chosen.enumerated() {
      try job.step("integrated activations", done, chosen.count)
      let run = try job.pairRun(index)
      integrated.append(nodes.map { run.integratedEffect(of: $0, steps: steps) })
      exact.append(job.outcome.result.pairs[index].noising ?? run.effects(noising: true))
    }
    guard (integrated + exact).joined().allSatisfy(\.isFinite) else {
      return job.refuseNotFinite("integrated activations")
    }
    let bootstrap = job.bootstrap(chosen.count)
    job.outcome.result.integratedActivations = IntegratedActivations(
      pairs: chosen.count, steps: steps,
      effects: nodes.enumerated().map { i, node in
        .init(
          node: node, integrated: bootstrap.mean(integrated.map { $0[i] }), exact: bootstrap.mean(exact.map { $0[i] }))
      })
    job.outcome.approximations.append(
      .integratedActivations(
        approximate: integrated.flatMap { $0 }, exact: exact.flatMap { $0 }, steps: steps))
  }

  static func findings(of result: AnalysisResult, plan: AnalysisPlan) -> [Finding] {
    (result.integratedActivations?.effects ?? []).map { effect in
      Finding(
        id: "integrated-activations.\(effect.node)",
        title:
          "effect of setting \(effect.node) to its counterfactual value, by integrated gradients over its activation",
        standing: .screened, estimate: effect.integrated, unit: "logits", nodes: [effect.node])
    }
  }
}

extension AnalysisPlan.Method {
  /// Integrated gradients along each head's and MLP's own way to its counterfactual value. Only where it is named.
  public static let integratedActivations = Self("integrated-activations")
}

extension AnalysisSummary {
  /// Integrated gradients over activations (nil if not asked for).
  public var integratedActivations: IntegratedActivations? {
    get { self[IntegratedActivations.self] }
    set { self[IntegratedActivations.self] = newValue }
  }
}

/// Integrated gradients over activations, means over some of the behaviour's pairs.
public struct IntegratedActivations: MethodResult {
  /// Its key.
  public static let key = "integratedActivations"
  /// Its tables.
  public static let tableNames = ["integrated"]

  /// One head's or MLP's effect.
  public struct Effect: Codable, Sendable, Equatable {
    /// The head or MLP.
    public var node: Node
    /// Approximate: the noising effect by integrated gradients along the node's own way to its counterfactual value.
    public var integrated: Estimate
    /// Exact: the noising effect on the same pairs.
    public var exact: Estimate
  }

  /// Pairs that it rests on.
  public var pairs: Int
  /// Points of the way.
  public var steps: Int
  /// By node, in the model's order.
  public var effects: [Effect]

  /// The estimate beside what is exact.
  public var tables: [ResultTable] {
    [ResultTable("integrated", pairs: pairs, points: steps, effects.map { ("\($0.node)", [$0.integrated, $0.exact]) })]
  }
}

extension Approximation {
  static func integratedActivations(approximate: [Double], exact: [Double], steps: Int) -> Approximation {
    compared(
      "integrated gradients over activations",
      assumption:
        "the path integral is the mean over \(steps) midpoints between an activation's clean and its counterfactual value",
      approximate: approximate, exact: exact,
      note: "every head and MLP was also patched exactly (noising) on the same pairs, in logits")
  }
}

extension PairRun {
  /// Integrated gradients over one node's activation: Σ over positions of (a_cf − a_clean)·(mean of ∂m/∂a while a goes straight from
  /// its clean to its counterfactual value at all positions), everything else computed from there. With many points this is
  /// the node's exact noising effect (completeness; Sundararajan, Taly, Yan 2017, proposition 1, for the function of a alone).
  /// - Parameter steps: points of the midpoint rule.
  /// - Complexity: `steps` forward and backward passes in batches.
  public func integratedEffect(of node: Node, steps: Int) -> Double {
    let (rows, site, headWidth) = (clean.rows, Site(node), model.architecture.headWidth)
    let here = clean.place(of: site, sequence: 0, headWidth: headWidth)
    let there = counterfactual.place(of: site, sequence: 0, headWidth: headWidth)
    let most = model.rowsThatFit(
      bytesPerRow: model.traceBytesPerRow + model.gradientBytesPerRow, fixed: 2 * rows * model.traceBytesPerRow)
    let batch = max(1, min(steps, most / rows))
    var sum = 0.0
    for first in stride(from: 0, to: steps, by: batch) {
      let count = min(batch, steps - first)
      let input = Matrix(rows: count * rows, columns: model.architecture.inputWidth, zeroed: false)
      for point in 0..<count { input.copy(rows: rows, from: clean.input.pointer, to: point * rows) }
      let trace = model.forward(input, length: clean.length, decided: clean.decided) { stage, activation in
        guard stage == site.stage else { return }
        let column = if case .z(_, let head) = site { head * headWidth } else { 0 }
        for point in 0..<count {
          let t = Float((Double(first + point) + 0.5) / Double(steps))
          for row in 0..<rows {
            let (a, b) = (here.position(row), there.position(row))
            let target = activation.row(point * rows + row) + column
            for i in 0..<here.width { target[i] = a[i] + t * (b[i] - a[i]) }
          }
        }
      }
      let gradients = model.gradients(of: decision, trace)
      for point in 0..<count {
        sum += model.firstOrderEffect(
          of: node, clean: clean, counterfactual: counterfactual, gradients: gradients, run: point)
      }
    }
    return sum / Double(steps)
  }
}
