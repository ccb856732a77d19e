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
  /// - Parameter overrides: a folder whose files of these names are used with the installed ones; it need not exist.
  /// - Throws: `ReportsError` naming the file and what is wrong in it.
  public init(overrides: URL? = nil) throws {
    try self.init(overrides: TemplateOverrides(overrides, language: InterfaceText.reference))
  }

  /// Reads them with what a project put in their place.
  init(overrides: TemplateOverrides) throws {
    try self.init(
      frame: overrides.text(Self.frameName) ?? Self.installed(Self.frameName),
      style: overrides.text(Self.styleName) ?? Self.installed(Self.styleName))
  }

  /// A page from the texts of its two files. A style sheet is added to the installed one, which says what is seen where.
  /// - Throws: `ReportsError` naming what is no frame or no looks.
  public init(frame: String, style: String) throws {
    try FrameCheck.check(frame, file: Self.frameName)
    let installed = try Self.installed(Self.styleName)
    self.style =
      style.isScalarEqual(installed)
      ? style : installed + (try StyleRules.checked(style, installed: installed, file: Self.styleName))
    do {
      self.frame = try MustacheTemplate(string: frame)
    } catch {
      throw ReportsError(.badTemplate, "\(Self.frameName) is not a mustache template: \(error)")
    }
  }

  private static let frameName = "dossier.html.mustache"
  private static let styleName = "style.css"

  private static func installed(_ name: String) throws -> String {
    try TextFile.read(Templates.url("dossier/\(name)"), as: name)
  }

  /// The page, from a value for every name but `style`.
  /// - Parameter addedStyle: rules of this page alone, after those of the style sheet.
  func render(_ values: [Name: String], addedStyle: String = "") -> String {
    var context: [String: String] = [:]
    for name in Name.allCases { context[name.rawValue] = values[name] ?? "" }
    context[Name.style.rawValue] = style + addedStyle
    return frame.render(context)
  }
}
