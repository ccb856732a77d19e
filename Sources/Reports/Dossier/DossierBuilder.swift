import Analysis
import Evidence
public import Foundation
import Project

/// Builds the dossier of one model version: the typed value, the document, and the three files.
///
/// A pure function of its inputs: no clock, no machine, no order of arrival.
public struct DossierBuilder: Sendable {
  /// A built dossier.
  public struct Output: Sendable {
    /// The typed value.
    public var dossier: Dossier
    /// The pages that were rendered: the core, which persons read and sign, then its annexes.
    let pages: LinkedPages
    /// How Annex IV stands.
    public var status: DossierStatus
    /// The words of its language.
    public var text: InterfaceText
    /// The runs of the model version.
    let selection: RunSelection
    /// Which statements are to be read again.
    let staleness: Staleness
    /// What became of the waivers.
    public let waivers: WaiverRegister
    /// `dossier.md`, `dossier.html`, `dossier.json`, then the annexes `evidence`, `traceability` and `law` in both forms, then the
    /// extracts, e.g. `instructions-for-use.md`, `gaps.md`, `gaps.csv`, `gaps.ics`, and copies of the files that statements refer to
    /// and of attachments, in `files/`.
    public var files: [(name: String, content: Data)]

    /// Whether a file that was written is a page of the build's own, and no file that a statement refers to.
    public func isPage(_ file: URL) -> Bool { files.contains { $0.name == file.lastPathComponent } }

    /// Whether a file that was written is an annex: a page to look things up in, many times as long as the core.
    public func isAnnex(_ file: URL) -> Bool {
      isPage(file) && pages.pages.dropFirst().contains { file.deletingPathExtension().lastPathComponent == $0.name }
    }
  }

  private let text: InterfaceText
  private let page: PageTemplate
  private let overrides: TemplateOverrides

