import Foundation
import Reports
import Templates

/// Writes a page as a DOCX with pandoc, in the looks of the installed reference document.
struct DOCXPrinter {
  private let pandoc: ExternalProgram
  private let converter: ExternalProgram
  /// Pandoc with its version.
  let tool: String

  /// Pandoc, and what it needs for drawings, on the search path.
  /// - Throws: `ReportsError` `unwritable` that says what to install.
  static func find() throws -> DOCXPrinter {
    func program(_ name: String, package: String, _ what: String) throws -> ExternalProgram {
      if let found = ExternalProgram.find([name]) { return found.program }
      throw ReportsError(
        .unwritable,
        "no DOCX can be made: '\(name)', \(what), is not on the search path. Install it (Debian: apt install \(package)), or leave "
          + "--docx out. Nothing was written.")
    }
    let pandoc = try program("pandoc", package: "pandoc", "which writes the file")
    return DOCXPrinter(
      pandoc: pandoc,
      converter: try program("rsvg-convert", package: "librsvg2-bin", "which turns drawings into pictures"),
      tool: pandoc.version)
  }

  /// Writes a copy of a page to the file of the same name with the ending `docx`; an older one is replaced once the new one is whole.
  /// - Parameter day: the day that the file's times say, `YYYY-MM-DD`; so the same page gives the same bytes.
  /// - Throws: `ReportsError` `unwritable` with what the program said.
  func print(_ copy: DerivedCopy, beside page: URL, day: String?) throws -> URL {
    let target = page.deletingPathExtension().appendingPathExtension("docx")
    return try ExternalProgram.withScratch { scratch in
      let office = OfficePage(copy)
      for picture in office.pictures { try picture.content.write(to: scratch.appendingPathComponent(picture.name)) }
      for drawing in office.drawings { try convert(drawing, in: scratch) }
      try Data(office.html.utf8).write(to: scratch.appendingPathComponent("page.html"))
      let outcome = try pandoc.run(
        [
          "--from=html", "--to=docx", "--shift-heading-level-by=-1", "--output=page.docx",
          "--reference-doc=\(Templates.url("dossier/reference.docx").path)",
          "--lua-filter=\(Templates.url("dossier/docx.lua").path)", "page.html",
        ], in: scratch, limits: .init(seconds: 600, bytes: 64_000_000),
        environment: ProcessInfo.processInfo.environment.merging(["SOURCE_DATE_EPOCH": Self.epoch(day)]) { $1 })
      let made = scratch.appendingPathComponent("page.docx")
      guard outcome.status == 0, let docx = try? Data(contentsOf: made), docx.starts(with: Data("PK".utf8)) else {
        throw ReportsError(
          .unwritable,
          "\(pandoc.file.path) did not make \(target.path) (\(outcome.ending)): \(outcome.messages.suffix(500))")
      }
      try DossierWriter.write([(target.lastPathComponent, docx)], to: target.deletingLastPathComponent())
      return target
    }
  }

  /// Twice as many pixels as the page has for it, for print.
  private func convert(_ drawing: (name: String, svg: Data), in scratch: URL) throws {
    try drawing.svg.write(to: scratch.appendingPathComponent("\(drawing.name).svg"))
    let outcome = try converter.run(
      ["--zoom=2", "--output=\(drawing.name).png", "\(drawing.name).svg"], in: scratch,
      limits: .init(seconds: 60, bytes: 1_000_000))
    guard outcome.status == 0 else {
      throw ReportsError(
        .unwritable,
        "\(converter.file.path) cannot turn a drawing into a picture (\(outcome.ending)): \(outcome.messages.suffix(500))"
      )
    }
  }

  /// A day's beginning in seconds since 1970; ZIP knows no time before 1980.
  private static func epoch(_ day: String?) -> String {
    let formatter = ISO8601DateFormatter()
    let date = day.flatMap { formatter.date(from: "\($0)T00:00:00Z") }
    return String(max(315_532_800, Int(date?.timeIntervalSince1970 ?? 0)))
  }
}
