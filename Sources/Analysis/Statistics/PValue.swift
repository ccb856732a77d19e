import Foundation

/// A p-value from a null distribution that was drawn or enumerated, with the smallest value that null can give.
///
/// (1 + b)/(N + 1), where the observed value counts as one more value of the null (Phipson and Smyth 2010,
/// doi:10.2202/1544-6115.1585): never 0, and never anti-conservative, however few values were drawn.
public struct PValue: Codable, Sendable, Equatable {
  /// (1 + b)/(N + 1).
  public var value: Double
  /// b: how many of the null's values are at least as extreme as the observed one. Ties count.
  public var exceedances: Int
  /// N: how many values of the null were compared, the observed one not counted.
  public var draws: Int
  /// Whether the null was enumerated, so that no chance is left in `value`.
  public var exact: Bool
  /// The smallest p-value that this null could have given. Above a level, the test cannot reject at that level.
  public var smallest: Double
  /// How the null was made, in words, e.g. `sign flips of 5 effects, all 32`.
  public var null: String

  /// Whether the null is rejected at the level that a confidence leaves, e.g. 0.05 of 0.95.
  public func rejects(at confidence: Double) -> Bool { value <= Self.level(confidence) }

  /// Whether any outcome could have rejected the null at that level.
  public func canReject(at confidence: Double) -> Bool { smallest <= Self.level(confidence) }

  /// 1 − confidence, rounded so that 0.95 leaves 0.05 and not 0.05000000000000004.
  public static func level(_ confidence: Double) -> Double { ((1 - confidence) * 1e12).rounded() / 1e12 }

  /// A p-value from its counts.
  /// - Parameter ties: how many values of an enumerated null, the observed one included, are as extreme as its most extreme
  ///   one: no outcome can have fewer exceedances. 1 for a drawn null.
  /// - Precondition: 0 ≤ exceedances ≤ draws, 1 ≤ ties ≤ draws + 1.
  init(exceedances: Int, draws: Int, exact: Bool, ties: Int = 1, null: String) {
    precondition(exceedances >= 0 && exceedances <= draws, "\(exceedances) of \(draws) values")
    precondition(ties >= 1 && ties <= draws + 1, "\(ties) ties among \(draws + 1) values")
    value = Double(1 + exceedances) / Double(draws + 1)
    self.exceedances = exceedances
    self.draws = draws
    self.exact = exact
    smallest = Double(ties) / Double(draws + 1)
    self.null = null
  }

  /// Counts the values of a null that are at least as large as the observed one.
  /// - Parameters:
  ///   - values: the null's values, without the observed one.
  ///   - tolerance: values that fall short by no more than this count as ties, so that rounding never lowers a p-value.
  init(_ observed: Double, among values: [Double], exact: Bool, tolerance: Double, null: String) {
    let most = values.reduce(observed, max)
    let ties = (values + [observed]).reduce(0) { $0 + ($1 >= most - tolerance ? 1 : 0) }
    self.init(
      exceedances: values.reduce(0) { $0 + ($1 >= observed - tolerance ? 1 : 0) }, draws: values.count, exact: exact,
      ties: exact ? ties : 1, null: null)
  }
}

/// Whether large, small, or both kinds of values of a statistic count against the null hypothesis.
public enum Alternative: String, Codable, Sendable, CaseIterable {
  /// Values far from 0 on either side.
  case twoSided = "two-sided"
  /// Large values.
  case greater
  /// Small values.
  case less

  /// The statistic turned so that large values count against the null hypothesis.
  func extremeness(_ statistic: Double) -> Double {
    switch self {
    case .twoSided: abs(statistic)
    case .greater: statistic
    case .less: -statistic
    }
  }
}
