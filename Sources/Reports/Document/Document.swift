/// A typed document: assembled first, rendered afterwards. Renderers decide looks, never content.
public struct Document: Sendable, Equatable {
  /// The title.
  public var title: String
  /// One line below the title.
  public var subtitle: String
  /// BCP 47, e.g. `en`.
  public var language: String
  /// What every page must say, e.g. that a source is not verified; nil if nothing must.
  public var warning: String?
  /// Its sections, in order.
  public var sections: [Section]

  /// Makes one from its parts.
  public init(
    title: String, subtitle: String, language: String = "en", warning: String? = nil, sections: [Section]
  ) {
    self.title = title
    self.subtitle = subtitle
    self.language = language
    self.warning = warning
    self.sections = sections
  }
}

/// A headed part of a document; its heading level is its depth.
public struct Section: Sendable, Equatable {
  /// Unique in the document, used as anchor, e.g. `item-2-b`.
  public var id: String
  /// The heading.
  public var heading: String
  /// A status shown beside the heading, if any.
  public var badge: Badge?
  /// Whether the list of contents names it. Its subsections are listed only if it is.
  public var isListed: Bool
  /// Its text, tables and figures, in order.
  public var blocks: [Block]
  /// Its sections, in order.
  public var sections: [Section]

  /// Makes one from its parts.
  public init(
    id: String, heading: String, badge: Badge? = nil, isListed: Bool = true, blocks: [Block] = [],
    sections: [Section] = []
  ) {
    self.id = id
    self.heading = heading
    self.badge = badge
    self.isListed = isListed
    self.blocks = blocks
    self.sections = sections
  }
}

/// A word with a meaning that must not rest on colour alone.
public struct Badge: Sendable, Equatable {
  /// What the word stands for.
  public enum Kind: String, Sendable {
    case evidenced, declared, notApplicable, partial, missing, measured, screened, notEstablished
  }
  /// What it stands for.
  public var kind: Kind
  /// The word that is shown.
  public var text: String

  /// Makes one from its parts.
  public init(kind: Kind, text: String) {
    self.kind = kind
    self.text = text
  }
}

/// A piece of running text. All strings are plain text: renderers escape them.
public enum Inline: Sendable, Equatable {
  case text(String)
  /// Words that are not ours: the provider's, the law's or a record's. Printed as text.
  case attributed(String)
  /// Words in the law's language, English, on a page in another language.
  case foreign(String)
  case strong(String)
  case code(String)
  /// A link inside the document (`#id`) or to a sibling file.
  case link(text: String, target: String)
  case badge(Badge)
  /// A point that links can name, e.g. `run-3f9a12cd` in a row of the run register.
  case anchor(String)
}

/// One block of a section.
public enum Block: Sendable, Equatable {
  case paragraph([Inline])
  case list([[Inline]])
  /// Terms with their explanation, e.g. the title block or a glossary.
  case definitions([Definition])
  /// Verbatim law with its citation.
  case quotation(text: String, citation: String)
  /// A provider's statement in Markdown, rendered through cmark-gfm with raw HTML dropped, and the project's files it refers to.
  case markdown(String, files: [FileReference] = [])
  case table(Table)
  case figure(Figure)
  /// Something that is missing or must be noticed.
  case notice(kind: NoticeKind, [Inline])
  /// Blocks that a reader opens (HTML `details`); printed open.
  case details(summary: String, [Block])

  /// Why a notice stands out.
  public enum NoticeKind: String, Sendable { case missing, approximate, refused, note }
}

/// One term with its explanation.
public struct Definition: Sendable, Equatable {
  /// What is explained.
  public var term: String
  /// What it means.
  public var explanation: [Inline]

  /// Makes one from its parts.
  public init(_ term: String, _ explanation: [Inline]) {
    self.term = term
    self.explanation = explanation
  }
}

/// A table with a caption; cells are running text.
public struct Table: Sendable, Equatable {
  /// On which side a column is aligned.
  public enum Alignment: String, Sendable { case left, right }
  /// What the table or figure shows.
  public var caption: String
  /// The columns' headings.
  public var header: [String]
  /// The columns' alignment.
  public var alignment: [Alignment]
  /// The rows: cells of running text.
  public var rows: [[[Inline]]]
  /// Whether the first cell of a row names the row (HTML `th scope="row"`).
  public var firstColumnNamesRow: Bool

