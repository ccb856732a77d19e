import Analysis
import Evidence
import Foundation
import Testing

@Suite("The published JSON schemas")
struct SchemaTests {
  private func schema(_ name: String) throws -> JSONValue {
    try CanonicalJSON.parse(
      Data(contentsOf: Golden.repository.appendingPathComponent("Templates/schemas/\(name).schema.json")))
  }

  /// Records of both kinds and all statuses, some with every value filled in.
  private func records() -> [RunRecord] {
    var maker = RandomRecord(seed: 40)
    return RunRecord.Kind.allCases.flatMap { kind in
      RunRecord.Status.allCases.flatMap { status in
        [true, false, false].map { maker.next(kind: kind, status: status, full: $0) }
      }
    }
  }

  @Test("every record follows run.schema.json, and the schema names nothing that no record has")
  func run() throws {
    var checker = SchemaChecker(schema: try schema("run"))
    for record in records() { checker.check(try CanonicalJSON.parse(RecordCoder.encode(record))) }
    #expect(checker.errors == [])
    #expect(checker.declared.subtracting(checker.met) == [])
    #expect(checker.declared.count > 150)
  }

  @Test("a list of runs follows runs-list.schema.json, and the schema names nothing that no list has")
  func list() throws {
    let scratch = try Scratch()
    let store = try Store.open(at: scratch.storeFile, mode: .create)
    for record in records() { try store.append(record) }
    var checker = SchemaChecker(schema: try schema("runs-list"))
    checker.check(try CanonicalJSON.parse(CanonicalJSON.encode(store.runs())))
    #expect(checker.errors == [])
    #expect(checker.declared.subtracting(checker.met) == [])
  }

  @Test("the schema refuses what is no record", arguments: ["id", "machine", "findings", "started"])
  func refuses(key: String) throws {
    var maker = RandomRecord(seed: 41)
    guard case .object(var members) = try CanonicalJSON.parse(RecordCoder.encode(maker.next(full: true))) else {
      Issue.record("a record is no object")
      return
    }
    for replacement in [nil, JSONValue.number(1)] {
      members[key] = replacement
      var checker = SchemaChecker(schema: try schema("run"))
      checker.check(.object(members))
      #expect(!checker.errors.isEmpty)
    }
    members["unknown"] = .null
    var checker = SchemaChecker(schema: try schema("run"))
    checker.check(.object(members))
    #expect(checker.errors.contains { $0.contains("unknown") })
  }

  @Test("the schema lists every kind, status and method, and no other")
  func enumerations() throws {
    let run = try schema("run")
    func values(_ path: [String]) -> Set<String> {
      let place = path.reduce(JSONValue?.some(run)) { $0?[$1] }
      guard case .array(let values) = place?["enum"] else { return [] }
      return Set(
        values.compactMap { value in
          if case .string(let text) = value { text } else { nil }
        })
    }
    #expect(values(["properties", "kind"]) == Set(RunRecord.Kind.allCases.map(\.rawValue)))
    #expect(values(["properties", "status"]) == Set(RunRecord.Status.allCases.map(\.rawValue)))
    let methods = ["$defs", "analysis_plan", "properties", "methods", "items"]
    #expect(values(methods) == Set(AnalysisPlan.Method.allCases.map(\.rawValue)))
  }
}
