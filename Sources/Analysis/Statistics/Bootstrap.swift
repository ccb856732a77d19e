/// Bootstrap intervals over prompts (Efron 1979): the same resamples for every statistic of a run.
///
/// Means and ratios of means get bootstrap-t intervals, other statistics expanded percentile intervals. Plain percentile
/// intervals at a level of 0.95 were measured to cover 0.80 to 0.90 at n = 10 (docs/statistics.md): too short by the factor
/// √((n−1)/n)·z/t, and blind to skewness.
public struct Bootstrap: Sendable {
  /// How an interval is made of the resamples.
  public enum Interval: Sendable {
    /// Quantiles of (resample − estimate)/(resample's standard error), turned around the estimate (Efron 1982; Hall 1988). Standard errors of ratios are the linearised ones (delta method).
    case studentized
    /// Quantiles of the resamples at the levels Φ(∓√(n/(n−1))·t), t being Student's quantile with n − 1 degrees of freedom
    /// (Hesterberg 2015, doi:10.1080/00031305.2015.1089789). It stays inside the statistic's own range.
    case expanded
    /// Quantiles of the resamples (Efron 1979).
    case percentile
  }

  /// Drawn indices, one list of `n` per resample.
  private let draws: [[Int32]]
  /// Level of the interval.
  public let confidence: Double
  private let n: Int
  /// Student's t at the upper end of the interval; 0 with fewer than two prompts.
  private let t: Double

  /// Draws the resamples.
  /// - Complexity: O(n·resamples) time and memory.
  public init(n: Int, resamples: Int, confidence: Double, seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    self.n = n
    self.confidence = confidence
    t = n > 1 ? StudentT.quantile((1 + confidence) / 2, degrees: n - 1) : 0
    draws = n == 0 ? [] : (0..<resamples).map { _ in (0..<n).map { _ in Int32(generator.index(below: n)) } }
  }

  /// Mean with its interval.
  /// - Precondition: `values.count` is the n of the draws and not 0.
  public func mean(_ values: [Double], by interval: Interval = .studentized) -> Estimate {
    guard interval == .studentized else {
      return statistic(by: interval) { indices in
        values.withUnsafeBufferPointer { v in indices.reduce(0) { $0 + v[Int($1)] } / Double(n) }
      }
    }
    return studentized(values, [Double](repeating: 1, count: n))
  }

  /// Ratio of two means, Σ numerator / Σ denominator, with its interval. Never a mean of ratios.
  public func ratio(
    _ numerator: [Double], _ denominator: [Double], by interval: Interval = .studentized
  ) -> Estimate {
    guard interval == .studentized, denominator.reduce(0, +) != 0 else {
      return statistic(by: interval == .percentile ? .percentile : .expanded) { indices in
        var (top, bottom) = (0.0, 0.0)
        for i in indices {
          top += numerator[Int(i)]
          bottom += denominator[Int(i)]
        }
        return top / bottom
      }
    }
    return studentized(numerator, denominator)
  }

  /// Any statistic of the drawn indices; its own value is that of the indices 0..<n.
  ///
  /// Resamples for which the statistic is not finite (a ratio over 0, an AUC with one class) are left out, and the method
  /// text says how many.
  /// - Precondition: the interval is not `studentized`, which needs a standard error.
  public func statistic(by interval: Interval = .expanded, _ value: ([Int32]) -> Double) -> Estimate {
    precondition(n > 0, "a bootstrap over no prompts")
    precondition(interval != .studentized, "a bootstrap-t of a statistic without a standard error")
    let point = value((0..<n).map(Int32.init))
    guard n > 1 else { return single(point) }
    let all = draws.map(value)
    let finite = all.filter(\.isFinite).sorted()
    let left = all.count - finite.count
    let tail =
      interval == .percentile
      ? (1 - confidence) / 2 : Normal.cumulative(-(Double(n) / Double(n - 1)).squareRoot() * t)
    let method =
      "\(interval == .percentile ? "" : "expanded ")percentile bootstrap over prompts, \(draws.count) resamples"
    return Estimate(
      value: point, low: Quantile.linear(sorted: finite, tail) ?? point,
      high: Quantile.linear(sorted: finite, 1 - tail) ?? point, confidence: confidence, n: n,
      method: left == 0 ? method : "\(method), \(left) of them undefined and left out")
  }

