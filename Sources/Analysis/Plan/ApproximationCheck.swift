extension Approximation {
  /// An entry of the register whose values were all held against exact ones.
  static func compared(
    _ method: String, assumption: String, approximate: [Double], exact: [Double], note: String
  ) -> Approximation {
    Approximation(
      method: method, assumption: assumption, verified: exact.count, pearson: Correlation.pearson(approximate, exact),
      spearman: Correlation.spearman(approximate, exact),
      largestError: zip(approximate, exact).map { abs($0 - $1) }.max(), largestPossiblyMissed: exact.isEmpty ? nil : 0,
      checked: !exact.isEmpty, note: exact.isEmpty ? "nothing could be compared: no pair was left" : note)
  }
}
