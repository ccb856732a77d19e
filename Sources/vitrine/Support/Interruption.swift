import Analysis
import CInterruption
import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Ctrl-C, a request to terminate and a closed terminal: exit status 130 and nothing half-written, whatever the command.
///
/// Work that listens is asked to stop after the pair at hand and says itself what was kept; a second request, and the first to
/// any other command, removes what is not finished and ends the process.
enum Interruption {
  private static let requested = Atomic<Bool>(false)
  private static let someoneListens = Atomic<Bool>(false)

  /// Whether the user asked to stop.
  static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Takes requests from now on. Called once, at the start of the program; before that a request ends it at once.
  static func start() {
    let requests = vitrine_watch_interruptions()
    guard requests >= 0 else { return }
    let watch = Thread {
      var byte: UInt8 = 0
      while true {
        let count = read(requests, &byte, 1)
        if count < 0, errno == EINTR { continue }
        guard count == 1 else { return }
        let isFirst = !requested.exchange(true, ordering: .relaxed)
        if isFirst, someoneListens.load(ordering: .relaxed) { continue }
        end()
      }
    }
    watch.start()
  }

  /// Work that asks `isRequested` begins: the first request is its to heed.
  static func listen() { someoneListens.store(true, ordering: .relaxed) }

  /// Removes what is not finished and ends the process.
  static func end() -> Never {
    UnfinishedWork.abandon()
    Console.err("vitrine: interrupted; nothing half-written")
    _exit(ExitStatus.interrupted.rawValue)
  }
}
