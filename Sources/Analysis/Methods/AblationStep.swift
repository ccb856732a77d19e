/// A second value to put in each head's and MLP's place, beside the counterfactual one: exact effects, and a circuit of its own. Asked for by
/// `AnalysisPlan.ablation` where effects or the circuit are measured.
enum AblationStep: AnalysisStep {
  static let results: [any MethodResult.Type] = [AblationEvidence.self]

  static func isAsked(by plan: AnalysisPlan) -> Bool {
    guard let ablation = plan.ablation, ablation != .counterfactual else { return false }
    return plan.asks(.exactPatching) || plan.asks(.circuit)
  }

  static func cost(_ sheet: inout CostSheet) {
    let model = sheet.model
    guard let ablation = model.plan.ablation else { return }
    let asksCircuit = model.plan.asks(.circuit)
    if ablation != .zero { sheet.passes("mean activations", model.readable, forward: model.both) }
    sheet.passes(
      "\(ablation.rawValue) ablation", model.pairs, forward: { model.both($0) + model.single($0.rows) },
      backward: { asksCircuit ? $0.rows * model.layers : 0 })
    sheet.interval(model.pairs.count, model.nodes)
    guard asksCircuit else { return }
    sheet.passes("circuit by ablation", model.pairs) { model.search($0, rows: $0.rows) }
    sheet.interval(model.pairs.count, 2)
  }

  static func run(_ job: inout AnalysisJob) throws { try job.ablate() }

  /// Effects of zeros or means; those of which the counterfactual knows nothing establish nothing.
  static func findings(of result: AnalysisResult, plan: AnalysisPlan) -> [Finding] {
    guard let ablation = result.ablation else { return [] }
    let value = ablation.value.rawValue
    var findings = ablation.effects.map { effect in
      Finding(
        id: "\(value)-ablation.\(effect.node)",
        title: effect.isArtefact
          ? "\(effect.node): moved by \(value) ablation, not by the counterfactual"
          : "effect on the decision value of \(effect.node) set to its \(value) value in the clean run (outside the distribution the model was trained on)",
        standing: effect.isArtefact ? .notEstablished : Finding.standing(effect.effect, null: 0),
        estimate: effect.effect,
        unit: "logits", nodes: [effect.node])
    }
    if let circuit = ablation.circuit {
      findings += [("sufficiency", circuit.sufficiency), ("comprehensiveness", circuit.comprehensiveness)].map {
        Finding(
          id: "\(value)-ablation.circuit.\($0)",
          title: "\($0) of the circuit found by \(value) ablation (outside the distribution the model was trained on)",
          standing: Finding.standing($1, null: 0), estimate: $1, unit: "ratio", nodes: circuit.heads)
      }
    }
    return findings
  }
}

extension AnalysisSummary {
  /// Effects of the plan's other ablation value (nil if it names none).
  public var ablation: AblationEvidence? {
    get { self[AblationEvidence.self] }
    set { self[AblationEvidence.self] = newValue }
  }
}

extension AnalysisJob {
  private func scope(_ kind: AnalysisPlan.Ablation) -> Refusal.Scope { .init(rawValue: "\(kind.rawValue) ablation") }

  fileprivate mutating func ablate() throws {
    guard let kind = plan.ablation else { return }
    guard let ablation = try ablationValues(kind) else { return }
    let nodes = outcome.result.nodes
    let asksCircuit = plan.asks(.circuit) && outcome.result.pairs[accepted[0]].noising != nil
    var effects: [[Double]] = []
    var attributions: [[Double]] = []
    for (done, index) in accepted.enumerated() {
      try step("\(kind.rawValue) ablation", done, accepted.count)
      let run = try pairRun(index)
      effects.append(run.values(nodes.map { [$0] }, ablation: ablation).map { $0.m - run.mClean })
      if asksCircuit { attributions.append(run.attributions(ablation: ablation)) }
    }
    guard effects.joined().allSatisfy(\.isFinite), attributions.joined().allSatisfy(\.isFinite) else {
      return refuse(
        scope(kind), .notFinite, "a head or MLP at this value gives a decision value that is NaN or infinite")
    }
    let bootstrap = bootstrap(accepted.count)
    var evidence = AblationEvidence(
      value: kind,
      effects: nodes.enumerated().map { i, node in
        let effect = bootstrap.mean(effects.map { $0[i] })
        return .init(node: node, effect: effect, isArtefact: isArtefact(effect, node: i))
      }, circuit: nil)
    if asksCircuit { evidence.circuit = try circuit(by: ablation, attributions, exact: effects) }
    outcome.result.ablation = evidence
    let exact = accepted.flatMap { outcome.result.pairs[$0].noising ?? [] }
    outcome.approximations.append(
      .ablation(kind, ablated: effects.flatMap { $0 }, exact: exact, artefacts: evidence.artefacts))
  }

