import Foundation
import GRDB
import Testing

@testable import Analysis
@testable import Evidence

@Suite("Adding runs")
struct StoreAppendTests {
  @Test("a stored record comes back as it was, with the digest of its canonical bytes")
  func append() throws {
    let scratch = try Scratch()
    var maker = RandomRecord(seed: 20)
    let store = try Store.open(at: scratch.storeFile, mode: .create)
    for _ in 0..<10 {
      let record = maker.next()
      let stored = try store.append(record)
      #expect(stored.record == record)
      #expect(stored.sha256 == (try SHA256.digest(of: RecordCoder.encode(record)).hex))
      #expect(try store.run(id: record.id) == stored)
    }
    #expect(try store.verifyAll().isIntact)
  }

  @Test("one identifier is stored once")
  func duplicate() throws {
    let scratch = try Scratch()
    var maker = RandomRecord(seed: 21)
    let store = try Store.open(at: scratch.storeFile, mode: .create)
    let record = maker.next()
    try store.append(record)
    let error = #expect(throws: EvidenceError.self) { try store.append(record) }
    #expect(error?.code == .duplicateRun)
    #expect(try store.allRuns().count == 1)
  }

  /// Faults that a record can have, each with a word of the message.
  static let faults: [(String, @Sendable (inout RunRecord) -> Void)] = [
    ("schema", { $0.schema = "vitrine.run/0" }), ("id", { $0.id = "1" }),
    ("id", { $0.id = $0.id.uppercased() }), ("started", { $0.started = "2026-11-23" }),
    ("ended", { $0.ended = "soon" }),
    ("system", { $0.system = "" }), ("model_version", { $0.modelVersion = "" }),
    ("behaviour", { $0.behaviour = nil }), ("behaviour", { $0.analysisPlan?.behaviour = "another" }),
    ("plan", { $0.analysisPlan = nil }), ("result", { $0.analysis = nil }),
    ("another kind", { $0.evaluation = EvaluationResult(groups: [], scores: []) }),
    ("failure", { $0.failure = "x" }), ("failure", { $0.status = .failed }),
    (
      "refusal",
      {
        $0.status = .refused; $0.refusals = []
      }
    ), ("prompts_sha256", { $0.promptsSha256 = "" }),
    ("model.root_sha256", { $0.model.rootSha256 = "A" }), ("tensors_sha256", { $0.model.tensorsSha256 = "" }),
    ("tokenizer_sha256", { $0.model.tokenizerSha256 = "?" }), ("binary_sha256", { $0.program.binarySha256 = "" }),
    ("w.bin", { $0.model.files = [.init(path: "w.bin", bytes: 1, sha256: "0")] }),
    ("findings", { $0.findings = [$0.findings[0], $0.findings[0]] }),
  ]

  @Test("a record that contradicts itself is refused, and nothing is stored", arguments: faults.indices)
  func invalid(index: Int) throws {
    let scratch = try Scratch()
    var maker = RandomRecord(seed: 22)
    let store = try Store.open(at: scratch.storeFile, mode: .create)
    var record = maker.next(kind: .analysis, status: .finished, full: true)
    #expect(RecordCheck.problems(of: record).isEmpty)
    Self.faults[index].1(&record)
    let error = #expect(throws: EvidenceError.self) { try store.append(record) }
    #expect(error?.code == .invalidRecord)
    #expect(error?.exitStatus == .internalError)
    #expect(error?.message.contains(Self.faults[index].0) == true, "\(error?.message ?? "")")
    #expect(try store.runs().isEmpty)
  }

  @Test("a number that is not finite is refused with its place, and nothing is stored")
  func notFinite() throws {
    let scratch = try Scratch()
    var maker = RandomRecord(seed: 23)
    let store = try Store.open(at: scratch.storeFile, mode: .create)
    var record = maker.next(kind: .analysis, status: .finished, full: true)
    record.analysis?.pairs[0].mClean = .nan
    let error = #expect(throws: JSONError.self) { try store.append(record) }
    #expect(error?.message.contains("analysis.pairs[0].m_clean") == true)
    #expect(try store.runs().isEmpty)
  }

  @Test("several writers that open and create one store at once lose nothing")
  func concurrent() throws {
    let scratch = try Scratch()
    let file = scratch.storeFile
    // Each iteration has a connection of its own, as another process would.
    DispatchQueue.concurrentPerform(iterations: 6) { writer in
      do {
        var maker = RandomRecord(seed: UInt64(100 + writer))
        let store = try Store.open(at: file, mode: .create)
        for _ in 0..<20 { try store.append(maker.next()) }
        try store.close()
      } catch {
        Issue.record(error)
      }
    }
    let store = try Store.open(at: file, mode: .readOnly)
    let verification = try store.verifyAll()
    #expect(verification.isIntact)
    #expect(verification.runs.count == 120)
    try store.close()
    #expect(try scratch.names() == ["evidence.sqlite"])
  }

  @Test("a reader sees whole runs while others write")
  func readingWhileWriting() throws {
    let scratch = try Scratch()
    let runs = try scratch.fill(1)
    let file = scratch.storeFile
    DispatchQueue.concurrentPerform(iterations: 2) { role in
      do {
        if role == 0 {
          var maker = RandomRecord(seed: 300)
          let store = try Store.open(at: file, mode: .readWrite)
          for _ in 0..<40 { try store.append(maker.next()) }
        } else {
          let store = try Store.open(at: file, mode: .readOnly)
          for _ in 0..<20 {
            let all = try store.allRuns()
            #expect(all.first == runs[0])
            #expect(try store.verifyAll().isIntact)
          }
        }
      } catch {
        Issue.record(error)
      }
    }
  }

  @Test("a full disk is an error that stores nothing and leaves the store usable")
  func fullDisk() throws {
    let scratch = try Scratch()
    try scratch.fill(2)
    var maker = RandomRecord(seed: 24)
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    let pages = try store.database.read { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
    var record = maker.next(kind: .analysis, status: .finished)
    record.analysisPlan?.question = String(repeating: "long ", count: 20_000)
    let error = #expect(throws: EvidenceError.self) {
      try store.transaction { database in
        _ = try Int.fetchOne(database, sql: "PRAGMA max_page_count = \(pages + 1)")
        try EntryWriter.append(NewEntry(record), database)
      }
    }
    #expect(error?.code == .diskFull)
    #expect(error?.exitStatus == .inputOutput)
    #expect(try store.runs().count == 2)
    try store.append(record)
    #expect(try store.verifyAll().isIntact)
    #expect(try store.allRuns().count == 3)
  }

  @Test("a store opened for reading takes no run")
  func readOnly() throws {
    let scratch = try Scratch()
    try scratch.fill(1)
    var maker = RandomRecord(seed: 25)
    let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
    let error = #expect(throws: EvidenceError.self) { try store.append(maker.next()) }
    #expect(error?.code == .readOnly)
  }
}
