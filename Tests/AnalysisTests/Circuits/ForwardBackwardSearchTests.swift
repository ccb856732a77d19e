import Foundation
import Testing

@testable import Analysis

/// The search on planted set functions, whose answers follow by algebra.
@Suite("Forward-backward search")
struct ForwardBackwardSearchTests {
  private let heads = (0..<12).map { Node.head(layer: $0 / 4, head: $0 % 4) }

  /// An oracle from a loss of sets of indices. Promises are the true gains unless other ones are given.
  private func oracle(
    promise: ((Set<Int>, Int) -> Double)? = nil, _ loss: @escaping (Set<Int>) -> Double
  ) -> ForwardBackwardSearch.Oracle {
    let index = Dictionary(uniqueKeysWithValues: heads.enumerated().map { ($0.element, $0.offset) })
    func indices(_ nodes: [Node]) -> Set<Int> { Set(nodes.compactMap { index[$0] }) }
    return ForwardBackwardSearch.Oracle(
      loss: { $0.map { loss(indices($0)) } },
      promise: { circuit, nodes in
        let set = indices(circuit)
        return nodes.map { node in
          let i = index[node] ?? 0
          return promise?(set, i) ?? loss(set) - loss(set.union([i]))
        }
      })
  }

  private func search(width: Int = 1) -> ForwardBackwardSearch {
    ForwardBackwardSearch(candidates: heads, width: width)
  }

  private func indices(_ nodes: [Node]) -> [Int] { nodes.compactMap { heads.firstIndex(of: $0) } }

  @Test("Of an additive loss exactly the useful nodes are taken, the most useful first, over 100 seeds")
  func additive() throws {
    for seed in 0..<100 {
      var generator = SplitMix64(seed: UInt64(seed))
      let useful = generator.sample(4, of: 12)
      // Weights are distinct powers of two: sums are exact.
      let weights = Dictionary(uniqueKeysWithValues: zip(useful, generator.permutation(4).map { Double(1 << $0) }))
      let result = try search().run(
        oracle { set in 15 - set.reduce(0) { $0 + (weights[$1] ?? 0) } })
      #expect(Set(indices(result.nodes)) == Set(useful) && result.loss == 0 && result.emptyLoss == 15)
      #expect(indices(result.nodes).map { weights[$0] ?? 0 } == [8, 4, 2, 1])
      #expect(result.stop == .target && result.steps.map(\.added) == [true, true, true, true])
      #expect(result.submodularity.upperBound == 1, "an additive gain is the sum of single gains")
    }
  }

  @Test("A node that two better ones make useless is dropped again, where forward selection would keep it")
  func backward() throws {
    // Node 0 lowers the loss by 6, 1 and 2 by 5 each; 0 does the work of half of each, so with both it is worth 1.
    func loss(_ set: Set<Int>) -> Double {
      let pair = (set.contains(1) ? 1 : 0) + (set.contains(2) ? 1 : 0)
      let alone = [0.0, 5, 10][pair]
      return 10 - (set.contains(0) ? max(alone, [6, 8, 10][pair]) : alone)
    }
    let result = try search().run(oracle(loss))
    #expect(indices(result.nodes) == [1, 2] && result.loss == 0)
    #expect(result.steps.map { indices([$0.node])[0] } == [0, 1, 2, 0])
    #expect(result.steps.map(\.added) == [true, true, true, false])
    #expect(result.steps.map(\.loss) == [4, 2, 0, 0] && result.steps.map(\.size) == [1, 2, 3, 2])
  }

  /// Losses along 0, 1, 2: 16, 8, 4, then 4 − `last`; taking 0 out of the three costs `cost`.
  private func stack(last: Double, cost: Double) -> (Set<Int>) -> Double {
    { set in
      switch set.intersection([0, 1, 2]) {
      case []: 16
      case [0]: 8
      case [0, 1]: 4
      case [0, 1, 2]: 4 - last
      case [1, 2]: 4 - last + cost
      case [1], [2]: 15
      default: 14
      }
    }
  }

