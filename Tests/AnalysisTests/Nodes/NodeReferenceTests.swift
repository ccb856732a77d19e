import Foundation
import Testing

@testable import Analysis

/// One of `Tests/Reference/nodes/*.json`; `nodes.py` there says what the fields are.
private struct NodeFile: Decodable {
  struct Case: Decodable {
    let cleanIDs: [Int]
    let corruptedIDs: [Int]
    let positive: [Int]
    let negative: [Int]
    let mClean: Double
    let mCorrupted: Double
    let heads: [[Int]]
    let attributionHeadPosition: [[[Double]]]
    let attributionMLPPosition: [[Double]]
    let integratedHead: [[Double]]
    let integratedMLP: [Double]
    let zeroHead: [[Double]]
    let zeroMLP: [Double]
    let meanHead: [[Double]]
    let meanMLP: [Double]
    let zeroCircuit: [Double]
    let meanCircuit: [Double]
    let positionMeanHead: [[Double]]
    let positionMeanMLP: [Double]
    let positionMeanCircuit: [Double]

    enum CodingKeys: String, CodingKey {
      case cleanIDs = "clean_ids"
      case corruptedIDs = "corrupted_ids"
      case mClean = "m_clean"
      case mCorrupted = "m_corrupted"
      case positive, negative, heads
      case attributionHeadPosition = "attribution_head_position"
      case attributionMLPPosition = "attribution_mlp_position"
      case integratedHead = "integrated_head"
      case integratedMLP = "integrated_mlp"
      case zeroHead = "zero_head"
      case zeroMLP = "zero_mlp"
      case meanHead = "mean_head"
      case meanMLP = "mean_mlp"
      case zeroCircuit = "zero_circuit"
      case meanCircuit = "mean_circuit"
      case positionMeanHead = "position_mean_head"
      case positionMeanMLP = "position_mean_mlp"
      case positionMeanCircuit = "position_mean_circuit"
    }

    var limit: Double { 1e-4 * max(1, abs(mClean - mCorrupted)) }
    var chosen: [Node] { heads.map { .head(layer: $0[0], head: $0[1]) } }

    func run(_ model: Transformer) throws -> PairRun {
      try PairRun(model: model, clean: cleanIDs, counterfactual: corruptedIDs, positive: positive, negative: negative)
    }

    /// A value by head and by MLP, in the model's order of nodes.
    func byNode<Value>(_ heads: [[Value]], _ mlps: [Value]) -> [Value] { zip(heads, mlps).flatMap { $0 + [$1] } }
  }

  let cases: [Case]
}

@Suite("Heads and MLPs at positions, along their way, and at other values, against PyTorch")
struct NodeReferenceTests {
  static let models = ["tiny-gpt2", "tiny-gpt2-relu", "llama", "gpt-neox", "gemma2"]

  private func read(_ name: String) throws -> (Transformer, [NodeFile.Case]) {
    (try ForcedAnswerTests.model(name), try Reference.read(NodeFile.self, "nodes/\(name).json").cases)
  }

  @Test(
    "Attribution patching by position is autograd's, and its sum over positions is attribution patching",
    arguments: models)
  func positionAttributions(name: String) throws {
    let (model, cases) = try read(name)
    for reference in cases {
      let run = try reference.run(model)
      let ours = run.positionAttributions(positions: 0..<reference.cleanIDs.count)
      let wanted = reference.byNode(reference.attributionHeadPosition, reference.attributionMLPPosition)
      for (node, (a, b)) in zip(model.nodes, zip(ours, wanted)) {
        #expect(largestDifference(a, b) <= reference.limit, "\(node)")
      }
      #expect(largestDifference(ours.map { $0.reduce(0, +) }, run.attributions()) <= 1e-6 * max(1, abs(run.mClean)))
    }
  }

  @Test("Exact effects at one position are the reference's; before the first difference they are 0")
  func positionEffects() throws {
    for name in ReferenceModel.tinies {
      let (run, reference) = try name.run(0)
      guard let heads = reference.noisingHeadPosition, let mlps = reference.noisingMLPPosition else { continue }
      let wanted = zip(heads, mlps).flatMap { $0 + [$1] }
      for (node, values) in zip(run.model.nodes, wanted) {
        let ours = run.positionEffects(of: node, positions: 0..<reference.cleanIDs.count)
        #expect(largestDifference(ours, values) <= 1e-4 * reference.scale, "\(name) \(node)")
        let first = try #require(zip(reference.cleanIDs, reference.corruptedIDs).enumerated().first { $1.0 != $1.1 })
        #expect(ours.prefix(first.offset).allSatisfy { $0 == 0 })
      }
    }
  }

