public import Evidence

/// What the provider states under one item of Annex IV: one Markdown file with front matter.
public struct Statement: Sendable, Equatable {
  /// Whether the provider stands by it.
  public enum Status: String, Sendable, CaseIterable {
    /// Still being written: it declares nothing.
    case draft
    /// Declared.
    case final
  }

  /// The text that declares one element.
  public struct Part: Sendable, Equatable {
    /// The element's id.
    public var element: String
    /// The provider's Markdown as written, raw HTML included (renderers drop that).
    public var markdown: String
    /// The line of its heading, or of its first line if the file has no headings; from 1.
    public var line: Int
    /// The line on which the Markdown begins, from 1.
    public var textLine: Int
    /// Whether any of it will be visible: comments and raw HTML alone declare nothing.
    public var isVisible: Bool
    /// The project's files that it refers to; empty while the statement is no declaration.
    public var files: [FileReference] = []
  }

  /// The provider's word that an element does not apply.
  public struct Exclusion: Sendable, Equatable {
    /// The element's id.
    public var element: String
    /// Why.
    public var reason: String
    /// The line it stands on, from 1.
    public var line: Int
  }

  /// The file as it is called in messages and in print, e.g. `documentation/2-b.md`.
  public var file: String
  /// SHA-256 of the file's bytes, hex.
  public var sha256: String
  /// The item, e.g. `2(b)`.
  public var item: String
  /// Who answers for it (nil while not filled in).
  public var responsible: String?
  /// In which function (nil while not filled in).
  public var function: String?
  /// The day it was made (nil while not filled in).
  public var date: CalendarDate?
  /// Draft or final (nil while not filled in).
  public var status: Status?
  /// The model versions it speaks of (nil: all).
  public var modelVersions: [String]?
  /// Elements that do not apply.
  public var notApplicable: [Exclusion]
  /// The texts by element, in the order of the file.
  public var parts: [Part]
  /// The line of text that stands under no element's heading, if there is any: it declares nothing.
  public var unassignedLine: Int?
  /// Lines of blocks with raw HTML, which will not be shown.
  public var rawHTMLLines: [Int]
  /// The program that turned it into text, with its version (nil: it is text).
  public var converter: String?
  /// Who owes what it is to declare, by when, and who reads it.
  public var assignment = Assignment()

  /// The front matter keys that are still open before it declares anything: `responsible`, `function`, `date`, `status`.
  public var openKeys: [String] {
    var keys: [String] = []
    if responsible == nil { keys.append("responsible") }
    if function == nil { keys.append("function") }
    if date == nil { keys.append("date") }
    if status != .final { keys.append("status") }
    return keys
  }

  /// Whether it has a text for an element, or a reason why that does not apply.
  func speaks(of element: LawElement) -> Bool {
    parts.contains { $0.element == element.id && $0.isVisible } || notApplicable.contains { $0.element == element.id }
  }

  /// Whether it speaks of a model version.
  public func covers(modelVersion: String) -> Bool { modelVersions?.contains(modelVersion) ?? true }
}

/// The provider's statements of one project.
public struct StatementSet: Sendable, Equatable {
  /// The folder as it is called in messages, e.g. `documentation`.
  public var folder: String
  /// In order of file name.
  public var statements: [Statement]
  /// Files of the folder that look like statements and are not read, each with what to do, in order of name.
  public var unread: [UnreadFile]

  /// A file that is not read.
  public struct UnreadFile: Sendable, Equatable {
    /// As it is called in messages, e.g. `documentation/2-b.pdf`.
    public var file: String
    /// What to do.
    public var remedy: String
  }

  /// A set from its parts.
  public init(folder: String, statements: [Statement], unread: [UnreadFile] = []) {
    self.folder = folder
    self.statements = statements
    self.unread = unread
  }

  /// Final statements that are dated after a day.
  public func notYet(on day: CalendarDate) -> [Statement] {
    statements.filter { $0.status == .final && $0.date.map { $0 > day } == true }
  }

  /// The statement under an item for a model version, if there is one. There is never more than one.
  public func statement(item: String, modelVersion: String) -> Statement? {
    statements.first { $0.item == item && $0.covers(modelVersion: modelVersion) }
  }
}
