/// What a plan will cost on this machine, estimated before it is run. A pass takes one pair's prompt, with what follows it in every
/// sequence of the decision, through all layers; variants that the sweep computes in part count in part.
public struct PlanCost: Sendable, Equatable {
  /// One step's share.
  public struct Step: Sendable, Equatable {
    /// What is done, e.g. `edges`.
    public var name: String
    /// Forward passes.
    public var forward: Double
    /// Backward passes.
    public var backward: Double
    /// Seconds, at the speed measured for the estimate.
    public var seconds: Double
  }

  /// Pairs that can be read.
  public var pairs: Int
  /// Of them, those whose decision probably moves enough for a mechanism; the others are refused for it and cost two passes each.
  public var moving: Int
  /// Mean tokens of a pair's clean prompt.
  public var tokens: Double
  /// Mean rows of a pass in each layer: tokens of every sequence of the decision.
  public var rowsPerPass: Double
  /// What is done, in order.
  public var steps: [Step]
  /// Bytes at the most: weights, runs and batches.
  public var memory: Int

  /// Forward passes in all.
  public var forward: Double { steps.reduce(0) { $0 + $1.forward } }
  /// Backward passes in all.
  public var backward: Double { steps.reduce(0) { $0 + $1.backward } }
  /// Seconds in all; 0 if no pair can be read.
  public var seconds: Double { steps.reduce(0) { $0 + $1.seconds } }

  /// How far off the number of passes may be, as a factor: searches end when they end, and how many circuits they look at is not
  /// known before.
  public static let factor = 2.0
}

/// Counts the rows (a position in a layer) that a plan's steps will compute.
struct CostModel {
  /// One pair.
  struct Pair {
    /// Rows of one run of one prompt, all sequences.
    let rows: Double
    /// Of them, those from the first differing token on.
    let changed: Double
    /// Tokens of the prompt.
    let tokens: Double
  }

  let model: Transformer
  let plan: AnalysisPlan
  /// Pairs that can be read.
  let readable: [Pair]
  /// Of them, those whose two prompts differ.
  let pairs: [Pair]
  /// Whether every answer has one token.
  let isSingleToken: Bool
  /// Those that the self-test is made on, whether or not they move the decision; nil for the first of `pairs`.
  var tested: [Pair]?

  var layers: Double { Double(model.layerCount) }
  var heads: Double { Double(model.layerCount * model.headsPerLayer) }
  var nodes: Double { Double(model.nodes.count) }
  /// The means of some pairs, times their number: what is drawn is not known yet.
  private func drawn(_ wanted: Int) -> [Pair] { Array(pairs.prefix(wanted == 0 ? pairs.count : wanted)) }
  var detail: [Pair] { drawn(plan.detailPairs ?? 24) }

  func asks(_ methods: AnalysisPlan.Method...) -> Bool { methods.contains { plan.methods.contains($0) } }

  /// Rows·layers of one variant per node, each from its own layer on.
  private func single(_ rows: Double) -> Double { rows * nodes / layers * layers * (layers + 1) / 2 }

  /// The two runs of a pair.
  private func both(_ pair: Pair) -> Double { 2 * pair.rows * layers }

  /// Circuits that a search and its pruning look at, and requests that run each pair again.
  private static let searched = (circuits: 19.0, requests: 6.0)

  /// Forward and backward rows·layers, by step.
  func work() -> [(name: String, forward: Double, backward: Double)] {
    var steps: [(String, Double, Double)] = []
    func add(_ name: String, _ pairs: [Pair], _ forward: (Pair) -> Double, _ backward: (Pair) -> Double) {
      guard !pairs.isEmpty else { return }
      steps.append((name, pairs.reduce(0) { $0 + forward($1) }, pairs.reduce(0) { $0 + backward($1) }))
    }
    let none = { (_: Pair) in 0.0 }
    add("prompt pairs", readable, { both($0) }, none)
    if asks(.exactPatching, .circuit, .circuitChecks, .attributionPatching, .significance) {
      add("exact patching", pairs, { 2 * single($0.changed) }, none)
    }
    if asks(.attributionPatching, .circuit, .circuitChecks) {
      add("attribution patching", pairs, none, { $0.rows * layers })
    }
    if asks(.tokenAttribution) {
      let points = Double(plan.integratedGradientsSteps)
      add(
        "token attribution", drawn(plan.tokenAttributionPairs),
        { both($0) + (points * $0.rows + $0.rows * ($0.tokens + 1) / 2) * layers },
        { (points + 1) * $0.rows * layers })
    }
    if asks(.circuit, .circuitChecks) { add("circuit", pairs, { search($0, rows: $0.changed) }, none) }
    if let ablation = plan.ablation, ablation != .counterfactual, asks(.exactPatching, .circuit) {
      if ablation != .zero { add("mean activations", readable, { both($0) }, none) }
      add(
        "\(ablation.rawValue) ablation", pairs, { both($0) + single($0.rows) },
        { asks(.circuit) ? $0.rows * layers : 0 })
      if asks(.circuit) { add("circuit by ablation", pairs, { search($0, rows: $0.rows) }, none) }
    }
    if asks(.lenses), isSingleToken { add("lenses", detail, { $0.rows * layers }, none) }
    if asks(.forwardBackward, .circuitChecks) { addCircuits(add) }
    if asks(.edges, .edgePruning), isSingleToken, (try? model.checkEdges()) != nil { addEdges(add) }
    addNamed(add)
    // Everything is computed again for every head and MLP, twice.
    add(
      "self-test", tested ?? Array(pairs.prefix(1)),
      { both($0) + 2 * single($0.rows) + $0.rows * layers * ((layers + 1) / 2 + 6) }, { $0.rows * layers })
    return steps
  }

