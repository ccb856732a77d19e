import Foundation
import Testing

@testable import Evidence

/// The clock of the machine that made a record may be wrong, and a record may be made up.
@Suite("Dates of entries")
struct EntryDatesTests {
  /// One run for each of the times of its end, in a store of their own, checked by a reader whose clock is given.
  private func dates(_ ends: [String], now: String = "2026-11-29T12:00:00.000Z") throws -> [[StoreProblem]] {
    var dates = EntryDates(now: now)
    var maker = RandomRecord(seed: 5)
    return ends.map { end in
      var record = maker.next(status: .finished)
      (record.started, record.ended) = (end, end)
      return dates.problems(record, in: 1)
    }
  }

  @Test("runs in the order of their times are in order; a day is allowed for clocks that differ")
  func inOrder() throws {
    let times = ["2026-11-23T09:00:00.000Z", "2026-11-22T09:00:00.000Z", "2026-11-24T08:00:00.000Z"]
    #expect(try dates(times).joined().isEmpty)
    #expect(try dates(["2026-11-30T11:59:59.000Z"]).joined().isEmpty)
  }

  @Test("a run of 2019, of 2045 or of the day before the last is called by its fault, and the others are not")
  func outOfOrder() throws {
    let found = try dates([
      "2026-11-23T09:00:00.000Z", "2045-01-01T00:00:00.000Z", "2026-11-24T09:00:00.000Z", "2019-06-01T00:00:00.000Z",
      "2026-11-22T09:00:00.000Z", "2026-11-30T12:00:01.000Z",
    ])
    #expect(found.map { $0.map(\.code) } == [[], [.date], [], [.date, .date], [.date], [.date]])
    #expect(found[1][0].detail.contains("in the future") && found[5][0].detail.contains("in the future"))
    #expect(
      found[3][0].detail.contains("before there was such a program") && found[4][0].detail.contains("out of order"))
  }

  @Test("a run that ended before it started is called so")
  func endedBefore() throws {
    var dates = EntryDates(now: "2026-11-29T12:00:00.000Z")
    var maker = RandomRecord(seed: 5)
    var record = maker.next(status: .finished)
    (record.started, record.ended) = ("2026-11-23T09:00:00.001Z", "2026-11-23T09:00:00.000Z")
    #expect(dates.problems(record, in: 1).map(\.code) == [.date])
  }

  @Test("a signature, waiver or merge of the future, or a signature from before its run, is called so")
  func otherKinds() throws {
    var dates = EntryDates(now: "2026-11-29T12:00:00.000Z")
    var maker = RandomRecord(seed: 5)
    let run = maker.next(status: .finished)
    #expect(dates.problems(run, in: 1).isEmpty)
    let key = try PrivateKey.generate(.ed25519)
    func signature(_ date: String) throws -> RunSignature {
      var statement = RunSignature.Statement(
        run: StoredRun(record: run, sha256: String(repeating: "0", count: 64)), name: "A", function: "B", meaning: "C")
      statement.date = date
      return try RunSignature(statement, ed25519: key)
    }
    #expect(try dates.problems(signature("2026-11-25T09:41:08.001Z"), in: 1).isEmpty)
    #expect(try dates.problems(signature("2026-11-21T09:41:08.001Z"), in: 1).map(\.code) == [.date])
    #expect(try dates.problems(signature("2027-11-21T09:41:08.001Z"), in: 1).map(\.code) == [.date])
    let merge = MergeRecord(
      schema: MergeRecord.format, id: RunIdentifier.next(), date: "2031-01-01T00:00:00.000Z", logs: [])
    #expect(dates.problems(merge, in: 1).map(\.code) == [.date])
    let waiver = UnsignedWaiver(
      modelVersion: "1", gate: "g", covers: [], reason: "r", name: "n", function: "f", date: "2019-01-01T00:00:00.000Z")
    #expect(dates.problems(waiver, in: 1).map(\.code) == [.date])
  }

  @Test("a merged log has an order of its own")
  func otherLog() throws {
    var dates = EntryDates(now: "2026-11-29T12:00:00.000Z")
    var maker = RandomRecord(seed: 5)
    var later = maker.next(status: .finished)
    (later.started, later.ended) = ("2026-11-28T09:00:00.000Z", "2026-11-28T09:00:00.000Z")
    #expect(dates.problems(later, in: 1).isEmpty && dates.problems(maker.next(status: .finished), in: 2).isEmpty)
    #expect(!dates.problems(maker.next(status: .finished), in: 1).isEmpty)
  }

  @Test("the store's verification by a reader of another time says the same, and adding warns")
  func store() throws {
    let scratch = try Scratch()
    try scratch.fill(1)  // ended on 23 November 2026
    let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
    let early = try store.verifyAll(against: [], now: "2026-11-20T00:00:00.000Z").verification
    #expect(early.runs.map { $0.problems.map(\.code) } == [[.date]])
    #expect(try store.verifyAll(against: [], now: "2026-12-20T00:00:00.000Z").verification.isIntact)
    #expect(try store.clockWarning(now: "2026-11-20T00:00:00.000Z")?.contains("newest run") == true)
    #expect(try store.clockWarning(now: "2019-11-20T00:00:00.000Z")?.contains("before there was") == true)
    #expect(try store.clockWarning(now: "2026-11-24T00:00:00.000Z") == nil)
  }
}
