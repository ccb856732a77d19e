import Foundation
import Testing

/// A user with her own model and data, who does what the messages say and knows nothing else.
@Suite("From init to the first analysis by the messages alone")
struct FirstProjectTests {
  /// What a message may ask for: it is recognised by its words, and answered by editing the key that it names.
  private struct Answer: Sendable {
    let words: String
    let edit: @Sendable (Scratch) throws -> Void

    /// Replaces the first line of vitrine.yaml that begins with a text, by another or by nothing.
    static func line(_ words: String, _ start: String, _ replacement: String) -> Answer {
      Answer(words: words) { folder in
        let file = "new/vitrine.yaml"
        var lines = try String(contentsOf: folder.url(file), encoding: .utf8).components(separatedBy: "\n")
        let index = try #require(lines.firstIndex { $0.hasPrefix(start) }, "no line '\(start)'")
        lines[index] = replacement
        try folder.write(lines.joined(separator: "\n"), to: file)
      }
    }
  }

  /// Five records of the indirect-object data; the test's author wrote nothing into them.
  private static func records() throws -> String {
    let file = Program.repository.appendingPathComponent("examples/ioi/data/mary-john.csv")
    return try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n").prefix(6).joined(separator: "\n")
      + "\n"
  }

  private static let answers = [
    Answer(words: "let 'prompts › data' in vitrine.yaml name that file") { folder in
      try folder.write(records(), to: "new/data/sentences.csv")
      let data = Answer.line("", "  data: ", "  data: data/sentences.csv")
      try data.edit(folder)
    },
    .line("the template's field '", "  template: ", "  template: \"{opening} {subject} {ending}\""),
    .line("'where' names 'split'", "    split: test", ""),
    .line(
      "'replace-me' substitutes", "    substitute: ",
      "    substitute: {field: subject, clean: Mary, counterfactual: John}"),
    .line("the label column 'outcome'", "  label: ", "  label: {column: recipient, positive: John}"),
    .line("'groups' names", "  groups: ", "  groups: [first]"),
    Answer(words: "give it your own 'id', 'question'") { folder in
      try Answer.line("", "  - id: replace-me", "  - id: names").edit(folder)
      try Answer.line("", "    question: REPLACE", "    question: Who is given the object?").edit(folder)
    },
    Answer(words: "'prompts › answers'") { folder in
      try Answer.line("", "    positive: ", "    positive: [\" John\"]").edit(folder)
      try Answer.line("", "    negative: ", "    negative: [\" Mary\"]").edit(folder)
    },
  ]

  @Test("Every message names the key to edit or the command to run, and following them ends in a stored run")
  func walk() async throws {
    let folder = try Scratch()
    let start = try await Program.vitrine("init", "new", in: folder.folder)
    #expect(start.status == 0, "\(start)")
    let told = start.out.split(separator: "\n").filter { $0.hasPrefix("  ") }.map { "new/" + $0.dropFirst(2) }
    #expect(told.contains("new/vitrine.yaml"), "\(start)")
    #expect(try folder.files() == told.sorted())
    var command = try #require(start.out.components(separatedBy: "Next: ").last).trimmingCharacters(in: .newlines)
    #expect(command == "vitrine check new")

    var steps: [String] = []
    while command.hasPrefix("vitrine check"), steps.count < 15 {
      let check = try await run(command, folder)
      guard let message = problem(check) else {
        command = try #require(check.out.firstMatch(of: /next: .*run `(vitrine [^`]*)`/)?.1).description
        continue
      }
      steps.append(message)
      if let copy = message.firstMatch(of: /`(cp -r YOUR_MODEL_FOLDER [^`]*)`/)?.1 {
        let line = String(copy).replacing("YOUR_MODEL_FOLDER", with: Sample.repositoryPath(Sample.ioi))
        #expect(try await Program.shell(line, in: folder.folder).status == 0, "\(line)")
        continue
      }
      let answer = Self.answers.first { message.contains($0.words) }
      try #require(answer, "nothing in this message says what to do: \(message)").edit(folder)
    }
    #expect(command == "vitrine analyze new", "after \(steps.joined(separator: "\n"))")
    #expect(Set(steps).count == steps.count, "a message came twice: \(steps)")

    let analysis = try await run(command, folder)
    #expect(analysis.status == 0, "\(analysis)")
    let id = String(analysis.out.prefix(36))
    let shown = try await Program.vitrine("runs", "show", id, "--project", "new", in: folder.folder)
    #expect(shown.status == 0 && shown.out.contains("n = 5"), "\(shown)")
  }

  /// The first message that stands in the way: on standard error if the project cannot be read, else marked in the list.
  private func problem(_ check: Finished) -> String? {
    let marked = check.out.split(separator: "\n").first { $0.hasPrefix("error") || $0.hasPrefix("todo") }
    let message = check.err.isEmpty ? marked.map(String.init) : check.err
    // What is there and wrong is bad input; what is not there yet is no error.
    #expect(check.status == (message.map { !$0.hasPrefix("todo") } == true ? 65 : 0), "\(check)")
    return message
  }

  /// Runs a command as it is printed.
  private func run(_ command: String, _ folder: Scratch) async throws -> Finished {
    try await Program.start(command.split(separator: " ").dropFirst().map(String.init), in: folder.folder).finished()
  }

  @Test("check names every gap of the documentation; --strict makes a project without errors exit 1 for them")
  func gaps() async throws {
    let project = try Sample.folder()
    let check = try await Program.vitrine("check", in: project.folder)
    #expect(check.status == 0, "\(check)")
    for key in [
      "system › provider", "system › intended_purpose", "system › risk_class", "under 'people'", "evaluation",
    ] {
      #expect(check.out.contains(key), "no '\(key)': \(check)")
    }
    #expect(check.out.contains("run `vitrine analyze`"), "\(check)")
    #expect(try await Program.vitrine("check", "--strict", in: project.folder).status == 1)
    #expect(try project.files() == ["vitrine.yaml"])
  }
}
