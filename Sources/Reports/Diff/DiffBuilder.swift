import Analysis
import Evidence
public import Foundation

/// Builds a comparison: the typed value, the document, and the three files.
///
/// A pure function of its inputs: no clock, no machine, no order of arrival.
public struct DiffBuilder: Sendable {
  /// A built comparison.
  public struct Output: Sendable {
    /// The typed value.
    public var diff: Diff
    /// The document that was rendered.
    public var document: Document
    /// What a terminal shows of it, in English.
    public var summary: Document
    /// `diff.md`, `diff.html`, `diff.json`.
    public var files: [(name: String, content: Data)]
  }

  let text: InterfaceText
  private let page: PageTemplate
  private let looks: [Look]

  /// A builder with the installed looks, or a user's.
  /// - Parameters:
  ///   - templates: a folder whose files (`TemplateFolder.files`) replace the installed ones; it need not exist.
  ///   - language: whose words the page uses, BCP 47; its files are in `text/` of either folder.
  /// - Throws: `ReportsError` `badTemplate`; as `InterfaceText.read` for a language.
  public init(templates: URL? = nil, language: String = InterfaceText.reference) throws {
    try TemplateFolder.check(templates)
    try InterfaceText.requireCode(language)
    let overrides = try TemplateOverrides(templates, language: language)
    try self.init(overrides: overrides, text: InterfaceText.read(language: language, overrides: overrides))
  }

  /// A builder with given words.
  init(overrides: TemplateOverrides = .none, text: InterfaceText) throws {
    self.text = text
    page = try PageTemplate(overrides: overrides)
    looks = try overrides.looks()
  }

  /// Builds a comparison.
  /// - Throws: `ReportsError`: `notRendered`.
  /// - Complexity: O(size of the given runs), and the draws of the nulls.
  public func build(_ inputs: DiffInputs) throws -> Output {
    let unit = inputs.after.dossier.unit
    let text = text.measuring(in: unit)
    let diff = DiffAssembly(inputs: inputs, words: DiffWords(text)).diff()
    let document = DiffDocument(diff: diff, inputs: inputs, text: text).document
    return Output(
      diff: diff, document: document,
      summary: DiffDocument(diff: diff, inputs: inputs, text: try .english().measuring(in: unit)).summary,
      files: try files(document, json: CanonicalJSON.encode(diff), name: "diff"))
  }

  /// Renders a document into its three files.
  func files(_ document: Document, json: Data, name: String) throws -> [(name: String, content: Data)] {
    let document = LooksNotice(looks: looks, words: try LooksNotice.words(text.language)).placed(in: document)
    let markdown = try MarkdownRenderer(text: text).render(document)
    let html = try HTMLRenderer(text: text, page: page).render(document)
    return [("\(name).md", Data(markdown.utf8)), ("\(name).html", Data(html.utf8)), ("\(name).json", json)]
  }
}
