import Evidence

/// What is missing, who owes it, by when: a short table for the first page. The items of Annex IV
/// name each element, `gaps.md` and its siblings all of them.
struct OwedSection {
  let context: DossierContext

  /// The most rows of the short table.
  private static let mostRows = 12

  private var text: InterfaceText { context.text }

  private var list: OwedList { OwedList(context.status) }

  /// The dossier's own day: the only one that a page can go by.
  var day: CalendarDate? { context.dossier.date.flatMap(CalendarDate.init) }

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

  /// What statements and the project file say differently.
  var conflicts: [Block] { context.status.conflicts.map { .notice(kind: .note, text.conflict($0)) } }

  /// How many, how many of them late by the dossier's own day, and for how many nobody is named.
  private func lead(_ list: OwedList) -> [Inline] {
    let unnamed = list.groups.filter { !$0.isNamed }.reduce(0) { $0 + $1.elements.count }
    var sentences = [text.inlines("owed.count", ["n": .count(list.elements.count)])]
    if let day, case let overdue = list.overdue(on: day).elements, !overdue.isEmpty {
      sentences.append(
        text.inlines("owed.overdue", ["n": .count(overdue.count), "day": .text(text.day(day))]))
    }
    if unnamed > 0 { sentences.append(text.inlines("owed.unnamed", ["n": .count(unnamed)])) }
    return Array(sentences.joined(separator: [.text(" ")]))
  }

  private func row(_ group: OwedList.Group) -> [[Inline]] {
    [
      text.who(group), text.when(group.due, day: day), items(group.elements),
      [.text(text.numbers.count(group.elements.count))],
    ]
  }

  /// The items of elements, each once, as links.
  private func items(_ elements: [OwedElement]) -> [Inline] {
    var items: [LawItem] = []
    for owed in elements where !items.contains(owed.item) { items.append(owed.item) }
    let links = items.map { [Inline.link(text: $0.id, target: "#\($0.anchor)")] }
    return Array(links.joined(separator: [.text(", ")]))
  }
}
