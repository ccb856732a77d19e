import Analysis
import Evidence
import Project

/// What changed since the superseded version, harm first: what lies outside the declared limits, who lost, and what each change of a text
/// did to the decisions then and does now.
struct ChangesAtAGlance {
  let context: DossierContext
  /// The decisions of this version.
  let decisions: DecisionsAtAGlance
  /// At most so many groups.
  var limit = 2

  private var text: InterfaceText { context.text }

  /// The section's blocks.
  var blocks: [Block] {
    guard let superseded = context.superseded, let before = context.model.supersedes else {
      return [.paragraph(text.inlines("history.first"))]
    }
    return said + notForeseen + losses + turned(superseded, before) + [untested(before)]
  }

  /// What was changed, as the provider says.
  private var said: [Block] {
    context.dossier.model.changes.map {
      [.paragraph(text.inlines("glance.changes-said", ["changes": .attributed($0)]))]
    } ?? []
  }

  /// What nobody foresaw, or that nothing is known to be so.
  private var notForeseen: [Block] {
    guard let since = context.since, !since.rows.isEmpty else { return [] }
    let file = TextValue.code("vitrine.yaml")
    guard context.project.changes.isDeclared else {
      return [.notice(kind: .note, text.inlines("glance.no-limits", ["file": file]))]
    }
    let outcome = since.outcome
    guard outcome.count > 0 else { return [.paragraph(text.inlines("glance.within-limits", ["file": file]))] }
    let lost = outcome.rows.count { $0.isGroup && ($0.loss == .settled || $0.loss == .likely) }
    return [
      .notice(
        kind: .note,
        text.inlines(
          "glance.beyond-limits",
          ["n": .count(outcome.count), "file": file, "lost": .count(lost), "facts": .count(outcome.facts.count)]))
    ]
  }

  /// The groups that lost most.
  private var losses: [Block] {
    guard let evaluation = context.dossier.evaluation, let comparison = evaluation.comparison else { return [] }
    let lost = LostGroups(
      fares: WhoFaresWorse(context), words: GroupWords(text: text, evaluation),
      favourable: comparison.declaration.favourable, confidence: context.project.changes.confidence,
      names: context.names, showsEnvelope: false)
    guard lost.isCompared else { return [] }
    let groups = lost.groups
    guard !groups.isEmpty else { return [.paragraph(text.inlines("groups.none-lost"))] }
    let table = lost.table(groups.prefix(limit), caption: lost.captions.first)
    guard groups.count > limit else { return [table] }
    let link = TextValue.link(text.words("groups.more-link"), to: "#" + GroupsSection.id)
    return [
      table,
      .paragraph(text.inlines("groups.lost-elsewhere", ["n": .count(groups.count - limit), "link": link])),
    ]
  }

  /// What each change of a text did then and does now, what grew most first.
  private func turned(_ superseded: RunSelection, _ before: String) -> [Block] {
    let older = DecisionsAtAGlance.rows(superseded)
    let both = decisions.rows.compactMap { row -> (before: DecisionsAtAGlance.Row, after: DecisionsAtAGlance.Row)? in
      older.first { $0.behaviour.id == row.behaviour.id && $0.plan.asks(as: row.plan) }.map { ($0, row) }
    }.sorted {
      $0.after.flips.share.value - $0.before.flips.share.value > $1.after.flips.share.value
        - $1.before.flips.share.value
    }
    let numbers = [NumbersAtAGlance(context).changes(since: superseded, before)].compactMap { $0 }
    guard !both.isEmpty else {
      return numbers.isEmpty ? [.notice(kind: .note, text.inlines("comparison.no-runs"))] : numbers
    }
    return [
      .table(
        Table(
          caption: text.words(
            "glance.changes-caption", ["before": .code(before), "after": .code(context.model.version)]),
          header: text.columns("glance.changes-columns"), alignment: [.left, .right, .right, .left],
          rows: both.map(cells)))
    ] + numbers
  }

  private func cells(_ before: DecisionsAtAGlance.Row, _ after: DecisionsAtAGlance.Row) -> [[Inline]] {
    func fromTo(_ first: TextValue, _ second: TextValue) -> [Inline] {
      text.inlines("glance.from-to", ["before": first, "after": second])
    }
    return [
      [.link(text: decisions.change(after.plan), target: "#comparison")],
      fromTo(.text(text.count(before.flips.count)), .text(text.counted(of: after.flips))),
      fromTo(text.inPoints(before.points.value), .text(text.pointsAlone(after.points))),
      [context.names.link(before.record.id), .text(", "), context.names.link(after.record.id)],
    ]
  }

  /// How the documentation changed, and that the table of decisions tests nothing.
  private func untested(_ before: String) -> Block {
    .paragraph(
      text.inlines(
        "glance.changes-untested",
        [
          "n": .count(context.dossier.history.first?.changed.count ?? 0),
          "link": .link(text.words("history.heading"), to: "#history"),
          "command": .code("vitrine diff \(before) \(context.model.version)"),
        ]))
  }
}
