import Foundation
import Testing

@testable import Analysis

/// The search on set functions made by hand, whose answers follow by counting.
@Suite("Asymmetric search")
struct AsymmetricSearchTests {
  private let heads = (0..<6).map { Node.head(layer: $0 / 2, head: $0 % 2) }

  private func search(_ sufficiency: Double = 0.85, _ comprehensiveness: Double = 0.9) -> AsymmetricSearch {
    AsymmetricSearch(sufficiencyTarget: sufficiency, comprehensivenessTarget: comprehensiveness)
  }

  /// Attributions that give the shares for m_clean − m_cf = 10: noising a head that matters lowers m.
  private func select(_ shares: [Double], target: Double, difference: Double = 10) -> AsymmetricSearch.Selection {
    search(target).select(zip(heads, shares).map { ($0, -$1 * difference) }, difference: difference)
  }

  // MARK: Forward

  @Test("The largest shares are taken until the target is reached")
  func forward() {
    let selection = select([0.125, 0.5, 0.0625, 0.25, 0.03125, 0.03125], target: 0.75)
    #expect(selection.heads == [heads[1], heads[3]])
    #expect(selection.sufficiency == 0.75)
    #expect(
      select([0.125, 0.5, 0.0625, 0.25, 0.03125, 0.03125], target: 0.76).heads == [heads[1], heads[3], heads[0]])
  }

  @Test("The shares do not depend on the sign of the difference")
  func negativeDifference() {
    let shares = [0.125, 0.5, 0.0625, 0.25, -0.25, 0.0]
    #expect(select(shares, target: 0.7, difference: -4) == select(shares, target: 0.7, difference: 4))
  }

  @Test("Of equal shares the earlier head is taken first")
  func ties() {
    #expect(select([0.25, 0.25, 0.25, 0.25, 0, 0], target: 0.5).heads == [heads[0], heads[1]])
    // Whatever order they are given in.
    let shuffled = [3, 1, 0, 2].map { (head: heads[$0], value: -2.5) }
    #expect(search(0.5).select(shuffled, difference: 10).heads == [heads[0], heads[1]])
  }

  @Test("No head that works against the decision is taken, however far the target is")
  func negativeShares() {
    let selection = select([0.25, -0.5, 0.125, 0, -0.125, 0.0625], target: 0.85)
    #expect(selection.heads == [heads[0], heads[2], heads[5]])
    #expect(selection.sufficiency == 0.4375, "the target is not reached, and the number says so")
    #expect(select([-1, -1, 0, 0, -1, 0], target: 0.1).heads.isEmpty)
  }

  @Test("First-order sufficiency is not clipped at 1")
  func aboveOne() {
    #expect(select([1.5, 0.25, 0, 0, 0, 0], target: 0.85).sufficiency == 1.5)
  }

  // MARK: Backward

  /// Values of one pair from a function of the noised set that says what is lost; m(N) = 10, m(∅) = 0.
  private func values(_ lost: @escaping (Set<Node>) -> Double) -> AsymmetricSearch.SetValues {
    AsymmetricSearch.SetValues(full: [10], empty: [0]) { sets in sets.map { [10 - 10 * lost(Set($0))] } }
  }

  private func additive(_ shares: [Double]) -> AsymmetricSearch.SetValues {
    let share = Dictionary(uniqueKeysWithValues: zip(heads, shares))
    return values { $0.reduce(0) { $0 + (share[$1] ?? 0) } }
  }

  @Test("Of an additive function the smallest shares are dropped while the target holds")
  func modular() throws {
    let result = try search(0.85, 0.75).prune(heads, additive([0.5, 0.0625, 0.25, 0.0625, 0.125, 0]))
    #expect(result.comprehensiveness == 1)
    // Without 0, ⅛ and two of 1/16: 0.75 is left, exactly the target; without ¼ too it would be ½.
    #expect(result.heads == [heads[0], heads[2]])
  }

  @Test("A head whose loss helps is dropped first")
  func helpfulLoss() throws {
    let result = try search(0.85, 1).prune([heads[0], heads[1]], additive([1, -0.25, 0, 0, 0, 0]))
    #expect(result.comprehensiveness == 0.75)
    #expect(result.heads == [heads[0]])
  }

  @Test(
    "Heads that back each other up are kept together while the target needs their work, and dropped together when it does not"
  )
  func redundant() throws {
    // 0 and 1 do the same work: noising both loses 0.5, either alone nothing. 2 loses 0.5 by itself.
    let lost = values { set in
      (set.contains(heads[0]) && set.contains(heads[1]) ? 0.5 : 0) + (set.contains(heads[2]) ? 0.5 : 0)
    }
    #expect(try search(0.85, 0.9).prune(Array(heads[0...2]), lost).heads == Array(heads[0...2]))
    // At half of the unpruned value the pair is worth no more than the single head; of equal costs the earlier goes first.
    #expect(try search(0.85, 0.5).prune(Array(heads[0...2]), lost).heads == [heads[2]])
  }

  @Test("Heads that only count together are kept together")
  func synergy() throws {
    let lost = values { Double($0.count) == 3 ? 1 : 0 }
    #expect(try search(0.85, 0.1).prune(Array(heads[0...2]), lost).heads == Array(heads[0...2]))
  }

  @Test("Of equal costs the earlier head is dropped, and the last head never is")
  func lastHead() throws {
    let nothing = values { _ in 0 }
    let result = try search(0.85, 0.9).prune([heads[4], heads[1], heads[3]], nothing)
    #expect(result.comprehensiveness == 0)
    #expect(result.heads == [heads[4]])
    #expect(try search(0.85, 0).prune(heads, additive([1, 1, 1, 1, 1, 1])).heads.count == 1)
  }

  @Test("The target is a share of the unpruned set's comprehensiveness, which may be above 1")
  func relativeTarget() throws {
    // 3 in all; 0.9 of it is 2.7: only what costs up to 0.3 may go.
    let result = try search(0.85, 0.9).prune(Array(heads[0...3]), additive([2, 0.75, 0.125, 0.125, 0, 0]))
    #expect(result.comprehensiveness == 3)
    #expect(result.heads == [heads[0], heads[1]])
  }

  @Test("The scores are of means over pairs, not means of scores")
  func ratioOfMeans() throws {
    // Pair 1: range 1, all lost without head 0. Pair 2: range 99, all lost without head 1.
    let sets = AsymmetricSearch.SetValues(full: [1, 99], empty: [0, 0]) { sets in
      sets.map { [$0.contains(heads[0]) ? 0 : 1, $0.contains(heads[1]) ? 0 : 99] }
    }
    // By the mean of ratios both heads would count ½, and none could go.
    let result = try search(0.85, 0.9).prune([heads[0], heads[1]], sets)
    #expect(result.heads == [heads[1]] && result.comprehensiveness == 1)
  }

  @Test("An error while measuring is passed on")
  func error() {
    let broken = AsymmetricSearch.SetValues(full: [1], empty: [0]) { _ in
      throw AnalysisError(.interrupted, "stopped")
    }
    expectError(.interrupted, ["stopped"]) { _ = try search().prune(heads, broken) }
  }

  // MARK: Exact scores

  @Test(
    "A circuit's exact scores are the reference's, as ratios of means over pairs",
    arguments: [ReferenceModel.ioi, .credit10])
  func exactScores(name: ReferenceModel) throws {
    let cases = try name.cases()
    for number in cases[0].circuits.indices {
      let set = cases[0].circuits[number].heads
      let same = cases.indices.filter { cases[$0].circuits.contains { $0.heads == set } }
      let circuits = same.map { c in cases[c].circuits.first { $0.heads == set } }.compactMap { $0 }
      let runs = same.map { index in { try name.run(index).run } }
      let model = try name.model()
      let evaluation = try CircuitEvaluation(heads: model.nodes.filter(\.isHead), runs: runs) { _, _, _ in }
      let plan = AnalysisPlan(behaviour: "b", question: "", construction: "c", positive: [], negative: [], pairs: [])
      let kept = set.map { Node.head(layer: $0[0], head: $0[1]) }
      let circuit = try evaluation.circuit(
        heads: kept, selection: .init(heads: kept, sufficiency: 0), unpruned: 0,
        bootstrap: Bootstrap(n: same.count, resamples: 100, confidence: 0.95, seed: 1), plan: plan)
      func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
      let full = mean(same.map { cases[$0].mClean })
      let (only, without, empty) = (
        mean(circuits.map(\.mCircuit)), mean(circuits.map(\.mWithout)), mean(circuits.map(\.mEmpty))
      )
      #expect(abs(circuit.mFull - full) < 1e-4 && abs(circuit.mEmpty - empty) < 1e-3)
      #expect(abs(circuit.sufficiency.value - (only - empty) / (full - empty)) < 1e-3)
      #expect(abs(circuit.comprehensiveness.value - (full - without) / (full - empty)) < 1e-3)
      #expect(circuit.sufficiency.n == same.count)
      #expect(circuit.terms.prompts == "\(same.count) of 0 pairs of 'b' (c)")
    }
  }
}
