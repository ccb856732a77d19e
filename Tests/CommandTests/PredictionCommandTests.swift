import Foundation
import Testing

/// The whole way of predictions: check, evaluate, the run, the dossier, the gate, the comparison of versions, reproduction.
@Suite("The provider's own predictions, on the command line")
struct PredictionCommandTests {
  /// A project on two GPT-2 classifiers, with what transformers said of the records with version 1.0.
  private func project(_ column: String) throws -> Scratch {
    let project = try Scratch()
    let reference = Program.repository.appendingPathComponent("Tests/Reference/predictions")
    for (name, target) in [
      ("models/gpt2", "m1"), ("models/gpt2-earlier", "m0"), ("records.csv", "records.csv"), ("gpt2.csv", "said.csv"),
    ] {
      try FileManager.default.copyItem(at: reference.appendingPathComponent(name), to: project.url(target))
    }
    try project.write(
      #"""
      system: {name: Predicted}
      people:
        - {name: Ada Example, function: Engineer, roles: [prepared]}
      models:
        "0.9": {folder: m0}
        "1.0": {folder: m1, supersedes: "0.9"}
      prompts:
        template: "Applicant {sex}, age {age}: {purpose}.\nAmount {amount}, decision"
        data: records.csv
        answers: {positive: approve, negative: decline}
      evaluation:
        label: {column: label, positive: approve, negative: decline}
        groups: [sex]
        predictions: {file: said.csv, id: id, score: \#(column)}

      """#, to: "vitrine.yaml")
    return project
  }

  /// The core of the dossier and its annexes.
  private func pages(_ project: Scratch) async throws -> [String: String] {
    let built = try await Program.vitrine("dossier", "build", "--project", project.path)
    #expect(built.status == 0, "\(built)")
    let dossier = try JSON(String(contentsOf: project.url("dossier/1.0/dossier.json"), encoding: .utf8))
    #expect(try Schema("dossier").problems(of: dossier) == [])
    return try ["dossier", "evidence", "instructions-for-use", "model-card"].reduce(into: [:]) { pages, name in
      pages[name] = try String(contentsOf: project.url("dossier/1.0/\(name).md"), encoding: .utf8)
    }
  }

  @Test("Where they agree, every place says so, and nothing stands in the way")
  func agree() async throws {
    let project = try project("right")
    let check = try await Program.vitrine("check", project.path)
    #expect(
      check.out.contains("'said.csv' has scores in column 'right'") && check.out.contains("for 40 of the 40 records"))
    #expect(check.out.contains("to be held against model version 1.0 within 0.0001"), "\(check)")
    let evaluated = try await Program.vitrine("evaluate", project.path, "--json")
    #expect(
      evaluated.status == 0 && evaluated.err.contains("no decision differs")
        && !evaluated.err.contains("Read with care: what"))
    let runs = try #require(try evaluated.json().array)
    #expect(runs.count == 2)
    // Only the version that the system ran is held against what it said.
    for (run, version) in zip(runs, ["0.9", "1.0"]) {
      let id = try #require(run["id"]?.string)
      let shown = try await Program.vitrine("runs", "show", id, "--json", "--project", project.path)
      let record = try shown.json()
      #expect(try Schema("run").problems(of: record) == [])
      #expect((record["evaluation"]?["predictions"] != nil) == (version == "1.0"))
    }
    let said = "largest difference is"
    let pages = try await pages(project)
    for name in ["dossier", "evidence"] {
      #expect(pages[name]?.contains(said) == true, "\(name): point 2(g), and the evaluation's section")
    }
    #expect(pages["dossier"]?.contains("is not what the serving system does") == false)
    let status = try await Program.vitrine("dossier", "status", "--model", "1.0", "--project", project.path)
    #expect(!status.out.contains("READ THIS FIRST"))
    let gates = try await Program.vitrine("sign", "--gates", "--json", "--model", "1.0", "--project", project.path)
    #expect(try gates.json().array?.contains { $0["gate"] == .string("predictions-differ") } == false, "\(gates)")
  }

  @Test("Where they differ, every place says it first, with the cause, and a gate stops the signature")
  func differ() async throws {
    let project = try project("template_colon")
    let evaluated = try await Program.vitrine("evaluate", project.path, "--model", "1.0", "--json")
    #expect(evaluated.status == 0, "\(evaluated)")
    #expect(
      evaluated.err.contains("warning") && evaluated.err.contains("another template: with a colon more at its end"))
    let id = try #require(try evaluated.json()[0]?["id"]?.string)
    let shown = try await Program.vitrine("runs", "show", id, "--project", project.path)
    #expect(shown.said.contains("what is measured here is not what the serving system does"), "\(shown)")
    let pages = try await pages(project)
    let page = try #require(pages["dossier"])
    let sentence = "what is measured here is not what the serving system does"
    #expect(page.components(separatedBy: sentence).count >= 3, "start of the first page, point 2(g)")
    for (name, page) in pages { #expect(page.contains(sentence), "\(name)") }
    let doubt = try #require(page.range(of: sentence))
    let performance = try #require(page.range(of: ", the decision equals the label in"))
    #expect(doubt.lowerBound < performance.lowerBound)
    for (name, page) in pages { #expect(page.contains("with a colon more at its end"), "\(name)") }
    let status = try await Program.vitrine("dossier", "status", "--model", "1.0", "--project", project.path)
    #expect(status.out.contains("READ THIS FIRST") && status.said.contains(sentence), "\(status)")
    let gates = try await Program.vitrine("sign", "--gates", "--json", "--model", "1.0", "--project", project.path)
    let found = try gates.json().array?.first { $0["gate"] == .string("predictions-differ") }
    #expect(found?["key"]?.string == id && found?["is_waivable"] == .bool(true), "\(gates)")
    #expect(try Schema("gates").problems(of: gates.json()) == [])
    let again = try await Program.vitrine("runs", "reproduce", id, "--project", project.path)
    #expect(again.status == 0 && again.out.hasPrefix("BYTE-EQUAL"), "\(again)")
  }

  @Test("Another version's weights are named, and two versions stand side by side in diff")
  func weights() async throws {
    let project = try project("other_weights")
    let evaluated = try await Program.vitrine("evaluate", project.path)
    #expect(evaluated.status == 0 && evaluated.err.contains("those of version 0.9"), "\(evaluated)")
    let diff = try await Program.vitrine("diff", "0.9", "1.0", "--project", project.path)
    #expect(diff.status == 0 || diff.status == 1, "\(diff)")
    let folder = try FileManager.default.contentsOfDirectory(atPath: project.url("diff").path)[0]
    let page = try String(contentsOf: project.url("diff/\(folder)/diff.md"), encoding: .utf8)
    // In gpt2.csv 38 of the 40 scores of the other weights lie farther than 0.0001 from those of the right ones.
    #expect(
      page.contains("predictions of the serving system that differ") && page.contains("38/40"),
      "\(page.components(separatedBy: "\n").filter { $0.contains("predictions of the serving") })")
  }

  @Test("Another file is another plan: the run counts for nothing until it is made again")
  func stale() async throws {
    let project = try project("right")
    let evaluated = try await Program.vitrine("evaluate", project.path, "--model", "1.0")
    #expect(evaluated.status == 0)
    let file = project.url("said.csv")
    let old = try String(contentsOf: file, encoding: .utf8)
    try project.write(old.replacing("A107,0.57", with: "A107,0.58"), to: "said.csv")
    let status = try await Program.vitrine("dossier", "status", "--model", "1.0", "--project", project.path)
    #expect(status.out.contains("(different: predictions)"), "\(status)")
  }
}
