import Foundation

extension Proportion {
  /// A share with Wilson's score interval (Wilson 1927), which stays inside 0…1 and is defined at 0 and n.
  /// - Precondition: 0 ≤ count ≤ n, n > 0.
  public static func wilson(_ count: Int, of n: Int, confidence: Double) -> Proportion {
    precondition(n > 0 && count >= 0 && count <= n, "\(count) of \(n)")
    let z = Normal.quantile((1 + confidence) / 2)
    let (p, total) = (Double(count) / Double(n), Double(n))
    let centre = (p + z * z / (2 * total)) / (1 + z * z / total)
    let half = z / (1 + z * z / total) * (p * (1 - p) / total + z * z / (4 * total * total)).squareRoot()
    return Proportion(
      count: count,
      share: Estimate(
        value: p, low: count == 0 ? 0 : max(0, centre - half), high: count == n ? 1 : min(1, centre + half),
        confidence: confidence, n: n, method: "Wilson score interval"))
  }
}

/// The standard normal distribution.
public enum Normal {
  /// Cumulative probability.
  public static func cumulative(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

  /// The inverse of `cumulative`, by bisection to the last bit that matters.
  /// - Precondition: 0 < p < 1.
  public static func quantile(_ p: Double) -> Double {
    precondition(p > 0 && p < 1, "a quantile at \(p)")
    var (low, high) = (-40.0, 40.0)
    while true {
      let middle = (low + high) / 2
      if middle <= low || middle >= high { return middle }
      if cumulative(middle) < p { low = middle } else { high = middle }
    }
  }
}
