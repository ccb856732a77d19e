import Analysis
import Project

/// Who fares worse since the earlier side, worst first: groups that lost right decisions or the better answer.
struct DiffGroupBlocks {
  let context: DiffDocument
  /// At most so many rows before the rest is for a reader to open.
  var limit = 8

  private var text: InterfaceText { context.text }

  /// The table, or that nobody lost; empty where no group was compared.
  var blocks: [Block] {
    let evaluation = context.after.dossier.evaluation
    let lost = LostGroups(
      fares: WhoFaresWorse(nil, changes: context.diff.rows),
      words: GroupWords(text: text, evaluation),
      favourable: (evaluation?.comparison?.declaration ?? GroupComparison.Declaration()).favourable,
      confidence: context.diff.settings.confidence, names: context.names)
    guard lost.isCompared else { return [] }
    let groups = lost.groups
    guard !groups.isEmpty else { return [.paragraph(text.inlines("groups.none-lost"))] }
    let table = lost.table(groups.prefix(limit), caption: lost.captions.first)
    guard groups.count > limit else { return [table] }
    return [
      table,
      .details(
        summary: text.words("groups.lost-more", ["n": .count(groups.count - limit)]),
        [lost.table(groups.dropFirst(limit), caption: lost.captions.rest)]),
    ]
  }
}
