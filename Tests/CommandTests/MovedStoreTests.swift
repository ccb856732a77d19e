import Foundation
import GRDB
import Testing

/// `analyze` while somebody does something to the store's files, at random moments.
@Suite("The store moves while runs are made")
struct MovedStoreTests {
  private static let isFull = ProcessInfo.processInfo.environment["VITRINE_TEST_FULL"] == "1"
  private static let behaviours = 6

  /// What an outsider does, in a shell: `$1` is the project, `$2` another store, `$3` an older copy of this one.
  static let disturbances = [
    "rm -f \"$1\"/evidence.sqlite*", "rm -f \"$1\"/evidence.sqlite", "rm -f \"$1\"/evidence.sqlite-wal",
    "rm -f \"$1\"/evidence.sqlite-shm", "cp \"$2\" \"$1\"/new && mv \"$1\"/new \"$1\"/evidence.sqlite",
    "cp \"$3\" \"$1\"/new && mv \"$1\"/new \"$1\"/evidence.sqlite", "cp \"$2\" \"$1\"/evidence.sqlite",
    "cp \"$3\" \"$1\"/evidence.sqlite", "head -c 50000 /dev/urandom > \"$1\"/evidence.sqlite",
    ": > \"$1\"/evidence.sqlite", "truncate -s 20000 \"$1\"/evidence.sqlite",
    "if test -e \"$1\"/evidence.sqlite-wal; then : > \"$1\"/evidence.sqlite-wal; fi",
    "if test -e \"$1\"/evidence.sqlite-shm; then : > \"$1\"/evidence.sqlite-shm; fi",
    "if test -e \"$1\"/evidence.sqlite-shm; then truncate -s 4096 \"$1\"/evidence.sqlite-shm; fi",
    "mv \"$1\"/evidence.sqlite \"$1\"/away; sleep 0.1; mv \"$1\"/away \"$1\"/evidence.sqlite",
    "cp \"$1\"/evidence.sqlite \"$1\"/new && mv \"$1\"/new \"$1\"/evidence.sqlite",
    "rm -f \"$1\"/evidence.sqlite; mkfifo \"$1\"/evidence.sqlite",
    "rm -f \"$1\"/evidence.sqlite; mkdir \"$1\"/evidence.sqlite",
    "mv \"$1\" \"$1.away\"; mkdir \"$1\"", "rm -f \"$1\"/evidence.sqlite; ln -s /nowhere/x \"$1\"/evidence.sqlite",
  ]

  /// A project with one run in its store, and the numbers of an undisturbed run of each behaviour.
  private struct Ground {
    let project: Scratch
    let other: Scratch
    let numbers: [String: JSON]
    /// How long an undisturbed run of one behaviour takes, in seconds.
    let span: Double
  }

  private func ground() async throws -> Ground {
    let yaml = Sample.project(
      behaviours: (1...Self.behaviours).map { ("b\($0)", [Sample.pair(["store", "park", "office"][$0 % 3])]) },
      analysis: ["methods: [exact-patching]"])
    let (project, other, trial) = (try Sample.folder(yaml), try Sample.folder(yaml), try Sample.folder(yaml))
    for folder in [project, other] {
      let made = try await Program.vitrine("analyze", folder.path, "--behaviour", "b1")
      try #require(made.status == 0, "\(made)")
    }
    let child = try await Program.start(["analyze", trial.path])
    try await child.wait(until: { try $0.err.contains("prompt pairs") })
    let start = ContinuousClock.now
    let made = try await child.finished()
    try #require(made.status == 0, "\(made)")
    let span = (ContinuousClock.now - start) / Double(Self.behaviours) / .seconds(1)
    return Ground(
      project: project, other: other, numbers: try Self.numbers(trial.url("evidence.sqlite")), span: span)
  }

  /// What was measured, by behaviour; read without vitrine.
  private static func numbers(_ store: URL, ids: Set<String>? = nil) throws -> [String: JSON] {
    let database = try DatabaseQueue(path: store.path)
    defer { try? database.close() }
    let rows = try database.read {
      try Row.fetchAll(
        $0,
        sql: """
          SELECT id, json_extract(CAST(document AS TEXT), '$.behaviour') AS behaviour,
            json_extract(CAST(document AS TEXT), '$.analysis') AS analysis FROM entries WHERE kind = 'run'
          """)
    }
    return try rows.filter { ids?.contains($0["id"]) ?? true }.reduce(into: [:]) {
      $0[$1["behaviour"]] = try JSON($1["analysis"])
    }
  }

