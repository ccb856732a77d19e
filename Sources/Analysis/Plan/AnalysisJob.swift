import Foundation

/// The state of one analysis while it runs: pair by pair, then the summaries.
struct AnalysisJob {
  /// Reports a step before it is taken; throws when the run is cancelled.
  typealias Step = (_ step: String, _ done: Int, _ total: Int) throws -> Void

  let model: Transformer
  let plan: AnalysisPlan
  let encoder: PromptEncoder
  let decision: Decision
  let step: Step
  /// What is measured of every head and MLP of each pair.
  private let needs: NodeMeasurement
  var outcome: Analyzer.Outcome
  /// Indices of the pairs whose mechanism is analysed.
  private(set) var accepted: [Int] = []
  /// What circuits do on the drawn pairs, once they were measured; nil inside: they move too little.
  var circuits: DrawnCircuits??
  private var unchangedReplacements = 0
  private var replacements = 0

  init(_ prepared: PreparedPlan, step: @escaping Step) {
    self.step = step
    model = prepared.model
    plan = prepared.plan
    needs = plan.needs
    encoder = prepared.encoder
    decision = prepared.decision
    outcome = Analyzer.Outcome(
      result: AnalysisResult(layers: model.layerCount, headsPerLayer: model.headsPerLayer, nodes: model.nodes),
      findings: [], approximations: [], selfTests: [], refusals: [], tokens: PromptTokens(prompts: [], decision))
    outcome.result.answerTokens = decision.isSingleToken ? nil : decision.longestAnswer
    // Records have had this list from the first, empty where it was not asked for.
    outcome.result.tokenAttributions = []
    if plan.decisionThreshold == nil {
      (outcome.result.positiveOnlyClean, outcome.result.positiveOnlyCounterfactual) = (nil, nil)
    }
  }

  /// Runs the whole plan.
  mutating func run() throws {
    for (index, pair) in plan.pairs.enumerated() {
      try step("prompt pairs", index, plan.pairs.count)
      try measure(pair, index: index)
    }
    summarise()
    for step in Methods.steps where step.isAsked(by: plan) {
      if accepted.isEmpty { step.runWithoutPairs(&self) } else { try step.run(&self) }
    }
    // A pair that is refused for mechanism still shows whether the engine is right on this model.
    let distinct = outcome.result.pairs.firstIndex { $0.firstDifference != nil }
    if let pair = accepted.first ?? distinct { try testEngine(on: pair) }
    outcome.findings = Finding.findings(of: outcome.result, plan: plan)
    if let unit = plan.unit { outcome.measure(in: unit) }
  }

  /// A number for a sentence: four significant digits.
  static func words(_ value: Double) -> String { String(format: "%.4g", value) }

  /// Refuses something of the whole behaviour.
  mutating func refuse(_ scope: Refusal.Scope, _ reason: Refusal.Reason, _ detail: String) {
    outcome.refusals.append(Refusal(pair: nil, reason: reason, scope: scope, detail: detail))
  }

  mutating func refuseNotFinite(_ scope: Refusal.Scope) {
    refuse(scope, .notFinite, "a value is NaN or infinite")
  }

  /// Whether a method that reads one position can run: not where answers of several tokens have several, which is then refused; nor where
  /// it needs edges that the model does not have.
  mutating func isDefined(_ what: Refusal.Scope, needsEdges: Bool = false) throws -> Bool {
    do {
      if needsEdges { try model.checkEdges() }
      try decision.checkSingleToken(for: what.rawValue)
      return true
    } catch let error as AnalysisError {
      refuse(what, .notDefined, error.message)
      return false
    }
  }

  // MARK: Pairs

  func pairRun(_ index: Int) throws -> PairRun {
    guard let ids = outcome.tokens.prompts[index] else { preconditionFailure("pair \(index) was refused") }
    return try PairRun(model: model, decision: decision, clean: ids[0], counterfactual: ids[1])
  }

  /// The base runs of some pairs: kept from the first use on if all fit into memory together, else run again for each use.
  func pairRuns(_ indices: [Int]) -> [() throws -> PairRun] {
    let tokens = indices.reduce(0) { $0 + outcome.result.pairs[$1].tokens }
    let bytes = 2 * tokens * model.traceBytesPerRow
    let room = model.memory.total.map { ($0 - model.weightBytes) / 2 } ?? MemoryBudget.standardBatch
    let job = self
    guard bytes <= room else { return indices.map { index in { try job.pairRun(index) } } }
    let kept = KeptRuns()
    return indices.map { index in { try kept.run(index) { try job.pairRun(index) } } }
  }

