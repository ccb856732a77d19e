import Evidence
import Foundation
import Project

/// Reads one statement file: front matter between two `---` lines, then Markdown under headings that name elements.
struct StatementParser {
  /// The law's items, against which item and headings are checked.
  let catalogue: LawCatalogue
  /// The file as it is called in messages.
  let file: String

  private static let keys = [
    "item", "responsible", "function", "date", "status", "not_applicable", "model_versions", "owner", "due",
    "reviewer",
  ]

  /// Reads the file's bytes.
  /// - Throws: `ReportsError` for anything that cannot be what the provider meant; what is merely not filled in yet is kept as
  ///   such.
  func parse(_ bytes: Data) throws -> Statement {
    try parse(TextFile.decode(bytes, as: file), sha256: SHA256.digest(of: bytes).hex)
  }

  /// Reads the text of a file.
  /// - Parameter sha256: the digest of the file's bytes, hex.
  func parse(_ text: String, sha256: String) throws -> Statement {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let first = lines.first, Self.isFence(first),
      let end = lines.dropFirst().firstIndex(where: Self.isFence)
    else {
      throw ReportsError(
        .badStatement,
        "\(file), line 1: there is no front matter. Begin the file with a line ---, then item, responsible, function, date "
          + "and status, then a line ---. If it is no statement, keep it outside this folder.")
    }
    // The fence counts as a line.
    let head = try StrictMapping(
      yaml: "\n" + lines[1..<end].joined(separator: "\n"), file: file, keys: Self.keys,
      groups: ["not_applicable"])
    let item = try item(head)
    var statement = Statement(
      file: file, sha256: sha256, item: item.id,
      responsible: try head.optionalText("responsible"),
      function: try head.optionalText("function"), date: try head.optionalDate("date"), status: try status(head),
      modelVersions: try head.optionalTexts("model_versions"), notApplicable: try exclusions(head, item: item),
      parts: [],
      unassignedLine: nil, rawHTMLLines: [], assignment: try assignment(head))
    try readBody(Array(lines[(end + 1)...]), linesBefore: end + 1, of: item, into: &statement)
    try refuseContradictions(statement)
    return statement
  }

  private static func isFence(_ line: String) -> Bool {
    line.hasPrefix("---") && line.dropFirst(3).allSatisfy(\.isWhitespace)
  }

  private func item(_ head: StrictMapping) throws -> LawItem {
    let known = catalogue.items.map(\.id)
    guard let id = try head.optionalText("item") else {
      throw head.error(
        .missingKey, at: "item", "'item' is missing; say which item of Annex IV this states, e.g. item: 2(b).")
    }
    guard let item = catalogue.item(id) else {
      throw head.error(
        .unknownItem, at: "item",
        "Annex IV has no item '\(id)'\(Nearest.hint(id, among: known)) The items are \(known.joined(separator: ", ")).")
    }
    return item
  }

  private func status(_ head: StrictMapping) throws -> Statement.Status? {
    guard try head.optionalText("status") != nil else { return nil }
    return try head.choice("status", of: Statement.Status.self)
  }

  private func exclusions(_ head: StrictMapping, item: LawItem) throws -> [Statement.Exclusion] {
    guard let mapping = try head.optionalMapping("not_applicable", keys: []) else { return [] }
    var exclusions: [Statement.Exclusion] = []
    for key in mapping.presentKeys {
      guard item.element(key) != nil else { throw unknownElement(key, line: mapping.line(of: key), of: item) }
      guard let reason = try mapping.optionalText(key) else {
        throw mapping.error(
          .missingKey, at: key,
          "'\(key)' is said not to apply, but no reason is given; write the reason after the colon.")
      }
      exclusions.append(Statement.Exclusion(element: key, reason: reason, line: mapping.line(of: key)))
    }
    return exclusions
  }

  /// Who owes what the file is to declare, by when, and who reads it.
  private func assignment(_ head: StrictMapping) throws -> Assignment {
    func given<Value>(_ key: String, _ value: Value?) -> Assignment.Given<Value>? {
      value.map { .init($0, place: "\(file):\(head.line(of: key))") }
    }
    return Assignment(
      owner: given("owner", try head.optionalText("owner")), due: given("due", try head.optionalDate("due")),
      reviewer: given("reviewer", try head.optionalText("reviewer")))
  }

  /// Cuts the body at its second-level headings.
  private func readBody(
    _ lines: [String], linesBefore: Int, of item: LawItem, into statement: inout Statement
  ) throws {
    let outline = MarkdownOutline(lines.joined(separator: "\n"))
    statement.rawHTMLLines = outline.rawHTMLLines.map { $0 + linesBefore }
    let headings = outline.headings.filter { $0.level == 2 }
    let start = titleEnd(outline, lines)
    let preamble = lines[start..<((headings.first?.lines.lowerBound ?? lines.count + 1) - 1)]
    let blank = preamble.prefix { $0.allSatisfy(\.isWhitespace) }.count
    let first = part(
      of: preamble, line: linesBefore + start + blank + 1, linesBefore: linesBefore, element: item.elements[0].id)
    if item.elements.count == 1, headings.isEmpty {
      statement.parts = [first]
    } else if first.isVisible {
      statement.unassignedLine = first.line
    }
    for (index, heading) in headings.enumerated() {
      let line = linesBefore + heading.lines.lowerBound
      guard let element = HeadingName.element(heading.text, in: item) else {
        throw unknownElement(heading.text, line: line, of: item)
      }
      if let other = statement.parts.first(where: { $0.element == element.id }) {
        throw ReportsError(
          .duplicate,
          "\(file), line \(line): the heading '\(heading.text)' declares '\(element.id)' again, after line \(other.line); "
            + "put both texts under one heading.")
      }
      let next = index + 1 < headings.count ? headings[index + 1].lines.lowerBound - 1 : lines.count
      statement.parts.append(
        part(
          of: lines[heading.lines.upperBound..<next], line: line, linesBefore: linesBefore, element: element.id))
    }
  }

  /// How many lines a first-level heading at the top takes: it is the file's title and states nothing.
  private func titleEnd(_ outline: MarkdownOutline, _ lines: [String]) -> Int {
    guard let title = outline.headings.first, title.level == 1,
      !MarkdownOutline(lines[..<(title.lines.lowerBound - 1)].joined(separator: "\n")).hasVisibleText
    else { return 0 }
    return title.lines.upperBound
  }

  private func part(of lines: ArraySlice<String>, line: Int, linesBefore: Int, element: String) -> Statement.Part {
    let isBlank: (String) -> Bool = { $0.allSatisfy(\.isWhitespace) }
    let start = lines.firstIndex { !isBlank($0) } ?? lines.endIndex
    let end = lines.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start
    let markdown = lines[start..<end].joined(separator: "\n")
    return Statement.Part(
      element: element, markdown: markdown, line: line, textLine: linesBefore + start + 1,
      isVisible: MarkdownOutline(markdown).hasVisibleText)
  }

  private func unknownElement(_ name: String, line: Int, of item: LawItem) -> ReportsError {
    .unknownElement(
      name, place: "\(file), line \(line)", of: item, more: " For headings of your own use ### or deeper.")
  }

  private func refuseContradictions(_ statement: Statement) throws {
    for exclusion in statement.notApplicable {
      guard let part = statement.parts.first(where: { $0.element == exclusion.element && $0.isVisible }) else {
        continue
      }
      throw ReportsError(
        .badStatement,
        "\(file), line \(part.line): '\(part.element)' is declared here, but line \(exclusion.line) says that it does not "
          + "apply; keep one of the two.")
    }
  }
}
