import Foundation

@testable import Reports

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Documents for the renderer's tests.
enum RenderSamples {
  /// Texts that try to act on the page.
  static let hostile = [
    "<script>alert(1)</script>", "a | b | c", "`code` and ``more``", "[x](javascript:alert(1))",
    "{{title}} {% raw %} ${x}",
    "\u{202E}txt.exe and \u{2066}isolate\u{2069}", "first\nsecond\r\nthird", "# heading", "- item", "1. item",
    "1) item",
    "> quote", "    indented", "***", "===", "---", "| a |\n| - |", "&lt;b&gt; &amp; &#x41;", "<!-- c -->",
    "![i](http://e.x/i.png)",
    "http://example.org and www.example.org", "_under_ *star* ~~gone~~", "back\\slash \\| pipe",
    "</style></title></svg>",
    "\" onmouseover=\"x\" '", "null \u{0} bell \u{7}", "+ plus", "$x^2$ and $$y$$", "tail\\", "-", "", " ",
    "<![CDATA[x]]>", "]]>", "שלום and مرحبا", "[ref]: http://e.x", "\u{FEFF}mark", "\u{E0041}tag",
  ]

  /// One of everything, with `text` wherever a text can stand.
  static func everything(_ text: String) -> Document {
    let table = Table(
      caption: text, header: ["name", text], alignment: [.left, .right],
      rows: [[[.text(text)], [.strong(text)]], [[.code(text)], [.link(text: text, target: "#second")]]])
    let badge = Badge(kind: .partial, text: text.isEmpty ? "Partial" : text)
    let figures: [Block] = [
      .figure(
        Figure(
          id: "fig-map", caption: text, alternative: text,
          drawing: .heatMap(
            rows: ["L0", text], columns: ["H0", text], values: [[-0.5, 0.25], [nil, 1]], unit: "logits",
            marked: [.init(row: 0, column: 1)]), data: table)),
      .figure(
        Figure(
          id: "fig-tokens", caption: text, alternative: text,
          drawing: .tokens(tokens: ["Loan", " application", text], values: [0.1, -0.3, 0.02], unit: "logits"),
          data: table)),
      .figure(
        Figure(
          id: "fig-intervals", caption: text, alternative: text,
          drawing: .intervals(
            labels: [text, "female"], estimates: [(0.8, 0.7, 0.9), (0.75, 0.6, 0.85)], reference: 0.8, unit: "share"),
          data: table)),
    ]
    let first = Section(
      id: "first", heading: text.isEmpty ? "First" : text, badge: badge,
      blocks: [
        .paragraph([.text(text), .text(" "), .strong(text), .text(" "), .code(text), .text(" "), .badge(badge)]),
        .list([[.text(text)], [.code(text)]]),
        .definitions([Definition(text.isEmpty ? "term" : text, [.text(text)])]),
        .quotation(text: text, citation: text), .notice(kind: .missing, [.text(text)]), .table(table),
        .details(summary: text, [.paragraph([.text(text)])]), .markdown(text),
      ],
      sections: [Section(id: "inner", heading: "Inner", blocks: figures)])
    let second = Section(
      id: "second", heading: "Second", blocks: [.paragraph([.anchor("run-1"), .link(text: "run", target: "#run-1")])])
    return Document(title: "T " + text, subtitle: text, sections: [first, second])
  }

  /// The installed page.
  static func html(_ document: Document) throws -> String {
    try HTMLRenderer(text: InterfaceText.english(), page: PageTemplate()).render(document)
  }

  /// The Markdown.
  static func markdown(_ document: Document) throws -> String {
    try MarkdownRenderer(text: InterfaceText.english()).render(document)
  }
}

/// A small XML reader: a page that it accepts has balanced, properly nested tags and unique attributes.
final class MarkupReader: NSObject, XMLParserDelegate {
  struct Element: Equatable {
    var name: String
    var attributes: [String: String]
  }

  private(set) var elements: [Element] = []
  private(set) var text = ""

  /// Reads a page (or a fragment) after closing HTML's void elements.
  init?(_ html: String) {
    super.init()
    let closed = html.replacing("<!DOCTYPE html>", with: "").replacing("<br />", with: "")
      .replacing(/<meta([^>]*)>/) { "<meta\($0.output.1)/>" }
    let parser = XMLParser(data: Data("<root>\(closed)</root>".utf8))
    parser.delegate = self
    guard parser.parse() else { return nil }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    elements.append(Element(name: name, attributes: attributes))
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}
