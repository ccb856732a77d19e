extension Document {
  /// Checks what renderers rely on: anchors are unique and well formed, every link inside the document leads somewhere,
  /// tables are rectangular and figures have one value per label.
  /// - Throws: `ReportsError` that names the anchor, link, table or figure.
  public func check() throws { try check(linksLeadInside: true) }

  /// As `check()`; without `linksLeadInside` a link may name what is nowhere in the document.
  func check(linksLeadInside: Bool) throws {
    var walk = DocumentWalk()
    for section in sections { try walk.visit(section) }
    if linksLeadInside, let lost = walk.targets.first(where: { !walk.anchors.contains($0) }) {
      throw ReportsError(
        .notRendered,
        "the document links to '#\(lost)', which is nowhere in it: this is a fault of the program, report it")
    }
  }
}

extension Document {
  /// Every point of the document that a link can name.
  func anchors() throws -> Set<String> {
    var walk = DocumentWalk()
    for section in sections { try walk.visit(section) }
    return walk.anchors
  }
}

/// What one walk over a document collects.
private struct DocumentWalk {
  var anchors: Set<String> = ["content", "contents"]
  var targets: [String] = []

  mutating func anchor(_ id: String) throws {
    let wellFormed =
      id.unicodeScalars.first.map { ("a"..."z").contains($0) } == true
      && id.unicodeScalars.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" }
    guard wellFormed else {
      throw ReportsError(.notRendered, "the anchor '\(id)' must be lower-case letters, digits and '-', a letter first")
    }
    guard anchors.insert(id).inserted else {
      throw ReportsError(.notRendered, "the anchor '\(id)' appears twice in the document: anchors must be unique")
    }
  }

  mutating func visit(_ section: Section) throws {
    try anchor(section.id)
    for block in section.blocks { try visit(block) }
    for section in section.sections { try visit(section) }
  }

  mutating func visit(_ block: Block) throws {
    switch block {
    case .paragraph(let inlines), .notice(_, let inlines): try visit(inlines)
    case .list(let items): for item in items { try visit(item) }
    case .definitions(let definitions): for definition in definitions { try visit(definition.explanation) }
    case .quotation, .markdown: break
    case .table(let table): try visit(table)
    case .figure(let figure):
      try anchor(figure.id)
      try visit(figure.data)
      try check(figure)
    case .details(_, let blocks): for block in blocks { try visit(block) }
    }
  }

  mutating func visit(_ inlines: [Inline]) throws {
    for inline in inlines {
      switch inline {
      case .anchor(let id): try anchor(id)
      case .link(_, let target) where target.hasPrefix("#"): targets.append(String(target.dropFirst()))
      default: break
      }
    }
  }

  mutating func visit(_ table: Table) throws {
    let columns = table.header.count
    guard table.alignment.count == columns, table.rows.allSatisfy({ $0.count == columns }) else {
      throw ReportsError(
        .notRendered, "the table '\(table.caption)' has \(columns) headings, but not as many cells in every row")
    }
    for row in table.rows { for cell in row { try visit(cell) } }
  }

  func check(_ figure: Figure) throws {
    let fits =
      switch figure.drawing {
      case .heatMap(let rows, let columns, let values, _, _):
        values.count == rows.count && values.allSatisfy { $0.count == columns.count }
      case .tokens(let tokens, let values, _): tokens.count == values.count
      case .intervals(let labels, let estimates, _, _): labels.count == estimates.count
      case .graph(let nodes, let edges, _):
        edges.allSatisfy { edge in
          nodes.indices.contains(edge.from) && nodes.indices.contains(edge.to)
            && nodes[edge.from].row < nodes[edge.to].row
        }
      case .circuits(let drawing): !drawing.panels.isEmpty
      case .history(let drawing): drawing.series.allSatisfy { $0.points.count == drawing.versions.count }
      }
    guard fits else {
      throw ReportsError(.notRendered, "the figure '\(figure.id)' does not have one value per label")
    }
  }
}
