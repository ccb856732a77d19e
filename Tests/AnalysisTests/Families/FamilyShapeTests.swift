import Foundation
import Kernels
import Testing

@testable import Analysis

/// The contract on bits over drawn shapes, for every family.
@Suite("Family shapes")
struct FamilyShapeTests {
  /// The committed configurations whose sizes are drawn anew.
  static let configurations: [URL] =
    FamilyModel.allCases.map { $0.folder.appendingPathComponent("config.json") }
    + ReferenceModel.tinies.map { $0.folder.appendingPathComponent("config.json") }

  static let shapes = Reference.isFull ? 25 : 3

  /// Each is loaded and run seven times.
  static let shapesOfInstructionSets = Reference.isFull ? 12 : 1

  @Test(
    "Over drawn shapes a batch equals one-at-a-time runs bit for bit, itself changes no bit, and before the first difference nothing moves",
    arguments: configurations)
  func batches(configuration: URL) throws {
    for seed in 0..<UInt64(Self.shapes) {
      let random = try RandomFamilyModel(configuration: configuration, seed: seed)
      var generator = SplitMix64(seed: seed)
      let (run, first) = try random.pair(&generator)
      var draw = SweepTests.Draw(run: run, generator: generator)
      let variants = draw.variants(25)
      let sweep = Sweep(model: run.model, base: run.clean, sequence: 0)
      let together = sweep.run(variants)
      #expect(SweepTests.same(together, variants.flatMap { sweep.run([$0]) }), "one at a time: \(random.sizes)")
      let budget = 1 + generator.index(below: 60)
      let split = Sweep(model: run.model, base: run.clean, sequence: 0, rowBudget: budget).run(variants)
      #expect(SweepTests.same(split, together), "in batches of \(budget) rows: \(random.sizes)")
      let recomputed = Sweep(model: run.model, base: run.clean, sequence: 0, recomputeUnchanged: true)
      #expect(SweepTests.same(recomputed.run(variants), together), "with every row computed again: \(random.sizes)")
      #expect(Set(together.map { bits($0.residual) }).count > 3, "the variants differ: \(random.sizes)")

      let unchanged = run.model.nodes.flatMap { node in
        [
          [Intervention(Site(node), .run(run.clean, sequence: 0))],
          [Intervention(Site(node), positions: 0..<first, .run(run.counterfactual, sequence: 0))],
        ]
      }
      let row = run.clean.decisionRow(sequence: 0)
      let wanted = bits((0..<run.model.architecture.width).map { row[$0] })
      for sweep in [sweep, recomputed] {
        #expect(
          sweep.run(unchanged).allSatisfy { bits($0.residual) == wanted && $0.changed == [false] }, "\(random.sizes)")
      }
    }
  }

  @Test("Over drawn shapes AVX2 and AVX-512, one thread, two and three give the same bits; the baseline is within 1e-5")
  func instructionSets() async throws {
    try await FamilyBitsTests.skipUnlessWide()
    await #expect(processExitsWith: .success) {
      /// The residual streams of a sweep and the gradients, by family and shape.
      func values(_ isa: String, threads: Int32) throws -> [[Float]] {
        try KernelTests.use(isa, poolOf: 3)
        vk_set_threads(threads)
        return try FamilyShapeTests.configurations.flatMap { configuration in
          try (0..<UInt64(FamilyShapeTests.shapesOfInstructionSets)).map { seed in
            // Loaded anew: packed weights belong to an instruction set.
            let random = try RandomFamilyModel(configuration: configuration, seed: seed + 100)
            var generator = SplitMix64(seed: seed)
            let run = try random.pair(&generator).run
            var draw = SweepTests.Draw(run: run, generator: generator)
            let outcomes = Sweep(model: run.model, base: run.clean, sequence: 0).run(draw.variants(12))
            let gradients = run.model.gradients(of: run.decision, run.clean)
            let scores = run.model.attributions(
              clean: run.clean, counterfactual: run.counterfactual, gradients: gradients)
            return outcomes.flatMap(\.residual) + scores.map(Float.init)
          }
        }
      }
      let wide = try values("avx512", threads: 2)
      for (isa, threads) in [("avx512", 1), ("avx512", 3), ("avx2", 1), ("avx2", 2), ("avx2", 3)] as [(String, Int32)] {
        #expect(try values(isa, threads: threads).map(bits) == wide.map(bits), "\(isa), \(threads) threads")
      }
      let base = try values("baseline", threads: 2)
      #expect(base.map(bits) != wide.map(bits), "the comparison would not see a difference")
      for (number, (ours, theirs)) in zip(base, wide).enumerated() {
        let size = theirs.reduce(1) { max($0, abs($1)) }
        let off = zip(ours, theirs).map { abs($0 - $1) }.max() ?? 0
        #expect(off <= 1e-5 * size, "shape \(number): the baseline is \(off) off, of \(size)")
      }
    }
  }
}
