import Foundation

/// A difference of two shares of the same records, e.g. of right decisions of two models: McNemar's exact test, and
/// Tango's score interval and tests for the size of the difference.
public struct PairedShares: Codable, Sendable, Equatable {
  /// Records.
  public var n: Int
  /// Records that count on the first side only.
  public var onlyBefore: Int
  /// Records that count on the second side only.
  public var onlyAfter: Int

  /// Counts of the records on which the sides differ.
  /// - Precondition: 0 ≤ onlyBefore + onlyAfter ≤ n, n > 0.
  public init(n: Int, onlyBefore: Int, onlyAfter: Int) {
    precondition(
      n > 0 && onlyBefore >= 0 && onlyAfter >= 0 && onlyBefore + onlyAfter <= n, "\(onlyBefore), \(onlyAfter) of \(n)")
    self.n = n
    self.onlyBefore = onlyBefore
    self.onlyAfter = onlyAfter
  }

  /// Second share − first share.
  public var difference: Double { Double(onlyAfter - onlyBefore) / Double(n) }

  /// McNemar's exact two-sided p-value: twice the smaller tail of a fair coin over the records that differ (McNemar
  /// 1947; Cochran 1950). 1 if none does.
  public var p: Double { min(1, 2 * Self.lowerTail(min(onlyBefore, onlyAfter), of: onlyBefore + onlyAfter)) }

  /// The smallest p-value that so many differing records can give.
  public var smallestP: Double { min(1, 2 * exp2(-Double(onlyBefore + onlyAfter))) }

  /// p-value of a difference that is as large as the margin or larger: the larger of Tango's two one-sided score tests.
  /// - Precondition: 0 < margin < 1.
  public func equivalenceP(margin: Double) -> Double {
    precondition(margin > 0 && margin < 1, "a margin of \(margin)")
    return max(Normal.cumulative(-score(-margin)), Normal.cumulative(score(margin)))
  }

  /// Tango's score interval (1998, Statistics in Medicine 17:891): the differences that his test does not reject.
  public func interval(confidence: Double) -> (low: Double, high: Double) {
    let limit = Normal.quantile((1 + confidence) / 2)
    func end(_ outer: Double) -> Double {
      var (inside, outside) = (difference, outer)
      for _ in 0..<100 {
        let middle = (inside + outside) / 2
        if abs(score(middle)) <= limit { inside = middle } else { outside = middle }
      }
      return inside
    }
    return (difference == -1 ? -1 : end(-1), difference == 1 ? 1 : end(1))
  }

  /// Tango's score statistic of a hypothetical difference, with the shares' estimates under it.
  private func score(_ delta: Double) -> Double {
    let (total, b, c) = (Double(n), Double(onlyAfter), Double(onlyBefore))
    let linear = -b - c + (2 * total - b + c) * delta
    let constant = -c * delta * (1 - delta)
    let root = max(0, linear * linear - 8 * total * constant).squareRoot()
    let share = (root - linear) / (4 * total)
    let variance = total * (2 * share + delta * (1 - delta))
    let distance = b - c - total * delta
    if distance == 0 { return 0 }
    guard variance > 0 else { return distance > 0 ? .infinity : -.infinity }
    return distance / variance.squareRoot()
  }

  /// P(X ≤ k) of n tosses of a fair coin.
  private static func lowerTail(_ k: Int, of n: Int) -> Double {
    let scale = lgamma(Double(n) + 1) - Double(n) * log(2.0)
    return (0...k).reduce(0) { $0 + exp(scale - lgamma(Double($1) + 1) - lgamma(Double(n - $1) + 1)) }
  }
}

/// A difference of two shares of different records.
public struct IndependentShares: Codable, Sendable, Equatable {
  /// How many of the first side's records count.
  public var countBefore: Int
  /// The first side's records.
  public var nBefore: Int
  /// How many of the second side's records count.
  public var countAfter: Int
  /// The second side's records.
  public var nAfter: Int

  /// Counts of both sides.
  /// - Precondition: counts within their n, both n > 0.
  public init(countBefore: Int, nBefore: Int, countAfter: Int, nAfter: Int) {
    precondition(
      nBefore > 0 && nAfter > 0 && (0...nBefore).contains(countBefore) && (0...nAfter).contains(countAfter),
      "\(countBefore) of \(nBefore), \(countAfter) of \(nAfter)")
    self.countBefore = countBefore
    self.nBefore = nBefore
    self.countAfter = countAfter
    self.nAfter = nAfter
  }

  /// Second share − first share.
  public var difference: Double { Double(countAfter) / Double(nAfter) - Double(countBefore) / Double(nBefore) }

  /// Fisher's exact two-sided p-value: all tables with the same margins that are no more likely than this one.
  /// - Complexity: O(records).
  public var p: Double {
    let total = countBefore + countAfter
    func logWeight(_ k: Int) -> Double {
      Self.logBinomial(nBefore, k) + Self.logBinomial(nAfter, total - k) - Self.logBinomial(nBefore + nAfter, total)
    }
    let observed = logWeight(countBefore)
    return min(
      1,
      (max(0, total - nAfter)...min(nBefore, total)).map(logWeight).filter { $0 <= observed + 1e-7 }
        .reduce(0) { $0 + exp($1) })
  }

  /// Newcombe's interval from the two Wilson intervals (1998, Statistics in Medicine 17:873, method 10).
  public func interval(confidence: Double) -> (low: Double, high: Double) {
    let a = Proportion.wilson(countBefore, of: nBefore, confidence: confidence).share
    let b = Proportion.wilson(countAfter, of: nAfter, confidence: confidence).share
    func half(_ x: Double, _ y: Double) -> Double { (x * x + y * y).squareRoot() }
    return (
      difference - half(b.value - b.low, a.high - a.value), difference + half(b.high - b.value, a.value - a.low)
    )
  }

  private static func logBinomial(_ n: Int, _ k: Int) -> Double {
    lgamma(Double(n) + 1) - lgamma(Double(k) + 1) - lgamma(Double(n - k) + 1)
  }
}
