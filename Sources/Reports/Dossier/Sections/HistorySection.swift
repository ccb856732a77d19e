import Project

/// How the documentation changed from version to version, and which statements are older than what they speak of.
struct HistorySection {
  let context: DossierContext

  /// The whole part.
  var section: Section {
    Section(id: "history", heading: "Changes of this documentation", sections: [versions, stale])
  }

  private var versions: Section {
    let rows = context.dossier.history.map { entry -> [[Inline]] in
      let digests: [Inline] = entry.rootSha256.map { .code(String($0.prefix(12)) + "…") }
      return [
        [.code(entry.version)], [entry.date.map { .text($0) } ?? .text(English.notStated)],
        [entry.changes.map { .attributed($0) } ?? .text(English.notStated)],
        [.text(entry.latestRun ?? "no run")],
        digests.isEmpty ? [.text("–")] : Array(digests.map { [$0] }.joined(separator: [.text(", ")])),
        [.text(String(entry.counts.evidenced))], [.text(String(entry.counts.declared))],
        [.text(String(entry.counts.notApplicable))], [.text(String(entry.counts.missing))],
      ]
    }
    let table = Table(
      caption: "Model versions, the latest first, with the state of their documentation today",
      header: [
        "Version", "Made on", "Changes, as declared", "Latest run", "Root digest", "Evidenced", "Declared",
        "Not applicable", "Missing",
      ],
      alignment: [.left, .left, .left, .left, .left, .right, .right, .right, .right], rows: rows)
    var blocks: [Block] = [.table(table)]
    for (newer, older) in zip(context.dossier.history, context.dossier.history.dropFirst()) {
      blocks.append(
        .paragraph([.text("From version "), .code(older.version), .text(" to "), .code(newer.version), .text(":")]))
      blocks.append(
        newer.changed.isEmpty
          ? .paragraph([.text("no element of Annex IV changed its state, and no statement its text.")])
          : .list(newer.changed.map(change)))
    }
    if context.dossier.history.count == 1 {
      blocks.append(.paragraph([.text("The project file names no version that this one follows.")]))
    }
    return Section(id: "history-versions", heading: "From version to version", blocks: blocks)
  }

  private func change(_ change: Dossier.ElementChange) -> [Inline] {
    let item = context.catalogue.item(change.item)
    let element = item?.element(change.element)
    var inlines: [Inline] = [
      .link(text: change.item, target: "#\(item?.anchor ?? "annex-iv")"), .text(" "),
      .attributed(element?.title ?? change.element), .text(": "),
    ]
    inlines.append(
      .text(
        change.before == change.after
          ? "\(change.after) as before, with another text" : "\(change.before) before, \(change.after) now"))
    return inlines + [.text(".")]
  }

  private var stale: Section {
    let stale = context.dossier.staleStatements
    var blocks: [Block] = []
    if context.model.date == nil, context.model.supersedes != nil {
      blocks.append(
        .notice(
          kind: .note,
          [
            .text(
              "The project file does not say when this version was made, so statements are not compared with it. Give "),
            .code("models › \(context.model.version) › date"), .text("."),
          ]))
    }
    if stale.isEmpty {
      blocks.append(.paragraph([.text("No statement was found to be older than what it speaks of.")]))
    } else {
      let rows = stale.map { entry -> [[Inline]] in
        [[.code(entry.file)], [.text(entry.item)], [.text(entry.date)], [.text(entry.reason)]]
      }
      blocks.append(
        .table(
          Table(
            caption: "Statements to be read again", header: ["File", "Item", "Dated", "Why"],
            alignment: [.left, .left, .left, .left], rows: rows)))
    }
    return Section(id: "history-stale", heading: "Statements that may be out of date", blocks: blocks)
  }
}
