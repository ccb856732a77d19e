import Foundation
import Testing

@testable import Analysis

/// Unusual configurations and tensors, each run by transformers 4 and by transformers 5 (`Tests/Reference/checkpoints`): the engine
/// gives what both give, or says why it does not run the model. It never gives what one of them does not.
@Suite("Configurations as transformers reads them")
struct ConfigurationVariantTests {
  struct File: Decodable {
    let ids: [Int]
    let variants: [String: Variant]
  }

  struct Variant: Decodable {
    let model: String
    let tensors: String?
    let logits: [Double]?
    let error: String?
  }

  /// What is refused, with words of the message. All else must be computed.
  static let refused: [String: String] = [
    "is_causal": "key 'is_causal' makes each token see the ones after it",
    "is_causal of qwen2": "key 'is_causal'", "is_causal of gpt2": "key 'is_causal'",
    "use_bidirectional_attention of gemma2": "key 'use_bidirectional_attention'",
    "theta twice": "key 'rope_theta' is 500.0, but 'rope_parameters: rope_theta' is 7.0",
    "theta in rope_scaling": "'rope_scaling: rope_theta' is 500.0",
    "rope_scaling and rope_parameters": "key 'rope_scaling' says something else than 'rope_parameters'",
    "rope_parameters by layer type": "by type of layer ('full_attention')",
    "rope_parameters by layer type of llama": "by type of layer ('full_attention')",
    "rope_parameters by layer type of gemma2": "by type of layer ('full_attention')",
    "partial rotation in rope_parameters": "all of a head turns in this model_type",
    "partial rotation in rope_scaling": "all of a head turns in this model_type",
    "original length outside": "'original_max_position_embeddings' is 4.0, but 16.0",
    "rope_type and type differ": "key 'type' is 'linear', but 'rope_type' is 'default'",
    "rotary_pct and partial_rotary_factor differ":
      "key 'rotary_pct' is 0.5, but 'rope_parameters: partial_rotary_factor' is 0.25",
    "partial_rotary_factor of gpt_neox": "key 'rotary_pct' is 0.25, but 'partial_rotary_factor' is 0.5",
    "rope_theta of gpt_neox": "but 'rope_theta' is 500.0",
    "rope_theta and rotary_emb_base differ": "key 'rotary_emb_base' is 10000.0, but 'rope_theta' is 500.0",
    "n_layer and num_hidden_layers": "key 'num_hidden_layers' differs from 'n_layer'",
    "layer_types without use_sliding_window": "'sliding_attention', but sliding_window is not set",
    "logit_scale": "key 'logit_scale' changes the computation",
    "head beside a tied embedding": "key 'tie_word_embeddings' ties the output matrix to the embedding",
    "value head": "holds a value head", "one more layer": "holds layer 2 ", "LoRA tensors": "tensors of an adapter",
    "hidden_act of gemma2": "key 'hidden_act' is 'relu'",
    "bias that the configuration leaves out": "holds biases that the model by config.json does not have",
    "head of a classifier too": "holds a head", "head_dim of gpt_neox": "key 'head_dim'",
    "head_dim of gpt2": "key 'head_dim'", "pruned_heads": "key 'pruned_heads'",
  ]

  /// Written as transformers 5 writes it; transformers 4 does not know the key.
  static let newForm: Set<String> = ["theta in rope_parameters", "rope_parameters"]

