/// The functional circuit alignment score (FCAS) of two circuits: do their strongest heads sit at the same relative depths?
///
/// Defined by the Glassbox project (`GlassboxV2.functional_circuit_alignment`): top-k heads by |attribution|, depth
/// d = layer/(layers − 1), paired by rank, 1 − mean |d_A − d_B|. Depth says little: identical circuits reach only
/// z = (1 − μ₀)/σ₀, which for uniform depths is √(18k)/3, so every z here stands beside the largest that its null allows.
public struct CircuitAlignment: Codable, Sendable, Equatable {
  /// A model's heads with what they are ranked by.
  public struct Model: Sendable {
    let layers: Int
    let scores: [(head: Node, score: Double)]

    /// A model's heads.
    /// - Parameters:
    ///   - layers: how many layers the model has.
    ///   - scores: every head of the model with its attribution or exact effect, the sign of which does not matter.
    /// - Precondition: heads only, each within the layers; all scores finite.
    public init(layers: Int, scores: [(head: Node, score: Double)]) {
      precondition(
        scores.allSatisfy { $0.head.isHead && $0.head.layer < layers && $0.score.isFinite }, "heads outside the model")
      self.layers = layers
      self.scores = scores
    }

    /// layer/(layers − 1); 0 in a model of one layer.
    func depth(_ head: Node) -> Double { layers > 1 ? Double(head.layer) / Double(layers - 1) : 0 }

    /// The k heads with the largest |score|, of equal ones the earlier first.
    func top(_ k: Int) -> [Node] {
      scores.sorted { (-abs($0.score), $0.head) < (-abs($1.score), $1.head) }.prefix(k).map(\.head)
    }
  }

  /// One pair of heads of equal rank.
  public struct Pair: Codable, Sendable, Equatable {
    /// The first model's head.
    public var a: Node
    /// The second model's head.
    public var b: Node
    /// The first head's relative depth.
    public var depthA: Double
    /// The second head's relative depth.
    public var depthB: Double
  }

  /// How the depths of two circuits are paired.
  public enum Pairing: String, Codable, Sendable {
    /// By rank of |attribution|: the inventor's.
    case rank
    /// By depth: 1 − the Wasserstein-1 distance of the two distributions of depths.
    case sorted
  }

  /// The distribution that a score is compared with.
  public enum NullKind: String, Codable, Sendable {
    /// Depths drawn from the uniform distribution on 0…1: the inventor's, which no model with few layers can follow.
    case uniformDepths = "uniform depths"
    /// k different heads of each model, each head as likely as another.
    case uniformHeads = "uniform heads"
    /// Each circuit keeps its layers; only which rank has which layer is chance. No null for depths paired by depth, which
    /// do not depend on the ranks.
    case layerMatched = "layer-matched"
  }

  /// A score's place in a null.
  public struct Placement: Codable, Sendable, Equatable {
    /// Which score.
    public var pairing: Pairing
    /// Which null.
    public var kind: NullKind
    /// μ₀, the null's mean score.
    public var mean: Double
    /// σ₀, the null's standard deviation.
    public var deviation: Double
    /// (score − μ₀)/σ₀ (nil if the null does not vary).
    public var z: Double?
    /// (1 − μ₀)/σ₀, the z of identical circuits: no circuits get more (nil if the null does not vary).
    public var largestZ: Double?
    /// Large scores count against the null.
    public var p: PValue
  }

  /// How many heads of each circuit were paired: the k asked for, or all of the smaller model's.
  public var k: Int
  /// The pairs, by rank.
  public var pairs: [Pair]
  /// FCAS: 1 − mean |d_A − d_B| over the pairs.
  public var score: Double
  /// The same with both circuits' depths in rising order: 1 − the Wasserstein-1 distance. Never less than `score`.
  public var sortedScore: Double
  /// Both scores against their nulls.
  public var placements: [Placement]

