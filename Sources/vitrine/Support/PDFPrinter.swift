import Analysis
import Foundation
import Reports

#if canImport(Glibc)
  import Glibc
#endif

/// Prints a page to a PDF with a program that is already there: WeasyPrint, else Chromium or Chrome without a window.
struct PDFPrinter {
  private enum Kind { case weasyprint, chromium }

  private let program: URL
  private let kind: Kind

  private static let candidates: [(name: String, kind: Kind)] = [
    ("weasyprint", .weasyprint), ("chromium", .chromium), ("chromium-browser", .chromium),
    ("google-chrome", .chromium), ("google-chrome-stable", .chromium),
  ]

  /// The first of these programs on the search path.
  /// - Throws: `ReportsError` `unwritable` that says what to install.
  static func find(_ path: String = ProcessInfo.processInfo.environment["PATH"] ?? "") throws -> PDFPrinter {
    for (name, kind) in candidates {
      for folder in path.split(separator: ":") {
        let file = URL(fileURLWithPath: String(folder)).appendingPathComponent(name)
        if FileManager.default.isExecutableFile(atPath: file.path) { return PDFPrinter(program: file, kind: kind) }
      }
    }
    throw ReportsError(
      .unwritable,
      "no PDF can be made: neither WeasyPrint nor Chromium is on the search path. Install one (Debian: apt install weasyprint, or "
        + "chromium), or leave --pdf out and print the HTML page from a browser. Nothing was written.")
  }

  /// Prints a page to the file of the same name with the ending `pdf`; an older one is replaced once the new one is whole.
  /// - Throws: `ReportsError` `unwritable` with what the program said.
  func print(_ page: URL) throws -> URL {
    let target = page.deletingPathExtension().appendingPathExtension("pdf")
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("vitrine-\(UUID().uuidString)")
    let (unfinished, _) = try UnfinishedWork.begin(temporary: scratch) {
      try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    }
    defer {
      UnfinishedWork.whole {
        try? FileManager.default.removeItem(at: scratch)
        UnfinishedWork.end(unfinished)
      }
    }
    let made = scratch.appendingPathComponent("page.pdf")
    let log = scratch.appendingPathComponent("log")
    guard FileManager.default.createFile(atPath: log.path, contents: nil) else {
      throw ReportsError(.unwritable, "cannot write \(log.path) for the PDF program's messages.")
    }
    let messages = try FileHandle(forWritingTo: log)
    defer { try? messages.close() }
    let process = Process()
    process.executableURL = program
    process.arguments = arguments(page: page, made: made, profile: scratch.appendingPathComponent("profile"))
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = messages
    process.standardError = messages
    let started = Started(process)
    let (running, _) = try UnfinishedWork.begin(undo: { started.kill() }, make: { try process.run() })
    process.waitUntilExit()
    UnfinishedWork.end(running)
    guard process.terminationStatus == 0, let pdf = try? Data(contentsOf: made), pdf.starts(with: Data("%PDF-".utf8))
    else {
      let said = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
      throw ReportsError(
        .unwritable,
        "\(program.path) did not make \(target.path) (exit \(process.terminationStatus)): \(said.suffix(500))")
    }
    try DossierWriter.write([(target.lastPathComponent, pdf)], to: target.deletingLastPathComponent())
    return target
  }

  // Unchecked: only the process's number is read.
  private final class Started: @unchecked Sendable {
    private let process: Process
    init(_ process: Process) { self.process = process }
    func kill() { if process.processIdentifier > 0 { _ = Glibc.kill(process.processIdentifier, SIGKILL) } }
  }

  private func arguments(page: URL, made: URL, profile: URL) -> [String] {
    switch kind {
    case .weasyprint: return [page.path, made.path]
    case .chromium:
      // Chromium refuses its sandbox to the superuser; the page holds no script and asks for nothing outside itself.
      let sandbox = geteuid() == 0 ? ["--no-sandbox"] : []
      return sandbox + [
        "--headless", "--disable-gpu", "--user-data-dir=\(profile.path)", "--no-pdf-header-footer",
        "--print-to-pdf=\(made.path)", page.absoluteString,
      ]
    }
  }
}
