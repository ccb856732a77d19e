/// Two circuits of one behaviour side by side, by everything that does not need a model.
public struct CircuitComparison: Codable, Sendable, Equatable {
  /// Nodes that both circuits have, by name.
  public var shared: [Node]
  /// Nodes of the first circuit only.
  public var onlyA: [Node]
  /// Nodes of the second circuit only.
  public var onlyB: [Node]
  /// Jaccard index of the two sets of nodes.
  public var jaccard: Double
  /// Spearman's correlation of the two models' scores over all nodes (nil if the models do not have the same nodes, or the
  /// scores of one do not vary).
  public var spearman: Double?
  /// Relative depths of the strongest heads.
  public var alignment: CircuitAlignment
  /// Per-prompt exact effects under the best pairing of heads (nil if not measured on the same prompts).
  public var profiles: EffectProfileMatch?

  /// One model's side.
  public struct Side: Sendable {
    let circuit: [Node]
    let model: CircuitAlignment.Model

    /// A side from its parts.
    public init(circuit: [Node], model: CircuitAlignment.Model) {
      self.circuit = circuit
      self.model = model
    }
  }

  /// Compares two circuits, see `CircuitAlignment.compare`.
  public static func compare(
    _ a: Side, _ b: Side, k: Int = 3, draws: Int = PermutationTest.usualDraws, profiles: EffectProfileMatch? = nil,
    seed: UInt64
  ) -> CircuitComparison {
    let (nodesA, nodesB) = (Set(a.circuit), Set(b.circuit))
    let (scoresA, scoresB) = (byNode(a), byNode(b))
    return CircuitComparison(
      shared: nodesA.intersection(nodesB).sorted(), onlyA: nodesA.subtracting(nodesB).sorted(),
      onlyB: nodesB.subtracting(nodesA).sorted(), jaccard: Jaccard.index(nodesA, nodesB),
      spearman: scoresA.map(\.head) == scoresB.map(\.head)
        ? Correlation.spearman(scoresA.map(\.score), scoresB.map(\.score)) : nil,
      alignment: .compare(a.model, b.model, k: k, draws: draws, seed: seed), profiles: profiles)
  }

  private static func byNode(_ side: Side) -> [(head: Node, score: Double)] {
    side.model.scores.sorted { $0.head < $1.head }
  }
}
