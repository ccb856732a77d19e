/// Percentile bootstrap over prompts (Efron 1979): the same resamples for every statistic of a run.
public struct Bootstrap: Sendable {
  /// Drawn indices, one list of `n` per resample.
  private let draws: [[Int32]]
  /// Level of the interval.
  public let confidence: Double
  private let n: Int

  /// Draws the resamples.
  /// - Complexity: O(n·resamples) time and memory.
  public init(n: Int, resamples: Int, confidence: Double, seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    self.n = n
    self.confidence = confidence
    draws = n == 0 ? [] : (0..<resamples).map { _ in (0..<n).map { _ in Int32(generator.index(below: n)) } }
  }

  /// In words, for `Estimate.method`.
  public var method: String { "percentile bootstrap over prompts, \(draws.count) resamples" }

  /// Mean with its interval.
  /// - Precondition: `values.count` is the n of the draws and not 0.
  public func mean(_ values: [Double]) -> Estimate {
    statistic { indices in values.withUnsafeBufferPointer { v in indices.reduce(0) { $0 + v[Int($1)] } / Double(n) } }
  }

  /// Ratio of two means, Σ numerator / Σ denominator, with its interval. Never a mean of ratios.
  public func ratio(_ numerator: [Double], _ denominator: [Double]) -> Estimate {
    statistic { indices in
      var (top, bottom) = (0.0, 0.0)
      for i in indices {
        top += numerator[Int(i)]
        bottom += denominator[Int(i)]
      }
      return top / bottom
    }
  }

  /// Any statistic of the drawn indices; its own value is that of the indices 0..<n.
  ///
  /// Resamples for which the statistic is not finite (a ratio over 0, an AUC with one class) are left out, and the method
  /// text says how many.
  public func statistic(_ value: ([Int32]) -> Double) -> Estimate {
    precondition(n > 0, "a bootstrap over no prompts")
    let point = value((0..<n).map(Int32.init))
    let all = draws.map(value)
    let finite = all.filter(\.isFinite).sorted()
    let left = all.count - finite.count
    let tail = (1 - confidence) / 2
    return Estimate(
      value: point, low: Quantile.linear(sorted: finite, tail) ?? point,
      high: Quantile.linear(sorted: finite, 1 - tail) ?? point, confidence: confidence, n: n,
      method: left == 0 ? method : "\(method), \(left) of them undefined and left out")
  }
}

/// Quantiles by linear interpolation between order statistics (Hyndman and Fan 1996, type 7: numpy's default).
public enum Quantile {
  /// The quantile of values in rising order; nil if there are none.
  public static func linear(sorted values: [Double], _ q: Double) -> Double? {
    guard let last = values.last else { return nil }
    let position = q * Double(values.count - 1)
    let lower = Int(position.rounded(.down))
    guard lower + 1 < values.count else { return last }
    let fraction = position - Double(lower)
    return values[lower] + (values[lower + 1] - values[lower]) * fraction
  }
}
