import Analysis
import Foundation
import Testing

@testable import Evidence

@Suite("Finding runs")
struct StoreLookupTests {
  private let ids = [
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",  // shares its end with the next
    "017f22e2-79b1-7cc3-98c4-dc0c0d07398f",
    "017f22e2-79b2-7cc3-98c4-aaaaaaaaaaaa",  // its end is the next one's beginning
    "aaaaaaaa-79b3-7cc3-98c4-123456789abc",
    "018f22e2-79b4-7cc3-98c4-fedcba987654",
  ]

  private func store(_ scratch: Scratch) throws -> Store {
    var maker = RandomRecord(seed: 5)
    let store = try Store.open(at: scratch.storeFile, mode: .create)
    for id in ids {
      var record = maker.next()
      record.id = id
      try store.append(record)
    }
    return store
  }

  @Test(
    "a run is found by its identifier and by any unique prefix or suffix of six characters or more, in either case",
    arguments: [
      ("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", 0), ("017f22e2-79b0", 0), ("017f22e2-79b1-", 1), ("c07398f", 0),
      ("d07398f", 1), ("0D07398F", 1), ("018f22", 4), ("987654", 4), ("aaaaaaaa-", 3), ("-aaaaaaaaaaaa", 2),
      ("789abc", 3),
    ])
  func found(text: String, index: Int) throws {
    let scratch = try Scratch()
    let store = try store(scratch)
    #expect(try store.run(id: text).record.id == ids[index])
    #expect(try store.document(id: text) == RecordCoder.encode(store.run(id: ids[index]).record))
  }

