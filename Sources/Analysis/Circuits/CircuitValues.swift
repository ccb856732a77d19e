/// Exact values of head sets in the forms that searches and checks ask for; each set is evaluated once. A class, since the
/// closures that it hands out share what is known.
final class CircuitValues {
  let evaluation: CircuitEvaluation
  /// All heads, in the model's order.
  let heads: [Node]
  /// By set of ablated heads, by pair.
  private var known: [Set<Node>: [Double]] = [:]

  init(_ evaluation: CircuitEvaluation, heads: [Node]) {
    self.evaluation = evaluation
    self.heads = heads
  }

  /// Mean m(N) − m(∅).
  var range: Double { evaluation.full.mean - evaluation.empty.mean }

  /// By set, by pair: m with the set's heads at their counterfactual values.
  func noised(_ sets: [[Node]]) throws -> [[Double]] {
    let keys = sets.map { Set($0) }
    known[[]] = evaluation.full
    known[Set(heads)] = evaluation.empty
    var missing: [Set<Node>] = []
    for key in keys where known[key] == nil && !missing.contains(key) { missing.append(key) }
    if !missing.isEmpty {
      for (key, values) in zip(missing, try evaluation.noised(missing.map { $0.sorted() })) { known[key] = values }
    }
    return keys.map { known[$0] ?? [] }
  }

  private func complement(_ circuit: [Node]) -> [Node] { heads.filter { !circuit.contains($0) } }

  /// Mean m with each set ablated.
  func ablated(_ sets: [[Node]]) throws -> [Double] { try noised(sets).map(\.mean) }

  /// Mean m with everything outside each set ablated.
  func kept(_ circuits: [[Node]]) throws -> [Double] { try noised(circuits.map(complement)).map(\.mean) }

  /// Mean over pairs of |m(N) − m(C)|.
  func losses(_ circuits: [[Node]]) throws -> [Double] {
    try noised(circuits.map(complement)).map { FaithfulnessLoss.mean(full: evaluation.full, circuit: $0) }
  }

  /// (m(C) − m(∅))/(m(N) − m(∅)), ratios of means.
  func sufficiencies(_ circuits: [[Node]]) throws -> [Double] {
    try kept(circuits).map { ($0 - evaluation.empty.mean) / range }
  }

  /// Sufficiency and comprehensiveness of one circuit with intervals.
  func scores(_ circuit: [Node], _ bootstrap: Bootstrap) throws -> (sufficiency: Estimate, comprehensiveness: Estimate)
  {
    let values = try noised([complement(circuit), circuit])
    return evaluation.scores(only: values[0], without: values[1], bootstrap)
  }

  /// The asymmetric search on some of the pairs, repetitions included; empty where their decision does not move.
  /// - Parameters:
  ///   - attributions: by head, by pair.
  ///   - differences: m_clean − m_cf by pair.
  func search(
    _ search: AsymmetricSearch, _ attributions: [(node: Node, values: [Double])], _ differences: [Double],
    on indices: [Int]
  ) throws -> [Node] {
    func mean(_ values: [Double]) -> Double { indices.reduce(0) { $0 + values[$1] } / Double(indices.count) }
    let difference = mean(differences)
    guard difference != 0 else { return [] }
    let selection = search.select(attributions.map { ($0.node, mean($0.values)) }, difference: difference)
    guard !selection.heads.isEmpty else { return [] }
    func drawn(_ values: [Double]) -> [Double] { indices.map { values[$0] } }
    return try search.prune(
      selection.heads,
      AsymmetricSearch.SetValues(
        full: drawn(evaluation.full), empty: drawn(evaluation.empty), without: { try self.noised($0).map(drawn) })
    ).heads
  }
}
