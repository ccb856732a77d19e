import Evidence
import Foundation
import Project
import Testing

@testable import Analysis
@testable import Reports

@Suite("Documents of runs, records and verifications")
struct RecordDocumentTests {
  /// The text as it is read, wherever its lines were broken.
  private func said(_ document: Document) throws -> String {
    try TextRenderer(text: .english()).render(document).split { $0.isWhitespace }.joined(separator: " ")
  }

  private func run(_ change: (inout RunRecord) -> Void = { _ in }) throws -> StoredRun {
    let folder = try DossierFixtures.folder()
    var run = MechanismFixtures.run(try DossierFixtures.project(folder))
    change(&run.record)
    return run
  }

  @Test("a run's document has the very sections that the dossier has of it")
  func sameSections() throws {
    let run = try run()
    let text = try InterfaceText.english()
    let view = try #require(AnalysisView(run.record, names: RunNames([run.record.id], text: text), text: text))
    let shown = try RunDocument(run, entries: []).document.sections.first { $0.id == "answer" }
    let dossier = AnswerSection(view: view, anchor: "answer", question: view.plan.question).section
    #expect(shown == dossier && dossier.sections.flatMap(\.sections).count >= 4)
  }

  @Test("a failed run says why, and shows no result")
  func failed() throws {
    let run = try run {
      $0.status = .failed
      $0.failure = "the disk went away"
      $0.analysis = nil
    }
    let text = try said(RunDocument(run, entries: []).document)
    #expect(text.contains("Failure the disk went away") && text.contains(run.sha256))
    #expect(!text.contains("Mean decision value"))
  }

  @Test("the first twenty refusals are named one by one, the rest counted")
  func refused() throws {
    let run = try run { record in
      record.refusals = (1...23).map {
        Refusal(
          pair: "record \($0)", reason: .belowFloor, scope: "mechanism and ratios", detail: "it moves by 0.0\($0)")
      }
    }
    let text = try said(RunDocument(run, entries: []).document)
    #expect(
      text.contains("record 20: mechanism and ratios, the decision moves too little to explain: it moves by 0.020"))
    #expect(!text.contains("record 21: ") && text.contains("3 more stand in the record"))
  }

  @Test("answers of several tokens: how they are scored is said")
  func severalTokens() throws {
    let run = try run { $0.analysis?.answerTokens = 3 }
    #expect(try said(RunDocument(run, entries: []).document).contains("An answer here has up to 3 tokens."))
  }

  @Test("a verification says its verdict first, then what is wrong, what was not checked, each check, the worst first")
  func verification() throws {
    var report = BundleReport(bundle: "b.asice", sha256: String(repeating: "a", count: 64))
    var (fine, lacking, wrong) = (
      BundleReport.Check("roles", "who signed as what", count: 3),
      BundleReport.Check("records", "each record", count: 1), BundleReport.Check("digests", "each file", count: 2)
    )
    lacking.of = 2
    lacking.omit("runs/x.json", "it is withheld")
    report.checks = [fine, lacking]
    for index in report.checks.indices { report.checks[index].settle() }
    report.verdict = .incomplete
    let incomplete = try TextRenderer(text: .english()).render(try VerificationDocument(report).document)
    #expect(
      incomplete.hasPrefix(
        "INCOMPLETE: nothing that was checked is wrong, but records could not be\n  checked whole."))
    #expect(!incomplete.contains("WRONG") && incomplete.contains("  - records: runs/x.json: it is withheld"))

    wrong.problems = [BundleProblem(.digest, "dossier.md", "its bytes are others")]
    wrong.settle()
    fine.settle()
    lacking.settle()
    report.checks = [fine, lacking, wrong]
    report.verdict = .notIntact
    let text = try TextRenderer(text: .english()).render(try VerificationDocument(report).document)
    #expect(text.hasPrefix("NOT INTACT: 1 problem, named below.\nb.asice; SHA-256\n  aaa"))
    let order = [
      "  - WRONG digests: [digest] dossier.md: its bytes are others", "\nNot checked\n", "\nChecks\n",
      "\n  WRONG        digests", "\n  not checked  records", "\n  ok           roles",
    ].map { text.range(of: $0)?.lowerBound }
    #expect(!order.contains(nil) && order.compactMap { $0 } == order.compactMap { $0 }.sorted(), "\(text)")
  }
}
