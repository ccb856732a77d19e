import Foundation
import Testing

@testable import Analysis
@testable import Project

@Suite("A new project")
struct ScaffoldTests {
  @Test("The scaffold is written whole, loads without error and says what to do next")
  func roundTrip() throws {
    let temporary = try TemporaryProject()
    let folder = temporary.folder.appendingPathComponent("deep/new")
    let written = try ProjectScaffold.create(at: folder)
    #expect(
      Set(written).isSuperset(of: [
        ".gitignore", "data/placeholder.csv", "documentation/README.md", "models/README.md", "vitrine.yaml",
      ]))
    let onDisk = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter {
      var isFolder: ObjCBool = false
      let path = folder.appendingPathComponent($0).path
      return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }
    #expect(onDisk.sorted() == written)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.deletingLastPathComponent().path) == ["new"],
      "nothing temporary stays behind")
    let project = try ProjectLoader.load(folder: folder)
    #expect(project.warnings == [])
    #expect(project.behaviours.map(\.id) == ["replace-me"])
    #expect(project.models.map(\.version) == ["1.0"])
    #expect(project.system.provider == nil)
  }

  @Test("The scaffold writes the usual settings out, so that changing none changes nothing")
  func scaffoldHoldsDefaults() throws {
    let temporary = try TemporaryProject()
    let folder = temporary.folder.appendingPathComponent("new")
    _ = try ProjectScaffold.create(at: folder)
    let written = try ProjectLoader.load(folder: folder).analysis
    let defaults = try TemporaryProject(["vitrine.yaml": "system: {name: x}\n"]).load().analysis
    #expect(written == defaults)
  }

  @Test("An empty folder is taken, a full one or a file is not touched")
  func existing() throws {
    let temporary = try TemporaryProject(["full/vitrine.yaml": "x", "other/notes.txt": "x", "file": "x"])
    let empty = temporary.folder.appendingPathComponent("empty")
    try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
    #expect(try ProjectScaffold.create(at: empty).contains("vitrine.yaml"))
    for (name, part) in [
      ("full", "run `vitrine check"), ("other", "is not empty"), ("file", "is a file"), ("empty", "project already"),
    ] {
      let error = projectError { _ = try ProjectScaffold.create(at: temporary.folder.appendingPathComponent(name)) }
      #expect(error?.code == .exists)
      #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: temporary.folder.path).sorted()
        == ["empty", "file", "full", "other"])
    #expect(
      try String(contentsOf: temporary.folder.appendingPathComponent("full/vitrine.yaml"), encoding: .utf8) == "x")
  }

  @Test("A place where nothing can be written is an input/output error")
  func unwritable() throws {
    let temporary = try TemporaryProject(["file": "x"])
    let error = projectError {
      _ = try ProjectScaffold.create(at: temporary.folder.appendingPathComponent("file/new"))
    }
    #expect(error?.code == .unwritable)
    #expect(error?.exitStatus == .inputOutput)
  }

  @Test("The checks of a new project name each next step, and following them leads to an analysis")
  func leadsToAnalysis() throws {
    let temporary = try TemporaryProject()
    let folder = temporary.folder.appendingPathComponent("new")
    _ = try ProjectScaffold.create(at: folder)
    let messages = ProjectCheck.findings(try ProjectLoader.load(folder: folder), directory: "new")
    let errors = messages.filter { $0.severity == .todo }
    #expect(errors.map(\.topic) == ["models", "data", "behaviours", "next"])
    #expect(messages.first?.remedy?.contains("`cp -r YOUR_MODEL_FOLDER new/models/v1.0`") == true)
    let gaps = messages.filter { $0.severity == .gap }.map(\.topic)
    #expect(gaps == ["evaluation", "system", "system", "system", "system", "people", "documentation"])
    #expect(messages.filter { $0.severity != .ok }.allSatisfy { $0.remedy?.isEmpty == false })
    #expect(messages.last?.description.contains("run `vitrine check new` again") == true)

    // Do what the messages say.
    for file in ["config.json", "model.safetensors", "tokenizer.json"] {
      try temporary.write(Data("x".utf8), to: "new/models/v1.0/\(file)")
    }
    try temporary.write(
      Data("income,applicant,outcome,split\nlow,resident,accept,test\n".utf8), to: "new/data/mine.csv")
    let file = folder.appendingPathComponent("vitrine.yaml")
    let edited = try String(contentsOf: file, encoding: .utf8)
      .replacing("data/placeholder.csv", with: "data/mine.csv").replacing("id: replace-me", with: "id: origin")
      .replacing("REPLACE with a question", with: "A question")
    try temporary.write(Data(edited.utf8), to: "new/vitrine.yaml")
    let after = ProjectCheck.findings(try ProjectLoader.load(folder: folder), directory: "new")
    #expect(after.filter { $0.severity == .todo } == [])
    #expect(after.last?.remedy == "run `vitrine analyze new`")
  }
}

