import Evidence
import Project

/// Annex IV in its order and its words, each element with its state.
struct AnnexSection {
  let context: DossierContext

  private var text: InterfaceText { context.text }

  /// The whole annex: points 1 and 2 with their letters, then points 3 to 9.
  var section: Section {
    let annex = context.catalogue.annex
    var sections: [Section] = []
    for status in context.status.items {
      guard let point = context.catalogue.introduction(of: status.item) else {
        sections.append(section(of: status))
        continue
      }
      let id = "point-\(point.id)"
      if sections.last?.id != id {
        let heading = "\(point.id). \(point.passage.ourTitle)"
        sections.append(Section(id: id, heading: heading, blocks: [quotation(point.passage)]))
      }
      sections[sections.count - 1].sections.append(section(of: status))
    }
    return Section(
      id: "annex-iv", heading: text.words("annex.heading"),
      blocks: [
        .quotation(text: context.catalogue.annexHeading + "\n" + annex.text, citation: citation(annex)),
        .paragraph(
          text.inlines("annex.standing", ["standing": .text(text.standing(annex))]) + [.text(" ")]
            + text.inlines("annex.rule")),
      ] + text.lawLanguageNotice, sections: sections)
  }

  private func quotation(_ passage: LawPassage) -> Block {
    .quotation(text: passage.text, citation: citation(passage))
  }

  /// With its standing, where it is not the one that the annex's own words have.
  private func citation(_ passage: LawPassage) -> String {
    text.standing(passage) == text.standing(context.catalogue.annex)
      ? passage.citation : "\(passage.citation) (\(text.standing(passage)))"
  }

  private func section(of status: ItemStatus) -> Section {
    let item = status.item
    let separator = item.id == item.point ? "." : ""
    return Section(
      id: item.anchor, heading: "\(item.id)\(separator) \(item.passage.ourTitle)", badge: text.badge(status),
      blocks: [quotation(item.passage)] + beside(item) + missing(in: status),
      sections: status.elements.filter { !isLine($0, of: item) }.map { section(of: $0, in: item) })
  }

  /// Whether an element is a line of its item: it is missing, no law but the item's own is to be quoted with it, and nothing is noted
  /// or attached under it.
  private func isLine(_ status: ElementStatus, of item: LawItem) -> Bool {
    status.state.kind == .missing && status.element.provision == nil
      && ElementBlocks(context: context).notes(status, of: item.id).isEmpty
  }

  /// The missing elements of an item: those that the same person owes by the same day in the same way on one line, since an empty project
  /// would be a book of headings.
  private func missing(in status: ItemStatus) -> [Block] {
    let blocks = ElementBlocks(context: context)
    var lines: [(titles: [[Inline]], owed: [Inline])] = []
    for element in status.elements where isLine(element, of: status.item) {
      guard case .missing(let gap) = element.state else { continue }
      let title: [Inline] = [
        .anchor("\(status.item.anchor)-\(element.element.id.slug)"), .strong(element.element.title),
      ]
      let owed = blocks.owed(element, gap)
      if let index = lines.firstIndex(where: { $0.owed == owed }) {
        lines[index].titles.append(title)
      } else {
        lines.append(([title], owed))
      }
    }
    let badge = Inline.badge(Badge(kind: .missing, text: text.stand(.missing)))
    let items = lines.map { line in
      [badge, .text(" ")] + Array(line.titles.joined(separator: [.text("; ")])) + line.owed
    }
    return items.isEmpty ? [] : [.list(items)]
  }

  /// What the project file and the log say under an item, beside its elements.
  private func beside(_ item: LawItem) -> [Block] {
    switch item.id {
    case "2(f)": envelope.declared
    case "2(g)": specialCategories
    case "6": ChangeHistorySection(context: context).blocks
    default: []
    }
  }

  private var envelope: EnvelopeBlocks {
    let changes = context.project.changes
    return EnvelopeBlocks(
      limits: changes.envelope, mayChange: changes.mayChange, isDeclared: changes.isDeclared, text: text)
  }

  /// At the tests for bias: which statements Article 4a(1) asks for, and how they stand; they are made once, at point 2(d).
  private var specialCategories: [Block] {
    let columns = context.project.evaluation?.specialCategories ?? []
    guard !columns.isEmpty else { return [] }
    let asked = context.status.items.flatMap { status in
      status.elements.filter { $0.element.provision != nil }.map { element -> [Inline] in
        [
          .link(
            text: "\(status.item.id) \(element.element.title)",
            target: "#\(status.item.anchor)-\(element.element.id.slug)"),
          .text(": "), .badge(text.badge(element.state)),
        ]
      }
    }
    return [
      .paragraph(
        text.inlines("annex.special-categories", ["columns": .attributed(columns.joined(separator: ", "))])),
      .list(asked),
    ]
  }

  private func section(of status: ElementStatus, in item: LawItem) -> Section {
    Section(
      id: "\(item.anchor)-\(status.element.id.slug)", heading: status.element.title, badge: text.badge(status.state),
      isListed: false, blocks: ElementBlocks(context: context).blocks(of: status, in: item.id))
  }
}
