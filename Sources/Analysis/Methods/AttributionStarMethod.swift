/// AtP*: queries, keys and values of each head, the softmax exact, and gradients with one layer dropped at a time. Only where it is
/// named.
enum AttributionStarMethod: AnalysisMethod {
  static let id = AnalysisPlan.Method.attributionStar
  static let question = "What do queries, keys and values do, and which effects cancel to first order?"
  static let isNamedOnly = true
  static let results: [any MethodResult.Type] = [AttributionStar.self]

  static func cost(_ sheet: inout CostSheet) {
    sheet.takesGradientsInBatches = true
    let model = sheet.model
    let perLayer = Double(model.model.headInputs(layer: 0).count)
    let layers = model.layers
    sheet.passes(
      "head inputs", model.few,
      forward: { model.both($0) + model.exact($0) + perLayer * $0.changed * layers * (layers + 1) / 2 },
      backward: { $0.rows * layers * (1 + (layers - 1) / 2) })
    sheet.interval(model.few.count, 4 * layers * perLayer + 3 * model.nodes)
  }

  static func run(_ job: inout AnalysisJob) throws {
    let chosen = job.few
    var inputs: [HeadInputEffects] = []
    var (dropped, attribution, exact) = ([[Double]?](), [[Double]](), [[Double]]())
    for (done, index) in chosen.enumerated() {
      try job.step("head inputs", done, chosen.count)
      let run = try job.pairRun(index)
      let effects = run.headInputEffects()
      inputs.append(effects.inputs)
      dropped.append(effects.dropped)
      attribution.append(job.outcome.result.pairs[index].attribution ?? effects.attributions)
      exact.append(job.outcome.result.pairs[index].noising ?? run.effects(noising: true))
    }
    let all = inputs.flatMap { [$0.exact, $0.linear, $0.corrected] + [$0.dropped].compactMap { $0 } }
    guard (all + dropped.compactMap { $0 } + attribution + exact).joined().allSatisfy(\.isFinite) else {
      return job.refuseNotFinite("inputs of heads")
    }
    job.outcome.result.attributionStar = job.star(inputs, dropped, attribution, exact, job.directions(chosen))
    job.register(inputs)
    let sizes = dropped.compactMap { $0 }
    guard !sizes.isEmpty else { return }
    job.outcome.approximations += Approximation.sizes(
      dropped: sizes.flatMap { $0 }, attribution: attribution.flatMap { $0 }, exact: exact.flatMap { $0 })
  }

  /// What a head's queries, keys or values do, exact and estimated; sizes with layers dropped.
  static func findings(of result: AnalysisResult, plan: AnalysisPlan) -> [Finding] {
    guard let star = result.attributionStar else { return [] }
    let floor = plan.standing?.leastShare(of: result.nodes.count)
    let inputs = star.inputs.flatMap { entry in
      Finding.effect(
        "input.\(entry.input)", "the input \(entry.input) set to its counterfactual value in the clean run",
        entry.exact, share: entry.share, floor: floor) + [
          Finding(
            id: "input-corrected.\(entry.input)",
            title: "estimate of the effect of the input \(entry.input), the softmax exact and the rest first order",
            standing: .screened, estimate: entry.corrected, unit: "logits")
        ]
    }
    let sizes = star.effects.compactMap { entry in
      entry.dropped.map {
        Finding(
          id: "gradient-drop.\(entry.node)",
          title: "size of the effect of setting \(entry.node) to its counterfactual value, first order, layers dropped",
          standing: .screened, estimate: $0, unit: "logits", nodes: [entry.node])
      }
    }
    return inputs + sizes
  }
}

extension AnalysisPlan.Method {
  /// AtP*: queries, keys and values of each head, the softmax exact, and gradients with one layer dropped at a time. Only where it is
  /// named.
  public static let attributionStar = Self("attribution-patching-star")
}

extension AnalysisSummary {
  /// AtP*'s estimates of heads' inputs and of sizes (nil if not asked for).
  public var attributionStar: AttributionStar? {
    get { self[AttributionStar.self] }
    set { self[AttributionStar.self] = newValue }
  }
}

