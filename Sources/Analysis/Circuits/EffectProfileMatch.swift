/// Do two models' heads do the same work on the same prompts? Their per-prompt exact effects, paired at their best.
///
/// A head's profile is its list of exact effects, one per prompt. Heads are paired one to one so that the sum of Pearson's
/// correlations of their profiles is greatest. Any best pairing looks good, so it is compared with the best pairings after
/// the second model's prompts are permuted, the same way for all its heads: what is left is what a search finds in noise.
public struct EffectProfileMatch: Codable, Sendable, Equatable {
  /// Two heads paired with each other.
  public struct Pair: Codable, Sendable, Equatable {
    /// The first model's node.
    public var a: Node
    /// The second model's node.
    public var b: Node
    /// Pearson's correlation of their effects over the prompts.
    public var correlation: Double
  }

  /// How many prompts a profile has.
  public var n: Int
  /// The best pairing, most similar first.
  public var pairs: [Pair]
  /// Nodes of the first model whose effect is the same on all prompts, so that no correlation exists. Not paired.
  public var constantA: [Node]
  /// Likewise of the second model.
  public var constantB: [Node]
  /// Mean correlation of the pairs (nil if there is none).
  public var meanCorrelation: Double?
  /// Mean of the null's mean correlations: what a best pairing reaches by searching (nil if there is no pair).
  public var nullMean: Double?
  /// Their standard deviation (nil if there is no pair).
  public var nullDeviation: Double?
  /// Large mean correlations count against the null (nil if there is no pair).
  public var p: PValue?

  /// Pairs the profiles.
  /// - Parameters:
  ///   - a: the first model's nodes with their effects on each prompt, `[prompts]`.
  ///   - b: the second model's, on the same prompts in the same order.
  ///   - draws: how many permutations are drawn; all are taken if there are at most one more.
  /// - Precondition: all profiles have the same number of finite values, at least 1; draws > 0.
  /// - Complexity: O(draws·(a·b·prompts + min(a, b)²·max(a, b))).
  public static func match(
    _ a: [(node: Node, effects: [Double])], _ b: [(node: Node, effects: [Double])], draws: Int = 999, seed: UInt64
  ) -> EffectProfileMatch {
    let n = a.first?.effects.count ?? b.first?.effects.count ?? 0
    precondition(
      draws > 0 && (a + b).allSatisfy { $0.effects.count == n && $0.effects.allSatisfy(\.isFinite) }, "uneven profiles")
    let (profilesA, profilesB) = (a.compactMap(Profile.init), b.compactMap(Profile.init))
    func constant(_ all: [(node: Node, effects: [Double])], _ kept: [Profile]) -> [Node] {
      let kept = Set(kept.map(\.node))
      return all.map(\.node).filter { !kept.contains($0) }
    }
    var result = EffectProfileMatch(
      n: n, pairs: [], constantA: constant(a, profilesA), constantB: constant(b, profilesB))
    guard !profilesA.isEmpty, !profilesB.isEmpty else { return result }
    result.pairs = pairs(profilesA, profilesB, Array(0..<n)).sorted { ($1.correlation, $0.a) < ($0.correlation, $1.a) }
    let mean = mean(result.pairs)
    let (orders, exact) = orders(n, draws: draws, seed: seed)
    let null = orders.map { Self.mean(pairs(profilesA, profilesB, $0)) }
    let moments = Moments(exact ? null + [mean] : null)
    result.meanCorrelation = mean
    result.nullMean = moments?.mean
    result.nullDeviation = moments?.deviation
    result.p = PValue(
      mean, among: null, exact: exact, tolerance: 1e-9,
      null: "best pairings after permuting the second model's \(n) prompts, "
        + (exact ? "all \(null.count + 1) orders" : "\(draws) orders drawn"))
    return result
  }

  private static func mean(_ pairs: [Pair]) -> Double {
    pairs.reduce(0) { $0 + $1.correlation } / Double(pairs.count)
  }

  private static func pairs(_ a: [Profile], _ b: [Profile], _ order: [Int]) -> [Pair] {
    let correlations = a.map { a in b.map { a.correlation($0, order) } }
    return Assignment.greatest(correlations).enumerated().compactMap { i, j in
      j.map { Pair(a: a[i].node, b: b[$0].node, correlation: correlations[i][$0]) }
    }
  }

  private static func orders(_ n: Int, draws: Int, seed: UInt64) -> (all: [[Int]], exact: Bool) {
    if let count = Combinatorics.factorial(n), count <= draws + 1 {
      var all: [[Int]] = []
      Combinatorics.forEachPermutation(n) { all.append($0) }
      return (Array(all.dropFirst()), true)
    }
    var generator = SplitMix64(seed: seed)
    return ((0..<draws).map { _ in generator.permutation(n) }, false)
  }

  /// A profile with mean 0 and length 1, so that a correlation is a dot product.
  private struct Profile {
    let node: Node
    let values: [Double]

    /// Nil if the effects do not vary beyond rounding.
    init?(_ raw: (node: Node, effects: [Double])) {
      let mean = raw.effects.reduce(0, +) / Double(raw.effects.count)
      let centred = raw.effects.map { $0 - mean }
      let length = centred.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let largest = raw.effects.reduce(0) { max($0, abs($1)) }
      guard length > 1e-12 * largest else { return nil }
      node = raw.node
      values = centred.map { $0 / length }
    }

    func correlation(_ other: Profile, _ order: [Int]) -> Double {
      values.withUnsafeBufferPointer { mine in
        other.values.withUnsafeBufferPointer { theirs in
          order.indices.reduce(0) { $0 + mine[$1] * theirs[order[$1]] }
        }
      }
    }
  }
}
