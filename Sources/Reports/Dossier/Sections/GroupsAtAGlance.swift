import Analysis
import Evidence
import Project

/// Who fares worse, worst first, for a first page: a few rows, each with its run and with what would settle it.
struct GroupsAtAGlance {
  let context: DossierContext
  /// At most so many rows.
  var limit = 8

  private var text: InterfaceText { context.text }

  /// A sentence on how to read it, the table, and how much more there is; empty without an evaluation.
  var blocks: [Block] {
    guard let run = context.selection.evaluation?.record, let report = context.dossier.evaluation else { return [] }
    guard let comparison = report.comparison else { return [.paragraph(text.inlines("groups.none-declared"))] }
    let words = GroupWords(text: text, positive: report.positive)
    let groups = WhoFaresWorse(context).groups
    let rows = groups.flatMap { self.rows($0, run, words, comparison.declaration) }
    guard !rows.isEmpty else {
      return [.paragraph(text.inlines("groups.none-behind", ["run": .inline(context.names.link(run.id))]))]
    }
    return [
      .paragraph(words.lead(comparison)),
      .table(
        Table(
          caption: text.words("groups.glance-caption", ["level": .text(text.level(comparison.confidence))]),
          header: text.columns("groups.glance-columns", ["answers": words.answers]),
          alignment: [.left, .right, .right, .right, .right, .left, .left],
          rows: Array(rows.prefix(limit)))),
      .paragraph(more(shown: min(limit, rows.count), of: rows.count, groups)),
    ]
  }

  /// The group beside its reference if it is worse off, and since the version before if it lost.
  private func rows(
    _ group: WhoFaresWorse.Group, _ run: RunRecord, _ words: GroupWords, _ declaration: GroupComparison.Declaration
  ) -> [[[Inline]]] {
    var rows: [[[Inline]]] = []
    if group.isBehind, let row = group.row, let worst = row.worst {
      rows.append(
        [
          [.attributed(words.against(row))], [.text(words.records(row))],
          [.text(words.both(row.comparison(.positiveRate)))], [.text(words.both(row.comparison(.accuracy)))],
          [.attributed(words.difference(worst))], [.text(words.settling(worst))], [context.names.link(run.id)],
        ])
    }
    if group.hasLost, let worst = group.worstChange, let before = context.superseded?.evaluation?.record {
      let version = TextValue.text(before.modelVersion)
      let name: [Inline] =
        rows.isEmpty
        ? text.inlines(
          "groups.since", ["group": .attributed(words.group(group.groupings, group.values)), "version": version])
        : text.inlines("groups.same-since", ["version": version])
      rows.append(
        [
          name, [.text(text.count(worst.n))],
          [.text(words.change(group.changes.first { $0.measure == .positiveDecisions }))],
          [.text(words.change(group.changes.first { $0.measure == .accuracy }))],
          [.attributed(words.difference(worst))],
          [.text(words.settling(worst, favourable: declaration.favourable))],
          [context.names.link(before.id), .text(", "), context.names.link(run.id)],
        ])
    }
    return rows
  }

  /// How many rows and groups are not shown here.
  private func more(shown: Int, of all: Int, _ groups: [WhoFaresWorse.Group]) -> [Inline] {
    let link = TextValue.link(text.words("groups.more-link"), to: "#evaluation-groups")
    return all > shown
      ? text.inlines("groups.more", ["n": .count(all - shown), "link": link])
      : text.inlines("groups.all-groups", ["link": link])
  }
}
