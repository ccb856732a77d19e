/// A table of a method's result: names and numbers, no words. A language's file has its caption and columns, under
/// `method.<name>-caption` and `method.<name>-columns`; pages and the terminal print every table that a result gives.
public struct ResultTable: Sendable {
  /// One row: what is measured, and its values in the order of the columns; nil where one is not defined.
  public struct Row: Sendable {
    /// E.g. a head or an edge.
    public let label: String
    /// The values, in logits, the exact one last.
    public let values: [Estimate?]
  }

  /// What the words are found by, e.g. `relevance`.
  public let name: String
  /// Pairs that the values are means over.
  public let pairs: Int
  /// Points of the path that an estimate follows; nil where it follows none.
  public let points: Int?
  /// The rows, those with the largest exact effect first.
  public let rows: [Row]
  /// Entries of the register of approximations that were held against these exact values, so that their errors can be compared.
  public let estimates: [String]

  /// - Parameter rows: in the model's order.
  init(
    _ name: String, pairs: Int, points: Int? = nil, _ rows: [(label: String, values: [Estimate?])],
    estimates: [String] = []
  ) {
    self.name = name
    self.pairs = pairs
    self.points = points
    self.estimates = estimates
    func size(_ row: (label: String, values: [Estimate?])) -> Double { abs((row.values.last ?? nil)?.value ?? 0) }
    self.rows = rows.enumerated().sorted { (-size($0.element), $0.offset) < (-size($1.element), $1.offset) }
      .map { Row(label: $0.element.label, values: $0.element.values) }
  }

  /// The table's entries of a register, the one with the smallest largest error first.
  public func ranked(_ register: [Approximation]) -> [Approximation] {
    register.filter { estimates.contains($0.method) && $0.largestError != nil }
      .sorted { ($0.largestError ?? 0, $0.method) < ($1.largestError ?? 0, $1.method) }
  }
}