  @Test(
    "A member goes if the loss rises by at most half of the gain at the current size, not more",
    arguments: [(2.0, 1.0, true), (2.0, 1.0625, false), (1.0, 0.5, true), (1.0, 0.5625, false)])
  func halfOfTheGain(last: Double, cost: Double, dropped: Bool) throws {
    let limited = ForwardBackwardSearch(candidates: Array(heads.prefix(3)), largestSize: 3)
    let result = try limited.run(oracle(stack(last: last, cost: cost)))
    // Dropping 1 or 2 would cost more: only 0 is in question.
    #expect(result.steps.filter { !$0.added }.map { indices([$0.node])[0] }.first == (dropped ? 0 : nil))
  }

  @Test("After a drop the gain of the smaller size counts: the stack, not the last gain")
  func stackOfGains() throws {
    // Gains 8, 4, 2. Dropping 0 costs 1 = 2/2: it goes. Then dropping 1 or 2 raises the loss from 3 to 15, more than 4/2.
    let limited = ForwardBackwardSearch(candidates: Array(heads.prefix(3)), largestSize: 3)
    let result = try limited.run(oracle(stack(last: 2, cost: 1)))
    let drops = result.steps.filter { !$0.added }
    #expect(drops.count == 1 && drops[0].size == 2 && drops[0].loss == 3)
    // 0 comes back for a gain of 1; dropping it again would cost all of that.
    #expect(indices(result.nodes) == [1, 2, 0] && result.loss == 2 && result.stop == .exhausted)
  }

  @Test("On random set functions it ends, drops lower each size's loss, and the end is what it says, over 200 seeds")
  func randomFunctions() throws {
    var drops = 0
    for seed in 0..<200 {
      var generator = SplitMix64(seed: UInt64(1000 + seed))
      let candidates = Array(heads.prefix(7))
      // Even seeds: any function at all. Odd seeds: each node covers some of 10 items, so that later ones make earlier ones
      // useless.
      let table = (0..<128).map { _ in generator.uniform() }
      let items: [Set<Int>] = candidates.map { _ in Set((0..<10).filter { _ in generator.index(below: 5) < 2 }) }
      func loss(_ set: Set<Int>) -> Double {
        let mask: Int = set.reduce(0) { $0 | (1 << $1) }
        if seed % 2 == 0 { return mask == 0 ? 1 : table[mask] }
        let covered: Set<Int> = set.reduce(into: []) { $0.formUnion(items[$1]) }
        return (0..<10).filter { !covered.contains($0) }.reduce(0.0) { $0 + table[$1] }
      }
      let result = try ForwardBackwardSearch(candidates: candidates, width: 1 + seed % 7).run(oracle(loss))
      #expect(result.loss == loss(Set(indices(result.nodes))) && result.loss <= result.emptyLoss)
      drops += try checkDrops(result.steps)
      #expect(result.evaluations <= 128)
      #expect([.noPromise, .noGain, .exhausted, .target].contains(result.stop))
    }
    #expect(drops >= 8, "the backward step was tried: \(drops)")
  }

  /// A drop ends below the loss that the set had when it last was of that size: that is why the search ends.
  private func checkDrops(_ steps: [ForwardBackwardSelection.Step]) throws -> Int {
    var last: [Int: Double] = [:]
    var drops = 0
    for step in steps {
      if !step.added {
        drops += 1
        #expect(step.loss < (try #require(last[step.size])))
      }
      last[step.size] = step.loss
    }
    return drops
  }

