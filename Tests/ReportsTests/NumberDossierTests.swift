import Foundation
import SchemaSupport
import Testing

@testable import Analysis
@testable import Evidence
@testable import Project
@testable import Reports

/// The dossier of a regression: a number in a unit of its own, with a threshold or without.
@Suite("The dossier of a number")
struct NumberDossierTests {
  private typealias Fixtures = DossierFixtures

  private static let data = """
    text,label,shape,split
    a,10,round,test
    b,12.5,round,test
    c,7,round,test
    d,20,square,test
    e,3,square,test
    f,14,square,test

    """

  private func folder(threshold: Double?) throws -> DossierFixtures.Folder {
    let answers = threshold.map { "{unit: points, threshold: \($0)}" } ?? "{unit: points}"
    let yaml = Fixtures.yaml().replacing("{positive: [\" yes\"], negative: [\" no\"]}", with: answers)
      .replacing("{column: label, positive: good}", with: "{column: label}")
    return try DossierFixtures.Folder(["vitrine.yaml": yaml, "model/config.json": "{}", "data.csv": Self.data])
  }

  private func analysis(_ project: Project, id: String, version: String = "1.0") throws -> StoredRun {
    var run = Fixtures.analysis(project, id: id, version: version, spread: 0.022)
    let plan = try #require(run.record.analysisPlan)
    var outcome = Analyzer.Outcome(
      result: try #require(run.record.analysis), findings: run.record.findings,
      approximations: run.record.approximations, selfTests: [], refusals: run.record.refusals,
      tokens: PromptTokens(prompts: [], try Decision(positive: [0], negative: [1], vocabulary: 2)))
    if plan.decisionThreshold == nil {
      (outcome.result.flips, outcome.result.positiveOnlyClean, outcome.result.positiveOnlyCounterfactual) = (
        nil, nil, nil
      )
      outcome.findings.removeAll { $0.id == "flips" }
    }
    outcome.result.standing = outcome.result.behaviourStanding(plan)
    outcome.measure(in: "points")
    (run.record.analysis, run.record.findings) = (outcome.result, outcome.findings)
    return run
  }

  private func evaluation(_ project: Project, id: String, version: String = "1.0", off: Double = 1) throws -> StoredRun
  {
    var run = Fixtures.evaluation(project, id: id, version: version)
    let plan = try #require(run.record.evaluationPlan)
    let scores = plan.examples.enumerated().map { place, example in
      EvaluationResult.Score(name: example.name, m: (example.number ?? 0) + off * Double(place % 3))
    }
    let errors = NumberErrors(plan: plan, scores: scores).groups()
    run.record.evaluation = EvaluationResult(
      groups: [], errors: errors, scores: scores, rule: plan.threshold == nil ? .undecided : .threshold)
    run.record.findings = Finding.findings(of: errors, unit: "points")
    return run
  }

  private func output(
    threshold: Double?, language: String = "en", version: String = "1.1"
  ) throws -> DossierBuilder.Output {
    let folder = try folder(threshold: threshold)
    let project = try Fixtures.project(folder)
    let runs = [
      try analysis(project, id: Fixtures.id("1")), try evaluation(project, id: Fixtures.id("2")),
      try analysis(project, id: Fixtures.id("3"), version: "1.1"),
      try evaluation(project, id: Fixtures.id("4"), version: "1.1", off: 2),
    ]
    return try DossierBuilder(language: language).build(Fixtures.inputs(folder, version: version, runs: runs))
  }

  @Test(
    "is rendered in the unit on every page, never in logits", arguments: [nil, 10.0], ["en", "de"])
  func pages(threshold: Double?, language: String) throws {
    let output = try output(threshold: threshold, language: language)
    let pages = output.pages("md")
    #expect(pages.contains("points"))
    for word in ["logits", "Logits"] { #expect(!pages.contains(word), "\(word)") }
    #expect(output.dossier.unit == "points" && output.dossier.behaviours[0].unit == "points")
    #expect(output.dossier.behaviours[0].threshold == threshold)
    #expect(output.dossier.evaluation?.errors?.count == 3 && output.dossier.evaluation?.groups.isEmpty == true)
    #expect(output.dossier.evaluation?.comparison?.rows.count == 2)
  }

  @Test("counts no decision where no threshold is declared")
  func undecided() throws {
    let (open, decided) = (try output(threshold: nil), try output(threshold: 10))
    #expect(!open.pages("md").contains("Decisions that change"))
    #expect(decided.pages("md").contains("Decisions that change"))
    #expect(open.dossier.behaviours[0].numbers?.positiveOnlyClean == nil)
    let json = open.text("dossier.json")
    for key in ["positive_only_clean", "positive_rate", "\"flips\":"] { #expect(!json.contains(key), "\(key)") }
  }

  @Test("follows its schema and reads back", arguments: [nil, 10.0])
  func schema(threshold: Double?) throws {
    let output = try output(threshold: threshold)
    let json = Data(output.text("dossier.json").utf8)
    var checker = try SchemaChecker("dossier")
    checker.check(try CanonicalJSON.parse(json))
    #expect(checker.errors == [])
    #expect(try CanonicalJSON.decode(Dossier.self, from: json) == output.dossier)
  }

  @Test("A refusal of a record says the unit in German, too")
  func refusal() throws {
    let text = try InterfaceText.read(language: "de").measuring(in: "points")
    let words = text.knownWords("|m_clean − m_counterfactual| = 0.1 points is below the floor of 0.25")
    #expect(words.contains("points liegt unter der Untergrenze") && !words.contains("Logits"), "\(words)")
    #expect(try InterfaceText.english().measuring(in: nil).measuredUnit == nil)
  }
}
