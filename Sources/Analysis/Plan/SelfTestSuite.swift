import Foundation

/// The checks of the engine on the user's own model and prompts that every run stores.
struct SelfTestSuite {
  let run: PairRun
  let name: String
  let firstDifference: Int

  private var model: Transformer { run.model }

  /// Runs every check on one prompt pair.
  /// - Complexity: a few dozen forward passes and one backward pass.
  func tests() -> [SelfTest] {
    let gradients = model.gradients(of: run.decision, run.clean)
    return [
      identity(), fullPatch(), beforeDifference(), directionalDerivative(gradients), lastMLP(gradients),
    ]
  }

  private func bitsDiffer(_ a: [Float], _ b: UnsafePointer<Float>) -> Int {
    a.indices.reduce(0) { $0 + (a[$1].bitPattern == b[$1].bitPattern ? 0 : 1) }
  }

  /// Floats of the decision's rows that variants of the clean run change, everything computed again.
  private func differingFloats(_ variants: (_ sequence: Int) -> [[Intervention]]) -> Int {
    run.outcomes(onCleanRun: true, recomputeUnchanged: true, variants).enumerated().reduce(0) { sum, entry in
      let row = run.clean.decisionRow(sequence: entry.offset)
      return entry.element.reduce(sum) { $0 + bitsDiffer($1.residual, row) }
    }
  }

  private func exact(_ name: String, different: Int, detail: String) -> SelfTest {
    SelfTest(
      name: name, outcome: different == 0 ? .passed : .failed, measured: Double(different), limit: 0, detail: detail)
  }

  /// Each node replaced by its own value, everything computed again from there: no bit of the result may change.
  private func identity() -> SelfTest {
    let different = differingFloats { sequence in
      model.nodes.map { [Intervention(Site($0), .run(run.clean, sequence: sequence))] }
    }
    return exact(
      "identity patch changes no bit", different: different,
      detail:
        "\(model.nodes.count) heads and MLPs of \(name), each replaced by its own value; differing floats in the last residual row"
    )
  }

  /// The whole residual stream replaced at every layer in turn: the result must be the counterfactual's, bit for bit.
  private func fullPatch() -> SelfTest {
    let outcomes = run.outcomes(onCleanRun: true, recomputeUnchanged: true) { sequence in
      (0..<model.layerCount).map {
        [Intervention(.residualPre(layer: $0), .run(run.counterfactual, sequence: sequence))]
      }
    }
    let width = model.architecture.width
    var different = 0
    for (sequence, list) in outcomes.enumerated() {
      let read = run.clean.rowsRead
      for place in 0..<run.clean.decided.count / read {
        let row = run.counterfactual.decisionRow(sequence: sequence) + place * width
        let wanted = model.logits(at: row, rows: read)
        for outcome in list {
          different += outcome.residual.withUnsafeBufferPointer { row in
            row.baseAddress.map { bitsDiffer(model.logits(at: $0 + place * width, rows: read), wanted) } ?? wanted.count
          }
        }
      }
    }
    return exact(
      "patching the whole residual stream gives the counterfactual's logits", different: different,
      detail: "resid_pre of each of \(model.layerCount) layers of \(name); differing logits")
  }

  /// No edge patched must give the clean run's decision value, all edges the counterfactual's, bit for bit.
  func edges() throws -> SelfTest {
    let graph = model.edgeGraph
    let values = try EdgeSweep(run).values([graph.set { _ in false }, graph.set { _ in true }])
    let wanted = [run.mClean, run.mCounterfactual]
    return exact(
      "patching no edge and every edge gives the two runs' decision values",
      different: zip(values, wanted).reduce(0) { $0 + ($1.0.bitPattern == $1.1.bitPattern ? 0 : 1) },
      detail: "\(graph.count) edges of \(name); decision values that differ in a bit")
  }

  /// Every node replaced by its counterfactual value at the positions before the prompts differ: nothing may change.
  private func beforeDifference() -> SelfTest {
    let title = "effects before the first differing token are exactly 0"
    guard !model.architecture.looksBothWays else {
      return SelfTest(
        name: title, outcome: .notRun, measured: nil, limit: nil,
        detail:
          "each token of this model sees those after it too, so that effects before the first difference need not be 0")
    }
    guard firstDifference > 0 else {
      return SelfTest(
        name: title, outcome: .notRun, measured: nil, limit: nil, detail: "\(name) differs from its first token on")
    }
    let different = differingFloats { sequence in
      model.nodes.map { node in
        [Intervention(Site(node), positions: 0..<firstDifference, .run(run.counterfactual, sequence: sequence))]
      }
    }
    return exact(
      title, different: different,
      detail:
        "\(model.nodes.count) heads and MLPs of \(name), positions 0 to \(firstDifference - 1); differing floats in the last residual row"
    )
  }

