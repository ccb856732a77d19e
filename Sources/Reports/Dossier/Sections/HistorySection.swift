import Project

/// How the documentation changed from version to version, and which statements are older than what they speak of.
struct HistorySection {
  let context: DossierContext

  private var text: InterfaceText { context.text }

  /// The whole part.
  var section: Section {
    Section(id: "history", heading: text.words("history.heading"), sections: [versions, stale])
  }

  private var versions: Section {
    let rows = context.dossier.history.map { entry -> [[Inline]] in
      let digests: [Inline] = entry.rootSha256.map { .code(String($0.prefix(12)) + "…") }
      return [
        [.code(entry.version)], [.text(entry.date.map(text.day) ?? text.words("words.not-stated"))],
        entry.changes.map { [.attributed($0)] } ?? text.inlines("words.not-stated"),
        [.text(entry.latestRun.map(text.day) ?? text.words("history.no-run"))],
        digests.isEmpty ? [.text("–")] : Array(digests.map { [$0] }.joined(separator: [.text(", ")])),
        [.text(String(entry.counts.evidenced))], [.text(String(entry.counts.declared))],
        [.text(String(entry.counts.notApplicable))], [.text(String(entry.counts.missing))],
      ]
    }
    let table = Table(
      caption: text.words("history.caption"),
      header: text.marked(text.columns("history.columns"), lastAre: ElementState.Kind.allCases.map(\.rawValue)),
      alignment: [.left, .left, .left, .left, .left, .right, .right, .right, .right], rows: rows)
    var blocks: [Block] = [.table(table)]
    for (newer, older) in zip(context.dossier.history, context.dossier.history.dropFirst()) {
      blocks.append(
        .paragraph(
          text.inlines("history.from-to", ["older": .code(older.version), "newer": .code(newer.version)])))
      blocks.append(
        newer.changed.isEmpty ? .paragraph(text.inlines("history.no-change")) : .list(newer.changed.map(change)))
    }
    if context.dossier.history.count == 1 { blocks.append(.paragraph(text.inlines("history.first"))) }
    return Section(id: "history-versions", heading: text.words("history.versions"), blocks: blocks)
  }

  private func change(_ change: Dossier.ElementChange) -> [Inline] {
    let item = context.catalogue.item(change.item)
    let link = TextValue.link(change.item, to: "#\(item?.anchor ?? "annex-iv")")
    let title = TextValue.attributed(item?.element(change.element)?.title ?? change.element)
    return change.before == change.after
      ? text.inlines("history.other-text", ["item": link, "element": title, "state": .text(change.after)])
      : text.inlines(
        "history.other-state",
        ["item": link, "element": title, "before": .text(change.before), "after": .text(change.after)])
  }

  private var stale: Section {
    let stale = context.dossier.staleStatements
    var blocks: [Block] = []
    if context.model.date == nil, context.model.supersedes != nil {
      blocks.append(
        .notice(
          kind: .note, text.inlines("history.no-date", ["key": .code("models › \(context.model.version) › date")])))
    }
    if stale.isEmpty {
      blocks.append(.paragraph(text.inlines("history.nothing-stale")))
    } else {
      blocks.append(
        .list(
          stale.map(\.reason).distinct.map { reason in
            let entries = stale.filter { $0.reason == reason }.map { entry in
              text.inlines(
                "history.stale-entry",
                ["file": .code(entry.file), "item": .text(entry.item), "day": .text(text.day(entry.date))])
            }
            return text.inlines(
              "history.stale-by-reason",
              [
                "n": .count(entries.count), "reason": .text(reason),
                "entries": .inlines(Array(entries.joined(separator: [.text("; ")]))),
              ])
          }))
    }
    return Section(id: "history-stale", heading: text.words("history.stale"), blocks: blocks)
  }
}