extension AnalysisJob {
  fileprivate func star(
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
  fileprivate mutating func register(_ effects: [HeadInputEffects]) {
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

/// AtP*: each head's queries, keys and values with the softmax computed exactly, and the sizes of effects with one layer's gradient
/// dropped at a time. Means over some of the behaviour's pairs.
public struct AttributionStar: MethodResult {
  /// Its key.
  public static let key = "attributionStar"
  /// Its tables.
  public static let tableNames = ["inputs", "sizes"]

  /// What replacing one input of a head by its counterfactual value at all positions does.
  public struct Input: Codable, Sendable, Equatable {
    /// The input, written as in edges: `L2H1.q`. Keys and values belong to a key/value head.
    public var input: Receiver
    /// Approximate: first order in the input.
    public var attribution: Estimate
    /// Approximate: the attention computed anew, first order in what it gives. Of values the same as `attribution`.
    public var corrected: Estimate
    /// Approximate: mean size of `corrected` with one layer's gradient dropped at a time; nil in a model of one layer.
    public var dropped: Estimate?
    /// Exact: m(clean run with this input replaced) − m_clean.
    public var exact: Estimate
    /// Exact: the share of each pair's change that the input carries, in that pair's direction. Nil in records of before version 0.2.
    public var share: Estimate?
  }

  /// One head's or MLP's.
  public struct Effect: Codable, Sendable, Equatable {
    /// The head or MLP.
    public var node: Node
    /// Approximate: attribution patching, on the same pairs.
    public var attribution: Estimate
    /// Approximate: mean size of `attribution` with one layer's gradient dropped at a time; nil in a model of one layer.
    public var dropped: Estimate?
    /// Exact: the noising effect, on the same pairs.
    public var exact: Estimate
  }

  /// Pairs that it rests on.
  public var pairs: Int
  /// Layer by layer: queries, keys, values.
  public var inputs: [Input]
  /// By node, in the model's order.
  public var effects: [Effect]

  /// What inputs do; sizes, where the model has layers to drop.
  public var tables: [ResultTable] {
    var tables = [
      ResultTable(
        "inputs", pairs: pairs, inputs.map { ("\($0.input)", [$0.attribution, $0.corrected, $0.exact]) },
        estimates: [Approximation.queriesAndKeys, Approximation.queriesAndKeysCorrected])
    ]
    if effects.contains(where: { $0.dropped != nil }) {
      tables.append(
        ResultTable(
          "sizes", pairs: pairs, effects.map { ("\($0.node)", [$0.dropped, $0.attribution, $0.exact]) },
          estimates: [Approximation.nodeSizes, Approximation.nodeSizesDropped]))
    }
    return tables
  }
}

extension Approximation {
  static let queriesAndKeys = "attribution patching of queries and keys"
  static let queriesAndKeysCorrected = "attribution patching of queries and keys, softmax exact"
  static let queriesAndKeysDropped = "attribution patching of queries and keys, softmax exact, layers dropped (AtP*)"
  static let nodeSizes = "attribution patching, sizes alone"
  static let nodeSizesDropped = "attribution patching, sizes alone, layers dropped (GradDrop)"

  /// Estimates of what queries and keys do; values are linear in either way and left out.
  static func queriesAndKeys(
    linear: [Double], corrected: [Double], dropped: [Double]?, exact: [Double]
  ) -> [Approximation] {
    let note =
      "the queries or keys of every head were also replaced exactly on the same pairs; the error is per pair and input, in logits"
    let anew = "the decision value is linear in what each head's attention, computed anew, gives"
    var entries = [
      compared(
        queriesAndKeys, assumption: "the decision value is linear in each head's queries and keys",
        approximate: linear, exact: exact, note: note),
      compared(queriesAndKeysCorrected, assumption: anew, approximate: corrected, exact: exact, note: note),
    ]
    if let dropped {
      entries.append(
        compared(
          queriesAndKeysDropped,
          assumption: "\(anew), and effects that cancel show once one layer passes nothing on",
          approximate: dropped, exact: exact.map(abs), note: "\(note); sizes are held against exact sizes"))
    }
    return entries
  }

  /// Sizes of heads' and MLPs' effects with layers dropped, and without.
  static func sizes(dropped: [Double], attribution: [Double], exact: [Double]) -> [Approximation] {
    [
      compared(
        nodeSizesDropped,
        assumption:
          "effects that cancel between what a node does directly and through others show once one layer passes nothing on",
        approximate: dropped, exact: exact.map(abs), note: "\(samePairs); sizes are held against exact sizes"),
      compared(
        nodeSizes,
        assumption: "the decision value is linear in each activation between its clean and its counterfactual value",
        approximate: attribution.map(abs), exact: exact.map(abs),
        note: "\(samePairs); sizes are held against exact sizes"),
    ]
  }
}