  /// ∂m along the way from the counterfactual to the clean embedding, by gradient and by finite differences.
  ///
  /// The nearest of central and one-sided differences at three steps counts: a long step may cross a kink (ReLU), on one
  /// side or both, and a short one sees the rounding of m. A wrong gradient is far from all of them.
  private func directionalDerivative(_ gradients: Gradients) -> SelfTest {
    let (clean, other) = (run.clean.input, run.counterfactual.input)
    let direction = (0..<clean.rows * clean.columns).map { clean.pointer[$0] - other.pointer[$0] }
    let slope = direction.indices.reduce(0.0) {
      $0 + Double(direction[$1]) * Double(gradients.embedding.pointer[$1])
    }
    let differences = [0.01, 0.003, 0.001].flatMap { finiteDifferences(along: direction, step: $0) }
    let nearest = differences.min { abs(slope - $0) < abs(slope - $1) } ?? .nan
    let measured = abs(slope - nearest)
    let limit = 0.01 * max(1, abs(nearest))
    return SelfTest(
      name: "directional derivative equals a finite difference", outcome: measured <= limit ? .passed : .failed,
      measured: measured, limit: limit,
      detail: "embedding of \(name), towards the counterfactual; gradient \(slope), nearest difference \(nearest)")
  }

  /// Central, forward and backward difference of m at the clean input embeddings.
  private func finiteDifferences(along direction: [Float], step: Double) -> [Double] {
    let clean = run.clean.input
    let input = Matrix(rows: 2 * clean.rows, columns: clean.columns)
    for (i, component) in direction.enumerated() {
      input.pointer[i] = clean.pointer[i] + Float(step) * component
      input.pointer[direction.count + i] = clean.pointer[i] - Float(step) * component
    }
    let trace = model.forward(input, length: run.clean.length, decided: run.clean.decided)
    let (up, down) = (model.value(of: run.decision, trace), model.value(of: run.decision, trace, run: 1))
    return [(up - down) / (2 * step), (up - run.mClean) / step, (run.mClean - down) / step]
  }

  /// With the final norm's scale frozen m is linear in the last MLP's output: its attribution must equal exact patching.
  private func lastMLP(_ gradients: Gradients) -> SelfTest {
    let title = "last MLP's attribution equals exact patching with the final norm's scale frozen"
    guard run.decision.isSingleToken, run.decision.positive.count == 1, run.decision.negative.count == 1 else {
      return SelfTest(
        name: title, outcome: .notRun, measured: nil, limit: nil,
        detail: run.decision.isSingleToken
          ? "a side has several answers, so m is not linear in the logits"
          : "an answer has several tokens, so m is not linear in the logits")
    }
    let layer = model.layerCount - 1
    guard model.logitCap == nil, model.layers[layer].mlpPostNorm == nil, let norm = model.finalNorm,
      model.readsStreamDirectly
    else {
      return SelfTest(
        name: title, outcome: .notRun, measured: nil, limit: nil,
        detail:
          "a cap on the logits, a norm after the MLP, or the head's own layers keep m from being linear in the MLP's output"
      )
    }
    let frozen = FrozenNorm(norm, model: model, decision: run.decision, row: run.clean.decisionRow(sequence: 0))
    let patched = Sweep(model: model, base: run.clean, sequence: 0)
      .run([[Intervention(.mlpOut(layer: layer), .run(run.counterfactual, sequence: 0))]])[0].residual
    let exact = frozen.value(patched) - frozen.value(frozen.clean)
    let last = run.clean.length - 1
    let (here, there) = (run.clean.mlpOut[layer].row(last), run.counterfactual.mlpOut[layer].row(last))
    let slope = gradients.mlpOut[layer].row(last)
    var attribution = 0.0
    for i in 0..<frozen.clean.count {
      // The engine's gradient lets the scale move; taking that part out again freezes it.
      attribution += (Double(there[i]) - Double(here[i])) * (Double(slope[i]) + frozen.scaleGradient[i])
    }
    let limit = 1e-4 * max(1, abs(run.mClean - run.mCounterfactual))
    return SelfTest(
      name: title, outcome: abs(attribution - exact) <= limit ? .passed : .failed, measured: abs(attribution - exact),
      limit: limit, detail: "MLP\(layer) of \(name); attribution \(attribution), exact \(exact)")
  }
}

/// The final norm with its scale held at one row's value, in double precision.
private struct FrozenNorm {
  let clean: [Double]
  /// What the moving scale takes from ∂m/∂row.
  let scaleGradient: [Double]
  private let weights: [Double]
  private let inverse: Double

  /// What is subtracted from a row before it is scaled: its mean, or nothing in a root-mean-square norm.
  private let isCentred: Bool

  init(_ norm: Norm, model: Transformer, decision: Decision, row: UnsafePointer<Float>) {
    let width = model.architecture.width
    let (positive, negative) = (
      model.unembedding.pointer + decision.positive[0] * width, model.unembedding.pointer + decision.negative[0] * width
    )
    weights = (0..<width).map { (Double(positive[$0]) - Double(negative[$0])) * Double(norm.gain($0)) }
    clean = (0..<width).map { Double(row[$0]) }
    isCentred = norm.kind == .layer
    let n = Double(width)
    let mean = isCentred ? clean.reduce(0, +) / n : 0
    let variance = clean.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
    let inverse = 1 / (variance + Double(norm.epsilon)).squareRoot()
    let normal = clean.map { ($0 - mean) * inverse }
    let product = zip(weights, normal).reduce(0) { $0 + $1.0 * $1.1 } / n
    scaleGradient = normal.map { $0 * product * inverse }
    self.inverse = inverse
  }

  /// m up to a constant.
  func value(_ row: [Float]) -> Double { value(row.map(Double.init)) }

  func value(_ row: [Double]) -> Double {
    let mean = isCentred ? row.reduce(0, +) / Double(row.count) : 0
    return zip(weights, row).reduce(0) { $0 + $1.0 * ($1.1 - mean) * inverse }
  }
}