  /// Nil if there are no such values, which is then among the refusals.
  private mutating func ablationValues(_ kind: AnalysisPlan.Ablation) throws -> AblationValues? {
    guard kind != .zero else { return .zero }
    let job = self
    let readable = outcome.result.pairs.indices.filter { outcome.result.pairs[$0].mClean != nil }
    let runs = readable.map { index in { try job.pairRun(index) } }
    func progress(_ done: Int) throws { try job.step("mean activations", done, readable.count) }
    guard kind == .positionMean else { return try .mean(of: model, over: runs, progress: progress) }
    let lengths = Set(readable.map { outcome.result.pairs[$0].tokens })
    guard lengths.count == 1 else {
      refuse(
        scope(kind), .notDefined,
        "the prompts have from \(lengths.min() ?? 0) to \(lengths.max() ?? 0) tokens, so that a position is not of one kind; give prompts of one form, or use 'mean'"
      )
      return nil
    }
    return try .positionMean(of: model, over: runs, progress: progress)
  }

  /// Whether an ablation moves the decision and the counterfactual value moves it in neither direction.
  private func isArtefact(_ effect: Estimate, node: Int) -> Bool {
    func moves(_ estimate: Estimate?) -> Bool {
      // Without an interval the size alone speaks: a flag must not be missing because there is one prompt only.
      guard let estimate, abs(estimate.value) >= plan.floor else { return false }
      return !estimate.hasInterval || !estimate.covers(0)
    }
    let counterfactual = outcome.result.nodeEffects[node]
    guard counterfactual.noising != nil else { return false }
    let floor = plan.standing?.leastShare(of: outcome.result.nodes.count) ?? 1
    // A part of which pairs pull in different directions moves the decision though its mean does not.
    let shares = [counterfactual.noisingShare, counterfactual.denoisingShare].compactMap { $0 }
    if shares.contains(where: { $0.isAbove(floor) }) { return false }
    return moves(effect) && !moves(counterfactual.noising) && !moves(counterfactual.denoising)
  }

  /// The asymmetric search with other values in place of the counterfactual ones.
  private mutating func circuit(
    by ablation: AblationValues, _ attributions: [[Double]], exact: [[Double]]
  ) throws -> AnalysisResult.Circuit? {
    let job = self
    let heads = outcome.result.nodes.filter(\.isHead)
    let directions = directions(accepted)
    let evaluation = try CircuitEvaluation(
      heads: heads, runs: accepted.map { index in { try job.pairRun(index) } }, signs: directions?.signs,
      ablation: ablation, step: step)
    let range = evaluation.full.mean - evaluation.empty.mean
    let scope = Refusal.Scope(rawValue: "circuit by \(ablation.kind.rawValue) ablation")
    guard abs(range) >= plan.floor, range != 0 else {
      refuse(
        scope, noCircuit,
        "replacing every head moves the mean decision value by \(Self.words(range)) logits, below the floor of \(plan.floor)"
      )
      return nil
    }
    let search = AsymmetricSearch(
      sufficiencyTarget: plan.sufficiencyTarget, comprehensivenessTarget: plan.comprehensivenessTarget)
    let selection = select(search, difference: range, firstOrder: attributions, exact: exact) {
      directions?.mean($0) ?? $0.mean
    }
    guard !selection.heads.isEmpty else {
      refuse(
        scope, noCircuit,
        directions == nil
          ? "no head adds first-order sufficiency" : "no head alone adds to what replacing every head does")
      return nil
    }
    let (kept, unpruned) = try search.prune(selection.heads, evaluation.values)
    return try evaluation.circuit(
      heads: kept, selection: selection, unpruned: unpruned, bootstrap: bootstrap(accepted.count), plan: plan,
      isForced: !decision.isSingleToken)
  }
}

/// What zeros or means in each head's and MLP's place do, beside their counterfactual values: exact, but in a state that no prompt
/// gives the model.
public struct AblationEvidence: MethodResult {
  /// Its key.
  public static let key = "ablation"

  /// One head's or MLP's effect.
  public struct Effect: Codable, Sendable, Equatable {
    /// The head or MLP.
    public var node: Node
    /// Exact: m(clean run with this node at the other value at all positions) − m_clean.
    public var effect: Estimate
    /// Whether this moves the decision though the counterfactual value does not, in either direction: the known false positive of
    /// ablation by values from outside the distribution.
    public var isArtefact: Bool
  }

  /// What replaces an activation.
  public var value: AnalysisPlan.Ablation
  /// By node, in the model's order.
  public var effects: [Effect]
  /// The circuit of the asymmetric search with these values in place of the counterfactual ones, with its exact scores; nil if not
  /// asked for or refused.
  public var circuit: AnalysisResult.Circuit?

  /// Nodes that this ablation moves and the counterfactual does not.
  public var artefacts: [Node] { effects.filter(\.isArtefact).map(\.node) }
}

extension Approximation {
  /// Not an approximation of what it computes, but of what it is taken for.
  static func ablation(
    _ kind: AnalysisPlan.Ablation, ablated: [Double], exact: [Double], artefacts: [Node]
  ) -> Approximation {
    let flagged =
      artefacts.isEmpty
      ? "no head or MLP is moved by \(kind.rawValue) ablation alone"
      : "moved by \(kind.rawValue) ablation, not by the counterfactual: "
        + artefacts.map(\.description).joined(separator: ", ")
    return compared(
      "\(kind.rawValue) ablation",
      assumption:
        "what the model does with \(kind == .zero ? "zeros" : "means") in an activation's place says what the activation does for this question, though they are outside the distribution that the model was trained on",
      approximate: ablated, exact: exact,
      note: "held against exact patching with counterfactual values (noising) on the same pairs, in logits; \(flagged)")
  }
}
