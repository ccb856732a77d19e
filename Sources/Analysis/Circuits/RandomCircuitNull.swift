/// How a circuit compares with random circuits of the same size: would any set of nodes have done as well?
///
/// The null hypothesis is that the circuit is one of the circuits its null can reach, drawn at random. The draws are
/// distinct circuits other than the circuit itself; where there are few enough, all of them are evaluated and the p-value is
/// exact.
public struct RandomCircuitNull: Codable, Sendable, Equatable {
  /// What a random circuit shares with the circuit.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// As many heads and MLPs in each layer.
    case matched
    /// As many heads and MLPs in all.
    case sizeOnly = "size-only"
  }

  /// What the random circuits share with the circuit.
  public var kind: Kind
  /// The circuit's own value, evaluated as the random circuits' were.
  public var observed: Double
  /// How many distinct circuits the null can reach, the circuit itself included; nil beyond 2⁵³.
  public var reachable: Int?
  /// log₁₀ of that number.
  public var log10Reachable: Double
  /// Large values count against the null. `p.smallest` is what a circuit better than all others would have got.
  public var p: PValue
  /// Mean of the null's values (nil if the circuit is the only one that the null can reach).
  public var mean: Double?
  /// Standard deviation of the null's values (nil likewise).
  public var deviation: Double?
  /// Quantiles of the null's values; empty likewise.
  public var quantiles: [PromptSpread.Point]

  /// How many random circuits are evaluated unless something else is asked for: with the circuit itself 1,000.
  public static let usualDraws = 999

  /// Evaluates the circuit and its null.
  /// - Parameters:
  ///   - circuit: the circuit's nodes.
  ///   - universe: all nodes that a circuit may have, the circuit's own included.
  ///   - draws: how many random circuits are evaluated, if there are more than that.
  ///   - tolerance: random circuits that fall short of the circuit by no more than this count as ties, so that rounding
  ///     never lowers the p-value.
  ///   - evaluate: exact value of each circuit, a mean over prompts; larger is better. Called with the circuit alone, then
  ///     with all random circuits.
  /// - Precondition: the circuit's nodes are distinct and in the universe; draws > 0.
  /// - Throws: what `evaluate` throws; `notFinite` if it returns a value that is not finite.
  /// - Complexity: 1 + min(reachable − 1, draws) evaluations.
  public static func compare(
    _ circuit: [Node], universe: [Node], kind: Kind, draws: Int = usualDraws, tolerance: Double = 1e-6, seed: UInt64,
    evaluate: ([[Node]]) throws -> [Double]
  ) throws -> RandomCircuitNull {
    precondition(draws > 0, "\(draws) draws")
    let strata = Strata(circuit, universe: universe, kind: kind)
    let exact = strata.reachable.map { $0 - 1 <= draws } ?? false
    let circuits = exact ? strata.others() : strata.draw(draws, seed: seed)
    let observed = try finite(evaluate([circuit.sorted()]), count: 1)[0]
    let values = circuits.isEmpty ? [] : try finite(evaluate(circuits), count: circuits.count)
    let words = kind == .matched ? "as many nodes in each layer" : "as many nodes"
    let null =
      "random circuits with \(words), "
      + (exact ? "all \(circuits.count) others" : "\(circuits.count) distinct ones drawn")
    let moments = Moments(values)
    return RandomCircuitNull(
      kind: kind, observed: observed, reachable: strata.reachable, log10Reachable: strata.log10Reachable,
      p: PValue(observed, among: values, exact: exact, tolerance: tolerance, null: null), mean: moments?.mean,
      deviation: moments?.deviation, quantiles: PromptSpread.points(sorted: values.sorted()))
  }

  private static func finite(_ values: [Double], count: Int) throws -> [Double] {
    precondition(values.count == count, "\(values.count) values of \(count) circuits")
    guard values.allSatisfy(\.isFinite) else {
      throw AnalysisError(
        .notFinite, "a random circuit's value is not finite, so the circuit cannot be compared with its null")
    }
    return values
  }
}

extension RandomCircuitNull {
  /// Nodes that may take each other's place, and how many of each kind a circuit has.
  private struct Strata {
    let groups: [(nodes: [Node], count: Int)]
    let circuit: [Node]
    let reachable: Int?
    let log10Reachable: Double

    init(_ circuit: [Node], universe: [Node], kind: Kind) {
      let members = Set(circuit)
      precondition(
        members.count == circuit.count && members.isSubset(of: universe), "a circuit of nodes that are not the model's")
      // An MLP is no match for a head, whatever the layer.
      let grouping = Dictionary(grouping: Set(universe)) { [kind == .matched ? $0.layer : 0, $0.isHead ? 0 : 1] }
      groups = grouping.keys.sorted { $0.lexicographicallyPrecedes($1) }.compactMap { key in
        let nodes = (grouping[key] ?? []).sorted()
        let count = nodes.reduce(0) { $0 + (members.contains($1) ? 1 : 0) }
        return count == 0 ? nil : (nodes, count)
      }
      self.circuit = circuit.sorted()
      log10Reachable = groups.reduce(0) { $0 + Combinatorics.log10Binomial($1.nodes.count, $1.count) }
      reachable = groups.reduce(1 as Int?) { product, group in
        guard let product, let choices = Combinatorics.binomial(group.nodes.count, group.count) else { return nil }
        let (next, overflow) = product.multipliedReportingOverflow(by: choices)
        return overflow || next > 1 << 53 ? nil : next
      }
    }

    /// Every circuit but the circuit itself.
    func others() -> [[Node]] {
      var circuits: [[Node]] = [[]]
      for group in groups {
        var choices: [[Node]] = []
        Combinatorics.forEachCombination(group.count, of: group.nodes.count) { choice in
          choices.append(choice.map { group.nodes[$0] })
        }
        circuits = circuits.flatMap { start in choices.map { start + $0 } }
      }
      return circuits.map { $0.sorted() }.filter { $0 != circuit }
    }

    /// Distinct circuits, each time uniform over those not drawn yet.
    func draw(_ count: Int, seed: UInt64) -> [[Node]] {
      var generator = SplitMix64(seed: seed)
      var seen: Set<[Node]> = [circuit]
      var circuits: [[Node]] = []
      while circuits.count < count {
        let drawn = groups.flatMap { group in
          generator.sample(group.count, of: group.nodes.count).map { group.nodes[$0] }
        }.sorted()
        if seen.insert(drawn).inserted { circuits.append(drawn) }
      }
      return circuits
    }
  }
}

/// Mean and standard deviation of a null's values (divisor n); nil of no values.
struct Moments {
  let mean: Double
  let deviation: Double

  init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
  }
}
