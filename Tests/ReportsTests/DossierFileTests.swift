import Foundation
import SchemaSupport
import Testing

@testable import Evidence
@testable import Reports
@testable import Templates

@Suite("The dossier's files")
struct DossierFileTests {
  private func output() throws -> (DossierBuilder.Output, DossierFixtures.Folder) {
    let folder = try DossierFixtures.folder()
    let project = try DossierFixtures.project(folder)
    let runs = [
      DossierFixtures.analysis(project, id: DossierFixtures.id("1")),
      DossierFixtures.evaluation(project, id: DossierFixtures.id("2")),
      DossierFixtures.analysis(project, id: DossierFixtures.id("3"), version: "1.1"),
      DossierFixtures.analysis(
        project, id: DossierFixtures.id("4"), version: "1.1", hasCircuit: false, started: "2026-11-21T10:00:00.000Z"),
    ]
    return (try DossierBuilder().build(DossierFixtures.inputs(folder, version: "1.1", runs: runs)), folder)
  }

  @Test("dossier.json is canonical and reads back as the same dossier")
  func canonical() throws {
    let (output, _) = try output()
    let json = try #require(output.files.first { $0.name == "dossier.json" }).content
    #expect(try CanonicalJSON.isCanonical(json))
    #expect(try CanonicalJSON.decode(Dossier.self, from: json) == output.dossier)
  }

  @Test("dossier.json is what the published schema says, and the schema names every key", arguments: ["1.0", "1.1"])
  func schema(_ version: String) throws {
    let folder = try DossierFixtures.folder()
    let project = try DossierFixtures.project(folder)
    let runs = [
      DossierFixtures.analysis(project, id: DossierFixtures.id("1")),
      DossierFixtures.evaluation(project, id: DossierFixtures.id("2")),
      DossierFixtures.analysis(project, id: DossierFixtures.id("3"), version: "1.1", hasCircuit: false),
    ]
    let output = try DossierBuilder().build(DossierFixtures.inputs(folder, version: version, runs: runs))
    var checker = try SchemaChecker("dossier")
    checker.check(try CanonicalJSON.parse(Data(output.text("dossier.json").utf8)))
    #expect(checker.errors == [])
  }

  @Test("a dossier with a key too many, a missing key or a wrong type is not what the schema says")
  func schemaCanFail() throws {
    let (output, _) = try output()
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(output.text("dossier.json").utf8)) as? [String: Any])
    for change in [("extra", 1 as Any?), ("items", nil), ("schema", "other"), ("counts", "many")] {
      var changed = object
      changed[change.0] = change.1
      var checker = try SchemaChecker("dossier")
      checker.check(try CanonicalJSON.parse(JSONSerialization.data(withJSONObject: changed)))
      #expect(checker.errors != [], "\(change.0)")
    }
  }

  @Test("writing replaces all files and leaves nothing else behind")
  func written() throws {
    let (output, folder) = try output()
    let target = folder.url.appendingPathComponent("dossier/1.1")
    try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
    try Data("old".utf8).write(to: target.appendingPathComponent("dossier.md"))
    let files = try DossierWriter.write(output.files, to: target)
    #expect(files.map(\.lastPathComponent) == output.files.map(\.name))
    for (file, content) in zip(files, output.files) { #expect(try Data(contentsOf: file) == content.content) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: target.path).count == output.files.count)
  }

  @Test("where a file cannot be written the old files stay whole and no temporary file is left")
  func unwritable() throws {
    let (output, folder) = try output()
    let target = folder.url.appendingPathComponent("out")
    // A folder with a file in it stands where the last file should go: the name cannot be replaced.
    let obstacle = target.appendingPathComponent("dossier.json")
    try FileManager.default.createDirectory(at: obstacle, withIntermediateDirectories: true)
    try Data().write(to: obstacle.appendingPathComponent("x"))
    #expect { try DossierWriter.write(output.files, to: target) } throws: {
      ($0 as? ReportsError)?.code == .unwritable && "\($0)".contains("dossier.json")
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: target.path)
    #expect(!left.contains { $0.hasSuffix(".tmp") })
    let blocked = folder.url.appendingPathComponent("vitrine.yaml/inside")
    #expect { try DossierWriter.write(output.files, to: blocked) } throws: {
      ($0 as? ReportsError)?.code == .unwritable
    }
  }
}
