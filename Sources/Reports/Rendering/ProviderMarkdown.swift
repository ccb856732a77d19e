import CCmarkGFM
import Foundation

/// The provider's Markdown (GFM tables, strikethrough, bare links), read by cmark-gfm and made harmless: raw HTML is
/// dropped, links keep only `http`, `https` and `mailto` or lead to a copy of a file of the project, pictures of the project are shown,
/// others become their description, headings are shifted below the section that holds them without skipping a level.
struct ProviderMarkdown {
  private let tree: Tree
  private let pictures: [ProvidedFile]

  /// Reads a statement.
  /// - Parameters:
  ///   - source: Markdown as the provider wrote it.
  ///   - level: the heading level of the enclosing section, 1 to 6.
  ///   - files: the files of the project that it refers to.
  ///   - words: what stands in place of what is not shown.
  /// - Throws: `ReportsError` when cmark-gfm refuses the text.
  init(_ source: String, below level: Int, files: [FileReference] = [], words: Words) throws {
    tree = try Tree(PlainText.visible(source))
    pictures = files.filter { $0.isPicture && $0.file.isShown }.map(\.file)
    tree.dropRawHTML(remark: words.rawHTMLRemoved)
    tree.disarmLinks(files, words)
    tree.shiftHeadings(below: level)
  }

  /// What stands in place of what is not shown.
  struct Words {
    /// Where raw HTML was all there was.
    var rawHTMLRemoved: String
    /// Before and behind the description of a picture that is not shown.
    var pictureNotShown: (before: String, behind: String)
  }

  /// A link or picture of a text.
  struct Target {
    /// Where it leads, as written.
    var url: String
    /// The line within the text, from 1.
    var line: Int
    /// Whether it is to be shown.
    var isPicture: Bool
    /// The words in its square brackets.
    var words: String
  }

  /// Every link and picture of a text, in order.
  /// - Throws: `ReportsError` when cmark-gfm refuses the text.
  static func targets(in source: String) throws -> [Target] { try Tree(PlainText.visible(source)).targets }

  /// HTML without ids, classes or scripts; each table in a scrolling region of its own, each picture with its bytes.
  /// - Parameter label: names the region of the n-th table, counted from 1.
  func html(tableLabel label: (Int) -> String) -> String {
    var html = tree.render { cmark_render_html($0, ProviderMarkdown.options, nil) }
    // cmark escapes every literal '<', so these tags can only be its own.
    for file in Set(pictures.map(\.name)).sorted().compactMap({ name in pictures.first { $0.name == name } }) {
      guard let picture = file.picture else { continue }
      html = html.replacingScalars(
        "<img src=\"\(file.name)\"",
        with: "<img width=\"\(picture.width)\" height=\"\(picture.height)\" style=\"max-width: 100%; height: auto\" "
          + "src=\"data:\(picture.mediaType);base64,\(file.content.base64EncodedString())\"")
    }
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
  func dropRawHTML(remark: String) {
    for node in nodes(where: { $0 == CMARK_NODE_HTML_BLOCK }) {
      if let paragraph = cmark_node_new(CMARK_NODE_PARAGRAPH) {
        append(remark, to: paragraph)
        cmark_node_insert_before(node, paragraph)
      }
      remove(node)
    }
    for node in nodes(where: { $0 == CMARK_NODE_HTML_INLINE }) { remove(node) }
    for node in nodes(where: { $0 == CMARK_NODE_PARAGRAPH || $0 == CMARK_NODE_HEADING }) {
      if cmark_node_first_child(node) == nil { append(remark, to: node) }
    }
  }

  private func append(_ text: String, to node: OpaquePointer) {
    guard let appended = cmark_node_new(CMARK_NODE_TEXT) else { return }
    cmark_node_set_literal(appended, text)
    cmark_node_append_child(node, appended)
  }

  private func remove(_ node: OpaquePointer) {
    cmark_node_unlink(node)
    cmark_node_free(node)
  }

  /// Every link and picture.
  var targets: [ProviderMarkdown.Target] {
    nodes { $0 == CMARK_NODE_LINK || $0 == CMARK_NODE_IMAGE }.map { node in
      ProviderMarkdown.Target(
        url: url(of: node), line: line(of: node), isPicture: cmark_node_get_type(node) == CMARK_NODE_IMAGE,
        words: words(under: node))
    }
  }

  private func url(of node: OpaquePointer) -> String { cmark_node_get_url(node).map { String(cString: $0) } ?? "" }

  /// The line on which a node begins, or the nearest node around it that knows its line.
  private func line(of node: OpaquePointer) -> Int {
    var next: OpaquePointer? = node
    while let node = next {
      let line = Int(cmark_node_get_start_line(node))
      if line > 0 { return line }
      next = cmark_node_parent(node)
    }
    return 1
  }

  private func words(under node: OpaquePointer) -> String {
    guard let iterator = cmark_iter_new(node) else { return "" }
    defer { cmark_iter_free(iterator) }
    var words = ""
    while case let event = cmark_iter_next(iterator), event != CMARK_EVENT_DONE {
      guard event == CMARK_EVENT_ENTER, let inner = cmark_iter_get_node(iterator) else { continue }
      let type = cmark_node_get_type(inner)
      guard type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE else { continue }
      words += cmark_node_get_literal(inner).map { String(cString: $0) } ?? ""
    }
    return words
  }

  /// A link or picture of a file of the project leads to its copy. A link with another scheme than http, https and mailto becomes its
  /// words; one to a file that is no copy keeps the path as text. A picture from elsewhere is never fetched: a link leads to it.
  func disarmLinks(_ files: [FileReference], _ words: ProviderMarkdown.Words) {
    for node in nodes(where: { $0 == CMARK_NODE_LINK || $0 == CMARK_NODE_IMAGE }) {
      let isImage = cmark_node_get_type(node) == CMARK_NODE_IMAGE
      let url = url(of: node)
      let reference = files.first { $0.target == url && $0.isPicture == isImage }
      if let reference, !isImage || reference.file.isShown {
        cmark_node_set_url(node, reference.file.name + (isImage ? "" : LinkTarget.fragment(reference.fragment)))
        continue
      }
      if !isImage && Self.isAllowed(url) { continue }
      if isImage { insert(words.pictureNotShown.before, before: node) }
      let target = reference?.file.name ?? (Self.isAllowed(url) ? url : nil)
      if isImage, let target, !isInLink(node), let link = cmark_node_new(CMARK_NODE_LINK) {
        cmark_node_set_url(link, target)
        cmark_node_insert_before(node, link)
        while let child = cmark_node_first_child(node) { cmark_node_append_child(link, child) }
      }
      while let child = cmark_node_first_child(node) { cmark_node_insert_before(node, child) }
      if isImage {
        insert(words.pictureNotShown.behind, before: node)
      } else if !url.isEmpty && !Self.hasScheme(url) {
        insert(" (\(url))", before: node)
      }
      remove(node)
    }
    cmark_consolidate_text_nodes(root)
  }

  /// Whether a link stands around a node: a link in a link is none.
  private func isInLink(_ node: OpaquePointer) -> Bool {
    var next = cmark_node_parent(node)
    while let outer = next {
      if cmark_node_get_type(outer) == CMARK_NODE_LINK { return true }
      next = cmark_node_parent(outer)
    }
    return false
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
