import Foundation
import Testing

@testable import Analysis
@testable import Project

@Suite("The project file")
struct ProjectFileTests {
  @Test("Every key of the sample arrives where it belongs")
  func sample() throws {
    let temporary = try Sample.project()
    let project = try temporary.load()
    #expect(project.system.name == "Test system")
    #expect(project.system.provider == "Test provider")
    #expect(project.system.intendedPurpose == nil)
    #expect(project.people == [.init(name: "Ada", function: "Engineer", email: nil, roles: ["prepared"])])
    #expect(project.models.map(\.version) == ["1.0", "1.1"])
    #expect(project.models.map(\.supersedes) == [nil, "1.0"])
    #expect(project.models[1].folder.path == temporary.folder.appendingPathComponent("models/b").path)
    #expect(project.analysis.seed == 3)
    #expect(project.analysis.methods == [.circuit])
    #expect(project.analysis.confidence == 0.9)
    #expect(project.fileBytes == Data(Sample.yaml.utf8))
    #expect(project.dataFiles == ["data.csv"])
    #expect(project.documentation.lastPathComponent == "documentation")
  }

  @Test("Without 'analysis' the settings are the usual ones")
  func defaults() throws {
    let project = try Sample.project(replacing: [26: "", 27: "", 28: "", 29: ""]).load()
    let settings = project.analysis
    #expect(settings.methods == AnalysisPlan.Method.standard)
    #expect(settings.samples == nil)
    #expect(settings.integratedGradientsSteps == 64)
    #expect(settings.sufficiencyTarget == 0.85)
    #expect(settings.comprehensivenessTarget == 0.90)
  }

  @Test(
    "A version is the text as written, quoted or not",
    arguments: [("1.0", "1.0"), ("\"1.0\"", "1.0"), ("'1.0'", "1.0"), ("1.10", "1.10"), ("2", "2"), ("1e3", "1e3")])
  func versions(written: String, version: String) throws {
    let project = try Sample.project(replacing: [9: "  \(written):", 13: "    supersedes: \(written)"]).load()
    #expect(project.models.map(\.version) == [version, "1.1"])
    #expect(project.models[1].supersedes == version)
  }

  @Test("Words that YAML reads as true, false or numbers are texts in data conditions and substitutions")
  func plainWords() throws {
    let yaml = """
      system: {name: x}
      prompts:
        template: "Foreign {foreign}, rate {rate}:"
        data: d.csv
        where: {on: yes, rate: [4, 1.0]}
        answers: {positive: [" yes"], negative: [" no"]}
      behaviours:
        - {id: f, question: q, substitute: {field: foreign, clean: yes, counterfactual: no}}
      """
    let project = try TemporaryProject([
      "vitrine.yaml": yaml, "d.csv": "foreign,rate,on\nyes,4,yes\nno,1.0,yes\nno,1,yes\nno,4,no\n",
    ]).load()
    #expect(
      project.behaviours[0].pairs == [
        .init(name: "record 1", clean: "Foreign yes, rate 4:", counterfactual: "Foreign no, rate 4:"),
        .init(name: "record 2", clean: "Foreign yes, rate 1.0:", counterfactual: "Foreign no, rate 1.0:"),
      ])
  }

  @Test("A byte-order mark and CRLF line ends change nothing")
  func byteOrderMarkAndCRLF() throws {
    let plain = try Sample.project().load()
    let temporary = try TemporaryProject()
    let crlf = { (text: String) in
      Data([0xEF, 0xBB, 0xBF]) + Data(text.replacing("\n", with: "\r\n").utf8)
    }
    try temporary.write(crlf(Sample.yaml), to: "vitrine.yaml")
    try temporary.write(crlf(Sample.data), to: "data.csv")
    let project = try temporary.load()
    #expect(project.behaviours == plain.behaviours)
    #expect(project.evaluation == plain.evaluation)
    #expect(project.system == plain.system)
  }

  @Test("A folder without a project file is told about `vitrine init`")
  func notAProject() throws {
    let temporary = try TemporaryProject()
    let error = projectError { _ = try temporary.load() }
    #expect(error?.code == .notAProject)
    #expect(error?.message.contains("has no vitrine.yaml; run `vitrine init DIR`") == true)
    #expect(error?.exitStatus == .wrongUse)
    let nowhere = projectError {
      _ = try ProjectLoader.load(folder: temporary.folder.appendingPathComponent("nowhere"))
    }
    #expect(nowhere?.code == .notAProject)
    #expect(nowhere?.message.contains("there is no folder") == true)
  }

  @Test("A project file with the other extension is recognised")
  func otherExtension() throws {
    let error = projectError { _ = try TemporaryProject(["vitrine.yml": Sample.yaml]).load() }
    #expect(error?.code == .notAProject)
    #expect(error?.message.contains("rename vitrine.yml") == true)
  }

  @Test(
    "What is not YAML is refused with its line",
    arguments: [
      ("system:\n\tname: x\n", "line 2"), ("system: {name: x\n", "line"), ("system:\n  name: \"x\n", "line"),
      ("", "empty"), ("# only a comment\n", "empty"), ("a: 1\n---\nb: 2\n", "another document"),
      ("a: *nothing\n", "line 1"), (String(repeating: "[", count: 100_000), "not valid YAML"),
    ])
  func notYAML(text: String, part: String) throws {
    let error = projectError { _ = try TemporaryProject(["vitrine.yaml": text]).load() }
    #expect(error?.code == .badYAML)
    #expect(error?.message.contains("vitrine.yaml") == true)
    #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
  }

  @Test("Text that is not UTF-8 is refused")
  func notUTF8() throws {
    let temporary = try TemporaryProject()
    try temporary.write(Data([0x73, 0xE9, 0x3A]), to: "vitrine.yaml")
    #expect(projectError { _ = try temporary.load() }?.code == .badYAML)
  }

  @Test("A list instead of keys at the top is refused")
  func listAtTheTop() throws {
    let error = projectError { _ = try TemporaryProject(["vitrine.yaml": "- a\n- b\n"]).load() }
    #expect(error?.code == .wrongType)
    #expect(error?.message.contains("the file must be a group of keys, not a list, in vitrine.yaml line 1") == true)
  }

  @Test("Unknown behaviours and versions asked for by name are answered with the known ones")
  func lookUp() throws {
    let project = try Sample.project().load()
    #expect(try project.behaviour(id: "colour").question == "Does colour matter?")
    #expect(try project.model(version: "1.1").path == "models/b")
    let behaviour = projectError { _ = try project.behaviour(id: "color") }
    #expect(behaviour?.message == "the project has no behaviour 'color'; did you mean 'colour'?")
    #expect(behaviour?.exitStatus == .wrongUse)
    let model = projectError { _ = try project.model(version: "two") }
    #expect(model?.message == "the project has no model version 'two'; the versions are: 1.0, 1.1")
  }
}
