/// Another circuit that is at least as faithful as the one found, with as little of it as a search could do with.
///
/// That one exists is no fault of the search: a model may compute a decision more than once. It bounds what may be said:
/// "a circuit", not "the circuit".
public struct RivalCircuit: Codable, Sendable, Equatable {
  /// The rival's nodes.
  public var nodes: [Node]
  /// Exact loss of the rival.
  public var loss: Double
  /// Exact loss of the circuit that it rivals.
  public var circuitLoss: Double
  /// Whether the rival is at least as faithful. If not, this is the most faithful one that the search met.
  public var isRival: Bool
  /// Nodes that both have. None means that the two are disjoint.
  public var shared: [Node]
  /// Jaccard index of the two.
  public var jaccard: Double
  /// How many distinct circuits the search evaluated exactly.
  public var evaluations: Int

  /// Searches first among the nodes outside the circuit, by `ForwardBackwardSearch`; what still lacks is made good by the
  /// circuit's own nodes, the most useful first; at the end nodes that are not needed go, the circuit's own first.
  ///
  /// A heuristic: a rival with less overlap may exist, and failure to find one does not show that there is none.
  /// - Parameters:
  ///   - universe: all nodes that a circuit may have.
  ///   - width: see `ForwardBackwardSearch.width`.
  /// - Precondition: the circuit is not empty, its nodes are distinct and in the universe.
  /// - Throws: what the oracle throws.
  /// - Complexity: that of the search, then O(nodes²) evaluations.
  static func search(
    _ circuit: [Node], universe: [Node], width: Int = 1, oracle: ForwardBackwardSearch.Oracle
  ) throws -> RivalCircuit {
    let members = Set(circuit)
    precondition(!circuit.isEmpty && members.isSubset(of: universe), "a circuit of nodes that are not the model's")
    var memory = LossMemory(oracle.loss)
    let target = try memory.losses(of: [circuit])[0]
    let outside = universe.filter { !members.contains($0) }.sorted()
    let search = ForwardBackwardSearch(candidates: outside, target: target, width: width)
    // One memory for both phases: what the search evaluated is not evaluated again.
    let found = try search.run(
      ForwardBackwardSearch.Oracle(loss: { try memory.losses(of: $0) }, promise: oracle.promise))
    var nodes = found.nodes
    var loss = found.loss
    // The search may have ended early on a first-order promise that was wrong: all outside nodes are a start too.
    let whole = try memory.losses(of: [outside])[0]
    if whole < loss { (nodes, loss) = (outside, whole) }
    try borrow(circuit.sorted(), &nodes, &loss, target, &memory)
    try prune(members, &nodes, &loss, target, &memory)
    let set = Set(nodes)
    return RivalCircuit(
      nodes: nodes.sorted(), loss: loss, circuitLoss: target, isRival: loss <= target && set != members,
      shared: set.intersection(members).sorted(), jaccard: Jaccard.index(set, members),
      evaluations: memory.known.count)
  }

  /// Adds the circuit's nodes, but never all, while the loss is above the target and falls.
  private static func borrow(
    _ circuit: [Node], _ nodes: inout [Node], _ loss: inout Double, _ target: Double, _ memory: inout LossMemory
  ) throws {
    var left = circuit
    while loss > target, left.count > 1 {
      let losses = try memory.losses(of: left.map { nodes + [$0] })
      guard let best = losses.indices.min(by: { (losses[$0], $0) < (losses[$1], $1) }), losses[best] < loss else {
        return
      }
      nodes.append(left.remove(at: best))
      loss = losses[best]
    }
  }

  /// Drops nodes while the loss stays at or below the larger of the target and what was reached.
  private static func prune(
    _ members: Set<Node>, _ nodes: inout [Node], _ loss: inout Double, _ target: Double, _ memory: inout LossMemory
  ) throws {
    let ceiling = max(target, loss)
    while nodes.count > 1 {
      let losses = try memory.losses(of: nodes.map { node in nodes.filter { $0 != node } })
      let droppable = losses.indices.filter { losses[$0] <= ceiling }
      func key(_ i: Int) -> (Int, Double, Int) { (members.contains(nodes[i]) ? 0 : 1, losses[i], i) }
      guard let best = droppable.min(by: { key($0) < key($1) }) else { return }
      loss = losses[best]
      nodes.remove(at: best)
    }
  }
}
