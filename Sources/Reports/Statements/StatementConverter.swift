import Evidence
import Foundation
import Project

/// Turns a statement that was written in a word processor into the text of a statement file, with pandoc if it is installed.
///
/// The document begins with its front matter: lines `key: value`, or a table of two columns. Then come headings (Heading 2, or
/// Heading 1 throughout) that name elements. pandoc reads the document's bytes from standard input, in its sandbox, with bounded time,
/// memory and output; no shell is asked, and no raw HTML comes out.
struct StatementConverter {
  /// The endings of files that are converted, which are pandoc's names of the formats.
  static let formats = ["docx", "odt"]

  private static let limits = ExternalProgram.Limits(seconds: 60, bytes: ProjectLimits.statementBytes)

  private let program: ExternalProgram
  /// Name and version, e.g. `pandoc 2.17.1.1`.
  let tool: String

  /// The pandoc of the search path.
  /// - Parameter file: the statement that needs it, as it is called in messages.
  /// - Throws: `ReportsError` `badStatement` with the remedy if there is none, or it does not run.
  init(for file: String, path: String = ProcessInfo.processInfo.environment["PATH"] ?? "") throws {
    guard let program = ExternalProgram.find(["pandoc"], path: path)?.program else {
      throw ReportsError(
        .badStatement,
        "\(file): statements of word processors are read with pandoc, which is not on the search path. Install it (Debian: apt "
          + "install pandoc), or save the statement as Markdown (.md), or move the file out of this folder.")
    }
    self.program = program
    let said = try Self.run(program, ["--version"], input: Data(), file: file)
    let line = String(decoding: said, as: UTF8.self).prefix { !$0.isNewline }
    tool = String(line.filter { $0.isASCII && ($0.isLetter || $0.isNumber || " .-".contains($0)) }.prefix(40))
  }

  /// The text of a statement file that a document's bytes amount to.
  /// - Throws: `ReportsError` `badStatement` if pandoc cannot read it, or if it does not begin with front matter.
  func markdown(_ bytes: Data, format: String, file: String) throws -> String {
    var text = try convert(bytes, format: format, shift: 0, file: file)
    let levels = Set(MarkdownOutline(text).headings.map(\.level))
    // Who writes with Heading 1 throughout means what others write with Heading 2.
    if levels.contains(1), !levels.contains(2) { text = try convert(bytes, format: format, shift: 1, file: file) }
    return try WrittenHead(text, file: file).statement
  }

  private func convert(_ bytes: Data, format: String, shift: Int, file: String) throws -> String {
    let text = try Self.run(
      program,
      [
        "+RTS", "-M512M", "-RTS", "--sandbox", "--from=\(format)", "--to=gfm-raw_html", "--wrap=none",
        "--shift-heading-level-by=\(shift)", "-",
      ], input: bytes, file: file)
    return try TextFile.decode(text, as: file)
  }

  private static func run(
    _ program: ExternalProgram, _ arguments: [String], input: Data, file: String
  ) throws -> Data {
    let outcome = try ExternalProgram.withScratch { scratch in
      // No settings of the person who runs it: the same document gives the same text.
      try program.run(
        arguments, input: input, in: scratch, limits: limits,
        environment: ["HOME": scratch.path, "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"])
    }
    guard outcome.status == 0 else {
      let status = outcome.status.map { "exit \($0)" } ?? "ended for its time or size"
      let said = PlainText.oneLine(outcome.messages)
      throw ReportsError(
        .badStatement,
        "\(file): \(program.file.path) (version 2.15 or later is needed) could not read it (\(status)): \(said.prefix(300)). Is it a "
          + "\(formats.joined(separator: " or ")) document? Open it in the word processor and save it again, or as Markdown."
      )
    }
    return outcome.output
  }
}

/// The front matter of a document that was written in a word processor, and what follows it.
struct WrittenHead {
  /// The text as a statement file has it.
  let statement: String

