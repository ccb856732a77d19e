import CCmarkGFM
import Foundation
import Testing

@testable import Reports

/// cmark-gfm as a judge: the words and the elements of a Markdown text as GitHub's own library reads it.
enum CmarkJudge {
  static func html(_ markdown: String) throws -> String {
    cmark_gfm_core_extensions_ensure_registered()
    let parser = try #require(cmark_parser_new(CMARK_OPT_DEFAULT))
    defer { cmark_parser_free(parser) }
    for name in ["table", "strikethrough", "autolink", "tasklist"] {
      cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension(name))
    }
    let bytes = markdown.utf8.map { CChar(bitPattern: $0) }
    cmark_parser_feed(parser, bytes, bytes.count)
    let root = try #require(cmark_parser_finish(parser))
    defer { cmark_node_free(root) }
    let text = try #require(cmark_render_html(root, CMARK_OPT_UNSAFE, nil))
    defer { free(text) }
    return String(cString: text)
  }
}

@Suite("The Markdown file")
struct RenderMarkdownTests {
  private func document(_ blocks: [Block]) -> Document {
    Document(title: "T", subtitle: "S", sections: [Section(id: "first", heading: "H", blocks: blocks)])
  }

  /// White space collapsed and control characters made visible, as a page shows a text.
  private func words(_ text: String) -> String { PlainText.oneLine(text) }

  @Test("hostile text reads back as the same text through cmark-gfm", arguments: RenderSamples.hostile)
  func hostileText(_ text: String) throws {
    let table = Table(
      caption: "c", header: ["a", "b"], alignment: [.left, .left], rows: [[[.text(text)], [.code(text)]]],
      firstColumnNamesRow: false)
    let blocks: [Block] = [
      .paragraph([.text(text)]), .paragraph([.text("x "), .strong(text), .text(" y")]), .list([[.text(text)]]),
      .quotation(text: text, citation: text), .notice(kind: .note, [.text(text)]), .table(table),
    ]
    for block in blocks {
      let judged = try CmarkJudge.html(try RenderSamples.markdown(document([block])))
      let plain = try CmarkJudge.html(try RenderSamples.markdown(document([placeholder(for: block)])))
      let read = try #require(MarkupReader(judged), "\(judged)")
      let reference = try #require(MarkupReader(plain))
      let allowed = Set(reference.elements.map(\.name)).union(text.contains("\n") ? ["p"] : [])
      #expect(Set(read.elements.map(\.name)).subtracting(allowed) == [], "\(judged)")
      #expect(words(text).isEmpty || words(read.text).contains(words(text)), "\(judged)")
      #expect(read.elements.count { $0.name == "td" } == reference.elements.count { $0.name == "td" })
      #expect(read.elements.filter { $0.name == "a" }.allSatisfy { ($0.attributes["href"] ?? "#").hasPrefix("#") })
    }
  }

  private func placeholder(for block: Block) -> Block {
    switch block {
    case .paragraph(let inlines):
      .paragraph(inlines.count == 1 ? [.text("x")] : [.text("x"), .strong("x"), .text("y")])
    case .list: .list([[.text("x")]])
    case .quotation: .quotation(text: "x", citation: "x")
    case .notice(let kind, _): .notice(kind: kind, [.text("x")])
    case .table(var table):
      .table(
        {
          table.rows = [[[.text("x")], [.code("x")]]]; return table
        }())
    default: block
    }
  }

  @Test("every link of the contents leads to an anchor of the file")
  func anchors() throws {
    let judged = try CmarkJudge.html(try RenderSamples.markdown(RenderSamples.everything("plain")))
    let reader = try #require(MarkupReader(judged))
    let ids = reader.elements.compactMap { $0.attributes["id"] }
    let targets = reader.elements.compactMap { $0.attributes["href"] }
    #expect(ids.count == Set(ids).count)
    #expect(targets.count >= 3)
    for target in targets { #expect(ids.contains(String(target.dropFirst()))) }
  }

  @Test("a figure becomes its caption, its text alternative and its numbers")
  func figures() throws {
    let text = try RenderSamples.markdown(RenderSamples.everything("plain"))
    let judged = try #require(MarkupReader(try CmarkJudge.html(text)))
    #expect(text.contains("**Figure 1. plain**") && text.contains("**Figure 3. plain**"))
    #expect(text.contains("*In words.* plain"))
    #expect(judged.elements.count { $0.name == "table" } == 4)
  }

  @Test("the space after emphasised words stays a space")
  func spaced() throws {
    let text = try RenderSamples.markdown(
      Document(
        title: "t", subtitle: "s",
        sections: [
          Section(
            id: "one", heading: "One",
            blocks: [
              .paragraph([.text("see "), .strong("Stale: "), .text("6 elements, "), .strong(" all"), .text(".")])
            ])
        ]))
    #expect(text.contains("see **Stale:** 6 elements,  **all**."))
    #expect(try #require(MarkupReader(try CmarkJudge.html(text))).text.contains("Stale: 6 elements"))
  }
}

@Suite("The provider's Markdown")
struct RenderProviderMarkdownTests {
  private static let words = ProviderMarkdown.Words(
    rawHTMLRemoved: "(raw HTML removed)", pictureNotShown: (before: "(picture not shown: ", behind: ")"))

