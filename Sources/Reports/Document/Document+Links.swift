extension Section {
  /// The section with every link's target changed.
  func relinked(_ change: (String) -> String) -> Section {
    var section = self
    section.blocks = blocks.map { $0.relinked(change) }
    section.sections = sections.map { $0.relinked(change) }
    return section
  }
}

extension Block {
  /// The block with every link's target changed.
  func relinked(_ change: (String) -> String) -> Block {
    switch self {
    case .paragraph(let inlines): .paragraph(inlines.relinked(change))
    case .notice(let kind, let inlines): .notice(kind: kind, inlines.relinked(change))
    case .list(let items): .list(items.map { $0.relinked(change) })
    case .definitions(let definitions):
      .definitions(definitions.map { Definition($0.term, $0.explanation.relinked(change)) })
    case .table(let table): .table(table.relinked(change))
    case .figure(let figure):
      .figure(
        Figure(
          id: figure.id, caption: figure.caption, alternative: figure.alternative, drawing: figure.drawing,
          data: figure.data.relinked(change)))
    case .details(let summary, let blocks): .details(summary: summary, blocks.map { $0.relinked(change) })
    case .quotation, .markdown: self
    }
  }
}

extension Table {
  /// The table with every link's target changed.
  func relinked(_ change: (String) -> String) -> Table {
    var table = self
    table.rows = rows.map { row in row.map { $0.relinked(change) } }
    return table
  }
}

extension [Inline] {
  /// The text with every link's target changed.
  func relinked(_ change: (String) -> String) -> [Inline] {
    map { inline in
      if case .link(let text, let target) = inline { .link(text: text, target: change(target)) } else { inline }
    }
  }
}
