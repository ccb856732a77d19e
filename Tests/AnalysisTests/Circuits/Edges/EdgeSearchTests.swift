import Foundation
import Testing

@testable import Analysis

/// Growing, connecting and pruning against slow versions written from their definitions.
@Suite("Edge search")
struct EdgeSearchTests {
  /// Random small graphs, their sharing of keys and values and parallel MLPs among what is drawn.
  private static func graph(_ generator: inout SplitMix64) -> EdgeGraph {
    let groups = 1 + generator.index(below: 2)
    let heads = groups * (1 + generator.index(below: 2))
    return EdgeGraph(
      shape(
        layers: 1 + generator.index(below: 3), heads: heads, groups: groups,
        isParallel: generator.index(below: 2) == 0))
  }

  /// The nodes that read through a receiver: several where a key or value is shared.
  private static func readers(_ receiver: Receiver, _ graph: EdgeGraph) -> [Sender] {
    let heads = graph.senders.filter { "\($0)".hasPrefix("L0H") }.count
    let groups = graph.receivers.filter { "\($0)".hasPrefix("L0H") && "\($0)".hasSuffix(".k") }.count
    switch receiver {
    case .query(let layer, let head): return [.node(.head(layer: layer, head: head))]
    case .key(let layer, let group), .value(let layer, let group):
      let size = heads / groups
      return (group * size..<(group + 1) * size).map { .node(.head(layer: layer, head: $0)) }
    case .mlp(let layer): return [.node(.mlp(layer: layer))]
    case .logits: return []
    }
  }

  private static let rounds = Reference.isFull ? 3000 : 150

  // MARK: Growth

  /// One edge after the other: of all edges into what is in the circuit, the best; of equal ones the one computed later.
  private static func grown(_ graph: EdgeGraph, _ scores: [Double], _ size: Int) -> [Int] {
    var taken: [Int] = []
    while taken.count < size {
      let senders = taken.map { graph.edge($0).sender }
      let open = (0..<graph.count).filter { index in
        let receiver = graph.edge(index).receiver
        let isIn = receiver == .logits || readers(receiver, graph).contains { senders.contains($0) }
        return isIn && scores[index] > 0 && !taken.contains(index)
      }
      guard let best = open.max(by: { (scores[$0], $0) < (scores[$1], $1) }) else { break }
      taken.append(best)
    }
    return taken
  }

  @Test("Greedy growth takes the edges that a search through all of them takes, in the same order")
  func growth() {
    var generator = SplitMix64(seed: 1)
    for round in 0..<Self.rounds {
      let graph = Self.graph(&generator)
      // Few different scores, so that many are equal; some are 0 or less.
      let scores = (0..<graph.count).map { _ in Double(generator.index(below: 7) - 2) }
      let size = generator.index(below: min(graph.count, 25) + 1)
      #expect(graph.grow(scores, to: size) == Self.grown(graph, scores, size), "round \(round)")
    }
  }

  @Test("Growth takes no edge without a score above 0, NaN included, and stops when none is left")
  func nothingToGrow() {
    let graph = EdgeGraph(shape(layers: 2, heads: 2))
    for bad in [0, -1, .nan, -.infinity] as [Double] {
      #expect(graph.grow([Double](repeating: bad, count: graph.count), to: 10).isEmpty)
    }
    #expect(graph.grow([Double](repeating: 1, count: graph.count), to: 0).isEmpty)
    #expect(graph.grow([Double](repeating: 1, count: graph.count), to: .max).sorted() == Array(0..<graph.count))
  }

  // MARK: Connection

  /// Takes away, until nothing changes, edges whose sender is fed by none of the set and edges whose readers feed none of it.
  private static func connected(_ graph: EdgeGraph, _ isIn: [Bool]) -> [Bool] {
    var kept = isIn
    while true {
      let edges = (0..<graph.count).filter { kept[$0] }.map { (index: $0, edge: graph.edge($0)) }
      let dangling = edges.filter { _, edge in
        let isFed =
          edge.sender == .embedding || edges.contains { readers($0.edge.receiver, graph).contains(edge.sender) }
        let isRead =
          edge.receiver == .logits
          || readers(edge.receiver, graph).contains { node in edges.contains { $0.edge.sender == node } }
        return !isFed || !isRead
      }
      guard !dangling.isEmpty else { return kept }
      for (index, _) in dangling { kept[index] = false }
    }
  }