  @Test(
    "exit 0 only with runs that are in the store at the path and have the numbers of an undisturbed run; never a signal"
  )
  func campaign() async throws {
    let ground = try await ground()
    var random = SystemRandomNumberGenerator()
    var counts: [String: Int] = [:]
    // Disturbances that come after the last word show nothing and are not counted.
    let goal = Self.isFull ? 200 : 10
    var (trial, inTime) = (0, 0)
    while inTime < goal, trial < 20 * goal {
      // In the short form, the kinds in turn over the days.
      let kind =
        Self.isFull ? trial % Self.disturbances.count : Int.random(in: Self.disturbances.indices, using: &random)
      // After the first word, or after so many runs, and some time more.
      let (runs, delay) = (trial % Self.behaviours - 1, Double.random(in: 0...ground.span, using: &random))
      let outcome = try await disturb(ground, Self.disturbances[kind], after: runs, delay)
      counts[outcome, default: 0] += 1
      (trial, inTime) = (trial + 1, inTime + (outcome == "too late" ? 0 : 1))
    }
    #expect(inTime >= goal, "too few disturbances came in time: \(counts)")
    print("moved stores: \(counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))")
  }

  private func disturb(_ ground: Ground, _ disturbance: String, after runs: Int, _ delay: Double) async throws -> String
  {
    let folder = try Scratch()
    let place = folder.url("project")
    try FileManager.default.copyItem(at: ground.project.folder, to: place)
    try FileManager.default.copyItem(at: place.appendingPathComponent("evidence.sqlite"), to: folder.url("older"))
    let child = try await Program.start(["analyze", place.path], in: folder.folder)
    try await child.wait(until: { try $0.err.contains("prompt pairs") && Self.told($0.out).count >= runs })
    try await Task.sleep(for: .seconds(delay))
    try Self.now(disturbance, [place.path, ground.other.url("evidence.sqlite").path, folder.url("older").path])
    let told = Self.told(try child.out)
    let result = try await child.finished()
    #expect(!result.wasKilled && result.status < 128, "\(disturbance) after \(delay): \(result)")
    guard result.status == 0 else {
      #expect(
        [65, 74].contains(result.status) && result.err.contains("vitrine: "), "\(disturbance) after \(delay): \(result)"
      )
      try await takeIn(result, ground, folder)
      return "refused"
    }
    // Had it come to its last word before the disturbance, it could not know.
    guard told.count < Self.behaviours else { return "too late" }
    let store = place.appendingPathComponent("evidence.sqlite")
    let found = try Self.numbers(store, ids: Self.told(result.out))
    #expect(found == ground.numbers, "\(disturbance) after \(delay): \(found.keys)  \(result)")
    let verify = try await Program.vitrine("runs", "verify", "--project", place.path)
    #expect(verify.status == 0, "\(disturbance) after \(delay): \(verify)")
    return "stored"
  }

  /// The rescued run of a refused command has the numbers too, and can be taken into a store.
  private func takeIn(_ result: Finished, _ ground: Ground, _ folder: Scratch) async throws {
    guard let file = result.err.firstMatch(of: #/store rescue (/[^ ']+)/#)?.1 else { return }
    let project = folder.url("rescue")
    try FileManager.default.createDirectory(at: project, withIntermediateDirectories: false)
    let rescue = try await Program.vitrine("store", "rescue", String(file), "--project", project.path)
    #expect(rescue.status == 0, "\(rescue) after \(result)")
    let found = try Self.numbers(project.appendingPathComponent("evidence.sqlite"))
    #expect(found.count == 1 && found.allSatisfy { ground.numbers[$0.key] == $0.value }, "\(result)")
    #expect(try await Program.vitrine("runs", "verify", "--project", project.path).status == 0)
  }

  /// Runs a shell script at once: it may not wait until the children of other tests have ended.
  private static func now(_ script: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script, "sh"] + arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
  }

  private static func told(_ out: String) -> Set<String> {
    Set(out.split(separator: "\n").compactMap { $0.firstMatch(of: #/^([0-9a-f-]{36})  /#).map { String($0.1) } })
  }

  @Test("the index beside the store is cut off while it is read: words and 74, not a signal")
  func indexCutOff() async throws {
    let folder = try await ground().project
    // A reader that holds the index open; then the child reads through it while it is cut off again and again.
    let result = try await Program.shell(
      """
      cd "$1"; i=0
      while [ $i -lt 5 ]; do
        rm -f status
        ("$VITRINE" runs verify >out 2>err; echo $? >status.new; mv status.new status) &
        n=0
        until test -e status || [ $n -gt 500000 ]; do
          if test -e evidence.sqlite-shm; then : > evidence.sqlite-shm; fi
          n=$((n + 1))
        done
        wait; status=$(cat status); i=$((i + 1))
        case $status in 0 | 65 | 74) ;; *) echo "status $status"; cat err; exit 9 ;; esac
      done
      """, folder.path)
    #expect(result.status == 0, "\(result)")
  }
}
