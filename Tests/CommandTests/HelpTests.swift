import Foundation
import Testing

@Suite("Help and wrong use")
struct HelpTests {
  /// The names under SUBCOMMANDS of a help text.
  private func subcommands(_ help: String) -> [String] {
    guard let list = help.components(separatedBy: "SUBCOMMANDS:\n").dropFirst().first else { return [] }
    return list.components(separatedBy: "\n\n")[0].split(separator: "\n").compactMap { line in
      line.firstMatch(of: /^  ([a-z][a-z-]*)/).map { String($0.1) }
    }
  }

  @Test("Every command says what it is in a sentence, and teaches in a paragraph more")
  func everyCommandTeaches() async throws {
    var waiting: [[String]] = [[]]
    var seen: [String] = []
    while let path = waiting.popLast() {
      let result = try await Program.start(path + ["--help"]).finished()
      let name = (["vitrine"] + path).joined(separator: " ")
      #expect(result.status == 0 && result.err.isEmpty, "\(name): \(result)")
      let parts = result.out.components(separatedBy: "\nUSAGE: ")
      #expect(parts.count == 2 && parts[1].hasPrefix(name), "\(name): \(result)")
      let paragraphs = parts[0].components(separatedBy: "\n\n")
      #expect(paragraphs[0].hasPrefix("OVERVIEW: ") && paragraphs[0].hasSuffix("."), "\(name): \(paragraphs[0])")
      #expect(paragraphs.dropFirst().joined().count > 100, "\(name) explains nothing beyond one sentence")
      seen.append(name)
      waiting += subcommands(result.out).map { path + [$0] }
    }
    for command in ["init", "check", "analyze", "evaluate", "runs list", "runs show", "measure", "doctor"] {
      #expect(seen.contains("vitrine \(command)"), "\(seen)")
    }
  }

  @Test("Commands that a help text or message names exist")
  func namedCommandsExist() async throws {
    let help = try await Program.vitrine("--help").out
    let analyze = try await Program.vitrine("analyze", "--help").out
    let known = subcommands(help) + ["help"]
    for match in (help + analyze).replacing("\n", with: " ").matches(of: /'vitrine ([a-z]+)/) {
      #expect(known.contains(String(match.1)), "'vitrine \(match.1)' is named but does not exist")
    }
  }

  @Test(
    "Wrong use exits 64 and says how to use the command",
    arguments: [
      ["bogus"], ["--bogus"], ["check", "--bogus"], ["analyze", "a", "b"], ["analyze", "--model"], ["init"],
      ["measure"],
      ["runs", "show"], ["runs", "bogus"], ["runs", "list", "--status", "magic"], ["doctor", "x"],
    ])
  func wrongUse(arguments: [String]) async throws {
    let folder = try Scratch()
    let result = try await Program.start(arguments, in: folder.folder).finished()
    #expect(result.status == 64, "\(result)")
    #expect(result.out.isEmpty && result.err.contains("Usage: vitrine"), "\(result)")
    #expect(try folder.files() == [])
  }

  @Test("--version prints the version that run records name")
  func version() async throws {
    let result = try await Program.vitrine("--version")
    let doctor = try await Program.vitrine("doctor", "--json").json()
    #expect(result.status == 0)
    #expect(result.out.trimmingCharacters(in: .newlines) == doctor["program"]?["version"]?.string)
  }

  @Test("doctor gives a different answer when an instruction set is forced")
  func forcedInstructionSet() async throws {
    let result = try await Program.shell(#"VITRINE_ISA=baseline "$VITRINE" doctor --json"#)
    #expect(try result.json()["machine"]?["instruction_set"] == .string("baseline"), "\(result)")
  }
}
