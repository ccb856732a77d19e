import Foundation
import Testing

@Suite("Interruption at any moment, of any command")
struct InterruptedAnywhereTests {
  /// Commands that write, with what they may write outside the project: nothing.
  private static let commands: [[String]] = [
    ["dossier", "build"], ["bundle", "-o", "x.asice"], ["sign", "--role", "prepared", "--key", "ada"],
    ["runs", "verify"], ["runs", "sign", "--all", "--meaning", "checked", "--key", "ada"],
    ["store", "backup", "copy.sqlite"],
    ["store", "checkpoint"], ["diff", "1.0", "1.0"], ["keys", "create", "--name", "Eve", "--no-passphrase"], ["check"],
  ]

  /// Names that nothing finished has.
  private func leftovers(_ folder: Scratch) throws -> [String] {
    try folder.files().filter { path in
      [".tmp", ".new-", ".partial", ".dat.nosync", ".sb-"].contains { path.contains($0) }
    }
  }

  @Test(
    "status 130, or the work is done; never 143 or death by the signal, and nothing unfinished stays",
    arguments: commands)
  func anyMoment(arguments: [String]) async throws {
    let site = try await SignedProject.copy()
    let whole = try await site.vitrine(arguments).duration / .milliseconds(1)
    var random = SystemRandomNumberGenerator()
    var statuses: Set<Int32> = []
    for number in 0..<9 {
      let copy = try await SignedProject.copy()
      let child = try await Program.start(
        arguments + ["--project", copy.project.path], in: copy.project.folder, configuration: copy.configuration.folder)
      try await child.waitUntilItTakesRequests()
      try await Task.sleep(for: .milliseconds(Double.random(in: 0...max(20, whole * 1.1), using: &random)))
      child.send([SIGTERM, SIGINT, SIGHUP][number % 3])
      let result = try await child.finished()
      statuses.insert(result.status)
      // 1: the gates of the copy may find something; that is a whole answer.
      #expect(!result.wasKilled && [0, 1, 130].contains(result.status), "\(arguments): \(result)")
      if result.status == 130 { #expect(result.err.contains("interrupted"), "\(result)") }
      #expect(try leftovers(copy.project) == [] && leftovers(copy.configuration) == [], "\(arguments): \(result)")
      let store = try await copy.vitrine(["runs", "verify"])
      #expect(store.status == 0, "\(store)")
    }
  }

  @Test(
    "a request that comes while the program is being loaded ends it with 130 as soon as it is",
    arguments: [SIGTERM, SIGINT])
  func early(signal: Int32) async throws {
    for delay in [0, 5, 10, 20] {
      let child = try await Program.start(["law", "list"])
      try await child.waitUntilItTakesRequests()
      try await Task.sleep(for: .milliseconds(delay))
      child.send(signal)
      let result = try await child.finished()
      #expect([0, 130].contains(result.status) && !result.wasKilled, "\(delay): \(result)")
    }
  }
}
