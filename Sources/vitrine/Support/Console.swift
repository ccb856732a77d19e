import Analysis
import ArgumentParser
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// Results go to standard output, everything else to standard error.
enum Console {
  static func out(_ text: String) {
    write(text + "\n", to: .standardOutput)
  }

  static func err(_ text: String) {
    write(text + "\n", to: .standardError)
  }

  private static func write(_ text: String, to handle: FileHandle) {
    // A closed pipe (`vitrine … | head`) is no error of ours; any other is reported by the exit status of the writer.
    try? handle.write(contentsOf: Data(text.utf8))
  }

  /// Whether progress bars and colour make sense on standard error.
  static var isInteractive: Bool {
    isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
  }
}

/// Options of every command that prints results.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print JSON instead of text.") var json = false
}

/// Numbers for people.
enum Format {
  static func logit(_ value: Double) -> String {
    String(format: "%+.4f", value).replacingOccurrences(of: "-", with: "\u{2212}")
  }
}
