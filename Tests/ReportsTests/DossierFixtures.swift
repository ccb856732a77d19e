import Foundation

@testable import Analysis
@testable import Evidence
@testable import Project
@testable import Reports

/// A made-up project with made-up runs. The numbers are chosen by hand, not measured.
enum DossierFixtures {
  /// A folder that is removed with the fixture.
  final class Folder: Sendable {
    let url: URL

    init(_ files: [String: String]) throws {
      url = FileManager.default.temporaryDirectory.appendingPathComponent("dossier-\(UUID().uuidString)")
      for (path, text) in files {
        let file = url.appendingPathComponent(path)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
    }

    deinit { try? FileManager.default.removeItem(at: url) }
  }

  /// The project file; `text` stands wherever the provider writes words.
  static func yaml(system: String = "Example scoring", question: String = "Does the colour move the decision?")
    -> String
  {
    func quoted(_ text: String) -> String {
      "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
    }
    return """
      system:
        name: \(quoted(system))
      people:
        - {name: Ada Example, function: Engineer, roles: [prepared]}
      models:
        1.0: {folder: model}
        1.1: {folder: model, supersedes: 1.0}
      prompts:
        answers: {positive: [" yes"], negative: [" no"]}
      behaviours:
        - id: colour
          question: \(quoted(question))
          pairs:
            - {name: first, clean: "a red ball", counterfactual: "a blue ball"}
            - {name: second, clean: "a red cube", counterfactual: "a blue cube"}
            - {name: third, clean: "a red cone", counterfactual: "a blue cone"}
          labels: {clean: colour = red, counterfactual: colour = blue}
      evaluation:
        template: "{text}"
        data: data.csv
        where: {split: test}
        label: {column: label, positive: good}
        groups: [shape]
      """
  }

  /// The project of a folder.
  static func project(_ folder: Folder) throws -> Project { try ProjectLoader.load(folder: folder.url) }

  /// A folder with the project file and an empty model folder.
  static func folder(_ yaml: String = yaml(), documentation: [String: String] = [:]) throws -> Folder {
    var files = [
      "vitrine.yaml": yaml, "model/config.json": "{}", "data.csv": "text,label,shape,split\nx,good,round,test\n",
    ]
    for (name, text) in documentation { files["documentation/\(name)"] = text }
    return try Folder(files)
  }

  /// Inputs for a dossier of a folder's project.
  static func inputs(_ folder: Folder, version: String = "1.0", runs: [StoredRun]) throws -> DossierInputs {
    let project = try project(folder)
    let catalogue = try StatusFixtures.catalogue.get()
    return DossierInputs(
      project: project, modelVersion: version, runs: runs, catalogue: catalogue,
      statements: try StatementLoader.load(
        folder: project.documentation, catalogue: catalogue, project: project.folder))
  }

  /// An estimate.
  static func estimate(_ value: Double, _ low: Double, _ high: Double, n: Int = 3) -> Estimate {
    Estimate(value: value, low: low, high: high, confidence: 0.95, n: n, method: "by hand")
  }

  /// An identifier whose last characters are given.
  static func id(_ tail: String) -> String {
    "019a0000-0000-7000-8000-0000" + String(repeating: "0", count: 8 - tail.count) + tail
  }