  private typealias Add = (String, [Pair], (Pair) -> Double, (Pair) -> Double) -> Void

  /// One search of a circuit with its pruning.
  private func search(_ pair: Pair, rows: Double) -> Double {
    Self.searched.requests * both(pair) + Self.searched.circuits * rows * layers
  }

  private func addCircuits(_ add: Add) {
    let draws = Double(plan.nullDraws ?? 199)
    let perLayer = Double(model.headsPerLayer)
    // As if a circuit had three heads, in three layers.
    let nulls = min(draws, perLayer * perLayer * perLayer) + min(draws, heads * (heads - 1) * (heads - 2) / 6)
    let (steps, searched) = (6.0, 40.0)
    add("checks of circuits", detail, { both($0) + $0.changed * layers }, { _ in 0 })
    if asks(.forwardBackward) {
      add(
        "stronger circuit search", detail,
        { (nulls + searched) * $0.changed * layers + steps * $0.rows * layers }, { steps * $0.rows * layers })
    }
    if asks(.circuitChecks) {
      // Resamples, completeness, curves, backups, a rival.
      let circuits = nulls + 60 + 2 * heads + searched
      add(
        "circuit checks", detail, { circuits * $0.changed * layers + steps * $0.rows * layers },
        { steps * $0.rows * layers })
    }
  }

  private func addEdges(_ add: Add) {
    let edges = Double(model.edgeGraph.count)
    let points = Double(AnalysisJob.pathSteps)
    let (exact, circuits) = (min(Double(AnalysisJob.verifiedEdges), edges), 7.0)
    add(
      "edges", detail,
      { 2 * both($0) + points * $0.rows * layers + (0.7 * exact + circuits) * $0.changed * layers },
      { (1 + points) * $0.rows * layers })
    if asks(.edgePruning) {
      add(
        "edge pruning", Array(detail.prefix(AnalysisJob.pruningPairs)),
        { both($0) + 1.2 * edges * $0.changed * (layers + 1) / 2 }, { _ in 0 })
    }
  }

  private func addNamed(_ add: Add) {
    let few = Array(detail.prefix(AnalysisJob.nodePairs))
    if asks(.pathPatching), isSingleToken, let paths = plan.paths {
      add("paths", detail, { both($0) + 2 * Double(paths.count) * $0.changed * 0.7 * layers }, { _ in 0 })
    }
    if asks(.positionPatching) {
      // One variant for each position, which begins there.
      add("positions", few, { both($0) + single($0.changed) * ($0.changed + 1) / 2 }, { $0.rows * layers })
    }
    if asks(.integratedActivations) {
      let points = nodes * Double(AnalysisJob.activationSteps)
      add(
        "integrated activations", few, { both($0) + points * $0.rows * layers }, { points * $0.rows * layers })
    }
    addEstimates(add, few)
  }

  private func addEstimates(_ add: Add, _ few: [Pair]) {
    // Where nothing else asks for them: exact effects of heads and MLPs, and attribution patching.
    let isExact = asks(.exactPatching, .circuit, .circuitChecks, .attributionPatching, .significance)
    let isAttributed = asks(.attributionPatching, .circuit, .circuitChecks)
    func exact(_ pair: Pair) -> Double { isExact ? 0 : single(pair.changed) }
    if asks(.relevancePatching) {
      let passes = isAttributed ? 2.0 : 3
      add("relevance patching", detail, { both($0) + exact($0) }, { passes * $0.rows * layers })
    }
    if asks(.attributionStar) {
      let perLayer = Double(model.headInputs(layer: 0).count)
      add(
        "head inputs", few, { both($0) + exact($0) + perLayer * $0.changed * layers * (layers + 1) / 2 },
        { $0.rows * layers * (1 + (layers - 1) / 2) })
    }
  }

