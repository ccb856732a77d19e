/// Adjusted p-values when many hypotheses (one per head, say) are tested at once, each in the order of its p-value's place.
public enum MultipleTesting {
  /// Benjamini and Hochberg 1995: rejecting where this is at most q keeps the expected share of false rejections at or
  /// below q, if the tests are independent or positively dependent (Benjamini and Yekutieli 2001).
  /// - Precondition: every p-value is in 0…1.
  /// - Complexity: O(m log m).
  public static func benjaminiHochberg(_ p: [Double]) -> [Double] {
    var adjusted = p
    var least = 1.0
    for (rank, index) in rising(p).enumerated().reversed() {
      least = min(least, p[index] * Double(p.count) / Double(rank + 1))
      adjusted[index] = least
    }
    return adjusted
  }

  /// Holm 1979: rejecting where this is at most α keeps the probability of any false rejection at or below α, whatever the
  /// dependence.
  /// - Precondition: every p-value is in 0…1.
  /// - Complexity: O(m log m).
  public static func holm(_ p: [Double]) -> [Double] {
    var adjusted = p
    var most = 0.0
    for (rank, index) in rising(p).enumerated() {
      most = min(1, max(most, p[index] * Double(p.count - rank)))
      adjusted[index] = most
    }
    return adjusted
  }

  private static func rising(_ p: [Double]) -> [Int] {
    precondition(p.allSatisfy { $0 >= 0 && $0 <= 1 }, "p-values outside 0…1")
    return p.indices.sorted { (p[$0], $0) < (p[$1], $1) }
  }
}
