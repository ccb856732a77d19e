import Analysis
import Evidence
import Foundation
import GRDB
import Testing

/// Writers that are killed at any moment: SIGKILL cannot be caught, so nothing is tidied up.
@Suite("Killed writers")
struct CrashTests {
  /// How many writers work on the store at once.
  private static let writers = 8
  private static let isFull = ProcessInfo.processInfo.environment["VITRINE_TEST_FULL"] == "1"

  /// What the writers said, and how often one was killed.
  private actor Campaign {
    private let goal: Int
    private(set) var kills = 0
    /// Identifiers of the runs, signatures and reproductions that a writer told.
    private(set) var told: [String] = []
    /// Those of them that are runs, which can be signed and reproduced.
    private var runs: [String] = []
    /// Sizes of the checkpoints that a writer told.
    private(set) var signed: [Int] = []
    private(set) var failures: [String] = []
    /// The latest that a writer of runs is killed, in milliseconds: later after one that had told nothing, earlier after one that had,
    /// so that about half of all tell something (the up-and-down method of Dixon and Mood, 1948). How long that takes depends
    /// on the machine and on what else it does.
    private var latest = 1500
    private var random: any RandomNumberGenerator

    init(goal: Int, random: any RandomNumberGenerator) {
      self.goal = goal
      self.random = random
    }

    var isOver: Bool { kills >= goal || !failures.isEmpty }

    /// What the next writer does, and after how long it is killed.
    func next() -> (choice: Int, run: String?, delay: Duration) {
      func draw(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
      // Most writers store runs; without a run there is nothing to sign or to reproduce.
      let choice = runs.isEmpty ? 0 : draw(10)
      let delay = Duration.milliseconds(draw(choice < 7 ? latest : latest * 3 / 8))
      return (choice, runs.isEmpty ? nil : runs[draw(runs.count)], delay)
    }

    func note(_ result: Finished, of choice: Int) {
      if result.wasKilled { kills += 1 }
      // A writer that was not killed must have come to a good end.
      if !result.wasKilled, result.status != 0 { failures.append("\(result)") }
      let before = told.count + signed.count
      for line in result.out.split(separator: "\n") {
        if let run = line.firstMatch(of: #/^([0-9a-f-]{36})  /#)?.1 {
          told.append(String(run))
          runs.append(String(run))
        } else if let id = line.firstMatch(of: #/^  (record|reproduction) +([0-9a-f-]{36})/#)?.2 {
          told.append(String(id))
        } else if let size = line.firstMatch(of: /^Signed ([0-9]+) records/)?.1 {
          signed.append(Int(size) ?? -1)
        }
      }
      if result.wasKilled, kills % 100 == 0 { print("killed \(kills) writers, the latest after \(latest) ms") }
      guard choice < 7 else { return }
      latest = min(max(500, told.count + signed.count > before ? latest * 15 / 16 : latest * 17 / 16), 120_000)
    }
  }

  private func arguments(_ choice: Int, _ run: String?, _ project: Scratch, key: URL) -> [String] {
    let here = ["--project", project.path]
    guard let run, choice >= 7 else { return ["analyze", "--methods", "exact-patching"] + here }
    switch choice {
    case 7: return ["store", "checkpoint"] + here
    case 8:
      return ["runs", "sign", run, "--key-file", key.path, "--name", "A", "--function", "B", "--meaning", "performed"]
        + here
    default: return ["runs", "reproduce", run] + here
    }
  }

  @Test("Eight writers, killed at random moments: all that was told is there, nothing is half there, and all verifies")
  func killed() async throws {
    let project = try Sample.folder(
      Sample.project(behaviours: (1...8).map { ("b\($0)", [Sample.pair(["store", "park", "office"][$0 % 3])]) }))
    let keys = try Scratch()
    let key = keys.url("person.key")
    try PrivateKey.generate(.ed25519).pem().write(to: key)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key.path)
    let goal = Self.isFull ? 500 : 12
    let campaign = Campaign(goal: goal, random: SplitMix64(seed: 5))

    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<Self.writers {
        group.addTask {
          while await !campaign.isOver {
            let (choice, run, delay) = await campaign.next()
            let child = try Child.startAtOnce(arguments(choice, run, project, key: key), configuration: keys.folder)
            let killer = Task {
              try await Task.sleep(for: delay)
              child.send(SIGKILL)
            }
            await campaign.note(try await child.finished(), of: choice)
            killer.cancel()
          }
        }
      }
      try await group.waitForAll()
    }
    try await expectWhole(campaign, project)
    print("killed \(await campaign.kills) of the writers; \(await campaign.told.count) records were told before")

    // The store goes on as if nothing had happened.
    let more = try await Program.vitrine("analyze", project.path, "--behaviour", "b1")
    #expect(more.status == 0, "\(more)")
    let verify = try await Program.vitrine("runs", "verify", "--project", project.path)
    #expect(verify.status == 0 && !verify.out.contains("WRONG"), "\(verify)")
  }

  private func expectWhole(_ campaign: Campaign, _ project: Scratch) async throws {
    let failures = await campaign.failures
    #expect(failures.isEmpty, "a writer that was not killed failed: \(failures)")
    let raw = try DatabaseQueue(path: project.url("evidence.sqlite").path)
    #expect(try await raw.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") } == ["ok"])
    let ids = try await raw.read { try Set(String.fetchAll($0, sql: "SELECT id FROM entries")) }
    let sizes = try await raw.read { try Set(Int.fetchAll($0, sql: "SELECT size FROM checkpoints")) }
    try raw.close()
    let told = await campaign.told
    #expect(!Self.isFull || !told.isEmpty, "nobody told anything before being killed, so nothing was shown")
    #expect(Set(told).count == told.count, "no identifier is told twice")
    #expect(Set(told).subtracting(ids) == [], "a record that a writer told is not in the store")
    #expect(Set(await campaign.signed).subtracting(sizes) == [], "a checkpoint that a writer told is not in the store")

    let store = try Store.open(at: project.url("evidence.sqlite"), mode: .readOnly)
    let verification = try store.verifyAll()
    #expect(verification.isIntact, "\(verification.problems)")
    #expect(try store.allRuns().allSatisfy { $0.record.status == .finished && $0.record.analysis != nil })
    // A writer that is killed between the commit and the telling leaves one record that nobody was told of.
    let untold = Set(verification.entries.map(\.id)).subtracting(told)
    #expect(untold.count <= 1 + (await campaign.kills), "the log's beginning, and one for each kill at most")
  }
}
