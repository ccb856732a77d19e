/// Renders a document as one self-contained HTML file: no script, no external reference, figures as inline SVG.
public struct HTMLRenderer: Sendable {
  private let text: InterfaceText
  private let page: PageTemplate

  /// A renderer with the interface's words and the page's looks.
  public init(text: InterfaceText, page: PageTemplate) {
    self.text = text
    self.page = page
  }

  /// The whole page.
  /// - Throws: `ReportsError` if the document's anchors or shapes do not hold.
  public func render(_ document: Document) throws -> String {
    try document.check()
    var body = HTMLBody(text: text)
    if let warning = document.warning { body.add(warning: warning) }
    for section in document.sections { try body.add(section, level: 2) }
    return page.render(
      [
        .language: PlainText.oneLine(document.language),
        .title: PlainText.oneLine(document.title),
        .subtitle: PlainText.oneLine(document.subtitle),
        .skipToContent: text.words("page.skip-to-content"),
        .contents: text.words("page.contents"),
        .contentsList: contents(document.sections, depth: 0),
        .body: body.html,
      ], addedStyle: document.warning.map(PrintedWarning.style) ?? "")
  }

  private func contents(_ sections: [Section], depth: Int) -> String {
    let listed = sections.filter(\.isListed)
    guard depth < 3, !listed.isEmpty else { return "" }
    let items = listed.map { section in
      let badge = section.badge.map { " " + HTMLBody.html($0) } ?? ""
      let inner = contents(section.sections, depth: depth + 1)
      return "<li><a href=\"#\(section.id)\">\(PlainText.html(section.heading))</a>\(badge)\(inner)</li>"
    }
    return "<ul>\n" + items.joined(separator: "\n") + "\n</ul>\n"
  }
}

/// The body of a page under construction.
struct HTMLBody {
  let text: InterfaceText
  private(set) var html = ""
  private var figures = 0
  private var tables = 0
  private var providerTables = 0

  init(text: InterfaceText) { self.text = text }

  /// Stays in sight on screen; `PrintedWarning` prints it on every page.
  mutating func add(warning: String) {
    html += "<p class=\"warning\" role=\"note\">\(PlainText.html(warning))</p>\n"
  }

  mutating func add(_ section: Section, level: Int) throws {
    let tag = "h\(min(6, level))"
    let badge = section.badge.map { " " + Self.html($0) } ?? ""
    html += "<section id=\"\(section.id)\" class=\"level-\(level)\">\n"
    html += "<\(tag)>\(PlainText.html(section.heading))\(badge)</\(tag)>\n"
    for block in section.blocks { try add(block, level: level) }
    for section in section.sections { try add(section, level: level + 1) }
    html += "</section>\n"
  }

  mutating func add(_ block: Block, level: Int) throws {
    switch block {
    case .paragraph(let inlines): html += "<p>\(Self.html(inlines))</p>\n"
    case .list(let items):
      html += "<ul>\n" + items.map { "<li>\(Self.html($0))</li>\n" }.joined() + "</ul>\n"
    case .definitions(let definitions):
      html += "<dl>\n"
      for definition in definitions {
        html += "<dt>\(PlainText.html(definition.term))</dt><dd>\(Self.html(definition.explanation))</dd>\n"
      }
      html += "</dl>\n"
    case .quotation(let words, let citation):
      let lines = PlainText.visible(words).splitScalars("\n").filter { !$0.isEmpty }.map {
        "<p>\(PlainText.html($0))</p>"
      }
      func marked(_ language: String) -> String { text.differsFromLaw ? " lang=\"\(PlainText.html(language))\"" : "" }
      html +=
        "<blockquote class=\"law\"\(marked(InterfaceText.lawLanguage))>\(lines.joined())"
        + "<footer\(marked(text.language))>\(PlainText.html(citation))</footer></blockquote>\n"
    case .markdown(let source, let files): try addStatement(source, files, level: level)
    case .table(let table): add(table)
    case .figure(let figure): add(figure)
    case .notice(let kind, let inlines):
      html += "<p class=\"notice notice-\(kind.rawValue)\"><strong>\(PlainText.html(text.notice(kind)))</strong> "
      html += "\(Self.html(inlines))</p>\n"
    case .details(let summary, let blocks):
      html += "<details><summary>\(PlainText.html(summary))</summary>\n"
      for block in blocks { try add(block, level: level) }
      html += "</details>\n"
    }
  }

