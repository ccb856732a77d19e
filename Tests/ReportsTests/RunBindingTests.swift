import Foundation
import Testing

@testable import Analysis
@testable import Evidence
@testable import Project
@testable import Reports

@Suite("A cited run is of this system, these weights and this plan")
struct RunBindingTests {
  private typealias Fixtures = DossierFixtures

  /// What a build gives of runs that are held against the model's folder.
  private func build(
    _ folder: DossierFixtures.Folder, waivers: [WaiverReading] = [], _ runs: (Project) -> [StoredRun]
  ) throws -> DossierBuilder.Output {
    let project = try Fixtures.project(folder)
    var inputs = try Fixtures.inputs(folder, runs: runs(project))
    inputs.models = ModelsNow(project: project, runs: inputs.runs)
    inputs.waivers = waivers
    return try DossierBuilder().build(inputs)
  }

  private func evidenced(_ output: DossierBuilder.Output) -> [String] {
    output.dossier.items.flatMap { item in
      item.elements.filter { $0.state == "evidenced" }.map { "\(item.id) \($0.id)" }
    }
  }

  @Test(
    "otherwise it evidences nothing, is not cited, and the page says why",
    arguments: ["system", "weights", "tokenizer"])
  func unbound(_ what: String) throws {
    let folder = try Fixtures.folder()
    let output = try build(folder) { project in
      var runs = [Fixtures.analysis(project, id: Fixtures.id("1")), Fixtures.evaluation(project, id: Fixtures.id("2"))]
      for index in runs.indices {
        switch what {
        case "system": runs[index].record.system = "Another system"
        case "weights": runs[index].record.model.rootSha256 = String(repeating: "0", count: 64)
        default: runs[index].record.model.tokenizerSha256 = String(repeating: "0", count: 64)
        }
      }
      return runs
    }
    #expect(output.dossier.runs.isEmpty && output.dossier.evaluation == nil && evidenced(output).isEmpty)
    let code = what == "system" ? "other-system" : "other-weights"
    #expect(output.dossier.runsNotCited.map(\.code) == [code, code])
    #expect(output.dossier.behaviours[0].run == nil && output.dossier.behaviours[0].planIsCurrent == nil)
    let words = what == "system" ? "a run of another system" : "made on other files"
    #expect(output.text("traceability.html").contains(words) && output.text("traceability.md").contains(words))
    for name in ["dossier.html", "evidence.html", "instructions-for-use.md", "model-card.md"] {
      #expect(!output.text(name).contains("80.5"), "\(name)")
    }
  }

  @Test("of several the latest that is bound is cited, though a later one is not")
  func olderIsBound() throws {
    let folder = try Fixtures.folder()
    let output = try build(folder) { project in
      var later = Fixtures.analysis(project, id: Fixtures.id("9"), started: "2026-11-22T10:00:00.000Z")
      later.record.model.rootSha256 = String(repeating: "0", count: 64)
      return [Fixtures.analysis(project, id: Fixtures.id("1")), later]
    }
    #expect(output.dossier.runs.map(\.id) == [Fixtures.id("1")])
    #expect(output.dossier.runsNotCited.map(\.id) == [Fixtures.id("9")])
    #expect(output.dossier.runs[0].binding?.weights == "held" && output.dossier.runs[0].binding?.plan == "current")
  }

  @Test("a run under special_tokens: auto is bound, whatever the model's tokenizer made of it; one without them is not")
  func specialTokens() throws {
    let folder = try Fixtures.folder()
    #expect(try Fixtures.project(folder).behaviours.allSatisfy { $0.specialTokens == .auto })
    for isAuto in [true, false] {
      let output = try build(folder) { project in
        var runs = [
          Fixtures.analysis(project, id: Fixtures.id("1")), Fixtures.evaluation(project, id: Fixtures.id("2")),
        ]
        for index in runs.indices {
          let ids = SpecialTokenIDs(before: [1], after: [])
          runs[index].record.analysisPlan?.specialIds = isAuto ? ids : nil
          runs[index].record.evaluationPlan?.specialIds = isAuto ? ids : nil
          if !isAuto {
            runs[index].record.analysisPlan?.specialTokens = nil
            runs[index].record.evaluationPlan?.specialTokens = nil
          }
        }
        return runs
      }
      let current = output.dossier.runs.filter { $0.binding?.plan == "current" }.map(\.id)
      #expect(Set(current) == (isAuto ? [Fixtures.id("1"), Fixtures.id("2")] : []))
    }
  }