  @Test("Integrated gradients along a node's own way are autograd's", arguments: models)
  func integrated(name: String) throws {
    let (model, cases) = try read(name)
    for reference in cases {
      let run = try reference.run(model)
      let ours = model.nodes.map { run.integratedEffect(of: $0, steps: 8) }
      let wanted = reference.byNode(reference.integratedHead, reference.integratedMLP)
      #expect(largestDifference(ours, wanted) <= reference.limit)
      #expect(largestDifference(wanted, run.attributions()) > 3 * reference.limit || reference.cleanIDs.count == 1)
    }
  }

  @Test("With many points they are the exact effect (completeness), and a small memory changes no bit")
  func complete() throws {
    let (model, cases) = try read("llama")
    let run = try cases[0].run(model)
    let exact = run.effects(noising: true)
    let ours = model.nodes.map { run.integratedEffect(of: $0, steps: 256) }
    #expect(largestDifference(ours, exact) <= 1e-4 * max(1, abs(run.mClean - run.mCounterfactual)))
    let bytes = model.weightBytes + 3 * run.clean.rows * (model.traceBytesPerRow + model.gradientBytesPerRow)
    let small = try Transformer.load(
      Checkpoint(folder: try #require(FamilyModel(rawValue: "llama")).folder), memory: MemoryBudget(total: bytes))
    let again = try cases[0].run(small)
    for node in model.nodes {
      #expect(
        again.integratedEffect(of: node, steps: 8).bitPattern == run.integratedEffect(of: node, steps: 8).bitPattern)
    }
  }

  @Test(
    "Zeros and means in a node's place, and in every head's but a circuit's, give PyTorch's decision values",
    arguments: models)
  func ablation(name: String) throws {
    let (model, cases) = try read(name)
    let runs = try cases.map { try $0.run(model) }
    let mean = try AblationValues.mean(of: model, over: runs.map { run in { run } }) { _ in }
    let heads = model.nodes.filter(\.isHead)
    for (run, reference) in zip(runs, cases) {
      // The reference's are over the case's own two prompts: the cases have different lengths.
      let positionMean = try AblationValues.positionMean(of: model, over: [{ run }]) { _ in }
      for (values, nodes, circuit) in [
        (AblationValues.zero, reference.byNode(reference.zeroHead, reference.zeroMLP), reference.zeroCircuit),
        (mean, reference.byNode(reference.meanHead, reference.meanMLP), reference.meanCircuit),
        (
          positionMean, reference.byNode(reference.positionMeanHead, reference.positionMeanMLP),
          reference.positionMeanCircuit
        ),
      ] {
        let ours = run.values(model.nodes.map { [$0] }, ablation: values).map { $0.m - run.mClean }
        #expect(largestDifference(ours, nodes) <= reference.limit, "\(values.kind)")
        let sets = [heads.filter { !reference.chosen.contains($0) }, reference.chosen, heads]
        let m = run.values(sets, ablation: values).map(\.m)
        #expect(largestDifference(m, circuit) <= reference.limit, "\(values.kind)")
      }
    }
  }

  @Test("First-order estimates of zeros and means are the slope of what scaling an activation towards them does")
  func ablationAttributions() throws {
    let (model, cases) = try read("tiny-gpt2")
    let run = try cases[1].run(model)
    let step: Float = 1e-2
    // Halfway between two prompts: half of what attribution patching says of going the whole way.
    let halfway = run.attributions(ablation: try .positionMean(of: model, over: [{ run }]) { _ in })
    for (half, whole) in zip(halfway, run.attributions()) {
      #expect(abs(2 * half - whole) <= 1e-5 * max(1, abs(whole)))
    }
    let estimates = run.attributions(ablation: .zero)
    for (node, estimate) in zip(model.nodes, estimates) {
      func value(_ scale: Float) -> Double {
        run.values(onCleanRun: true) { _ in
          [[Intervention(Site(node), .transform { $0.map { $0 * (1 - scale) } })]]
        }[0].m
      }
      let slope = (value(step) - value(-step)) / (2 * Double(step))
      #expect(abs(slope - estimate) <= 2e-3 * max(1, abs(estimate)), "\(node): \(slope) \(estimate)")
    }
  }
}
