import Foundation
import GRDB
import Testing

@testable import Evidence

@Suite("Verifying a store")
struct StoreVerifyTests {
  @Test("a store as it was written is intact")
  func intact() throws {
    let scratch = try Scratch()
    let runs = try scratch.fill(6)
    let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
    let verification = try store.verifyAll()
    #expect(verification.isIntact)
    #expect(verification.runs.map(\.id) == runs.map(\.record.id))
    for run in runs { #expect(try store.verify(id: run.record.id).isEmpty) }
  }

  @Test("taking the triggers off and changing any column is found", arguments: StoreAppendOnlyTests.changes)
  func columns(column: String, value: String) throws {
    let scratch = try Scratch()
    let runs = try scratch.fill(4)
    // The first row is an analysis, the second an evaluation, whose behaviour is NULL.
    for row in 1...2 {
      let changed = row == 2 && column == "kind" ? "'analysis'" : value
      try scratch.tamper { try $0.execute(sql: "UPDATE runs SET \(column) = \(changed) WHERE sequence = \(row)") }
      let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
      let id = column == "id" ? "017f22e2-79b0-7cc3-98c4-dc0c0c07398f" : runs[row - 1].record.id
      let problems = try store.verify(id: id)
      let expected: StoreProblem.Code =
        switch column {
        case "sequence": .sequence
        case "sha256", "document": .digest
        default: .indexColumn
        }
      #expect(problems.contains { $0.code == expected }, "\(problems)")
      if expected != .digest { #expect(problems.map(\.column) == [column]) }
      #expect(try !store.verifyAll().isIntact)
      if ["sha256", "document", "id"].contains(column) {
        let error = #expect(throws: EvidenceError.self) { try store.run(id: id) }
        #expect(error?.code == .damagedRun)
        #expect(throws: EvidenceError.self) { try store.allRuns() }
      }
      try store.close()
      guard column != "sequence", column != "id" else { return }  // the second row would follow the first
    }
  }

  @Test(
    "texts that only look the same are found",
    arguments: ["system || char(0) || 'x'", "system || char(65279)", "system || ' '", "CAST(x'ff' AS TEXT)"])
  func lookAlike(value: String) throws {
    let scratch = try Scratch()
    let runs = try scratch.fill(1)
    try scratch.tamper { try $0.execute(sql: "UPDATE runs SET system = \(value)") }
    let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
    #expect(try store.verify(id: runs[0].record.id).map(\.column) == ["system"])
  }

  @Test("a record that is rewritten with its digest is found if its form or index is not the same")
  func rewritten() throws {
    let scratch = try Scratch()
    let runs = try scratch.fill(1)
    let original = try RecordCoder.encode(runs[0].record)
    func problems(_ text: String) throws -> [StoreProblem.Code] {
      let sha256 = try SHA256.digest(of: Data(text.utf8)).hex
      try scratch.tamper {
        try $0.execute(sql: "UPDATE runs SET document = ?, sha256 = ?", arguments: [Data(text.utf8), sha256])
      }
      let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
      defer { try? store.close() }
      return try store.verify(id: runs[0].record.id).map(\.code)
    }
    let text = String(decoding: original, as: UTF8.self)
    #expect(try problems(text) == [])
    #expect(try problems(" " + text) == [.notCanonical])
    #expect(try problems("{\"a\":1," + text.dropFirst()) == [.notARecord])
    #expect(try problems("{") == [.notARecord])
    #expect(
      try problems(text.replacingOccurrences(of: "\"kind\":\"analysis\"", with: "\"kind\":\"magic\"")).contains(
        .notARecord))
    let other = text.replacingOccurrences(of: runs[0].record.modelVersion, with: "0.0.0")
    #expect(try problems(other).contains(.indexColumn))
  }

  @Test("a deleted row leaves a gap that is found, before and after the others are renumbered")
  func deleted() throws {
    let scratch = try Scratch()
    let runs = try scratch.fill(5)
    try scratch.tamper { try $0.execute(sql: "DELETE FROM runs WHERE sequence = 2") }
    let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
    let verification = try store.verifyAll()
    #expect(verification.runs.map { $0.problems.map(\.code) } == [[], [.sequence], [], []])
    #expect(try store.verify(id: runs[4].record.id).map(\.code) == [.sequence])
    #expect(try store.verify(id: runs[0].record.id).isEmpty)
  }

  @Test(
    "protections that are gone, altered or added are found, and no run is added to such a store",
    arguments: [
      ("DROP TRIGGER runs_refuse_delete", "the trigger 'runs_refuse_delete' is gone"),
      ("DROP INDEX runs_by_version", "the index 'runs_by_version' is gone"),
      (
        "DROP TRIGGER runs_refuse_update; CREATE TRIGGER runs_refuse_update BEFORE UPDATE ON runs BEGIN SELECT 1; END",
        "the trigger 'runs_refuse_update' was altered"
      ),
      (
        "CREATE TRIGGER extra AFTER INSERT ON runs BEGIN SELECT 1; END", "the trigger 'extra' was added"
      ),
    ])
  func protections(sql: String, problem: String) throws {
    let scratch = try Scratch()
    try scratch.fill(1)
    try scratch.raw().write { try $0.execute(sql: sql) }
    let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
    let found = try store.verifyAll()
    #expect(found.problems == [StoreProblem(.protections, problem)])
    #expect(try store.allRuns().count == 1)
    for mode in [Store.Mode.readWrite, .create] {
      let error = #expect(throws: EvidenceError.self) { try Store.open(at: scratch.storeFile, mode: mode) }
      #expect(error?.code == .damagedStore)
      #expect(error?.message.contains(problem) == true)
    }
  }

  @Test("any byte changed in the file is found, refused, or changes nothing; never a crash", arguments: 0..<4)
  func randomBytes(seed: Int) throws {
    let scratch = try Scratch()
    let runs = try scratch.fill(3)
    let original = try Data(contentsOf: scratch.storeFile)
    var random = SeededGenerator(seed: UInt64(seed))
    var found = 0
    for _ in 0..<150 {
      var bytes = original
      let place = Int.random(in: 0..<bytes.count, using: &random)
      bytes[place] ^= UInt8.random(in: 1...255, using: &random)
      try bytes.write(to: scratch.storeFile)
      do {
        let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
        let verification = try store.verifyAll()
        guard verification.isIntact else {
          found += 1
          continue
        }
        #expect(try store.allRuns() == runs, "byte \(place)")
      } catch is EvidenceError {
        found += 1
      }
    }
    #expect(found > 30)
  }
}
