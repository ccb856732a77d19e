/// How a measurement spreads over the prompts that a mean hides: its quantiles, and the worst prompts by name.
public struct PromptSpread: Codable, Sendable, Equatable {
  /// One quantile.
  public struct Point: Codable, Sendable, Equatable {
    /// Which, from 0 (the minimum) to 1 (the maximum).
    public var q: Double
    /// Its value, by linear interpolation between order statistics.
    public var value: Double
  }

  /// One prompt's value.
  public struct Named: Codable, Sendable, Equatable {
    /// The prompt pair's name in the plan.
    public var name: String
    /// Its value.
    public var value: Double
  }

  /// Which end of the values is the bad one.
  public enum Worst: String, Codable, Sendable {
    /// Small values are bad, e.g. of sufficiency.
    case lowest
    /// Large values are bad, e.g. of an error.
    case highest
  }

  /// How many prompts.
  public var n: Int
  /// The mean over them.
  public var mean: Double
  /// The quantiles, in rising order.
  public var quantiles: [Point]
  /// Which end is the bad one.
  public var end: Worst
  /// The worst prompts, worst first; of equal values the earlier in the plan first.
  public var worst: [Named]

  /// The quantiles reported unless others are asked for.
  public static let usualQuantiles = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]

  /// Summarises one value per prompt.
  /// - Precondition: as many names as values, at least one, all finite.
  public init(
    _ values: [Double], names: [String], worst end: Worst, count: Int = 5, quantiles: [Double] = usualQuantiles
  ) {
    precondition(
      values.count == names.count && values.allSatisfy(\.isFinite), "\(values.count) values of \(names.count) prompts")
    let sorted = values.sorted()
    n = values.count
    mean = values.reduce(0, +) / Double(values.count)
    self.quantiles = Self.points(sorted: sorted, quantiles)
    self.end = end
    let badness = values.map { end == .lowest ? $0 : -$0 }
    worst = values.indices.sorted { (badness[$0], $0) < (badness[$1], $1) }.prefix(count).map {
      Named(name: names[$0], value: values[$0])
    }
  }

  /// The quantiles of values in rising order; none of no values.
  static func points(sorted: [Double], _ quantiles: [Double] = usualQuantiles) -> [Point] {
    quantiles.compactMap { q in Quantile.linear(sorted: sorted, q).map { Point(q: q, value: $0) } }
  }
}