  @Test(
    "what names no run, several runs or too little is refused",
    arguments: [
      ("ffffff", EvidenceError.Code.unknownRun, []), ("017f22e2-79b0-7cc3-98c4-dc0c0c07398e", .unknownRun, []),
      ("79b0-7cc3", .unknownRun, []), ("%%%%%%", .unknownRun, []), ("______", .unknownRun, []),
      ("*******", .unknownRun, []), ("017f22", .ambiguousRun, [0, 1, 2]), ("07398f", .ambiguousRun, [0, 1]),
      ("aaaaaa", .ambiguousRun, [2, 3]), ("07398", .identifierTooShort, []), ("", .identifierTooShort, []),
    ])
  func refused(text: String, code: EvidenceError.Code, candidates: [Int]) throws {
    let scratch = try Scratch()
    let store = try store(scratch)
    let error = #expect(throws: EvidenceError.self) { try store.run(id: text) }
    #expect(error?.code == code)
    #expect(error?.candidates == candidates.map { ids[$0] })
    for index in candidates { #expect(error?.message.contains(ids[index]) == true) }
    #expect(error?.exitStatus == (code == .identifierTooShort ? .wrongUse : .answerIsNo))
    #expect(throws: EvidenceError.self) { try store.verify(id: text) }
  }

  @Test("lists show the shortest suffix that finds the run")
  func suffixes() throws {
    let scratch = try Scratch()
    let store = try store(scratch)
    let summaries = try store.runs()
    #expect(summaries.map(\.id) == ids)
    #expect(summaries.map(\.suffix) == ["c07398f", "d07398f", "aaaaaaaaa", "789abc", "987654"])
    for summary in summaries { #expect(try store.run(id: summary.suffix).record.id == summary.id) }
  }

  @Test("among many runs every suffix shown finds its run and cannot be shorter")
  func manySuffixes() {
    var random = SplitMix64(seed: 8)
    // Few different digits at the end, so that suffixes collide.
    let ids = (0..<500).map { index in
      "017f22e2-79b0-7cc3-98c4-" + String(format: "%06x", index * 7919)
        + String(
          (0..<6).map { _ in "01ab"["01ab".index("01ab".startIndex, offsetBy: Int.random(in: 0..<4, using: &random))] })
    }
    let suffixes = ShortSuffixes(ids)
    for id in ids {
      let suffix = suffixes.suffix(of: id)
      func names(_ text: some StringProtocol) -> Int { ids.count { $0.hasSuffix(text) || $0.hasPrefix(text) } }
      #expect(suffix.count >= 6 && id.hasSuffix(suffix) && names(suffix) == 1)
      if suffix.count > 6 { #expect(names(suffix.dropFirst()) > 1) }
    }
  }

  /// A store in which each run differs in what filters look at.
  private func varied(_ scratch: Scratch) throws -> (store: Store, records: [RunRecord]) {
    var maker = RandomRecord(seed: 6)
    let store = try Store.open(at: scratch.storeFile, mode: .create)
    let plan: [(String, String?, RunRecord.Status, String)] = [
      ("1.0", "sex", .finished, "2026-01-31T23:59:59.999Z"), ("1.0", "savings", .refused, "2026-02-01T00:00:00.000Z"),
      ("1.0", nil, .finished, "2026-02-01T10:00:00.500Z"), ("1.1", "sex", .failed, "2026-02-01T10:30:00.000Z"),
      ("1.0", "sex", .failed, "2026-02-02T00:00:00.000Z"), ("1.0", "sex", .finished, "2026-03-01T00:00:00.000Z"),
      ("1.0", nil, .finished, "2027-01-01T00:00:00.000Z"),
    ]
    let records = plan.map { version, behaviour, status, started in
      var record = maker.next(kind: behaviour == nil ? .evaluation : .analysis, status: status)
      record.modelVersion = version
      record.behaviour = behaviour
      if let behaviour { record.analysisPlan?.behaviour = behaviour }
      record.started = started
      record.ended = "2027-06-01T00:00:00.000Z"
      return record
    }
    for record in records { try store.append(record) }
    return (store, records)
  }

  @Test(
    "lists are filtered by version, behaviour, kind, status and time",
    arguments: [
      (RunFilter(), [0, 1, 2, 3, 4, 5, 6]), (RunFilter(modelVersion: "1.0"), [0, 1, 2, 4, 5, 6]),
      (RunFilter(behaviour: "sex"), [0, 3, 4, 5]), (RunFilter(kind: .evaluation), [2, 6]),
      (RunFilter(status: .failed), [3, 4]),
      (RunFilter(modelVersion: "1.0", behaviour: "sex", status: .finished), [0, 5]),
      (RunFilter(since: "2026-02-02"), [4, 5, 6]), (RunFilter(until: "2026-02-01"), [0, 1, 2, 3]),
      (RunFilter(since: "2026-02", until: "2026-02"), [1, 2, 3, 4]), (RunFilter(since: "2027"), [6]),
      (RunFilter(since: "2026-02-01T10:00:00.500Z", until: "2026-02-01T10:30"), [2, 3]),
      (RunFilter(since: "2026-02-01T10:00:00Z", until: "2026-02-01T10:00:00Z"), [2]),
      (RunFilter(modelVersion: "2"), []), (RunFilter(behaviour: "' OR 1=1 --"), []),
    ])
  func filters(filter: RunFilter, expected: [Int]) throws {
    let scratch = try Scratch()
    let (store, records) = try varied(scratch)
    #expect(try store.runs(matching: filter).map(\.id) == expected.map { records[$0].id })
  }

  @Test("a summary has the record's values, and is JSON as the schema names it")
  func summary() throws {
    let scratch = try Scratch()
    let (store, records) = try varied(scratch)
    let summary = try #require(try store.runs().first)
    let record = records[0]
    #expect(
      summary
        == RunSummary(
          id: record.id, suffix: summary.suffix, kind: .analysis, status: .finished, started: record.started,
          ended: record.ended, system: record.system, modelVersion: "1.0", behaviour: "sex",
          modelSha256: record.model.rootSha256, programVersion: record.program.version,
          sha256: try SHA256.digest(of: RecordCoder.encode(record)).hex, signers: []))
  }

  @Test(
    "times that cannot be read are refused",
    arguments: ["yesterday", "2026-1-1", "2026-02-0", "26", "2026-02-01T10:00:00+01:00", "2026/02/01", ""])
  func badTimes(text: String) throws {
    let scratch = try Scratch()
    let (store, _) = try varied(scratch)
    for filter in [RunFilter(since: text), RunFilter(until: text)] {
      let error = #expect(throws: EvidenceError.self) { try store.runs(matching: filter) }
      #expect(error?.code == .badFilter)
      #expect(error?.exitStatus == .wrongUse)
    }
  }

  @Test("the latest run of each kind and behaviour passes over failed ones and other versions")
  func latest() throws {
    let scratch = try Scratch()
    let (store, records) = try varied(scratch)
    #expect(try store.latestRuns(modelVersion: "1.0").map(\.record.id) == [1, 5, 6].map { records[$0].id })
    #expect(try store.latestRuns(modelVersion: "1.1").isEmpty)
    #expect(try store.latestRuns(modelVersion: "none").isEmpty)
    #expect(try store.allRuns().map(\.record) == records)
  }
}