  @Test("What is connected is what is left when dangling edges are taken away until there are none")
  func connection() {
    var generator = SplitMix64(seed: 2)
    var somePartial = 0
    for round in 0..<Self.rounds {
      let graph = Self.graph(&generator)
      let share = 5 + generator.index(below: 60)
      let set = (0..<graph.count).map { _ in generator.index(below: 100) < share }
      let ours = graph.connected(set)
      #expect(ours == Self.connected(graph, set), "round \(round)")
      #expect(graph.connected(ours) == ours)
      if ours.contains(true) && ours != set { somePartial += 1 }
    }
    #expect(somePartial > Self.rounds / 10, "sets that are connected in part are among them")
  }

  @Test("All edges are connected; edges that begin or end nowhere are not")
  func connectedExamples() {
    let graph = EdgeGraph(shape(layers: 2, heads: 2))
    func connected(_ names: [String]) -> [String] {
      let places = names.compactMap { Edge($0).flatMap(graph.index(of:)) }
      #expect(places.count == names.count)
      let result = graph.connected(graph.variant(places))
      return (0..<graph.count).filter { result[$0] }.map { graph.edge($0).description }
    }
    #expect(graph.connected([Bool](repeating: true, count: graph.count)) == [Bool](repeating: true, count: graph.count))
    let path = ["embed>L0H1.v", "L0H1>L1H0.k", "L1H0>logits"]
    #expect(Set(connected(path)) == Set(path))
    #expect(connected(path + ["L0H0>logits", "embed>MLP1", "L0H1>L1H1.q"]).count == 3)
    #expect(connected(["embed>L0H1.v", "L1H0>logits"]).isEmpty)
  }

  // MARK: Pruning

  /// ACDC as it is defined: one edge after the other, from the logits back, each decision on the graph as pruned so far.
  static func pruned(
    _ graph: EdgeGraph, full: [Double], threshold: Double, values: ([Bool]) throws -> [Double]
  ) rethrows -> (isKept: [Bool], loss: Double) {
    var patched = [Bool](repeating: false, count: graph.count)
    var loss = 0.0
    for receiver in graph.receivers.indices.reversed() {
      for edge in graph.edges(into: receiver).reversed() {
        patched[edge] = true
        let m = try values(patched)
        var there = 0.0
        for (a, b) in zip(full, m) { there += abs(a - b) }
        there /= Double(full.count)
        if there - loss < threshold { loss = there } else { patched[edge] = false }
      }
    }
    return (patched.map { !$0 }, loss)
  }

