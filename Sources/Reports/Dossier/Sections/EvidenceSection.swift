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
    sections.append(evaluation)
    if let comparison = ComparisonSection(context: context).section { sections.append(comparison) }
    return Section(
      id: "evidence", heading: text.words("evidence.heading"), blocks: [.paragraph(text.inlines("evidence.scope"))],
      sections: sections)
  }

  private var evaluation: Section {
    guard let run = context.selection.evaluation, let report = context.dossier.evaluation,
      let sentences = EvaluationSentences(run.record, names: context.names, text: text)
    else { return missingEvaluation }
    let isOther = report.planIsCurrent == false
    return EvaluationSection(
      sentences: sentences,
      notices: isOther ? [.notice(kind: .note, text.inlines("binding.evaluation-of-other-plan"))] : [],
      groups: GroupsSection(context)?.section
    ).section
  }

  private var missingEvaluation: Section {
    let command = TextValue.code("vitrine evaluate --model \(context.model.version)")
    let other = context.selection.stale.first { $0.behaviour == nil && !$0.isCited }?.run.record.id
    let missing =
      other.map { text.inlines("binding.question-of-other-plan", ["run": .code($0), "command": command]) }
      ?? text.inlines("evaluation.no-run", ["version": .code(context.model.version), "command": command])
    return Section(
      id: "evaluation", heading: text.words("evaluation.heading"), badge: text.badge(.notEstablished),
      blocks: [.notice(kind: .missing, missing)])
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
