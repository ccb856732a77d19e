import Foundation
import Reports

#if canImport(Glibc)
  import Glibc
#endif

/// Prints a page to a PDF with a program that is already there: WeasyPrint, else Chromium or Chrome without a window.
struct PDFPrinter {
  private enum Kind { case weasyprint, chromium }

  private let program: ExternalProgram
  private let kind: Kind

  private static let candidates: [(name: String, kind: Kind)] = [
    ("weasyprint", .weasyprint), ("chromium", .chromium), ("chromium-browser", .chromium),
    ("google-chrome", .chromium), ("google-chrome-stable", .chromium),
  ]

  /// The first of these programs on the search path.
  /// - Throws: `ReportsError` `unwritable` that says what to install.
  static func find() throws -> PDFPrinter {
    guard let (name, program) = ExternalProgram.find(candidates.map(\.name)),
      let kind = candidates.first(where: { $0.name == name })?.kind
    else {
      throw ReportsError(
        .unwritable,
        "no PDF can be made: neither WeasyPrint nor Chromium is on the search path. Install one (Debian: apt install weasyprint, or "
          + "chromium), or leave --pdf out and print the HTML page from a browser. Nothing was written.")
    }
    return PDFPrinter(program: program, kind: kind)
  }

  /// Prints a page to the file of the same name with the ending `pdf`; an older one is replaced once the new one is whole.
  /// - Throws: `ReportsError` `unwritable` with what the program said.
  func print(_ page: URL) throws -> URL {
    let target = page.deletingPathExtension().appendingPathExtension("pdf")
    let pdf = try ExternalProgram.withScratch { scratch -> Data in
      let made = scratch.appendingPathComponent("page.pdf")
      let outcome = try program.run(
        arguments(page: page, made: made, profile: scratch.appendingPathComponent("profile")), in: scratch,
        limits: .init(seconds: 600, bytes: 64_000_000))
      guard outcome.status == 0, let pdf = try? Data(contentsOf: made), pdf.starts(with: Data("%PDF-".utf8)) else {
        let status = outcome.status.map { "exit \($0)" } ?? "ended after ten minutes"
        throw ReportsError(
          .unwritable,
          "\(program.file.path) did not make \(target.path) (\(status)): \(outcome.messages.suffix(500))")
      }
      return pdf
    }
    try DossierWriter.write([(target.lastPathComponent, pdf)], to: target.deletingLastPathComponent())
    return target
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
