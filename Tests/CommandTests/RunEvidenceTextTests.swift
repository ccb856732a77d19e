import Foundation
import Testing

@Suite("runs show, what stands for and against a circuit")
struct RunEvidenceTextTests {
  /// One run of the indirect-object model with everything but the slow methods, as text and as data.
  private func shown(_ methods: String?) async throws -> (text: String, record: JSON) {
    let project = try Sample.folder(Sample.project(analysis: ["null_draws: 49"]))
    let result = try await Program.start(
      ["analyze", project.path, "--json"] + (methods.map { ["--methods", $0] } ?? [])
    ).finished()
    let id = try #require(try result.json().array?.first?["id"]?.string, "\(result)")
    let text = try await Program.vitrine("runs", "show", id, "--project", project.path)
    let record = try await Program.vitrine("runs", "show", id, "--project", project.path, "--json").json()
    return (text.out, record)
  }

  @Test("every part is there in plain words, and its numbers are the record's")
  func parts() async throws {
    let (text, record) = try await shown(nil)
    for title in [
      "WHICH HEADS' EFFECTS ARE ESTABLISHED", "HOW THE CHANGE VARIES FROM PAIR TO PAIR", "AGAINST RANDOM CIRCUITS",
      "THE STRONGER SEARCH'S CIRCUIT", "WHEN THE DECISION FORMS", "WHERE THE CIRCUITS' HEADS LOOK",
      "WHICH CONNECTIONS CARRY IT",
    ] {
      #expect(text.contains("\n\(title)") || text.contains(title), "\(title): \(text)")
    }
    let analysis = try #require(record["analysis"])
    let null = try #require(analysis["circuit_evidence"]?["nulls"]?[0])
    let reachable = try #require(null["reachable"]?.number)
    #expect(text.contains("\(Int(reachable)) circuits reachable"), "\(text)")
    let smallest = try #require(null["p"]?["smallest"]?.number)
    #expect(text.contains("smallest possible \(String(format: "%.4g", smallest))"), "\(text)")
    if smallest > 0.05 { #expect(text.contains("so few circuits that nothing could be established"), "\(text)") }
    let edge = try #require(analysis["edges"]?["strongest"]?[0]?["edge"]?.string)
    #expect(text.contains(edge) && text.contains("approximate"), "\(text)")
    #expect(text.contains("after L3") && text.contains("  input "), "\(text)")
    let isRival = analysis["circuit_evidence"]?["rival"]?["is_rival"]
    let words =
      isRival == .bool(true) ? "another set of heads is at least as faithful" : "no other set as faithful was found"
    #expect(text.contains(words), "\(text)")
  }

  @Test("estimates stand beside exact effects, and which errs least is the register's")
  func estimates() async throws {
    let (text, record) = try await shown("relevance-patching,attribution-patching-star")
    #expect(
      text.contains("ESTIMATES OF WHAT HEADS AND MLPS DO") && text.contains("QUERIES, KEYS AND VALUES DO"), "\(text)")
    let register = try #require(record["approximations"]?.array)
    let parts = register.filter { $0["method"]?.string?.contains("relevance patching") == true }
    let best = parts.min { ($0["largest_error"]?.number ?? 0) < ($1["largest_error"]?.number ?? 0) }
    let ordered = parts.max { ($0["spearman"]?.number ?? 0) < ($1["spearman"]?.number ?? 0) }
    #expect(text.contains("  smallest error     \(try #require(best?["method"]?.string))\n"), "\(text)")
    #expect(text.contains("  best order         \(try #require(ordered?["method"]?.string))\n"), "\(text)")
    let input = try #require(record["analysis"]?["attribution_star"]?["inputs"]?[0]?["input"]?.string)
    #expect(input == "L0H0.q")
  }

  @Test("a run of other methods has none of the parts")
  func absent() async throws {
    let (text, _) = try await shown("exact-patching")
    for title in ["ESTABLISHED", "RANDOM CIRCUITS", "STRONGER", "WHEN THE DECISION", "LOOK (", "CONNECTIONS"] {
      #expect(!text.contains(title), "\(title): \(text)")
    }
  }
}