  @Test("What both versions compute alike is computed, all else is refused by name", arguments: (try? names()) ?? [])
  func variant(_ name: String) throws {
    let (old, new) = (try Self.read("4.57.6"), try Self.read("5.24.0"))
    let (four, five) = (try #require(old.variants[name]), try #require(new.variants[name]))
    let scratch = try Self.apply(name, to: five)
    let outcome = Result { try Transformer.load(Checkpoint(folder: scratch.folder)) }
    if let words = Self.refused[name] {
      expectError(
        try outcome.failureCode, ["\(scratch.folder.path)", words].filter { !$0.isEmpty }, { _ = try outcome.get() })
      return
    }
    let ours = try outcome.get().logits(of: new.ids).map(Double.init)
    let theirs = try #require(five.logits)
    if !Self.newForm.contains(name), let logits = four.logits {
      #expect(largestDifference(logits, theirs) < 1e-6, "the two versions differ: this must be refused")
    }
    #expect(largestDifference(ours, theirs) <= 1e-4, "\(name)")
  }

  @Test("A configuration as transformers 5 writes it gives the same numbers", arguments: FamilyModel.allCases)
  func savedAgain(family: FamilyModel) throws {
    let data = try Data(contentsOf: Reference.folder.appendingPathComponent("checkpoints/configs-5.24.0.json"))
    let configurations = try #require(try JSONSerialization.jsonObject(with: data) as? [String: [String: Any]])
    let scratch = try Scratch(copying: family.folder)
    try scratch.write(
      try JSONSerialization.data(withJSONObject: try #require(configurations[family.rawValue])), to: "config.json")
    let reference = try #require(try family.cases().first)
    let outline = try ModelOutline(Checkpoint(folder: scratch.folder))
    #expect(outline.remarks == [])
    #expect(ParityTests.deviating(try outline.load().measure(reference), reference) == [])
  }

  @Test("Every variant that is refused is among those that transformers ran")
  func table() throws {
    let names = Set(try Self.read("5.24.0").variants.keys)
    #expect(Set(Self.refused.keys).isSubset(of: names) && Self.newForm.isSubset(of: names))
  }

  static func names() throws -> [String] { try read("5.24.0").variants.keys.sorted() }

  private static func read(_ version: String) throws -> File {
    try Reference.read(File.self, "checkpoints/transformers-\(version).json")
  }

  /// A copy of the model with the variant's changes, which the file has as JSON.
  private static func apply(_ name: String, to variant: Variant) throws -> Scratch {
    let family = try #require(FamilyModel(rawValue: variant.model))
    let scratch = try Scratch(copying: family.folder)
    let data = try Data(contentsOf: Reference.folder.appendingPathComponent("checkpoints/transformers-5.24.0.json"))
    let file = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let variants = try #require(file["variants"] as? [String: [String: Any]])
    let changes = try #require(variants[name]?["changes"] as? [String: Any])
    try scratch.edit("config.json", changes.mapValues { $0 is NSNull ? nil : $0 })
    if let tensors = variant.tensors { try change(scratch, tensors) }
    return scratch
  }

  /// As `change` of variants.py.
  private static func change(_ scratch: Scratch, _ what: String) throws {
    let tensors = try scratch.tensors()
    func width(_ name: String, _ place: Int = 1) throws -> Int {
      try #require(tensors.first { $0.name == name }).shape[place]
    }
    let (embedding, query) = ("model.embed_tokens.weight", "model.layers.0.self_attn.q_proj.weight")
    switch what {
    case "other head", "equal head":
      let table = try #require(tensors.first { $0.name == embedding })
      let row = table.data.count / table.shape[0]
      let rows = (0..<table.shape[0]).map { table.data[($0 * row)..<(($0 + 1) * row)] }
      try scratch.add(
        .init(
          "lm_head.weight", table.shape, type: table.type,
          Data((what == "equal head" ? rows : rows.reversed()).joined())))
    case "v_head":
      try scratch.add(
        .init("v_head.summary.weight", [1, try width(embedding)], 1), .init("v_head.summary.bias", [1], 1))
    case "layer":
      let last = tensors.filter { $0.name.hasPrefix("model.layers.1.") }
      #expect(!last.isEmpty && !tensors.contains { $0.name.hasPrefix("model.layers.2.") })
      try scratch.write(
        tensors
          + last.map {
            .init($0.name.replacing("layers.1.", with: "layers.2."), $0.shape, type: $0.type, $0.data)
          })
    case "buffers":
      let mask = Data((0..<64).map { $0 % 8 <= $0 / 8 ? 1 : 0 })
      try scratch.add(
        .init("gpt_neox.layers.0.attention.bias", [1, 1, 8, 8], type: "BOOL", mask),
        .init("gpt_neox.layers.0.attention.masked_bias", [], -1e9),
        .init("gpt_neox.layers.1.attention.rotary_emb.inv_freq", [2], 1))
    case "bias": try scratch.add(.init("model.layers.0.self_attn.q_proj.bias", [try width(query, 0)], 1))
    case "score": try scratch.add(.init("score.weight", [3, try width(embedding)], 1))
    case "lora":
      try scratch.add(
        .init("model.layers.0.self_attn.q_proj.lora_A.default.weight", [2, try width(query)], 1),
        .init("model.layers.0.self_attn.q_proj.lora_B.default.weight", [try width(query, 0), 2], 1))
    default: Issue.record("no such change: \(what)")
    }
  }
}

extension Result {
  /// The code of the error.
  fileprivate var failureCode: AnalysisError.Code {
    get throws {
      guard case .failure(let error) = self else { throw Missing() }
      return try #require(error as? AnalysisError).code
    }
  }
}

private struct Missing: Error, CustomStringConvertible {
  let description = "nothing was refused"
}
