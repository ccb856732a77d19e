import Foundation
import Kernels
import Testing

@testable import Analysis

/// What must hold of patched edges whatever the model is.
@Suite("Edge sweep")
struct EdgeSweepTests {
  @Test(
    "No edge patched is the base run and all edges patched the other run, bit for bit, in both directions",
    arguments: EdgeModel.allCases)
  func ends(name: EdgeModel) throws {
    for number in try name.golden().cases.indices {
      let run = try name.run(number)
      let graph = run.model.edgeGraph
      let all = [Bool](repeating: true, count: graph.count)
      let logits = graph.variant(graph.edges(into: graph.receivers.count - 1))
      let variants = [all.map { !$0 }, all, logits]
      let noised = try run.decisionValues(patchingEdges: variants)
      #expect(noised.map(\.bitPattern) == [run.mClean, run.mCounterfactual, run.mCounterfactual].map(\.bitPattern))
      let denoised = try run.decisionValues(patchingEdges: variants, noising: false)
      #expect(denoised.map(\.bitPattern) == [run.mCounterfactual, run.mClean, run.mClean].map(\.bitPattern))
      #expect(run.mClean != run.mCounterfactual)
    }
  }

  @Test("Prompts that are the same differ by no edge, bit for bit", arguments: [EdgeModel.tiny, .llama, .neox])
  func samePrompts(name: EdgeModel) throws {
    let reference = try name.golden().cases[0]
    let run = try PairRun(
      model: name.model(), clean: reference.cleanIDs, counterfactual: reference.cleanIDs, positive: reference.positive,
      negative: reference.negative)
    var generator = SplitMix64(seed: 3)
    let values = try run.decisionValues(patchingEdges: run.model.edgeGraph.variants(10, &generator))
    #expect(values.allSatisfy { $0.bitPattern == run.mClean.bitPattern })
    #expect(try run.edgeAttributions().scores.allSatisfy { $0 == 0 })
    #expect(try run.edgeAttributions(steps: 3).scores.allSatisfy { $0 == 0 })
  }

  @Test(
    "A batch equals one-at-a-time runs bit for bit, and so does a batch that a small budget splits",
    arguments: EdgeModel.small)
  func batches(name: EdgeModel) throws {
    let run = try name.run(1)
    var generator = SplitMix64(seed: 11)
    let variants = run.model.edgeGraph.variants(40, &generator)
    let together = try run.decisionValues(patchingEdges: variants).map(\.bitPattern)
    let alone = try variants.flatMap { try run.decisionValues(patchingEdges: [$0]) }.map(\.bitPattern)
    #expect(together == alone)
    #expect(Set(together).count > 20, "the variants differ")
    let model = run.model
    let length = run.clean.length
    let least =
      model.weightBytes + 2 * length * model.traceBytesPerRow
      + length * SweepWorkspace.bytesPerRow(model.architecture)
    // The least there may be gives one variant at a time; a little more a few.
    for memory in [least, least + (1 << 20)] {
      let tight = try name.run(1, memory: memory)
      #expect(try tight.decisionValues(patchingEdges: variants).map(\.bitPattern) == together, "\(memory) bytes")
    }
  }

  @Test("However a budget splits the points of the path, EAP-IG has the same bits", arguments: EdgeModel.small)
  func splitPath(name: EdgeModel) throws {
    let run = try name.run(1)
    let model = run.model
    let perRow = model.traceBytesPerRow + model.gradientBytesPerRow
    let length = run.clean.length
    let fixed = model.weightBytes + 2 * length * model.traceBytesPerRow
    let wanted = try run.edgeAttributions(steps: 7).scores.map(\.bitPattern)
    for points in [1, 2, 3] {
      let tight = try name.run(1, memory: fixed + points * length * perRow)
      let rows = tight.model.rowsThatFit(bytesPerRow: perRow, fixed: fixed - model.weightBytes)
      #expect(rows / length == points)
      #expect(try tight.edgeAttributions(steps: 7).scores.map(\.bitPattern) == wanted, "\(points) points together")
    }
  }

