/// Renders a document as GitHub-flavoured Markdown. Every plain text is escaped; figures become caption, text
/// alternative and data table. The only HTML is an empty `<a id>` per anchor, made from checked anchors.
public struct MarkdownRenderer: Sendable {
  private let text: InterfaceText

  /// A renderer with the interface's words.
  public init(text: InterfaceText) { self.text = text }

  /// The whole document as one file, ending in a line end.
  /// - Throws: `ReportsError` if the document's anchors or shapes do not hold.
  public func render(_ document: Document) throws -> String {
    try document.check()
    var page = MarkdownPage(text: text, warning: document.warning)
    page.add("# " + MarkdownText.heading(document.title))
    if !document.subtitle.isEmpty { page.add(MarkdownText.escaped(document.subtitle, startsLine: true)) }
    page.add("**\(MarkdownText.escaped(text.words("page.contents")))**")
    page.add(contents(document.sections, depth: 0).joined(separator: "\n"))
    for section in document.sections { try page.add(section, level: 2) }
    return page.blocks.joined(separator: "\n\n") + "\n"
  }

  private func contents(_ sections: [Section], depth: Int) -> [String] {
    guard depth < 3 else { return [] }
    return sections.filter(\.isListed).flatMap { section in
      let badge = section.badge.map { " (\(MarkdownText.escaped($0.text)))" } ?? ""
      let indent = String(repeating: "  ", count: depth)
      let line = "\(indent)- [\(MarkdownText.escaped(section.heading))](#\(section.id))\(badge)"
      return [line] + contents(section.sections, depth: depth + 1)
    }
  }
}

/// The blocks of a page under construction; they are joined by blank lines.
private struct MarkdownPage {
  let text: InterfaceText
  /// What every part must say.
  let warning: String?
  var blocks: [String] = []
  var figures = 0

  init(text: InterfaceText, warning: String?) {
    self.text = text
    self.warning = warning
  }

  mutating func add(_ block: String) {
    if !block.isEmpty { blocks.append(block) }
  }

  mutating func add(_ section: Section, level: Int) throws {
    let badge = section.badge.map { " (\(MarkdownText.escaped($0.text)))" } ?? ""
    let hashes = String(repeating: "#", count: min(6, level))
    add("<a id=\"\(section.id)\"></a>")
    add(
      "\(hashes) \(badge.isEmpty ? MarkdownText.heading(section.heading) : MarkdownText.escaped(section.heading) + badge)"
    )
    if level == 2, let warning { add("> **\(emphasised(warning))**") }
    for block in section.blocks { try add(block, level: level) }
    for section in section.sections { try add(section, level: level + 1) }
  }

  mutating func add(_ block: Block, level: Int) throws {
    switch block {
    case .paragraph(let inlines): add(line(inlines))
    case .list(let items): add(items.map { "- " + line($0) }.joined(separator: "\n"))
    case .definitions(let definitions):
      add(
        definitions.map { "- **\(emphasised($0.term))**: " + line($0.explanation, startsLine: false) }
          .joined(separator: "\n"))
    case .quotation(let words, let citation):
      var quoted = PlainText.visible(words).splitScalars("\n").map { "> " + MarkdownText.escaped($0, startsLine: true) }
      quoted += [">", "> — " + MarkdownText.escaped(citation)]
      add(quoted.joined(separator: "\n"))
    case .markdown(let source, let files):
      add(try ProviderMarkdown(source, below: level, files: files, words: text.providerWords).markdown())
    case .table(let table): add(table)
    case .figure(let figure):
      figures += 1
      add("<a id=\"\(figure.id)\"></a>")
      add("**\(emphasised(text.figure(figures, figure.caption)))**")
      add("*\(emphasised(text.words("page.in-words")))* " + MarkdownText.escaped(figure.alternative))
      add(figure.data)
    case .notice(let kind, let inlines):
      add("> **\(emphasised(text.notice(kind)))** " + line(inlines, startsLine: false))
    case .details(let summary, let blocks):
      add("*\(emphasised(summary))*")
      for block in blocks { try add(block, level: level) }
    }
  }

  private mutating func add(_ table: Table) {
    add("*\(emphasised(table.caption))*")
    let rules = table.alignment.map { $0 == .right ? "---:" : "---" }
    var rows = [row(table.header.map { MarkdownText.escaped($0) }), row(rules)]
    rows += table.rows.map { cells in row(cells.map { line($0, inTable: true, startsLine: false) }) }
    add(rows.joined(separator: "\n"))
  }

  private func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

  /// Text between emphasis marks must not begin or end with white space.
  private func emphasised(_ text: String) -> String {
    MarkdownText.escaped(PlainText.visible(text).trimmingWhitespaceScalars())
  }

  private func strong(_ text: String) -> String {
    let content = emphasised(text)
    guard !content.isEmpty else { return "" }
    // The white space around the words is the sentence's and stays outside the marks.
    let scalars = PlainText.visible(text).unicodeScalars
    let isSpaced = (
      before: scalars.first?.properties.isWhitespace == true, after: scalars.last?.properties.isWhitespace == true
    )
    return "\(isSpaced.before ? " " : "")**\(content)**\(isSpaced.after ? " " : "")"
  }

  private func line(_ inlines: [Inline], inTable: Bool = false, startsLine: Bool = true) -> String {
    var result = ""
    for inline in inlines {
      switch inline {
      case .text(let text), .attributed(let text), .foreign(let text):
        result += MarkdownText.escaped(text, startsLine: startsLine && result.isEmpty)
      case .strong(let text): result += strong(text)
      case .code(let text):
        result += MarkdownText.code(text, inTable: inTable, touchesCode: result.utf8.last == UInt8(ascii: "`"))
      case .link(let text, let target): result += "[\(MarkdownText.escaped(text))](\(destination(target)))"
      case .badge(let badge): result += strong(badge.text)
      case .anchor(let id): result += "<a id=\"\(id)\"></a>"
      }
    }
    return result
  }

  /// A link's target: an anchor of this document, or a relative path, percent-encoded.
  private func destination(_ target: String) -> String { LinkTarget.encoded(target) }
}
