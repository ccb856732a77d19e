import Analysis
import Evidence
import Project

/// What was measured: how to read it, each behaviour, performance, the superseded version beside this one.
struct EvidenceSection {
  let context: DossierContext

  private var text: InterfaceText { context.text }

  /// The whole part.
  var section: Section {
    var sections = [howToRead]
    for (report, entry) in zip(context.dossier.behaviours, context.selection.analyses) {
      sections.append(
        BehaviourSection(context: context, report: report, behaviour: entry.behaviour, run: entry.run).section)
    }
    sections.append(EvaluationSection(context: context).section)
    if let comparison = ComparisonSection(context: context).section { sections.append(comparison) }
    return Section(
      id: "evidence", heading: text.words("evidence.heading"), blocks: [.paragraph(text.inlines("evidence.scope"))],
      sections: sections)
  }

  private var howToRead: Section {
    Section(
      id: "how-to-read", heading: text.words("how-to-read.heading"),
      blocks: text.howToRead.map { .paragraph([.text($0)]) } + [
        .paragraph(text.inlines("how-to-read.standings")),
        .list(text.standings.map { [.badge($0.badge), .text(" " + $0.meaning)] }),
      ])
  }
}