  /// Bytes at the most.
  var memory: Int {
    let longest = Int(readable.map(\.rows).max() ?? 0)
    let trace = model.traceBytesPerRow
    let two = 2 * longest * trace
    func batch(_ perRow: Int) -> Int { model.rowsThatFit(bytesPerRow: perRow, fixed: two) * perRow }
    let walks = asks(
      .tokenAttribution, .edges, .edgePruning, .integratedActivations, .relevancePatching, .attributionStar)
    let batches = max(
      batch(SweepWorkspace.bytesPerRow(model.architecture)), walks ? batch(trace + model.gradientBytesPerRow) : 0)
    var kept = 0
    if asks(.forwardBackward, .circuitChecks) {
      let room = model.memory.total.map { ($0 - model.weightBytes) / 2 } ?? MemoryBudget.standardBatch
      let all = Int(detail.reduce(0) { $0 + 2 * $1.rows }) * trace
      kept = all <= room ? all : 0
    }
    return model.weightBytes + two + batches + kept
  }
}

extension Analyzer {
  /// What a plan will cost: prompts are read, some passes and a small bootstrap timed, nothing else computed.
  /// - Throws: `AnalysisError` as `check`.
  public func cost(of plan: AnalysisPlan) throws -> PlanCost {
    try plan.validate()
    let encoder = try PromptEncoder(
      tokenizer: tokenizer, model: model, folder: folder, prepend: plan.prepend,
      specialTokens: plan.specialTokens ?? .never, ids: plan.specialIds,
      contexts: plan.pairs.flatMap { [$0.clean, $0.counterfactual] })
    let decision = try Decision(positive: plan.positive, negative: plan.negative, model: model, encoder: encoder)
    var readable: [CostModel.Pair] = []
    var differing: [CostModel.Pair] = []
    var prompts: [(clean: [Int], counterfactual: [Int])] = []
    var longest: [Int] = []
    for pair in plan.pairs {
      let (clean, counterfactual) = (try encoder.prompt(pair.clean), try encoder.prompt(pair.counterfactual))
      // What cannot be read is refused when the plan is run, and costs nothing.
      guard clean.count == counterfactual.count, (try? model.check(prompt: clean.count, for: decision)) != nil else {
        continue
      }
      let first = zip(clean, counterfactual).enumerated().first { $0.element.0 != $0.element.1 }?.offset
      let (sequences, length) = (Double(decision.continuations.count), clean.count + decision.tail - 1)
      let counted = CostModel.Pair(
        rows: sequences * Double(length), changed: sequences * Double(length - (first ?? length)),
        tokens: Double(clean.count))
      readable.append(counted)
      if first != nil {
        differing.append(counted)
        prompts.append((clean, counterfactual))
      }
      if clean.count > longest.count { longest = clean }
    }
    let moving = try movingPairs(prompts, decision, floor: plan.floor)
    let costs = CostModel(
      model: model, plan: plan, readable: readable, pairs: Array(differing.prefix(moving)),
      isSingleToken: decision.isSingleToken, tested: Array(differing.prefix(1)))
    let rows = readable.reduce(0) { $0 + $1.rows } / Double(max(1, readable.count))
    let unit = rows * Double(model.layerCount)
    let speed = longest.isEmpty ? MeasuredSpeed() : try model.measuredSpeed(longest, decision)
    let steps =
      costs.work().map { step in
        PlanCost.Step(
          name: step.name, forward: step.forward / unit, backward: step.backward / unit,
          seconds: step.forward * speed.forward + step.backward * speed.backward)
      }
      + (longest.isEmpty ? [] : costs.rest()).map { name, rest in
        PlanCost.Step(name: name, forward: 0, backward: 0, seconds: speed.seconds(rest))
      }
    return PlanCost(
      pairs: readable.count, moving: moving,
      tokens: readable.map(\.tokens).reduce(0, +) / Double(max(1, readable.count)),
      rowsPerPass: rows, steps: steps, memory: costs.memory)
  }

  /// Pairs that are tried before it is said what a plan costs.
  private static let tried = 24

  /// How many pairs probably move the decision by the plan's floor: all of a few, or as large a share as of some tried.
  private func movingPairs(
    _ prompts: [(clean: [Int], counterfactual: [Int])], _ decision: Decision, floor: Double
  ) throws -> Int {
    let count = min(prompts.count, Self.tried)
    guard count > 0 else { return 0 }
    let clock = ContinuousClock()
    let start = clock.now
    var (tried, moving) = (0, 0)
    // The first of as many equal parts each; not for longer than a person waits.
    while tried < count, tried < 4 || clock.now - start < .seconds(2) {
      let pair = prompts[tried * prompts.count / count]
      let change = try [pair.clean, pair.counterfactual].map {
        model.value(of: decision, try model.forward($0, for: decision))
      }
      if abs(change[0] - change[1]) >= floor, change[0] != change[1] { moving += 1 }
      tried += 1
    }
    guard tried < prompts.count else { return moving }
    // What none of some does may be done by a few of all.
    return max(1, (moving * prompts.count + tried - 1) / tried)
  }
}