  /// Compares two circuits.
  /// - Parameters:
  ///   - k: how many of the strongest heads are compared; the inventor's default is 3.
  ///   - draws: how many members of each null are drawn; the layer-matched one is enumerated if it has at most one more.
  /// - Precondition: k > 0, draws > 0, at least one head in each model.
  /// - Complexity: O(draws·(k log k + heads)).
  public static func compare(
    _ a: Model, _ b: Model, k wanted: Int = 3, draws: Int = PermutationTest.usualDraws, seed: UInt64
  ) -> CircuitAlignment {
    let k = min(wanted, a.scores.count, b.scores.count)
    precondition(k > 0 && draws > 0, "an alignment of \(k) heads")
    let pairs = zip(a.top(k), b.top(k)).map { Pair(a: $0, b: $1, depthA: a.depth($0), depthB: b.depth($1)) }
    let (depthsA, depthsB) = (pairs.map(\.depthA), pairs.map(\.depthB))
    let score = score(depthsA, depthsB)
    let sortedScore = sortedScore(depthsA, depthsB)
    var generator = SplitMix64(seed: seed)
    let uniform = (0..<draws).map { _ in
      ((0..<k).map { _ in generator.uniform() }, (0..<k).map { _ in generator.uniform() })
    }
    let heads = (0..<draws).map { _ in (depths(k, of: a, &generator), depths(k, of: b, &generator)) }
    let orders = orders(k, draws: draws, &generator)
    let drawn = "\(draws) pairs of circuits drawn"
    return CircuitAlignment(
      k: k, pairs: pairs, score: score, sortedScore: sortedScore,
      placements: [
        Placement(score, .rank, .uniformDepths, uniform.map(Self.score), drawn: drawn),
        Placement(score, .rank, .uniformHeads, heads.map(Self.score), drawn: drawn),
        Placement(
          score, .rank, .layerMatched, orders.all.map { order in Self.score(depthsA, order.map { depthsB[$0] }) },
          enumerated: orders.exact,
          drawn: orders.exact
            ? "all \(orders.all.count + 1) orders of the layers" : "\(draws) orders of the layers drawn"),
        Placement(sortedScore, .sorted, .uniformDepths, uniform.map(Self.sortedScore), drawn: drawn),
        Placement(sortedScore, .sorted, .uniformHeads, heads.map(Self.sortedScore), drawn: drawn),
      ])
  }

  private static func score(_ a: [Double], _ b: [Double]) -> Double {
    1 - zip(a, b).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(a.count)
  }

  private static func sortedScore(_ a: [Double], _ b: [Double]) -> Double { score(a.sorted(), b.sorted()) }

  /// Relative depths of k different heads in the order drawn, which is their rank.
  private static func depths(_ k: Int, of model: Model, _ generator: inout SplitMix64) -> [Double] {
    var left = Array(model.scores.indices)
    for i in 0..<k { left.swapAt(i, i + generator.index(below: left.count - i)) }
    return left.prefix(k).map { model.depth(model.scores[$0].head) }
  }

  /// Orders of the ranks, without the given one if they are all there are. Permuting one side is enough: only who meets whom
  /// counts.
  private static func orders(
    _ k: Int, draws: Int, _ generator: inout SplitMix64
  ) -> (all: [[Int]], exact: Bool) {
    guard let count = Combinatorics.factorial(k), count <= draws + 1 else {
      return ((0..<draws).map { _ in generator.permutation(k) }, false)
    }
    var all: [[Int]] = []
    Combinatorics.forEachPermutation(k) { all.append($0) }
    return (Array(all.dropFirst()), true)
  }
}

extension CircuitAlignment.Placement {
  /// - Parameter null: the null's scores, without the observed one. If they are all there are, the observed one belongs to
  ///   the null's mean and deviation too.
  fileprivate init(
    _ score: Double, _ pairing: CircuitAlignment.Pairing, _ kind: CircuitAlignment.NullKind, _ null: [Double],
    enumerated: Bool = false, drawn: String
  ) {
    // Rounding makes scores that are equal by algebra differ by about 1e-16.
    let tolerance = 1e-12
    let moments = Moments(enumerated ? null + [score] : null)
    self.pairing = pairing
    self.kind = kind
    mean = moments?.mean ?? score
    let spread = moments?.deviation ?? 0
    deviation = spread
    let varies = spread > tolerance
    z = varies ? (score - mean) / spread : nil
    largestZ = varies ? (1 - mean) / spread : nil
    p = PValue(score, among: null, exact: enumerated, tolerance: tolerance, null: "\(kind.rawValue), \(drawn)")
  }
}
