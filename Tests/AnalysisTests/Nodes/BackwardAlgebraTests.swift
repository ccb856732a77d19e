import Foundation
import Kernels
import Testing

@testable import Analysis

@Suite("Relevance patching, AtP* and GradDrop: identities")
struct BackwardAlgebraTests {
  /// Families without any bias, whose decision is linear from the final norm on.
  static let unbiased: [FamilyModel] = [.llama, .llamaLinear, .mistral, .phi3, .llamaClassifier]

  @Test(
    "Without biases relevance is conserved: what reaches the embeddings sums to the decision value", arguments: unbiased
  )
  func conservation(family: FamilyModel) throws {
    for seed in 1...UInt64(Reference.isFull ? 40 : 3) {
      let random = try RandomFamilyModel(family, seed: seed)
      var generator = SplitMix64(seed: seed)
      let run = try random.pair(&generator).run
      let relevance = random.model.gradients(of: run.decision, run.clean, rule: .relevance(patternHeld: true))
      let (input, slope) = (run.clean.residual[0].pointer, relevance.embedding.pointer)
      var (sum, size) = (0.0, 1.0)
      for i in 0..<run.clean.rows * random.model.architecture.width {
        let term = Double(input[i]) * Double(slope[i])
        sum += term
        size += abs(term)
      }
      #expect(abs(sum - run.mClean) <= 2e-5 * size, "\(random.sizes): \(sum) is not \(run.mClean)")
    }
  }

  @Test("In the last layer relevance sums to the decision value too: what each part and the stream before it add")
  func lastLayer() throws {
    let (run, _) = try FamilyModel.llama.run(0)
    let model = run.model
    let relevance = model.gradients(of: run.decision, run.clean, rule: .relevance(patternHeld: true))
    let last = model.layerCount - 1
    // m = ⟨coefficient of the stream, stream⟩ where everything after the stream is the final norm and the unembedding.
    let (stream, slope) = (run.clean.residual[last + 1], relevance.residualPost[last])
    let sum = (0..<stream.rows * stream.columns).reduce(0.0) {
      $0 + Double(stream.pointer[$1]) * Double(slope.pointer[$1])
    }
    #expect(abs(sum - run.mClean) <= 1e-5 * max(1, abs(run.mClean)))
  }

  /// One layer of attention whose output is read linearly: the norms' epsilon dwarfs every variance, the MLP writes nothing.
  private func linearRest(_ seed: UInt64) throws -> PairRun {
    var file = GPT2File(width: 12, heads: 3, layers: 1, hidden: 4, vocabulary: 9, positions: 8)
    let scale: Float = 1e4
    file.set("wte.weight", noise(9 * 12, seed: seed))
    file.set("wpe.weight", noise(8 * 12, seed: seed + 1))
    file.set("h.0.attn.c_attn.weight", noise(12 * 36, seed: seed + 2, scale: 2 * scale))
    file.set("h.0.attn.c_proj.weight", noise(12 * 12, seed: seed + 3))
    file.set("lm_head.weight", noise(9 * 12, seed: seed + 4, scale: scale))
    let scratch = try Scratch()
    try file.write(to: scratch)
    try scratch.edit("config.json", ["layer_norm_epsilon": 1e8])
    let model = try Transformer.load(try Checkpoint(folder: scratch.folder))
    return try PairRun(
      model: model, clean: [1, 2, 3, 4, 5, 6], counterfactual: [1, 7, 3, 4, 8, 6], positive: [0], negative: [3])
  }

  @Test("Where all but the softmax is linear, the corrected estimate is the exact effect, and first order is not")
  func linear() throws {
    for seed in [UInt64(10), 20, 30] {
      let run = try linearRest(seed)
      let effects = run.headInputEffects()
      let largest = try #require(effects.inputs.exact.map(abs).max())
      #expect(largest > 0.1)
      #expect(largestDifference(effects.inputs.corrected, effects.inputs.exact) <= 1e-4 * largest)
      #expect(largestDifference(effects.inputs.linear, effects.inputs.exact) > 0.05 * largest)
      // A model of one layer has nothing left when it is dropped.
      #expect(effects.inputs.dropped == nil && effects.dropped == nil && run.droppedAttributions() == nil)
    }
  }

