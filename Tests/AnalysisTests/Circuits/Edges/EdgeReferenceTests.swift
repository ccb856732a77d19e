import Foundation
import Testing

@testable import Analysis

/// Edges against float64 PyTorch (`Tests/Reference/edges`).
@Suite("Edges against PyTorch")
struct EdgeReferenceTests {
  @Test("EAP and EAP-IG give every edge the score that autograd gives it", arguments: EdgeModel.allCases)
  func attributions(name: EdgeModel) throws {
    let golden = try name.golden()
    let model = try name.model()
    for (number, reference) in golden.cases.enumerated() {
      let run = try reference.run(model)
      let local = try run.edgeAttributions()
      #expect(local.steps == nil && local.scores.count == model.edgeGraph.count)
      #expect(largestDifference(local.scores, reference.eap) <= reference.limit, "case \(number)")
      let path = try run.edgeAttributions(steps: golden.steps)
      #expect(path.steps == golden.steps)
      #expect(largestDifference(path.scores, reference.eapIG) <= reference.limit, "case \(number), along the path")
      // What the comparison could not tell apart would be no comparison.
      #expect(largestDifference(reference.eap, reference.eapIG) > 10 * reference.limit)
    }
  }

  private func place(_ name: String, _ graph: EdgeGraph) throws -> Int {
    let edge = try #require(Edge(name), "\(name)")
    return try #require(graph.index(of: edge), "\(name)")
  }

  @Test("Patching one edge or many gives PyTorch's decision value, in both directions", arguments: EdgeModel.allCases)
  func exact(name: EdgeModel) throws {
    let model = try name.model()
    let graph = model.edgeGraph
    for (number, reference) in try name.golden().cases.enumerated() {
      let run = try reference.run(model)
      for (isNoising, values) in [(true, reference.single), (false, reference.back)] {
        let names = values.keys.sorted()
        let variants = try names.map { graph.variant([try place($0, graph)]) }
        let ours = try run.decisionValues(patchingEdges: variants, noising: isNoising)
        for (i, edge) in names.enumerated() {
          #expect(abs(ours[i] - (values[edge] ?? .nan)) <= reference.limit, "case \(number), \(edge), \(isNoising)")
        }
        let base = isNoising ? reference.mClean : reference.mCorrupted
        #expect(values.values.contains { abs($0 - base) > 10 * reference.limit })
      }
      let ours = try run.decisionValues(patchingEdges: reference.sets.map(\.variant))
      #expect(largestDifference(ours, reference.sets.map(\.m)) <= reference.limit, "case \(number), sets")
    }
  }

  @Test(
    "Where the sum of the heads is normed no edge carries one head's share, and every method says so",
    arguments: [FamilyModel.gemma2, .gemma2Uncapped, .gemma2Classifier])
  func refused(family: FamilyModel) throws {
    let (run, _) = try family.run(0)
    let says = ["gemma2", "norms the sum of its heads", "use methods for heads and MLPs"]
    expectError(.unsupportedArchitecture, says) { _ = try run.edgeAttributions() }
    expectError(.unsupportedArchitecture, says) { _ = try run.edgeAttributions(steps: 2) }
    expectError(.unsupportedArchitecture, says) { _ = try run.decisionValues(patchingEdges: []) }
    expectError(.unsupportedArchitecture, says) { _ = try run.prunedEdges(threshold: 1) }
  }
}
