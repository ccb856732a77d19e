import Foundation
import Testing

@Suite("runs show, what stands for and against a circuit")
struct RunsShowTests {
  /// One run of the indirect-object model with everything but the slow methods, as text and as data.
  private func shown(_ methods: String?) async throws -> (text: Finished, record: JSON) {
    let project = try Sample.folder(Sample.project(analysis: ["null_draws: 49"]))
    let result = try await Program.start(
      ["analyze", project.path, "--json"] + (methods.map { ["--methods", $0] } ?? [])
    ).finished()
    let id = try #require(try result.json().array?.first?["id"]?.string, "\(result)")
    let text = try await Program.vitrine("runs", "show", id, "--details", "--project", project.path)
    // Without them they are named, with their length.
    let short = try await Program.vitrine("runs", "show", id, "--project", project.path)
    let lines = { (result: Finished) in result.out.split(separator: "\n", omittingEmptySubsequences: false).count }
    #expect(short.status == 0 && lines(short) < lines(text) && short.said.contains("lines: --details)"), "\(short)")
    let record = try await Program.vitrine("runs", "show", id, "--project", project.path, "--json").json()
    return (text, record)
  }

  /// Three significant digits, as tables print a p-value.
  private func digits(_ value: Double) -> String {
    String(format: "%.\(max(0, 2 - Int(floor(log10(value)))))f", value)
  }

  /// The rows of the first table whose headings begin with a word, by the columns that its rule marks.
  private func table(_ heading: String, in text: String) throws -> [[String]] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { Array($0) }
    let start = try #require(lines.firstIndex { String($0).hasPrefix("  \(heading) ") }, "\(text)")
    let rule = try #require(lines[start...].firstIndex { $0.contains("-") && $0.allSatisfy { " -".contains($0) } })
    var columns: [Range<Int>] = []
    for (place, mark) in lines[rule].enumerated() where mark == "-" {
      if let last = columns.last, last.upperBound == place {
        columns[columns.count - 1] = last.lowerBound..<(place + 1)
      } else {
        columns.append(place..<(place + 1))
      }
    }
    var rows: [[String]] = []
    for line in lines[(rule + 1)...].prefix(while: { !$0.isEmpty }) {
      let cells = columns.map { column in
        String(line[min(column.lowerBound, line.count)..<min(column.upperBound, line.count)])
          .trimmingCharacters(in: .whitespaces)
      }
      // A row begins where the last column, a number, has a value; what follows it is the rest of a long name.
      if cells.last?.isEmpty == false { rows.append(cells) } else { rows[rows.count - 1][0] += " " + cells[0] }
    }
    return rows
  }

  @Test("every part is there in plain words, and its numbers are the record's")
  func parts() async throws {
    let (text, record) = try await shown(nil)
    for title in [
      "The heads, one by one", "What stands for and against the circuit", "When the decision forms",
      "Which connections carry it", "What single words contribute", "Approximation register",
      "Checks of the engine on this model", "Signatures on this run", "Reproductions of this run",
    ] {
      #expect(text.out.contains("\n\(title)\n"), "\(title): \(text)")
    }
    for words in ["How the change varies from pair to pair", "A stronger search, exact at every step"] {
      #expect(text.said.contains(words), "\(words): \(text)")
    }
    let analysis = try #require(record["analysis"])
    let null = try #require(analysis["circuit_evidence"]?["nulls"]?[0])
    let reachable = try #require(null["reachable"]?.number)
    #expect(text.said.contains("\(Int(reachable)) such circuits exist"), "\(text)")
    let smallest = try #require(null["p"]?["smallest"]?.number)
    #expect(text.said.contains("the smallest this comparison can give is \(digits(smallest));"), "\(text)")
    if smallest > 0.05 {
      #expect(text.said.contains("no result of this comparison could have established it"), "\(text)")
    }
    let edge = try #require(analysis["edges"]?["strongest"]?[0]?["edge"]?.string)
    #expect(text.out.contains(edge) && text.said.contains("the strongest edges"), "\(text)")
    #expect(text.out.contains("  after L3 ") && text.out.contains("  input "), "\(text)")
    let isRival = analysis["circuit_evidence"]?["rival"]?["is_rival"]
    let words =
      isRival == .bool(true) ? "is at least as faithful as" : "The search for another set of heads as faithful as"
    #expect(text.said.contains(words), "\(text)")
    for head in try #require(analysis["forward_backward"]?["selection"]?["nodes"]?.array) {
      #expect(text.said.contains(try #require(head.string)))
    }
  }

  @Test("every head's and MLP's exact effect is the record's, to three decimals")
  func effects() async throws {
    let (text, record) = try await shown("exact-patching")
    let effects = try #require(record["analysis"]?["node_effects"]?.array)
    let rows = try table("Part", in: text.out)
    #expect(rows.count == effects.count)
    for (row, effect) in zip(rows, effects) {
      let value = try #require(effect["noising"]?["value"]?.number)
      let shown = row[1].prefix { $0 != " " }.replacing("\u{2212}", with: "-")
      #expect(row[0] == effect["node"]?.string && abs((Double(shown) ?? .nan) - value) <= 0.0005, "\(row)")
    }
  }

  @Test("estimates stand beside exact effects, and which errs least is the register's")
  func estimates() async throws {
    let (text, record) = try await shown("relevance-patching,attribution-patching-star")
    #expect(text.said.contains("estimates of what replacing a part does, beside the exact effect"), "\(text)")
    #expect(text.said.contains("what replacing the queries (q), keys (k) or values (v) of a head alone does"))
    let register = try #require(record["approximations"]?.array)
    let parts = register.filter { $0["method"]?.string?.contains("relevance patching") == true }
    let best = parts.min { ($0["largest_error"]?.number ?? 0) < ($1["largest_error"]?.number ?? 0) }
    let ordered = parts.max { ($0["spearman"]?.number ?? 0) < ($1["spearman"]?.number ?? 0) }
    let rows = try table("Estimate", in: text.out)
    #expect(rows.first?[0] == best?["method"]?.string, "\(text)")
    #expect(rows.max { (Double($0[2]) ?? -1) < (Double($1[2]) ?? -1) }?[0] == ordered?["method"]?.string, "\(text)")
    let inputs = try #require(record["analysis"]?["attribution_star"]?["inputs"]?.array)
    func size(_ input: JSON) -> Double { abs(input["exact"]?["value"]?.number ?? 0) }
    let strongest = try #require(inputs.max { size($0) < size($1) }?["input"]?.string)
    #expect(text.out.contains("  \(strongest) "), "\(strongest): \(text)")
  }

  @Test("a run of other methods has none of the parts")
  func absent() async throws {
    let (text, _) = try await shown("exact-patching")
    for title in [
      "The heads, one by one", "stands for and against", "stronger search", "When the decision forms", "First token",
      "Which connections",
    ] {
      #expect(!text.said.contains(title), "\(title): \(text)")
    }
  }
}