  private func single(_ point: Double) -> Estimate {
    Estimate(
      value: point, low: point, high: point, confidence: confidence, n: n, method: "one prompt: there is no interval")
  }
}

extension Bootstrap {
  /// Bootstrap-t interval of Σx/Σy. With y = 1 it is that of a mean.
  ///
  /// With r = Σx/Σy and c = x − r·y, a resample's ratio is r + Σc/Σy, and with d = Σc/Σy its residuals are c − d·y. The
  /// standard error of a ratio is √(Σ residual²·n/(n−1))/|Σy|.
  private func studentized(_ x: [Double], _ y: [Double]) -> Estimate {
    precondition(n > 0 && x.count == n && y.count == n, "\(x.count) and \(y.count) values for a bootstrap over \(n)")
    let point = x.reduce(0, +) / y.reduce(0, +)
    guard n > 1 else { return single(point) }
    let c = zip(x, y).map { $0 - point * $1 }
    let sample = Sums(c, y)
    let all = sample.total()
    let error = all.standardError(n)
    let size = x.reduce(0) { $0 + abs($1) } / abs(y.reduce(0, +))
    // Values that agree up to rounding have no spread to make an interval of.
    guard error > 1e-12 * size else {
      return Estimate(
        value: point, low: point, high: point, confidence: confidence, n: n,
        method: "all \(n) prompts agree: there is no spread to make an interval of")
    }
    // A resample that drew almost only equal values has no standard error to divide by.
    let ratios = draws.compactMap { indices -> Double? in
      let sums = sample.total(of: indices)
      let standardError = sums.standardError(n)
      return standardError > 1e-6 * error ? sums.shift / standardError : nil
    }.filter(\.isFinite).sorted()
    let left = draws.count - ratios.count
    let tail = (1 - confidence) / 2
    guard n >= Self.leastCount, Double(left) <= tail / 2 * Double(draws.count),
      let lower = Quantile.linear(sorted: ratios, tail), let upper = Quantile.linear(sorted: ratios, 1 - tail)
    else {
      let reason = n < Self.leastCount ? "fewer than \(Self.leastCount) prompts" : "too many equal values"
      return Estimate(
        value: point, low: point - t * error, high: point + t * error, confidence: confidence, n: n,
        method: "Student's t over prompts, as there are \(reason) for a bootstrap")
    }
    return Estimate(
      value: point, low: min(point, point - upper * error), high: max(point, point - lower * error),
      confidence: confidence, n: n,
      method: "bootstrap-t over prompts, \(draws.count) resamples"
        + (left == 0 ? "" : ", \(left) of them without spread and left out"))
  }

  /// Fewer prompts than this have too few different resamples for quantiles of them.
  private static let leastCount = 5

  /// The sums that a ratio's shift and standard error need.
  private struct Sums {
    let c: [Double]
    let y: [Double]

    init(_ c: [Double], _ y: [Double]) { (self.c, self.y) = (c, y) }

    func total() -> Total {
      var total = Total()
      for i in c.indices { total.add(c[i], y[i]) }
      return total
    }

    func total(of indices: [Int32]) -> Total {
      c.withUnsafeBufferPointer { c in
        y.withUnsafeBufferPointer { y in
          var total = Total()
          for i in indices { total.add(c[Int(i)], y[Int(i)]) }
          return total
        }
      }
    }
  }

  private struct Total {
    var (c, y, cc, cy, yy) = (0.0, 0.0, 0.0, 0.0, 0.0)

    mutating func add(_ valueC: Double, _ valueY: Double) {
      c += valueC
      y += valueY
      cc += valueC * valueC
      cy += valueC * valueY
      yy += valueY * valueY
    }

    /// The resample's ratio less the sample's.
    var shift: Double { c / y }

    func standardError(_ n: Int) -> Double {
      let d = shift
      let residuals = max(0, cc - 2 * d * cy + d * d * yy)
      return (residuals * Double(n) / Double(n - 1)).squareRoot() / abs(y)
    }
  }
}
