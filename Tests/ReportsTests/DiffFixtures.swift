import Foundation

@testable import Analysis
@testable import Evidence
@testable import Project
@testable import Reports

/// `Tests/Reference/diff/demo.json`: the demo's decision values, with what scipy and statsmodels say of them.
struct DiffDemo: Decodable {
  struct Behaviour: Decodable {
    struct Expected: Decodable {
      struct Node: Decodable { var difference, p: Double }
      var before, after, difference, low, high, p: Double
      var flips: [Int]
      var onlyBefore, onlyAfter: Int
      var mcnemar: Double
      var nodes: [String: Node]?
      var n: Int?
    }
    var id: String
    var names: [String]
    var before, after: [[Double]]
    var expected: Expected
    var layers, heads: Int?
    var nodes: [String]?
    var noisingBefore, noisingAfter: [[Double]?]?
    var circuits: [[String]]?
  }
  struct Evaluation: Decodable {
    struct Expected: Decodable {
      var n: Int
      var right: [Int]
      var onlyBefore, onlyAfter: Int
      var mcnemar: Double
    }
    var names: [String]
    var positive: [Bool]
    var groupings: [String]
    var groups: [[String: String]]
    var before, after: [Double]
    var expected: [String: Expected]
  }
  var behaviours: [Behaviour]
  var evaluation: Evaluation

  static let shared = Result {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Reference/diff/demo.json")
    return try JSONDecoder().decode(DiffDemo.self, from: Data(contentsOf: file))
  }
}

/// Sources of a comparison from values alone.
enum DiffFixtures {
  /// One prompt pair's decision values.
  struct Values {
    var name: String
    var prompt: String
    var clean: Double
    var counterfactual: Double
    var noising: [Double]?
  }

  /// A behaviour's record.
  static func analysis(
    _ id: String, _ version: String, values: [Values], run: String, nodes: [Node] = [], shape: (Int, Int) = (1, 2),
    circuit: [Node]? = nil, positive: [String] = [" yes"], tensors: String = "bb"
  ) -> StoredRun {
    var stored = StatusFixtures.run(run, .analysis, findings: [], version: version, started: "2026-11-25T10:00:00.000Z")
    stored.record.behaviour = id
    stored.record.model.tensorsSha256 = tensors
    stored.record.analysisPlan = AnalysisPlan(
      behaviour: id, question: "Does \(id) move the decision?", positive: positive, negative: [" no"],
      pairs: values.map {
        .init(name: $0.name, clean: "\($0.prompt) a", counterfactual: "\($0.prompt) b")
      })
    var result = AnalysisResult(layers: shape.0, headsPerLayer: shape.1, nodes: nodes)
    result.pairs = values.map { value in
      var pair = AnalysisResult.Pair(name: value.name, tokens: 3, firstDifference: 1)
      (pair.mClean, pair.mCounterfactual, pair.noising) = (value.clean, value.counterfactual, value.noising)
      return pair
    }
    result.nodeEffects = nodes.enumerated().map { place, node in
      var effect = AnalysisResult.NodeEffect(node: node)
      let all = values.compactMap { $0.noising?[place] }
      let mean = all.reduce(0, +) / Double(max(1, all.count))
      effect.noising = DossierFixtures.estimate(mean, mean, mean, n: all.count)
      return effect
    }
    if let circuit {
      let one = DossierFixtures.estimate(1, 0.9, 1.1)
      result.circuit = AnalysisResult.Circuit(
        heads: circuit, selected: circuit, firstOrderSufficiency: 1, selectedComprehensiveness: 1, mFull: 1, mEmpty: 0,
        mCircuit: 1, mWithout: 0, sufficiency: one, comprehensiveness: one,
        terms: .init(
          granularity: "heads", components: "heads", ablation: "counterfactual", positions: "all", direction: "noising",
          prompts: "all"))
    }
    stored.record.analysis = result
    stored.sha256 = String(repeating: "e", count: 56) + run.suffix(8)
    return stored
  }

  /// An evaluation's record.
  static func evaluation(
    _ version: String, names: [String], prompts: [String], positive: [Bool], groupings: [String],
    groups: [[String: String]], scores: [Double], run: String
  ) -> StoredRun {
    var stored = StatusFixtures.run(
      run, .evaluation, findings: [], version: version, started: "2026-11-25T10:00:00.000Z")
    stored.record.evaluationPlan = EvaluationPlan(
      dataset: "data", label: "label", positive: [" yes"], negative: [" no"], groupings: groupings,
      examples: names.indices.map {
        .init(name: names[$0], prompt: prompts[$0], positive: positive[$0], groups: groups[$0])
      })
    stored.record.evaluation = EvaluationResult(
      groups: [], scores: zip(names, scores).map { .init(name: $0, m: $1) })
    stored.sha256 = String(repeating: "e", count: 56) + run.suffix(8)
    return stored
  }

  private static func numbers(_ result: AnalysisResult, mean: Double, n: Int) -> Dossier.BehaviourNumbers {
    var numbers = Dossier.BehaviourNumbers(AnalysisResult(layers: 0, headsPerLayer: 0, nodes: []), plan: nil)
    (numbers.pairs, numbers.measuredPairs) = (result.pairs.count, result.pairs.count)
    numbers.totalEffect = DossierFixtures.estimate(mean, mean - 0.1, mean + 0.1, n: n)
    return numbers
  }

