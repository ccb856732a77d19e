import Foundation
import Testing

@testable import Analysis

@Suite("Memory budget")
struct MemoryBudgetTests {
  private func run(_ memory: Int?) throws -> PairRun {
    let checkpoint = try ReferenceModel.ioi.checkpoint()
    let model = try Transformer.load(checkpoint, memory: MemoryBudget(total: memory))
    return try PairRun(
      model: model, clean: [0, 5, 9, 12, 7, 5, 20, 31], counterfactual: [0, 5, 9, 12, 7, 9, 20, 31], positive: [9],
      negative: [5])
  }

  /// Bytes of the weights and of what a pair of 8 tokens takes at the least.
  private func least() throws -> Int {
    let model = try Transformer.load(try ReferenceModel.ioi.checkpoint())
    return model.weightBytes + 16 * model.traceBytesPerRow + 8 * SweepWorkspace.bytesPerRow(model.architecture)
  }

  @Test("A budget that splits batches changes no bit of any number")
  func sameBits() throws {
    let (free, tight) = (try run(nil), try run(try least()))
    #expect(tight.model.rowsThatFit(bytesPerRow: SweepWorkspace.bytesPerRow(tight.model.architecture), fixed: 0) < 2048)
    #expect(free.effects(noising: true).map(\.bitPattern) == tight.effects(noising: true).map(\.bitPattern))
    #expect(free.effects(noising: false).map(\.bitPattern) == tight.effects(noising: false).map(\.bitPattern))
    let scores = [free, tight].map { run in
      run.model.tokenScores(
        of: run.decision, ids: [0, 5, 9, 12, 7, 5, 20, 31], clean: run.clean, counterfactual: run.counterfactual,
        cleanGradients: run.model.gradients(of: run.decision, run.clean), steps: 16)
    }
    #expect(scores[0].integratedGradients.map(\.bitPattern) == scores[1].integratedGradients.map(\.bitPattern))
  }

  @Test("A budget below the weights and one pair is refused with the amount that is needed")
  func tooSmall() throws {
    let least = try least()
    let error = #expect(throws: AnalysisError.self) { try run(least - 1) }
    #expect(error?.code == .memoryTooSmall)
    #expect(error?.message.contains("give --memory") == true)
    _ = try run(least)
  }

  @Test("A sweep says what it computes: variants after their first layer and position")
  func work() throws {
    let run = try run(nil)
    let (layers, length) = (run.model.layerCount, 8)
    // The prompts differ at position 5 first: three rows from the last layer on.
    let work = run.work([[.head(layer: layers - 1, head: 0)], [.mlp(layer: 0)]], noising: true)
    #expect(work.rows == 2 * layers * length)
    #expect(work.computed == 3 + 3 * layers)
  }
}
