import Foundation
import Testing

@testable import Evidence
@testable import Reports

/// The expected answers are Article 3, point (23), and Article 43(4) as logic: after placing AND not foreseen AND (compliance affected
/// OR purpose modified), unless the system learns on AND the change was pre-determined.
@Suite("A decision about a change does not contradict itself")
struct DecisionCheckTests {
  private static let limbs = [
    "after-placing", "foreseen", "compliance", "purpose", "assessed", "continues-to-learn", "pre-determined",
  ]

  private func statement(
    _ answers: [String: String], isSubstantial: Bool, decided: String = "2026-11-26",
    date: String = "2026-11-26T12:00:00.000Z",
    supersedes: String? = nil
  ) -> ChangeDecision.Statement {
    ChangeDecision.Statement(
      system: "S", before: "1.0", after: "1.1", diffSha256: String(repeating: "a", count: 64),
      answers: Self.limbs.map { .init(id: $0, quote: "q", answer: answers[$0] ?? "see the evidence", reason: nil) },
      isSubstantial: isSubstantial, reason: "r", name: "Ada", function: "f", decided: decided, supersedes: supersedes,
      date: date)
  }

  @Test("for every combination of plain answers the decision that the definition denies is refused, the other taken")
  func allCombinations() throws {
    for bits in 0..<64 {
      let plain = Self.limbs.filter { $0 != "assessed" }
      let values = Dictionary(uniqueKeysWithValues: plain.enumerated().map { ($1, bits >> $0 & 1 == 1) })
      func holds(_ id: String) -> Bool { values[id] == true }
      let isSubstantial =
        holds("after-placing") && holds("foreseen") && (holds("compliance") || holds("purpose"))
        && !(holds("continues-to-learn") && holds("pre-determined"))
      let answers = values.mapValues { $0 ? "Yes, it is." : "no" }
      try DecisionCheck(statement(answers, isSubstantial: isSubstantial), file: "w.yaml").consistency()
      let error = #expect(throws: ReportsError.self) {
        try DecisionCheck(statement(answers, isSubstantial: !isSubstantial), file: "w.yaml").consistency()
      }
      #expect(error?.code == .badWorksheet && error?.message.contains("'") == true, "\(answers)")
    }
  }

  @Test("one alternative suffices, and other words than yes and no are the person's to judge")
  func otherWords() throws {
    let yes = ["after-placing": "yes", "foreseen": "Yes.", "purpose": "YES: modified"]
    #expect(throws: ReportsError.self) {
      try DecisionCheck(statement(yes, isSubstantial: false), file: "w").consistency()
    }
    try DecisionCheck(statement([:], isSubstantial: false), file: "w").consistency()
    try DecisionCheck(statement([:], isSubstantial: true), file: "w").consistency()
  }

  @Test(
    "its day is neither before the runs nor ahead",
    arguments: [
      ("2026-11-25", true), ("2026-11-23", true), ("2026-11-22", false), ("2019-01-01", false), ("2026-11-27", true),
      ("2026-11-29", false), ("2045-01-01", false),
    ])
  func dates(_ day: String, _ isTaken: Bool) throws {
    // Made on 2026-11-24 at 10:00 UTC: date -u -d @$((0x01a20cff7d00 / 1000)).
    let run = "01a20cff-7d00-7000-8000-000000000000"
    var diff = try DiffFixtures.diff(
      DiffFixtures.source("1.0", []), DiffFixtures.source("1.1", []))
    diff.after.runs = [run]
    diff.before.runs = []
    let check = DecisionCheck(statement([:], isSubstantial: false, decided: day), file: "w.yaml")
    if isTaken {
      try check.dates(diff, now: "2026-11-26T12:00:00.000Z")
    } else {
      #expect(throws: ReportsError.self) { try check.dates(diff, now: "2026-11-26T12:00:00.000Z") }
    }
    var old = statement([:], isSubstantial: false)
    old.date = "2026-11-20T00:00:00.000Z"
    #expect(throws: ReportsError.self) {
      try DecisionCheck(old, file: "w").dates(diff, now: "2026-11-26T12:00:00.000Z")
    }
  }

  @Test("a second one about the same versions takes the first's place by name only; the last of the log is in force")
  func supersession() throws {
    let key = try PrivateKey.generate(.ed25519)
    let first = try ChangeDecision(statement([:], isSubstantial: false), ed25519: key)
    let register = DecisionRegister([first], system: "S")
    let error = #expect(throws: ReportsError.self) {
      try DecisionCheck(statement([:], isSubstantial: true), file: "w").supersession(register)
    }
    #expect(error?.message.contains("supersedes: \(first.id)") == true)
    let named = statement([:], isSubstantial: true, supersedes: first.id)
    try DecisionCheck(named, file: "w").supersession(register)
    let second = try ChangeDecision(named, ed25519: key)
    let both = DecisionRegister([first, second], system: "S")
    #expect(both.entries.map(\.by) == [second.id, nil])
    #expect(both.inForce(before: "1.0", after: "1.1")?.id == second.id)
    #expect(throws: ReportsError.self) { try DecisionCheck(named, file: "w").supersession(both) }
    #expect(throws: ReportsError.self) {
      try DecisionCheck(named, file: "w").supersession(DecisionRegister([], system: "S"))
    }
    #expect(DecisionRegister([first], system: "Another").entries.isEmpty)
  }
}
