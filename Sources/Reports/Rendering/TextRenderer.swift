/// Renders a document as plain text for a terminal: wrapped lines, aligned terms and columns, badges as words, figures as their
/// data. No colour; nothing that a text of strangers brings along acts on the terminal.
public struct TextRenderer: Sendable {
  private let text: InterfaceText
  private let width: Int
  private let opensDetails: Bool

  /// A renderer with the interface's words.
  /// - Parameters:
  ///   - width: the terminal's columns. What cannot be broken, e.g. a digest, is longer where it must be.
  ///   - opensDetails: whether details and the data of figures are printed, or only what they are and how long.
  public init(text: InterfaceText, width: Int = 80, opensDetails: Bool = true) {
    self.text = text
    self.width = max(24, width)
    self.opensDetails = opensDetails
  }

  /// The whole document, ending without a line end.
  /// - Throws: `ReportsError` if the document's anchors or shapes do not hold. Links are printed as their texts and may lead outside.
  public func render(_ document: Document) throws -> String {
    try document.check(linksLeadInside: false)
    var page = TextPage(text: text, width: width, opensDetails: opensDetails)
    let warning = document.warning.map { page.wrapped($0, first: "! ", rest: "  ") } ?? []
    // Only what code begins stands at the beginning of a line: words of strangers that are carried over cannot pass for a verdict.
    page.add(page.wrapped(document.title, rest: "  "))
    if !document.subtitle.isEmpty { page.lines += page.wrapped(document.subtitle, rest: "  ") }
    page.add(warning)
    for section in document.sections { try page.add(section, level: 2) }
    page.add(warning)
    // These have kept words together; whoever searches the text types an ordinary space.
    return page.lines.joined(separator: "\n").replacingScalars("\u{A0}", with: " ")
      .replacingScalars("\u{202F}", with: " ")
  }
}

/// The lines of a page under construction.
private struct TextPage {
  let text: InterfaceText
  let width: Int
  let opensDetails: Bool
  var lines: [String] = []

  /// Adds a block after a blank line.
  mutating func add(_ block: [String]) {
    guard !block.isEmpty else { return }
    if !lines.isEmpty { lines.append("") }
    lines += block
  }

  mutating func add(_ section: Section, level: Int) throws {
    let heading = wrapped(section.heading + (section.badge.map { " [\($0.text)]" } ?? ""), rest: "  ")
    let rule = level == 2 ? "=" : level == 3 ? "-" : ""
    let length = heading.map(TerminalText.columns).max() ?? 0
    add(heading + (rule.isEmpty ? [] : [String(repeating: rule, count: length)]))
    for block in section.blocks { try add(block) }
    for section in section.sections { try add(section, level: level + 1) }
  }

  mutating func add(_ block: Block) throws {
    switch block {
    case .paragraph(let inlines): add(wrapped(plain(inlines), first: "  ", rest: "  "))
    case .list(let items): add(items.flatMap { wrapped(plain($0), first: "  - ", rest: "    ") })
    case .definitions(let definitions): add(aligned(definitions))
    case .quotation(let words, let citation):
      add(words.splitScalars("\n").flatMap { wrapped($0, first: "  | ", rest: "  | ") })
      lines += wrapped("— " + citation, first: "  | ", rest: "  | ")
    case .markdown(let source, _): add(source.splitScalars("\n").flatMap { wrapped($0, first: "  ", rest: "  ") })
    case .table(let table): add(table)
    case .figure(let figure):
      if opensDetails { add(figure.data) } else { try close(figure.caption, [.table(figure.data)]) }
    case .notice(let kind, let inlines):
      add(wrapped("\(text.notice(kind)) \(plain(inlines))", first: "! ", rest: "  "))
    case .details(let summary, let blocks):
      guard opensDetails else { return try close(summary, blocks) }
      add(wrapped(summary + ":", first: "  ", rest: "  "))
      for block in blocks { try add(block) }
    }
  }

  /// Says what is left out and how much it is.
  private mutating func close(_ summary: String, _ blocks: [Block]) throws {
    var page = TextPage(text: text, width: width, opensDetails: true)
    for block in blocks { try page.add(block) }
    let words = text.words("terminal.closed", ["summary": .attributed(summary), "n": .count(page.lines.count)])
    add(wrapped(words, first: "  + ", rest: "    "))
  }

  /// Running text on one line; a badge is its word in brackets, a link its text.
  private func plain(_ inlines: [Inline]) -> String {
    inlines.map { inline in
      if case .badge(let badge) = inline { "[\(badge.text)]" } else { [inline].plainText }
    }.joined()
  }

  /// Lines of at most `width` columns, broken at spaces; a longer word stays whole, so that it can be copied.
  func wrapped(_ text: String, first: String = "", rest: String = "") -> [String] {
    lines(of: text, width: width - TerminalText.columns(of: rest)).enumerated().map {
      ($0.offset == 0 ? first : rest) + $0.element
    }
  }