  @Test("Patching every edge out of a node is patching the node, in both directions", arguments: EdgeModel.allCases)
  func nodes(name: EdgeModel) throws {
    for (number, reference) in try name.golden().cases.enumerated() {
      let run = try reference.run(name.model())
      let graph = run.model.edgeGraph
      let variants = run.model.nodes.map { node in
        (0..<graph.count).map { graph.edge($0).sender == .node(node) }
      }
      for isNoising in [true, false] {
        let edges = try run.decisionValues(patchingEdges: variants, noising: isNoising)
        let nodes = run.values(run.model.nodes.map { [$0] }, noising: isNoising).map(\.m)
        #expect(largestDifference(edges, nodes) <= reference.limit / 4, "case \(number), noising \(isNoising)")
        #expect(nodes.contains { abs($0 - (isNoising ? run.mClean : run.mCounterfactual)) > 10 * reference.limit })
      }
    }
  }

  @Test(
    "The scores of all edges out of a node sum to the node's attribution, at the clean run and along the path",
    arguments: EdgeModel.allCases)
  func sums(name: EdgeModel) throws {
    for (number, reference) in try name.golden().cases.enumerated() {
      let run = try reference.run(name.model())
      let graph = run.model.edgeGraph
      func total(_ scores: [Double], _ sender: Sender) -> Double {
        (0..<graph.count).reduce(0) { $0 + (graph.edge($1).sender == sender ? scores[$1] : 0) }
      }
      let scores = try run.edgeAttributions().scores
      let nodes = run.model.nodes
      let sums = nodes.map { total(scores, .node($0)) }
      #expect(largestDifference(sums, run.attributions()) <= reference.limit / 4, "case \(number)")
      let path = try run.edgeAttributions(steps: 6).scores
      let integrated = run.model.tokenScores(
        of: run.decision, ids: reference.cleanIDs, clean: run.clean, counterfactual: run.counterfactual,
        cleanGradients: run.model.gradients(of: run.decision, run.clean), steps: 6, includeNodes: true)
      let along = nodes.map { total(path, .node($0)) }
      #expect(largestDifference(along, integrated.integratedNodes) <= reference.limit / 4, "case \(number), path")
      // The embedding's own: what integrated gradients give the tokens, with the sign of noising.
      let tokens = integrated.integratedGradients.reduce(0, +)
      #expect(abs(total(path, .embedding) + tokens) <= reference.limit / 4, "case \(number), embedding")
    }
  }

  @Test(
    "The scores into the logits sum to what a changed last stream does to first order", arguments: EdgeModel.allCases)
  func intoLogits(name: EdgeModel) throws {
    let run = try name.run()
    let (graph, layers) = (run.model.edgeGraph, run.model.layerCount)
    let scores = try run.edgeAttributions().scores
    let ours = graph.edges(into: graph.receivers.count - 1).reduce(0.0) { $0 + scores[$1] }
    // ∂m/∂(the last MLP's output) is ∂m/∂(the last stream); biases of output projections are the same in both runs.
    let slope = run.model.gradients(of: run.decision, run.clean).mlpOut[layers - 1].row(run.clean.length - 1)
    let (a, b) = (run.clean.decisionRow(sequence: 0), run.counterfactual.decisionRow(sequence: 0))
    let wanted = (0..<run.model.architecture.width).reduce(0.0) {
      $0 + (Double(b[$1]) - Double(a[$1])) * Double(slope[$1])
    }
    #expect(abs(ours - wanted) <= 2e-5 * max(1, abs(wanted)))
  }

  @Test("Values, attributions and pruning have the same bits on AVX2 and AVX-512, with one thread and with two")
  func instructionSets() async throws {
    try await KernelTests().skipUnlessAvailable("avx512")
    await #expect(processExitsWith: .success) {
      func measure(_ isa: String, threads: Int32) throws -> [[UInt64]] {
        try KernelTests.use(isa)
        vk_set_threads(threads)
        return try EdgeModel.allCases.map { name in
          // Loaded anew: packed weights belong to an instruction set.
          let run = try name.run()
          var generator = SplitMix64(seed: 5)
          var values = try run.decisionValues(patchingEdges: run.model.edgeGraph.variants(14, &generator))
          values += try run.edgeAttributions().scores + run.edgeAttributions(steps: 3).scores
          if name != .ioi { values.append(try run.prunedEdges(threshold: 0.05).loss) }
          return values.map(\.bitPattern)
        }
      }
      let wide = try measure("avx512", threads: 2)
      #expect(try measure("avx2", threads: 2) == wide)
      #expect(try measure("avx512", threads: 1) == wide)
      #expect(try measure("baseline", threads: 2) != wide, "the comparison would not see a difference")
    }
  }
}
