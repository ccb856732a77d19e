/// What a plan computes beside passes of the model: intervals, tests, and matrix products of lenses and weights.
struct CostOfRest {
  /// Values drawn into resamples of prompts.
  var drawn = 0.0
  /// Values summed over resamples: one for each prompt, resample and statistic.
  var summed = 0.0
  /// Effects whose sign is flipped: one for each prompt, drawn null and node.
  var flipped = 0.0
  /// Matrix products outside of passes, in rows·layers of a forward pass that take as many multiplications.
  var rows = 0.0

  /// A bootstrap over some prompts, and what is made of its resamples.
  mutating func bootstrap(_ prompts: Int, _ statistics: Double, resamples: Int) {
    // One prompt has no interval.
    guard prompts > 1, statistics > 0 else { return }
    drawn += Double(prompts * resamples)
    summed += Double(prompts * resamples) * statistics
  }
}

extension CostModel {
  /// Intervals and sign flips; matrix products of lenses and weights.
  func rest() -> [(name: String, rest: CostOfRest)] {
    var statistics = CostOfRest()
    func interval(_ prompts: Int, _ count: Double) {
      statistics.bootstrap(prompts, count, resamples: plan.bootstrapResamples)
    }
    let isPatched = asks(.exactPatching, .attributionPatching, .circuit, .circuitChecks, .significance)
    let isAttributed = asks(.attributionPatching, .circuit, .circuitChecks)
    interval(readable.count, 3)
    interval(pairs.count, nodes * ((isPatched ? 2 : 0) + (isAttributed ? 1 : 0)))
    if asks(.circuit, .circuitChecks) { interval(pairs.count, 2) }
    if let ablation = plan.ablation, ablation != .counterfactual, asks(.exactPatching, .circuit) {
      interval(pairs.count, nodes)
      if asks(.circuit) { interval(pairs.count, 2) }
    }
    let isSingle = isSingleToken
    let drawn = detail.count
    if asks(.lenses), isSingle { interval(drawn, 2 * (layers + 1) + nodes + 2) }
    if asks(.forwardBackward) { interval(drawn, 2) }
    if asks(.edges, .edgePruning), isSingle { interval(drawn, Double(AnalysisJob.verifiedEdges) + 7) }
    if asks(.pathPatching), isSingle { interval(drawn, 2 * Double(plan.paths?.count ?? 0)) }
    if asks(.integratedActivations) { interval(min(drawn, AnalysisJob.nodePairs), 2 * nodes) }
    if asks(.significance) {
      let n = pairs.count
      let nulls = n < 14 ? Double(1 << n) : Double(PermutationTest.usualDraws)
      statistics.flipped = nodes * Double(n) * nulls
    }
    var found = [("intervals and tests", statistics)]
    if asks(.lenses), isSingle, !detail.isEmpty { found.append(("lens and weights", CostOfRest(rows: lensRows))) }
    return found
  }

  /// Unembeddings of every depth for each prompt, what looking at each token writes, and the composition of all pairs of layers.
  private var lensRows: Double {
    let architecture = model.architecture
    let width = Double(architecture.width)
    let (queries, projection) = (Double(architecture.queryWidth), Double(architecture.projectionWidth))
    let mlp = Double(architecture.hidden + architecture.hiddenInputs)
    let perRow = width * (projection + queries + mlp)
    let unembedding = (layers + 1) * Double(model.decisionCount) * width
    let tokens = detail.reduce(0) { $0 + $1.tokens } / Double(detail.count)
    let looking = layers * tokens * 2 * queries * width
    let composition = layers * (layers - 1) / 2 * 3 * queries * queries * width
    let folding = layers * 2 * projection * projection * width
    return (Double(detail.count) * (unembedding + looking) + composition + folding) / perRow
  }
}

/// Seconds that this machine takes for one unit of each kind, as measured just now.
struct MeasuredSpeed {
  /// A row of one layer of a forward pass.
  var forward = 0.0
  /// A row of one layer of a backward pass.
  var backward = 0.0
  var drawn = 0.0
  var summed = 0.0
  var flipped = 0.0

  func seconds(_ rest: CostOfRest) -> Double {
    rest.drawn * drawn + rest.summed * summed + rest.flipped * flipped + rest.rows * forward
  }

  /// The median time of some work: five times, or until a tenth of a second has passed.
  static func median(_ work: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    var times: [Double] = []
    while times.isEmpty || times.count < 5 && clock.now - start < .milliseconds(100) {
      let time = try clock.measure(work).components
      times.append(Double(time.seconds) + Double(time.attoseconds) * 1e-18)
    }
    return times.sorted()[times.count / 2]
  }

  /// Times a small bootstrap and a small test.
  mutating func measureStatistics() {
    let (n, resamples) = (64, 256)
    let values = (0..<n).map { Double($0 % 7) - 2.5 }
    let size = Double(n * resamples)
    var bootstrap = Bootstrap(n: n, resamples: resamples, confidence: 0.95, seed: 1)
    drawn =
      Self.median { bootstrap = Bootstrap(n: n, resamples: resamples, confidence: 0.95, seed: 1) } / size
    summed = Self.median { _ = bootstrap.mean(values) } / size
    flipped = Self.median { _ = PermutationTest.signFlips(values, draws: resamples, seed: 1) } / size
  }
}

extension Transformer {
  /// Times passes of some sequences at once, as many as give the kernels their usual speed.
  func measuredSpeed(_ prompt: [Int], _ decision: Decision) throws -> MeasuredSpeed {
    let sequences = decision.sequences(after: prompt)
    let length = sequences[0].count
    let copies = max(1, 256 / (length * sequences.count))
    let input = try embed((0..<copies).flatMap { _ in sequences })
    // The first pass reads the weights from the file.
    var trace = forward(input, length: length, tail: decision.tail)
    let work = Double(input.rows * layerCount)
    var speed = MeasuredSpeed()
    speed.forward = MeasuredSpeed.median { trace = forward(input, length: length, tail: decision.tail) } / work
    speed.backward = MeasuredSpeed.median { _ = gradients(of: decision, trace) } / work
    speed.measureStatistics()
    return speed
  }
}
