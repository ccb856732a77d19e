import Analysis
import Project

/// Who fares worse since the earlier side, worst first: groups that lost right decisions or the better answer.
struct DiffGroupBlocks {
  let context: DiffDocument
  /// At most so many rows before the rest is for a reader to open.
  var limit = 8

  private var text: InterfaceText { context.text }
  private var declaration: GroupComparison.Declaration {
    context.after.dossier.evaluation?.comparison?.declaration ?? GroupComparison.Declaration()
  }
  private var words: GroupWords {
    GroupWords(text: text, positive: context.after.dossier.evaluation?.positive ?? [])
  }

  /// The table, or that nobody lost; empty where no group was compared.
  var blocks: [Block] {
    let groups = WhoFaresWorse(nil, changes: context.diff.rows).groups
    guard groups.contains(where: { $0.worstChange != nil }) else { return [] }
    let lost = groups.filter(\.hasLost)
    guard !lost.isEmpty else { return [.paragraph(text.inlines("groups.none-lost"))] }
    let level = TextValue.text(text.level(context.diff.settings.confidence))
    let table = table(Array(lost.prefix(limit)), text.words("groups.lost-caption", ["level": level]))
    guard lost.count > limit else { return [table] }
    return [
      table,
      .details(
        summary: text.words("groups.lost-more", ["n": .count(lost.count - limit)]),
        [self.table(Array(lost.dropFirst(limit)), text.words("groups.lost-caption-more", ["level": level]))]),
    ]
  }

  private func table(_ groups: [WhoFaresWorse.Group], _ caption: String) -> Block {
    .table(
      Table(
        caption: caption,
        header: text.columns("groups.lost-columns", ["answers": words.answers]),
        alignment: [.left, .right, .right, .right, .left, .left, .left, .left], rows: groups.compactMap(row)))
  }

  private func row(_ group: WhoFaresWorse.Group) -> [[Inline]]? {
    guard let worst = group.worstChange else { return nil }
    return [
      [.attributed(words.group(group.groupings, group.values))],
      [.text(words.records(worst))],
      [.text(words.change(group.changes.first { $0.measure == .positiveDecisions }))],
      [.text(words.change(group.changes.first { $0.measure == .accuracy }))],
      [.attributed(words.difference(worst))], [.text(words.settling(worst, favourable: declaration.favourable))],
      [.text(envelope(group))],
      [context.names.link(worst.runBefore), .text(", "), context.names.link(worst.runAfter)],
    ]
  }

  /// The worst place that one of the group's rows has.
  private func envelope(_ group: WhoFaresWorse.Group) -> String {
    let order: [Diff.Envelope.State] = [.beyond, .notShownInside, .inside, .notNeeded]
    let worst = order.compactMap { state in group.changes.first { $0.envelope.state == state } }.first
    return worst.map(context.words.envelope) ?? "–"
  }
}
