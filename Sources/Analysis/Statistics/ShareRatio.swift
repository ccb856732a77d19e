import Foundation

/// A ratio of two shares of different records: count / n over countReference / nReference.
public struct ShareRatio: Sendable, Equatable {
  /// How many of the records count.
  public var count: Int
  /// The records.
  public var n: Int
  /// How many of the reference's records count.
  public var countReference: Int
  /// The reference's records.
  public var nReference: Int

  /// Counts of both sides.
  /// - Precondition: counts within their n, both n > 0.
  public init(count: Int, n: Int, countReference: Int, nReference: Int) {
    precondition(
      n > 0 && nReference > 0 && (0...n).contains(count) && (0...nReference).contains(countReference),
      "\(count) of \(n), \(countReference) of \(nReference)")
    self.count = count
    self.n = n
    self.countReference = countReference
    self.nReference = nReference
  }

  /// The ratio; nil if the reference's share is 0.
  public var value: Double? {
    countReference == 0 ? nil : Double(count) / Double(n) / (Double(countReference) / Double(nReference))
  }

  /// Miettinen and Nurminen's score interval (1985, Statistics in Medicine 4:213): the ratios that their test does not reject.
  /// - Returns: nil if neither side counts any record, since every ratio fits then; no upper end where the reference's share is 0.
  public func interval(confidence: Double) -> (low: Double, high: Double?)? {
    guard count + countReference > 0 else { return nil }
    let limit = Normal.quantile((1 + confidence) / 2)
    // On the scale of logarithms, from far below (above) every ratio of such counts towards the observed one.
    func end(_ outside: Double, _ inside: Double) -> Double {
      var (outside, inside) = (outside, inside)
      for _ in 0..<100 {
        let middle = (outside + inside) / 2
        if abs(score(exp(middle))) <= limit { inside = middle } else { outside = middle }
      }
      return exp(inside)
    }
    let reach = 40 + log(Double(n) * Double(nReference))
    let start = value.map { $0 > 0 ? log($0) : -reach } ?? reach
    return (count == 0 ? 0 : end(-reach, start), countReference == 0 ? nil : end(reach, start))
  }

  /// The score statistic of a hypothetical ratio, with the shares' estimates under it and the factor N/(N − 1) of the variance.
  private func score(_ ratio: Double) -> Double {
    let (x, n, y, m) = (Double(count), Double(n), Double(countReference), Double(nReference))
    let (a, b, c) = ((n + m) * ratio, n * ratio + x + m + y * ratio, x + y)
    let reference = min(1, 2 * c / (b + max(0, b * b - 4 * a * c).squareRoot()))
    let own = min(1, reference * ratio)
    let variance =
      (own * (1 - own) / n + ratio * ratio * reference * (1 - reference) / m) * (n + m) / (n + m - 1)
    let distance = x / n - ratio * y / m
    if distance == 0 { return 0 }
    guard variance > 0 else { return distance > 0 ? .infinity : -.infinity }
    return distance / variance.squareRoot()
  }
}
