import Foundation
import Testing

@testable import Analysis

/// The engine's edges on models whose edges were put there.
@Suite("Planted edges")
struct PlantedEdgeTests {
  private static let seeds: [UInt64] = Array(1...(Reference.isFull ? 100 : 4))
  /// Below this share of the decision's change an effect is rounding, or a norm's scale that moves with noise elsewhere.
  private static let nothing = 2e-3

  private static func edges(_ planted: Planted) -> Set<Edge> { Set(planted.edges) }

  private static func named(_ isIn: [Bool], _ graph: EdgeGraph) -> Set<Edge> {
    Set(isIn.indices.filter { isIn[$0] }.map { graph.edge($0) })
  }

  private static func difference(_ found: Set<Edge>, _ wanted: Set<Edge>) -> String {
    let (more, less) = (found.subtracting(wanted), wanted.subtracting(found))
    return "too many: \(more.map(\.description).sorted()), missing: \(less.map(\.description).sorted())"
  }

  private static func range(_ runs: [PairRun]) -> Double {
    runs.reduce(0) { $0 + abs($1.mClean - $1.mCounterfactual) } / Double(runs.count)
  }

  // MARK: Exact

  @Test(
    "Patching edges gives what a model in double precision gives, edge by edge and for sets of them",
    arguments: PlantedProgram.allCases)
  func oracle(program: PlantedProgram) throws {
    var generator = SplitMix64(seed: 8)
    for seed in Reference.isFull ? Array(1...8) : [UInt64(2)] {
      let planted = try program.compile(seed: seed, pairs: 1)
      let oracle = EdgeOracle(planted.file)
      let graph = planted.model.edgeGraph
      let places = try oracle.edges.map { try #require(graph.index(of: $0)) }
      #expect(Set(places) == Set(0..<graph.count), "the two graphs are one")
      let run = try planted.run(planted.pairs[0])
      let chosen = planted.edges + (0..<12).map { _ in oracle.edges[generator.index(below: graph.count)] }
      var sets = chosen.map { Set([$0]) }
      for share in [5, 20, 50, 80, 95] {
        sets.append(Set(oracle.edges.filter { _ in generator.index(below: 100) < share }))
      }
      let variants = try sets.map { set in
        graph.variant(try set.map { try #require(graph.index(of: $0)) })
      }
      let values = try run.decisionValues(patchingEdges: variants)
      for (set, value) in zip(sets, values) {
        let wanted = oracle.value(planted.pairs[0], patching: set)
        #expect(abs(value - wanted) <= 1e-4 * max(1, Self.range([run])), "\(program) seed \(seed), \(set.count) edges")
      }
    }
  }

  @Test(
    "One at a time, the planted edges move the decision and no other does; a decoy's move nothing at all",
    arguments: PlantedProgram.allCases)
  func exact(program: PlantedProgram) throws {
    for seed in Self.seeds {
      let planted = try program.compile(seed: seed)
      let graph = planted.model.edgeGraph
      let wanted = Self.edges(planted)
      for pair in planted.pairs {
        let run = try planted.run(pair)
        let values = try run.decisionValues(patchingEdges: (0..<graph.count).map { graph.variant([$0]) })
        for index in 0..<graph.count {
          let edge = graph.edge(index)
          let share = abs(values[index] - run.mClean) / Self.range([run])
          #expect(
            wanted.contains(edge) ? share > 0.15 : share < Self.nothing, "\(program) seed \(seed): \(edge) \(share)")
          if case .node(let node) = edge.sender, planted.decoys.contains(node) { #expect(share < 2e-6, "\(edge)") }
        }
      }
    }
  }

  // MARK: Searches

  @Test(
    "Pruning keeps exactly the planted edges, for a wide range of thresholds, and never a decoy's",
    arguments: PlantedProgram.allCases)
  func pruning(program: PlantedProgram) throws {
    for seed in Self.seeds {
      let planted = try program.compile(seed: seed)
      let runs = try planted.pairs.map { try planted.run($0) }
      let sweeps = try runs.map { try EdgeSweep($0) }
      let (graph, wanted) = (planted.model.edgeGraph, Self.edges(planted))
      for share in [0.02, 0.05, 0.15] {
        let threshold = share * Self.range(runs)
        let outcome = try EdgePruning(threshold: threshold).prune(graph, full: runs.map(\.mClean)) { variants in
          let values = sweeps.map { $0.values(variants) }
          return variants.indices.map { v in values.map { $0[v] } }
        }
        let found = Self.named(outcome.isKept, graph)
        #expect(found == wanted, "\(program) seed \(seed), τ \(threshold): \(Self.difference(found, wanted))")
        #expect(outcome.loss < 5 * Self.nothing * Self.range(runs), "the circuit alone decides as the model")
        #expect(graph.connected(outcome.isKept) == outcome.isKept)
      }
    }
  }

  /// The edges that growth takes from scores above a share of the decision's change.
  private static func grown(_ runs: [PairRun], steps: Int?, above share: Double) throws -> Set<Edge> {
    let graph = runs[0].model.edgeGraph
    var sums = [Double](repeating: 0, count: graph.count)
    for run in runs {
      for (i, score) in try run.edgeAttributions(steps: steps).scores.enumerated() { sums[i] += score }
    }
    let least = share * range(runs)
    let scores = sums.map { abs($0) / Double(runs.count) }.map { $0 < least ? 0 : $0 }
    return named(graph.variant(graph.grow(scores, to: .max)), graph)
  }

  struct Growth: CustomTestStringConvertible, Sendable {
    let program: PlantedProgram
    let sharpness: Double
    let steps: Int?

    var testDescription: String {
      "\(program), sharpness \(sharpness), \(steps.map { "\($0) steps" } ?? "at the clean run")"
    }
  }

  /// At sharpness 30 nothing reaches the induction head's key at the clean run: its softmax is flat there.
  static let growths = [
    Growth(program: .votes, sharpness: 30, steps: nil), Growth(program: .votes, sharpness: 30, steps: 5),
    Growth(program: .lookup, sharpness: 30, steps: nil), Growth(program: .lookup, sharpness: 30, steps: 5),
    Growth(program: .constant, sharpness: 30, steps: nil), Growth(program: .constant, sharpness: 30, steps: 5),
    Growth(program: .induction, sharpness: 5, steps: nil), Growth(program: .induction, sharpness: 5, steps: 5),
    Growth(program: .induction, sharpness: 30, steps: 5),
  ]

  @Test("Greedy growth by first-order scores takes exactly the planted edges", arguments: growths)
  func growth(_ growth: Growth) throws {
    for seed in Self.seeds {
      let planted = try growth.program.compile(seed: seed, sharpness: growth.sharpness)
      let runs = try planted.pairs.map { try planted.run($0) }
      let (found, wanted) = (try Self.grown(runs, steps: growth.steps, above: 0.02), Self.edges(planted))
      #expect(found == wanted, "seed \(seed): \(Self.difference(found, wanted))")
    }
  }

  @Test("Through a saturated softmax no gradient passes: EAP misses the edges behind it, EAP-IG and pruning do not")
  func saturation() throws {
    for seed in Self.seeds {
      let planted = try PlantedProgram.induction.compile(seed: seed)
      let runs = try planted.pairs.map { try planted.run($0) }
      let inducer = try #require(planted.nodes.max())
      let found = try Self.grown(runs, steps: nil, above: 0.02)
      #expect(found == [Edge(.node(inducer), .logits)], "seed \(seed): \(found)")
    }
  }
}