@Suite("Checks")
struct ProjectCheckTests {
  private func findings(_ lines: [Int: String] = [:]) throws -> [CheckMessage] {
    ProjectCheck.findings(try Sample.project(replacing: lines).load(), directory: ".")
  }

  private func has(_ messages: [CheckMessage], _ severity: CheckMessage.Severity, _ topic: String, _ part: String)
    -> Bool
  {
    messages.contains { $0.severity == severity && $0.topic == topic && $0.description.contains(part) }
  }

  @Test("Missing model folders are errors that name the key")
  func missingModels() throws {
    let messages = try findings()
    #expect(has(messages, .todo, "models", "no folder 'models/a'"))
    #expect(has(messages, .todo, "models", "'models › 1.1 › folder'"))
    #expect(has(messages, .ok, "behaviours", "4 prompt pairs (as recorded: 1 clean, 2 counterfactual, 1 neither)"))
    #expect(has(messages, .ok, "evaluation", "4 labelled records, by shape"))
  }

  @Test("A model folder without its files is an error that names them")
  func incompleteModel() throws {
    let temporary = try Sample.project()
    try temporary.write(Data(), to: "models/a/config.json")
    let messages = ProjectCheck.findings(try temporary.load())
    #expect(has(messages, .todo, "models", "'models/a' has no tokenizer.json and no *.safetensors file"))
  }

  @Test("No models, no behaviours, no evaluation: each says which key to add")
  func nothing() throws {
    let project = try TemporaryProject(["vitrine.yaml": "system: {name: x}\n"]).load()
    let messages = ProjectCheck.findings(project)
    #expect(has(messages, .todo, "models", "add the key 'models'"))
    #expect(has(messages, .todo, "behaviours", "add the key 'behaviours'"))
    #expect(has(messages, .gap, "evaluation", "add the key 'evaluation'"))
    #expect(has(messages, .gap, "people", "list under 'people'"))
    #expect(has(messages, .gap, "documentation", "no provider's statements"))
  }

  @Test("A behaviour whose records are narrowed to none has no pairs")
  func noPairs() throws {
    let line = "    substitute: {field: colour, clean: mauve, counterfactual: blue}\n    records: clean"
    #expect(has(try findings([22: line]), .todo, "behaviours", "'colour' has no prompt pairs"))
    #expect(has(try findings([22: line]), .gap, "warning", "never occurs"))
    #expect(has(try findings([22: "    pairs: []"]), .todo, "behaviours", "'colour' has no prompt pairs"))
  }

  @Test("Missing statements on the system and missing roles are gaps")
  func gaps() throws {
    let messages = try findings([3: "  risk_class: high-risk", 25: ""])
    #expect(has(messages, .gap, "system", "the provider is not stated; set 'system › provider'"))
    #expect(has(messages, .gap, "system", "the intended purpose is not stated"))
    #expect(has(messages, .gap, "system", "annex_iii_point"))
    #expect(has(messages, .gap, "people", "nobody has the role 'approved'"))
    #expect(has(messages, .gap, "evaluation", "add 'groups:"))
    #expect(!has(messages, .gap, "people", "nobody has the role 'prepared'"))
  }

  @Test("One person who prepares and approves is a gap")
  func sameApprover() throws {
    let messages = try findings([7: "    roles: [prepared, reviewed, approved]"])
    #expect(has(messages, .gap, "people", "Ada alone both prepares and approves"))
  }
}