  @Test(
    "an evaluation of another threshold, group, label, seed or record than the project's is no evidence",
    arguments: [
      ("threshold", "        threshold: 0.5\n"), ("groupings", "        groups: []\n"),
      ("label", "        label: {column: shape, positive: round}\n"), ("seed", "analysis:\n  seed: 5\n"),
    ])
  func evaluation(_ field: String, _ line: String) throws {
    let old = Fixtures.yaml()
    let folder = try Fixtures.folder(old)
    let project = try Fixtures.project(folder)
    let run = Fixtures.evaluation(project, id: Fixtures.id("2"))
    let text = line.trimmingCharacters(in: .whitespacesAndNewlines)
    let new =
      switch field {
      case "groupings": old.replacing("groups: [shape]", with: text)
      case "label": old.replacing("label: {column: label, positive: good}", with: text)
      case "threshold": old.replacing("  groups: [shape]", with: "  \(text)\n  groups: [shape]")
      default: old + "\n" + line
      }
    #expect(new != old)
    try Data(new.utf8).write(to: folder.url.appendingPathComponent("vitrine.yaml"))
    let output = try build(folder) { _ in [run] }
    #expect(output.dossier.evaluation == nil && evidenced(output).isEmpty)
    let uncited = try #require(output.dossier.runsNotCited.first)
    #expect(uncited.code == "other-plan" && uncited.reason.contains(field), "\(uncited.reason)")
    #expect(output.selection.stale.map(\.run.record.id) == [run.record.id])
  }

  @Test("so it is when a byte of the data file that a record uses has changed")
  func data() throws {
    let folder = try Fixtures.folder()
    let run = Fixtures.evaluation(try Fixtures.project(folder), id: Fixtures.id("2"))
    #expect(try build(folder) { _ in [run] }.dossier.evaluation != nil)
    try Data("text,label,shape,split\ny,good,round,test\n".utf8).write(
      to: folder.url.appendingPathComponent("data.csv"))
    let output = try build(folder) { _ in [run] }
    #expect(output.dossier.evaluation == nil && output.dossier.runsNotCited[0].reason.contains("examples"))
  }

  @Test("so it is when a letter was composed in another way, which is other tokens to the model")
  func composedLetters() throws {
    let folder = try Fixtures.folder()
    let file = folder.url.appendingPathComponent("data.csv")
    func write(_ text: String) throws {
      try Data("text,label,shape,split\n\(text),good,round,test\n".utf8).write(to: file)
    }
    try write("caf\u{E9}")
    let run = Fixtures.evaluation(try Fixtures.project(folder), id: Fixtures.id("2"))
    #expect(try build(folder) { _ in [run] }.dossier.evaluation != nil)
    try write("cafe\u{301}")
    let output = try build(folder) { _ in [run] }
    #expect(output.dossier.evaluation == nil && output.dossier.runsNotCited.first?.reason.contains("examples") == true)
  }

  @Test("a run with other methods than the project's is told as one of another plan, by that field")
  func methods() throws {
    let folder = try Fixtures.folder()
    let output = try build(folder) { project in
      var run = Fixtures.analysis(project, id: Fixtures.id("1"))
      run.record.analysisPlan?.methods = [.exactPatching]
      return [run]
    }
    #expect(output.dossier.behaviours[0].otherPlanRun == Fixtures.id("1"))
    #expect(output.dossier.runsNotCited[0].reason.contains("(different: methods)"))
  }

  @Test("where the model's folder is not here, every page and the JSON say that nothing was held against the model")
  func notHeld() throws {
    let folder = try Fixtures.folder()
    try FileManager.default.removeItem(at: folder.url.appendingPathComponent("model"))
    let output = try build(folder) { [Fixtures.evaluation($0, id: Fixtures.id("2"))] }
    #expect(output.dossier.model.folder == .init(isMeasured: false, notHeld: "folder-missing"))
    #expect(output.dossier.runs.map(\.binding?.notHeld) == ["folder-missing"])
    #expect(output.text("dossier.html").contains("Not held against the model"))
    let page = output.pages("html")
    #expect(page.components(separatedBy: "Not held against the model").count >= 4)
    #expect(!page.contains("Every cited run was made on the files"))
    let held = try build(try Fixtures.folder()) { [Fixtures.evaluation($0, id: Fixtures.id("2"))] }
    #expect(held.dossier.model.folder?.rootSha256 == Fixtures.modelDigest)
    #expect(held.text("dossier.html").contains("Every cited run was made on the files"))
    #expect(!held.text("dossier.html").contains("Not held against the model"))
  }

  @Test("a folder is digested as OpenSSF model signing does: coreutils give the same root")
  func root() throws {
    let folder = try Fixtures.Folder([
      "m/b.txt": "two", "m/a/c.txt": "one", "m/a-b.txt": "three", "m/tokenizer.json": "{}",
    ])
    let digests = try ModelFolderDigests(folder: folder.url.appendingPathComponent("m"))
    #expect(digests.files.map(\.path) == ["a/c.txt", "a-b.txt", "b.txt", "tokenizer.json"])
    // printf one | sha256sum; printf three; printf two; printf '{}'; their raw bytes, in this order, through sha256sum.
    #expect(digests.rootSha256 == "69545fb10c6fc23d028b04a3676c8d7486a7d9c6074b7fbcbb8be56d3d89a90e")
    #expect(digests.tokenizerSha256 == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
  }
}