  /// A source of a version's runs; the dossier says no more than what they are.
  static func source(
    _ version: String, _ runs: [StoredRun], items: [Dossier.Item] = [], root: String = "r", asOf: String = "2026-07-27",
    purpose: String? = "to score", approvals: [DiffSource.Approval] = [], hasRecords: Bool = true
  ) -> DiffSource {
    let behaviours = runs.compactMap { run -> Dossier.BehaviourReport? in
      guard let id = run.record.behaviour, let result = run.record.analysis else { return nil }
      let effects = result.pairs.compactMap(\.totalEffect)
      let mean = effects.reduce(0, +) / Double(max(1, effects.count))
      return Dossier.BehaviourReport(
        id: id, question: "Does \(id) move the decision?", construction: "", cleanLabel: "a", counterfactualLabel: "b",
        positive: [" yes"], negative: [" no"], run: run.record.id, planIsCurrent: true, claims: [],
        numbers: numbers(result, mean: mean, n: effects.count), refusals: [],
        approximations: [], selfTests: [])
    }
    let evaluation = runs.first { $0.record.kind == .evaluation }
    let dossier = Dossier(
      schema: Dossier.currentSchema, date: "2026-11-25",
      system: .init(
        name: "Example", provider: nil, intendedPurpose: purpose, riskClass: nil, annexIIIPoint: nil, annexI: false,
        enterprise: nil, placedOnMarket: nil),
      model: .init(version: version, supersedes: nil, changes: nil, rootSha256: [root]),
      law: .init(asOf: asOf, checkedOn: asOf, application: [], applicability: []),
      counts: .init(evidenced: 0, declared: 0, notApplicable: 0, missing: 0, total: 0), items: items,
      behaviours: behaviours,
      evaluation: evaluation.map {
        Dossier.EvaluationReport(
          run: $0.record.id, dataset: "data", label: "label", threshold: 0, positive: [" yes"],
          records: $0.record.evaluationPlan?.examples.count ?? 0, claims: [], groups: [], refusals: [])
      }, comparison: [],
      runs: runs.map { run in
        Dossier.RunEntry(
          id: run.record.id, recordSha256: run.sha256, kind: run.record.kind.rawValue, status: "finished",
          behaviour: run.record.behaviour, modelVersion: version, started: run.record.started, ended: run.record.ended,
          modelRootSha256: root, promptsSha256: "p", program: "vitrine", programSha256: "d", machine: "m", supports: [])
      }, runsNotCited: [], findingsNotCited: [], signers: [], history: [], staleStatements: [],
      signOff: .init(roles: [], waivers: []))
    return DiffSource(
      kind: .version, label: version, dossier: dossier, runs: hasRecords ? runs : [], approvals: approvals)
  }

  /// Settings with given margins.
  static func settings(
    value: Double = 0.1, share: Double = 0.05, envelope: [ChangeSettings.Limit] = []
  ) -> ChangeSettings {
    var settings = ChangeSettings.standard
    (settings.decisionValueMargin, settings.shareMargin, settings.envelope) = (value, share, envelope)
    settings.isDeclared = true
    return settings
  }

  /// A comparison's value.
  static func diff(
    _ before: DiffSource, _ after: DiffSource, _ settings: ChangeSettings = settings()
  ) throws -> Diff {
    try DiffBuilder().build(inputs(before, after, settings)).diff
  }

  /// A comparison's inputs.
  static func inputs(
    _ before: DiffSource, _ after: DiffSource, _ settings: ChangeSettings = settings()
  ) throws -> DiffInputs {
    DiffInputs(before: before, after: after, settings: settings, catalogue: try StatusFixtures.catalogue.get())
  }

  /// Both versions of the demo.
  static func demo(_ demo: DiffDemo) -> (before: DiffSource, after: DiffSource) {
    func runs(_ version: String, isLater: Bool) -> [StoredRun] {
      let tail = isLater ? "b" : "a"
      let analyses = demo.behaviours.enumerated().map { place, behaviour in
        let noising = isLater ? behaviour.noisingAfter : behaviour.noisingBefore
        return analysis(
          behaviour.id, version,
          values: (isLater ? behaviour.after : behaviour.before).enumerated().map { i, m in
            Values(
              name: behaviour.names[i], prompt: "prompt \(behaviour.names[i])", clean: m[0], counterfactual: m[1],
              noising: noising?[i])
          }, run: DossierFixtures.id("\(tail)\(place)"), nodes: behaviour.nodes?.compactMap { Node($0) } ?? [],
          shape: (behaviour.layers ?? 1, behaviour.heads ?? 2),
          circuit: behaviour.circuits.map { $0[isLater ? 1 : 0].compactMap { Node($0) } }, tensors: tail)
      }
      let records = demo.evaluation
      return analyses + [
        evaluation(
          version, names: records.names,
          // The record's own prompt is one of each pair's, as in the demo.
          prompts: records.names.map { "prompt \($0) a" }, positive: records.positive, groupings: records.groupings,
          groups: records.groups, scores: isLater ? records.after : records.before, run: DossierFixtures.id("\(tail)99")
        )
      ]
    }
    return (
      source("1.0", runs("1.0", isLater: false), root: "r0"), source("1.1", runs("1.1", isLater: true), root: "r1")
    )
  }
}
