/// Which nodes' effects lie away from 0, when every node is tested at once.
public struct NodeSignificance: Codable, Sendable, Equatable {
  /// One node's test.
  public struct Entry: Codable, Sendable, Equatable {
    /// The node.
    public var node: Node
    /// Sign-flip test of its per-prompt exact effects, two-sided.
    public var p: PValue
    /// Benjamini and Hochberg's adjusted p-value over all nodes.
    public var benjaminiHochberg: Double
    /// Holm's adjusted p-value over all nodes.
    public var holm: Double
  }

  /// How many prompts each test rests on.
  public var n: Int
  /// The tests, in the order of the nodes given.
  public var entries: [Entry]

  /// The smallest value that Holm's adjustment could have given a single node: the smallest reachable p-value times the
  /// number of nodes. At or above a level, no node alone can pass at that level, whatever its effects.
  public var smallestHolm: Double {
    min(1, (entries.map(\.p.smallest).min() ?? 1) * Double(entries.count))
  }

  /// Tests each node; the same sign flips are drawn for each.
  /// - Parameter effects: each node's exact effects, one per prompt.
  /// - Precondition: every node has as many finite effects, at least one.
  /// - Complexity: O(nodes·prompts·min(2^prompts, draws)).
  public static func test(
    _ effects: [(node: Node, effects: [Double])], draws: Int = PermutationTest.usualDraws, seed: UInt64
  ) -> NodeSignificance {
    let n = effects.first?.effects.count ?? 0
    precondition(effects.allSatisfy { $0.effects.count == n }, "nodes with unequal numbers of effects")
    let p = effects.map { PermutationTest.signFlips($0.effects, draws: draws, seed: seed).p }
    let hochberg = MultipleTesting.benjaminiHochberg(p.map(\.value))
    let holm = MultipleTesting.holm(p.map(\.value))
    return NodeSignificance(
      n: n,
      entries: effects.indices.map {
        Entry(node: effects[$0].node, p: p[$0], benjaminiHochberg: hochberg[$0], holm: holm[$0])
      })
  }
}
