import Foundation
import Testing

@testable import Analysis

/// Composition scores against whole matrices in PyTorch's float64, and against algebra.
@Suite("Head composition")
struct HeadCompositionTests {
  @Test(
    "Scores of every pair of heads are the norms of whole matrices, also with keys three positions back",
    arguments: LensModel.all)
  func scores(lens: LensModel) throws {
    let model = try lens.model()
    let golden = try lens.golden()
    for (distance, wanted) in [(0, golden.composition), (3, golden.compositionAt3)] {
      let ours = model.headComposition(distance: distance)
      #expect(ours.scores.count == 3 * wanted.count && !wanted.isEmpty)
      let values = try ours.scores.map { try #require($0.value) }
      #expect(largestDifference(values, wanted.flatMap { $0 }) <= 1e-6)
      #expect(ours.distance == (model.architecture.rotary == nil ? nil : distance))
      let pairs = stride(from: 0, to: ours.scores.count, by: 3).map { ours.scores[$0] }
      #expect(pairs.allSatisfy { $0.earlier.layer < $0.later.layer && $0.input == .query })
      #expect(Set(pairs.map { "\($0.earlier) \($0.later)" }).count == wanted.count)
    }
    if model.architecture.rotary != nil {
      #expect(largestDifference(golden.composition.flatMap { $0 }, golden.compositionAt3.flatMap { $0 }) > 1e-2)
    }
  }

  @Test("Mean and spread under random rotations are those of sampled rotations", arguments: LensModel.all)
  func rotations(lens: LensModel) throws {
    let model = try lens.model()
    let sampled = try lens.golden().rotations
    let ours = model.headComposition()
    #expect(ours.dimension == sampled.dimension)
    #expect(abs(ours.baseline - (1 / Double(sampled.dimension)).squareRoot()) < 1e-12)
    let error = sampled.deviation / Double(sampled.samples).squareRoot()
    #expect(abs(sampled.mean - ours.baseline * ours.baseline) < 5 * error)
    let first = try #require(ours.scores.first { $0.later == .head(layer: 1, head: 0) && $0.input == .query })
    let deviations = try #require(first.deviations)
    // (value² − 1/d)/deviation = deviations; the deviation of N samples is off by some 1/√(2N) of itself, more where the
    // distribution is skewed.
    let deviation = (sampled.value - ours.baseline * ours.baseline) / deviations
    #expect(abs(deviation / sampled.deviation - 1) < 0.1)
  }

  @Test(
    "A perfect planted composition scores 1 in its own input and not in the others",
    arguments: HeadComposition.Input.allCases)
  func planted(input: HeadComposition.Input) throws {
    // One direction: head 0 of layer 0 writes along `path`, and the input of head 1 of layer 1 reads along it alone.
    var weights = CompositionWeights(seed: 11)
    let path = weights.direction()
    weights.setOutputValue(layer: 0, head: 0, reads: weights.direction(), writes: path)
    switch input {
    case .query: weights.setQueryKey(layer: 1, head: 1, query: path, key: weights.direction())
    case .key: weights.setQueryKey(layer: 1, head: 1, query: weights.direction(), key: path)
    case .value: weights.setOutputValue(layer: 1, head: 1, reads: path, writes: weights.direction())
    }
    let composition = try weights.model().headComposition()
    #expect(composition.isCentred && composition.distance == nil)
    for other in HeadComposition.Input.allCases {
      let score = try #require(
        composition.scores.first {
          $0.earlier == .head(layer: 0, head: 0) && $0.later == .head(layer: 1, head: 1) && $0.input == other
        })
      let value = try #require(score.value)
      if other == input { #expect(abs(value - 1) < 1e-6) } else { #expect(value < 0.7) }
    }
    let strongest = try #require(composition.strongest(1).first)
    #expect(strongest.earlier == .head(layer: 0, head: 0) && strongest.later == .head(layer: 1, head: 1))
    #expect(strongest.input == input)
  }

  @Test("The gain of the reading norm counts: a gain of 0 on the path hides it, and a head of zeros has no score")
  func gainAndZeros() throws {
    var weights = CompositionWeights(seed: 5)
    let axis = (0..<weights.width).map { $0 == 0 ? Float(1) : $0 == 1 ? -1 : 0 }
    weights.setOutputValue(layer: 0, head: 0, reads: weights.direction(), writes: axis)
    weights.setQueryKey(layer: 1, head: 1, query: weights.direction(), key: axis)
    func key(_ model: Transformer) -> HeadComposition.Score? {
      model.headComposition().scores.first {
        $0.earlier == .head(layer: 0, head: 0) && $0.later == .head(layer: 1, head: 1) && $0.input == .key
      }
    }
    #expect(abs((try #require(key(try weights.model())?.value)) - 1) < 1e-6)
    weights.gains[1] = (0..<weights.width).map { $0 < 2 ? 0 : 1 }
    let hidden = try #require(key(try weights.model()))
    #expect(hidden.value == nil && hidden.deviations == nil, "all that the key reads is gone")
  }

  @Test("The weight of a map comes back from its packed form bit for bit", arguments: [(1, 1), (7, 300), (33, 17)])
  func unpacked(inputs: Int, outputs: Int) {
    let weight = FloatBuffer(inputs * outputs)
    for (i, value) in noise(weight.count, seed: 3).enumerated() { weight.pointer[i] = value }
    let bias = FloatBuffer(outputs)
    for (i, value) in noise(outputs, seed: 4, scale: 100).enumerated() { bias.pointer[i] = value }
    let map = Linear(weight: weight, bias: bias, inputs: inputs, outputs: outputs, transposedInFile: true)
    let back = map.transposedWeight()
    #expect(back.rows == outputs && back.columns == inputs)
    #expect(bits(back.buffer.array(0..<weight.count)) == bits(weight.array(0..<weight.count)))
  }
}

/// A GPT-2 of two layers and two heads whose heads' matrices can be set one by one; the others are noise.
struct CompositionWeights {
  let width = 24
  private let heads = 2
  private let headWidth = 12
  private let layers = 2
  /// Gain of each layer's attention norm.
  var gains: [[Float]]
  private var generator: SplitMix64
  private var projections: [[Float]]
  private var outputs: [[Float]]

