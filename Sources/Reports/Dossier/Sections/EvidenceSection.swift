import Analysis
import Evidence
import Project

/// What was measured: how to read it, each behaviour, performance, the superseded version beside this one.
struct EvidenceSection {
  let context: DossierContext

  /// The whole part.
  var section: Section {
    var sections = [howToRead]
    for (report, entry) in zip(context.dossier.behaviours, context.selection.analyses) {
      sections.append(
        BehaviourSection(context: context, report: report, behaviour: entry.behaviour, run: entry.run).section)
    }
    sections.append(EvaluationSection(context: context).section)
    if let comparison = ComparisonSection(context: context).section { sections.append(comparison) }
    let scope =
      "This part supports items 2(b), 2(c), 2(e), 2(f), 2(g), 3, 4 and 6; each of them links here. The Regulation asks for "
      + "these descriptions; it does not ask for any particular method."
    return Section(
      id: "evidence", heading: "What was measured", blocks: [.paragraph([.text(scope)])], sections: sections)
  }

  private var howToRead: Section {
    Section(
      id: "how-to-read", heading: "How to read the numbers",
      blocks: English.howToRead.map { .paragraph([.text($0)]) } + [
        .paragraph([.text("Every claim carries its standing:")]),
        .list(English.standings.map { [.badge($0.badge), .text(" \($0.meaning).")] }),
      ])
  }
}
