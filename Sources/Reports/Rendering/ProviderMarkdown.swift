import CCmarkGFM
import Foundation

/// The provider's Markdown (GFM tables, strikethrough, bare links), read by cmark-gfm and made harmless: raw HTML is
/// dropped, links keep only `http`, `https` and `mailto`, images become their description, headings are shifted
/// below the section that holds them without skipping a level.
struct ProviderMarkdown {
  private let tree: Tree

  /// Reads a statement.
  /// - Parameters:
  ///   - source: Markdown as the provider wrote it.
  ///   - level: the heading level of the enclosing section, 1 to 6.
  /// - Throws: `ReportsError` when cmark-gfm refuses the text.
  init(_ source: String, below level: Int) throws {
    tree = try Tree(PlainText.visible(source))
    tree.dropRawHTML()
    tree.disarmLinks()
    tree.shiftHeadings(below: level)
  }

  /// HTML without ids, classes or scripts; each table in a scrolling region of its own.
  /// - Parameter label: names the region of the n-th table, counted from 1.
  func html(tableLabel label: (Int) -> String) -> String {
    let html = tree.render { cmark_render_html($0, ProviderMarkdown.options, nil) }
    // cmark escapes every literal '<', so these tags can only be its own.
    let pieces = html.replacingScalars("<th>", with: "<th scope=\"col\">")
      .replacingScalars("<th style", with: "<th scope=\"col\" style").replacingScalars(
        "</table>", with: "</table></div>"
      )
      .splitScalars("<table>")
    var result = pieces[0]
    for (index, piece) in pieces.dropFirst().enumerated() {
      let name = PlainText.html(label(index + 1))
      result += "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"\(name)\"><table>" + piece
    }
    return result
  }

  /// The same as CommonMark, for the Markdown dossier.
  func markdown() -> String {
    let text = tree.render { cmark_render_commonmark($0, ProviderMarkdown.options, 0) }
    // Leading spaces stay: cmark indents every item of a list alike.
    return text.trimmingCharacters(in: .newlines)
  }

  /// The words alone, for the JSON dossier's readers and for tests.
  func plainText() -> String {
    tree.render { cmark_render_plaintext($0, ProviderMarkdown.options, 0) }
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  fileprivate static let options = CMARK_OPT_VALIDATE_UTF8 | CMARK_OPT_TABLE_PREFER_STYLE_ATTRIBUTES
}

/// Owns a cmark document; freed with it.
private final class Tree {
  private let root: OpaquePointer

  init(_ source: String) throws {
    cmark_gfm_core_extensions_ensure_registered()
    guard let parser = cmark_parser_new(ProviderMarkdown.options) else {
      throw ReportsError(.notRendered, "cmark-gfm has no memory for a parser: free some memory and run again")
    }
    defer { cmark_parser_free(parser) }
    for name in ["table", "strikethrough", "autolink"] {
      guard let syntax = cmark_find_syntax_extension(name), cmark_parser_attach_syntax_extension(parser, syntax) == 1
      else {
        throw ReportsError(
          .notRendered, "cmark-gfm has no extension '\(name)': install libcmark-gfm-extensions-dev and build again")
      }
    }
    let bytes = Array(source.utf8)
    bytes.withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: CChar.self) { cmark_parser_feed(parser, $0.baseAddress, $0.count) }
    }
    guard let root = cmark_parser_finish(parser) else {
      throw ReportsError(.notRendered, "cmark-gfm could not read a provider's statement: check its Markdown")
    }
    self.root = root
  }

  deinit { cmark_node_free(root) }

  /// Runs one of cmark's renderers and takes over its memory.
  func render(_ renderer: (OpaquePointer) -> UnsafeMutablePointer<CChar>?) -> String {
    guard let text = renderer(root) else { return "" }
    defer { free(text) }
    return String(cString: text)
  }

  /// Every node of the given types, in document order.
  private func nodes(where wanted: (cmark_node_type) -> Bool) -> [OpaquePointer] {
    guard let iterator = cmark_iter_new(root) else { return [] }
    defer { cmark_iter_free(iterator) }
    var found: [OpaquePointer] = []
    while true {
      let event = cmark_iter_next(iterator)
      if event == CMARK_EVENT_DONE { return found }
      guard event == CMARK_EVENT_ENTER, let node = cmark_iter_get_node(iterator) else { continue }
      if wanted(cmark_node_get_type(node)) { found.append(node) }
    }
  }

  /// Raw HTML leaves a remark where nothing else is left; an inline tag beside words leaves nothing (the words stay).
  func dropRawHTML() {
    for node in nodes(where: { $0 == CMARK_NODE_HTML_BLOCK }) {
      if let paragraph = cmark_node_new(CMARK_NODE_PARAGRAPH) {
        appendRemark(to: paragraph)
        cmark_node_insert_before(node, paragraph)
      }
      remove(node)
    }
    for node in nodes(where: { $0 == CMARK_NODE_HTML_INLINE }) { remove(node) }
    for node in nodes(where: { $0 == CMARK_NODE_PARAGRAPH || $0 == CMARK_NODE_HEADING }) {
      if cmark_node_first_child(node) == nil { appendRemark(to: node) }
    }
  }

  private func appendRemark(to node: OpaquePointer) {
    guard let remark = cmark_node_new(CMARK_NODE_TEXT) else { return }
    cmark_node_set_literal(remark, "(raw HTML removed)")
    cmark_node_append_child(node, remark)
  }

  private func remove(_ node: OpaquePointer) {
    cmark_node_unlink(node)
    cmark_node_free(node)
  }

  /// A link with another scheme than http, https and mailto becomes its words; one to a file keeps the path as text.
  func disarmLinks() {
    for node in nodes(where: { $0 == CMARK_NODE_LINK || $0 == CMARK_NODE_IMAGE }) {
      let isImage = cmark_node_get_type(node) == CMARK_NODE_IMAGE
      let url = cmark_node_get_url(node).map { String(cString: $0) } ?? ""
      if !isImage && Self.isAllowed(url) { continue }
      if isImage { insert("(picture not shown: ", before: node) }
      while let child = cmark_node_first_child(node) { cmark_node_insert_before(node, child) }
      if isImage {
        insert(")", before: node)
      } else if !url.isEmpty && !Self.hasScheme(url) {
        insert(" (\(url))", before: node)
      }
      remove(node)
    }
    cmark_consolidate_text_nodes(root)
  }

  private func insert(_ text: String, before node: OpaquePointer) {
    guard let inserted = cmark_node_new(CMARK_NODE_TEXT) else { return }
    cmark_node_set_literal(inserted, text)
    cmark_node_insert_before(node, inserted)
  }

  /// The first heading becomes one level deeper than the section; a deeper one never skips a level. HTML ends at 6.
  func shiftHeadings(below level: Int) {
    var open: [Int32] = []
    for node in nodes(where: { $0 == CMARK_NODE_HEADING }) {
      let original = cmark_node_get_heading_level(node)
      while let last = open.last, last >= original { open.removeLast() }
      open.append(original)
      cmark_node_set_heading_level(node, Int32(min(6, level + open.count)))
    }
  }

  private static func isAllowed(_ url: String) -> Bool {
    let lower = url.lowercased()
    return ["http://", "https://", "mailto:"].contains { lower.beginsWith($0) }
  }

  private static func hasScheme(_ url: String) -> Bool {
    url.utf8.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
      .contains(UInt8(ascii: ":"))
  }
}
