import Analysis
import Evidence
import Project

/// Who fares worse, worst first, for a first page: a few rows, each with its run and with what would settle it.
struct GroupsAtAGlance {
  /// The evaluation that the groups are of.
  let run: RunRecord
  /// Each group beside its reference; nil where no groups are declared.
  let comparison: GroupComparison?
  let fares: WhoFaresWorse
  let words: GroupWords
  /// The superseded version's run, if the groups were compared with it.
  let before: RunRecord?
  let names: RunNames
  /// At most so many rows.
  var limit = 8

  private var text: InterfaceText { words.text }

  /// A sentence on how to read it, the table, and how much more there is.
  var blocks: [Block] {
    guard let comparison else { return [.paragraph(text.inlines("groups.none-declared"))] }
    let rows = fares.groups.flatMap { self.rows($0, comparison.declaration) }
    guard !rows.isEmpty else {
      return [.paragraph(text.inlines("groups.none-behind", ["run": .inline(names.link(run.id))]))]
    }
    return [
      .paragraph(words.lead(comparison)),
      .table(
        Table(
          caption: text.words("groups.glance-caption", ["level": .text(text.level(comparison.confidence))]),
          header: text.columns("groups.glance-columns", ["answers": words.answers]),
          alignment: [.left, .right, .right, .right, .left, .left, .left], rows: rows.prefix(limit).map(\.cells))),
      .paragraph(more(rows.dropFirst(limit))),
    ]
  }

  private typealias Row = (isSettled: Bool, cells: [[Inline]])

  /// The group beside its reference if it is worse off, and since the version before if it lost.
  private func rows(_ group: WhoFaresWorse.Group, _ declaration: GroupComparison.Declaration) -> [Row] {
    var rows: [Row] = []
    if group.isBehind, let row = group.row, let worst = row.worst {
      rows.append(
        (
          worst.loss == .settled,
          [
            [.attributed(words.against(row))], [.text(words.records(row))],
            [.text(words.both(row.comparison(.positiveRate)))], [.text(words.both(row.comparison(.accuracy)))],
            [.attributed(words.difference(worst))], [.text(words.settling(worst))], [names.link(run.id)],
          ]
        ))
    }
    if group.hasLost, let worst = group.worstChange, let before {
      let version = TextValue.text(before.modelVersion)
      let name: [Inline] =
        rows.isEmpty
        ? text.inlines(
          "groups.since", ["group": .attributed(words.group(group.groupings, group.values)), "version": version])
        : text.inlines("groups.same-since", ["version": version])
      rows.append(
        (
          worst.loss == .settled,
          [
            name, [.text(words.records(worst))],
            [.text(words.change(group.changes.first { $0.measure == .positiveDecisions }))],
            [.text(words.change(group.changes.first { $0.measure == .accuracy }))],
            [.attributed(words.difference(worst))],
            [.text(words.settling(worst, favourable: declaration.favourable))],
            [names.link(before.id), .text(", "), names.link(run.id)],
          ]
        ))
    }
    return rows
  }

  /// How many rows are not shown here, and where all are.
  private func more(_ hidden: ArraySlice<Row>) -> [Inline] {
    let link = TextValue.link(text.words("groups.more-link"), to: "#" + GroupsSection.id)
    return !hidden.isEmpty
      ? text.inlines(
        "groups.more",
        ["n": .count(hidden.count), "settled": .text(text.count(hidden.count { $0.isSettled })), "link": link])
      : text.inlines("groups.all-groups", ["link": link])
  }
}

extension GroupsAtAGlance {
  /// The groups of a dossier's cited evaluation; nil without one.
  init?(_ context: DossierContext, limit: Int = 8) {
    guard let run = context.selection.evaluation?.record, let report = context.dossier.evaluation else { return nil }
    self.init(
      run: run, comparison: report.comparison, fares: WhoFaresWorse(context),
      words: GroupWords(text: context.text, positive: report.positive), before: context.superseded?.evaluation?.record,
      names: context.names, limit: limit)
  }
}
