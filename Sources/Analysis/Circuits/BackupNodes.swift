/// Nodes that take over when others fail: their effect given that the others are ablated, beside their effect alone.
///
/// Backup heads (Wang et al. 2022, arXiv:2211.00593) read as unimportant one at a time, because the heads they back up do the work.
/// Ablating those first shows them: conditional co-ablation.
public struct BackupNodes: Codable, Sendable, Equatable {
  /// One node's two effects.
  public struct Entry: Codable, Sendable, Equatable {
    /// The node.
    public var node: Node
    /// m(N∖v) − m(N): the effect of ablating it alone.
    public var marginal: Double
    /// m(N∖(A ∪ v)) − m(N∖A): the effect once the conditioning nodes are ablated.
    public var conditional: Double
    /// conditional − marginal. Of the sign of the conditioning nodes' own effect, the node backs them up; of the other sign,
    /// it needs them.
    public var interaction: Double
  }

  /// A: the nodes ablated first.
  public var conditioning: [Node]
  /// m(N∖A) − m(N): the effect of ablating them together.
  public var conditioningEffect: Double
  /// All other nodes, largest |interaction| first.
  public var entries: [Entry]

  /// Measures every other node.
  /// - Parameters:
  ///   - conditioning: the nodes ablated first, e.g. a circuit's name movers.
  ///   - nodes: the nodes to measure; those of `conditioning` are left out.
  ///   - values: exact mean decision value with each set of nodes ablated.
  /// - Precondition: `conditioning` is not empty.
  /// - Throws: what `values` throws; `notFinite` if it returns a number that is not finite.
  /// - Complexity: 2 + 2·nodes evaluations.
  public static func measure(
    given conditioning: [Node], nodes: [Node], values: (_ ablated: [[Node]]) throws -> [Double]
  ) throws -> BackupNodes {
    precondition(!conditioning.isEmpty, "no nodes to ablate first")
    let others = nodes.filter { !conditioning.contains($0) }
    let sets = [[], conditioning.sorted()] + others.flatMap { [[$0], (conditioning + [$0]).sorted()] }
    let m = try values(sets)
    precondition(m.count == sets.count, "\(m.count) values of \(sets.count) sets")
    try LossMemory.check(m)
    let entries = others.enumerated().map { i, node in
      let (marginal, conditional) = (m[2 * i + 2] - m[0], m[2 * i + 3] - m[1])
      return Entry(node: node, marginal: marginal, conditional: conditional, interaction: conditional - marginal)
    }
    return BackupNodes(
      conditioning: conditioning.sorted(), conditioningEffect: m[1] - m[0],
      entries: entries.sorted { (-abs($0.interaction), $0.node) < (-abs($1.interaction), $1.node) })
  }
}
