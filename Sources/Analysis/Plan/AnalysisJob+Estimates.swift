/// Estimates beside attribution patching, each held against exact values on the same pairs: only where the plan names them.
extension AnalysisJob {
  // MARK: Relevance patching

  mutating func patchRelevance(_ drawn: [Int]) throws {
    guard asks(.relevancePatching) else { return }
    let nodes = outcome.result.nodes
    var (held, attended, attribution, exact) = ([[Double]](), [[Double]](), [[Double]](), [[Double]]())
    for (done, index) in drawn.enumerated() {
      try step("relevance patching", done, drawn.count)
      let run = try pairRun(index)
      held.append(run.relevances(patternHeld: true))
      attended.append(run.relevances(patternHeld: false))
      attribution.append(outcome.result.pairs[index].attribution ?? run.attributions())
      exact.append(outcome.result.pairs[index].noising ?? run.effects(noising: true))
    }
    guard (held + attended + attribution + exact).joined().allSatisfy(\.isFinite) else {
      return refuseNotFinite("relevance patching")
    }
    let bootstrap = bootstrap(drawn.count)
    outcome.result.relevance = RelevanceEvidence(
      pairs: drawn.count,
      effects: nodes.enumerated().map { i, node in
        func mean(_ values: [[Double]]) -> Estimate { bootstrap.mean(values.map { $0[i] }) }
        return .init(
          node: node, relevance: mean(held), attended: mean(attended), attribution: mean(attribution),
          exact: mean(exact))
      })
    outcome.approximations += Approximation.relevances(
      held: held.flatMap { $0 }, attended: attended.flatMap { $0 }, attribution: attribution.flatMap { $0 },
      exact: exact.flatMap { $0 })
  }

  // MARK: AtP*

  mutating func patchHeadInputs(_ drawn: [Int]) throws {
    guard asks(.attributionStar) else { return }
    let chosen = drawn.prefix(Self.nodePairs)
    var inputs: [HeadInputEffects] = []
    var (dropped, attribution, exact) = ([[Double]?](), [[Double]](), [[Double]]())
    for (done, index) in chosen.enumerated() {
      try step("head inputs", done, chosen.count)
      let run = try pairRun(index)
      let effects = run.headInputEffects()
      inputs.append(effects.inputs)
      dropped.append(effects.dropped)
      attribution.append(outcome.result.pairs[index].attribution ?? effects.attributions)
      exact.append(outcome.result.pairs[index].noising ?? run.effects(noising: true))
    }
    let all = inputs.flatMap { [$0.exact, $0.linear, $0.corrected] + [$0.dropped].compactMap { $0 } }
    guard (all + dropped.compactMap { $0 } + attribution + exact).joined().allSatisfy(\.isFinite) else {
      return refuseNotFinite("inputs of heads")
    }
    outcome.result.attributionStar = star(inputs, dropped, attribution, exact, directions(Array(chosen)))
    register(inputs)
    let sizes = dropped.compactMap { $0 }
    guard !sizes.isEmpty else { return }
    outcome.approximations += Approximation.sizes(
      dropped: sizes.flatMap { $0 }, attribution: attribution.flatMap { $0 }, exact: exact.flatMap { $0 })
  }

  private func star(
    _ inputs: [HeadInputEffects], _ dropped: [[Double]?], _ attribution: [[Double]], _ exact: [[Double]],
    _ directions: ChangeDirections?
  ) -> AttributionStar {
    let bootstrap = bootstrap(exact.count)
    func mean(_ values: [[Double]?], _ i: Int) -> Estimate? {
      let known = values.compactMap { $0 }
      return known.count == values.count ? bootstrap.mean(known.map { $0[i] }) : nil
    }
    return AttributionStar(
      pairs: exact.count,
      inputs: model.headInputs.enumerated().map { i, input in
        .init(
          input: input.receiver, attribution: bootstrap.mean(inputs.map { $0.linear[i] }),
          corrected: bootstrap.mean(inputs.map { $0.corrected[i] }), dropped: mean(inputs.map(\.dropped), i),
          exact: bootstrap.mean(inputs.map { $0.exact[i] }),
          share: directions?.share(inputs.map { $0.exact[i] }, bootstrap))
      },
      effects: outcome.result.nodes.enumerated().map { i, node in
        .init(
          node: node, attribution: bootstrap.mean(attribution.map { $0[i] }), dropped: mean(dropped, i),
          exact: bootstrap.mean(exact.map { $0[i] }))
      })
  }

  /// Holds the estimates of queries and keys against their exact effects.
  private mutating func register(_ effects: [HeadInputEffects]) {
    let chosen = model.headInputs.indices.filter { model.headInputs[$0].kind != .value }
    func all(_ values: (HeadInputEffects) -> [Double]) -> [Double] {
      effects.flatMap { effect in chosen.map { values(effect)[$0] } }
    }
    let hasDropped = effects.allSatisfy { $0.dropped != nil }
    outcome.approximations += Approximation.queriesAndKeys(
      linear: all(\.linear), corrected: all(\.corrected), dropped: hasDropped ? all { $0.dropped ?? [] } : nil,
      exact: all(\.exact))
  }
}
