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

/// The sizes that say how many rows (a position in a layer) a plan's steps will compute.
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
  /// As many pairs as a draw takes: which ones is not known yet.
  func drawn(_ wanted: Int) -> [Pair] { Array(pairs.prefix(wanted == 0 ? pairs.count : wanted)) }
  var detail: [Pair] { drawn(plan.detailPairs ?? 24) }
  /// See `AnalysisJob.few`.
  var few: [Pair] { Array(detail.prefix(AnalysisJob.nodePairs)) }

  /// Rows·layers of one variant per node, each from its own layer on.
  func single(_ rows: Double) -> Double { rows * nodes / layers * layers * (layers + 1) / 2 }

  /// Rows·layers of the two runs of a pair.
  func both(_ pair: Pair) -> Double { 2 * pair.rows * layers }

  /// Forward and backward rows·layers, by step; what is computed beside them.
  func sheet() -> CostSheet {
    var sheet = CostSheet(model: self)
    sheet.passes("prompt pairs", readable, forward: both)
    sheet.interval(readable.count, 3)
    let needs = plan.needs
    if needs.contains(.exact) {
      sheet.passes("exact patching", pairs) { 2 * single($0.changed) }
      sheet.interval(pairs.count, 2 * nodes)
    }
    if needs.contains(.attribution) {
      sheet.passes("attribution patching", pairs, forward: { _ in 0 }, backward: { $0.rows * layers })
      sheet.interval(pairs.count, nodes)
    }
    for step in Methods.steps where step.isAsked(by: plan) { step.cost(&sheet) }
    // Everything is computed again for every head and MLP, twice.
    sheet.passes(
      "self-test", tested ?? Array(pairs.prefix(1)),
      forward: { both($0) + 2 * single($0.rows) + $0.rows * layers * ((layers + 1) / 2 + 6) },
      backward: { $0.rows * layers })
    return sheet
  }

  /// Bytes at the most.
  func memory(_ sheet: CostSheet) -> Int {
    let longest = Int(readable.map(\.rows).max() ?? 0)
    let trace = model.traceBytesPerRow
    let two = 2 * longest * trace
    func batch(_ perRow: Int) -> Int { model.rowsThatFit(bytesPerRow: perRow, fixed: two) * perRow }
    let batches = max(
      batch(SweepWorkspace.bytesPerRow(model.architecture)),
      sheet.takesGradientsInBatches ? batch(trace + model.gradientBytesPerRow) : 0)
    var kept = 0
    if sheet.keepsRuns {
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
    let prepared = try prepare(plan)
    let (encoder, decision) = (prepared.encoder, prepared.decision)
    var readable: [CostModel.Pair] = []
    var differing: [CostModel.Pair] = []
    var prompts: [(clean: [Int], counterfactual: [Int])] = []
    var longest: [Int] = []
    for pair in plan.pairs {
      let (clean, counterfactual) = (try encoder.prompt(pair.clean), try encoder.prompt(pair.counterfactual))
      // What cannot be read is refused when the plan is run, and costs nothing.
      guard clean.count == counterfactual.count,
        (try? PairRun.checkPlaces(model, decision, clean: clean, counterfactual: counterfactual)) != nil
      else { continue }
      let first = zip(clean, counterfactual).enumerated().first { $0.element.0 != $0.element.1 }?.offset
      let (sequences, length) = (Double(decision.continuations.count), clean.count + decision.tail - 1)
      let counted = CostModel.Pair(
        rows: sequences * Double(length),
        changed: sequences * Double(length - (first.map(model.firstChanged(by:)) ?? length)),
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
    let sheet = costs.sheet()
    let steps =
      sheet.passes.map { step in
        PlanCost.Step(
          name: step.name, forward: step.forward / unit, backward: step.backward / unit,
          seconds: step.forward * speed.forward + step.backward * speed.backward)
      }
      + (longest.isEmpty ? [] : sheet.rest).map { name, rest in
        PlanCost.Step(name: name, forward: 0, backward: 0, seconds: speed.seconds(rest))
      }
    return PlanCost(
      pairs: readable.count, moving: moving,
      tokens: readable.map(\.tokens).reduce(0, +) / Double(max(1, readable.count)),
      rowsPerPass: rows, steps: steps, memory: costs.memory(sheet))
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
