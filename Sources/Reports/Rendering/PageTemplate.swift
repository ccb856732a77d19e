import Analysis
public import Foundation
import Mustache
internal import Templates

/// The page frame and style sheet around a rendered document: looks that a user may edit, file by file.
///
/// swift-mustache prints nothing for a name it does not know, so names are checked when the template is read.
public struct PageTemplate: Sendable {
  /// What the page frame must use, each once or more. HTML values (`body`, `contentsList`, `style`) need triple braces.
  public enum Name: String, CaseIterable, Sendable {
    case language, title, subtitle, style, skipToContent, contents, contentsList, body

    /// Whether the value is finished HTML or CSS, which must not be escaped again.
    var isMarkup: Bool { self == .style || self == .contentsList || self == .body }
  }

  private let frame: MustacheTemplate
  private let style: String

  /// Reads `dossier.html.mustache` and `style.css`.
  /// - Parameter overrides: a folder whose files of these names are used instead of the installed ones.
  /// - Throws: `ReportsError` naming the file and what is wrong in it.
  public init(overrides: URL? = nil) throws {
    let frameFile = Self.file("dossier.html.mustache", overrides)
    let styleFile = Self.file("style.css", overrides)
    try self.init(
      frame: Self.read(frameFile), style: Self.read(styleFile), frameName: frameFile.lastPathComponent,
      styleName: styleFile.lastPathComponent)
  }

  /// A page from the texts of its two files.
  /// - Throws: `ReportsError` naming the unknown and the unused names, or what the style sheet must not hold.
  public init(
    frame: String, style: String, frameName: String = "dossier.html.mustache", styleName: String = "style.css"
  ) throws {
    try Self.checkNames(of: frame, file: frameName)
    try Self.checkStyle(style, file: styleName)
    do {
      self.frame = try MustacheTemplate(string: frame)
    } catch {
      throw ReportsError(.badTemplate, "\(frameName) is not a mustache template: \(error)")
    }
    self.style = style
  }

  /// The page, from a value for every name but `style`.
  /// - Parameter addedStyle: rules of this page alone, after those of the style sheet.
  func render(_ values: [Name: String], addedStyle: String = "") -> String {
    var context: [String: String] = [:]
    for name in Name.allCases { context[name.rawValue] = values[name] ?? "" }
    context[Name.style.rawValue] = style + addedStyle
    return frame.render(context)
  }

  private static func file(_ name: String, _ overrides: URL?) -> URL {
    if let own = overrides?.appendingPathComponent(name), FileManager.default.fileExists(atPath: own.path) {
      return own
    }
    return Templates.url("dossier").appendingPathComponent(name)
  }

  private static func read(_ file: URL) throws -> String {
    let content: Data
    do { content = try PlainFile.read(file) } catch {
      throw ReportsError(.badTemplate, "cannot read the template: \(error)")
    }
    guard let text = String(validating: content, as: UTF8.self) else {
      throw ReportsError(.badTemplate, "the template \(file.path) is not UTF-8 text; save it as UTF-8")
    }
    return text
  }

  /// Compares the template's tags with `Name`.
  static func checkNames(of template: String, file: String) throws {
    var used: Set<String> = []
    for tag in try tags(of: template, file: file) {
      used.insert(tag.name)
      if let name = Name(rawValue: tag.name), name.isMarkup != tag.isRaw {
        let right = name.isMarkup ? "{{{\(name.rawValue)}}}" : "{{\(name.rawValue)}}"
        throw ReportsError(.badTemplate, "\(file), line \(tag.line): write \(right), with these braces")
      }
    }
    let known = Set(Name.allCases.map(\.rawValue))
    let unknown = used.subtracting(known).sorted()
    let unused = known.subtracting(used).sorted()
    guard unknown.isEmpty && unused.isEmpty else {
      var parts: [String] = []
      if !unknown.isEmpty { parts.append("unknown names: \(unknown.joined(separator: ", "))") }
      if !unused.isEmpty { parts.append("names left out: \(unused.joined(separator: ", "))") }
      throw ReportsError(
        .badTemplate,
        "\(file): \(parts.joined(separator: "; ")). A page uses exactly \(known.sorted().joined(separator: ", "))")
    }
  }

  private struct Tag {
    var name: String
    var isRaw: Bool
    var line: Int
  }

  /// The variables of a template; sections, partials and changed delimiters are not part of a page frame.
  private static func tags(of template: String, file: String) throws -> [Tag] {
    var found: [Tag] = []
    var rest = template[...]
    while let open = rest.range(of: "{{") {
      let line = template[..<open.lowerBound].count { $0.isNewline } + 1
      let isTriple = rest[open.upperBound...].hasPrefix("{")
      let closing = isTriple ? "}}}" : "}}"
      let start = isTriple ? rest.index(after: open.upperBound) : open.upperBound
      guard let close = rest.range(of: closing, range: start..<rest.endIndex) else {
        throw ReportsError(.badTemplate, "\(file), line \(line): a tag is not closed with \(closing)")
      }
      let content = rest[start..<close.lowerBound].trimmingCharacters(in: .whitespacesAndNewlines)
      rest = rest[close.upperBound...]
      if content.hasPrefix("!") { continue }
      guard !content.isEmpty, content.allSatisfy({ $0.isASCII && $0.isLetter }) else {
        throw ReportsError(
          .badTemplate, "\(file), line \(line): '{{\(content)}}' is not a plain name; only names and comments are used")
      }
      found.append(Tag(name: content, isRaw: isTriple, line: line))
    }
    return found
  }

  /// A dossier is one file: the style sheet may neither leave its element nor ask for anything from outside.
  private static func checkStyle(_ style: String, file: String) throws {
    let lower = style.lowercased()
    for forbidden in ["</style", "<!--", "@import", "url(", "image-set(", "expression("] where lower.contains(forbidden)
    {
      throw ReportsError(.badTemplate, "\(file) holds '\(forbidden)': a dossier must not refer to anything outside it")
    }
  }
}
