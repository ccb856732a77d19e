public import Analysis

/// Two circuits side by side on the grid of their models' heads.
public struct CircuitDrawing: Sendable, Equatable {
  /// What a node or edge is in the comparison.
  public enum Mark: String, Sendable {
    /// In both circuits.
    case kept
    /// In this circuit only.
    case own
  }

  /// One circuit.
  public struct Panel: Sendable, Equatable {
    /// The title, e.g. `version 1.0`.
    public var title: String
    /// Layers of the model.
    public var layers: Int
    /// Heads in each.
    public var heads: Int
    /// The circuit's nodes.
    public var nodes: [Node: Mark]
    /// Edges to draw.
    public var edges: [Edge: Mark]

    /// A panel from its parts.
    public init(title: String, layers: Int, heads: Int, nodes: [Node: Mark], edges: [Edge: Mark]) {
      self.title = title
      self.layers = layers
      self.heads = heads
      self.nodes = nodes
      self.edges = edges
    }
  }

  /// The circuits, the earlier first.
  public var panels: [Panel]

  /// A drawing of panels.
  public init(panels: [Panel]) { self.panels = panels }
}

/// Values over versions, one line for each series.
public struct HistoryDrawing: Sendable, Equatable {
  /// One value with its interval.
  public struct Point: Sendable, Equatable {
    /// The value.
    public var value: Double
    /// Lower end.
    public var low: Double
    /// Upper end.
    public var high: Double

    /// A point from its parts.
    public init(value: Double, low: Double, high: Double) {
      self.value = value
      self.low = low
      self.high = high
    }
  }

  /// One line.
  public struct Series: Sendable, Equatable {
    /// What it is.
    public var label: String
    /// One value per version; nil where there is none.
    public var points: [Point?]

    /// A line from its parts.
    public init(label: String, points: [Point?]) {
      self.label = label
      self.points = points
    }
  }

  /// The versions, oldest first.
  public var versions: [String]
  /// The lines.
  public var series: [Series]
  /// A value to mark with a dashed line, e.g. 0.
  public var reference: Double?
  /// What the values are in.
  public var unit: String

  /// A drawing from its parts.
  public init(versions: [String], series: [Series], reference: Double?, unit: String) {
    self.versions = versions
    self.series = series
    self.reference = reference
    self.unit = unit
  }
}