  @Test("A node of the last layer is the same whatever layer below is dropped: its size is attribution patching's")
  func lastLayerDropped() throws {
    for name in BackwardFile.models {
      let (model, cases) = try BackwardFile.read(name)
      let run = try cases[0].run(model)
      let (dropped, plain) = (try #require(run.droppedAttributions()), run.attributions())
      for (i, node) in model.nodes.enumerated() where node.layer == model.layerCount - 1 {
        #expect(abs(dropped[i] - abs(plain[i])) <= 1e-15 * abs(plain[i]), "\(name) \(node)")
      }
      #expect(dropped.allSatisfy { $0 >= 0 })
    }
  }

  @Test("A backward pass begun between two layers has the bits of the whole pass")
  func begun() throws {
    for name in BackwardFile.models {
      let (model, cases) = try BackwardFile.read(name)
      let run = try cases[1].run(model)
      let whole = model.gradients(of: run.decision, run.clean)
      for top in 1..<model.layerCount {
        let part = model.gradients(below: top, whole.residualPost[top - 1], run.clean)
        for layer in 0..<top {
          #expect(Self.same(part.z[layer], whole.z[layer]) && Self.same(part.mlpOut[layer], whole.mlpOut[layer]))
        }
        #expect(Self.same(part.embedding, whole.embedding))
      }
    }
  }

  private static func same(_ a: Matrix, _ b: Matrix) -> Bool {
    bits(a.buffer.array(0..<a.rows * a.columns)) == bits(b.buffer.array(0..<b.rows * b.columns))
  }

  @Test("Nothing changes before the first differing token, and of equal prompts every estimate is exactly 0")
  func zeros() throws {
    for name in BackwardFile.models {
      let (model, cases) = try BackwardFile.read(name)
      let reference = cases[0]
      let first = try #require(zip(reference.cleanIDs, reference.corruptedIDs).enumerated().first { $1.0 != $1.1 })
        .offset
      let run = try reference.run(model)
      let gradients = model.gradients(of: run.decision, run.clean)
      for input in model.headInputs where input.kind == .key {
        for position in 0..<first {
          #expect(run.correctedEffect(of: input, position: position, gradients: gradients) == 0)
        }
      }
      let same = try PairRun(
        model: model, clean: reference.cleanIDs, counterfactual: reference.cleanIDs, positive: reference.positive,
        negative: reference.negative)
      let effects = same.headInputEffects()
      let values =
        effects.inputs.exact + effects.inputs.linear + effects.inputs.corrected + (effects.inputs.dropped ?? [])
      #expect((values + (effects.dropped ?? [])).allSatisfy { $0 == 0 }, "\(name)")
      #expect((same.relevances(patternHeld: true) + same.relevances(patternHeld: false)).allSatisfy { $0 == 0 })
    }
  }

  @Test(
    "A small memory, which splits the batches, changes no bit of any estimate", arguments: [FamilyModel.llama, .neox])
  func smallMemory(family: FamilyModel) throws {
    let (run, reference) = try family.run(1)
    let rows = run.clean.rows
    let perRow = run.model.traceBytesPerRow + run.model.gradientBytesPerRow
    let small = try Transformer.load(
      Checkpoint(folder: family.folder), memory: MemoryBudget(total: run.model.weightBytes + 4 * rows * perRow))
    #expect(small.rowsThatFit(bytesPerRow: SweepWorkspace.bytesPerRow(small.architecture), fixed: 0) < 2048)
    let again = try PairRun(
      model: small, decision: run.decision, clean: reference.cleanIDs, counterfactual: reference.corruptedIDs)
    let (a, b) = (run.headInputEffects(), again.headInputEffects())
    #expect(a.inputs.exact == b.inputs.exact && a.inputs.corrected == b.inputs.corrected)
    #expect(a.inputs.dropped == b.inputs.dropped && a.dropped == b.dropped && a.attributions == b.attributions)
    #expect(run.relevances(patternHeld: true) == again.relevances(patternHeld: true))
  }

  @Test("Every estimate has the same bits on AVX2 and AVX-512, with one thread and with two")
  func estimateBits() async throws {
    try await FamilyBitsTests.skipUnlessWide()
    await #expect(processExitsWith: .success) {
      func measure(_ isa: String, threads: Int32) throws -> [UInt64] {
        try KernelTests.use(isa)
        vk_set_threads(threads)
        return try [FamilyModel.llama, .qwen3, .neox, .gemma2, .gpt2Classifier].flatMap { family -> [UInt64] in
          let run = try family.run(0).run
          let (inputs, attributions, dropped) = run.headInputEffects()
          let values = [
            run.relevances(patternHeld: true), run.relevances(patternHeld: false), inputs.exact, inputs.linear,
            inputs.corrected, inputs.dropped ?? [], attributions, dropped ?? [],
          ]
          return values.joined().map(\.bitPattern)
        }
      }
      let wide = try measure("avx512", threads: 2)
      #expect(try measure("avx2", threads: 2) == wide)
      #expect(try measure("avx512", threads: 1) == wide)
      #expect(try measure("baseline", threads: 2) != wide, "the comparison would not see a difference")
    }
  }
}
