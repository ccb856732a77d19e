import Foundation
import Testing

@testable import Analysis

@Suite("Attribution")
struct AttributionTests {
  private func scores(_ run: PairRun, _ ids: [Int], steps: Int, nodes: Bool = false) -> TokenScores {
    run.model.tokenScores(
      of: run.decision, ids: ids, clean: run.clean, counterfactual: run.counterfactual,
      cleanGradients: run.model.gradients(of: run.decision, run.clean), steps: steps, includeNodes: nodes)
  }

  @Test(
    "Integrated gradients sum to m_clean − m_corrupted, up to the residual that is stored",
    arguments: ReferenceModel.allCases)
  func completeness(name: ReferenceModel) throws {
    for number in try name.cases().indices {
      let (run, reference) = try name.run(number)
      let scores = scores(run, reference.cleanIDs, steps: 64)
      let sum = scores.integratedGradients.reduce(0, +)
      let difference = reference.mClean - reference.mCorrupted
      #expect(abs(sum - difference - scores.completenessResidual) <= 2e-4 * reference.scale, "case \(number)")
      // The reference's own residual says what the midpoint rule leaves over.
      let residual = reference.igToken.reduce(0, +) - difference
      #expect(abs(scores.completenessResidual - residual) <= 2e-4 * reference.scale, "case \(number)")
    }
  }

  @Test("More steps leave less over: the midpoint rule's error falls with the square of the steps")
  func convergence() throws {
    let (run, reference) = try ReferenceModel.ioi.run(0)
    let residuals = [16, 64, 256].map { abs(scores(run, reference.cleanIDs, steps: $0).completenessResidual) }
    #expect(residuals[1] < residuals[0] / 4 && residuals[2] < residuals[1], "\(residuals)")
    #expect(residuals[2] < 0.01)
  }

  @Test("A token that is the same in both prompts has integrated gradients of exactly 0")
  func unchangedTokens() throws {
    for name in ReferenceModel.allCases {
      let (run, reference) = try name.run(0)
      let scores = scores(run, reference.cleanIDs, steps: 8)
      for (position, pair) in zip(reference.cleanIDs, reference.corruptedIDs).enumerated() {
        #expect((scores.integratedGradients[position] == 0) == (pair.0 == pair.1), "\(name) at \(position)")
      }
    }
  }

  @Test("The path in batches has the bits of the path point by point")
  func batches() throws {
    // 32 tokens: 64 steps make two batches of 32.
    let (run, reference) = try ReferenceModel.tiny.run(5)
    let (length, width) = (32, run.model.architecture.width)
    #expect(reference.cleanIDs.count == length)
    let (end, start) = (run.clean.residual[0].pointer, run.counterfactual.residual[0].pointer)
    var path = [Double](repeating: 0, count: length * width)
    for step in 0..<64 {
      let input = Matrix(rows: length, columns: width)
      let t = (Float(step) + 0.5) / 64
      for i in 0..<length * width { input.pointer[i] = start[i] + t * (end[i] - start[i]) }
      let gradients = run.model.gradients(of: run.decision, run.model.forward(input, length: length))
      for i in 0..<length * width { path[i] += Double(gradients.embedding.pointer[i]) }
    }
    let expected = (0..<length).map { position in
      (position * width..<(position + 1) * width).reduce(0.0) { sum, i in
        sum + (Double(end[i]) - Double(start[i])) * path[i] / 64
      }
    }
    #expect(scores(run, reference.cleanIDs, steps: 64).integratedGradients == expected)
  }

  @Test("Exchanging the two prompts turns integrated gradients over")
  func antisymmetry() throws {
    let (run, reference) = try ReferenceModel.tiny.run(1)
    let back = try PairRun(
      model: run.model, decision: run.decision, clean: reference.corruptedIDs, counterfactual: reference.cleanIDs)
    let there = scores(run, reference.cleanIDs, steps: 16).integratedGradients
    let here = scores(back, reference.corruptedIDs, steps: 16).integratedGradients
    #expect(largestDifference(there, here.map { -$0 }) < 1e-5 * reference.scale)
    #expect(there.contains { abs($0) > 0.01 })
  }

  @Test("Two equal prompts have attributions and integrated gradients of exactly 0")
  func equalPrompts() throws {
    let (run, reference) = try ReferenceModel.tiny.run(0)
    let same = try PairRun(
      model: run.model, decision: run.decision, clean: reference.cleanIDs, counterfactual: reference.cleanIDs)
    let gradients = run.model.gradients(of: run.decision, same.clean)
    #expect(
      run.model.attributions(clean: same.clean, counterfactual: same.counterfactual, gradients: gradients)
        .allSatisfy { $0 == 0 })
    #expect(scores(same, reference.cleanIDs, steps: 4).integratedGradients.allSatisfy { $0 == 0 })
  }

  /// A model whose norms hardly normalise (ε ≫ variance) is linear in what flows through it, attention's pattern being
  /// nearly uniform; first-order estimates are then exact.
  private func linearRun() throws -> PairRun {
    let scratch = try Scratch(copying: ReferenceModel.tinyReLU.folder)
    try scratch.edit("config.json", ["layer_norm_epsilon": 1e4])
    let model = try Transformer.load(try Checkpoint(folder: scratch.folder))
    return try PairRun(
      model: model, decision: try Decision(positive: [10], negative: [47], vocabulary: model.vocabularySize),
      clean: [1, 2, 3, 4, 5], counterfactual: [1, 9, 3, 4, 5])
  }

  @Test("Where the model is linear, attribution patching is exact patching, for every head and MLP")
  func linearAttribution() throws {
    let run = try linearRun()
    let gradients = run.model.gradients(of: run.decision, run.clean)
    let estimates = run.model.attributions(
      clean: run.clean, counterfactual: run.counterfactual, gradients: gradients)
    let exact = run.values(run.model.nodes.map { [$0] }, noising: true).map { $0.m - run.mClean }
    let largest = try #require(exact.map(abs).max())
    #expect(largest > 0)
    #expect(largestDifference(estimates, exact) < 0.02 * largest, "\(estimates) \(exact)")
  }

  @Test("Where the model is linear, one step of integrated gradients is complete")
  func linearIntegratedGradients() throws {
    let run = try linearRun()
    let scores = scores(run, [1, 2, 3, 4, 5], steps: 1)
    let difference = run.mClean - run.mCounterfactual
    #expect(abs(scores.completenessResidual) < 0.02 * abs(difference))
    #expect(abs(scores.integratedGradients[1] - difference) < 0.02 * abs(difference))
  }

  @Test("Zeroing a token's embedding is measured exactly")
  func zeroedTokens() throws {
    for name in ReferenceModel.tinies {
      let (run, reference) = try name.run(0)
      let width = run.model.architecture.width
      let effects = run.zeroedTokenEffects(reference.cleanIDs)
      for position in reference.cleanIDs.indices {
        let input = Matrix(rows: run.clean.length, columns: width)
        input.copy(rows: run.clean.length, from: run.clean.residual[0].pointer, to: 0)
        for i in 0..<width {
          let token = run.model.tokenEmbedding.pointer[reference.cleanIDs[position] * width + i]
          input.row(position)[i] = run.clean.residual[0].row(position)[i] - token
        }
        let trace = run.model.forward(input, length: run.clean.length)
        let m = run.model.value(of: run.decision, at: trace.decisionRow(sequence: 0))
        #expect(effects[position] == run.mClean - m, "\(name) at \(position)")
      }
    }
  }
}
