import Analysis
import ArgumentParser
import Foundation
import Reports
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Results go to standard output, everything else to standard error.
///
/// When standard output can no longer be written (`vitrine … | head`, a full disk), the work goes on, since its runs are
/// stored, and the command ends with the status of an input/output error.
enum Console {
  /// The system's error number of the first result that could not be written; 0 if there is none.
  private static let outputError = Atomic<Int32>(0)

  /// Makes the three standard streams safe to use. Called once, before anything is opened.
  static func prepare() {
    // A reader that goes away must not kill the process in the middle of a run.
    signal(SIGPIPE, SIG_IGN)
    for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) == -1 {
      // A closed stream's number would go to the next file that is opened, and output would be written into that file.
      // Opened the wrong way round, so that using it fails as it did when it was closed.
      _ = open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// Prints a result in words. What a name, a prompt or a file brings along cannot act on the terminal.
  static func out(_ text: String) { put(result: TerminalText.visible(text)) }

  /// Prints a document that a command answers with.
  static func out(_ document: Document, opensDetails: Bool = true) throws {
    out(try TextRenderer(text: try .english(), width: columns, opensDetails: opensDetails).render(document))
  }

  /// The columns of the terminal that results go to; 80 where they go elsewhere.
  private static var columns: Int {
    var size = winsize()
    guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return 80
    }
    return Int(size.ws_col)
  }

  private static func put(result text: String) {
    guard outputError.load(ordering: .relaxed) == 0 else { return }
    outputError.store(put(text + "\n", to: STDOUT_FILENO), ordering: .relaxed)
  }

  /// Prints bytes that end a result as they are, e.g. JSON or a record, which somebody may digest.
  static func out(_ data: Data) { put(result: String(decoding: data, as: UTF8.self)) }

  /// Prints progress, a warning or an error. Nobody to read it is no error.
  static func err(_ text: String) {
    _ = put(TerminalText.visible(text) + "\n", to: STDERR_FILENO)
  }

  /// Rewrites the last line of standard error; only on a terminal.
  static func errInPlace(_ text: String) {
    _ = put("\r\u{1B}[2K" + Format.harmless(text), to: STDERR_FILENO)
  }

  /// Ends the process; a success whose results could not be written is none.
  static func exit(_ status: ExitStatus) -> Never {
    let number = outputError.load(ordering: .relaxed)
    guard status == .done, number != 0 else { Foundation.exit(status.rawValue) }
    if number != EPIPE {
      let reason = String(cString: strerror(number))
      err("vitrine: standard output cannot be written: \(reason); what was printed is not complete")
    }
    Foundation.exit(ExitStatus.inputOutput.rawValue)
  }

  /// Writes everything, or returns the system's error number.
  private static func put(_ text: String, to descriptor: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)[...]
      while !rest.isEmpty {
        let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count >= 0 {
          rest = rest.dropFirst(count)
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
  }

  /// Whether progress bars and colour make sense on standard error.
  static let isInteractive = isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
}

/// Options of every command that prints results.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print JSON instead of text.") var json = false
}

/// Numbers for people.
enum Format {
  /// Signed, four decimals, with a real minus sign.
  static func logit(_ value: Double) -> String {
    String(format: "%+.4f", value).replacingOccurrences(of: "-", with: "\u{2212}")
  }

  /// As `TerminalText.harmless`.
  static func harmless(_ line: String) -> String { TerminalText.harmless(line) }

  /// A word of a command that a person copies into a shell: in quotation marks unless it needs none (POSIX, 2.2.2).
  static func shell(_ word: String) -> String {
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+=,".unicodeScalars)
    if !word.isEmpty, word.unicodeScalars.allSatisfy(plain.contains) { return word }
    return "'" + word.unicodeScalars.map { $0 == "'" ? "'\\''" : String($0) }.joined() + "'"
  }

  /// Columns padded to one width.
  static func table(_ rows: [[String]]) -> String {
    let rows = rows.map { $0.map(harmless) }
    guard let first = rows.first else { return "" }
    let widths = first.indices.map { column in rows.map { TerminalText.columns(of: $0[column]) }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).map { $0 + String(repeating: " ", count: $1 - TerminalText.columns(of: $0)) }
        .joined(separator: "  ").trimmingCharacters(in: .whitespaces)
    }.joined(separator: "\n")
  }
}
