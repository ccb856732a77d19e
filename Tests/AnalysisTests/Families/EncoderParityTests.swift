import Foundation
import Testing

@testable import Analysis

/// Every encoder against Hugging Face transformers (Tests/Reference/encoders/generate.py).
@Suite("Encoder parity")
struct EncoderParityTests {
  @Test(
    "Every value of a measurement lies within 1e-4 of Hugging Face's in float64", arguments: EncoderModel.allCases)
  func measurements(name: EncoderModel) throws {
    let model = try name.model()
    for (number, reference) in try name.cases().enumerated() {
      #expect(ParityTests.deviating(try reference.measured(on: model), reference) == [], "case \(number)")
    }
  }

  @Test("Logits lie within 5e-5 of Hugging Face's in float32", arguments: EncoderModel.allCases)
  func float32Logits(name: EncoderModel) throws {
    let model = try name.model()
    for (number, reference) in try name.cases().enumerated() {
      let wanted = try #require(reference.logitsFloat32?.first)
      let ours = model.logits(try reference.run(on: model).clean).map(Double.init)
      #expect(largestDifference(ours, wanted) <= 5e-5, "case \(number)")
    }
  }

  @Test("The gradient of every activation lies within 1e-4 of autograd's", arguments: EncoderModel.allCases)
  func gradients(name: EncoderModel) throws {
    let (run, reference) = try name.run(0)
    let gradients = run.model.gradients(of: run.decision, run.clean)
    let (heads, headWidth) = (run.model.headsPerLayer, run.model.architecture.headWidth)
    for layer in 0..<run.model.layerCount {
      let z = try #require(reference.gradientZ)[layer]
      let mlp = try #require(reference.gradientMLP)[layer]
      for position in 0..<run.clean.length {
        let row = gradients.z[layer].row(position)
        let ours = (0..<heads * headWidth).map { Double(row[$0]) }
        #expect(largestDifference(ours, (0..<heads).flatMap { z[$0][position] }) <= 1e-4)
        let out = gradients.mlpOut[layer].row(position)
        #expect(largestDifference(mlp[position].indices.map { Double(out[$0]) }, mlp[position]) <= 1e-4)
      }
    }
    for (position, wanted) in try #require(reference.gradientEmbedding).enumerated() {
      let row = gradients.embedding.row(position)
      #expect(largestDifference(wanted.indices.map { Double(row[$0]) }, wanted) <= 1e-4)
    }
  }

  @Test(
    "Exact effects at single positions lie within 1e-4 of PyTorch's, before the first difference too",
    arguments: EncoderModel.allCases)
  func positions(name: EncoderModel) throws {
    let (run, reference) = try name.run(1)
    let nodes = run.model.nodes
    let all = 0..<run.clean.length
    let wanted = try #require(reference.noisingHeadPosition).flatMap { $0 }.flatMap { $0 }
    let ours = nodes.filter(\.isHead).flatMap { run.positionEffects(of: $0, positions: all) }
    #expect(largestDifference(ours, wanted) <= 1e-4 * reference.scale)
    let mlp = nodes.filter { !$0.isHead }.flatMap { run.positionEffects(of: $0, positions: all) }
    let wantedMLP = try #require(reference.noisingMLPPosition).flatMap { $0 }
    #expect(largestDifference(mlp, wantedMLP) <= 1e-4 * reference.scale)
  }
}
