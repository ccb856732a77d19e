import Foundation
import Testing

@Suite("What --json prints follows the published schemas")
struct SchemaTests {
  private func expectValid(
    _ value: JSON, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(try Schema(name).problems(of: value) == [], sourceLocation: sourceLocation)
  }

  @Test("check, with errors, gaps and points in order")
  func check() async throws {
    let folder = try Scratch()
    #expect(try await Program.vitrine("init", "new", in: folder.folder).status == 0)
    let fresh = try await Program.vitrine("check", "new", "--json", in: folder.folder)
    #expect(fresh.status == 0)
    try expectValid(try fresh.json(), "check")
    let project = try Sample.folder()
    let good = try await Program.vitrine("check", project.path, "--json").json()
    try expectValid(good, "check")
    #expect(good.array?.last?["topic"] == .string("next"))
  }

  @Test("analyze and evaluate, the list of their runs and each record")
  func runs() async throws {
    let yaml =
      Sample.project() + """
        evaluation:
          template: "{text}"
          data: data.csv
          label: {column: label, positive: John}

        """
    let project = try Sample.folder(yaml)
    try project.write("text,label\nWhen Mary gave it to,John\nWhen John gave it to,Mary\n", to: "data.csv")
    for command in ["analyze", "evaluate"] {
      let result = try await Program.vitrine(command, project.path, "--json")
      #expect(result.status == 0, "\(result)")
      try expectValid(try result.json(), "run-outcomes")
    }
    let list = try await Program.vitrine("runs", "list", "--project", project.path, "--json").json()
    #expect(list.array?.count == 2)
    try expectValid(list, "runs-list")
    for run in list.array ?? [] {
      let id = try #require(run["id"]?.string)
      try expectValid(
        try await Program.vitrine("runs", "show", id, "--project", project.path, "--json").json(), "run")
    }
  }

  @Test("measure, with a case measured and a case refused")
  func measure() async throws {
    let folder = try Scratch()
    try folder.write(
      #"""
      [{"clean": [1, 2], "corrupted": [1, 3], "positive": [4], "negative": [5], "circuits": [[[0, 1]], []]},
       {"clean": [1]}]
      """#, to: "cases.json")
    let result = try await Program.vitrine(
      "measure", Sample.repositoryPath(Sample.tiny), "cases.json", "--json", in: folder.folder)
    #expect(result.status == 65)
    try expectValid(try result.json(), "measure")
    #expect(try result.json()["cases"]?[1]?["error"] != nil)
  }

  @Test("doctor")
  func doctor() async throws {
    let result = try await Program.vitrine("doctor", "--json")
    #expect(result.status == 0, "\(result)")
    try expectValid(try result.json(), "doctor")
    #expect(try result.json()["templates"] == .bool(true))
  }

  @Test("law list, show and check, and check says no to law text that differs")
  func law() async throws {
    let list = try await Program.vitrine("law", "list", "--json").json()
    try expectValid(list, "law-list")
    #expect((list.array?.count ?? 0) > 100)
    for id in [
      "2(b)", "2-b", "2(d)", "article-3-14a", "annex-v-8", "article-43-2", "article-99-4", "notified-body", "standards",
      "simplified-form",
    ] {
      try expectValid(try await Program.vitrine("law", "show", id, "--json").json(), "law-show")
    }
    let pinned = Sample.repositoryPath("Tests/Reference/law")
    let good = try await Program.vitrine("law", "check", "--text", pinned, "--age", "100000", "--json")
    #expect(good.status == 0, "\(good)")
    try expectValid(try good.json(), "law-check")
    let folder = try Scratch()
    let empty = try await Program.vitrine("law", "check", "--text", folder.folder.path, "--age", "100000")
    #expect(empty.status == 1 && empty.out.contains("the folder has no annex-04-IV.txt"))
    #expect(try await Program.vitrine("law", "show", "2(z)").status == 1)
    #expect(try await Program.vitrine("law", "check", "--text", "nowhere").status == 64)
  }

  @Test("The checker sees a missing key, a key too many, a wrong type, a wrong form and an unknown keyword")
  func checkerChecks() throws {
    let schema = try Schema("run-outcomes")
    let id = "01a2060c-5c1e-7623-b8c8-716fd9cbf1e1"
    let sha = String(repeating: "a", count: 64)
    func outcome(_ change: (String) -> String) throws -> [String] {
      let good = """
        [{"id": "\(id)", "kind": "analysis", "status": "finished", "model_version": "1.0", "behaviour": "b",
          "sha256": "\(sha)", "refusals": 0}]
        """
      return schema.problems(of: try JSON(change(good)))
    }
    #expect(try outcome { $0 } == [])
    for (old, new) in [
      ("\"refusals\": 0", "\"refusals\": 0, \"more\": 1"), (", \"refusals\": 0", ""),
      ("\"refusals\": 0", "\"refusals\": \"0\""),
      ("\"refusals\": 0", "\"refusals\": -1"), ("\"refusals\": 0", "\"refusals\": 0.5"), ("finished", "done"),
      (id, "1"),
      ("\"1.0\"", "\"\""), ("[{", "[{}, {"), ("\"1.0\"", "null"),
    ] {
      #expect(try outcome { $0.replacingOccurrences(of: old, with: new) } != [], "\(old) → \(new)")
    }
    let measure = try Schema("measure")
    #expect(
      measure.problems(of: try JSON(#"{"model_type": "gpt2", "layers": 1, "heads": 1, "cases": [{"error": ""}]}"#))
        != [])
    #expect(Schema(root: try JSON(#"{"uniqueItems": true}"#)).problems(of: .null) != [])
    #expect(Schema(root: try JSON(#"{"items": {"minimum": 2}}"#)).problems(of: try JSON("[2, 1]")).count == 1)
  }
}
