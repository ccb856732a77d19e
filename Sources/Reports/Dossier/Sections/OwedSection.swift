import Evidence

/// What is missing, who owes it, by when: a short table for the first page, and the whole list.
struct OwedSection {
  let context: DossierContext

  /// The most rows of the short table.
  private static let mostRows = 12

  private var text: InterfaceText { context.text }

  private var list: OwedList { OwedList(context.status) }

  /// The dossier's own day: the only one that a page can go by.
  private var day: CalendarDate? { context.dossier.date.flatMap(CalendarDate.init) }

  /// For the first page: what is owed by person and day, at most twelve rows.
  var blocks: [Block] {
    let list = list
    guard !list.groups.isEmpty else { return [.paragraph(text.inlines("owed.nothing"))] }
    var rows = list.groups.map(row)
    if list.groups.count > Self.mostRows {
      let rest = list.groups[(Self.mostRows - 1)...]
      let elements = rest.flatMap(\.elements)
      rows[(Self.mostRows - 1)...] = [
        [
          text.inlines("owed.further", ["n": .count(rest.count)]), [.text("–")], items(elements),
          [.text(text.numbers.count(elements.count))],
        ]
      ]
    }
    let table = Table(
      caption: text.words("owed.caption"), header: text.columns("owed.columns"),
      alignment: [.left, .left, .left, .right], rows: rows)
    return [.paragraph(lead(list)), .table(table)]
  }

  /// For the part that follows Annex IV: every missing element with its reviewer and file.
  var whole: Section {
    let list = list
    guard !list.groups.isEmpty else {
      return Section(
        id: "owed", heading: text.words("owed.heading"), blocks: [.paragraph(text.inlines("owed.nothing"))])
    }
    let rows = list.groups.flatMap { group in
      group.elements.map { owed -> [[Inline]] in
        [
          [.link(text: owed.item.id, target: "#\(owed.item.anchor)-\(owed.element.id.slug)")],
          [.attributed(owed.element.title)], who(group), when(group.due),
          owed.assignment.reviewer.map { [.attributed($0.value)] } ?? [.text("–")], [.code(owed.gap.file)],
        ]
      }
    }
    let table = Table(
      caption: text.words("owed.list-caption"), header: text.columns("owed.list-columns"),
      alignment: rows[0].map { _ in .left }, rows: rows)
    let conflicts = context.status.conflicts.map { Block.notice(kind: .note, text.conflict($0)) }
    return Section(
      id: "owed", heading: text.words("owed.heading"),
      blocks: [.paragraph(lead(list))] + conflicts
        + [.details(summary: text.words("owed.list-summary", ["n": .count(list.elements.count)]), [.table(table)])])
  }

  /// How many, how many of them late by the dossier's own day, and for how many nobody is named.
  private func lead(_ list: OwedList) -> [Inline] {
    let unnamed = list.groups.filter { !$0.isNamed }.reduce(0) { $0 + $1.elements.count }
    var sentences = [text.inlines("owed.count", ["n": .count(list.elements.count)])]
    if let day, case let overdue = list.overdue(on: day), !overdue.isEmpty {
      sentences.append(
        text.inlines("owed.overdue", ["n": .count(overdue.count), "day": .text(text.day(day))]))
    }
    if unnamed > 0 { sentences.append(text.inlines("owed.unnamed", ["n": .count(unnamed)])) }
    return Array(sentences.joined(separator: [.text(" ")]))
  }

  private func row(_ group: OwedList.Group) -> [[Inline]] {
    [who(group), when(group.due), items(group.elements), [.text(text.numbers.count(group.elements.count))]]
  }

  private func who(_ group: OwedList.Group) -> [Inline] {
    group.isNamed
      ? [.attributed(group.owner)] : text.inlines("owed.nobody", ["role": .attributed(group.owner)])
  }

  private func when(_ due: CalendarDate?) -> [Inline] {
    guard let due else { return text.inlines("owed.no-day") }
    let isPast = day.map { due < $0 } ?? false
    return isPast ? text.inlines("owed.past", ["day": .text(text.day(due))]) : [.text(text.day(due))]
  }

  /// The items of elements, each once, as links.
  private func items(_ elements: [OwedElement]) -> [Inline] {
    var items: [LawItem] = []
    for owed in elements where !items.contains(owed.item) { items.append(owed.item) }
    let links = items.map { [Inline.link(text: $0.id, target: "#\($0.anchor)")] }
    return Array(links.joined(separator: [.text(", ")]))
  }
}

extension InterfaceText {
  /// That a statement and the project file say different things about who owes what.
  func conflict(_ conflict: AssignmentConflict) -> [Inline] {
    inlines(
      "owed.conflict",
      [
        "key": .code(conflict.key), "place": .code(conflict.used.place), "used": .attributed(conflict.used.value),
        "other-place": .code(conflict.other.place), "other": .attributed(conflict.other.value),
      ])
  }
}
