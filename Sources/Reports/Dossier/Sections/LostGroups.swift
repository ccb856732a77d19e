import Analysis
import Project

/// Groups that lost right decisions or the better answer since an earlier version, worst first.
struct LostGroups {
  let fares: WhoFaresWorse
  let words: GroupWords
  /// Which answer is the better one.
  let favourable: GroupComparison.Declaration.Side
  /// The level of the intervals.
  let confidence: Double
  let names: RunNames
  /// Whether each row has its place in the declared limits.
  var showsEnvelope = true

  private var text: InterfaceText { words.text }

  /// The level as a caption has it.
  var level: TextValue { .text(text.level(confidence)) }

  /// Whether any group was compared.
  var isCompared: Bool { fares.groups.contains { $0.worstChange != nil } }

  /// The groups, worst first.
  var groups: [WhoFaresWorse.Group] {
    fares.groups.filter(\.hasLost).sorted { left, right in
      guard let first = left.worstChange, let second = right.worstChange else { return false }
      return GroupComparison.Order(first) < GroupComparison.Order(second)
    }
  }

  /// The caption of the first of them, and of the rest.
  var captions: (first: String, rest: String) {
    words.unit == nil
      ? (text.words("groups.lost-caption", ["level": level]), text.words("groups.lost-caption-more", ["level": level]))
      : (
        text.words("groups.lost-caption-number", ["level": level]),
        text.words("groups.lost-caption-more-number", ["level": level])
      )
  }

  /// Some of them as a table, each with its runs and with what would settle it.
  func table(_ groups: some Sequence<WhoFaresWorse.Group>, caption: String) -> Block {
    .table(
      Table(
        caption: caption,
        header: showing(
          words.unit == nil
            ? text.columns("groups.lost-columns", ["answers": words.answers])
            : text.columns("groups.lost-columns-number", ["unit": words.measured])),
        alignment: showing([.left, .right] + measures.map { _ in .right } + [.left, .left, .left, .left]),
        rows: groups.compactMap(row).map(showing)))
  }

  /// Without the column of the envelope, where that is not shown.
  private func showing<Cell>(_ cells: [Cell]) -> [Cell] {
    showsEnvelope ? cells : cells.enumerated().filter { $0.offset != 4 + measures.count }.map(\.element)
  }

  /// Whose values before and after stand in a row.
  private var measures: [ChangeSettings.Measure] {
    words.unit == nil ? [.positiveDecisions, .accuracy] : [.absoluteError]
  }

  private func row(_ group: WhoFaresWorse.Group) -> [[Inline]]? {
    guard let worst = group.worstChange else { return nil }
    return [
      [.attributed(words.group(group.groupings, group.values))],
      [.text(words.records(worst))],
    ] + measures.map { measure in [.text(words.change(group.changes.first { $0.measure == measure }))] } + [
      [.attributed(words.difference(worst))], [.text(words.settling(worst, favourable: favourable))],
      [.text(envelope(group))],
      [names.link(worst.runBefore), .text(", "), names.link(worst.runAfter)],
    ]
  }

  /// The worst place that one of the group's rows has.
  private func envelope(_ group: WhoFaresWorse.Group) -> String {
    let order: [Diff.Envelope.State] = [.beyond, .notShownInside, .inside, .notNeeded]
    let worst = order.compactMap { state in group.changes.first { $0.envelope.state == state } }.first
    return worst.map(DiffWords(text).envelope) ?? "–"
  }
}