  /// The pairs that the costlier methods look at, in the plan's order.
  var detail: [Int] {
    let wanted = plan.detailPairs ?? 24
    guard wanted > 0, wanted < accepted.count else { return accepted }
    // Another stream of random numbers than the one that draws pairs for token attribution.
    var generator = SplitMix64(seed: plan.seed ^ 0x6465_7461_696C)
    return generator.sample(wanted, of: accepted.count).sorted().map { accepted[$0] }
  }

  /// Pairs of `detail` that position patching and integrated activations look at, at the most.
  static let nodePairs = 8
  /// The first of `detail`, for what is measured at every position, point or input.
  var few: [Int] { Array(detail.prefix(Self.nodePairs)) }

  /// Which way the accepted pairs among these move; nil where the plan goes by signed means.
  func directions(_ indices: [Int]) -> ChangeDirections? {
    guard plan.standing != nil else { return nil }
    func change(_ index: Int) -> Double { outcome.result.pairs[index].totalEffect ?? 0 }
    return ChangeDirections(indices.map(change), total: accepted.reduce(0) { $0 + change($1) })
  }

  private mutating func measure(_ pair: AnalysisPlan.Pair, index: Int) throws {
    var result = AnalysisResult.Pair(name: pair.name)
    outcome.tokens.prompts.append(nil)
    do {
      let ids = [try encoder.prompt(pair.clean), try encoder.prompt(pair.counterfactual)]
      outcome.tokens.prompts[index] = ids
      result.tokens = ids[0].count
      let run = try PairRun(model: model, decision: decision, clean: ids[0], counterfactual: ids[1])
      result.firstDifference = zip(ids[0], ids[1]).enumerated().first { $1.0 != $1.1 }?.offset
      result.mClean = run.mClean
      result.mCounterfactual = run.mCounterfactual
      // A plan of before version 0.2 comes out again as it did then, without what is recorded since.
      if plan.standing != nil, !model.asksOneSided {
        result.cleanChoice = try model.ownChoice(of: decision, run.clean, texts: encoder.texts)
        result.counterfactualChoice = try model.ownChoice(of: decision, run.counterfactual, texts: encoder.texts)
      }
      patch(run, &result, index: index)
    } catch let error as AnalysisError {
      outcome.refusals.append(try Refusal(refusing: pair.name, scope: .pair, for: error))
    }
    outcome.result.pairs.append(result)
  }

  private mutating func patch(_ run: PairRun, _ result: inout AnalysisResult.Pair, index: Int) {
    let difference = run.mClean - run.mCounterfactual
    func refuse(_ reason: Refusal.Reason, _ detail: String) {
      outcome.refusals.append(
        Refusal(pair: result.name, reason: reason, scope: .mechanism, detail: detail))
    }
    guard result.firstDifference != nil else {
      return refuse(.identical, "the two prompts are the same tokens; nothing was substituted")
    }
    guard abs(difference) >= plan.floor, difference != 0 else {
      return refuse(
        .belowFloor,
        "|m_clean − m_counterfactual| = \(Self.words(abs(difference))) logits is below the floor of \(plan.floor)"
      )
    }
    let nodes = outcome.result.nodes
    if needs.contains(.exact) {
      // Exact values for every node: they are the evidence, and the check of every approximation.
      let noising = run.values(nodes.map { [$0] }, noising: true)
      let denoising = run.values(nodes.map { [$0] }, noising: false)
      result.noising = noising.map { $0.m - run.mClean }
      result.denoising = denoising.map { $0.m - run.mCounterfactual }
      for value in noising + denoising {
        replacements += value.changed.count
        unchangedReplacements += value.changed.reduce(0) { $0 + ($1 ? 0 : 1) }
      }
    }
    if needs.contains(.attribution) {
      let gradients = model.gradients(of: decision, run.clean)
      result.attribution = model.attributions(
        clean: run.clean, counterfactual: run.counterfactual, gradients: gradients)
    }
    let values = [result.noising, result.denoising, result.attribution].compactMap { $0 }.joined()
    guard values.allSatisfy(\.isFinite) else {
      (result.noising, result.denoising, result.attribution) = (nil, nil, nil)
      return refuse(.notFinite, "patching a head or MLP gives a value that is NaN or infinite")
    }
    accepted.append(index)
  }

  // MARK: Summaries

