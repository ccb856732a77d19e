import Foundation
import Testing

@testable import Analysis

/// Models whose circuits were put there: what the engine measures must be what was planted, and nothing else.
@Suite("Planted circuits")
struct PlantedTests {
  private static let seeds: [UInt64] = Array(1...(Reference.isFull ? 100 : 6))
  /// Below this share of the decision's change an effect is rounding, or a norm's scale that moves with noise elsewhere.
  private static let nothing = 2e-3

  private static func isSame(_ a: [Double], _ b: [Double], within limit: Double) -> Bool {
    largestDifference(a, b) <= limit
  }

  @Test("Every planted model answers its prompts, by a wide margin", arguments: PlantedProgram.allCases)
  func solves(program: PlantedProgram) throws {
    for seed in Self.seeds {
      let planted = try program.compile(seed: seed)
      for pair in planted.pairs {
        for (ids, right, wrong) in [
          (pair.clean, pair.positive, pair.negative), (pair.counterfactual, pair.negative, pair.positive),
        ] {
          let trace = try planted.model.forward(ids)
          let logits = planted.model.logits(at: trace.decisionRow(sequence: 0))
          #expect(logits.max() == logits[right])
          #expect(logits[right] - logits[wrong] > 2.5, "\(program) seed \(seed): \(logits)")
        }
      }
    }
  }

  @Test(
    "Exact patching moves the decision at the planted nodes and at no other, in both directions",
    arguments: PlantedProgram.allCases)
  func exactNodes(program: PlantedProgram) throws {
    for seed in Self.seeds {
      let planted = try program.compile(seed: seed)
      for pair in planted.pairs {
        let run = try planted.run(pair)
        let range = run.mClean - run.mCounterfactual
        for (isNoising, base) in [(true, run.mClean), (false, run.mCounterfactual)] {
          let nodes = planted.model.nodes
          for (node, value) in zip(nodes, run.values(nodes.map { [$0] }, noising: isNoising)) {
            let share = abs(value.m - base) / range
            if planted.nodes.contains(node) {
              #expect(share > 0.15, "\(program) seed \(seed): \(node)")
            } else {
              #expect(share < Self.nothing, "\(program) seed \(seed): \(node) \(share)")
            }
          }
        }
      }
    }
  }

