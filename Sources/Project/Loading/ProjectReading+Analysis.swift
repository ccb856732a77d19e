import Analysis

extension ProjectReading {
  /// `analysis`: how to analyse, with the usual settings.
  func analysis(_ root: FileSection) throws -> Project.AnalysisSettings {
    let defaults = AnalysisPlan(behaviour: "", question: "", positive: [], negative: [], pairs: [])
    var settings = Project.AnalysisSettings(
      methods: defaults.methods, samples: nil, seed: defaults.seed, floor: defaults.floor,
      standing: .standard,
      integratedGradientsSteps: defaults.integratedGradientsSteps,
      tokenAttributionPairs: defaults.tokenAttributionPairs, sufficiencyTarget: defaults.sufficiencyTarget,
      comprehensivenessTarget: defaults.comprehensivenessTarget, bootstrapResamples: defaults.bootstrapResamples,
      confidence: defaults.confidence, detailPairs: defaults.detailPairs ?? 24, nullDraws: defaults.nullDraws ?? 199,
      pruningThreshold: defaults.pruningThreshold ?? 0.01, ablation: nil, paths: nil)
    let keys = [
      "methods", "samples", "seed", "floor", "flip_floor", "share_floor", "integrated_gradients_steps",
      "token_attribution_pairs",
      "sufficiency_target", "comprehensiveness_target", "bootstrap_resamples", "confidence", "detail_pairs",
      "null_draws", "pruning_threshold", "ablation", "paths",
    ]
    guard let section = try root.section("analysis", allowed: keys) else { return settings }
    if let methods = try methods(section) { settings.methods = methods }
    let whole = { (key: String, least: UInt64, example: Int) throws -> Int? in
      try section.integer(key, in: least...1_000_000_000, example: example).map { Int($0) }
    }
    settings.samples = try whole("samples", 1, 100)
    settings.seed = try section.integer("seed", in: 0...UInt64.max, example: 1) ?? settings.seed
    settings.floor =
      try section.number("floor", example: 0.05, must: "be 0 or more") { $0 >= 0 } ?? settings.floor
    let floor = { (key: String, example: Double) throws -> Double? in
      try section.number(key, example: example, must: "be 0 or more and below 1") { $0 >= 0 && $0 < 1 }
    }
    settings.standing.flips = try floor("flip_floor", 0.01) ?? settings.standing.flips
    settings.standing.share = try floor("share_floor", 0.1) ?? settings.standing.share
    settings.integratedGradientsSteps =
      try whole("integrated_gradients_steps", 1, 64) ?? settings.integratedGradientsSteps
    settings.tokenAttributionPairs = try whole("token_attribution_pairs", 0, 16) ?? settings.tokenAttributionPairs
    settings.bootstrapResamples = try whole("bootstrap_resamples", 100, 2000) ?? settings.bootstrapResamples
    settings.detailPairs = try whole("detail_pairs", 0, 24) ?? settings.detailPairs
    settings.nullDraws = try whole("null_draws", 19, 199) ?? settings.nullDraws
    let share = { (key: String, example: Double) throws -> Double? in
      try section.number(key, example: example, must: "be above 0 and at most 1") { $0 > 0 && $0 <= 1 }
    }
    settings.sufficiencyTarget = try share("sufficiency_target", 0.85) ?? settings.sufficiencyTarget
    settings.comprehensivenessTarget = try share("comprehensiveness_target", 0.9) ?? settings.comprehensivenessTarget
    settings.pruningThreshold = try share("pruning_threshold", 0.01) ?? settings.pruningThreshold
    settings.confidence =
      try section.number("confidence", example: 0.95, must: "lie between 0 and 1") { $0 > 0 && $0 < 1 }
      ?? settings.confidence
    settings.ablation = try ablation(section)
    settings.paths = try paths(section, methods: settings.methods)
    return settings
  }

  /// `counterfactual` is what is done anyway, and leaves no trace in the plan.
  private func ablation(_ section: FileSection) throws -> AnalysisPlan.Ablation? {
    guard let name = try section.text("ablation", example: "'ablation: zero'") else { return nil }
    guard let value = AnalysisPlan.Ablation(rawValue: name) else {
      throw section.error(
        .unknownValue, "'ablation' is '\(name)', which is unknown,", line: section.line(of: "ablation"),
        remedy: NearestName.hint(name, among: AnalysisPlan.Ablation.allCases.map(\.rawValue), kind: "values"))
    }
    return value == .counterfactual ? nil : value
  }

  private func paths(_ section: FileSection, methods: [AnalysisPlan.Method]) throws -> [Edge]? {
    guard let names = try section.texts("paths", example: "'paths: [\"L0H1>L1H2.q\"]'") else { return nil }
    let line = section.line(of: "paths")
    let paths = try names.map { name in
      guard let path = Edge(name) else {
        throw section.error(
          .badValue, "the path '\(name)' cannot be read", line: line,
          remedy: "write sender>receiver, such as L0H1>L1H2.q, MLP0>logits or embed>L2H0.v")
      }
      return path
    }
    guard Set(paths).count == paths.count else {
      throw section.error(.duplicate, "a path is listed twice", line: line, remedy: "list it once")
    }
    guard methods.contains(.pathPatching) else {
      throw section.error(
        .badValue, "'paths' is given, but 'methods' does not name path-patching", line: line,
        remedy: "add path-patching to 'methods', or remove 'paths'")
    }
    return paths
  }

  private func methods(_ section: FileSection) throws -> [AnalysisPlan.Method]? {
    let known = AnalysisPlan.Method.allCases.map(\.rawValue)
    guard let names = try section.texts("methods", example: "'methods: [\(known.joined(separator: ", "))]'") else {
      return nil
    }
    let line = section.line(of: "methods")
    guard !names.isEmpty else {
      throw section.error(
        .badValue, "'methods' is an empty list", line: line,
        remedy: "name at least one of \(known.joined(separator: ", ")), or leave the key out for all")
    }
    var methods: [AnalysisPlan.Method] = []
    for name in names {
      guard let method = AnalysisPlan.Method(rawValue: name) else {
        let near = NearestName.find(name, among: known).map { "did you mean '\($0)'? " } ?? ""
        throw section.error(
          .unknownValue, "unknown method '\(name)'", line: line,
          remedy: near + "The methods are: \(known.joined(separator: ", "))")
      }
      guard !methods.contains(method) else {
        throw section.error(
          .duplicate, "the method '\(name)' is listed twice", line: line, remedy: "list it once")
      }
      methods.append(method)
    }
    return methods
  }
}
