import Foundation
import Testing

@testable import Analysis

/// Every family against Hugging Face transformers (Tests/Reference/families/generate.py).
@Suite("Family parity")
struct FamilyParityTests {
  @Test(
    "Every value of a measurement lies within 1e-4 of Hugging Face's in float64", arguments: FamilyModel.allCases)
  func measurements(family: FamilyModel) throws {
    let model = try family.model()
    for (number, reference) in try family.cases().enumerated() {
      #expect(ParityTests.deviating(try model.measure(reference), reference) == [], "case \(number)")
    }
  }

  @Test("Logits at every position lie within 5e-5 of Hugging Face's in float32", arguments: FamilyModel.allCases)
  func float32Logits(family: FamilyModel) throws {
    let model = try family.model()
    var compared = 0
    for reference in try family.cases() {
      guard let wanted = reference.logitsFloat32 else { continue }
      let trace = try model.forward(reference.cleanIDs)
      let residual = try #require(trace.residual.last)
      // A classifier's logits are those of the last token.
      for (row, logits) in wanted.enumerated() {
        let position = wanted.count == 1 ? trace.length - 1 : row
        let off = largestDifference(model.logits(at: residual.row(position)).map(Double.init), logits)
        #expect(off <= 5e-5, "position \(position): \(off)")
        compared += 1
      }
    }
    #expect(compared > 1)
  }

  @Test("The gradient of every activation lies within 1e-4 of autograd's", arguments: FamilyModel.allCases)
  func gradients(family: FamilyModel) throws {
    let (run, reference) = try family.run(0)
    let gradients = run.model.gradients(of: run.decision, run.clean)
    let (heads, headWidth) = (run.model.headsPerLayer, run.model.architecture.headWidth)
    for layer in 0..<run.model.layerCount {
      let z = try #require(reference.gradientZ)[layer]
      for position in 0..<run.clean.length {
        let row = gradients.z[layer].row(position)
        let wanted = (0..<heads).flatMap { z[$0][position] }
        #expect(largestDifference((0..<heads * headWidth).map { Double(row[$0]) }, wanted) <= 1e-4)
        let mlp = gradients.mlpOut[layer].row(position)
        let wantedMLP = try #require(reference.gradientMLP)[layer][position]
        #expect(largestDifference(wantedMLP.indices.map { Double(mlp[$0]) }, wantedMLP) <= 1e-4)
      }
    }
    let scale = Double(run.model.architecture.embeddingScale)
    for (position, wanted) in try #require(reference.gradientEmbedding).enumerated() {
      // Hugging Face scales after the embedding it differentiates by; the engine's input is the scaled one.
      let ours = wanted.indices.map { Double(gradients.embedding.row(position)[$0]) * scale }
      #expect(largestDifference(ours, wanted) <= 1e-4 * scale)
    }
  }
}
