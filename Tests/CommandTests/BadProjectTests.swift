import Foundation
import Testing

@Suite("Bad projects")
struct BadProjectTests {
  /// Runs a command that must fail without leaving anything behind.
  private func expectFailure(
    _ status: Int32, _ words: [String], _ project: Scratch, _ arguments: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let before = try project.files()
    let result = try await Program.start(arguments, in: project.folder).finished()
    #expect(result.status == status && !result.wasKilled, "\(result)", sourceLocation: sourceLocation)
    #expect(result.out.isEmpty, "\(result)", sourceLocation: sourceLocation)
    for word in words {
      #expect(result.err.contains(word), "it does not say '\(word)': \(result)", sourceLocation: sourceLocation)
    }
    #expect(try project.files() == before, "something was left behind", sourceLocation: sourceLocation)
  }

  @Test("An unknown key is named with its line and the nearest known key", arguments: ["analyze", "check", "evaluate"])
  func unknownKey(command: String) async throws {
    let project = try Sample.folder(Sample.project(analysis: ["sede: 3"]))
    let line = try #require(
      Sample.project(analysis: ["sede: 3"]).split(separator: "\n").firstIndex { $0 == "  sede: 3" })
    try await expectFailure(
      65, ["'sede'", "vitrine.yaml line \(line + 1)", "did you mean 'seed'?"], project, [command])
  }

  @Test("Two behaviours with one id are an error that names it")
  func twoBehaviours() async throws {
    let project = try Sample.folder(
      Sample.project(behaviours: [("names", [Sample.pair()]), ("names", [Sample.pair("park")])]))
    try await expectFailure(65, ["'names'", "vitrine.yaml line"], project, ["analyze"])
  }

  @Test("Answers of which one begins with another are refused before anything runs")
  func severalTokens() async throws {
    // The good behaviour comes first: it must not be run, only to fail on the second.
    let yaml = Sample.project(behaviours: [("good", [Sample.pair()]), ("bad", [Sample.pair("park")])])
      .replacingOccurrences(
        of: "  - id: bad", with: "  - id: bad\n    answers: {positive: [\" John\"], negative: [\" John Mary\"]}")
    let project = try Sample.folder(yaml)
    try await expectFailure(65, ["is the beginning of the answer", "leave one of them out"], project, ["analyze"])
    let check = try await Program.vitrine("check", project.path)
    #expect(check.status == 65)
    #expect(check.out.contains("is the beginning of the answer"), "\(check)")
  }

  @Test("An answer without its leading space is told the space")
  func leadingSpace() async throws {
    let project = try Sample.folder(Sample.project(answers: "{positive: [\"John\"], negative: [\" Mary\"]}"))
    try await expectFailure(65, ["did you mean ' John' with its leading space"], project, ["analyze"])
  }

  @Test("An empty data file is an error that names the file", arguments: ["", "\n", "subject,label\n"])
  func emptyData(content: String) async throws {
    let yaml = """
      system: {name: Test system}
      models: {1.0: {folder: "\(Sample.repositoryPath(Sample.ioi))"}}
      prompts: {template: "{subject}", data: data.csv, answers: {positive: [" John"], negative: [" Mary"]}}
      behaviours:
        - {id: names, question: Who?, substitute: {field: subject, clean: Mary, counterfactual: John}}
      """
    let project = try Sample.folder(yaml)
    try project.write(content, to: "data.csv")
    try await expectFailure(65, ["data.csv"], project, ["analyze"])
  }

  @Test(
    "Names on the command line that the project does not have are wrong use, with the nearest or all that there are")
  func unknownNames() async throws {
    let project = try Sample.folder()
    try await expectFailure(64, ["'nmes'", "'names'"], project, ["analyze", "--behaviour", "nmes"])
    try await expectFailure(64, ["'9.9'", "1.0"], project, ["analyze", "--model", "9.9"])
    try await expectFailure(64, ["'magic'", "exact-patching"], project, ["analyze", "--methods", "magic"])
    try await expectFailure(64, ["''", "exact-patching"], project, ["analyze", "--methods", ""])
  }

  @Test("Folders that are no project are wrong use, and init is named", arguments: ["analyze", "evaluate", "check"])
  func noProject(command: String) async throws {
    let folder = try Scratch()
    try await expectFailure(64, ["vitrine.yaml", "vitrine init"], folder, [command])
    try await expectFailure(64, ["no folder", "vitrine init"], folder, [command, "nowhere"])
    try await expectFailure(64, ["given twice"], folder, [command, "a", "--project", "b"])
  }

  @Test("A project without models, behaviours or evaluation says which key to add")
  func missingParts() async throws {
    let models = try Sample.folder(
      Sample.project().split(separator: "\n").filter { !$0.hasPrefix("models") && !$0.hasPrefix("  1.0") }
        .joined(separator: "\n"))
    try await expectFailure(65, ["no model", "models:"], models, ["analyze"])
    let behaviours = try Sample.folder("system: {name: Test}\nmodels: {1.0: {folder: m}}\n")
    try await expectFailure(65, ["no behaviours", "'behaviours:'"], behaviours, ["analyze"])
    try await expectFailure(65, ["no 'evaluation'", "'evaluation:'"], behaviours, ["evaluate"])
  }

  @Test("init does not touch a folder that holds something")
  func initOccupied() async throws {
    let project = try Sample.folder()
    try await expectFailure(64, ["not empty", "vitrine check"], project, ["init", project.path])
    try await expectFailure(64, ["is a file"], project, ["init", "vitrine.yaml"])
  }
}
