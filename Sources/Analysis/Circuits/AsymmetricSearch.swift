/// The founding circuit search: forward greedy selection by first-order sufficiency, then backward pruning by exact
/// comprehensiveness, then an exact measurement of what is left.
///
/// The forward objective is modular, so that step is a top-k sort and the search carries no guarantee; the exact scores
/// that follow it are what a report may state. Heads are searched; MLPs are computed again from what they receive.
struct AsymmetricSearch {
  /// Exact mean decision values of head sets over prompt pairs.
  struct SetValues {
    /// By pair: m(N).
    let full: [Double]
    /// By pair: m(∅).
    let empty: [Double]
    /// By head set, by pair: m with the given heads at their counterfactual values.
    let without: ([[Node]]) throws -> [[Double]]
  }

  /// What the forward step selected.
  struct Selection: Equatable {
    let heads: [Node]
    /// Sufficiency −Σ score/(m_clean − m_cf) of `heads`, the scores estimating (or being) the noising effects.
    let sufficiency: Double
    /// What the scores were.
    var forward = AnalysisResult.Circuit.Forward.firstOrder
  }

  let sufficiencyTarget: Double
  let comprehensivenessTarget: Double

  /// Takes the heads with the largest first-order share of the decision's change until the target is reached or no head
  /// adds.
  /// - Parameters:
  ///   - attributions: mean attribution (estimate of the noising effect), or mean noising effect, by head.
  ///   - difference: mean m_clean − m_cf; not 0.
  func select(_ attributions: [(head: Node, value: Double)], difference: Double) -> Selection {
    precondition(difference != 0, "the decision does not move")
    let shares = attributions.map { (head: $0.head, share: -$0.value / difference) }
      .sorted { ($0.share, $1.head) > ($1.share, $0.head) }
    var heads: [Node] = []
    var reached = 0.0
    for (head, share) in shares where reached < sufficiencyTarget && share > 0 {
      heads.append(head)
      reached += share
    }
    return Selection(heads: heads, sufficiency: reached)
  }

  /// Drops, one at a time, the head whose loss costs least exact comprehensiveness, while that stays above the target's
  /// share of the unpruned set's. The last head is never dropped.
  /// - Returns: the kept heads in order of layer, and the unpruned set's comprehensiveness.
  /// - Complexity: O(k²) exact evaluations of all pairs for k selected heads.
  func prune(_ selected: [Node], _ values: SetValues) throws -> (heads: [Node], comprehensiveness: Double) {
    let full = values.full.mean
    let range = full - values.empty.mean
    func comprehensiveness(_ without: [Double]) -> Double { (full - without.mean) / range }
    let unpruned = comprehensiveness(try values.without([selected])[0])
    let least = comprehensivenessTarget * unpruned
    var heads = selected.sorted()
    while heads.count > 1 {
      let candidates = heads.map { head in heads.filter { $0 != head } }
      let scores = try values.without(candidates).map(comprehensiveness)
      guard let best = scores.indices.max(by: { (scores[$0], $1) < (scores[$1], $0) }), scores[best] >= least else {
        break
      }
      heads = candidates[best]
    }
    return (heads, unpruned)
  }
}
