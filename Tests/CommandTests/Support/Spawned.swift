import CSpawn
import Foundation
import Synchronization

/// A child process by posix_spawn and waitpid.
///
/// Not Foundation's Process: on Linux it keeps every descriptor that it was given, so that some hundred children use up what a process
/// may have open; and its end is told by a thread of Foundation's, not at once.
final class Spawned: Sendable {
  struct Failure: Error, CustomStringConvertible { let description: String }

  private let identifier: pid_t
  /// What waitpid said, and when; nil while it runs.
  private let status: Status
  private let started = ContinuousClock.now
  private let ended: AsyncStream<Void>

  private final class Status: Sendable { let value = Mutex<(code: Int32, at: ContinuousClock.Instant)?>(nil) }

  /// Starts a program.
  /// - Parameters:
  ///   - command: the program's path and its arguments.
  ///   - folder: where it runs; nil for this process's.
  ///   - out: the file for its standard output, made or emptied; `err` the same for standard error. Its input is empty.
  ///   - whenEnded: is called once, when it has ended.
  init(
    _ command: [String], environment: [String: String], folder: String?, out: String, err: String,
    whenEnded: @escaping @Sendable () -> Void
  ) throws {
    let words = command.map { strdup($0) }
    let variables = environment.map { strdup("\($0.key)=\($0.value)") }
    defer { for pointer in words + variables { free(pointer) } }
    var number = pid_t()
    let problem = spawn_child(&number, words + [nil], variables + [nil], folder, out, err)
    guard problem == 0 else {
      throw Failure(description: "\(command[0]) cannot be started: \(String(cString: strerror(problem)))")
    }
    let child = number
    identifier = child
    let status = Status()
    self.status = status
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    ended = stream
    // A thread of its own, since tests may keep all of Swift's busy.
    Thread.detachNewThread {
      // Its number is its own until it is taken note of that it has ended; then nobody sends it a signal.
      var info = siginfo_t()
      while waitid(P_PID, id_t(child), &info, WEXITED | WNOWAIT) == -1, errno == EINTR {}
      status.value.withLock { value in
        var code: Int32 = 0
        while waitpid(child, &code, 0) == -1, errno == EINTR {}
        value = (code, .now)
      }
      continuation.finish()
      whenEnded()
    }
  }

  var hasEnded: Bool { status.value.withLock { $0 != nil } }

  /// Whether it has a handler of its own for a signal, as the system says (proc(5), SigCgt).
  func handles(_ signal: Int32) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8),
      let mask = text.firstMatch(of: /SigCgt:\s*([0-9a-f]+)/).flatMap({ UInt64($0.1, radix: 16) })
    else { return false }
    return mask & (1 << UInt64(signal - 1)) != 0
  }

  /// Sends a signal, unless it has ended.
  func send(_ signal: Int32) { status.value.withLock { if $0 == nil { kill(identifier, signal) } } }

  /// Waits for the end.
  /// - Returns: the exit status, or the number of the signal that killed it, and how long it ran.
  func end() async -> (status: Int32, wasKilled: Bool, duration: Duration) {
    for await _ in ended {}
    guard let (code, end) = status.value.withLock({ $0 }) else { preconditionFailure("an ended child has a status") }
    let wasKilled = code & 0x7f != 0
    return (wasKilled ? code & 0x7f : (code >> 8) & 0xff, wasKilled, end - started)
  }
}
