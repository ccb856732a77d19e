/// Exact patching and attribution patching of every head and MLP at one position at a time. Only where it is named. Effects at single
/// positions belong to single pairs: no mean, no finding.
enum PositionPatchingMethod: AnalysisMethod {
  static let id = AnalysisPlan.Method.positionPatching
  static let question = "At which token does each head and MLP act?"
  static let isNamedOnly = true
  static let results: [any MethodResult.Type] = [PositionEvidence.self]

  static func cost(_ sheet: inout CostSheet) {
    let model = sheet.model
    // One variant for each position, which begins there, or at the first where tokens see those after them.
    let isWhole = model.model.architecture.looksBothWays
    sheet.passes(
      "positions", model.few,
      forward: { model.both($0) + model.single($0.changed) * (isWhole ? $0.changed : ($0.changed + 1) / 2) },
      backward: { $0.rows * model.layers })
  }

  static func run(_ job: inout AnalysisJob) throws {
    var evidence = PositionEvidence(pairs: [])
    let chosen = job.few
    for (done, index) in chosen.enumerated() {
      try job.step("positions", done, chosen.count)
      guard let ids = job.outcome.tokens.prompts[index], let first = job.outcome.result.pairs[index].firstDifference
      else {
        continue
      }
      let run = try job.pairRun(index)
      let positions = job.model.firstChanged(by: first)..<ids[0].count
      evidence.pairs.append(
        PositionEvidence.Pair(
          pair: job.plan.pairs[index].name, first: positions.lowerBound,
          tokens: job.encoder.texts(of: Array(ids[0][positions])),
          counterfactualTokens: job.encoder.texts(of: Array(ids[1][positions])),
          noising: job.outcome.result.nodes.map { run.positionEffects(of: $0, positions: positions) },
          attribution: run.positionAttributions(positions: positions)))
    }
    let (exact, estimated) = (
      evidence.pairs.flatMap { $0.noising.flatMap { $0 } }, evidence.pairs.flatMap { $0.attribution.flatMap { $0 } }
    )
    guard (exact + estimated).allSatisfy(\.isFinite) else { return job.refuseNotFinite("effects of single positions") }
    job.outcome.result.positions = evidence
    job.outcome.approximations.append(
      .positions(approximate: estimated, exact: exact))
  }
}

extension AnalysisPlan.Method {
  /// Exact patching and attribution patching of every head and MLP at one position at a time. Only where it is named.
  public static let positionPatching = Self("position-patching")
}

extension AnalysisSummary {
  /// Effects at single positions (nil if not asked for).
  public var positions: PositionEvidence? {
    get { self[PositionEvidence.self] }
    set { self[PositionEvidence.self] = newValue }
  }
}

/// Effects of single positions, for some of the behaviour's pairs.
public struct PositionEvidence: MethodResult {
  /// Its key.
  public static let key = "positions"

  /// One pair's effects. Positions before the first differing token are left out where every effect there is 0, since no token sees
  /// those after it.
  public struct Pair: Codable, Sendable, Equatable {
    /// The pair's name in the plan.
    public var pair: String
    /// The first position given.
    public var first: Int
    /// The clean prompt's tokens from there on, as text.
    public var tokens: [String]
    /// The counterfactual prompt's.
    public var counterfactualTokens: [String]
    /// Exact, by node in the model's order, by position: m(clean run with the node's counterfactual value there) − m_clean.
    public var noising: [[Double]]
    /// Approximate: first-order estimate of `noising`.
    public var attribution: [[Double]]
  }

  /// The pairs, in the order of the plan.
  public var pairs: [Pair]
}

extension Approximation {
  static func positions(approximate: [Double], exact: [Double]) -> Approximation {
    compared(
      "attribution patching by position",
      assumption:
        "the decision value is linear in each activation at one position between its clean and its counterfactual value",
      approximate: approximate, exact: exact,
      note:
        "every head and MLP was also patched exactly at every position where something differs, on the same pairs, in logits"
    )
  }
}

extension PairRun {
  /// Exact noising effects of one head or MLP at one position of the prompt at a time: m(clean run with the node's counterfactual
  /// value there) − m_clean.
  /// - Parameter positions: positions of the prompt.
  /// - Complexity: one batched sweep of a variant per position, each from its position on.
  public func positionEffects(of node: Node, positions: Range<Int>) -> [Double] {
    values(onCleanRun: true) { sequence in
      positions.map {
        [Intervention(Site(node), positions: $0..<$0 + 1, .run(counterfactual, sequence: sequence))]
      }
    }.map { $0.m - mClean }
  }

  /// First-order estimates of the same, by node in the model's order, by position: the parts that attribution patching adds up.
  /// - Complexity: one backward pass.
  public func positionAttributions(positions: Range<Int>) -> [[Double]] {
    let gradients = model.gradients(of: decision, clean)
    let headWidth = model.architecture.headWidth
    return model.nodes.map { node in
      let here = clean.place(of: Site(node), sequence: 0, headWidth: headWidth)
      let there = counterfactual.place(of: Site(node), sequence: 0, headWidth: headWidth)
      let slope = gradients.place(of: node, sequence: 0, length: clean.rows, headWidth: headWidth)
      return positions.map { position in
        (0..<clean.sequences).reduce(0.0) { sum, sequence in
          let row = sequence * clean.length + position
          let (a, b, g) = (here.position(row), there.position(row), slope.position(row))
          return (0..<here.width).reduce(sum) { $0 + (Double(b[$1]) - Double(a[$1])) * Double(g[$1]) }
        }
      }
    }
  }
}
