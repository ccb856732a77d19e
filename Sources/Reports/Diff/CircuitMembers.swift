import Analysis

/// Which heads of two versions' circuits are the same: by name, or under the pairing by effect where names do not hold.
struct CircuitMembers {
  /// Heads of the earlier circuit whose partner is in the later one, with the partner.
  let shared: [(before: Node, after: Node)]
  /// Heads of the earlier circuit without a partner in the later one.
  let lost: [Node]
  /// Heads of the later circuit without a partner in the earlier one.
  let gained: [Node]

  init(_ mechanism: Diff.Mechanism, _ first: [Node], _ second: [Node]) {
    let isPaired = mechanism.identity == .byProfile
    let partners = isPaired ? Dictionary(mechanism.nodes.map { ($0.node, $0.partner) }) { first, _ in first } : [:]
    let later = Set(second)
    shared = first.compactMap { head in
      guard let partner = isPaired ? partners[head] : head, later.contains(partner) else { return nil }
      return (head, partner)
    }
    let (kept, found) = (Set(shared.map(\.before)), Set(shared.map(\.after)))
    lost = first.filter { !kept.contains($0) }
    gained = second.filter { !found.contains($0) }
  }

  /// Of all heads of both circuits the share that both have; nil if there are none.
  var jaccard: Double? {
    let all = shared.count + lost.count + gained.count
    return all == 0 ? nil : Double(shared.count) / Double(all)
  }
}
