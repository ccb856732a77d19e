import Evidence
import Foundation
import Testing

@Suite("Interruption and closed outputs")
struct InterruptionTests {
  /// Many behaviours, so that there is always one left to interrupt.
  private static let longProject = Sample.project(
    behaviours: (1...40).map { number in
      ("b\(number)", ["store", "park", "office", "school"].map { Sample.pair($0) })
    })

  /// The store holds exactly these runs, every one intact, and nothing else is left in the folder.
  private func expectStored(_ ids: [String], in project: Scratch) async throws {
    #expect(try project.files() == ["evidence.sqlite", "vitrine.yaml"])
    let store = try Store.open(at: project.url("evidence.sqlite"), mode: .readOnly)
    let verification = try store.verifyAll()
    #expect(verification.isIntact, "\(verification)")
    #expect(verification.runs.map(\.id) == ids)
    try store.close()
    let list = try await Program.vitrine("runs", "list", "--project", project.path, "--json").json()
    #expect(list.array?.compactMap { $0["id"]?.string } == ids)
  }

  @Test(
    "Ctrl-C and a termination request: exit 130, finished runs are kept, the one at hand leaves no trace",
    arguments: [SIGINT, SIGTERM])
  func interrupted(signal: Int32) async throws {
    let project = try Sample.folder(Self.longProject)
    let child = try await Program.start(["analyze", project.path])
    // The second run is in progress when the first is told.
    try await child.wait { try $0.out.contains("\n") }
    child.send(signal)
    let result = try await child.finished()
    #expect(result.status == 130 && !result.wasKilled, "\(result)")
    let ids = result.out.split(separator: "\n").map { String($0.prefix(36)) }
    #expect(!ids.isEmpty && ids.count < 40, "\(result)")
    #expect(result.err.contains("interrupted; nothing of this run was stored"), "\(result)")
    #expect(result.err.contains("stored before that: \(ids.joined(separator: ", "))"), "\(result)")
    try await expectStored(ids, in: project)

    // Going on afterwards adds to what was kept.
    let more = try await Program.vitrine("analyze", project.path, "--behaviour", "b40")
    #expect(more.status == 0, "\(more)")
    try await expectStored(ids + [String(more.out.prefix(36))], in: project)
  }

  @Test("Ctrl-C with --json prints the finished runs as JSON all the same")
  func interruptedJSON() async throws {
    let project = try Sample.folder(Self.longProject)
    let child = try await Program.start(["analyze", project.path, "--json"])
    try await child.wait { try $0.err.contains("b3: prompt pairs") }
    child.send(SIGINT)
    let result = try await child.finished()
    #expect(result.status == 130 && !result.wasKilled, "\(result)")
    let ids = try result.json().array?.compactMap { $0["id"]?.string } ?? []
    #expect(ids.count >= 2 && ids.count < 40, "\(result)")
    try await expectStored(ids, in: project)
  }

  @Test("Killed without warning: the finished runs are intact, and the next command goes on with the store")
  func killed() async throws {
    let project = try Sample.folder(Self.longProject)
    let child = try await Program.start(["analyze", project.path])
    try await child.wait { try $0.out.split(separator: "\n").count >= 2 }
    child.send(SIGKILL)
    let result = try await child.finished()
    #expect(result.wasKilled && result.status == SIGKILL)
    let told = result.out.split(separator: "\n").map { String($0.prefix(36)) }
    // What was told is stored; a run may have been stored and not yet told.
    let list = try await Program.vitrine("runs", "list", "--project", project.path, "--json").json()
    let stored = list.array?.compactMap { $0["id"]?.string } ?? []
    #expect(stored.count - told.count <= 1 && stored.starts(with: told), "\(stored) \(told)")
    try await expectStored(stored, in: project)
  }

  @Test("Standard output closed early: every run is stored all the same, exit 74")
  func closedPipe() async throws {
    let project = try Sample.folder(
      Sample.project(behaviours: [("one", [Sample.pair()]), ("two", [Sample.pair("park")])]))
    let result = try await Program.shell(
      #"{ sleep 0.2; "$VITRINE" analyze "$1"; echo "status $?" >&2; } | true"#, project.path)
    #expect(result.err.contains("status 74"), "\(result)")
    let list = try await Program.vitrine("runs", "list", "--project", project.path, "--json").json()
    let ids = list.array?.compactMap { $0["id"]?.string } ?? []
    #expect(ids.count == 2)
    try await expectStored(ids, in: project)
  }

  @Test("Standard output closed from the start: exit 74, and no output ends up in a file that the program opens")
  func closedFromTheStart() async throws {
    let project = try Sample.folder()
    let result = try await Program.shell(#""$VITRINE" analyze "$1" >&- 2>&-; exit $?"#, project.path)
    #expect(result.status == 74, "\(result)")
    let list = try await Program.vitrine("runs", "list", "--project", project.path, "--json").json()
    try await expectStored(list.array?.compactMap { $0["id"]?.string } ?? [], in: project)
    #expect(list.array?.count == 1)
  }

  @Test(
    "Standard output on a full device: exit 74 and the reason",
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "this system has no /dev/full"))
  func fullDevice() async throws {
    let result = try await Program.shell(#""$VITRINE" doctor --json >/dev/full"#)
    #expect(result.status == 74, "\(result)")
    #expect(result.err.contains("standard output cannot be written"), "\(result)")
  }

  @Test("Nobody reads standard error: no reason to fail")
  func closedError() async throws {
    let project = try Sample.folder()
    let result = try await Program.shell(#""$VITRINE" analyze "$1" 2>/dev/full"#, project.path)
    #expect(result.status == 0, "\(result)")
    #expect(result.out.contains("finished"), "\(result)")
  }
}
