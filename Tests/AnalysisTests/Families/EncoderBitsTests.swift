import Foundation
import Kernels
import Testing

@testable import Analysis

/// The contract on bits, completeness and the self-tests of a run, for encoders.
@Suite("Encoder bits")
struct EncoderBitsTests {
  @Test("A batch equals one-at-a-time runs bit for bit, however it is split", arguments: EncoderModel.allCases)
  func batches(name: EncoderModel) throws {
    for number in [0, 3] {
      let (run, _) = try name.run(number)
      var draw = SweepTests.Draw(run: run, generator: SplitMix64(seed: UInt64(number) + 1))
      let variants = draw.variants(30)
      let sweep = Sweep(model: run.model, base: run.clean, sequence: 0)
      let together = sweep.run(variants)
      #expect(SweepTests.same(together, variants.flatMap { sweep.run([$0]) }), "one at a time")
      let split = Sweep(model: run.model, base: run.clean, sequence: 0, rowBudget: 23).run(variants)
      #expect(SweepTests.same(split, together), "in batches of 23 rows")
      let recomputed = Sweep(model: run.model, base: run.clean, sequence: 0, recomputeUnchanged: true).run(variants)
      #expect(SweepTests.same(recomputed, together), "with every row computed again")
      #expect(Set(together.map { bits($0.residual) }).count > 8, "the variants differ")
    }
  }

  @Test(
    "Itself changes no bit; the stream before any layer, and all nodes with the embeddings, give the counterfactual's",
    arguments: EncoderModel.allCases)
  func identities(name: EncoderModel) throws {
    for number in try name.cases().indices {
      let (run, _) = try name.run(number)
      let (model, count) = (run.model, run.clean.decided.count * run.model.architecture.width)
      func decided(_ trace: Trace) -> [UInt32] {
        bits((0..<count).map { trace.decisionRow(sequence: 0)[$0] })
      }
      let sweep = Sweep(model: model, base: run.clean, sequence: 0, recomputeUnchanged: true)
      let same = sweep.run(model.nodes.map { [Intervention(Site($0), .run(run.clean, sequence: 0))] })
      #expect(same.allSatisfy { bits($0.residual) == decided(run.clean) && $0.changed == [false] }, "case \(number)")
      let other = Replacement.run(run.counterfactual, sequence: 0)
      let streams = (0..<model.layerCount).map { [Intervention(.residualPre(layer: $0), other)] }
      let all = [Intervention(.residualPre(layer: 0), other)] + model.nodes.map { Intervention(Site($0), other) }
      let outcomes = sweep.run(streams + [all])
      #expect(outcomes.allSatisfy { bits($0.residual) == decided(run.counterfactual) }, "case \(number)")
    }
  }

  /// Without those whose head has a ReLU: at its kink the rule's error falls with the first power of the number of points only. With 1024
  /// points PyTorch in float64 has the same residual there (distilbert-multilabel, case 1: −0.00276).
  static let smooth = EncoderModel.some.filter { $0 != .distilbertMultilabel }

  @Test("Integrated gradients are complete", arguments: smooth)
  func completeness(name: EncoderModel) throws {
    for number in try name.cases().indices {
      let (run, reference) = try name.run(number)
      let scores = run.model.tokenScores(
        of: run.decision, ids: reference.cleanIDs, clean: run.clean, counterfactual: run.counterfactual,
        cleanGradients: run.model.gradients(of: run.decision, run.clean), steps: 1024)
      #expect(abs(scores.completenessResidual) <= 1e-3 * reference.scale, "case \(number)")
    }
  }

  @Test(
    "Every self-test that applies passes; what presupposes tokens that see only those before them says so",
    arguments: EncoderModel.allCases)
  func selfTests(name: EncoderModel) throws {
    for number in try name.cases().indices {
      let (run, _) = try name.run(number)
      let tests = SelfTestSuite(run: run, name: "case", firstDifference: 1).tests()
      #expect(
        tests.map(\.outcome) == [.passed, .passed, .notRun, .passed, .notRun], "case \(number): \(tests)")
      #expect(tests[2].detail.contains("sees those after it too"))
    }
  }

  @Test("A whole measurement has the same bits on AVX2 and AVX-512, with one thread and with two")
  func instructionSets() async throws {
    try await FamilyBitsTests.skipUnlessWide()
    await #expect(processExitsWith: .success) {
      func measure(_ isa: String, threads: Int32) throws -> [[UInt64]] {
        try KernelTests.use(isa)
        vk_set_threads(threads)
        return try EncoderModel.some.map { name in
          try #require(try name.cases().first).measured(on: try name.model()).bitPatterns
        }
      }
      let wide = try measure("avx512", threads: 2)
      #expect(try measure("avx2", threads: 2) == wide)
      #expect(try measure("avx512", threads: 1) == wide)
    }
  }
}