  /// An analysis of the fixture's behaviour: one layer, two heads.
  static func analysis(
    _ project: Project, id: String, version: String = "1.0", effect: Estimate? = estimate(-0.168, -0.19, -0.146),
    hasCircuit: Bool = true, started: String = "2026-11-20T10:00:00.000Z", status: RunRecord.Status = .finished,
    digest: String = "a", spread: Double = 0
  ) -> StoredRun {
    let behaviour = project.behaviours[0]
    var result = AnalysisResult(
      layers: 1, headsPerLayer: 2, nodes: [.head(layer: 0, head: 0), .head(layer: 0, head: 1), .mlp(layer: 0)])
    result.pairs = behaviour.pairs.enumerated().map { index, pair in
      var measured = AnalysisResult.Pair(name: pair.name, tokens: 3, firstDifference: 1)
      measured.mClean = 1
      measured.mCounterfactual = 1 + (effect?.value ?? 0) + spread * Double(index - 1)
      return measured
    }
    result.totalEffect = effect
    result.meanClean = estimate(1, 0.8, 1.2)
    result.meanCounterfactual = estimate(0.832, 0.7, 0.95)
    result.flips = Proportion(count: 1, share: estimate(1.0 / 3, 0.061, 0.792))
    result.positiveOnlyClean = 1
    result.nodeEffects = result.nodes.enumerated().map { index, node in
      var effect = AnalysisResult.NodeEffect(node: node)
      effect.noising = estimate(-0.1 * Double(index + 1), -0.4, -0.05, n: 2)
      effect.denoising = estimate(0.1, 0.05, 0.2, n: 2)
      effect.attribution = estimate(-0.09, -0.2, -0.01, n: 2)
      return effect
    }
    if hasCircuit { result.circuit = circuit }
    result.tokenAttributions = [
      .init(
        pair: "first", tokens: ["a", " red", " ball"], counterfactualTokens: ["a", " blue", " ball"],
        zeroed: [0.01, 0.2, -0.05], gradientTimesInput: [0, 0.1, 0], integratedGradients: [0, 0.168, 0],
        completenessResidual: 0.0000123)
    ]
    var record = shell(id: id, kind: .analysis, version: version, started: started, status: status, digest: digest)
    record.system = project.system.name
    record.behaviour = behaviour.id
    record.analysisPlan = project.plan(for: behaviour)
    record.analysis = result
    record.findings = [
      Finding(
        id: "total-effect", title: "change of the decision value", standing: .measured, estimate: effect, unit: "logits"
      ),
      Finding(
        id: "flips", title: "decisions that differ", standing: .measured, estimate: result.flips?.share, unit: "share"),
    ]
    record.approximations = [
      Approximation(
        method: "attribution patching", assumption: "linear", verified: 6, pearson: 0.912, spearman: 0.8,
        largestError: 0.05,
        largestPossiblyMissed: 0, checked: true, note: "every node was also patched exactly")
    ]
    record.selfTests = [
      SelfTest(name: "identity patch changes no bit", outcome: .passed, measured: 0, limit: 0, detail: "3 nodes")
    ]
    record.refusals = [
      Refusal(pair: "third", reason: .belowFloor, scope: "mechanism and ratios", detail: "moved by 0.01, floor 0.05")
    ]
    if !hasCircuit {
      record.refusals.append(
        Refusal(
          pair: nil, reason: .nothingToExplain, scope: "circuit", detail: "the pairs pull in different directions"))
    }
    return StoredRun(record: record, sha256: String(repeating: digest, count: 64))
  }

  private static let circuit = AnalysisResult.Circuit(
    heads: [.head(layer: 0, head: 1)], selected: [.head(layer: 0, head: 1), .head(layer: 0, head: 0)],
    firstOrderSufficiency: 0.9, selectedComprehensiveness: 0.95, mFull: 1, mEmpty: 0.8, mCircuit: 0.97, mWithout: 0.81,
    sufficiency: estimate(0.85, 0.8, 0.9, n: 2), comprehensiveness: estimate(0.95, 0.9, 1.02, n: 2),
    terms: .init(
      granularity: "heads", components: "heads only", ablation: "counterfactual", positions: "all",
      direction: "noising",
      prompts: "2 of 3"))

