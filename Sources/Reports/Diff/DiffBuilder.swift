import Analysis
import Evidence
public import Foundation

/// Builds a comparison: the typed value, the document, and the three files.
///
/// A pure function of its inputs: no clock, no machine, no order of arrival. A claim that the evidence does not carry
/// stops it before anything is written.
public struct DiffBuilder: Sendable {
  /// A built comparison.
  public struct Output: Sendable {
    /// The typed value.
    public var diff: Diff
    /// The document that was rendered.
    public var document: Document
    /// `diff.md`, `diff.html`, `diff.json`.
    public var files: [(name: String, content: Data)]
  }

  let text: InterfaceText
  private let page: PageTemplate

  /// A builder with the installed looks, or a user's.
  /// - Parameters:
  ///   - templates: a folder whose files (`TemplateFolder.files`) replace the installed ones; it need not exist.
  ///   - language: whose words the page uses, BCP 47; its files are in `text/` of either folder.
  /// - Throws: `ReportsError` `badTemplate`; as `InterfaceText.read` for a language.
  public init(templates: URL? = nil, language: String = InterfaceText.reference) throws {
    try TemplateFolder.check(templates)
    try self.init(templates: templates, text: InterfaceText.read(language: language, overrides: templates))
  }

  /// A builder with given words.
  init(templates: URL? = nil, text: InterfaceText) throws {
    self.text = text
    page = try PageTemplate(overrides: templates)
  }

  /// Builds a comparison.
  /// - Throws: `ReportsError`: `forbiddenClaim`, `notRendered`.
  /// - Complexity: O(size of the given runs), and the draws of the nulls.
  public func build(_ inputs: DiffInputs) throws -> Output {
    let diff = DiffAssembly(inputs: inputs, words: DiffWords(text)).diff()
    let document = DiffDocument(diff: diff, inputs: inputs, text: text).document
    return Output(
      diff: diff, document: document,
      files: try files(document, json: CanonicalJSON.encode(diff), name: "diff", attributed: attributed(inputs)))
  }

  /// Renders a document into its three files, after the claim linter has read it.
  func files(
    _ document: Document, json: Data, name: String, attributed: [String]
  ) throws -> [(name: String, content: Data)] {
    try ClaimLinter(attributed: attributed).check(document)
    let markdown = try MarkdownRenderer(text: text).render(document)
    let html = try HTMLRenderer(text: text, page: page).render(document)
    return [("\(name).md", Data(markdown.utf8)), ("\(name).html", Data(html.utf8)), ("\(name).json", json)]
  }

  /// Words of the law and the project that headings, captions and sentences repeat.
  private func attributed(_ inputs: DiffInputs) -> [String] {
    let sources = [inputs.before, inputs.after]
    let behaviours = sources.flatMap { $0.dossier.behaviours.flatMap { [$0.question, $0.id] } }
    let groups = sources.flatMap {
      $0.dossier.evaluation?.groups.flatMap { [$0.grouping, $0.name].compactMap { $0 } } ?? []
    }
    return behaviours + groups + Worksheet.texts.map(\.quote)
      + sources.flatMap {
        [$0.dossier.system.name, $0.label, $0.dossier.model.version, $0.unverified].compactMap { $0 }
      }
  }
}
