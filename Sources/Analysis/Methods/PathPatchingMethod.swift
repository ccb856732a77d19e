/// Exact patching of the plan's `paths`, both ways. Only where it is named.
enum PathPatchingMethod: AnalysisMethod {
  static let id = AnalysisPlan.Method.pathPatching
  static let question = "What does one named connection do, exactly?"
  static let isNamedOnly = true
  static let results: [any MethodResult.Type] = [[PathEffect].self]

  static func cost(_ sheet: inout CostSheet) {
    let model = sheet.model
    guard model.isSingleToken, let paths = model.plan.paths else { return }
    sheet.passes("paths", model.detail) {
      model.both($0) + 2 * Double(paths.count) * $0.changed * 0.7 * model.layers
    }
    sheet.interval(model.detail.count, 2 * Double(paths.count))
  }

  static func run(_ job: inout AnalysisJob) throws {
    guard let paths = job.plan.paths, try job.isDefined("paths", needsEdges: true) else { return }
    let drawn = job.detail
    let graph = job.model.edgeGraph
    let variants = try paths.map { path -> [Bool] in
      guard let index = graph.index(of: path) else { throw noPath(path) }
      return graph.set { $0 == index }
    }
    var (noising, denoising) = (paths.map { _ in [Double]() }, paths.map { _ in [Double]() })
    for (done, index) in drawn.enumerated() {
      try job.step("paths", done, drawn.count)
      let run = try job.pairRun(index)
      let (forth, back) = (
        try EdgeSweep(run).values(variants), try EdgeSweep(run, noising: false).values(variants)
      )
      for p in paths.indices {
        noising[p].append(forth[p] - run.mClean)
        denoising[p].append(back[p] - run.mCounterfactual)
      }
    }
    guard (noising + denoising).joined().allSatisfy(\.isFinite) else { return job.refuseNotFinite("paths") }
    let bootstrap = job.bootstrap(drawn.count)
    let directions = job.directions(drawn)
    job.outcome.result.paths = paths.enumerated().map { p, path in
      PathEffect(
        path: path, noising: bootstrap.mean(noising[p]), denoising: bootstrap.mean(denoising[p]),
        noisingShare: directions?.share(noising[p], bootstrap),
        denoisingShare: directions?.share(denoising[p].map { -$0 }, bootstrap))
    }
  }

  fileprivate static func noPath(_ path: Edge) -> AnalysisError {
    AnalysisError(
      .badPlan,
      "the model has no path \(path); write a sender (embed, L0H1, MLP0) and a later receiver (L1H2.q, .k or .v, MLP1, logits), such as L0H1>logits"
    )
  }

  static func findings(of result: AnalysisResult, plan: AnalysisPlan) -> [Finding] {
    let floor = plan.standing?.leastShare(of: result.nodes.count)
    return (result.paths ?? []).flatMap { path in
      [
        ("noising", "its counterfactual value in the clean run", path.noising, path.noisingShare),
        ("denoising", "its clean value in the counterfactual run", path.denoising, path.denoisingShare),
      ].flatMap { kind, words, estimate, share in
        Finding.effect(
          "path.\(kind).\(path.path)", "the path \(path.path) set to \(words)", estimate, share: share, floor: floor)
      }
    }
  }
}

extension AnalysisPlan.Method {
  /// Exact patching of the plan's `paths`, both ways. Only where it is named.
  public static let pathPatching = Self("path-patching")
}

extension AnalysisSummary {
  /// The plan's paths, each patched by itself, in its order (nil if not asked for).
  public var paths: [PathEffect]? {
    get { self[[PathEffect].self] }
    set { self[[PathEffect].self] = newValue }
  }
}

/// What patching one path does, exactly: the receiver reads the sender's value of the other run, everyone else reads what the
/// sender writes now.
public struct PathEffect: ListedResult {
  /// The list's key.
  public static let listKey = "paths"

  /// From whom to whom.
  public var path: Edge
  /// m(clean run with this path from the counterfactual run) − m_clean.
  public var noising: Estimate
  /// m(counterfactual run with this path from the clean run) − m_counterfactual.
  public var denoising: Estimate
  /// The share of each pair's change that noising carries, in that pair's direction. Nil in records of before version 0.2.
  public var noisingShare: Estimate?
  /// The same of denoising.
  public var denoisingShare: Estimate?
}

extension AnalysisPlan {
  /// - Throws: `AnalysisError.badPlan` if a path does not exist in the model.
  func checkPaths(of model: Transformer) throws {
    guard methods.contains(.pathPatching), let paths, (try? model.checkEdges()) != nil else { return }
    let graph = model.edgeGraph
    for path in paths where graph.index(of: path) == nil { throw PathPatchingMethod.noPath(path) }
  }
}
