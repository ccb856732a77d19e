import Analysis
import ArgumentParser
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// Results go to standard output, everything else to standard error.
enum Console {
  /// Prints a result.
  static func out(_ text: String) {
    write(text + "\n", to: .standardOutput)
  }

  /// Prints bytes that end a result, e.g. JSON.
  static func out(_ data: Data) {
    write(String(decoding: data, as: UTF8.self) + "\n", to: .standardOutput)
  }

  /// Prints progress, a warning or an error.
  static func err(_ text: String) {
    write(text + "\n", to: .standardError)
  }

  /// Rewrites the last line of standard error; only on a terminal.
  static func errInPlace(_ text: String) {
    write("\r\u{1B}[2K" + text, to: .standardError)
  }

  private static func write(_ text: String, to handle: FileHandle) {
    do {
      try handle.write(contentsOf: Data(text.utf8))
    } catch {
      // Nobody reads any more (`vitrine … | head`), or the disk behind a redirection is full: the result is not complete.
      _exit(ExitStatus.inputOutput.rawValue)
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

  /// Columns padded to one width.
  static func table(_ rows: [[String]]) -> String {
    guard let first = rows.first else { return "" }
    let widths = first.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).map { $0.padding(toLength: max($1, $0.count), withPad: " ", startingAt: 0) }
        .joined(separator: "  ").trimmingCharacters(in: .whitespaces)
    }.joined(separator: "\n")
  }
}
