import Foundation
import Testing

@testable import Analysis

/// A model of a family with drawn sizes and weights: what a committed checkpoint's configuration leaves open is drawn, and the
/// weights are what the loader asks for.
struct RandomFamilyModel {
  let model: Transformer
  /// The sizes, for messages.
  let sizes: String

  init(_ family: FamilyModel, seed: UInt64) throws {
    try self.init(configuration: family.folder.appendingPathComponent("config.json"), seed: seed)
  }

  /// - Parameter configuration: the `config.json` to vary.
  init(configuration: URL, seed: UInt64) throws {
    let scratch = try Scratch()
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: configuration))
    var generator = SplitMix64(seed: seed)
    let changes = Self.sizes(try #require(object as? [String: Any]), &generator)
    try FileManager.default.copyItem(at: configuration, to: scratch.file("config.json"))
    try scratch.edit("config.json", changes)
    sizes = changes.compactMap { key, value in value.map { "\(key) \($0)" } }.sorted().joined(separator: ", ")
    model = try Self.load(scratch, seed: seed)
  }

  /// New sizes, most of them odd. Head widths are even where positions are rotated.
  private static func sizes(_ old: [String: Any], _ generator: inout SplitMix64) -> [String: Any?] {
    func draw(_ range: ClosedRange<Int>) -> Int { range.lowerBound + generator.index(below: range.count) }
    let (groups, layers) = (draw(1...3), draw(1...3))
    var new: [String: Any?] = [:]
    if old["n_embd"] != nil {
      let (heads, width) = (draw(1...5), draw(1...19))
      return [
        "n_embd": heads * width, "n_head": heads, "n_layer": layers, "n_inner": draw(1...90),
        "vocab_size": draw(5...99),
      ]
    }
    let keyValueHeads = draw(1...3)
    let heads = old["num_key_value_heads"] == nil ? draw(1...5) : keyValueHeads * groups
    // Half of a head's width is rotated in some families, in pairs.
    let width = 4 * draw(1...9)
    new["num_attention_heads"] = heads
    if old["num_key_value_heads"] != nil { new["num_key_value_heads"] = keyValueHeads }
    if old["head_dim"] is Int {
      new["head_dim"] = width + 2
      new["hidden_size"] = draw(3...75)
    } else {
      new["hidden_size"] = heads * width
    }
    new["intermediate_size"] = draw(1...90)
    new["vocab_size"] = draw(5...99)
    new["num_hidden_layers"] = layers
    if let types = old["layer_types"] as? [String] { new["layer_types"] = (0..<layers).map { types[$0 % types.count] } }
    return new
  }

  /// Adds the tensors that the loader misses, one after the other, until it has what the configuration implies.
  static func load(_ scratch: Scratch, seed: UInt64) throws -> Transformer {
    var tensors: [(name: String, shape: [Int])] = []
    while true {
      try scratch.write(file(tensors, seed: seed), to: "model.safetensors")
      do {
        return try Transformer.load(try Checkpoint(folder: scratch.folder))
      } catch let error as AnalysisError where error.code == .missingTensor {
        let match = try #require(try /tensor '(.+)' is missing .* with shape \[(.*)\]/.firstMatch(in: error.message))
        tensors.append(
          (String(match.1), try match.2.split(separator: ", ").map { try #require(Int($0)) }))
      }
    }
  }

  /// A safetensors file with seeded numbers around 0; norms' gains around 1.
  private static func file(_ tensors: [(name: String, shape: [Int])], seed: UInt64) -> Data {
    var (header, data) = ([String](), Data())
    for (number, tensor) in tensors.enumerated() {
      let count = tensor.shape.reduce(1, *)
      let gain: Float = tensor.name.lowercased().contains("norm") && tensor.name.hasSuffix("weight") ? 1 : 0
      let values = noise(count, seed: seed &* 1000 &+ UInt64(number), scale: 0.4).map { $0 + gain }
      let start = data.count
      values.withUnsafeBytes { data.append(contentsOf: $0) }
      header.append(
        "\"\(tensor.name)\":{\"dtype\":\"F32\",\"shape\":\(tensor.shape),\"data_offsets\":[\(start),\(data.count)]}")
    }
    return safetensors(header: "{\(header.joined(separator: ","))}", data: data)
  }

  /// A drawn prompt pair that differs from a drawn position on, now and then.
  func pair(_ generator: inout SplitMix64) throws -> (run: PairRun, firstDifference: Int) {
    let length = 2 + generator.index(below: 20)
    let clean = (0..<length).map { _ in generator.index(below: model.vocabularySize) }
    let first = generator.index(below: length)
    var counterfactual = clean
    for position in first..<length where position == first || generator.index(below: 3) == 0 {
      counterfactual[position] = (clean[position] + 1) % model.vocabularySize
    }
    let decision = try Decision(positive: [0], negative: [1], vocabulary: model.decisionCount)
    return (
      try PairRun(model: model, decision: decision, clean: clean, counterfactual: counterfactual), first
    )
  }
}
