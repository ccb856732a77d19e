/// Faithfulness of circuits of growing size, and the two areas by which the Mechanistic Interpretability Benchmark compares
/// rankings of nodes (MIB: Mueller et al. 2025, arXiv:2504.13151).
///
/// Sizes, rounding and the trapezoidal rule are those of MIB's `evaluate_area_under_curve`: the int(k·n) first nodes for
/// ten shares k, areas over k itself, not its logarithm, from the smallest share on. An ideal ranking's areas are therefore
/// 0.999 and 0. With few nodes the smallest circuits are empty.
public struct FaithfulnessCurve: Codable, Sendable, Equatable {
  /// What nodes are ranked by.
  public enum Ranking: String, Codable, Sendable, CaseIterable {
    /// The largest score first: nodes that work for the decision. For CPR.
    case signed
    /// The largest |score| first: nodes that matter, for or against. For CMD.
    case absolute
  }

  /// One circuit of the curve.
  public struct Point: Codable, Sendable, Equatable {
    /// k, the share of nodes allowed.
    public var share: Double
    /// How many nodes that is.
    public var size: Int
    /// (m(C) − m(∅))/(m(N) − m(∅)), never clipped.
    public var faithfulness: Double
  }

  /// What nodes were ranked by.
  public var ranking: Ranking
  /// The points, by share.
  public var points: [Point]
  /// Area under the curve: MIB's integrated circuit performance ratio (CPR). Larger is better; values above 1 raise it.
  public var areaUnder: Double
  /// Area between the curve and 1: MIB's integrated circuit–model distance (CMD). 0 is best.
  public var areaFromOne: Double

  /// MIB's ten shares.
  public static let shares = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]

  /// Measures the curve.
  /// - Parameters:
  ///   - scores: each node's score, larger for nodes that work for the decision.
  ///   - values: exact mean decision value of each circuit, everything outside it at its ablation value.
  /// - Precondition: at least one node, all scores finite.
  /// - Throws: what `values` throws; `notFinite` if it returns a number that is not finite, or m(N) = m(∅).
  /// - Complexity: at most 12 evaluations, each distinct circuit once.
  public static func measure(
    _ scores: [(node: Node, score: Double)], ranking: Ranking,
    values: @escaping (_ circuits: [[Node]]) throws -> [Double]
  ) throws -> FaithfulnessCurve {
    precondition(!scores.isEmpty && scores.allSatisfy(\.score.isFinite), "scores of \(scores.count) nodes")
    func key(_ score: Double) -> Double { ranking == .signed ? score : abs(score) }
    let ranked = scores.sorted { (-key($0.score), $0.node) < (-key($1.score), $1.node) }.map(\.node)
    let sizes = shares.map { Int($0 * Double(ranked.count)) }
    var memory = LossMemory(values)
    let m = try memory.losses(of: [ranked, []] + sizes.map { Array(ranked.prefix($0)) })
    let range = m[0] - m[1]
    guard range != 0 else {
      throw AnalysisError(
        .notFinite, "the model's value does not change when every node is ablated: faithfulness is undefined")
    }
    let points = zip(shares, sizes).enumerated().map { i, point in
      Point(share: point.0, size: point.1, faithfulness: (m[i + 2] - m[1]) / range)
    }
    return FaithfulnessCurve(
      ranking: ranking, points: points, areaUnder: area(points) { $0 }, areaFromOne: area(points) { abs(1 - $0) })
  }

  /// By the trapezoidal rule. |1 − f| is taken at the points, as MIB does: where the curve crosses 1 between two of them,
  /// that is not the area between them and 1.
  private static func area(_ points: [Point], _ height: (Double) -> Double) -> Double {
    zip(points, points.dropFirst()).reduce(0) { sum, ends in
      sum + (ends.1.share - ends.0.share) * (height(ends.0.faithfulness) + height(ends.1.faithfulness)) / 2
    }
  }
}