  private mutating func addStatement(_ source: String, _ files: [FileReference], level: Int) throws {
    let text = text
    let statement = try ProviderMarkdown(source, below: min(6, level), files: files, words: text.providerWords)
    let first = providerTables
    var here = 0
    let rendered = statement.html { number in
      here = max(here, number)
      return text.words("page.provider-table", ["number": .text(String(first + number))])
    }
    providerTables += here
    html += "<div class=\"statement\">\n\(rendered)</div>\n"
  }

  mutating func add(_ table: Table) {
    tables += 1
    let caption = "table-\(tables)-caption"
    html += "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"\(caption)\">\n<table>\n"
    html += "<caption id=\"\(caption)\"><span>\(PlainText.html(table.caption))</span></caption>\n<thead><tr>"
    for (heading, alignment) in zip(table.header, table.alignment) {
      html += "<th scope=\"col\"\(Self.style(alignment))>\(PlainText.html(heading))</th>"
    }
    html += "</tr></thead>\n<tbody>\n"
    for row in table.rows {
      html += "<tr>"
      for (column, (cell, alignment)) in zip(row, table.alignment).enumerated() {
        let names = column == 0 && table.firstColumnNamesRow
        let tag = names ? "th" : "td"
        html += "<\(tag)\(names ? " scope=\"row\"" : "")\(Self.style(alignment))>\(Self.html(cell))</\(tag)>"
      }
      html += "</tr>\n"
    }
    html += "</tbody>\n</table>\n</div>\n"
  }

  private mutating func add(_ figure: Figure) {
    figures += 1
    let caption = text.figure(figures, figure.caption)
    html += "<figure id=\"\(figure.id)\">\n<figcaption>\(PlainText.html(caption))</figcaption>\n"
    for variant in SVG(text: text).variants(of: figure) {
      let label = PlainText.html(caption)
      html += "<div class=\"drawing \(variant.cssClass)\" role=\"region\" tabindex=\"0\" aria-label=\"\(label)\">"
      html += "\(variant.svg)</div>\n"
    }
    html += "<p class=\"alternative\">\(PlainText.html(figure.alternative))</p>\n"
    html +=
      "<details><summary>\(PlainText.html(text.words("page.data", ["number": .text(String(figures))])))</summary>\n"
    add(figure.data)
    html += "</details>\n</figure>\n"
  }

  /// Running text.
  static func html(_ inlines: [Inline]) -> String {
    inlines.map { inline in
      switch inline {
      case .text(let text), .attributed(let text): PlainText.html(text)
      case .foreign(let text): "<span lang=\"\(InterfaceText.lawLanguage)\">\(PlainText.html(text))</span>"
      case .strong(let text): "<strong>\(PlainText.html(text))</strong>"
      case .code(let text): "<code>\(PlainText.html(text))</code>"
      case .link(let text, let target):
        "<a href=\"\(PlainText.html(LinkTarget.encoded(target)))\">\(PlainText.html(text))</a>"
      case .badge(let badge): html(badge)
      case .anchor(let id): "<span id=\"\(id)\"></span>"
      }
    }.joined()
  }

  /// A status: its word, a border style and a colour.
  static func html(_ badge: Badge) -> String {
    "<span class=\"badge badge-\(badge.kind.rawValue)\">\(PlainText.html(badge.text))</span>"
  }

  private static func style(_ alignment: Table.Alignment) -> String {
    alignment == .right ? " class=\"number\"" : ""
  }
}
