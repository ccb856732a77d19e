import Analysis
import Evidence
import Project

/// The comparison as a document: what changed, by how much, and what nobody can say yet.
struct DiffDocument {
  let diff: Diff
  let before: DiffSource
  let after: DiffSource
  let catalogue: LawCatalogue
  let names: RunNames
  /// The words of the document's language.
  let text: InterfaceText
  /// The comparison's own.
  var words: DiffWords { DiffWords(text) }

  init(diff: Diff, inputs: DiffInputs, text: InterfaceText) {
    self.text = text
    self.diff = diff
    before = inputs.before
    after = inputs.after
    catalogue = inputs.catalogue
    names = RunNames(diff.before.runs + diff.after.runs, text: text)
  }

  /// The whole document.
  var document: Document {
    Document(
      title: text.words("diff.title", ["system": .text(diff.system)]),
      subtitle: text.words(
        "diff.subtitle",
        [
          "before": .text(name(before)), "after": .text(name(after)),
          "state": .text(date.map { text.day($0) } ?? text.words("diff.empty")),
        ]), language: text.language, warning: warning,
      sections: [
        DiffBriefSection(context: self).section, DiffModelSection(context: self).section,
        DiffBehaviourSection(context: self).section, DiffMechanismSection(context: self).section,
        DiffDocumentationSection(context: self).section, DiffLawSection(context: self).section,
        DiffWorksheetSection(context: self).section, DiffMethodSection(context: self).section, terms, runs,
      ])
  }

  /// The answer, then of each part what is said of it as a whole: what a reader opens, drawings and single items stay with the pages.
  var summary: Document {
    func whole(_ section: Section) -> Section {
      let shown = section.blocks.filter { block in
        switch block {
        case .details, .figure: false
        default: true
        }
      }
      return Section(id: section.id, heading: section.heading, blocks: shown)
    }
    var (document, mechanism) = (document, DiffMechanismSection(context: self).section)
    for index in mechanism.sections.indices {
      mechanism.sections[index].blocks.removeAll { if case .paragraph = $0 { false } else { true } }
    }
    document.sections = [
      DiffBriefSection(context: self).section, whole(DiffModelSection(context: self).section),
      whole(DiffBehaviourSection(context: self).section), mechanism,
      whole(DiffDocumentationSection(context: self).section),
    ]
    return document
  }

  /// What a side is.
  private func name(_ source: DiffSource) -> String {
    switch source.kind {
    case .version: text.words("diff.side-version", ["label": .text(source.label)])
    case .dossier: text.words("diff.side-dossier", ["version": .text(source.dossier.model.version)])
    case .bundle: text.words("diff.side-bundle", ["version": .text(source.dossier.model.version)])
    }
  }

  /// The day of the latest run or statement of either side.
  private var date: String? { [before.dossier.date, after.dossier.date].compactMap { $0 }.max() }

  private var warning: String? {
    let reasons = [diff.before, diff.after].compactMap { side in
      side.unverified.map {
        text.words("diff.not-verified", ["label": .text(side.label), "reason": .text($0)])
      }
    }
    return reasons.isEmpty ? nil : reasons.joined(separator: " · ")
  }

  /// The terms that the page uses.
  private var terms: Section {
    let terms = comparisonTerms + modelTerms
    return Section(
      id: "words", heading: text.words("diff-words.heading"),
      blocks: [
        .definitions(
          terms.sorted { $0[0].lowercased() < $1[0].lowercased() }.map { term in
            Definition(term[0], [.text(term[1])])
          })
      ])
  }

  private var comparisonTerms: [[String]] {
    [
      text.columns("diff-words.effect"), text.columns("diff-words.flips"), text.columns("diff-words.records"),
      text.columns("diff-words.margin"), text.columns("diff-words.fcas"), text.columns("diff-words.jaccard"),
      text.columns("diff-words.interval"), text.columns("diff-words.p-value"),
    ]
  }

  private var modelTerms: [[String]] {
    [
      text.columns("diff-words.circuit"), text.columns("diff-words.prompts"),
      text.columns("diff-words.comprehensiveness"),
      text.measuredUnit.map { text.columns("diff-words.number", ["unit": .text($0)]) }
        ?? text.columns("diff-words.decision-value"),
      text.columns("diff-words.parts"), text.columns("diff-words.run"), text.columns("diff-words.sufficiency"),
      text.columns("diff-words.token"),
    ]
  }

  /// A run that both sides use has one entry.
  private var runs: Section {
    var seen: Set<String> = []
    let rows = (diff.before.runs + diff.after.runs).filter { seen.insert($0).inserted }.compactMap {
      id -> [[Inline]]? in
      guard let run = (before.dossier.runs + after.dossier.runs).first(where: { $0.id == id }) else { return nil }
      let what =
        run.behaviour.map { text.words("diff.analysis-of", ["behaviour": .text($0)]) }
        ?? (run.kind == "evaluation" ? text.words("diff.evaluation") : run.kind)
      return [
        [.anchor(RunNames.anchor(id)), .code(id)], [.attributed(run.modelVersion)], [.attributed(what)],
        [.text(text.day(run.ended))],
        [.text(before.run(id) != nil || after.run(id) != nil ? text.words("diff.yes") : text.words("diff.no"))],
        [.code(run.recordSha256)],
      ]
    }
    return Section(
      id: "runs", heading: text.words("diff.runs-heading"),
      blocks: rows.isEmpty
        ? [.notice(kind: .missing, text.inlines("diff.runs-none"))]
        : [
          .table(
            Table(
              caption: text.words("diff.runs-caption"), header: text.columns("diff.runs-columns"),
              alignment: [.left, .left, .left, .left, .left, .left], rows: rows))
        ])
  }

  /// A row with its verdict, what it says and its runs.
  func finding(_ row: Diff.Row) -> [Inline] {
    text.inlines(
      "diff.finding",
      [
        "badge": .inline(.badge(words.badge(row.verdict))), "subject": .attributed(words.subject(row)),
        "sentence": .text(DiffBehaviourSection(context: self).sentence(row)),
        "runs": .inlines(links(row.runBefore, row.runAfter)),
      ])
  }

  /// Both runs of a row, linked.
  func links(_ before: String, _ after: String) -> [Inline] {
    let known = Set(diff.before.runs + diff.after.runs)
    func link(_ id: String) -> Inline { known.contains(id) ? names.link(id) : .text("–") }
    return before == after ? [link(before)] : [link(before), .text(", "), link(after)]
  }
}