  private func html(_ source: String) throws -> String {
    try ProviderMarkdown(source, below: 4, words: Self.words).html { "Table \($0)" }
  }

  @Test("where raw HTML was all there was, a remark says so")
  func onlyRawHTML() throws {
    #expect(try html("</style></title>") == "<p>(raw HTML removed)</p>\n")
  }

  @Test("raw HTML is dropped, the words between inline tags stay")
  func rawHTML() throws {
    #expect(try html("a <b onclick=\"x\">bold</b> b") == "<p>a bold b</p>\n")
    #expect(try html("<script>alert(1)</script>\n\nafter") == "<p>(raw HTML removed)</p>\n<p>after</p>\n")
    #expect(try !ProviderMarkdown("<div>x</div>\n\n<i>y</i>", below: 2, words: Self.words).markdown().contains("<"))
  }

  @Test(
    "only http, https and mailto links stay links; a path keeps its words and the path",
    arguments: [
      ("[x](javascript:alert(1))", "<p>x</p>\n"), ("[x](JaVaScRiPt:alert(1))", "<p>x</p>\n"),
      ("[x](data:text/html;base64,AAAA)", "<p>x</p>\n"), ("[x](vbscript:y)", "<p>x</p>\n"),
      ("[x](https://example.org/a)", "<p><a href=\"https://example.org/a\">x</a></p>\n"),
      ("[x](other.md)", "<p>x (other.md)</p>\n"), ("<javascript:alert(1)>", "<p>javascript:alert(1)</p>\n"),
      (
        "![plan](https://example.org/p.png)",
        "<p>(picture not shown: <a href=\"https://example.org/p.png\">plan</a>)</p>\n"
      ),
      (
        "[![i](https://example.org/j.png)](https://example.org)",
        "<p><a href=\"https://example.org\">(picture not shown: i)</a></p>\n"
      ),
      ("[**b** ![i](j.png)](javascript:k)", "<p><strong>b</strong> (picture not shown: i)</p>\n"),
    ])
  func links(_ source: String, _ expected: String) throws {
    #expect(try html(source) == expected)
  }

  @Test("GFM tables, strikethrough and bare links work; a table scrolls in a named region")
  func extensions() throws {
    let table = try html("| a | b |\n|--|--:|\n| 1 | 2 |")
    #expect(table.hasPrefix("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Table 1\"><table>"))
    #expect(table.contains("<th scope=\"col\">a</th>"))
    #expect(table.contains("<th scope=\"col\" style=\"text-align: right\">b</th>"))
    #expect(table.contains("</table></div>"))
    #expect(try html("~~old~~") == "<p><del>old</del></p>\n")
    #expect(try html("see https://example.org/x").contains("<a href=\"https://example.org/x\">"))
  }

  @Test("what cannot be a tag of cmark's own stays text, even if it looks like one")
  func lookalikes() throws {
    #expect(try html("`<table>` and \\<table\\>") == "<p><code>&lt;table&gt;</code> and &lt;table&gt;</p>\n")
  }

  @Test("headings are shifted below the section and never skip a level or pass 6")
  func headings() throws {
    #expect(try html("### a\n\n##### b\n\n## c") == "<h5>a</h5>\n<h6>b</h6>\n<h5>c</h5>\n")
    let deep = try html("# a\n\n## b\n\n### c\n\n#### d")
    #expect(deep == "<h5>a</h5>\n<h6>b</h6>\n<h6>c</h6>\n<h6>d</h6>\n")
  }

  @Test("direction overrides in a statement become visible")
  func directions() throws {
    #expect(try html("a \u{202E}b") == "<p>a ⟦U+202E⟧b</p>\n")
  }

  private static let statements = [
    "- one\n- two\n  - inner\n- three", "1. one\n2. two\n\n   more\n", "> quoted\n> - item", "```\ncode | x\n```",
    "| a | b |\n|---|--:|\n| `x` | 2 |", "a *b* **c** ~~d~~ `e`", "text\n\n- [x] task", "hard\\\nbreak", "* a\n\n* b",
    "## heading\n\ntext\n\n---\n\nmore", "see <https://example.org/a?b=c&d=e>", "a (b) [c] {d} #e 1. f - g",
  ]

  @Test("the Markdown that is written again renders like the statement", arguments: statements + RenderSamples.hostile)
  func reEmission(_ source: String) throws {
    let first = try ProviderMarkdown(source, below: 2, words: Self.words)
    // A heading that was shifted to level 3 is one level below a section of level 2 again.
    let again = try ProviderMarkdown(first.markdown(), below: 2, words: Self.words)
    #expect(again.html { "\($0)" } == first.html { "\($0)" })
  }
}
