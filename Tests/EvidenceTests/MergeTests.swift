import Analysis
import Foundation
import GRDB
import Testing

@testable import Evidence

@Suite("Merging stores")
struct MergeTests {
  private func open(_ scratch: Scratch, _ mode: Store.Mode = .create) throws -> Store {
    try Store.open(at: scratch.storeFile, mode: mode)
  }

  @Test("two teams' stores come together in a fresh one: each log keeps its name, entries, root and checkpoints")
  func fresh() throws {
    let (first, second, merged) = (try Scratch(), try Scratch(), try Scratch())
    let (runs, checkpoints) = try first.fillWithEverything()
    let others = try second.fill(5, seed: 9)
    let (one, two, target) = (try open(first), try open(second), try open(merged))
    let outcome = try target.merge(one)
    #expect(outcome.runs == 7 && outcome.checkpoints == 4)
    #expect(try target.merge(two).runs == 5)
    let (verification, outside) = try merged.verification(against: checkpoints)
    #expect(verification.isIntact, "\(verification)")
    #expect(outside == [[], [], []])
    for log in try one.logs() + two.logs() {
      let same = try #require(try target.logs().first { $0.origin == log.origin })
      #expect((same.size, same.rootSha256) == (log.size, log.rootSha256))
      #expect(!same.isOwn)
    }
    for run in runs + others { #expect(try target.run(id: run.record.id) == run) }
    #expect(try target.entries(about: runs[0].record.id) == one.entries(about: runs[0].record.id))
    // The receiving store's own log covers what came.
    let own = try target.entries(kind: "merge").filter { $0.origin == verification.logs[0].origin }
    #expect(try own.map { try $0.decoded(as: MergeRecord.self).logs.count } == [2, 1])
  }

  @Test("merging the same store again changes nothing, and merging it later brings only what is new")
  func again() throws {
    let (source, target) = (try Scratch(), try Scratch())
    try source.fill(3)
    try target.fill(2, seed: 8)
    let (from, to) = (try open(source), try open(target))
    try to.merge(from)
    let logs = try to.logs()
    let outcome = try to.merge(from)
    #expect(outcome == MergeOutcome(logs: [], runs: 0, checkpoints: 0))
    #expect(try to.logs() == logs)
    var maker = RandomRecord(seed: 81)
    let run = try from.append(maker.next())
    let later = try to.merge(from)
    #expect(later.runs == 1 && later.logs.map(\.from) == [4] && later.logs.map(\.size) == [5])
    #expect(try to.run(id: run.record.id) == run)
    #expect(try target.verification().0.isIntact)
  }

  @Test("copies of one store that both went on are refused by the entry in which they differ, and nothing changes")
  func fork() throws {
    let (first, second) = (try Scratch(), try Scratch())
    try first.fill(3)
    try FileManager.default.copyItem(at: first.storeFile, to: second.storeFile)
    var maker = RandomRecord(seed: 82)
    let (one, two) = (try open(first), try open(second))
    let here = try one.append(maker.next())
    let there = try two.append(maker.next())
    let third = try Scratch()
    let target = try open(third)
    try target.merge(one)
    let before = try target.logs()
    for store in [target, one] {
      let error = #expect(throws: EvidenceError.self) { try store.merge(two) }
      #expect(error?.code == .mergeConflict)
      #expect(error?.exitStatus == .answerIsNo)
      for name in [here.record.id, there.record.id, "entry 4"] {
        #expect(error?.message.contains(name) == true, "\(error?.message ?? "")")
      }
    }
    #expect(try target.logs() == before)
    #expect(try third.verification().0.isIntact)
  }

  @Test("a record whose identifier another store gave to other content is refused by name, and nothing is merged")
  func sameIdentifier() throws {
    let (first, second) = (try Scratch(), try Scratch())
    var maker = RandomRecord(seed: 83)
    let record = maker.next()
    let (one, two) = (try open(first), try open(second))
    try one.append(record)
    var other = record
    other.system += " changed"
    try two.append(maker.next())
    try two.append(other)
    let error = #expect(throws: EvidenceError.self) { try one.merge(two) }
    #expect(error?.code == .mergeConflict)
    #expect(error?.message.contains("run \(record.id)") == true && error?.message.contains("different content") == true)
    #expect(try one.runs().count == 1 && one.logs().count == 1)
    #expect(try first.verification().0.isIntact)
  }

  @Test("a store that is not intact, a later copy of the store itself, and a store without a log are refused")
  func refused() throws {
    let (first, second, third) = (try Scratch(), try Scratch(), try Scratch())
    try first.fill(2)
    try FileManager.default.copyItem(at: first.storeFile, to: second.storeFile)
    var maker = RandomRecord(seed: 84)
    let later = try open(second)
    try later.append(maker.next())
    let store = try open(first)
    #expect(throws: EvidenceError.self) { try store.merge(later) }
    try third.fill(2, seed: 5)
    try third.tamper { try $0.execute(sql: "UPDATE runs SET system = 'forged'") }
    let damaged = try open(third, .readOnly)
    let error = #expect(throws: EvidenceError.self) { try store.merge(damaged) }
    #expect(error?.message.contains("not intact") == true)
    let old = try Scratch()
    try FileManager.default.copyItem(
      at: Golden.repository.appendingPathComponent("Tests/EvidenceTests/Golden/schema-1.sqlite"), to: old.storeFile)
    #expect(throws: EvidenceError.self) { try store.merge(try open(old, .readOnly)) }
    #expect(try store.logs().count == 1 && store.runs().count == 2)
  }

  @Test("entries of another log that no merge accounts for are found, and so is their exchange in order")
  func unaccounted() throws {
    let scratch = try Scratch()
    try scratch.fillWithEverything()
    try scratch.tamper { database in
      // The merge's entry forged away from the end: what came before it is then accounted for by nothing.
      try database.execute(sql: "DELETE FROM entries WHERE kind = 'merge'")
    }
    let (verification, _) = try scratch.verification()
    #expect(verification.problems.contains { $0.code == .merge })
  }
}

@Suite("Backups, counts and retention")
struct BackupTests {
  @Test("a backup made while another connection writes is whole, intact, and a beginning of the store")
  func backup() throws {
    let scratch = try Scratch()
    try scratch.fill(5)
    let file = scratch.storeFile
    let copy = scratch("copy.sqlite")
    DispatchQueue.concurrentPerform(iterations: 2) { role in
      do {
        if role == 0 {
          var maker = RandomRecord(seed: 90)
          let store = try Store.open(at: file, mode: .readWrite)
          for _ in 0..<30 { try store.append(maker.next()) }
          try store.close()
        } else {
          let store = try Store.open(at: file, mode: .readOnly)
          #expect(try store.backup(to: copy).isIntact)
        }
      } catch {
        Issue.record(error)
      }
    }
    let (backup, store) = (try Store.open(at: copy, mode: .readOnly), try Store.open(at: file, mode: .readOnly))
    let log = try #require(try backup.logs().first)
    #expect(log.size >= 6)
    #expect(try store.root(of: log.origin, size: log.size).hex == log.rootSha256)
    #expect(try store.allRuns().starts(with: backup.allRuns()))
    let error = #expect(throws: EvidenceError.self) { try store.backup(to: copy) }
    #expect(error?.code == .inputOutput)
    try backup.close()
    try store.close()
    #expect(try scratch.names() == ["copy.sqlite", "evidence.sqlite"])
  }

