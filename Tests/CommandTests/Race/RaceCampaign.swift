import Analysis
import Foundation
import Testing

/// Commands that run while something happens to files that they read or write, at random moments.
///
/// Whatever happens, a command ends by itself: with 0 and a result that `judge` accepts, or with an error of its own that names a
/// file. It is never ended by a signal and never hangs.
struct RaceCampaign: Sendable {
  /// One thing that can happen to a folder.
  struct Disturbance: Sendable {
    let name: String
    let apply: @Sendable (_ project: Scratch) throws -> Void
  }

  /// Arguments of `vitrine`, the project's folder put after the first.
  let arguments: [String]
  /// Makes the project for one attempt.
  let prepare: @Sendable () throws -> Scratch
  let disturbances: [Disturbance]
  /// Statuses with which the command may refuse.
  let refusals: Set<Int32>
  /// Of which an error must name one.
  let names: [String]
  /// Checks what a command that ended with 0 has left.
  let judge: @Sendable (_ project: Scratch, _ result: Finished, _ what: String) async throws -> Void

  /// How many attempts a campaign has: a share of it in the usual tests, all with `./test --full`.
  static func attempts(_ few: Int, full: Int = 200) -> Int {
    ProcessInfo.processInfo.environment["VITRINE_TEST_FULL"] == "1" ? full : few
  }

  /// What came of a campaign.
  struct Tally: Sendable {
    var done = 0
    var refused = 0
  }

  /// Runs attempts one after the other. The moments are spread over the time that an undisturbed run takes.
  func run(_ attempts: Int, seed: UInt64) async throws -> Tally {
    var random = SplitMix64(seed: seed)
    let first = try prepare()
    let undisturbed = try await Program.vitrine(list: commandLine(first))
    let duration = undisturbed.duration
    #expect(undisturbed.status == 0, "\(undisturbed)")
    var tally = Tally()
    for attempt in 0..<attempts {
      let disturbance = disturbances[attempt % disturbances.count]
      // Loading is the shorter part, so half of the moments fall into the first fifth.
      let share = Double(random.next() % 1000) / 1000 * (random.next() % 2 == 0 ? 0.2 : 1.1)
      let what = "attempt \(attempt) of seed \(seed): \(disturbance.name) after \(share) of \(duration)"
      let project = try prepare()
      let child = try await Program.start(commandLine(project))
      try await Task.sleep(for: duration * share)
      try disturbance.apply(project)
      let result = try await child.finished()
      #expect(!result.wasKilled, "\(what): \(result)")
      if result.status == 0 {
        tally.done += 1
        try await judge(project, result, what)
      } else {
        tally.refused += 1
        #expect(refusals.contains(result.status), "\(what): \(result)")
        #expect(names.contains { result.err.contains($0) }, "\(what): the error names no file: \(result)")
      }
    }
    return tally
  }

  private func commandLine(_ project: Scratch) -> [String] {
    [arguments[0], project.path] + arguments.dropFirst()
  }
}

extension RaceCampaign.Disturbance {
  /// Overwrites a file from its beginning, as `cp` does: first it is empty, then it grows.
  static func overwrite(_ path: String, by data: Data) -> Self {
    .init(name: "overwrite \(path)") { project in
      let handle = try FileHandle(forWritingTo: project.url(path))
      try handle.truncate(atOffset: 0)
      try handle.write(contentsOf: data.prefix(data.count / 2))
      usleep(2000)
      try handle.write(contentsOf: data.dropFirst(data.count / 2))
      try handle.close()
    }
  }

  /// Writes the bytes of another version over those of a file of the same size, which it stays all the time.
  static func patch(_ path: String, by data: Data) -> Self {
    .init(name: "patch \(path)") { project in
      let handle = try FileHandle(forWritingTo: project.url(path))
      for start in stride(from: 0, to: data.count, by: 1 << 16) {
        try handle.write(contentsOf: data.dropFirst(start).prefix(1 << 16))
      }
      try handle.close()
    }
  }

  static func truncate(_ path: String) -> Self {
    .init(name: "truncate \(path)") { project in
      let handle = try FileHandle(forWritingTo: project.url(path))
      try handle.truncate(atOffset: try handle.seekToEnd() / 2)
      try handle.close()
    }
  }

  /// Puts another file in its place, as `mv` does.
  static func replace(_ path: String, by data: Data) -> Self {
    .init(name: "replace \(path)") { project in
      let other = project.url("beside")
      try data.write(to: other)
      guard rename(other.path, project.url(path).path) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
  }

  static func remove(_ path: String) -> Self {
    .init(name: "remove \(path)") { try FileManager.default.removeItem(at: $0.url(path)) }
  }

  static func touch(_ path: String) -> Self {
    .init(name: "touch \(path)") {
      try FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: $0.url(path).path)
    }
  }
}
