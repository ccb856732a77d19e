import Foundation
import Testing

@Suite("analyze and evaluate")
struct AnalyzeTests {
  @Test("One line per run on standard output, progress on standard error, exit 0, nothing but the store left")
  func prints() async throws {
    let project = try Sample.folder(
      Sample.project(behaviours: [("one", [Sample.pair()]), ("two", [Sample.pair("park")])]))
    let result = try await Program.vitrine("analyze", project.path)
    #expect(result.status == 0, "\(result)")
    let lines = result.out.split(separator: "\n")
    #expect(lines.count == 2, "\(result)")
    for (line, behaviour) in zip(lines, ["one", "two"]) {
      #expect(line.contains("1.0 \(behaviour): finished"))
      #expect(line.prefix(36).wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/) != nil)
    }
    #expect(result.err.contains("1.0 one: prompt pairs"), "\(result)")
    #expect(!result.err.contains("\u{1B}"), "no bars where there is no terminal: \(result)")
    #expect(try project.files() == ["evidence.sqlite", "vitrine.yaml"])
  }

  @Test("--behaviour, --model and --methods choose; the record holds what was chosen")
  func chooses() async throws {
    let project = try Sample.folder(
      Sample.project(behaviours: [("one", [Sample.pair()]), ("two", [Sample.pair("park")])]))
    let result = try await Program.vitrine(
      "analyze", "--project", project.path, "--behaviour", "two", "--model", "1.0", "--methods", "exact-patching",
      "--json")
    #expect(result.status == 0, "\(result)")
    let outcomes = try result.json()
    #expect(outcomes.array?.compactMap { $0["behaviour"]?.string } == ["two"])
    let id = try #require(outcomes[0]?["id"]?.string)
    let record = try await Program.vitrine("runs", "show", id, "--project", project.path, "--json").json()
    #expect(record["analysis_plan"]?["methods"] == .array([.string("exact-patching")]))
    #expect(record["analysis"]?["circuit"] == nil)
  }

  @Test("Some pairs of unequal length: exit 0, and the run says how many were refused and why")
  func someRefused() async throws {
    let unequal = "{name: odd, clean: When Mary and John went, counterfactual: When Mary and John and James went}"
    let project = try Sample.folder(Sample.project(behaviours: [("names", [Sample.pair(), unequal])]))
    let result = try await Program.vitrine("analyze", project.path)
    #expect(result.status == 0, "\(result)")
    #expect(result.out.contains("finished") && result.out.contains("1 of 2 pairs; refused: 1 pair"), "\(result)")
    let shown = try await Program.vitrine("runs", "show", String(result.out.prefix(36)), "--project", project.path)
    #expect(shown.out.contains("\nWhat was refused\n"), "\(shown)")
    // Without the prepended token the texts are five and seven words, one token each.
    #expect(
      shown.said.contains(
        "odd: pair, the two prompts do not align token by token: the clean prompt has 6 tokens and its counterfactual 8"
      ), "\(shown)")

    let check = try await Program.vitrine("check", project.path)
    #expect(check.status == 0, "\(check)")
    #expect(check.out.contains("1 of 2 pairs would be refused, first 'odd'"), "\(check)")
    #expect(try await Program.vitrine("check", project.path, "--strict").status == 1)
  }

  @Test("All pairs refused: exit 1, and the run is stored with status refused")
  func allRefused() async throws {
    let unequal = "{name: odd, clean: When Mary and John went, counterfactual: When Mary and John and James went}"
    let project = try Sample.folder(Sample.project(behaviours: [("names", [unequal])]))
    let result = try await Program.vitrine("analyze", project.path, "--json")
    #expect(result.status == 1, "\(result)")
    #expect(result.err.contains("every prompt pair was refused"), "\(result)")
    let outcome = try #require(try result.json()[0])
    #expect(outcome["status"] == .string("refused"))
    #expect(outcome["refusals"]?.number ?? 0 >= 1)
    let list = try await Program.vitrine("runs", "list", "--project", project.path, "--status", "refused", "--json")
      .json()
    #expect(list[0]?["id"] == outcome["id"])
    let record = try await Program.vitrine(
      "runs", "show", try #require(outcome["id"]?.string), "--project", project.path, "--json"
    ).json()
    #expect(record["status"] == .string("refused"))
    #expect(record["refusals"]?[0]?["reason"] == .string("misaligned"))
  }

  @Test("evaluate stores one run per model with the counts of the data file, overall and by group")
  func evaluates() async throws {
    let project = try Scratch()
    try project.write(
      """
      system: {name: Test system}
      models:
        1.0: {folder: "\(Sample.repositoryPath(Sample.credit))"}
      prompts:
        template: "Loan application: checking account {checking}. Decision:"
        data: data.csv
        answers: {positive: [" approve"], negative: [" decline"]}
      evaluation:
        label: {column: label, positive: approve}
        groups: [sex]
      analysis: {bootstrap_resamples: 100}

      """, to: "vitrine.yaml")
    try project.write(
      "checking,sex,label\nabsent,male,approve\nlow,male,decline\nabsent,female,approve\n", to: "data.csv")
    let result = try await Program.vitrine("evaluate", project.path)
    #expect(result.status == 0, "\(result)")
    #expect(result.out.contains("of 3 decisions right, "), "\(result)")
    let record = try await Program.vitrine(
      "runs", "show", String(result.out.prefix(36)), "--project", project.path, "--json"
    ).json()
    let groups = try #require(record["evaluation"]?["groups"]?.array)
    #expect(groups.map { $0["n"]?.number } == [3, 1, 2] || groups.map { $0["n"]?.number } == [3, 2, 1])
    let missing = try await Program.vitrine("evaluate", project.path, "--model", "2.0")
    #expect(missing.status == 64, "\(missing)")
  }
}
