import Foundation
import Reports

#if canImport(Glibc)
  import Glibc
#endif

/// Prints a page to a PDF with a program that is already there: Chromium or Chrome without a window, which write tags, else WeasyPrint.
struct PDFPrinter {
  private let program: ExternalProgram
  private let isWeasyPrint: Bool
  /// The program with its version.
  let tool: String

  private static let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "weasyprint"]

  /// The first of these programs on the search path.
  /// - Throws: `ReportsError` `unwritable` that says what to install.
  static func find() throws -> PDFPrinter {
    guard let (name, program) = ExternalProgram.find(names) else {
      throw ReportsError(
        .unwritable,
        "no PDF can be made: neither Chromium nor WeasyPrint is on the search path. Install one (Debian: apt install chromium, or "
          + "weasyprint), or leave --pdf out and print the HTML page from a browser. Nothing was written.")
    }
    return PDFPrinter(program: program, isWeasyPrint: name == "weasyprint", tool: program.version)
  }

  /// Prints a copy of a page to the file of the same name with the ending `pdf`; an older one is replaced once the new one is whole.
  /// - Returns: the file, and whether it has tags, by which a screen reader knows headings, tables and pictures.
  /// - Throws: `ReportsError` `unwritable` with what the program said.
  func print(_ copy: DerivedCopy, beside page: URL) throws -> (file: URL, isTagged: Bool) {
    let target = page.deletingPathExtension().appendingPathExtension("pdf")
    return try ExternalProgram.withScratch { scratch in
      let made = scratch.appendingPathComponent("page.pdf")
      let source = scratch.appendingPathComponent("page.html")
      try Data(copy.marked.utf8).write(to: source)
      let outcome = try program.run(
        arguments(page: source, made: made, profile: scratch.appendingPathComponent("profile")), in: scratch,
        limits: .init(seconds: 600, bytes: 64_000_000))
      guard outcome.status == 0, let pdf = try? Data(contentsOf: made), pdf.starts(with: Data("%PDF-".utf8)) else {
        throw ReportsError(
          .unwritable,
          "\(program.file.path) did not make \(target.path) (\(outcome.ending)): \(outcome.messages.suffix(500))")
      }
      try DossierWriter.write([(target.lastPathComponent, pdf)], to: target.deletingLastPathComponent())
      return (target, Self.isTagged(pdf))
    }
  }

  /// Whether a PDF says that it is tagged and has a structure tree (ISO 32000-1, 14.7.1 and 14.8.1), as far as its catalogue is not
  /// compressed.
  static func isTagged(_ pdf: Data) -> Bool {
    pdf.range(of: Data("/StructTreeRoot".utf8)) != nil && pdf.range(of: Data("/Marked true".utf8)) != nil
  }

  private func arguments(page: URL, made: URL, profile: URL) -> [String] {
    if isWeasyPrint { return [page.path, made.path] }
    // Chromium refuses its sandbox to the superuser; the page holds no script and asks for nothing outside itself.
    let sandbox = geteuid() == 0 ? ["--no-sandbox"] : []
    return sandbox + [
      "--headless", "--disable-gpu", "--user-data-dir=\(profile.path)", "--no-pdf-header-footer",
      "--generate-pdf-document-outline", "--print-to-pdf=\(made.path)", page.absoluteString,
    ]
  }
}
