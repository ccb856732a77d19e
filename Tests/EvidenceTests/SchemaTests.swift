import Analysis
import Evidence
import Foundation
import GRDB
import SchemaSupport
import Testing

@Suite("The published JSON schemas")
struct SchemaTests {
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
    var checker = try SchemaChecker("run")
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
    let statement = RunSignature.Statement(
      run: try #require(try store.allRuns().first), name: "Ada", function: "Tester", meaning: "performed")
    try store.append(RunSignature(statement, ed25519: PrivateKey.generate(.ed25519)))
    var checker = try SchemaChecker("runs-list")
    checker.check(try CanonicalJSON.parse(CanonicalJSON.encode(store.runs())))
    #expect(checker.errors == [])
    #expect(checker.declared.subtracting(checker.met) == [])
  }

  @Test("every other kind of record follows the schema of its name, which names nothing else")
  func otherRecords() throws {
    let scratch = try Scratch()
    try scratch.fillWithEverything()
    let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
    for kind in ["signature", "merge", "log"] {
      var checker = try SchemaChecker(kind)
      var documents = try store.entries(kind: kind).map(\.document)
      if kind == "log" { documents.append(try CanonicalJSON.encode(LogStart.new(note: "took over"))) }
      for document in documents { checker.check(try CanonicalJSON.parse(document)) }
      #expect(checker.errors == [], "\(kind)")
      #expect(checker.declared.subtracting(checker.met) == [], "\(kind)")
    }
  }

  @Test("an exported run, a verification and the counts of a store follow their schemas")
  func reports() throws {
    let scratch = try Scratch()
    let (runs, checkpoints) = try scratch.fillWithEverything()
    let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
    var export = try SchemaChecker("run-export")
    export.check(try CanonicalJSON.parse(CanonicalJSON.encode(store.export(id: runs[0].record.id))))
    #expect(export.errors == [] && export.declared.subtracting(export.met) == [])
    var stats = try SchemaChecker("store-stats")
    let dates = [runs[0].record.system: "2027-03-31"]
    stats.check(try CanonicalJSON.parse(CanonicalJSON.encode(store.statistics(placedOnMarket: dates))))
    #expect(stats.errors == [] && stats.declared.subtracting(stats.met) == [])
    var verify = try SchemaChecker("verify")
    try checkpoints[0].data.write(to: scratch("1.txt"))
    let outside = try OutsideCheckpoint(file: scratch("1.txt"), isOfProject: true)
    let audit = StoreAudit(store, checkpoints: [outside], keys: [], models: [])
    for report in [try audit.all(), try audit.run(id: runs[0].record.id)] {
      #expect(report.isIntact)
      verify.check(try CanonicalJSON.parse(CanonicalJSON.encode(report)))
    }
    // The fingerprints of the certificate and of the bare key, which names nobody.
    let trusted = try StoreAudit(
      store, checkpoints: [outside], keys: [], trust: TrustAnchors(audit.all().signers.map(\.fingerprint)), models: []
    ).all()
    #expect(Set(trusted.signers.map(\.identity)) == [.established, .notEstablished])
    verify.check(try CanonicalJSON.parse(CanonicalJSON.encode(trusted)))
    let keyed = try StoreAudit(
      store, checkpoints: [outside], keys: [VerifierKey(store.checkpoints()[0].key)], models: []
    ).all()
    verify.check(try CanonicalJSON.parse(CanonicalJSON.encode(keyed)))
    try store.close()
    try scratch.tamper { try $0.execute(sql: "UPDATE runs SET system = 'forged'") }
    let forged = StoreAudit(
      try Store.open(at: scratch.storeFile, mode: .readOnly), checkpoints: [], keys: [], models: [])
    #expect(try !forged.all().isIntact)
    verify.check(try CanonicalJSON.parse(CanonicalJSON.encode(forged.all())))
    #expect(verify.errors == [] && verify.declared.subtracting(verify.met) == [])
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
      var checker = try SchemaChecker("run")
      checker.check(.object(members))
      #expect(!checker.errors.isEmpty)
    }
    members["unknown"] = .null
    var checker = try SchemaChecker("run")
    checker.check(.object(members))
    #expect(checker.errors.contains { $0.contains("unknown") })
  }

  @Test("the schema lists every kind, status and method, and no other")
  func enumerations() throws {
    let run = try CanonicalJSON.parse(
      Data(contentsOf: Golden.repository.appendingPathComponent("Templates/schemas/run.schema.json")))
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
