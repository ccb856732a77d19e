import Analysis
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Ctrl-C during long work: the first asks the work to stop after the pair at hand, the second ends the process.
enum Interruption {
  private static let requested = Atomic<Bool>(false)

  /// Whether the user asked to stop.
  static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Starts to listen to Ctrl-C and to termination requests.
  static func listen() {
    // Touched here first: the handler must not be the one that initialises it.
    requested.store(false, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        if Interruption.requested.exchange(true, ordering: .relaxed) { _exit(ExitStatus.interrupted.rawValue) }
      }
    }
  }
}
