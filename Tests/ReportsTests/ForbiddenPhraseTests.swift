import Foundation
import Testing

@testable import Evidence
@testable import Project
@testable import Reports

/// Phrasings that no output may hold, written independently of the linter's rules and looked for in the whole text of every file. The
/// law's own words and the statements of the examples do not hold them either, so nothing is left out of the search.
@Suite("Forbidden claims in outputs")
struct ForbiddenPhraseTests {
  static let phrases = [
    "meets article", "meets the requirements of the ai act", "complies with the ai act", "complies with article",
    "complies with regulation (eu) 2024/1689", "is compliant", "ai act compliant", "fully compliant",
    "compliance score",
    "conformity score", "compliance grade", "grade a", "passes the ai act", "passed all requirements",
    "satisfies article",
    "fulfils article", "fulfills article", "certified by vitrine", "is certified", "certifies that",
    "approved by the notified body",
    "no discrimination was found", "no discrimination", "free of bias", "bias-free", "is unbiased", "is fair",
    "are fair",
    "fairness guaranteed", "does not discriminate", "non-discriminatory", "is safe", "risk-free", "no risk",
    "low-risk system", "is trustworthy", "is reliable", "is robust", "fully explains", "fully explainable",
    "complete explanation", "explains the decision completely", "explainability score", "transparency score",
    "the model understands", "the model thinks", "the model knows", "the model believes", "proves that", "proven to",
    "it is proven", "guarantees that", "guaranteed", "has no effect", "has no influence", "does not influence",
    "plays no role", "is independent of", "statistically significant", "100% accurate", "error-free",
    "human analyst reviews", "reviewed by a human expert", "always correct", "the only circuit", "unique circuit",
    "the true mechanism", "held-out test confirms", "qualified signature",
  ]

  /// The text of every file of a dossier, on one line, lower case.
  private func texts(_ output: DossierBuilder.Output) -> [(name: String, text: String)] {
    output.files.map { ($0.name, PlainText.oneLine(String(decoding: $0.content, as: UTF8.self)).lowercased()) }
  }

  @Test("the list has at least forty phrasings, and no two are the same")
  func list() {
    #expect(Self.phrases.count >= 40 && Set(Self.phrases).count == Self.phrases.count)
    #expect(Self.phrases.allSatisfy { $0 == $0.lowercased() })
  }

  @Test(
    "none stands in what the examples give without runs", arguments: ["credit-screening", "encoder-screening", "ioi"])
  func examples(_ name: String) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("examples/\(name)")
    let project = try ProjectLoader.load(folder: folder)
    let catalogue = try StatusFixtures.catalogue.get()
    let statements = try StatementLoader.load(folder: project.documentation, catalogue: catalogue)
    for model in project.models {
      let output = try DossierBuilder().build(
        DossierInputs(
          project: project, modelVersion: model.version, runs: [], catalogue: catalogue, statements: statements))
      for (file, text) in texts(output) {
        #expect(Self.phrases.filter { text.contains($0) } == [], "\(name) \(file)")
      }
    }
  }

  @Test("none stands in a dossier with every kind of evidence, for and against")
  func evidence() throws {
    let folder = try DossierFixtures.folder()
    let project = try DossierFixtures.project(folder)
    for isRival in [true, false] {
      for exceedances in [0, 199] {
        let run = MechanismFixtures.run(
          project, matched: MechanismFixtures.null(exceedances: exceedances, draws: 199), isRival: isRival)
        let runs = [run, DossierFixtures.evaluation(project, id: DossierFixtures.id("2"))]
        let output = try DossierBuilder().build(DossierFixtures.inputs(folder, runs: runs))
        for (file, text) in texts(output) { #expect(Self.phrases.filter { text.contains($0) } == [], "\(file)") }
      }
    }
  }

  @Test("no fact about the provider stands in an output that the project does not give")
  func invented() throws {
    let folder = try DossierFixtures.folder()
    let output = try DossierBuilder().build(DossierFixtures.inputs(folder, runs: []))
    // What a tool of this kind has been seen to fill in by itself.
    let inventions = [
      "@", "gmbh", "ltd", "inc.", "chief", "iso 27001", "iso/iec 42001", "azure", "nvidia", "docker",
      "quarterly", "annually", "24/7", "human-in-the-loop", "encryption", "penetration test", "apache-2.0", "license:",
      "language:",
    ]
    for (file, text) in texts(output) where !file.hasSuffix(".html") {
      let found = inventions.filter { text.contains($0) }
      #expect(found == [], "\(file)")
    }
  }
}
