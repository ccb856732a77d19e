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
  let names: RunNames
  /// At most so many rows.
  var limit = 8

  private var text: InterfaceText { words.text }

  /// A sentence on how to read it, the table, and how much more there is.
  var blocks: [Block] {
    guard let comparison else { return [.paragraph(text.inlines("groups.none-declared"))] }
    let rows = behind.compactMap(row)
    guard !rows.isEmpty else {
      return [.paragraph(text.inlines("groups.none-behind", ["run": .inline(names.link(run.id))]))]
    }
    return [
      .paragraph(words.lead(comparison)),
      .table(
        Table(
          caption: text.words("groups.glance-caption", ["level": .text(text.level(comparison.confidence))]),
          header: words.unit == nil
            ? text.columns("groups.glance-columns", ["answers": words.answers])
            : text.columns("groups.glance-columns-number", ["unit": words.measured]),
          alignment: words.unit == nil
            ? [.left, .right, .right, .right, .left, .left, .left] : [.left, .right, .right, .left, .left, .left],
          rows: rows.prefix(limit).map(\.cells))),
      .paragraph(more(rows.dropFirst(limit))),
    ]
  }

  /// The groups that are behind their reference, worst first.
  private var behind: [WhoFaresWorse.Group] {
    fares.groups.filter(\.isBehind).sorted { left, right in
      guard let first = left.row?.worst, let second = right.row?.worst else { return false }
      return GroupComparison.Order(first) < GroupComparison.Order(second)
    }
  }

  private typealias Row = (isSettled: Bool, cells: [[Inline]])

  /// The group beside its reference, if it is worse off.
  private func row(_ group: WhoFaresWorse.Group) -> Row? {
    guard group.isBehind, let row = group.row, let worst = row.worst else { return nil }
    let values: [GroupComparison.Measure] = words.unit == nil ? [.positiveRate, .accuracy] : [.absoluteError]
    return (
      worst.loss == .settled,
      [[.attributed(words.against(row))], [.text(words.records(row))]]
        + values.map { [.text(words.both(row.comparison($0)))] }
        + [[.attributed(words.difference(worst))], [.text(words.settling(worst))], [names.link(run.id)]]
    )
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
      words: GroupWords(text: context.text, report), names: context.names, limit: limit)
  }
}
