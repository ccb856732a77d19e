import Analysis
import Foundation
import GRDB
import Testing

@testable import Evidence

@Suite("Verifying a store")
struct StoreVerifyTests {
  @Test("a store as it was written is intact, with all that it can hold")
  func intact() throws {
    let scratch = try Scratch()
    let (runs, checkpoints) = try scratch.fillWithEverything()
    let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
    let (verification, outside) = try store.verifyAll(against: checkpoints.map(\.data))
    #expect(verification.isIntact, "\(verification)")
    #expect(outside == [[], [], []])
    #expect(verification.runs.prefix(4).map(\.id) == runs.map(\.record.id))
    #expect(verification.entries.map(\.kind).count { $0 == "signature" } == 2)
    #expect(verification.signatures.count == 2 && verification.checkpoints.count == 4)
    #expect(verification.logs.map(\.size) == [8, 4])
    for run in verification.runs { #expect(try store.verify(id: run.id).isEmpty) }
    #expect(try store.logs() == verification.logs)
  }

  @Test("taking the triggers off and changing any column of any table is found", arguments: ColumnChange.all)
  func columns(change: ColumnChange) throws {
    let scratch = try Scratch()
    try scratch.fillWithEverything()
    let original = try Data(contentsOf: scratch.storeFile)
    let key = ["nodes": "log = 1 AND level = 0 AND place = 1", "logs": "log = 2"][change.table]
    let rows =
      key.map { [$0] } ?? [
        "sequence = (SELECT min(sequence) FROM \(change.table))",
        "sequence = (SELECT max(sequence) FROM \(change.table))",
      ]
    for row in rows {
      try original.write(to: scratch.storeFile)
      try scratch.tamper { database in
        try database.execute(sql: "UPDATE \(change.table) SET \(change.column) = \(change.value) WHERE \(row)")
        #expect(database.changesCount == 1)
      }
      let (verification, _) = try scratch.verification()
      #expect(!verification.isIntact, "\(change.table).\(change.column) where \(row)")
    }
  }

  @Test(
    "a change of a run's entry or index is found when that run alone is checked", arguments: ColumnChange.all)
  func oneRun(change: ColumnChange) throws {
    guard ["entries", "runs"].contains(change.table), change.column != "subject" || change.table == "entries" else {
      return
    }
    let scratch = try Scratch()
    let runs = try scratch.fill(3)
    try scratch.tamper {
      try $0.execute(sql: "UPDATE \(change.table) SET \(change.column) = \(change.value) WHERE sequence = 3")
    }
    let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
    let id =
      change.table == "runs" && change.column == "id" ? "017f22e2-79b0-7cc3-98c4-dc0c0c07398f" : runs[1].record.id
    let problems = try store.verify(id: id)
    #expect(!problems.isEmpty, "\(change.testDescription)")
    if change.table == "runs", change.column != "sequence", change.column != "id" {
      #expect(problems.map(\.column) == [change.column] && problems.map(\.code) == [.indexColumn], "\(problems)")
    }
    if change.table == "entries", ["sha256", "document"].contains(change.column) {
      #expect(problems.contains { $0.code == .digest })
      let error = #expect(throws: EvidenceError.self) { try store.run(id: id) }
      #expect(error?.code == .damagedRun)
      #expect(throws: EvidenceError.self) { try store.allRuns() }
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

  @Test("a record that is rewritten with its digest and its index is still not the leaf of the tree")
  func rewritten() throws {
    let scratch = try Scratch()
    let runs = try scratch.fill(1)
    let original = try RecordCoder.encode(runs[0].record)
    func problems(_ text: String) throws -> [StoreProblem.Code] {
      let sha256 = try SHA256.digest(of: Data(text.utf8)).hex
      try scratch.tamper {
        try $0.execute(
          sql: "UPDATE entries SET document = ?1, sha256 = ?2 WHERE kind = 'run'", arguments: [Data(text.utf8), sha256])
        try $0.execute(sql: "UPDATE runs SET sha256 = ?", arguments: [sha256])
      }
      let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
      defer { try? store.close() }
      return try store.verify(id: runs[0].record.id).map(\.code)
    }
    let text = String(decoding: original, as: UTF8.self)
    #expect(try problems(text) == [])
    #expect(try problems(" " + text) == [.notCanonical, .tree])
    #expect(try problems("{\"a\":1," + text.dropFirst()) == [.notARecord, .tree])
    #expect(try problems("{") == [.notARecord, .tree])
    #expect(
      try problems(text.replacingOccurrences(of: "\"kind\":\"analysis\"", with: "\"kind\":\"magic\"")).contains(
        .notARecord))
    let other = text.replacingOccurrences(of: runs[0].record.modelVersion, with: "0.0.0")
    #expect(try problems(other).contains(.indexColumn))
    let reseeded = text.replacingOccurrences(of: "\"seed\":", with: "\"seed\":1")
    #expect(try problems(reseeded) != [])
  }

  @Test("a deleted row leaves a gap that is found")
  func deleted() throws {
    let scratch = try Scratch()
    let runs = try scratch.fill(5)
    try scratch.tamper { try $0.execute(sql: "DELETE FROM entries WHERE sequence = 3") }
    let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
    let verification = try store.verifyAll()
    #expect(verification.runs.map { $0.problems.map(\.code) }[1].contains(.sequence))
    #expect(try store.verify(id: runs[4].record.id).map(\.code) == [.sequence])
    #expect(try store.verify(id: runs[0].record.id).isEmpty)
  }

  @Test(
    "protections that are gone, altered or added are found, and no run is added to such a store",
    arguments: [
      ("DROP TRIGGER runs_refuse_delete", "the trigger 'runs_refuse_delete' is gone"),
      ("DROP TRIGGER entries_in_position", "the trigger 'entries_in_position' is gone"),
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

  /// The long campaign makes 10,000 changes in all.
  static let isFull = ProcessInfo.processInfo.environment["VITRINE_TEST_FULL"] == "1"

  @Test("any byte changed in the file is found, refused, or changes nothing; never a crash", arguments: 0..<4)
  func randomBytes(seed: Int) throws {
    let scratch = try Scratch()
    let (_, checkpoints) = try scratch.fillWithEverything()
    let original = try Data(contentsOf: scratch.storeFile)
    let pristine = try content(scratch)
    var random = SplitMix64(seed: UInt64(seed))
    var found = 0
    for _ in 0..<(Self.isFull ? 2500 : 38) {
      var bytes = original
      let place = Int.random(in: 0..<bytes.count, using: &random)
      bytes[place] ^= UInt8.random(in: 1...255, using: &random)
      try bytes.write(to: scratch.storeFile)
      do {
        let (verification, outside) = try scratch.verification(against: checkpoints)
        guard verification.isIntact, outside.allSatisfy(\.isEmpty) else {
          found += 1
          continue
        }
        #expect(try content(scratch) == pristine, "byte \(place)")
      } catch is EvidenceError {
        found += 1
      }
    }
    #expect(found > (Self.isFull ? 600 : 5))
  }

  /// All that a store says: runs, what is said about them, logs, checkpoints.
  private func content(_ scratch: Scratch) throws -> [String] {
    let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
    let runs = try store.allRuns()
    let about = try runs.flatMap { try store.entries(about: $0.record.id).map(\.sha256) }
    let content =
      try runs.map(\.sha256) + about + store.logs().map { "\($0)" } + store.checkpoints().map { "\($0)" }
      + store.runs().map { "\($0)" }
    try store.close()
    return content
  }

  @Test("a digest that a damaged file has lost is found, and stops nothing")
  func lostDigest() throws {
    let scratch = try Scratch()
    try scratch.fill(3)
    try scratch.tamper { database in
      // What a flipped byte of a row's header does: a column without a value where none may be.
      try database.execute(sql: "PRAGMA writable_schema = ON")
      try database.execute(
        sql: "UPDATE sqlite_master SET sql = replace(sql, 'sha256 TEXT NOT NULL', 'sha256 TEXT') WHERE name = 'entries'"
      )
      try database.execute(sql: "PRAGMA writable_schema = RESET")
      try database.execute(sql: "UPDATE entries SET sha256 = NULL WHERE sequence = 3")
    }
    let (verification, _) = try scratch.verification()
    #expect(verification.entries.indices.filter { !verification.entries[$0].problems.isEmpty } == [2])
  }

  @Test("of several hundred entries, which are checked on all cores, exactly the changed ones are found")
  func manyEntries() throws {
    let scratch = try Scratch()
    try scratch.fill(300)
    // On both sides of the places where one batch ends and the next begins, and an end.
    let changed = [2, 255, 256, 257, 301]
    try scratch.tamper { database in
      for sequence in changed {
        try database.execute(
          sql: "UPDATE entries SET document = CAST(CAST(document AS TEXT) || ' ' AS BLOB) WHERE sequence = ?",
          arguments: [sequence])
      }
    }
    let (verification, _) = try scratch.verification()
    #expect(verification.entries.count == 301)
    #expect(
      verification.entries.indices.filter { !verification.entries[$0].problems.isEmpty }.map { $0 + 1 } == changed)
  }

  @Test(
    "documents nested as deeply as the reader goes, and deeper, stop no verification",
    arguments: [100, 127, 128, 200, 100_000])
  func nested(depth: Int) throws {
    let scratch = try Scratch()
    try scratch.fill(8)
    let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    try scratch.tamper { try $0.execute(sql: "UPDATE entries SET document = CAST(? AS BLOB)", arguments: [text]) }
    let (verification, _) = try scratch.verification()
    #expect(verification.entries.count == 9 && verification.entries.allSatisfy { !$0.problems.isEmpty })
  }
}
