import Foundation
import GRDB

/// Holds the dates of entries against each other and against the reader's clock.
///
/// - A day is allowed for clocks that differ.
/// - Runs of a log follow each other in time, and what was recorded of them by the program follows them. What a person signs
///   may have been written days before it came into the log (a signature made elsewhere): it may only not be older than the run
///   that it is about.
/// - What is wrongly dated in the future says nothing about what comes after it.
struct EntryDates {
  /// No record can be older than the program: it was begun in November 2026.
  static let programBegan = "2026-11-01T00:00:00.000Z"

  private let limit: String
  private var lastRun: [Int64: String] = [:]
  private var ends: [String: String] = [:]

  /// - Parameter now: the reader's clock.
  init(now: String) { limit = Self.later(now) }

  /// What is wrong with the dates of the next entry.
  mutating func problems(_ document: any LedgerDocument, in log: Int64) -> [StoreProblem] {
    var problems: [StoreProblem] = []
    func add(_ detail: String) { problems.append(StoreProblem(.date, column: "document", detail)) }
    let (started, date) = Self.times(of: document)
    guard let date else { return [] }
    if let started, date < started {
      add("it is dated out of order: it ended (\(date)) before it started (\(started))")
    }
    if date > limit || started ?? "" > limit {
      add(
        "it is dated in the future: \(max(date, started ?? "")). The clock of the machine that made it, or of this one, is wrong"
      )
      return problems
    }
    if date < Self.programBegan { add("it is dated \(date), before there was such a program") }
    let before = document is RunRecord || document is MergeRecord ? lastRun[log] : nil
    if let before, Self.later(date) < before {
      add(
        "it is dated out of order: \(date), more than a day before the run that comes before it in the log (\(before))")
    }
    if let subject = document.subject, let end = ends[subject], Self.later(date) < end {
      add("it is dated \(date), more than a day before the run that it is about ended (\(end))")
    }
    if let run = document as? RunRecord {
      ends[run.id] = date
      lastRun[log] = max(lastRun[log] ?? "", date)
    }
    return problems
  }

  /// When a document was begun, if it says so, and made.
  private static func times(of document: any LedgerDocument) -> (started: String?, made: String?) {
    switch document {
    case let run as RunRecord: (run.started, run.ended)
    case let reproduction as ReproductionRecord: (reproduction.started, reproduction.ended)
    case let transfer as TransferRecord: (transfer.started, transfer.ended)
    case let signed as any SignedDocument: (nil, signed.signedDate)
    case let waiver as UnsignedWaiver: (nil, waiver.date)
    case let attachment as AttachmentRecord: (nil, attachment.date)
    case let merge as MergeRecord: (nil, merge.date)
    case let start as LogStart: (nil, start.created)
    default: (nil, nil)
    }
  }

  /// A day later.
  static func later(_ time: String) -> String {
    // A date alone is that day's end.
    let moment = Timestamp.date(time) ?? Timestamp.date("\(time.prefix(10))T23:59:59.999Z")
    return moment.map { Timestamp.text($0.addingTimeInterval(86_400)) } ?? time
  }
}

extension Store {
  /// What a person should know about this machine's clock before something is added; nil if it fits the store.
  public func clockWarning(now: String = Timestamp.now()) throws -> String? {
    if now < EntryDates.programBegan {
      return
        "this machine's clock says \(now), before there was such a program. Set it: what is stored now will be called "
        + "wrongly dated by 'vitrine runs verify'"
    }
    let newest = try reading { try String.fetchOne($0, sql: "SELECT max(ended) FROM runs") }
    guard let newest, now < newest else { return nil }
    return
      "this machine's clock says \(now), but the newest run of the store ended at \(newest). One of the two clocks is "
      + "wrong; what is dated more than a day too early or too late is called wrongly dated by 'vitrine runs verify'"
  }
}