  @Test("Trying several edges at once decides as trying one after the other, on functions drawn at random")
  func pruningOfFunctions() throws {
    var generator = SplitMix64(seed: 4)
    for round in 0..<(Reference.isFull ? 400 : 30) {
      let graph = Self.graph(&generator)
      let pairs = 1 + generator.index(below: 3)
      // Few large weights among small ones, and products of two edges, so that what one edge costs depends on others.
      let weights = (0..<pairs).map { _ in
        (0..<graph.count).map { _ -> Double in
          let isLarge = generator.index(below: 9) == 0
          return Double(isLarge ? generator.index(below: 21) - 10 : generator.index(below: 3) - 1) / 8
        }
      }
      let twos = (0..<graph.count / 2).map { _ in
        (generator.index(below: graph.count), generator.index(below: graph.count))
      }
      func values(_ patched: [Bool]) -> [Double] {
        let together = 0.5 * Double(twos.filter { patched[$0.0] && patched[$0.1] }.count)
        return weights.map { weight in
          var sum = together
          for (isPatched, value) in zip(patched, weight) where isPatched { sum += value }
          return sum
        }
      }
      let full = values([Bool](repeating: false, count: graph.count))
      for threshold in [0.0, 0.13, 0.4, 2] {
        let wanted = Self.pruned(graph, full: full, threshold: threshold, values: values)
        for together in [1, 3, 64] {
          var pruning = EdgePruning(threshold: threshold)
          pruning.mostTogether = together
          var largest = 0
          let ours = try pruning.prune(graph, full: full) { variants in
            largest = max(largest, variants.count)
            return variants.map(values)
          }
          #expect(ours.isKept == wanted.isKept, "round \(round), threshold \(threshold), \(together) together")
          #expect(ours.loss == wanted.loss)
          #expect(ours.tried == graph.count && ours.runs >= graph.count)
          #expect(largest <= together)
          if together == 1 { #expect(ours.runs == graph.count) }
        }
      }
    }
  }

  @Test("A threshold above every loss prunes all edges, one below every rise none; a NaN is never pruned")
  func thresholds() throws {
    let graph = EdgeGraph(shape(layers: 2, heads: 2))
    func values(_ variants: [[Bool]]) -> [[Double]] { variants.map { [Double($0.filter { $0 }.count)] } }
    #expect(try !EdgePruning(threshold: .infinity).prune(graph, full: [0], values: values).isKept.contains(true))
    #expect(try !EdgePruning(threshold: 1).prune(graph, full: [0], values: values).isKept.contains(false))
    let none = try EdgePruning(threshold: 1).prune(graph, full: [0]) { $0.map { _ in [.nan] } }
    #expect(!none.isKept.contains(false) && none.loss == 0)
  }

  @Test("Pruning stops when its progress throws, and says how far it is")
  func cancelled() throws {
    struct Stop: Error {}
    let run = try EdgeModel.tiny.run()
    var seen: [Int] = []
    #expect(throws: Stop.self) {
      _ = try run.prunedEdges(threshold: 0.1) { decided in
        seen.append(decided)
        if decided > 20 { throw Stop() }
      }
    }
    #expect(seen.first == 0 && seen == seen.sorted() && seen.count > 1)
  }

  @Test(
    "On a model pruning finds what one edge after the other finds, to the last bit of the loss",
    arguments: EdgeModel.small)
  func pruningOfModels(name: EdgeModel) throws {
    var sizes: [Int] = []
    for number in Reference.isFull ? [0, 1] : [0] {
      let run = try name.run(number)
      for threshold in [0.002, 0.05, 0.5] {
        let wanted = try Self.pruned(run.model.edgeGraph, full: [run.mClean], threshold: threshold) {
          try run.decisionValues(patchingEdges: [$0])
        }
        let ours = try run.prunedEdges(threshold: threshold)
        #expect(ours.isKept == wanted.isKept, "case \(number), threshold \(threshold)")
        #expect(ours.loss.bitPattern == wanted.loss.bitPattern)
        // What is reported is the circuit's own value.
        let m = try run.decisionValues(patchingEdges: [ours.isKept.map { !$0 }])[0]
        #expect(abs(run.mClean - m).bitPattern == ours.loss.bitPattern)
        sizes.append(ours.isKept.filter { $0 }.count)
      }
    }
    #expect(Set(sizes).count > 1, "thresholds make a difference: \(sizes)")
  }

  @Test("Pruning over several pairs weighs their mean loss, on the trained model")
  func pruningOfPairs() throws {
    let model = try EdgeModel.ioi.model()
    let references = try ReferenceModel.ioi.cases()
    let runs = try references[0..<2].map { reference in
      try PairRun(
        model: model, clean: reference.cleanIDs, counterfactual: reference.corruptedIDs, positive: reference.positive,
        negative: reference.negative)
    }
    let sweeps = try runs.map { try EdgeSweep($0) }
    let full = runs.map(\.mClean)
    let ours = try EdgePruning(threshold: 0.1).prune(model.edgeGraph, full: full) { variants in
      let values = sweeps.map { $0.values(variants) }
      return variants.indices.map { v in values.map { $0[v] } }
    }
    let wanted = Self.pruned(model.edgeGraph, full: full, threshold: 0.1) { variant in
      sweeps.map { $0.values([variant])[0] }
    }
    #expect(ours.isKept == wanted.isKept && ours.loss == wanted.loss)
    let kept = ours.isKept.filter { $0 }.count
    #expect(kept > 0 && kept < model.edgeGraph.count / 4, "\(kept) of \(model.edgeGraph.count)")
    #expect(ours.loss < (full[0] + full[1]) / 2)
  }
}
