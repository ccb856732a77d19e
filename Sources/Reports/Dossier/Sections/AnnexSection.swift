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
        .paragraph(text.inlines("annex.rule")),
      ] + text.lawLanguageNotice, sections: sections)
  }

  private func quotation(_ passage: LawPassage) -> Block {
    .quotation(text: passage.text, citation: citation(passage))
  }

  private func citation(_ passage: LawPassage) -> String { "\(passage.citation) (\(text.standing(passage)))" }

  private func section(of status: ItemStatus) -> Section {
    let item = status.item
    let separator = item.id == item.point ? "." : ""
    return Section(
      id: item.anchor, heading: "\(item.id)\(separator) \(item.passage.ourTitle)", badge: text.badge(status),
      blocks: [quotation(item.passage)] + (item.id == "6" ? ChangeHistorySection(context: context).blocks : [])
        + missing(in: status),
      sections: status.elements.filter { $0.state.kind != .missing }.map { section(of: $0, in: item) })
  }

  /// The missing elements of an item, a line each: an empty project would be a book of headings.
  private func missing(in status: ItemStatus) -> [Block] {
    let blocks = ElementBlocks(context: context)
    let lines = status.elements.compactMap { element -> [Inline]? in
      guard case .missing(let gap) = element.state else { return nil }
      return [.anchor("\(status.item.anchor)-\(element.element.id.slug)"), .badge(text.badge(element.state)), .text(" ")]
        + blocks.owed(element, gap)
    }
    return lines.isEmpty ? [] : [.list(lines)]
  }

  private func section(of status: ElementStatus, in item: LawItem) -> Section {
    Section(
      id: "\(item.anchor)-\(status.element.id.slug)", heading: status.element.title, badge: text.badge(status.state),
      isListed: false, blocks: ElementBlocks(context: context).blocks(of: status, in: item.id))
  }
}
