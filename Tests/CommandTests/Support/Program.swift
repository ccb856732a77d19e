import Foundation
import Testing

/// What a finished child process left: its exit status and everything it printed.
struct Finished: CustomStringConvertible {
  let status: Int32
  /// The process ended by this signal and `status` is its number.
  let wasKilled: Bool
  let out: String
  let err: String
  /// How long it ran, without the time that it waited for its turn.
  let duration: Duration

  var description: String { "\(wasKilled ? "killed by signal" : "exit") \(status)\nstdout: \(out)\nstderr: \(err)" }

  /// Standard output as it is read, wherever its lines were broken.
  var said: String { out.split { $0.isWhitespace }.joined(separator: " ") }

  /// Standard output as JSON.
  func json() throws -> JSON { try JSON(out) }
}

/// The `vitrine` program that `swift build --build-tests` made, run as a child process.
enum Program {
  /// Why the program could not be run at all.
  struct Missing: Error, CustomStringConvertible {
    let description: String
  }

  /// The program beside the test bundle, where the package manager puts all products of a build.
  static let executable: Result<URL, Missing> = {
    var places =
      Bundle.allBundles.map(\.bundleURL) + [Bundle.main.executableURL, Bundle.main.bundleURL].compactMap { $0 }
    // On Linux the bundle is one executable file; the helper that runs it may be elsewhere.
    places += CommandLine.arguments.filter { $0.contains(".xctest") }.map { URL(fileURLWithPath: $0) }
    let folders = places.flatMap { place in
      sequence(first: place) { $0.path == "/" ? nil : $0.deletingLastPathComponent() }.prefix(4)
    }
    let candidates = folders.map { $0.appendingPathComponent("vitrine") }
    if let found = candidates.first(where: { isProgram($0) }) { return .success(found) }
    let looked = Set(candidates.map { $0.deletingLastPathComponent().path }).sorted().joined(separator: ", ")
    return .failure(
      Missing(description: "the program 'vitrine' is in none of \(looked); build it with 'swift build --build-tests'"))
  }()

  private static func isProgram(_ url: URL) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && !isFolder.boolValue
      && FileManager.default.isExecutableFile(atPath: url.path)
  }

  /// The repository: three folders above this file's.
  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Runs `vitrine` to its end.
  static func vitrine(_ arguments: String..., in folder: URL? = nil) async throws -> Finished {
    try await vitrine(list: arguments, in: folder)
  }

  /// Runs `vitrine` to its end.
  static func vitrine(list arguments: [String], in folder: URL? = nil) async throws -> Finished {
    try await start(arguments, in: folder).finished()
  }

  /// Starts `vitrine`.
  /// - Parameter configuration: the user's configuration folder; nil for an empty one of the process's own.
  static func start(_ arguments: [String], in folder: URL? = nil, configuration: URL? = nil) async throws -> Child {
    try await Child.start(executable.get(), arguments, in: folder, configuration: configuration)
  }

  /// Runs a shell script to its end; `$VITRINE` is the program, `$1` and so on are the arguments.
  /// - Parameter limit: how long it may take.
  static func shell(
    _ script: String, _ arguments: String..., in folder: URL? = nil, limit: Duration = Child.limit
  ) async throws -> Finished {
    _ = try executable.get()
    return try await Child.start(URL(fileURLWithPath: "/bin/sh"), ["-c", script, "sh"] + arguments, in: folder)
      .finished(within: limit)
  }
}

/// Lets only as many child processes run at once as the machine has processors; all tests start at the same time.
actor Gate {
  static let shared = Gate()

  private var free = max(2, ProcessInfo.processInfo.activeProcessorCount)
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func enter() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  func leave() {
    if waiting.isEmpty {
      free += 1
    } else {
      waiting.removeFirst().resume()
    }
  }
}

/// A running child process whose output goes to files, so that any amount of it can be read at any time.
final class Child: Sendable {
  /// How long any command of these tests may take. Far more than a debug build needs on a busy machine.
  static let limit: Duration = .seconds(240)

  private let process: Spawned
  private let output: Scratch

  /// Starts a process at once, for tests that need several at the same time.
  /// - Parameter configuration: the folder of its user's configuration.
  static func startAtOnce(_ arguments: [String], configuration: URL) throws -> Child {
    try Child(Program.executable.get(), arguments, in: nil, configuration: configuration) {}
  }

  /// Starts a process as soon as the machine has room for it.
  static func start(
    _ executable: URL, _ arguments: [String], in folder: URL?, configuration: URL? = nil
  ) async throws -> Child {
    await Gate.shared.enter()
    do {
      return try Child(executable, arguments, in: folder, configuration: configuration) {
        Task { await Gate.shared.leave() }
      }
    } catch {
      await Gate.shared.leave()
      throw error
    }
  }

  private init(
    _ executable: URL, _ arguments: [String], in folder: URL?, configuration: URL?,
    whenEnded: @escaping @Sendable () -> Void
  ) throws {
    output = try Scratch()
    var environment = ProcessInfo.processInfo.environment
    environment["VITRINE"] = try Program.executable.get().path
    // Tests run side by side; one thread each is faster than pools that compete.
    environment["VITRINE_THREADS"] = "1"
    // The keys of whoever runs the tests are not for tests.
    environment["XDG_CONFIG_HOME"] = (configuration ?? output.folder).path
    process = try Spawned(
      [executable.path] + arguments, environment: environment, folder: folder?.path, out: output.url("out").path,
      err: output.url("err").path, whenEnded: whenEnded)
  }

  /// What was printed on standard output so far.
  var out: String { get throws { try String(contentsOf: output.url("out"), encoding: .utf8) } }

  /// What was printed on standard error so far.
  var err: String { get throws { try String(contentsOf: output.url("err"), encoding: .utf8) } }

  func send(_ signal: Int32) { process.send(signal) }

  /// Waits until a condition on the output holds, or the process ends.
  func wait(until condition: (Child) throws -> Bool) async throws {
    while !process.hasEnded, try !condition(self) { try await Task.sleep(for: .milliseconds(5)) }
  }

  /// Waits until the program takes requests to end (SIGHUP is the last that it asks for), or has ended. What comes before its first
  /// own instruction is the loader's.
  func waitUntilItTakesRequests() async throws {
    while !process.hasEnded, !process.handles(SIGHUP) { try await Task.sleep(for: .milliseconds(1)) }
  }

  /// Waits for the end.
  func finished(within limit: Duration = Child.limit) async throws -> Finished {
    let watchdog = Task { [self] in
      try await Task.sleep(for: limit)
      send(SIGKILL)
    }
    let (status, wasKilled, duration) = await process.end()
    watchdog.cancel()
    return Finished(status: status, wasKilled: wasKilled, out: try out, err: try err, duration: duration)
  }
}