  private func lines(of text: String, width: Int) -> [String] {
    var (lines, line, used) = ([String](), "", 0)
    let words = TerminalText.harmless(text).unicodeScalars.split(separator: " ", omittingEmptySubsequences: false)
    for (index, word) in words.map({ String($0) }).enumerated() {
      let columns = TerminalText.columns(of: word)
      if index > 0, used > 0, used + 1 + columns > width {
        lines.append(line)
        (line, used) = (word, columns)
      } else {
        line += (index > 0 ? " " : "") + word
        used += (index > 0 ? 1 : 0) + columns
      }
    }
    return lines + [line]
  }

  /// Terms in one column, explanations in the next; a term that is too long for its column stands on a line of its own.
  private func aligned(_ definitions: [Definition]) -> [String] {
    let terms = definitions.map { TerminalText.harmless($0.term) }
    let column = terms.map(TerminalText.columns).filter { $0 <= width * 3 / 8 }.max() ?? 0
    let indent = String(repeating: " ", count: column + 4)
    return zip(terms, definitions).flatMap { term, definition -> [String] in
      let explained = lines(of: plain(definition.explanation), width: width - column - 4)
      guard TerminalText.columns(of: term) <= column else {
        return wrapped(term, first: "  ", rest: "  ") + explained.map { indent + $0 }
      }
      return ["  " + Self.padded(term, to: column + 2) + explained[0]] + explained.dropFirst().map { indent + $0 }
    }
  }

  private static func padded(_ text: String, to columns: Int, right: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, columns - TerminalText.columns(of: text)))
    return right ? space + text : text + space
  }

  // MARK: Tables

  /// Columns as wide as their cells, headings broken to fit. Where that is too wide, the longest column of words is broken too; where
  /// that is not enough, columns are printed in groups, each beside the first; and where no column has room beside the first, each row
  /// is a list of what it says.
  private mutating func add(_ table: Table) {
    add(table.caption.isEmpty ? [] : wrapped(table.caption, first: "  ", rest: "  "))
    if table.caption.isEmpty, !lines.isEmpty { lines.append("") }
    let cells = table.rows.map { $0.map { TerminalText.harmless(plain($0)) } }
    func natural(headings: (String) -> [String]) -> [Int] {
      table.header.indices.map { column in
        (cells.map { $0[column] } + headings(table.header[column])).map(TerminalText.columns).max() ?? 0
      }
    }
    var widths = natural { [TerminalText.harmless($0)] }
    if widths.reduce(2 * widths.count, +) > width { widths = natural { lines(of: $0, width: 1) } }
    let excess = widths.reduce(2 * widths.count, +) - width
    let widest = widths.indices.filter { table.alignment[$0] == .left }.max { widths[$0] < widths[$1] }
    if excess > 0, let widest {
      // What stands in the last column may be longer than it: nothing comes after it.
      let words = widest == widths.count - 1 ? [] : cells.flatMap { lines(of: $0[widest], width: 1) }
      let least = words.map(TerminalText.columns).max() ?? 0
      if widths[widest] - excess >= max(24, least) { widths[widest] -= excess }
    }
    for (index, group) in groups(widths).enumerated() {
      guard widths[group[0]] + (group.count > 1 ? widths[group[1]] + 2 : 0) + 2 <= width else {
        return addAsLists(table)
      }
      if index > 0 { lines.append("") }
      let columns = group.map { (index: $0, width: widths[$0], right: table.alignment[$0] == .right) }
      func row(_ cells: [String]) -> [String] {
        let broken = columns.map { lines(of: cells[$0.index], width: $0.width) }
        return (0..<(broken.map(\.count).max() ?? 0)).map { number in
          let line = zip(broken, columns).map { cell, column in
            Self.padded(number < cell.count ? cell[number] : "", to: column.width, right: column.right)
          }
          var scalars = ("  " + line.joined(separator: "  ")).unicodeScalars
          while scalars.last == " " { scalars.removeLast() }
          return String(scalars)
        }
      }
      lines += row(table.header)
      lines.append("  " + columns.map { String(repeating: "-", count: $0.width) }.joined(separator: "  "))
      lines += cells.flatMap(row)
    }
  }

  /// Which columns stand side by side: all that fit, the first in every group.
  private func groups(_ widths: [Int]) -> [[Int]] {
    var (groups, used) = ([[Int]](), 0)
    for column in widths.indices.dropFirst() {
      if groups.isEmpty || used + widths[column] + 2 > width {
        groups.append([0])
        used = widths[0] + 2
      }
      groups[groups.count - 1].append(column)
      used += widths[column] + 2
    }
    return groups.isEmpty ? [Array(widths.indices)] : groups
  }

  private mutating func addAsLists(_ table: Table) {
    for row in table.rows {
      lines += wrapped("\(table.header[0]): \(plain(row[0]))", first: "  - ", rest: "    ")
      for (heading, cell) in zip(table.header, row).dropFirst() {
        lines += wrapped("\(heading): \(plain(cell))", first: "    ", rest: "      ")
      }
    }
  }
}