  @Test("Nodes that only work together are missed, and the submodularity ratio says so")
  func synergy() throws {
    // 0 and 1 together lower the loss by 8, neither alone; 2 alone by 2.
    func loss(_ set: Set<Int>) -> Double {
      10 - (set.isSuperset(of: [0, 1]) ? 8 : 0) - (set.contains(2) ? 2 : 0)
    }
    let result = try search().run(oracle(loss))
    #expect(indices(result.nodes) == [2] && result.loss == 8 && result.stop == .noPromise)
    // Taken away from all, each is missed.
    var fromAbove = search()
    fromAbove.takesAway = true
    let found = try fromAbove.run(oracle(loss))
    #expect(Set(indices(found.nodes)) == [0, 1, 2] && found.loss == 0 && found.stop == .takenAway)
    #expect(found.steps == result.steps && indices(found.nodes).last == 2, "what is missed least comes last")
    fromAbove.target = 3
    #expect(Set(indices(try fromAbove.run(oracle(loss)).nodes)) == [0, 1], "2 may go")
    // The visited sets do not show it: an upper bound proves nothing.
    #expect(result.submodularity.upperBound == nil)
    var losses: [Set<Node>: Double] = [:]
    for set in [[], [0], [1], [0, 1]] as [Set<Int>] { losses[Set(set.map { heads[$0] })] = loss(set) }
    let bound = SubmodularityRatio.bound(losses, tolerance: 1e-9)
    #expect(bound.upperBound == 0 && bound.base.isEmpty && bound.added == [heads[0], heads[1]])
    #expect(bound.comparisons == 1)
  }

  @Test("The submodularity ratio of |S|² is 1/n, of √|S| above 1", arguments: [2, 3, 4])
  func ratio(n: Int) {
    func bound(_ gain: (Double) -> Double) -> SubmodularityRatio {
      var losses: [Set<Node>: Double] = [:]
      for mask in 0..<(1 << n) {
        let set = Set((0..<n).filter { mask >> $0 & 1 == 1 }.map { heads[$0] })
        losses[set] = -gain(Double(set.count))
      }
      return SubmodularityRatio.bound(losses, tolerance: 1e-9)
    }
    // From the empty set: n · 1 / n².
    #expect(abs((bound { $0 * $0 }.upperBound ?? 0) - 1 / Double(n)) < 1e-12)
    // Least where two are added to n − 2: 2(√(n−1) − √(n−2))/(√n − √(n−2)).
    let d = Double(n)
    let wanted = 2 * ((d - 1).squareRoot() - (d - 2).squareRoot()) / (d.squareRoot() - (d - 2).squareRoot())
    #expect(abs((bound { $0.squareRoot() }.upperBound ?? 0) - wanted) < 1e-12 && wanted > 1)
    // L = ∅, S of 2 and more; and so on: Σ over L of the subsets of the rest with two or more.
    let pairs = (0...n).reduce(0) { sum, size in
      sum + (Combinatorics.binomial(n, size) ?? 0) * ((1 << (n - size)) - 1 - (n - size))
    }
    #expect(bound { $0 }.comparisons == pairs)
  }

  @Test("A wrong promise ends the published search, a wider one looks further")
  func width() throws {
    func loss(_ set: Set<Int>) -> Double { 4 - (set.contains(5) ? 4 : 0) }
    // The decoy 7 promises most and gives nothing.
    let decoy = oracle(promise: { _, i in i == 7 ? 9 : i == 5 ? 1 : 0 }, loss)
    let narrow = try search().run(decoy)
    #expect(narrow.nodes.isEmpty && narrow.stop == .noGain && narrow.loss == 4)
    let wide = try search(width: 2).run(decoy)
    #expect(indices(wide.nodes) == [5] && wide.stop == .target)
  }

  @Test("Targets, least gains and sizes end the search, and say so")
  func stops() throws {
    func loss(_ set: Set<Int>) -> Double { 12 - Double(set.count) }
    var search = ForwardBackwardSearch(candidates: heads)
    #expect(try search.run(oracle(loss)).stop == .target)
    #expect(try search.run(oracle { 13 - Double($0.count) }).stop == .exhausted)
    search.target = 9.5
    let reached = try search.run(oracle(loss))
    #expect(reached.stop == .target && reached.nodes == Array(heads.prefix(3)), "of equal promises the earlier first")
    search = ForwardBackwardSearch(candidates: heads, largestSize: 2)
    #expect(try search.run(oracle(loss)).stop == .size)
    search = ForwardBackwardSearch(candidates: heads, leastGain: 1)
    #expect(try search.run(oracle(loss)).stop == .noGain)
    #expect(try ForwardBackwardSearch(candidates: []).run(oracle(loss)).stop == .exhausted)
  }