  @Test("a damaged store is not backed up as if it were whole")
  func damaged() throws {
    let scratch = try Scratch()
    try scratch.fill(2)
    try scratch.tamper { try $0.execute(sql: "UPDATE runs SET system = 'forged'") }
    let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
    let error = #expect(throws: EvidenceError.self) { try store.backup(to: scratch("copy.sqlite")) }
    #expect(error?.code == .damagedStore)
    try store.close()
    #expect(try scratch.names() == ["evidence.sqlite"])
  }

  @Test(
    "documentation is kept for 10 years; a period that would end on 29 February of a common year ends on the 28th",
    arguments: [
      ("2027-03-31", "2037-03-31"), ("2028-02-29", "2038-02-28"), ("2026-12-31", "2036-12-31"),
      ("2090-02-28", "2100-02-28"), ("2027-02-30", nil), ("soon", nil), ("2027-3-1", nil),
    ])
  func retention(placed: String, until: String?) {
    #expect(Retention.keepUntil(placedOnMarket: placed) == until)
  }

  @Test("the counts are those of what was stored")
  func statistics() throws {
    let scratch = try Scratch()
    let (runs, _) = try scratch.fillWithEverything()
    let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
    let system = runs[0].record.system
    let statistics = try store.statistics(placedOnMarket: [system: "2027-03-31"])
    #expect(
      Dictionary(uniqueKeysWithValues: statistics.entries.map { ($0.name, $0.count) })
        == ["log": 2, "run": 7, "signature": 2, "merge": 1])
    #expect(statistics.runs.reduce(0) { $0 + $1.count } == 7)
    #expect(statistics.systems.first { $0.name == system }?.keepUntil == "2037-03-31")
    #expect(statistics.systems.filter { $0.name != system }.allSatisfy { $0.keepUntil == nil })
    #expect(statistics.logs.map(\.checkpointSize) == [8, 4])
    let bytes = try store.allRuns().reduce(0) { try $0 + RecordCoder.encode($1.record).count }
    #expect(statistics.entries.first { $0.name == "run" }?.bytes == bytes)
  }
}
