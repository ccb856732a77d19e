import Project

/// The answer first: what changed, what did not, what nobody can say yet, and what lies beyond the envelope.
struct DiffBriefSection {
  let context: DiffDocument
  private var diff: Diff { context.diff }
  private var text: InterfaceText { context.text }

  var section: Section {
    Section(
      id: "brief", heading: text.words("diff-brief.heading"),
      blocks: [identical, untested, declared].compactMap { $0 } + DiffGroupBlocks(context: context).blocks + [counts]
        + findings + beyond + [decision])
  }

  private var identical: Block? {
    guard diff.outcome.isIdentical else { return nil }
    return .notice(
      kind: .note,
      text.inlines("diff-brief.identical", ["lead": .inline(.strong(text.words("diff-brief.identical-lead")))]))
  }

  private var untested: Block? {
    guard !diff.outcome.isAnythingTested else { return nil }
    return .notice(kind: .missing, [.text(context.words.nothingTested)])
  }

  /// What the provider says that was done.
  private var declared: Block? {
    guard let changes = context.after.dossier.model.changes else { return nil }
    let model = context.after.dossier.model
    return .paragraph(
      text.inlines(
        "diff-brief.declared",
        [
          "lead": .inline(.strong(text.words("diff-brief.declared-lead"))),
          "before": .attributed(model.supersedes ?? diff.before.label), "after": .attributed(model.version),
          "changes": .attributed(changes),
        ]))
  }

  private var counts: Block {
    let used = diff.outcome.counts.filter { $0.overall + $0.groups > 0 }
    guard !used.isEmpty else { return .paragraph(text.inlines("diff-brief.no-measure")) }
    return .table(
      Table(
        caption: text.words("diff-brief.counts-caption"), header: text.columns("diff-brief.counts-columns"),
        alignment: [.left, .right, .right],
        rows: used.map {
          [
            [.badge(context.words.badge($0.verdict))], [.text(text.count($0.overall))],
            [.text(text.count($0.groups))],
          ]
        }))
  }

  /// Each change with what it did to the decisions; counts that differ without settling anything apart.
  private var findings: [Block] {
    let main = diff.rows.filter { !$0.isGroup }
    let changed = main.filter { $0.verdict == .changed }
    let told = main.filter { row in
      row.verdict == .changed
        || row.measure == .flips && changed.contains { $0.measure == .effect && $0.behaviour == row.behaviour }
    }
    let apart = main.filter { row in row.verdict == .unsettled && differs(row) && !told.contains(row) }
    var blocks: [Block] = []
    if !told.isEmpty { blocks.append(.list(told.map(context.finding))) }
    if changed.isEmpty, !diff.outcome.isIdentical {
      blocks.append(.paragraph(text.inlines("diff-brief.none-changed")))
    }
    let groups = diff.rows.filter { $0.isGroup && $0.verdict == .changed }
    if !groups.isEmpty {
      blocks.append(.details(summary: text.words("diff-brief.groups"), [.list(groups.map(context.finding))]))
    }
    if !apart.isEmpty {
      blocks.append(.details(summary: text.words("diff-brief.apart"), [.list(apart.map(context.finding))]))
    }
    return blocks
  }

  private func differs(_ row: Diff.Row) -> Bool {
    row.discordant.map { $0.countBefore != $0.countAfter } ?? false
  }

  private var beyond: [Block] {
    guard !diff.outcome.beyond.isEmpty else {
      return [
        .paragraph(
          text.inlines("diff-brief.envelope", ["lead": .inline(.strong(text.words("diff-brief.envelope-lead")))]))
      ]
    }
    let lines = diff.outcome.beyond.map { text.inlines("diff.sentence", ["text": .inlines(text.said($0))]) }
    return [
      .notice(
        kind: .note,
        text.inlines(
          "diff-brief.beyond",
          ["lead": .inline(.strong(text.words("diff-brief.beyond-lead"))), "n": .count(lines.count)])),
      .list(Array(lines.prefix(6))),
    ] + (lines.count > 6 ? [.details(summary: text.words("diff-brief.beyond-all"), [.list(lines)])] : [])
  }

  private var decision: Block {
    .paragraph(
      text.inlines(
        "diff-brief.decision", ["worksheet": .link(text.words("diff-brief.worksheet"), to: "#worksheet")]))
  }
}
