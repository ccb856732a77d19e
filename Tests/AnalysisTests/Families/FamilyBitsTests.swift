import Foundation
import Kernels
import Testing

@testable import Analysis

/// The contract on bits and the self-tests of a run, for every family.
@Suite("Family bits")
struct FamilyBitsTests {
  @Test(
    "A batch equals one-at-a-time runs bit for bit, however it is split and whether or not unchanged rows are computed",
    arguments: FamilyModel.allCases)
  func batches(family: FamilyModel) throws {
    for number in [0, 4] {
      let (run, _) = try family.run(number)
      var draw = SweepTests.Draw(run: run, generator: SplitMix64(seed: UInt64(number) + 1))
      let variants = draw.variants(40)
      let sweep = Sweep(model: run.model, base: run.clean, sequence: 0)
      let together = sweep.run(variants)
      #expect(SweepTests.same(together, variants.flatMap { sweep.run([$0]) }), "one at a time")
      let split = Sweep(model: run.model, base: run.clean, sequence: 0, rowBudget: 23).run(variants)
      #expect(SweepTests.same(split, together), "in batches of 23 rows")
      let recomputed = Sweep(model: run.model, base: run.clean, sequence: 0, recomputeUnchanged: true).run(variants)
      #expect(SweepTests.same(recomputed, together), "with every row computed again")
      #expect(Set(together.map { bits($0.residual) }).count > 10, "the variants differ")
    }
  }

  @Test("A whole measurement has the same bits on AVX2 and AVX-512, with one thread and with two")
  func measurements() async throws {
    try await Self.skipUnlessWide()
    await #expect(processExitsWith: .success) {
      func measure(_ isa: String, threads: Int32) throws -> [[UInt64]] {
        try KernelTests.use(isa)
        vk_set_threads(threads)
        return try FamilyModel.allCases.map { family in
          // Loaded anew: packed weights belong to an instruction set.
          try family.model().measure(try #require(try family.cases().first)).bitPatterns
        }
      }
      let wide = try measure("avx512", threads: 2)
      #expect(try measure("avx2", threads: 2) == wide)
      #expect(try measure("avx512", threads: 1) == wide)
      #expect(try measure("baseline", threads: 2) != wide, "the comparison would not see a difference")
    }
  }

  /// Cancels the test, saying why, if this CPU lacks AVX-512.
  static func skipUnlessWide() async throws {
    let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
      if vk_select_isa("avx512") == 0 { print("this CPU has AVX-512") }
    }
    let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
    if !output.contains("AVX-512") { try Test.cancel("skipped: this CPU has no AVX-512") }
  }

  @Test(
    "Every self-test that applies passes; with a cap on the logits or a last norm the last MLP's does not apply",
    arguments: FamilyModel.allCases)
  func selfTests(family: FamilyModel) throws {
    for number in try family.cases().indices {
      let (run, reference) = try family.run(number)
      let difference = try #require(zip(reference.cleanIDs, reference.corruptedIDs).enumerated().first { $1.0 != $1.1 })
      let tests = SelfTestSuite(run: run, name: "case", firstDifference: difference.offset).tests()
      let isLinear = ![.gemma2, .gemma2Uncapped, .gemma2Classifier].contains(family)
      let expected: [SelfTest.Outcome] = [
        .passed, .passed, difference.offset > 0 ? .passed : .notRun, .passed,
        isLinear && reference.positive.count == 1 && reference.negative.count == 1 ? .passed : .notRun,
      ]
      #expect(tests.map(\.outcome) == expected, "case \(number): \(tests)")
    }
  }
}
