import Foundation
import Testing

@testable import Analysis
@testable import Evidence

@Suite("Reproductions: what counts as the same")
struct ReproductionTests {
  /// A change of a second execution against the first, and what is to be said of it.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let change: @Sendable (inout RunRecord) -> Void
    let outcome: ReproductionRecord.Outcome
    /// The first difference or change that is listed.
    var path: String?
    var numbers = ResultComparison.Numbers()
  }

  /// A run with round numbers: the first pair's effect is 10, the second's 0.5, so that its scale is 1.
  private func recorded() throws -> RunRecord {
    var maker = RandomRecord(seed: 90)
    var record = maker.next(kind: .analysis, status: .finished, full: true)
    record.analysis?.pairs = [("wide", 12.0, 2.0), ("narrow", 1.0, 0.5)].map { name, clean, counterfactual in
      var pair = AnalysisResult.Pair(name: name, tokens: 7, firstDifference: 3)
      (pair.mClean, pair.mCounterfactual, pair.noising) = (clean, counterfactual, [0.25, -4])
      return pair
    }
    record.analysis?.tokenAttributions = ["wide", "narrow"].map { name in
      .init(
        pair: name, tokens: ["a"], counterfactualTokens: ["b"], zeroed: [0.5], gradientTimesInput: [0.5],
        integratedGradients: [0.5], completenessResidual: 0)
    }
    record.findings = [
      Finding(
        id: "total-effect", title: "A title", standing: .measured,
        estimate: Estimate(value: -3, low: -4, high: -2, confidence: 0.95, n: 2, method: "bootstrap"), unit: "logits",
        nodes: [])
    ]
    return record
  }

  private func reproduce(
    _ change: (inout RunRecord) -> Void, tolerance: ResultComparison.Tolerance = .standard
  ) throws -> Reproduction {
    let record = try recorded()
    let document = try RecordCoder.encode(record)
    var again = record
    (again.id, again.started, again.ended) = (
      RunIdentifier.next(), "2027-01-01T00:00:00.000Z", "2027-01-01T00:01:00.000Z"
    )
    change(&again)
    return try Reproduction(
      of: StoredRun(record: record, sha256: SHA256.digest(of: document).hex), document: document, again: again,
      models: [.init(version: "1", rootSha256: record.model.rootSha256)], tolerance: tolerance)
  }

  /// The tolerance is 1e-4 · max(1, |m_clean − m_counterfactual|) for a pair's numbers and 1e-4 elsewhere: for the
  /// first pair 1e-3.
  static let cases: [Case] = [
    Case(testDescription: "nothing", change: { _ in }, outcome: .byteEqual),
    Case(
      testDescription: "machine, program, threads, times",
      change: {
        $0.machine.instructionSet = "neon"; $0.machine.threads = 64; $0.program.version = "9"
      },
      outcome: .byteEqual),
    Case(
      testDescription: "the last bit of one number",
      change: { $0.analysis?.pairs[1].noising?[0] = 0.25.nextUp },
      outcome: .withinTolerance, path: "analysis.pairs[1].noising[0]", numbers: .init(within: 1)),
    Case(
      testDescription: "a pair's number within ten times the share, since its effect is 10",
      change: { $0.analysis?.pairs[0].noising?[0] = 0.2509 },
      outcome: .withinTolerance, path: "analysis.pairs[0].noising[0]", numbers: .init(within: 1)),
    Case(
      testDescription: "the same beyond it",
      change: { $0.analysis?.pairs[0].noising?[0] = 0.2511 },
      outcome: .different, path: "analysis.pairs[0].noising[0]", numbers: .init(beyond: 1)),
    Case(
      testDescription: "the same in a pair whose effect is below 1",
      change: { $0.analysis?.pairs[1].noising?[0] = 0.2509 },
      outcome: .different, path: "analysis.pairs[1].noising[0]", numbers: .init(beyond: 1)),
    Case(
      testDescription: "a token attribution, by the scale of its pair",
      change: { $0.analysis?.tokenAttributions[0].zeroed[0] = 0.5009 },
      outcome: .withinTolerance, path: "analysis.token_attributions[0].zeroed[0]", numbers: .init(within: 1)),
    Case(
      testDescription: "a token attribution of the other pair",
      change: { $0.analysis?.tokenAttributions[1].zeroed[0] = 0.5009 },
      outcome: .different, path: "analysis.token_attributions[1].zeroed[0]", numbers: .init(beyond: 1)),
    Case(
      testDescription: "two numbers: the one that uses up more of its tolerance comes first",
      change: {
        $0.analysis?.pairs[0].noising?[0] = 0.2509; $0.findings[0].estimate?.low = -4.000095
      },
      outcome: .withinTolerance, path: "findings.total-effect.estimate.low", numbers: .init(within: 2)),
    Case(
      testDescription: "a count",
      change: { $0.findings[0].estimate?.n = 3 },
      outcome: .different, path: "findings.total-effect.estimate.n", numbers: .init(beyond: 1)),
    Case(
      testDescription: "words for a person",
      change: { $0.findings[0].title = "Another title" },
      outcome: .withinTolerance, path: "findings.total-effect.title"),
    Case(
      testDescription: "the standing of a finding",
      change: { $0.findings[0].standing = .notEstablished },
      outcome: .different, path: "findings.total-effect.standing"),
    Case(
      testDescription: "other token ids", change: { $0.promptsSha256 = String(repeating: "0", count: 64) },
      outcome: .different, path: "prompts_sha256"),
    Case(
      testDescription: "a number that is no longer there",
      change: { $0.analysis?.pairs[1].noising?.removeLast() },
      outcome: .different, path: "analysis.pairs[1].noising[1]", numbers: .init(unmatched: 1)),
    Case(
      testDescription: "a finding more from the same program",
      change: {
        $0.findings.insert(Finding(id: "more", title: "", standing: .measured, estimate: nil, unit: ""), at: 0)
      },
      outcome: .different, path: "findings.more"),
    Case(
      testDescription: "a finding more from a later program",
      change: {
        $0.program.binarySha256 = String(repeating: "1", count: 64)
        $0.findings.insert(Finding(id: "more", title: "", standing: .measured, estimate: nil, unit: ""), at: 0)
      },
      outcome: .withinTolerance, path: "findings.more"),
    Case(
      testDescription: "a finding that a later program does not give",
      change: {
        $0.program.version = "9"
        $0.findings = []
      },
      outcome: .different, path: "findings.total-effect", numbers: .init(unmatched: 5)),
  ]

  @Test("each change is judged by the contract, counted and named", arguments: cases)
  func judged(test: Case) throws {
    let reproduction = try reproduce(test.change)
    let comparison = try #require(reproduction.comparison)
    #expect(reproduction.record.outcome == test.outcome)
    #expect(reproduction.record.problems == [])
    #expect(comparison.isByteEqual == (test.outcome == .byteEqual))
    var numbers = comparison.numbers
    #expect(numbers.equal > 0)
    numbers.equal = 0
    #expect(numbers == test.numbers)
    #expect(comparison.differences.first?.path ?? comparison.changes.first?.path == test.path)
    #expect((reproduction.record.reproduced == nil) == (test.outcome == .byteEqual))
  }

  @Test("the number of equal numbers is that of all numbers in the result")
  func counts() throws {
    func count(_ value: JSONValue) -> Int {
      switch value {
      case .number: 1
      case .array(let elements): elements.map(count).reduce(0, +)
      case .object(let members): members.values.map(count).reduce(0, +)
      default: 0
      }
    }
    let record = try recorded()
    var part: [String: JSONValue] = [:]
    for key in ["analysis", "findings", "approximations", "self_tests", "refusals"] {
      part[key] = try CanonicalJSON.parse(RecordCoder.encode(record))[key]
    }
    #expect(try reproduce { _ in }.comparison?.numbers.equal == count(.object(part)))
  }

  @Test("a stated tolerance replaces the usual one and is in the record")
  func tolerance() throws {
    let loose = try reproduce({ $0.analysis?.pairs[1].noising?[0] = 0.26 }, tolerance: .init(relative: 0.1))
    #expect(loose.record.outcome == .withinTolerance)
    #expect(loose.record.tolerance.relative == 0.1 && loose.record.tolerance.rule.contains("0.1 · max"))
    #expect(loose.comparison?.differences.first?.allowed == 0.1)
    let strict = try reproduce({ $0.analysis?.pairs[1].noising?[0] = 0.25.nextUp }, tolerance: .init(relative: 0))
    #expect(strict.record.outcome == .different)
  }

  @Test("what may rightly differ is listed as circumstances, with both values")
  func circumstances() throws {
    let record = try reproduce {
      $0.machine.instructionSet = "neon"
      $0.program.version = "9"
    }.record
    let listed = Dictionary(uniqueKeysWithValues: record.circumstances.map { ($0.what, [$0.recorded, $0.now]) })
    #expect(Set(listed.keys) == ["run identifier", "begun", "ended", "program", "instruction set"])
    #expect(listed["instruction set"] == ["avx512", "neon"])
  }

  // MARK: In the store

  @Test("a reproduction is an entry about its run, listed beside it, verified and exported with it")
  func stored() throws {
    let scratch = try Scratch()
    let runs = try scratch.fill(2)
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    let document = try store.document(id: runs[0].record.id)
    let models = [ReproductionRecord.Model(version: "1", rootSha256: runs[0].record.model.rootSha256)]
    let same = try Reproduction(of: runs[0], document: document, again: runs[0].record, models: models)
    try store.append(same.record)
    let absent = Reproduction(
      of: runs[0], foundOnly: [.init(version: "1", rootSha256: String(repeating: "a", count: 64))],
      started: Timestamp.now(), program: runs[0].record.program, machine: runs[0].record.machine)
    let entry = try store.append(absent.record)
    #expect(try store.runs().map(\.reproductions) == [[.byteEqual, .anotherModel], []])
    #expect(try store.runs(matching: RunFilter(limit: 2)).map(\.reproductions) == [[.byteEqual, .anotherModel], []])
    let about = try store.entries(about: runs[0].record.id)
    #expect(try about.map { try $0.decoded(as: ReproductionRecord.self) } == [same.record, absent.record])
    #expect(try store.entry(kind: "reproduction", id: entry.id) == entry)
    #expect(try store.entry(kind: "run", id: entry.id) == nil)
    #expect(try store.verifyAll().isIntact)
    #expect(try store.export(id: runs[0].record.id).entries.map(\.kind) == ["run", "reproduction", "reproduction"])
    #expect(try store.allRuns() == runs, "a reproduction is no run")
  }

  @Test("a reproduction of another record than the stored one is found by verification")
  func foreign() throws {
    let scratch = try Scratch()
    let run = try scratch.fill(1)[0]
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    var other = run
    other.record.system += "x"
    let document = try RecordCoder.encode(other.record)
    other.sha256 = try SHA256.digest(of: document).hex
    let reproduction = try Reproduction(
      of: other, document: document, again: other.record,
      models: [.init(version: "1", rootSha256: run.record.model.rootSha256)])
    try store.append(reproduction.record)
    let verification = try store.verifyAll()
    #expect(!verification.isIntact)
    #expect(verification.entries.last?.problems.first?.detail.contains("another record of the run") == true)
  }

  @Test("a record that contradicts itself is not stored", arguments: ["outcome", "model", "result", "time"])
  func contradictions(what: String) throws {
    let scratch = try Scratch()
    let run = try scratch.fill(1)[0]
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    var record = try Reproduction(
      of: run, document: store.document(id: run.record.id), again: run.record,
      models: [.init(version: "1", rootSha256: run.record.model.rootSha256)]
    ).record
    switch what {
    case "outcome": record.outcome = .different
    case "model": record.models = []
    case "result": record.reproduced = run.record
    default: record.started = "yesterday"
    }
    let error = #expect(throws: EvidenceError.self) { try store.append(record) }
    #expect(error?.code == .invalidRecord)
  }
}