  @Test("Each circuit is evaluated once, and a loss that is not finite is an error")
  func memory() throws {
    var asked: [[Node]] = []
    let plain = oracle { set in 3 - Double(set.intersection([1, 2, 3]).count) }
    let result = try search().run(
      .init(
        loss: {
          asked += $0
          return try plain.loss($0)
        }, promise: plain.promise))
    #expect(Set(asked).count == asked.count && result.evaluations == asked.count)
    #expect(asked.allSatisfy { $0 == $0.sorted() })
    expectError(.notFinite, ["not finite"]) { _ = try search().run(oracle { $0.isEmpty ? 1 : .nan }) }
    expectError(.interrupted, ["stopped"]) {
      _ = try search().run(
        .init(loss: { _ in throw AnalysisError(.interrupted, "stopped") }, promise: plain.promise))
    }
  }

  @Test("The loss takes absolute values per prompt: errors of two signs do not cancel")
  func faithfulnessLoss() {
    #expect(FaithfulnessLoss.mean(full: [1, 3], circuit: [2, 2]) == 1)
    #expect(FaithfulnessLoss.mean(full: [1, 3], circuit: [1, 3]) == 0)
  }

  // MARK: Rivals

  @Test("A copy of the circuit elsewhere is found as a disjoint rival")
  func disjointRival() throws {
    // {0, 1} and {6, 9} do the same; one is enough.
    func loss(_ set: Set<Int>) -> Double {
      4 - Double(max(set.intersection([0, 1]).count, set.intersection([6, 9]).count)) * 2
    }
    let rival = try RivalCircuit.search([heads[0], heads[1]], universe: heads, oracle: oracle(loss))
    #expect(rival.isRival && indices(rival.nodes) == [6, 9] && rival.shared.isEmpty && rival.jaccard == 0)
    #expect(rival.loss == 0 && rival.circuitLoss == 0)
  }

  @Test("Where part of the circuit has no copy, the rival borrows that part and no more")
  func sharedRival() throws {
    // 0 is needed; the work of 1 is also done by 6.
    func loss(_ set: Set<Int>) -> Double {
      6 - (set.contains(0) ? 4 : 0) - (set.isDisjoint(with: [1, 6]) ? 0 : 2)
    }
    let rival = try RivalCircuit.search([heads[0], heads[1]], universe: heads, oracle: oracle(loss))
    #expect(rival.isRival && indices(rival.nodes) == [0, 6] && rival.shared == [heads[0]])
    #expect(abs(rival.jaccard - 1.0 / 3) < 1e-12)
  }

  @Test("A circuit without rival has none, and the best attempt's loss is shown")
  func noRival() throws {
    func loss(_ set: Set<Int>) -> Double { 6 - Double(set.intersection([0, 1, 2]).count) * 2 }
    let rival = try RivalCircuit.search(Array(heads.prefix(3)), universe: heads, oracle: oracle(loss))
    #expect(!rival.isRival && rival.loss == 2 && rival.circuitLoss == 0)
  }

  @Test("A rival is found though every single promise outside is wrong")
  func hiddenRival() throws {
    // Only {6, 7} together replace the circuit {0}.
    func loss(_ set: Set<Int>) -> Double { set.contains(0) || set.isSuperset(of: [6, 7]) ? 0 : 3 }
    let rival = try RivalCircuit.search([heads[0]], universe: heads, oracle: oracle(loss))
    #expect(rival.isRival && indices(rival.nodes) == [6, 7] && rival.shared.isEmpty)
  }
}