  /// Makes one from its parts.
  public init(
    caption: String, header: [String], alignment: [Alignment], rows: [[[Inline]]], firstColumnNamesRow: Bool = true
  ) {
    self.caption = caption
    self.header = header
    self.alignment = alignment
    self.rows = rows
    self.firstColumnNamesRow = firstColumnNamesRow
  }
}

/// A drawing with its text alternative and its data.
public struct Figure: Sendable, Equatable {
  /// Unique in the document, used as anchor.
  public var id: String
  /// What the table or figure shows.
  public var caption: String
  /// Says what the drawing shows to a reader who cannot see it.
  public var alternative: String
  /// The drawing.
  public var drawing: Drawing
  /// The numbers behind it.
  public var data: Table

  /// Makes one from its parts.
  public init(id: String, caption: String, alternative: String, drawing: Drawing, data: Table) {
    self.id = id
    self.caption = caption
    self.alternative = alternative
    self.drawing = drawing
    self.data = data
  }
}

/// What a figure shows, as data; `SVG` draws it.
public enum Drawing: Sendable, Equatable {
  /// One value per row × column, diverging colours around 0, the value printed in each cell. `marked` cells (row, column)
  /// are outlined.
  case heatMap(rows: [String], columns: [String], values: [[Double?]], unit: String, marked: [Cell] = [])
  /// Tokens in reading order, each shaded by its value, wrapped to lines.
  case tokens(tokens: [String], values: [Double], unit: String)
  /// Points with intervals on one axis, one per label; a line at `reference`.
  case intervals(
    labels: [String], estimates: [(value: Double, low: Double, high: Double)], reference: Double?, unit: String)
  /// Parts in rows and the connections between them, each as wide as its value is large. Connections lead downwards.
  case graph(nodes: [GraphNode], edges: [GraphEdge], unit: String)

  /// One box of a graph.
  public struct GraphNode: Hashable, Sendable {
    /// What stands in the box, e.g. `L1H2`.
    public var label: String
    /// The row, from the top.
    public var row: Int
    /// What stands beside its row, e.g. `layer 1`.
    public var rowLabel: String
    /// Whether it is outlined.
    public var isMarked: Bool

    /// Makes one from its parts.
    public init(label: String, row: Int, rowLabel: String, isMarked: Bool = false) {
      self.label = label
      self.row = row
      self.rowLabel = rowLabel
      self.isMarked = isMarked
    }
  }

  /// One connection of a graph.
  public struct GraphEdge: Hashable, Sendable {
    /// The index of the node it comes from.
    public var from: Int
    /// The index of the node it leads to.
    public var to: Int
    /// Its value.
    public var value: Double

    /// Makes one from its parts.
    public init(from: Int, to: Int, value: Double) {
      self.from = from
      self.to = to
      self.value = value
    }
  }
  /// Two circuits side by side.
  case circuits(CircuitDrawing)
  /// Values over versions.
  case history(HistoryDrawing)

  /// A place in a heat map, both counted from 0.
  public struct Cell: Hashable, Sendable {
    /// The row.
    public var row: Int
    /// The column.
    public var column: Int

    /// Makes one from its parts.
    public init(row: Int, column: Int) {
      self.row = row
      self.column = column
    }
  }

  /// Whether both are the same.
  public static func == (left: Drawing, right: Drawing) -> Bool {
    switch (left, right) {
    case (.heatMap(let r1, let c1, let v1, let u1, let m1), .heatMap(let r2, let c2, let v2, let u2, let m2)):
      r1 == r2 && c1 == c2 && v1 == v2 && u1 == u2 && m1 == m2
    case (.tokens(let t1, let v1, let u1), .tokens(let t2, let v2, let u2)): t1 == t2 && v1 == v2 && u1 == u2
    case (.intervals(let l1, let e1, let r1, let u1), .intervals(let l2, let e2, let r2, let u2)):
      l1 == l2 && r1 == r2 && u1 == u2
        && e1.elementsEqual(e2) { $0.value == $1.value && $0.low == $1.low && $0.high == $1.high }
    case (.graph(let n1, let e1, let u1), .graph(let n2, let e2, let u2)): n1 == n2 && e1 == e2 && u1 == u2
    case (.circuits(let c1), .circuits(let c2)): c1 == c2
    case (.history(let h1), .history(let h2)): h1 == h2
    default: false
    }
  }
}
