/// An upper bound on the submodularity ratio of a loss: how far single gains account for the gain of a group.
///
/// The ratio (Das and Kempe 2011) is the minimum over sets L and S of
/// Σ over x in S of [f(L ∪ x) − f(L)] / [f(L ∪ S) − f(L)], with f the loss taken negative. At 1 and above greedy selection
/// has its classical guarantee; near 0, nodes work only together and a greedy search may miss them. The minimum over the
/// circuits that happened to be evaluated can only be larger than the true one: a small value is a finding, a large one
/// proves nothing.
public struct SubmodularityRatio: Codable, Sendable, Equatable {
  /// The smallest ratio seen (nil if no group's gain could be compared with its members').
  public var upperBound: Double?
  /// L of the smallest ratio.
  public var base: [Node]
  /// S of the smallest ratio.
  public var added: [Node]
  /// How many pairs (L, S) with two nodes or more in S were compared.
  public var comparisons: Int

  /// The smallest ratio among circuits whose losses are known.
  /// - Parameter tolerance: groups that gain no more than this are not compared: their ratio is rounding.
  /// - Complexity: O(sets²·nodes).
  static func bound(_ losses: [Set<Node>: Double], tolerance: Double) -> SubmodularityRatio {
    var result = SubmodularityRatio(upperBound: nil, base: [], added: [], comparisons: 0)
    // In a fixed order, so that of equal ratios the same one is reported each time.
    let sets = losses.map { (set: $0.key, loss: $0.value, nodes: $0.key.sorted()) }
      .sorted { ($0.nodes.count, $0.nodes.description) < ($1.nodes.count, $1.nodes.description) }
    for base in sets {
      for whole in sets where whole.set.count >= base.set.count + 2 && base.set.isSubset(of: whole.set) {
        let gain = base.loss - whole.loss
        let added = whole.nodes.filter { !base.set.contains($0) }
        let singles = added.compactMap { losses[base.set.union([$0])] }
        guard gain > tolerance, singles.count == added.count else { continue }
        result.comparisons += 1
        let ratio = singles.reduce(0) { $0 + base.loss - $1 } / gain
        if result.upperBound.map({ ratio < $0 }) ?? true {
          (result.upperBound, result.base, result.added) = (ratio, base.nodes, added)
        }
      }
    }
    return result
  }

  /// The bound after also evaluating, for each beginning of a selection, that beginning with each later node added.
  static func measure(along nodes: [Node], _ memory: inout LossMemory) throws -> SubmodularityRatio {
    _ = try memory.losses(
      of: nodes.indices.flatMap { start in
        [Array(nodes.prefix(start))] + nodes.dropFirst(start).map { nodes.prefix(start) + [$0] }
      })
    let largest = memory.known.values.reduce(0) { max($0, abs($1)) }
    return bound(memory.known, tolerance: 1e-6 * largest)
  }
}
