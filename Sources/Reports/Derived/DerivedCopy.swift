import Analysis
import Evidence
public import Foundation

/// A copy of a signed page in another form (PDF, DOCX): named by the digest of the page and the program that made it. Nobody signs it.
///
/// What is read is the very page that the build wrote, so the copy says what that says.
public struct DerivedCopy: Sendable {
  /// The page's name, e.g. `dossier.html`.
  public let file: String
  /// SHA-256 of the page, hex.
  public let sha256: String
  /// The program that makes the copy, with its version.
  public let tool: String
  private let html: String
  private let notice: String

  /// A copy of a page.
  /// - Parameters:
  ///   - page: the page as it was written.
  ///   - tool: the program with its version, e.g. `pandoc 2.17.1.1`.
  ///   - text: the words of its language.
  /// - Throws: `ReportsError` `badTemplate` if the page has no place where the copy can say what it is.
  public init(of page: URL, tool: String, text: InterfaceText) throws {
    let data = try BundleContent.read(page)
    file = page.lastPathComponent
    sha256 = try SHA256.digest(of: data).hex
    self.tool = tool
    html = String(decoding: data, as: UTF8.self)
    notice = text.words(
      "page.derived-copy", ["file": .text(file), "digest": .text(sha256), "tool": .text(tool)])
    guard place != nil else {
      throw ReportsError(
        .badTemplate, "\(page.path): has no section, so a copy of it cannot say what it is a copy of; build it anew")
    }
  }

  /// Where the page's own text begins: the first warning or section.
  private var place: String.UTF8View.Index? {
    ["<p class=\"warning\"", "<section id=\""].compactMap { mark in
      let head = html.splitScalars(mark)
      return head.count > 1 ? html.utf8.index(html.utf8.startIndex, offsetBy: head[0].utf8.count) : nil
    }.min()
  }

  /// The page with a first paragraph that says what it is a copy of.
  public var marked: String {
    guard let place else { return html }
    let said = "<p class=\"notice notice-note\">\(PlainText.html(notice))</p>\n"
    return String(html[..<place]) + said + String(html[place...])
  }
}

/// A page made ready for a word processor: what only a browser understands is put in forms that pandoc carries over.
public struct OfficePage: Sendable {
  /// The page: no navigation, drawings as pictures, captions and the law's words with styles of the reference document.
  public private(set) var html: String
  /// The drawings, by the names that the page has for them, e.g. `figure-1`; each becomes a PNG of that name.
  public private(set) var drawings: [(name: String, svg: Data)] = []
  /// The provider's pictures by the names that the page has for them.
  public private(set) var pictures: [(name: String, content: Data)] = []

  /// A page of a copy.
  public init(_ copy: DerivedCopy) {
    html = copy.marked
    for (start, end) in [("<style", "</style>"), ("<nav", "</nav>"), ("<a class=\"skip\"", "</a>"), ("<h1", "</h1>")] {
      html = html.replacingSpans(from: start, to: end) { _ in "" }
    }
    let subject =
      "<meta name=\"subject\" content=\"\(copy.file), SHA-256 \(copy.sha256), \(PlainText.html(copy.tool))\">"
    var isHead = true
    html = html.replacingSpans(from: "<title", to: "</title>") { title in
      // Drawings have titles too.
      defer { isHead = false }
      return isHead ? title + subject : title
    }
    var drawings: [(name: String, svg: Data)] = []
    html = html.replacingSpans(from: "<div class=\"drawing", to: "</svg></div>") { drawing in
      // Of the two forms of a drawing the style sheet prints the wide one.
      guard !drawing.splitScalars(">")[0].contains("narrow") else { return "" }
      drawings.append(("figure-\(drawings.count + 1)", Self.svg(in: drawing)))
      return Self.picture(drawing, name: "figure-\(drawings.count).png")
    }
    self.drawings = drawings
    var pictures: [(name: String, content: Data)] = []
    html = html.replacingSpans(from: "src=\"data:", to: "\"") { source in
      let parts = source.dropLast().splitScalars(";base64,")
      guard parts.count == 2, let content = Data(base64Encoded: parts[1]), let picture = Picture(content) else {
        return ""
      }
      let name = "picture-\(pictures.count + 1).\(picture.mediaType.dropFirst(6))"
      pictures.append((name, content))
      return "src=\"\(name)\""
    }
    self.pictures = pictures
    html = html.replacingSpans(from: "<blockquote class=\"law\"", to: ">") { tag in
      // Its language, where it is another than the page's.
      let attributes = tag.splitScalars("<blockquote class=\"law\"")[1].splitScalars(">")[0]
      return "\(tag)<div custom-style=\"Law\"\(attributes)>"
    }
    .replacingScalars("</blockquote>", with: "</div></blockquote>")
    .replacingSpans(from: "<blockquote>", to: "</div></blockquote>") {
      // A provider's own quotation is not the law's.
      $0.replacingScalars("</div></blockquote>", with: "</blockquote>")
    }
    for (old, new) in [
      ("<figure ", "<div "), ("</figure>", "</div>"), ("<figcaption>", "<div custom-style=\"Image Caption\"><p>"),
      ("</figcaption>", "</p></div>"), ("<summary>", "<p><strong>"), ("</summary>", "</strong></p>"),
    ] { html = html.replacingScalars(old, with: new) }
  }

  private static func svg(in drawing: String) -> Data {
    let parts = drawing.splitScalars("<svg")
    let svg = "<svg" + parts.dropFirst().joined(separator: "<svg")
    return Data(svg.splitScalars("</div>")[0].utf8)
  }

  /// A picture with the drawing's size and its text alternative, which are markup already.
  private static func picture(_ drawing: String, name: String) -> String {
    func between(_ start: String, _ end: String) -> String {
      let parts = drawing.splitScalars(start)
      return parts.count > 1 ? parts[1].splitScalars(end)[0] : ""
    }
    let description = between("<desc", "</desc>").splitScalars(">").dropFirst().joined(separator: ">")
    let size = drawing.splitScalars("<svg").dropFirst().first?.splitScalars(">")[0].splitScalars("viewBox=\"0 0 ")
    let numbers = (size?.last ?? "").splitScalars("\"")[0].splitScalars(" ")
    let attributes = numbers.count == 2 ? " width=\"\(numbers[0])\" height=\"\(numbers[1])\"" : ""
    return "<p><img src=\"\(name)\"\(attributes) alt=\"\(description)\"></p>"
  }
}

extension String {
  /// The text with every span from one mark to the next end changed; a mark without an end stays.
  /// - Complexity: O(length).
  func replacingSpans(from start: String, to end: String, _ change: (String) -> String) -> String {
    let pieces = splitScalars(start)
    var result = pieces[0]
    for piece in pieces.dropFirst() {
      let parts = piece.splitScalars(end)
      guard parts.count > 1 else {
        result += start + piece
        continue
      }
      result += change(start + parts[0] + end) + parts.dropFirst().joined(separator: end)
    }
    return result
  }
}

extension Substring {
  fileprivate func splitScalars(_ separator: String) -> [String] { String(self).splitScalars(separator) }
}
