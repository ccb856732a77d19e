/// How much a circuit depends on the prompts it was found on: the selection is repeated on bootstrap resamples of them.
public struct CircuitStability: Codable, Sendable, Equatable {
  /// How often one node was selected.
  public struct Inclusion: Codable, Sendable, Equatable {
    /// The node.
    public var node: Node
    /// In how many resamples it was selected.
    public var count: Int
    /// That number as a share of the resamples.
    public var frequency: Double
    /// Whether the circuit found on all prompts has it.
    public var inCircuit: Bool
  }

  /// How many prompts each resample has, drawn with replacement from as many.
  public var n: Int
  /// How many resamples the selection was repeated on.
  public var resamples: Int
  /// Nodes selected at least once, and the circuit's own; most often selected first.
  public var inclusions: [Inclusion]
  /// Mean Jaccard index over all pairs of resamples' circuits (nil with fewer than two resamples).
  public var meanPairwiseJaccard: Double?
  /// Mean Jaccard index of the resamples' circuits with the circuit found on all prompts.
  public var meanJaccardWithCircuit: Double
  /// In how many resamples nothing was selected.
  public var empty: Int
  /// Mean number of nodes of the resamples' circuits.
  public var meanSize: Double

  /// Repeats a selection on resamples; the draws are those of `Bootstrap` with the same n and seed.
  /// - Parameters:
  ///   - circuit: the circuit selected on all prompts.
  ///   - select: the nodes selected on the prompts of the given indices, repetitions included.
  /// - Precondition: n > 0, resamples > 0.
  /// - Throws: what `select` throws.
  /// - Complexity: `resamples` selections and O(resamples²·nodes).
  public static func bootstrap(
    _ circuit: [Node], n: Int, resamples: Int, seed: UInt64, select: ([Int]) throws -> [Node]
  ) throws -> CircuitStability {
    precondition(n > 0 && resamples > 0, "\(resamples) resamples of \(n) prompts")
    var generator = SplitMix64(seed: seed)
    let circuits = try (0..<resamples).map { _ in
      Set(try select((0..<n).map { _ in generator.index(below: n) }))
    }
    let members = Set(circuit)
    var counts = Dictionary(uniqueKeysWithValues: members.map { ($0, 0) })
    for node in circuits.joined() { counts[node, default: 0] += 1 }
    var pairs = 0.0
    for i in circuits.indices { for j in 0..<i { pairs += Jaccard.index(circuits[i], circuits[j]) } }
    let total = Double(resamples)
    return CircuitStability(
      n: n, resamples: resamples,
      inclusions: counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { node, count in
        Inclusion(node: node, count: count, frequency: Double(count) / total, inCircuit: members.contains(node))
      },
      meanPairwiseJaccard: resamples > 1 ? pairs / (total * (total - 1) / 2) : nil,
      meanJaccardWithCircuit: circuits.reduce(0) { $0 + Jaccard.index($1, members) } / total,
      empty: circuits.reduce(0) { $0 + ($1.isEmpty ? 1 : 0) },
      meanSize: circuits.reduce(0) { $0 + Double($1.count) } / total)
  }
}

/// Overlap of two sets.
public enum Jaccard {
  /// |A ∩ B| / |A ∪ B| (Jaccard 1912); 1 of two empty sets, which are equal.
  public static func index<Element: Hashable>(_ a: Set<Element>, _ b: Set<Element>) -> Double {
    let shared = a.intersection(b).count
    let union = a.count + b.count - shared
    return union == 0 ? 1 : Double(shared) / Double(union)
  }
}
