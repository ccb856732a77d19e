/// Forward-backward greedy selection with a gradient forward step (FoBa-gdt: Liu, Fujimaki, Ye 2014, arXiv:1401.0086; the
/// backward rule is Zhang's of 2008).
///
/// Forward: the node whose first-order score promises most is added, and its exact gain recorded. Backward: while some
/// member's loss raises the exact loss by at most half of the gain recorded when the set first reached its current size,
/// the cheapest goes. The gains are a stack: dropping a member takes the last one off. A drop therefore ends below the loss
/// that the set had when it last was of that size, so that the losses by size fall in lexicographic order and the search
/// ends. Its guarantee needs a convex loss; a transformer's is not: the exact loss of what comes out is the only claim.
struct ForwardBackwardSearch {
  /// What the search asks of a model.
  struct Oracle {
    /// Exact loss of each circuit (everything outside it at counterfactual values), smaller is better and 0 is the whole
    /// model: `FaithfulnessLoss.mean`, the mean over prompts of |m(N) − m(C)|.
    let loss: (_ circuits: [[Node]]) throws -> [Double]
    /// First-order estimate, at the given circuit, of how much adding each of the nodes lowers the loss.
    let promise: (_ circuit: [Node], _ nodes: [Node]) throws -> [Double]
  }

  /// Nodes that may be chosen.
  let candidates: [Node]
  /// The search ends when the loss is at or below this.
  var target = 0.0
  /// Exact gains at or below this end the search. At 0, rounding counts as a gain: ask for a share of the empty loss.
  var leastGain = 0.0
  /// The largest set.
  var largestSize = Int.max
  /// How many of the most promising nodes are evaluated exactly before the best is added: 1 is the published step, all of
  /// them is FoBa-obj. More than 1 keeps a wrong first-order promise from ending the search.
  var width = 1
  /// Whether the search, if adding stalls above the target, takes candidates away from all of them instead: nodes that only work
  /// together gain nothing one by one (a previous-token head without its induction head), but each is missed when it goes. No part
  /// of the published search.
  var takesAway = false

  /// Runs the search.
  /// - Throws: what the oracle throws; `notFinite` if it returns a number that is not finite.
  /// - Complexity: per step one request for promises and one for at most max(width, size) exact losses; then at most
  ///   size²/2 more losses for the submodularity ratio; to take away, two losses for each candidate.
  func run(_ oracle: Oracle) throws -> ForwardBackwardSelection {
    precondition(width > 0 && Set(candidates).count == candidates.count, "candidates that repeat")
    var memory = LossMemory(oracle.loss)
    var nodes: [Node] = []
    var gains: [Double] = []
    var steps: [ForwardBackwardSelection.Step] = []
    let emptyLoss = try memory.losses(of: [[]])[0]
    var loss = emptyLoss
    func forward() throws -> ForwardBackwardSelection.Stop? {
      if loss <= target { return .target }
      let outside = candidates.filter { !nodes.contains($0) }
      if outside.isEmpty { return .exhausted }
      if nodes.count >= largestSize { return .size }
      let promises = try oracle.promise(nodes, outside)
      precondition(promises.count == outside.count, "\(promises.count) promises of \(outside.count) nodes")
      try LossMemory.check(promises)
      let chosen = zip(outside, promises).filter { $0.1 > 0 }
        .sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(width).map(\.0)
      if chosen.isEmpty { return .noPromise }
      let losses = try memory.losses(of: chosen.map { nodes + [$0] })
      guard let best = losses.indices.min(by: { (losses[$0], $0) < (losses[$1], $1) }), loss - losses[best] > leastGain
      else { return .noGain }
      gains.append(loss - losses[best])
      nodes.append(chosen[best])
      loss = losses[best]
      steps.append(.init(added: true, node: chosen[best], loss: loss, size: nodes.count))
      return nil
    }
    func backward() throws {
      while let gain = gains.last, nodes.count > 1 {
        let losses = try memory.losses(of: nodes.map { node in nodes.filter { $0 != node } })
        guard let best = losses.indices.min(by: { (losses[$0], nodes[$0]) < (losses[$1], nodes[$1]) }),
          losses[best] - loss <= gain / 2
        else { return }
        loss = losses[best]
        let dropped = nodes.remove(at: best)
        gains.removeLast()
        steps.append(.init(added: false, node: dropped, loss: loss, size: nodes.count))
      }
    }
    var stop: ForwardBackwardSelection.Stop?
    while stop == nil {
      stop = try forward()
      if stop == nil { try backward() }
    }
    let ratio = try SubmodularityRatio.measure(along: nodes, &memory)
    if takesAway, stop == .noPromise || stop == .noGain, let found = try takeAway(&memory) {
      (nodes, loss, stop) = (found.nodes, found.loss, .takenAway)
    }
    return ForwardBackwardSelection(
      nodes: nodes, loss: loss, emptyLoss: emptyLoss, steps: steps, stop: stop ?? .exhausted,
      evaluations: memory.known.count, submodularity: ratio)
  }

  /// One pass over all candidates, from the one that is missed least: each goes if the loss stays at or below the target.
  private func takeAway(_ memory: inout LossMemory) throws -> (nodes: [Node], loss: Double)? {
    var loss = try memory.losses(of: [candidates])[0]
    guard loss <= target else { return nil }
    let missed = try memory.losses(of: candidates.map { node in candidates.filter { $0 != node } })
    let order = candidates.indices.sorted { (missed[$0], candidates[$0]) < (missed[$1], candidates[$1]) }
    var kept = Set(candidates)
    for index in order {
      let rest = kept.subtracting([candidates[index]])
      let without = try memory.losses(of: [rest.sorted()])[0]
      if without <= target { (kept, loss) = (rest, without) }
    }
    return (order.reversed().map { candidates[$0] }.filter(kept.contains), loss)
  }
}

/// The loss that selections minimise.
enum FaithfulnessLoss {
  /// Mean over prompts of |m(N) − m(C)|. The absolute value is taken per prompt: a circuit that is too high on one prompt
  /// and too low on another is not faithful.
  static func mean(full: [Double], circuit: [Double]) -> Double {
    precondition(full.count == circuit.count && !full.isEmpty, "\(circuit.count) values of \(full.count) prompts")
    return zip(full, circuit).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(full.count)
  }
}

/// Exact losses of circuits, each evaluated once.
struct LossMemory {
  private(set) var known: [Set<Node>: Double] = [:]
  private let evaluate: ([[Node]]) throws -> [Double]

  init(_ evaluate: @escaping ([[Node]]) throws -> [Double]) { self.evaluate = evaluate }

  /// The losses, of which the unknown ones are asked for in one request, nodes in their order.
  mutating func losses(of circuits: [[Node]]) throws -> [Double] {
    var asked: Set<Set<Node>> = []
    let unknown = circuits.map(Set.init).filter { known[$0] == nil && asked.insert($0).inserted }
    if !unknown.isEmpty {
      let values = try evaluate(unknown.map { $0.sorted() })
      precondition(values.count == unknown.count, "\(values.count) losses of \(unknown.count) circuits")
      try Self.check(values)
      for (set, value) in zip(unknown, values) { known[set] = value }
    }
    return circuits.compactMap { known[Set($0)] }
  }

  static func check(_ values: [Double]) throws {
    guard values.allSatisfy(\.isFinite) else {
      throw AnalysisError(
        .notFinite, "a circuit's exact value or gradient is not finite; look for NaN weights, or leave the pair out")
    }
  }
}
