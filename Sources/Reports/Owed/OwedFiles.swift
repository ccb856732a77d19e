import Evidence
import Foundation
import Project

/// The list of what is missing as files beside the dossier: to read, for a spreadsheet, for a calendar.
struct OwedFiles {
  let context: DossierContext
  /// The dossier's pages, to which links lead.
  let pages: LinkedPages

  private var text: InterfaceText { context.text }

  private var list: OwedList { OwedList(context.status) }

  /// `gaps.md`, `gaps.csv`, `gaps.ics`.
  /// - Throws: as the renderer.
  func files(_ notice: LooksNotice) throws -> [(name: String, content: Data)] {
    let markdown = try MarkdownRenderer(text: text).render(notice.placed(in: document))
    return [
      ("gaps.md", Data(markdown.utf8)), ("gaps.csv", Data(CSVText.lines(rows).utf8)), ("gaps.ics", try calendar.data()),
    ]
  }

  /// What is owed, by person and day.
  var document: Document {
    let owed = OwedSection(context: context)
    let about = Section(id: "about", heading: text.words("owed.heading"), blocks: owed.blocks + owed.conflicts)
    let sections = [about] + text.owed(list, day: owed.day)
    return Document(
      title: text.words("owed.title", ["system": .text(context.project.system.name)]),
      subtitle: text.words(
        "dossier.subtitle", ["version": .text(context.model.version), "state": .text(context.dateOrEmpty)]),
      language: text.language,
      sections: sections.map { $0.relinked { pages.target($0, from: "gaps", "md") } })
  }

  private var rows: [[String]] {
    [text.columns("owed.csv-columns")]
      + list.groups.flatMap { group in
        group.elements.map { owed in
          [
            owed.item.id, owed.element.id, owed.element.title, group.isNamed ? group.owner : "",
            owed.element.owner, group.due?.description ?? "", owed.assignment.reviewer?.value ?? "", owed.gap.file,
            owed.gap.heading, text.action(owed.gap),
          ]
        }
      }
  }

  private var calendar: TaskCalendar {
    let (system, version) = (context.project.system, context.model.version)
    let tasks = context.status.items.flatMap { item in
      item.elements.map { element -> TaskCalendar.Task in
        let gap: Gap? = if case .missing(let gap) = element.state { gap } else { nil }
        let assignment = element.assignment
        let reviewer = assignment.reviewer.map { text.words("owed.read-by", ["reviewer": .text($0.value)]) }
        return TaskCalendar.Task(
          key: [system.provider ?? "", system.name, version, item.item.id, element.element.id],
          summary: text.words(
            "owed.task",
            [
              "item": .text(item.item.id), "element": .text(element.element.title), "system": .text(system.name),
              "version": .text(version),
            ]),
          description: [gap.map(text.action), reviewer].compactMap { $0 }.joined(separator: "\n"),
          contact: assignment.owner?.value, due: assignment.due?.value,
          state: element.state.kind == .missing ? .open : element.state.kind == .notApplicable ? .cancelled : .done)
      }
    }
    return TaskCalendar(
      language: text.language, stamp: context.dossier.date.flatMap(CalendarDate.init) ?? context.catalogue.checkedOn,
      tasks: tasks)
  }
}

extension InterfaceText {
  /// One section for each person and day, with what to do.
  /// - Parameter day: the day before which what was due is overdue; nil if there is none.
  func owed(_ list: OwedList, day: CalendarDate?) -> [Section] {
    list.groups.enumerated().map { index, group in
      let items = group.elements.map { owed in
        inlines(
          "owed.entry",
          [
            "item": .link(owed.item.id, to: "#\(owed.item.anchor)-\(owed.element.id.slug)"),
            "element": .attributed(owed.element.title), "action": .attributed(action(owed.gap)),
          ])
          + (owed.assignment.reviewer.map {
            [.text(" ")] + inlines("owed.read-by", ["reviewer": .attributed($0.value)])
          } ?? [])
      }
      let heading = inlines(
        "owed.group", ["who": .inlines(who(group)), "when": .inlines(when(group.due, day: day))])
      return Section(id: "owed-\(index + 1)", heading: heading.plainText, blocks: [.list(items)])
    }
  }

  /// Who owes what a group holds.
  func who(_ group: OwedList.Group) -> [Inline] {
    group.isNamed ? [.attributed(group.owner)] : inlines("owed.nobody", ["role": .attributed(group.owner)])
  }

  /// By which day, and whether that is past.
  func when(_ due: CalendarDate?, day: CalendarDate?) -> [Inline] {
    guard let due else { return inlines("owed.no-day") }
    let isPast = day.map { due < $0 } ?? false
    return isPast ? inlines("owed.past", ["day": .text(self.day(due))]) : [.text(self.day(due))]
  }

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
