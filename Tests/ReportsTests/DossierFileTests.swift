import Evidence
import Foundation
import Testing

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
    let schema = try JSONSerialization.jsonObject(with: Data(contentsOf: Templates.url("schemas/dossier.schema.json")))
    let value = try JSONSerialization.jsonObject(with: Data(output.text("dossier.json").utf8))
    let judge = try #require(SchemaJudge(schema))
    #expect(judge.problems(of: value) == [])
  }

  @Test("a dossier with a key too many, a missing key or a wrong type is not what the schema says")
  func schemaCanFail() throws {
    let (output, _) = try output()
    let schema = try JSONSerialization.jsonObject(with: Data(contentsOf: Templates.url("schemas/dossier.schema.json")))
    let judge = try #require(SchemaJudge(schema))
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(output.text("dossier.json").utf8)) as? [String: Any])
    for change in [("extra", 1 as Any?), ("items", nil), ("schema", "other"), ("counts", "many")] {
      var changed = object
      changed[change.0] = change.1
      #expect(judge.problems(of: changed) != [], "\(change.0)")
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

/// As much of JSON Schema (draft 2020-12) as the published schema uses.
struct SchemaJudge {
  private let root: [String: Any]

  init?(_ schema: Any) {
    guard let schema = schema as? [String: Any] else { return nil }
    root = schema
  }

  func problems(of value: Any) -> [String] { problems(value, root, "$") }

  private func problems(_ value: Any, _ schema: [String: Any], _ path: String) -> [String] {
    if let reference = schema["$ref"] as? String {
      let name = reference.replacing("#/$defs/", with: "")
      guard let definition = (root["$defs"] as? [String: Any])?[name] as? [String: Any] else {
        return ["\(path): no definition \(name)"]
      }
      return problems(value, definition, path)
    }
    var found: [String] = []
    if let constant = schema["const"] as? String, value as? String != constant {
      found.append("\(path): not \(constant)")
    }
    if let options = schema["enum"] as? [String], !options.contains(value as? String ?? "") {
      found.append("\(path): \(value) is none of \(options)")
    }
    if let type = schema["type"] as? String, !isOf(type, value) { return found + ["\(path): not \(type)"] }
    if let object = value as? [String: Any] {
      let properties = schema["properties"] as? [String: Any] ?? [:]
      for key in schema["required"] as? [String] ?? [] where object[key] == nil { found.append("\(path): no \(key)") }
      for (key, entry) in object.sorted(by: { $0.key < $1.key }) {
        if let property = properties[key] as? [String: Any] {
          found += problems(entry, property, "\(path).\(key)")
        } else if schema["additionalProperties"] as? Bool == false {
          found.append("\(path): unknown key \(key)")
        }
      }
    }
    if let list = value as? [Any], let items = schema["items"] as? [String: Any] {
      for (index, entry) in list.enumerated() { found += problems(entry, items, "\(path)[\(index)]") }
    }
    return found
  }

  private func isOf(_ type: String, _ value: Any) -> Bool {
    switch type {
    case "object": value is [String: Any]
    case "array": value is [Any]
    case "string": value is String
    case "boolean": (value as? NSNumber).map { CFBooleanLike.isBoolean($0) } ?? false
    case "integer":
      (value as? NSNumber).map { !CFBooleanLike.isBoolean($0) && $0.doubleValue == $0.doubleValue.rounded() } ?? false
    case "number": (value as? NSNumber).map { !CFBooleanLike.isBoolean($0) } ?? false
    default: false
    }
  }
}

/// Tells a JSON boolean from a number.
enum CFBooleanLike {
  static func isBoolean(_ number: NSNumber) -> Bool {
    String(cString: number.objCType) == "c" || number === kTrue || number === kFalse
  }
  private static let kTrue = NSNumber(value: true)
  private static let kFalse = NSNumber(value: false)
}