  /// An evaluation with two groups.
  static func evaluation(
    _ project: Project, id: String, version: String = "1.0", accuracy: Double = 0.805, digest: String = "e"
  ) -> StoredRun {
    func share(_ value: Double, _ n: Int) -> Proportion {
      Proportion(count: Int(value * Double(n)), share: estimate(value, value - 0.06, value + 0.05, n: n))
    }
    func group(_ name: String?, _ value: Double, _ n: Int) -> EvaluationResult.Group {
      .init(
        grouping: name == nil ? nil : "shape", name: name, n: n, accuracy: share(value, n), positiveRate: share(0.6, n),
        baseRate: share(0.7, n), truePositiveRate: share(0.8, n), falsePositiveRate: nil, areaUnderCurve: nil,
        brier: estimate(0.15, 0.1, 0.2, n: n), calibrationInTheLarge: estimate(-0.02, -0.05, 0.01, n: n),
        expectedCalibrationError: estimate(0.07, 0.05, 0.12, n: n),
        bins: [
          .init(from: 0, to: 0.5, n: n, predicted: 0.3, observed: 0.25),
          .init(from: 0.5, to: 1, n: 0, predicted: nil, observed: nil),
        ])
    }
    let groups = [group(nil, accuracy, 200), group("round", 0.75, 60), group("square", 0.83, 140)]
    var record = shell(id: id, kind: .evaluation, version: version, digest: digest)
    record.system = project.system.name
    record.evaluationPlan =
      project.evaluationPlan()
      ?? EvaluationPlan(
        dataset: "data.csv where split = test", label: "label = good", positive: [" yes"], negative: [" no"],
        groupings: ["shape"],
        examples: [.init(name: "record 1", prompt: "x", positive: true, groups: ["shape": "round"])])
    record.evaluation = EvaluationResult(groups: groups, scores: [])
    record.findings = groups.map { group in
      let suffix = group.name.map { ".shape.\($0)" } ?? ""
      return Finding(
        id: "accuracy" + suffix, title: "share of right decisions", standing: .measured, estimate: group.accuracy.share,
        unit: "share")
    }
    return StoredRun(record: record, sha256: String(repeating: digest, count: 64))
  }

  /// The root digest of the fixture's model folder, whose one file is `config.json` with `{}`:
  /// `python3 -c 'from hashlib import sha256 as s; print(s(s(b"{}").digest()).hexdigest())'`.
  static let modelDigest = "c74f3008fdd2f7c5ae5446ab2e522629f63346f68a4026b4f72b91b393475ff6"

  private static func shell(
    id: String, kind: RunRecord.Kind, version: String, started: String = "2026-11-20T10:00:00.000Z",
    status: RunRecord.Status = .finished, digest: String
  ) -> RunRecord {
    var record = StatusFixtures.run(id, kind, findings: [], version: version, status: status, started: started).record
    record.model.rootSha256 = modelDigest
    record.promptsSha256 = String(repeating: digest, count: 64)
    return record
  }
}

extension DossierBuilder.Output {
  /// One of the files as text.
  func text(_ name: String) -> String {
    files.first { $0.name == name }.map { String(decoding: $0.content, as: UTF8.self) } ?? ""
  }

  /// A section of any page, by its id.
  func section(_ id: String) -> Section? {
    pages.pages.flatMap(\.document.sections).first { $0.id == id }
  }

  /// The core and its annexes in one form, one after another.
  func pages(_ ending: String) -> String {
    pages.pages.map { text("\($0.name).\(ending)") }.joined()
  }
}

extension Section {
  /// Everything that the section and those below it say.
  var words: String { ([heading, blocks.words] + sections.map(\.words)).joined(separator: "\n") }
}

extension [Block] {
  /// Everything that the blocks say.
  var words: String {
    map { block in
      switch block {
      case .paragraph(let inlines), .notice(_, let inlines): inlines.plainText
      case .list(let items): items.map(\.plainText).joined(separator: "\n")
      case .definitions(let definitions):
        definitions.map { "\($0.term): \($0.explanation.plainText)" }.joined(separator: "\n")
      case .quotation(let text, let citation): text + "\n" + citation
      case .markdown(let text, _): text
      case .table(let table): table.words
      case .figure(let figure): figure.caption + "\n" + figure.alternative + "\n" + figure.data.words
      case .details(let summary, let blocks): summary + "\n" + blocks.words
      }
    }.joined(separator: "\n")
  }
}

extension Table {
  /// Everything that the table says.
  fileprivate var words: String {
    ([caption] + header + rows.flatMap { $0.map(\.plainText) }).joined(separator: "\n")
  }
}
