import Foundation
import Testing

@Suite("A plan's cost, other answers and other values on the command line")
struct PlanCommandTests {
  @Test("--plan says what each run would cost, step by step, and stores nothing")
  func planOnly() async throws {
    let project = try Sample.folder()
    let result = try await Program.vitrine("analyze", project.path, "--plan")
    #expect(result.status == 0, "\(result)")
    let line = try #require(result.out.split(separator: "\n").first)
    #expect(
      line.contains(
        /1\.0 names: 2 prompt pairs of 15 tokens, about \d+ forward and \d+ backward passes, about \d+ s here, at most [\d.]+ GB/
      ),
      "\(line)")
    for step in ["exact patching", "token attribution", "edges", "self-test", "within a factor of 2"] {
      #expect(result.out.contains(step), "\(step)")
    }
    #expect(try project.files() == ["vitrine.yaml"])
  }

  @Test("Before a run the same line goes to standard error")
  func before() async throws {
    let project = try Sample.folder(
      Sample.project(behaviours: [("one", [Sample.pair()])], analysis: ["methods: [exact-patching]"]))
    let result = try await Program.vitrine("analyze", project.path)
    #expect(result.status == 0 && result.err.contains("1.0 one: 1 prompt pairs of 15 tokens, about"), "\(result)")
    #expect(!result.out.contains("passes"))
  }

  @Test("Answers of several tokens run through: record, refusals by name, page")
  func severalTokens() async throws {
    let project = try Sample.folder(
      Sample.project(answers: "{positive: [\" John and Mary\"], negative: [\" Mary and John\"]}"))
    let result = try await Program.vitrine("analyze", project.path, "--json")
    #expect(result.status == 0, "\(result)")
    let id = try #require(try result.json()[0]?["id"]?.string)
    let record = try await Program.vitrine("runs", "show", id, "--project", project.path, "--json").json()
    #expect(try Schema("run").problems(of: record) == [])
    #expect(record["analysis"]?["answer_tokens"]?.number == 3)
    let scopes = record["refusals"]?.array?.compactMap { $0["scope"]?.string } ?? []
    #expect(scopes.contains("lenses") && scopes.contains("edges"), "\(scopes)")
    let dossier = try await Program.vitrine("dossier", "build", "--project", project.path)
    #expect(dossier.status == 0, "\(dossier)")
    let page = try String(contentsOf: project.url("dossier/1.0/evidence.md"), encoding: .utf8)
    #expect(page.contains("teacher forcing") && page.contains("lenses"))
  }

  @Test("A measured case takes answers as texts of several tokens and as lists of ids, alike")
  func measured() async throws {
    let folder = try Scratch()
    let pair = #""clean": "When Mary gave it to", "corrupted": "When John gave it to""#
    try folder.write("[{\(pair), \"positive\": [\" John and\"], \"negative\": [\" Mary\"]}]", to: "text.json")
    let text = try await Program.vitrine(
      "measure", Sample.repositoryPath(Sample.ioi), "text.json", "--json", in: folder.folder)
    #expect(text.status == 0, "\(text)")
    #expect(try Schema("measure").problems(of: try text.json()) == [])
    let measured = try #require(try text.json()["cases"]?[0])
    let ids = try #require(measured["positive"]?[0]?.array?.compactMap(\.number).map(Int.init))
    #expect(ids.count == 2 && measured["negative"]?[0]?.number != nil)
    let negative = Int(try #require(measured["negative"]?[0]?.number))
    try folder.write("[{\(pair), \"positive\": [\(ids)], \"negative\": [\(negative)]}]", to: "ids.json")
    let given = try await Program.vitrine(
      "measure", Sample.repositoryPath(Sample.ioi), "ids.json", "--json", in: folder.folder)
    #expect(try given.json()["cases"]?[0] == measured)
  }

  @Test("ablation: zero and paths: in the file reach the record and the page")
  func otherValues() async throws {
    let project = try Sample.folder(
      Sample.project(analysis: [
        "ablation: zero", "methods: [exact-patching, circuit, path-patching]", "paths: [\"L0H0>logits\"]",
      ]))
    let result = try await Program.vitrine("analyze", project.path, "--json")
    #expect(result.status == 0, "\(result)")
    let id = try #require(try result.json()[0]?["id"]?.string)
    let record = try await Program.vitrine("runs", "show", id, "--project", project.path, "--json").json()
    #expect(try Schema("run").problems(of: record) == [])
    #expect(record["analysis_plan"]?["ablation"] == .string("zero"))
    #expect(record["analysis"]?["ablation"]?["value"] == .string("zero"))
    #expect(record["analysis"]?["paths"]?.array?.count == 1)
    let shown = try await Program.vitrine("runs", "show", id, "--project", project.path)
    for words in ["What zeros in their place do", "outside the distribution"] {
      #expect(shown.said.contains(words), "\(shown)")
    }
    #expect(shown.said.contains("paths named in the plan") && shown.out.contains("  L0H0>logits  "), "\(shown)")
    let dossier = try await Program.vitrine("dossier", "build", "--project", project.path)
    #expect(dossier.status == 0, "\(dossier)")
    let page = try String(contentsOf: project.url("dossier/1.0/evidence.md"), encoding: .utf8)
    #expect(page.contains("What zeros in their place do") && page.contains("L0H0>logits"))
  }
}