  /// - Parameter text: the document as Markdown.
  /// - Throws: `ReportsError` `badStatement` if it begins with no line `key: value`.
  init(_ text: String, file: String) throws {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var head: [(key: String, value: String)] = []
    var next = 0
    for line in lines {
      if let entry = Self.entry(line) {
        head.append(entry)
      } else if !Self.isSkipped(line) {
        break
      }
      next += 1
    }
    guard head.contains(where: { $0.key == "item" }) else {
      throw ReportsError(
        .badStatement,
        "\(file): there is no front matter. Begin the document with lines such as item: 2(b), responsible: …, function: …, date: … "
          + "and status: final, each a paragraph of its own, or with a table of two columns that holds them. If it is no statement, "
          + "keep it outside this folder.")
    }
    statement = (["---"] + (try Self.yaml(head)) + ["---", ""] + lines[next...]).joined(separator: "\n")
  }

  /// A line between entries that says nothing: an empty one, a rule, the border of a table.
  private static func isSkipped(_ line: String) -> Bool {
    line.unicodeScalars.allSatisfy { $0.properties.isWhitespace || "-–—_*\\|:".unicodeScalars.contains($0) }
  }

  /// `key: value`, or a table's row of the two.
  private static func entry(_ line: String) -> (key: String, value: String)? {
    var line = line.trimmingCharacters(in: .whitespaces)
    if line.hasSuffix("\\") { line.removeLast() }
    var (key, value) = ("", "")
    if line.hasPrefix("|") {
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
      guard cells.count == 4 else { return nil }
      (key, value) = (cells[1], cells[2])
    } else {
      guard let colon = line.firstIndex(of: ":") else { return nil }
      (key, value) = (String(line[..<colon]), String(line[line.index(after: colon)...]))
    }
    let name = unescaped(key).trimmingCharacters(in: CharacterSet(charactersIn: " *:\t")).lowercased()
      .replacing(" ", with: "_")
    guard !name.isEmpty, name.count <= 20, name.allSatisfy({ $0.isASCII && $0.isLetter || $0 == "_" }) else {
      return nil
    }
    return (name, unescaped(value).trimmingCharacters(in: .whitespaces.union(CharacterSet(charactersIn: "*"))))
  }

  /// Without the backslashes that pandoc puts before punctuation.
  private static func unescaped(_ text: String) -> String {
    var result = ""
    var isEscaped = false
    for character in text {
      if character == "\\", !isEscaped {
        isEscaped = true
        continue
      }
      if isEscaped, !(character.isASCII && (character.isPunctuation || character.isSymbol)) { result += "\\" }
      result.append(character)
      isEscaped = false
    }
    return result
  }

  /// The lines of front matter; every value is a text, whatever it holds.
  /// - Throws: `ReportsError` if a value cannot be written.
  private static func yaml(_ head: [(key: String, value: String)]) throws -> [String] {
    var lines: [String] = []
    let exclusions = head.filter { $0.key == "not_applicable" && !$0.value.isEmpty }
    for (key, value) in head where key != "not_applicable" {
      if value.isEmpty {
        lines.append("\(key):")
      } else if key == "model_versions" {
        let versions = try value.trimmingCharacters(in: CharacterSet(charactersIn: "[] ")).split(separator: ",").map {
          try YAMLText.quoted(String($0).trimmingCharacters(in: .whitespaces))
        }
        lines.append("\(key): [\(versions.joined(separator: ", "))]")
      } else {
        lines.append("\(key): \(try YAMLText.quoted(value))")
      }
    }
    guard !exclusions.isEmpty else { return lines }
    lines.append("not_applicable:")
    for exclusion in exclusions {
      let parts = exclusion.value.split(separator: ":", maxSplits: 1).map {
        String($0).trimmingCharacters(in: .whitespaces)
      }
      let reason = parts.count > 1 ? try YAMLText.quoted(parts[1]) : ""
      lines.append("  \(try YAMLText.quoted(parts.first ?? "")): \(reason)")
    }
    return lines
  }
}
