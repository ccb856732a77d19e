/// A permutation test of a mean or of a difference of two means.
///
/// The null is enumerated where it has at most `draws` + 1 members, otherwise drawn with a seed.
public struct PermutationTest: Codable, Sendable, Equatable {
  /// The mean of the effects, or the first group's mean minus the second's.
  public var statistic: Double
  /// What counts against the null hypothesis.
  public var alternative: Alternative
  /// How many values the statistic rests on.
  public var n: Int
  /// The p-value with its null.
  public var p: PValue

  /// How many values of a null are drawn unless something else is asked for: with the observed one 10,000.
  public static let usualDraws = 9999

  /// Tests whether paired effects lie around 0, by flipping their signs (Fisher 1935, §21).
  ///
  /// Assumes that each effect's distribution is symmetric about 0 under the null hypothesis: so it is if the two members
  /// of a pair are exchangeable. A two-sided test of n effects cannot give less than 2/2ⁿ.
  /// - Precondition: at least one effect, all finite; draws > 0.
  /// - Complexity: O(n·min(2ⁿ, draws)).
  public static func signFlips(
    _ effects: [Double], alternative: Alternative = .twoSided, draws: Int = usualDraws, seed: UInt64
  ) -> PermutationTest {
    precondition(!effects.isEmpty && draws > 0 && effects.allSatisfy(\.isFinite), "a test of \(effects.count) effects")
    let n = effects.count
    func mean(_ flipped: (Int) -> Bool) -> Double {
      effects.indices.reduce(0) { $0 + (flipped($1) ? -effects[$1] : effects[$1]) } / Double(n)
    }
    let statistic = mean { _ in false }
    let exact = n < 62 && 1 << n <= draws + 1
    var generator = SplitMix64(seed: seed)
    let null: [Double] =
      exact
      ? (1..<(1 << n)).map { mask in mean { mask >> $0 & 1 == 1 } }
      : (0..<draws).map { _ in
        var bits: UInt64 = 0
        return mean { i in
          if i % 64 == 0 { bits = generator.next() }
          return bits >> UInt64(i % 64) & 1 == 1
        }
      }
    return PermutationTest(
      statistic, of: n, alternative, null, exact: exact, scale: effects.reduce(0) { $0 + abs($1) } / Double(n),
      "sign flips of \(n) effects, \(exact ? "all \(1 << n)" : "\(draws) drawn")")
  }

  /// Tests whether two groups have the same distribution against a difference of their means, by permuting the labels
  /// (Fisher 1935; Pitman 1937).
  /// - Precondition: at least one value in each group, all finite; draws > 0.
  /// - Complexity: O(n·min(binomial(n, a), draws)).
  public static func labels(
    _ a: [Double], _ b: [Double], alternative: Alternative = .twoSided, draws: Int = usualDraws, seed: UInt64
  ) -> PermutationTest {
    let values = a + b
    precondition(
      !a.isEmpty && !b.isEmpty && draws > 0 && values.allSatisfy(\.isFinite),
      "a test of \(a.count) and \(b.count) values")
    let total = values.reduce(0, +)
    func difference(_ first: [Int]) -> Double {
      let sum = first.reduce(0) { $0 + values[$1] }
      return sum / Double(a.count) - (total - sum) / Double(b.count)
    }
    let statistic = difference(Array(a.indices))
    let count = Combinatorics.binomial(values.count, a.count).flatMap { $0 <= draws + 1 ? $0 : nil }
    var generator = SplitMix64(seed: seed)
    var null: [Double] = []
    if count != nil {
      // The first combination is the observed one.
      Combinatorics.forEachCombination(a.count, of: values.count) { null.append(difference($0)) }
      null.removeFirst()
    } else {
      null = (0..<draws).map { _ in difference(generator.sample(a.count, of: values.count)) }
    }
    return PermutationTest(
      statistic, of: values.count, alternative, null, exact: count != nil,
      scale: values.reduce(0) { $0 + abs($1) } / Double(min(a.count, b.count)),
      "labels of \(a.count) and \(b.count) values permuted, \(count.map { "all \($0)" } ?? "\(draws) drawn")")
  }

  /// - Parameter scale: the size of the sums' rounding, of which a part in 10¹² counts as a tie.
  private init(
    _ statistic: Double, of n: Int, _ alternative: Alternative, _ null: [Double], exact: Bool, scale: Double,
    _ words: String
  ) {
    self.statistic = statistic
    self.alternative = alternative
    self.n = n
    p = PValue(
      alternative.extremeness(statistic), among: null.map(alternative.extremeness), exact: exact,
      tolerance: 1e-12 * scale, null: words)
  }
}
