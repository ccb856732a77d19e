import Foundation
import Testing

@testable import Analysis

/// What is established where pairs pull in different directions. Expected values by algebra, or from the definition.
@Suite("Standing")
struct StandingTests {
  private func standing(
    _ clean: [Double], _ counterfactual: [Double], floors: StandingFloors = .standard, floor: Double = 0.05
  ) -> BehaviourStanding {
    BehaviourStanding(
      clean: clean, counterfactual: counterfactual, floors: floors, sizeFloor: floor, confidence: 0.95, resamples: 999,
      seed: 1)
  }

  /// Changes of about `size`, every second one the other way.
  private func alternating(_ n: Int, size: Double) -> (clean: [Double], counterfactual: [Double]) {
    let clean = (0..<n).map { i -> Double in
      let half: Double = size * (1 + 0.1 * Double(i % 7)) / 2
      return i % 2 == 0 ? half : -half
    }
    return (clean, clean.map(-))
  }

  @Test("60 decisions of 60 that turn, half of them each way, are measured: by flips and by size, not by direction")
  func everyFlip() {
    let (clean, counterfactual) = alternating(60, size: 10)
    let found = standing(clean, counterfactual)
    #expect(found.standing == .measured && found.grounds == [.flips, .size])
    #expect(found.flips?.count == 60 && found.direction.covers(0) && found.size.low > 9)
    // Wilson at n of n: n/(n + z²), z the quantile of a third of 5 %, both ends.
    let z = Normal.quantile(1 - 0.05 / 6)
    #expect(abs((found.flips?.share.low ?? .nan) - 60 / (60 + z * z)) < 1e-12)
    #expect(abs((found.flips?.share.confidence ?? .nan) - (1 - 0.05 / 3)) < 1e-12)
  }

  @Test("Changes below the floor that go both ways and turn nothing establish nothing")
  func nothing() {
    let clean = (0..<60).map { 3 + Double($0 % 5) }
    let counterfactual = clean.enumerated().map { i, m -> Double in
      let by: Double = 0.0025 * (1 + Double(i % 7))
      return i % 2 == 0 ? m + by : m - by
    }
    let found = standing(clean, counterfactual)
    #expect(found.grounds.isEmpty && found.standing == .notEstablished)
    // With a floor below what moves, the size is shown; the floor is in the record.
    let lower = standing(clean, counterfactual, floor: 0.001)
    #expect(lower.grounds == [.size] && lower.sizeFloor == 0.001)
  }

  @Test("A small shift one way is measured by direction alone; a higher flip floor takes flips away")
  func direction() {
    let clean = (0..<60).map { 3 + Double($0 % 5) }
    #expect(standing(clean, clean.enumerated().map { $1 - 0.01 - 0.001 * Double($0 % 7) }).grounds == [.direction])
    let turned = clean.enumerated().map { $0 < 12 ? -$1 : $1 }
    #expect(standing(clean, turned).grounds.contains(.flips))
    #expect(!standing(clean, turned, floors: StandingFloors(flips: 0.2, share: 0)).grounds.contains(.flips))
  }

  @Test("The floor of shares is 2/K at least, and the plan's where that is more")
  func floors() {
    #expect(StandingFloors.standard.leastShare(of: 10) == 0.2)
    #expect(StandingFloors(flips: 0.01, share: 0.3).leastShare(of: 10) == 0.3)
    #expect(StandingFloors(flips: 0.01, share: 0.1).leastShare(of: 10) == 0.2)
  }

  @Test("Shares count each pair in its own direction, and add up to 1 over parts whose sum is the change")
  func shares() throws {
    var generator = SplitMix64(seed: 4)
    let parts = (0..<4).map { _ in (0..<30).map { _ in generator.uniform() - 0.5 } }
    let changes = (0..<30).map { i in parts.reduce(0) { $0 + $1[i] } }
    let directions = ChangeDirections(changes, total: changes.reduce(0, +))
    let bootstrap = Bootstrap(n: 30, resamples: 199, confidence: 0.95, seed: 1)
    let shares = try parts.map { try #require(directions.share($0, bootstrap)) }
    #expect(abs(shares.reduce(0) { $0 + $1.value } - 1) < 1e-12)
    for (share, effects) in zip(shares, parts) {
      let counted = zip(changes, effects).reduce(0) { $0 + ($1.0 < 0 ? -$1.1 : $1.1) }
      #expect(abs(share.value - counted / changes.reduce(0) { $0 + abs($1) }) < 1e-12)
    }
    // Pairs that all move one way are counted as they are, whichever way that is.
    #expect(ChangeDirections([-1, -2], total: -3).signs == [1, 1])
    #expect(ChangeDirections([-1, 2], total: 1).signs == [-1, 1])
  }

  @Test("Two pairs that undo each other have a circuit, with the scores of one of them, and nothing is called nothing")
  func opposites() throws {
    let both = try ReferenceModel.ioi.analyzer().run(Prompts.ioiPlan([Prompts.store, Prompts.reversed]))
    let standing = try #require(both.result.standing)
    #expect(standing.flips?.count == 2 && standing.grounds.contains(.flips))
    #expect(!both.refusals.contains { $0.reason == .nothingToExplain })
    let circuit = try #require(both.result.circuit)
    #expect(circuit.turned == 1 && circuit.terms.direction.contains("1 of 2 turned"))
    // The parts as the definition has them, on the pairs themselves.
    let model = try ReferenceModel.ioi.model()
    var (full, empty, only, without) = (0.0, 0.0, 0.0, 0.0)
    let heads = model.nodes.filter(\.isHead)
    for (index, sign) in [(0, 1.0), (1, -1.0)] {
      let ids = try #require(both.tokens.prompts[index])
      let run = try PairRun(
        model: model, clean: ids[0], counterfactual: ids[1], positive: both.tokens.positive.map { $0.ids[0] },
        negative: both.tokens.negative.map { $0.ids[0] })
      let values = run.decisionValues(
        [heads, heads.filter { !circuit.heads.contains($0) }, circuit.heads], noising: true)
      let side = sign * (run.mClean > run.mCounterfactual ? 1 : -1) * sign
      full += side * run.mClean
      empty += side * values[0]
      only += side * values[1]
      without += side * values[2]
    }
    #expect(abs(circuit.sufficiency.value - (only - empty) / (full - empty)) < 1e-9)
    #expect(abs(circuit.comprehensiveness.value - (full - without) / (full - empty)) < 1e-9)
    #expect(both.result.edges?.grown.isEmpty == false)
  }
}
