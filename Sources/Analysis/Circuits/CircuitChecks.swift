/// Completeness and minimality of a circuit (Wang et al. 2022, arXiv:2211.00593, §4), on exact values.
///
/// F(S) is the mean decision value with everything outside S at its ablation value. Both criteria speak of every subset K
/// of the circuit; what is reported is the worst (completeness) or best (minimality) over the subsets that were tried, and
/// how many those were.
public struct CircuitChecks: Codable, Sendable, Equatable {
  /// How a subset was come by.
  public enum Origin: String, Codable, Sendable {
    /// The empty subset: completeness there is faithfulness.
    case empty
    /// One node.
    case single
    /// Each node of the circuit with probability one half.
    case random
    /// Grown node by node, each time by the one that makes the incompleteness largest.
    case greedy
  }

  /// Completeness at one subset.
  public struct Subset: Codable, Sendable, Equatable {
    /// How K was come by.
    public var origin: Origin
    /// K, taken out of both the circuit and the model.
    public var removed: [Node]
    /// F(C∖K).
    public var circuit: Double
    /// F(M∖K).
    public var model: Double
    /// |F(C∖K) − F(M∖K)|.
    public var incompleteness: Double
  }

  /// Minimality of one node.
  public struct Member: Codable, Sendable, Equatable {
    /// The node v.
    public var node: Node
    /// The largest |F(C∖(K ∪ v)) − F(C∖K)| over the subsets K tried.
    public var largestChange: Double
    /// That K.
    public var removed: [Node]
    /// `largestChange` / |F(M) − F(∅)|. Near 0, the circuit does not need the node, as far as was tried.
    public var share: Double
  }

  /// F(M).
  public var full: Double
  /// F(∅).
  public var empty: Double
  /// Completeness at each subset tried, largest incompleteness first.
  public var completeness: [Subset]
  /// The largest incompleteness as a share of |F(M) − F(∅)|.
  public var worstIncompleteness: Double
  /// Minimality of each node of the circuit, least needed first.
  public var minimality: [Member]

  /// Tries the empty subset, every single node, random subsets, and one greedily grown.
  /// - Parameters:
  ///   - universe: all nodes of the model, the circuit's included.
  ///   - random: how many random subsets are drawn; repeated ones are tried once.
  ///   - values: F of each set of kept nodes.
  /// - Precondition: the circuit is not empty, its nodes are distinct and in the universe.
  /// - Throws: what `values` throws; `notFinite` if it returns a number that is not finite, or F(M) = F(∅).
  /// - Complexity: O((k + random)·k) evaluations of k nodes.
  public static func run(
    _ circuit: [Node], universe: [Node], random: Int = 20, seed: UInt64,
    values: @escaping (_ kept: [[Node]]) throws -> [Double]
  ) throws -> CircuitChecks {
    let circuit = circuit.sorted()
    precondition(
      !circuit.isEmpty && Set(circuit).count == circuit.count && Set(circuit).isSubset(of: universe),
      "a circuit of nodes that are not the model's")
    var run = Run(circuit: circuit, universe: universe.sorted(), memory: LossMemory(values))
    let ends = try run.memory.losses(of: [run.universe, []])
    let range = abs(ends[0] - ends[1])
    guard range > 0 else {
      throw AnalysisError(
        .notFinite,
        "the model's value does not change when every node is ablated: completeness and minimality are undefined")
    }
    var subsets: [(Origin, [Node])] = [(.empty, [])] + circuit.map { (.single, [$0]) }
    var tried = Set(subsets.map(\.1))
    var generator = SplitMix64(seed: seed)
    for _ in 0..<random {
      let drawn = circuit.filter { _ in generator.next() & 1 == 1 }
      if tried.insert(drawn).inserted { subsets.append((.random, drawn)) }
    }
    var completeness = try run.completeness(subsets)
    for step in try run.greedy() where tried.insert(step.removed).inserted { completeness.append(step) }
    // Ties keep the order in which the subsets were tried.
    let order = completeness.indices.sorted {
      (-completeness[$0].incompleteness, $0) < (-completeness[$1].incompleteness, $1)
    }
    return CircuitChecks(
      full: ends[0], empty: ends[1], completeness: order.map { completeness[$0] },
      worstIncompleteness: completeness[order[0]].incompleteness / range,
      minimality: try run.minimality(completeness.map(\.removed), range: range))
  }

  private struct Run {
    let circuit: [Node]
    let universe: [Node]
    /// Here of values, not losses: the same bookkeeping.
    var memory: LossMemory

    mutating func completeness(_ subsets: [(Origin, [Node])]) throws -> [Subset] {
      let values = try memory.losses(
        of: subsets.flatMap { [without($0.1, circuit), without($0.1, universe)] })
      return subsets.enumerated().map { i, subset in
        let (circuit, model) = (values[2 * i], values[2 * i + 1])
        return Subset(
          origin: subset.0, removed: subset.1, circuit: circuit, model: model, incompleteness: abs(circuit - model))
      }
    }

    /// The subsets along the greedy path, of which the best of each size is kept.
    mutating func greedy() throws -> [Subset] {
      var path: [Subset] = []
      var removed: [Node] = []
      while removed.count < circuit.count {
        let next = try completeness(without(removed, circuit).map { (.greedy, (removed + [$0]).sorted()) })
        guard let best = next.max(by: { $0.incompleteness < $1.incompleteness }) else { break }
        path.append(best)
        removed = best.removed
      }
      return path
    }

    mutating func minimality(_ subsets: [[Node]], range: Double) throws -> [Member] {
      try circuit.map { node in
        let candidates = subsets.filter { !$0.contains(node) }
        let values = try memory.losses(
          of: candidates.flatMap { [without($0, circuit), without($0 + [node], circuit)] })
        let changes = candidates.indices.map { abs(values[2 * $0 + 1] - values[2 * $0]) }
        // The empty subset is always a candidate.
        let best = changes.indices.max { (changes[$0], $1) < (changes[$1], $0) } ?? 0
        return Member(
          node: node, largestChange: changes[best], removed: candidates[best], share: changes[best] / range)
      }.sorted { ($0.largestChange, $0.node) < ($1.largestChange, $1.node) }
    }

    private func without(_ removed: [Node], _ nodes: [Node]) -> [Node] { nodes.filter { !removed.contains($0) } }
  }
}