  init(seed: UInt64) {
    generator = SplitMix64(seed: seed)
    let (size, count) = (width, layers)
    projections = (0..<count).map { noise(size * 3 * size, seed: seed + UInt64($0)) }
    outputs = (0..<count).map { noise(size * size, seed: seed + 100 + UInt64($0)) }
    gains = Array(repeating: Array(repeating: 1, count: size), count: count)
  }

  /// A random direction without a mean, which layer norms leave alone.
  mutating func direction() -> [Float] {
    let values = noise(width, seed: generator.next())
    let mean = values.reduce(0, +) / Float(width)
    return values.map { $0 - mean }
  }

  /// W_OV becomes reads ⊗ writes.
  mutating func setOutputValue(layer: Int, head: Int, reads: [Float], writes: [Float]) {
    setProjection(layer, column: 2 * width + head * headWidth, to: reads)
    for c in 0..<headWidth {
      for i in 0..<width { outputs[layer][(head * headWidth + c) * width + i] = c == 0 ? writes[i] : 0 }
    }
  }

  /// W_QK becomes query ⊗ key.
  mutating func setQueryKey(layer: Int, head: Int, query: [Float], key: [Float]) {
    setProjection(layer, column: head * headWidth, to: query)
    setProjection(layer, column: width + head * headWidth, to: key)
  }

  /// The first column of a head's projection becomes `values`, the others 0.
  private mutating func setProjection(_ layer: Int, column: Int, to values: [Float]) {
    for i in 0..<width {
      for c in 0..<headWidth { projections[layer][i * 3 * width + column + c] = c == 0 ? values[i] : 0 }
    }
  }

  func model() throws -> Transformer {
    var file = GPT2File(width: width, heads: heads, layers: layers, hidden: 4, vocabulary: 5, positions: 4)
    for layer in 0..<layers {
      file.set("h.\(layer).attn.c_attn.weight", projections[layer])
      file.set("h.\(layer).attn.c_proj.weight", outputs[layer])
      file.set("h.\(layer).ln_1.weight", gains[layer])
    }
    return try file.load()
  }
}
