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

/// What a plan's steps will compute, collected step by step.
struct CostSheet {
  let model: CostModel
  /// Rows·layers of forward and backward passes, in order.
  private(set) var passes: [(name: String, forward: Double, backward: Double)] = []
  /// Intervals and sign flips of all steps.
  var statistics = CostOfRest()
  /// Matrix products outside of passes, by what they are for.
  private(set) var products: [(name: String, rest: CostOfRest)] = []
  /// Whether batches hold activations and gradients of several runs at once.
  var takesGradientsInBatches = false
  /// Whether the base runs of the drawn pairs are kept.
  var keepsRuns = false

  init(model: CostModel) { self.model = model }

  /// Adds passes over some pairs, in rows·layers of each.
  mutating func passes(
    _ name: String, _ pairs: [CostModel.Pair], forward: (CostModel.Pair) -> Double,
    backward: (CostModel.Pair) -> Double = { _ in 0 }
  ) {
    guard !pairs.isEmpty else { return }
    passes.append((name, pairs.reduce(0) { $0 + forward($1) }, pairs.reduce(0) { $0 + backward($1) }))
  }

  /// Adds intervals of some statistics over some prompts.
  mutating func interval(_ prompts: Int, _ count: Double) {
    statistics.bootstrap(prompts, count, resamples: model.plan.bootstrapResamples)
  }

  /// Adds matrix products, in rows·layers.
  mutating func products(_ name: String, _ rows: Double) { products.append((name, CostOfRest(rows: rows))) }

  /// What is computed beside passes.
  var rest: [(name: String, rest: CostOfRest)] { [("intervals and tests", statistics)] + products }
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
    let decided = try decided(in: sequences[0], for: decision)
    var trace = forward(input, length: length, decided: decided)
    let work = Double(input.rows * layerCount)
    var speed = MeasuredSpeed()
    speed.forward = MeasuredSpeed.median { trace = forward(input, length: length, decided: decided) } / work
    speed.backward = MeasuredSpeed.median { _ = gradients(of: decision, trace) } / work
    speed.measureStatistics()
    return speed
  }
}