  @Test("A decoy looks where a planted head looks, and its effect is 0", arguments: PlantedProgram.allCases)
  func decoys(program: PlantedProgram) throws {
    for seed in Self.seeds {
      let planted = try program.compile(seed: seed)
      #expect(planted.decoys.count >= 4)
      for pair in planted.pairs {
        let run = try planted.run(pair)
        let decoys = planted.decoys.sorted()
        let values = run.values(decoys.map { [$0] }, noising: true) + run.values([decoys], noising: true)
        for value in values { #expect(abs(value.m - run.mClean) < 1e-5) }
        // It is not that they do nothing: their outputs differ between the prompts.
        if program != .constant { #expect(values.contains { $0.changed.contains(true) }) }
      }
    }
  }

  @Test("The engine and a double-precision model written apart from it agree on every planted model")
  func oracle() throws {
    for program in PlantedProgram.allCases {
      let planted = try program.compile(seed: 3)
      let oracle = EdgeOracle(planted.file)
      for pair in planted.pairs.prefix(1) {
        let run = try planted.run(pair)
        let logits = planted.model.logits(at: run.clean.decisionRow(sequence: 0)).map(Double.init)
        #expect(Self.isSame(logits, oracle.logits(pair), within: 2e-4))
        // All edges patched is the counterfactual run.
        #expect(abs(oracle.value(pair, patching: Set(oracle.edges)) - run.mCounterfactual) < 2e-4)
      }
    }
  }

  @Test(
    "Patching edges one at a time moves the decision at the planted edges and at no other",
    arguments: PlantedProgram.allCases)
  func exactEdges(program: PlantedProgram) throws {
    for seed in Reference.isFull ? Array(1...10) : [UInt64(1)] {
      let planted = try program.compile(seed: seed, pairs: 1)
      let oracle = EdgeOracle(planted.file)
      // 3 layers of 4 heads: each of the 1 + 5·layer senders to 4·3 inputs, then 5 + 5·layer to the MLP; 16 to the logits.
      #expect(oracle.edges.count == 12 * (1 + 6 + 11) + (5 + 10 + 15) + 16)
      let pair = planted.pairs[0]
      let run = try planted.run(pair)
      let clean = oracle.value(pair)
      let range = clean - oracle.value(pair, patching: Set(oracle.edges))
      let graph = planted.model.edgeGraph
      #expect(Set(oracle.edges) == Set((0..<graph.count).map(graph.edge)))
      let engine = try run.decisionValues(
        patchingEdges: (0..<graph.count).map { patched in (0..<graph.count).map { $0 == patched } })
      for edge in oracle.edges {
        let value = oracle.value(pair, patching: [edge])
        let share = abs(value - clean) / range
        #expect(abs(engine[try #require(graph.index(of: edge))] - value) < 2e-4, "the engine's value of \(edge)")
        if planted.edges.contains(edge) {
          #expect(share > 0.15, "\(program) seed \(seed): \(edge)")
        } else {
          #expect(share < Self.nothing, "\(program) seed \(seed): \(edge) \(share)")
        }
      }
      #expect(planted.edges.isSubset(of: Set(oracle.edges)))
      // The planted edges alone carry the whole difference.
      #expect(abs(oracle.value(pair, patching: planted.edges) - (clean - range)) / range < 5 * Self.nothing)
    }
  }

  @Test(
    "Exact pruning of the whole graph leaves the planted edges and no other, whatever the seed",
    arguments: PlantedProgram.allCases)
  func prunedEdges(program: PlantedProgram) throws {
    for seed in UInt64(1)...(Reference.isFull ? 100 : 3) {
      let planted = try program.compile(seed: seed, pairs: 1)
      let run = try planted.run(planted.pairs[0])
      let range = run.mClean - run.mCounterfactual
      let outcome = try run.prunedEdges(threshold: 0.1 * range)
      let graph = planted.model.edgeGraph
      let kept = Set(outcome.isKept.indices.filter { outcome.isKept[$0] }.map(graph.edge))
      #expect(kept == planted.edges, "\(program) seed \(seed)")
      #expect(outcome.loss < 0.02 * range)
    }
  }

  @Test(
    "Where attention is saturated a first-order score of the key's edge is 0, though patching it turns the decision")
  func saturatedAttention() throws {
    for seed in Self.seeds {
      let planted = try PlantedProgram.induction.compile(seed: seed, pairs: 1)
      let run = try planted.run(planted.pairs[0])
      let range = run.mClean - run.mCounterfactual
      let graph = planted.model.edgeGraph
      let key = try #require(
        planted.edges.first { if case .key = $0.receiver { true } else { false } }.flatMap(graph.index))
      #expect(abs(try run.edgeAttributions().scores[key]) < 1e-3 * range)
      let patched = try run.decisionValues(patchingEdges: [(0..<graph.count).map { $0 == key }])
      #expect(abs(patched[0] - run.mCounterfactual) < 0.01 * range)
    }
  }

  // MARK: Zero ablation

  @Test("A head that always writes the same has no counterfactual effect, yet zeros in its place break the decision")
  func zeroAblation() throws {
    for seed in Self.seeds {
      let planted = try PlantedProgram.constant.compile(seed: seed)
      let head = try #require(planted.constants.first)
      for pair in planted.pairs {
        let run = try planted.run(pair)
        #expect(abs(run.values([[head]], noising: true)[0].m - run.mClean) < 1e-5)
        let zeros = [Float](repeating: 0, count: pair.clean.count * planted.model.architecture.headWidth)
        let outcome = Sweep(model: planted.model, base: run.clean, sequence: 0).run([
          [Intervention(Site(head), .values(zeros))]
        ])[0]
        let m = outcome.residual.withUnsafeBufferPointer { row in
          row.baseAddress.map { planted.model.value(of: run.decision, at: $0) } ?? .nan
        }
        #expect(outcome.changed == [true])
        #expect(abs(m) < 0.05 * run.mClean, "nothing is left of \(run.mClean): \(m)")
      }
    }
  }

  // MARK: The founding search

  /// What the asymmetric search finds on the pairs of a planted model, at the plan's usual targets.
  private func search(_ planted: Planted, sufficiency: Double = 0.85) throws -> (heads: [Node], sufficiency: Double) {
    let search = AsymmetricSearch(sufficiencyTarget: sufficiency, comprehensivenessTarget: 0.9)
    let runs = try planted.pairs.map { try planted.run($0) }
    let heads = planted.model.nodes.filter(\.isHead)
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    let attributions = runs.map { run -> [Double] in
      let gradients = run.model.gradients(of: run.decision, run.clean)
      return zip(
        run.model.nodes,
        run.model.attributions(clean: run.clean, counterfactual: run.counterfactual, gradients: gradients)
      ).filter { $0.0.isHead }.map(\.1)
    }
    let selection = search.select(
      heads.indices.map { h in (heads[h], mean(attributions.map { $0[h] })) },
      difference: mean(runs.map { $0.mClean - $0.mCounterfactual }))
    let evaluation = try CircuitEvaluation(heads: heads, runs: runs.map { run in { run } }) { _, _, _ in }
    let found = try search.prune(selection.heads, evaluation.values).heads
    let only = try evaluation.noised([heads.filter { !found.contains($0) }])[0]
    return (
      found,
      (mean(only) - mean(evaluation.empty)) / (mean(evaluation.full) - mean(evaluation.empty))
    )
  }

  @Test("Where heads work side by side, the asymmetric search finds exactly the planted ones, whatever the seed")
  func parallelSearch() throws {
    for seed in UInt64(1)...(Reference.isFull ? 100 : 12) {
      let planted = try PlantedProgram.votes.compile(seed: seed)
      let (found, sufficiency) = try search(planted)
      #expect(Set(found) == planted.nodes, "seed \(seed)")
      #expect(abs(sufficiency - 1) < 0.01)
    }
  }

  @Test(
    "Where one head works on another's output the search keeps one of them alone, and its exact sufficiency shows it")
  func serialSearch() throws {
    // First-order sufficiency adds up what each head carries. The last stage carries all of it, so the first step stops
    // there. A wider first step is pruned to one stage or the other: without either, comprehensiveness is whole.
    // At sharpness 5 attention is not saturated, so that gradients reach the first stage.
    for seed in Self.seeds {
      for (target, sharpness) in [(0.85, 30.0), (1.5, 30), (1.5, 5)] {
        let planted = try PlantedProgram.induction.compile(seed: seed, sharpness: sharpness)
        let (found, sufficiency) = try search(planted, sufficiency: target)
        #expect(found.count == 1 && planted.nodes.isSuperset(of: found), "seed \(seed): \(found)")
        if sharpness == 30 { #expect(found == [try #require(planted.nodes.max())], "seed \(seed)") }
        #expect(abs(sufficiency) < 0.01, "the exact score says that this is no circuit: \(sufficiency)")
      }
    }
  }

  // MARK: Lenses

  @Test("Roles, lens, direct attribution and composition name the planted induction circuit")
  func lenses() throws {
    for seed in Self.seeds {
      let planted = try PlantedProgram.induction.compile(seed: seed)
      let (mover, inducer) = (try #require(planted.nodes.min()), try #require(planted.nodes.max()))
      var meter = HeadRoleMeter(model: planted.model)
      for pair in planted.pairs {
        let run = try planted.run(pair)
        meter.add(pair.clean, run.clean, decision: run.decision)
        let readings = planted.model.logitLens(of: run.decision, run.clean).readings
        for reading in readings {
          // Decided after the inducer's layer, not before.
          if reading.depth > inducer.layer {
            #expect(reading.value > 2.5 && reading.top.first?.id == pair.positive)
          } else {
            #expect(abs(reading.value) < 1e-3 * run.mClean)
          }
        }
        let direct = planted.model.logitAttribution(of: run.decision, ids: pair.clean, run.clean)
        for part in direct.nodes {
          let share = part.value / run.mClean
          #expect(part.node == inducer ? abs(share - 1) < 1e-3 : abs(share) < 1e-3, "\(part.node) \(share)")
        }
      }
      let roles = Dictionary(uniqueKeysWithValues: meter.result().map { ($0.head, $0) })
      #expect(try #require(roles[mover]?.previousToken).value > 0.999)
      #expect(try #require(roles[inducer]?.induction).value > 0.999)
      #expect(try #require(roles[inducer]?.positiveAnswer).value > 0.999)
      #expect(try #require(roles[inducer]?.negativeAnswer).value < 0.001)
      #expect(try #require(roles[inducer]?.copying).raisedShare == 1)
      try checkComposition(planted, mover, inducer)
    }
  }

  @Test("Roles, exact effects and direct writing name the planted duplicate-token head, and no decoy that looks alike")
  func duplicateTokenHead() throws {
    for seed in Self.seeds {
      let planted = try PlantedProgram.duplicate.compile(seed: seed)
      let head = try #require(planted.nodes.first { $0.isHead })
      var meter = HeadRoleMeter(model: planted.model)
      for pair in planted.pairs {
        // Every earlier position sees its token for the first time; the last one alone can show the role.
        #expect(AttentionTargets.duplicateToken(pair.clean).queries.map(\.position) == [7])
        meter.add(pair.clean, try planted.run(pair).clean, decision: try planted.run(pair).decision)
      }
      let roles = Dictionary(uniqueKeysWithValues: meter.result().map { ($0.head, $0) })
      let role = try #require(roles[head]?.duplicateToken)
      #expect(role.value > 0.999 && abs(role.baseline - 1.0 / 8) < 1e-12 && role.positions == planted.pairs.count)
      for (other, found) in roles where other != head && !planted.decoys.contains(other) {
        #expect(try #require(found.duplicateToken).value < 0.9, "seed \(seed): \(other)")
      }
      // A decoy looks there too, so the role alone is no evidence: its exact effect is 0 (`decoys`), the head's is the decision.
      let pair = planted.pairs[0]
      let run = try planted.run(pair)
      let effect = run.values([[head]], noising: true)[0].m - run.mClean
      #expect(abs(effect / (run.mCounterfactual - run.mClean) - 1) < 0.01)
    }
  }

  /// Both circuits are isometries of rank 8 on the same directions: ‖AB‖/(‖A‖·‖B‖) = √8/(√8·√8).
  private func checkComposition(_ planted: Planted, _ mover: Node, _ inducer: Node) throws {
    let composition = planted.model.headComposition()
    let scores = composition.scores.filter { $0.earlier == mover && $0.later == inducer }
    let key = try #require(scores.first { $0.input == .key })
    #expect(abs(try #require(key.value) - 1 / 8.0.squareRoot()) < 1e-4)
    #expect(try #require(key.deviations) > 5)
    for other in scores where other.input != .key { #expect(try #require(other.value) < 1e-4) }
    let silent = composition.scores.filter { $0.value == nil }
    #expect(silent.allSatisfy { planted.decoys.contains($0.earlier) || planted.decoys.contains($0.later) })
  }
}
