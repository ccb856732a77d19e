import Analysis
import Evidence
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// The terminal of whoever runs the command, whatever standard input and output are.
struct Terminal {
  private let descriptor: Int32

  /// Does something with the terminal; nil if there is none.
  static func use<Result>(_ body: (Terminal) throws -> Result) rethrows -> Result? {
    let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return try body(Terminal(descriptor: descriptor))
  }

  /// Asks for a passphrase without showing what is typed; the terminal shows it again afterwards, also after an interruption.
  /// - Throws: `EvidenceError.inputOutput`.
  func ask(_ question: String) throws -> Passphrase {
    var before = termios()
    guard tcgetattr(descriptor, &before) == 0 else { throw failure() }
    let (former, terminal) = (before, descriptor)
    let restore = { @Sendable in
      var former = former
      _ = tcsetattr(terminal, TCSAFLUSH, &former)
    }
    let (silent, _) = try UnfinishedWork.begin(undo: restore) {
      var hidden = former
      hidden.c_lflag &= ~tcflag_t(ECHO)
      hidden.c_lflag |= tcflag_t(ICANON | ISIG)
      guard tcsetattr(descriptor, TCSAFLUSH, &hidden) == 0 else { throw failure() }
    }
    defer {
      UnfinishedWork.whole {
        restore()
        UnfinishedWork.end(silent)
      }
      say("\n")
    }
    say(question)
    return try Passphrase.read(descriptor: descriptor)
  }

  /// Prints on the terminal.
  func say(_ text: String) {
    var rest = Substring(text).utf8
    while !rest.isEmpty {
      let count = Array(rest).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno != EINTR { return }
      rest = rest.dropFirst(max(0, count))
    }
  }

  private func failure() -> EvidenceError {
    EvidenceError(.inputOutput, "the terminal cannot be used for a passphrase: \(String(cString: strerror(errno)))")
  }
}