  private mutating func summarise() {
    let measured = outcome.result.pairs.filter { $0.mClean != nil }
    if !measured.isEmpty {
      let bootstrap = self.bootstrap(measured.count)
      let clean = measured.compactMap(\.mClean)
      let counterfactual = measured.compactMap(\.mCounterfactual)
      outcome.result.totalEffect = bootstrap.mean(measured.compactMap(\.totalEffect))
      outcome.result.meanClean = bootstrap.mean(clean)
      outcome.result.meanCounterfactual = bootstrap.mean(counterfactual)
      if let threshold = plan.decisionThreshold {
        let signs = zip(clean, counterfactual).map { ($0 > threshold, $1 > threshold) }
        let onlyClean = signs.reduce(0) { $0 + ($1.0 && !$1.1 ? 1 : 0) }
        let onlyCounterfactual = signs.reduce(0) { $0 + (!$1.0 && $1.1 ? 1 : 0) }
        outcome.result.positiveOnlyClean = onlyClean
        outcome.result.positiveOnlyCounterfactual = onlyCounterfactual
        outcome.result.flips = .wilson(
          onlyClean + onlyCounterfactual, of: measured.count, confidence: plan.confidence)
      }
      if plan.standing != nil { outcome.result.standing = outcome.result.behaviourStanding(plan) }
    }
    let pairs = accepted.map { outcome.result.pairs[$0] }
    guard !pairs.isEmpty else { return }
    let bootstrap = self.bootstrap(pairs.count)
    let directions = self.directions(accepted)
    outcome.result.nodeEffects = outcome.result.nodes.enumerated().map { i, node in
      var effect = AnalysisResult.NodeEffect(node: node)
      if pairs[0].noising != nil { effect.noising = bootstrap.mean(pairs.compactMap { $0.noising?[i] }) }
      if pairs[0].denoising != nil { effect.denoising = bootstrap.mean(pairs.compactMap { $0.denoising?[i] }) }
      if pairs[0].attribution != nil { effect.attribution = bootstrap.mean(pairs.compactMap { $0.attribution?[i] }) }
      if pairs[0].noising != nil {
        effect.noisingShare = directions?.share(pairs.compactMap { $0.noising?[i] }, bootstrap)
      }
      if pairs[0].denoising != nil {
        effect.denoisingShare = directions?.share(pairs.compactMap { $0.denoising.map { -$0[i] } }, bootstrap)
      }
      return effect
    }
    if pairs[0].attribution != nil {
      outcome.approximations.append(
        .attributionPatching(
          approximate: pairs.flatMap { $0.attribution ?? [] }, exact: pairs.flatMap { $0.noising ?? [] }))
    }
  }

  func bootstrap(_ n: Int) -> Bootstrap {
    Bootstrap(n: n, resamples: plan.bootstrapResamples, confidence: plan.confidence, seed: plan.seed)
  }

  // MARK: Self-test

  private mutating func testEngine(on index: Int) throws {
    let pair = outcome.result.pairs[index]
    let suite = SelfTestSuite(run: try pairRun(index), name: pair.name, firstDifference: pair.firstDifference ?? 0)
    outcome.selfTests = suite.tests()
    if replacements > 0 {
      outcome.selfTests.append(
        SelfTest(
          name: "every declared replacement changed the activation it names",
          outcome: unchangedReplacements == 0 ? .passed : .failed, measured: Double(unchangedReplacements), limit: 0,
          detail: "\(replacements) replacements of the run; those that changed no bit"))
    }
    outcome.selfTests.append(completeness())
    if outcome.result.edges != nil { outcome.selfTests.append(try suite.edges()) }
  }

  private func completeness() -> SelfTest {
    let title = "integrated gradients are complete"
    let attributions = outcome.result.tokenAttributions
    // Held against the pair's own difference, so that a large one does not hide a small one's residual.
    let byName = Dictionary(uniqueKeysWithValues: outcome.result.pairs.map { ($0.name, abs($0.totalEffect ?? 0)) })
    let relative = attributions.map { abs($0.completenessResidual) / max(1, byName[$0.pair] ?? 0) }
    guard let largest = relative.max() else {
      return SelfTest(
        name: title, outcome: .notRun, measured: nil, limit: nil, detail: "token attribution was not asked for")
    }
    return SelfTest(
      name: title, outcome: largest <= 0.01 ? .passed : .failed, measured: largest, limit: 0.01,
      detail:
        "largest |Σ − (m_clean − m_counterfactual)|/max(1, |m_clean − m_counterfactual|) of \(relative.count) pairs")
  }
}

extension Refusal {
  /// The refusal of one pair or record; an error that concerns the whole model or plan is thrown on.
  init(refusing name: String, scope: Scope, for error: AnalysisError) throws {
    let reason: Reason
    switch error.code {
    case .misaligned: reason = .misaligned
    case .notFinite: reason = .notFinite
    case .emptyPrompt, .promptTooLong, .badPrompt: reason = .badPrompt
    default: throw error
    }
    self.init(pair: name, reason: reason, scope: scope, detail: error.message)
  }
}

/// Base runs by pair. Used by one task.
private final class KeptRuns {
  private var runs: [Int: PairRun] = [:]

  func run(_ index: Int, _ make: () throws -> PairRun) rethrows -> PairRun {
    if let run = runs[index] { return run }
    let run = try make()
    runs[index] = run
    return run
  }
}
