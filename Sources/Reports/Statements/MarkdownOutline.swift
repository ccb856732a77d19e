import CCmarkGFM

/// What of a Markdown text matters before it is rendered: its top-level headings, whether anything in it will be visible, and
/// where it holds raw HTML (which is never shown). cmark-gfm reads it, as it does for rendering, so both see the same headings.
struct MarkdownOutline {
  /// A heading that stands in no list or quotation.
  struct Heading: Equatable {
    /// 1 to 6.
    var level: Int
    /// Its words, without markup.
    var text: String
    /// Its first and last line, from 1.
    var lines: ClosedRange<Int>
  }

  /// The headings in order.
  private(set) var headings: [Heading] = []
  /// Whether any letter or digit outside headings will be visible once raw HTML is dropped.
  private(set) var hasVisibleText = false
  /// The first lines of top-level blocks that hold raw HTML other than comments, from 1.
  private(set) var rawHTMLLines: [Int] = []

  /// Reads a text.
  /// - Complexity: linear in its length.
  init(_ markdown: String) {
    var markdown = markdown
    let document = markdown.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { cmark_parse_document($0.baseAddress, $0.count, CMARK_OPT_DEFAULT) }
    }
    guard let document else { return }
    defer { cmark_node_free(document) }
    let lines = markdown.split(separator: "\n", omittingEmptySubsequences: false)
    var block = cmark_node_first_child(document)
    while let current = block {
      read(block: current, lines: lines)
      block = cmark_node_next(current)
    }
  }

  private mutating func read(block: OpaquePointer, lines: [Substring]) {
    let start = Int(cmark_node_get_start_line(block))
    let content = Content(of: block)
    if content.hasRawHTML { rawHTMLLines.append(start) }
    if cmark_node_get_type(block) == CMARK_NODE_HEADING {
      headings.append(
        Heading(
          level: Int(cmark_node_get_heading_level(block)), text: content.text,
          lines: start...Self.lastLine(ofHeadingAt: start, lines)))
    } else if content.text.contains(where: { $0.isLetter || $0.isNumber }) {
      hasVisibleText = true
    }
  }

  /// The last line of a heading: its own, or the one that underlines it. (cmark's end line of an underlined heading is the
  /// line after it.)
  private static func lastLine(ofHeadingAt start: Int, _ lines: [Substring]) -> Int {
    let isUnderline: (Substring) -> Bool = { line in
      let marks = line.filter { !$0.isWhitespace }
      return !marks.isEmpty && (marks.allSatisfy { $0 == "-" } || marks.allSatisfy { $0 == "=" })
    }
    guard lines.indices.contains(start - 1), lines[start - 1].first(where: { !$0.isWhitespace }) != "#" else {
      return start
    }
    return lines[start...].firstIndex(where: isUnderline).map { $0 + 1 } ?? start
  }

  /// The words and the raw HTML under a node.
  private struct Content {
    var text = ""
    var hasRawHTML = false

    init(of block: OpaquePointer) {
      guard let iterator = cmark_iter_new(block) else { return }
      defer { cmark_iter_free(iterator) }
      while case let event = cmark_iter_next(iterator), event != CMARK_EVENT_DONE {
        guard event == CMARK_EVENT_ENTER, let node = cmark_iter_get_node(iterator) else { continue }
        let literal = cmark_node_get_literal(node).map { String(cString: $0) } ?? ""
        switch cmark_node_get_type(node) {
        case CMARK_NODE_TEXT, CMARK_NODE_CODE, CMARK_NODE_CODE_BLOCK: text += literal
        case CMARK_NODE_SOFTBREAK, CMARK_NODE_LINEBREAK: text += " "
        case CMARK_NODE_HTML_BLOCK, CMARK_NODE_HTML_INLINE:
          if !literal.drop(while: \.isWhitespace).hasPrefix("<!--") { hasRawHTML = true }
        default: break
        }
      }
    }
  }
}