  /// A builder with the installed looks and words, or a user's.
  /// - Parameters:
  ///   - templates: a folder whose files (`TemplateFolder.files`) replace the installed ones; it need not exist.
  ///   - language: whose words the documents use, BCP 47; its files are in `text/` of either folder.
  /// - Throws: `ReportsError` `badTemplate`, also for a file of another name; as `InterfaceText.read` for a language.
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
    self.overrides = overrides
  }

  /// Builds a dossier.
  /// - Throws: `ReportsError`: `unknownVersion`, `notRendered`.
  /// - Complexity: O(size of the given runs).
  public func build(_ inputs: DossierInputs) throws -> Output {
    let context = try context(inputs)
    let pages = try pages(context)
    var files = try zip(pages.linked("md"), pages.linked("html")).flatMap { markdown, html in
      [
        ("\(markdown.name).md", try MarkdownRenderer(text: text).render(markdown.document)),
        ("\(html.name).html", try HTMLRenderer(text: text, page: page).render(html.document)),
      ].map { (name: $0.0, content: Data($0.1.utf8)) }
    }
    files.insert(("dossier.json", try CanonicalJSON.encode(context.dossier)), at: 2)
    return Output(
      dossier: context.dossier, pages: pages, status: context.status, text: text,
      selection: context.selection, staleness: context.staleness, waivers: inputs.waiverRegister(inputs.modelVersion),
      files: files + (try extracts(inputs, context, pages)) + (try owed(context, pages))
        + context.files.map { ($0.name, $0.content) })
  }

  /// The documents beside the dossier, each in its forms.
  private func extracts(
    _ inputs: DossierInputs, _ context: DossierContext, _ pages: LinkedPages
  ) throws -> [(name: String, content: Data)] {
    try extractDocuments(inputs, context, pages).map { extract in
      var content =
        switch extract.format {
        case .md: try MarkdownRenderer(text: text).render(extract.document)
        case .html: try HTMLRenderer(text: text, page: page).render(extract.document)
        }
      if extract.id == "model-card" { content = try ModelCardMetadata(context: context).yaml() + content }
      return ("\(extract.id).\(extract.format.rawValue)", Data(content.utf8))
    }
  }

  /// The list of what is missing, in its forms.
  private func owed(_ context: DossierContext, _ pages: LinkedPages) throws -> [(name: String, content: Data)] {
    try OwedFiles(context: context, pages: pages).files(
      LooksNotice(
        looks: context.dossier.looks ?? [], words: LooksNotice.words(text.language), counts: context.dossier.counts))
  }

  private typealias Extract = (id: String, format: ExtractDefinition.Format, document: Document)

  private func extractDocuments(
    _ inputs: DossierInputs, _ context: DossierContext, _ pages: LinkedPages
  ) throws -> [Extract] {
    let words = try LooksNotice.words(text.language)
    let installed = try ExtractReader(catalogue: inputs.catalogue, text: words).read(overrides: .none)
    return try ExtractReader(catalogue: inputs.catalogue, text: text).read(overrides: overrides).flatMap { definition in
      let notice = LooksNotice(
        looks: context.dossier.looks ?? [], words: words,
        installedTitle: installed.first { $0.id == definition.id }?.title)
      return definition.formats.map { format in
        let document = ExtractAssembly(
          context: context, definition: definition, pages: pages, ending: format.rawValue
        ).document
        return (definition.id, format, notice.placed(in: document))
      }
    }
  }

  /// Every document that `build` renders, the dossier first.
  func documents(_ inputs: DossierInputs) throws -> [Document] {
    let context = try context(inputs)
    let pages = try pages(context)
    return pages.pages.map(\.document) + (try extractDocuments(inputs, context, pages).map(\.document))
      + [OwedFiles(context: context, pages: pages).document]
  }

  /// Builds a dossier and writes it into `dossier/<version>/` of the project.
  /// - Returns: what was built, and the addresses of the files.
  /// - Throws: as `build`, and `ReportsError` `unwritable`.
  public func write(_ inputs: DossierInputs) throws -> (output: Output, files: [URL]) {
    let output = try build(inputs)
    let folder = inputs.project.dossierFolder(version: inputs.modelVersion)
    let written = try DossierWriter.write(output.files, to: folder)
    try DossierFolder(folder, names: output.files.map(\.name)).removeOldCopies()
    return (output, written)
  }

  private func context(_ inputs: DossierInputs) throws -> DossierContext {
    let project = inputs.project
    let text = text.measuring(in: project.unit)
    let facts = try ProjectFacts(project: project, modelVersion: inputs.modelVersion)
    guard let model = project.models.first(where: { $0.version == inputs.modelVersion }) else {
      throw ReportsError(.unknownVersion, "vitrine.yaml has no model version '\(inputs.modelVersion)'")
    }
    let assignments = try AssignmentTable(project.owners, catalogue: inputs.catalogue)
    let binder = inputs.binder
    let selection = inputs.selection(model.version, binder: binder)
    let superseded = model.supersedes.map { inputs.selection($0, binder: binder) }
    let catalogue = text.said(inputs.catalogue)
    let status = text.said(
      DossierStatus.evaluate(
        catalogue: inputs.catalogue, statements: inputs.statements, facts: facts, assignments: assignments,
        runs: selection.cited))
    let history = try history(inputs, of: model, assignments: assignments, binder: binder)
    let staleness = Staleness(model: model, lawAsOf: inputs.catalogue.lawAsOf, runs: selection.cited)
    let names = RunNames((selection.cited + (superseded?.cited ?? [])).map(\.record.id), text: text)
    var dossier = DossierAssembly(
      project: project, model: model, catalogue: catalogue, status: status, selection: selection,
      superseded: superseded, names: names, history: history, signatures: inputs.signatures, staleness: staleness,
      models: inputs.models, waivers: inputs.waiverRegister(model.version), text: text
    ).dossier()
    dossier.language = text.language == InterfaceText.reference ? nil : text.language
    let looks = try overrides.looks()
    dossier.looks = looks.isEmpty ? nil : looks
    let files = try DossierFiles(status, inputs.attachments)
    (dossier.files, dossier.attachments) = (files.entries, files.attachments)
    dossier.changeHistory = Dossier.ChangeEntry.history(inputs.decisions, of: model, in: project)
    let declaration = dossier.evaluation?.comparison?.declaration ?? GroupComparison.Declaration()
    let since = superseded.map {
      VersionRows($0, selection, declaration: declaration, settings: project.changes, words: DiffWords(text))
    }
    return DossierContext(
      project: project, model: model, catalogue: catalogue, status: status, selection: selection,
      superseded: superseded, since: since, dossier: dossier, files: files.files, names: names,
      staleness: staleness, history: history,
      signatures: inputs.signatures, text: text)
  }

  /// The version and those it follows, each with its own runs and statements. A project's versions never go in a circle.
  private func history(
    _ inputs: DossierInputs, of model: Project.ModelVersion, assignments: AssignmentTable, binder: RunBinder
  ) throws -> [VersionStatus] {
    var versions: [VersionStatus] = []
    var next: Project.ModelVersion? = model
    while let version = next {
      let selection = inputs.selection(version.version, binder: binder)
      let facts = try ProjectFacts(project: inputs.project, modelVersion: version.version)
      versions.append(
        VersionStatus(
          model: version, selection: selection,
          status: DossierStatus.evaluate(
            catalogue: inputs.catalogue, statements: inputs.statements, facts: facts, assignments: assignments,
            runs: selection.cited)))
      next = version.supersedes.flatMap { older in inputs.project.models.first { $0.version == older } }
    }
    return versions
  }

  /// The core and its annexes.
  private func pages(_ context: DossierContext) throws -> LinkedPages {
    let core = CoreSections(context: context)
    return try LinkedPages([
      ("dossier", page(context, core.sections) { $0.words("dossier.title", ["system": .text($1)]) }),
      (
        "evidence",
        page(context, [EvidenceSection(context: context).section, MethodsSection(context: context).section]) {
          $0.words("annexes.evidence-title", ["system": .text($1)])
        }
      ),
      (
        "traceability",
        page(context, [TraceabilitySection(context: context).section, RegisterSection(context: context).section]) {
          $0.words("annexes.traceability-title", ["system": .text($1)])
        }
      ),
      (
        "law",
        page(context, [LawSection(context: context).section]) {
          $0.words("annexes.law-title", ["system": .text($1)])
        }
      ),
    ])
  }

  /// One page with its title, and first of all what the project has in place of installed words and looks.
  private func page(
    _ context: DossierContext, _ sections: [Section], title: (_ text: InterfaceText, _ system: String) -> String
  ) throws -> Document {
    let system = context.project.system.name
    let words = try LooksNotice.words(text.language)
    let document = Document(
      title: title(text, system),
      subtitle: text.words(
        "dossier.subtitle", ["version": .text(context.model.version), "state": .text(context.dateOrEmpty)]),
      language: text.language, sections: sections)
    return LooksNotice(
      looks: context.dossier.looks ?? [], words: words, counts: context.dossier.counts,
      installedTitle: title(words, system)
    ).placed(in: document)
  }
}
