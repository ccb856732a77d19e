/// What is measured of heads, MLPs and paths only where the plan names it: other ablation values, positions, ways, paths.
extension AnalysisJob {
  /// Pairs that position patching and integrated activations look at, at the most.
  static let nodePairs = 8
  /// Points of each way of integrated activations.
  static let activationSteps = 8

  // MARK: Other ablation values

  mutating func ablate() throws {
    guard let kind = plan.ablation, kind != .counterfactual, !accepted.isEmpty,
      asks(.exactPatching) || asks(.circuit)
    else { return }
    guard let ablation = try ablationValues(kind) else { return }
    let nodes = outcome.result.nodes
    let asksCircuit = asks(.circuit) && outcome.result.pairs[accepted[0]].noising != nil
    var effects: [[Double]] = []
    var attributions: [[Double]] = []
    for (done, index) in accepted.enumerated() {
      try step("\(kind.rawValue) ablation", done, accepted.count)
      let run = try pairRun(index)
      effects.append(run.values(nodes.map { [$0] }, ablation: ablation).map { $0.m - run.mClean })
      if asksCircuit { attributions.append(run.attributions(ablation: ablation)) }
    }
    guard effects.joined().allSatisfy(\.isFinite), attributions.joined().allSatisfy(\.isFinite) else {
      outcome.refusals.append(
        Refusal(
          pair: nil, reason: .notFinite, scope: "\(kind.rawValue) ablation",
          detail: "a head or MLP at this value gives a decision value that is NaN or infinite"))
      return
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
      outcome.refusals.append(
        Refusal(
          pair: nil, reason: .notDefined, scope: "\(kind.rawValue) ablation",
          detail:
            "the prompts have from \(lengths.min() ?? 0) to \(lengths.max() ?? 0) tokens, so that a position is not of one kind; give prompts of one form, or use 'mean'"
        ))
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
    func refuse(_ detail: String) {
      outcome.refusals.append(
        Refusal(
          pair: nil, reason: noCircuit, scope: "circuit by \(ablation.kind.rawValue) ablation", detail: detail))
    }
    guard abs(range) >= plan.floor, range != 0 else {
      refuse(
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
        directions == nil
          ? "no head adds first-order sufficiency" : "no head alone adds to what replacing every head does")
      return nil
    }
    let (kept, unpruned) = try search.prune(selection.heads, evaluation.values)
    return try evaluation.circuit(
      heads: kept, selection: selection, unpruned: unpruned, bootstrap: bootstrap(accepted.count), plan: plan,
      isForced: !decision.isSingleToken)
  }

  // MARK: Positions

  mutating func patchPositions(_ drawn: [Int]) throws {
    guard asks(.positionPatching) else { return }
    var evidence = PositionEvidence(pairs: [])
    let chosen = drawn.prefix(Self.nodePairs)
    for (done, index) in chosen.enumerated() {
      try step("positions", done, chosen.count)
      guard let ids = outcome.tokens.prompts[index], let first = outcome.result.pairs[index].firstDifference else {
        continue
      }
      let run = try pairRun(index)
      let positions = first..<ids[0].count
      evidence.pairs.append(
        PositionEvidence.Pair(
          pair: plan.pairs[index].name, first: first, tokens: encoder.texts(of: Array(ids[0][positions])),
          counterfactualTokens: encoder.texts(of: Array(ids[1][positions])),
          noising: outcome.result.nodes.map { run.positionEffects(of: $0, positions: positions) },
          attribution: run.positionAttributions(positions: positions)))
    }
    let (exact, estimated) = (
      evidence.pairs.flatMap { $0.noising.flatMap { $0 } }, evidence.pairs.flatMap { $0.attribution.flatMap { $0 } }
    )
    guard (exact + estimated).allSatisfy(\.isFinite) else { return refuseNotFinite("effects of single positions") }
    outcome.result.positions = evidence
    outcome.approximations.append(
      .positions(approximate: estimated, exact: exact))
  }

  // MARK: Integrated activations

  mutating func integrateActivations(_ drawn: [Int]) throws {
    guard asks(.integratedActivations) else { return }
    let chosen = drawn.prefix(Self.nodePairs)
    let nodes = outcome.result.nodes
    var integrated: [[Double]] = []
    var exact: [[Double]] = []
    for (done, index) in chosen.enumerated() {
      try step("integrated activations", done, chosen.count)
      let run = try pairRun(index)
      integrated.append(nodes.map { run.integratedEffect(of: $0, steps: Self.activationSteps) })
      exact.append(outcome.result.pairs[index].noising ?? run.effects(noising: true))
    }
    guard (integrated + exact).joined().allSatisfy(\.isFinite) else {
      return refuseNotFinite("integrated activations")
    }
    let bootstrap = bootstrap(chosen.count)
    outcome.result.integratedActivations = IntegratedActivations(
      pairs: chosen.count, steps: Self.activationSteps,
      effects: nodes.enumerated().map { i, node in
        .init(
          node: node, integrated: bootstrap.mean(integrated.map { $0[i] }), exact: bootstrap.mean(exact.map { $0[i] }))
      })
    outcome.approximations.append(
      .integratedActivations(
        approximate: integrated.flatMap { $0 }, exact: exact.flatMap { $0 }, steps: Self.activationSteps))
  }

  mutating func refuseNotFinite(_ scope: String) {
    outcome.refusals.append(
      Refusal(pair: nil, reason: .notFinite, scope: scope, detail: "a value is NaN or infinite"))
  }

  // MARK: Paths

  mutating func patchPaths(_ drawn: [Int]) throws {
    guard asks(.pathPatching), let paths = plan.paths else { return }
    do {
      try model.checkEdges()
      try decision.checkSingleToken(for: "paths")
    } catch let error as AnalysisError {
      outcome.refusals.append(Refusal(pair: nil, reason: .notDefined, scope: "paths", detail: error.message))
      return
    }
    let graph = model.edgeGraph
    let variants = try paths.map { path -> [Bool] in
      guard let index = graph.index(of: path) else { throw Self.noPath(path) }
      return graph.set { $0 == index }
    }
    var (noising, denoising) = (paths.map { _ in [Double]() }, paths.map { _ in [Double]() })
    for (done, index) in drawn.enumerated() {
      try step("paths", done, drawn.count)
      let run = try pairRun(index)
      let (forth, back) = (
        try EdgeSweep(run).values(variants), try EdgeSweep(run, noising: false).values(variants)
      )
      for p in paths.indices {
        noising[p].append(forth[p] - run.mClean)
        denoising[p].append(back[p] - run.mCounterfactual)
      }
    }
    guard (noising + denoising).joined().allSatisfy(\.isFinite) else { return refuseNotFinite("paths") }
    let bootstrap = bootstrap(drawn.count)
    let directions = directions(drawn)
    outcome.result.paths = paths.enumerated().map { p, path in
      PathEffect(
        path: path, noising: bootstrap.mean(noising[p]), denoising: bootstrap.mean(denoising[p]),
        noisingShare: directions?.share(noising[p], bootstrap),
        denoisingShare: directions?.share(denoising[p].map { -$0 }, bootstrap))
    }
  }

  static func noPath(_ path: Edge) -> AnalysisError {
    AnalysisError(
      .badPlan,
      "the model has no path \(path); write a sender (embed, L0H1, MLP0) and a later receiver (L1H2.q, .k or .v, MLP1, logits), such as L0H1>logits"
    )
  }
}

extension AnalysisPlan {
  /// - Throws: `AnalysisError.badPlan` if a path does not exist in the model.
  func checkPaths(of model: Transformer) throws {
    guard methods.contains(.pathPatching), let paths, (try? model.checkEdges()) != nil else { return }
    let graph = model.edgeGraph
    for path in paths where graph.index(of: path) == nil { throw AnalysisJob.noPath(path) }
  }
}
