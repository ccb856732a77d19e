import Foundation
import Testing

@testable import Analysis

/// What the families refuse, and how classifiers are asked.
@Suite("Family configurations")
struct FamilyConfigurationTests {
  struct Refused: CustomTestStringConvertible, Sendable {
    let family: FamilyModel
    let key: String
    /// JSON of the value.
    let value: String
    let says: String

    init(_ family: FamilyModel, _ key: String, _ value: String, says: String = "") {
      (self.family, self.key, self.value) = (family, key, value)
      self.says = says.isEmpty ? "key '\(key)' changes the computation" : says
    }

    var testDescription: String { "\(family.rawValue): \(key) = \(value)" }
  }

  static let refused: [Refused] = [
    .init(
      .llama, "rope_scaling", #"{"rope_type":"yarn","factor":4.0}"#, says: "'rope_type' is 'yarn'; the engine knows"),
    .init(.llama, "rope_scaling", #"{"type":"longrope"}"#, says: "'rope_type' is 'longrope'"),
    .init(.llama, "rope_scaling", #"{"rope_type":"linear"}"#, says: "key 'factor' is missing"),
    // transformers divides by it: None ends in a TypeError.
    .init(.llama, "rope_scaling", #"{"rope_type":"linear","factor":null}"#, says: "key 'factor' is missing"),
    .init(.llama, "rope_scaling", #"{"rope_type":"llama3","factor":8}"#, says: "key 'low_freq_factor' is missing"),
    .init(.llama, "partial_rotary_factor", "0.5"),
    .init(.llama, "quantization_config", #"{"quant_method":"gptq"}"#),
    .init(.llama, "attn_logit_softcapping", "30.0"),
    .init(.llama, "num_key_value_heads", "4", says: "'num_key_value_heads' is 4, which does not divide the 6"),
    .init(.llama, "hidden_act", "\"tanhish\"", says: "key 'hidden_act' is 'tanhish'"),
    .init(.llama, "rope_theta", "0", says: "'rope_theta' is 0.0; it must be a positive number"),
    .init(.llama, "head_dim", "3", says: "must be an even number of values"),
    .init(.llama, "is_encoder_decoder", "true", says: "decoder-only"),
    .init(.llama, "architectures", #"["LlamaForTokenClassification"]"#, says: "'LlamaForTokenClassification'"),
    .init(.mistral, "attention_bias", "true"),
    .init(.mistral, "layer_types", #"["full_attention","sliding_attention"]"#),
    .init(.mistral, "sliding_window", "0", says: "'sliding_window' is 0"),
    .init(.gemma2, "sliding_window", "1e300", says: "'sliding_window'"),
    .init(.neox, "rotary_pct", "1e300", says: "must be an even number of values"),
    .init(.qwen2, "layer_types", #"["full_attention"]"#, says: "'layer_types' has 1 entries for 2 layers"),
    .init(.qwen2, "layer_types", #"["full_attention","chunked_attention"]"#, says: "neither full_attention nor"),
    .init(.qwen3, "mlp_bias", "true"),
    .init(.neox, "rotary_pct", "1.5", says: "must be an even number of values"),
    .init(.neox, "layer_types", #"["sliding_attention","full_attention"]"#),
    .init(.phi3, "rope_scaling", #"{"type":"longrope","short_factor":[1],"long_factor":[2]}"#, says: "'longrope'"),
    .init(
      .gemma2, "use_bidirectional_attention", "true",
      says: "key 'use_bidirectional_attention' makes each token see the ones after it too"),
    .init(.gemma2, "final_logit_softcapping", "-3", says: "'final_logit_softcapping' is -3.0"),
    .init(.llamaClassifier, "id2label", #"{"0":"a","2":"b"}"#, says: "key '1' is missing"),
  ]

  @Test("A key that changes the computation and is not implemented is refused by its name", arguments: refused)
  func refusal(_ refused: Refused) throws {
    let scratch = try Scratch(copying: refused.family.folder)
    try scratch.edit("config.json", [refused.key: "@"])
    let text = try String(contentsOf: scratch.file("config.json"), encoding: .utf8)
    try scratch.write(text.replacingOccurrences(of: "\"@\"", with: refused.value), to: "config.json")
    expectError(.badConfiguration, ["config.json", refused.says]) {
      _ = try Transformer.load(Checkpoint(folder: scratch.folder))
    }
  }

  @Test(
    "Values with which such a key does nothing are taken",
    arguments: [
      ("partial_rotary_factor", "1.0"), ("quantization_config", "null"), ("mlp_bias", "false"),
      ("rope_scaling", "null"),
      ("rope_scaling", #"{"rope_type":"dynamic","factor":2.0}"#), ("rope_parameters", #"{"rope_type":"default"}"#),
    ])
  func neutral(key: String, value: String) throws {
    let scratch = try Scratch(copying: FamilyModel.llama.folder)
    try scratch.edit("config.json", [key: "@"])
    let text = try String(contentsOf: scratch.file("config.json"), encoding: .utf8)
    try scratch.write(text.replacingOccurrences(of: "\"@\"", with: value), to: "config.json")
    let reference = try #require(try FamilyModel.llama.cases().first)
    let model = try Transformer.load(Checkpoint(folder: scratch.folder))
    #expect(ParityTests.deviating(try model.measure(reference), reference) == [])
  }

  @Test("A checkpoint of the body alone, without its prefix, gives the same numbers where the head is tied")
  func prefix() throws {
    let scratch = try Scratch(copying: FamilyModel.llama3.folder)
    let data = try Data(contentsOf: scratch.file("model.safetensors"))
    let length = Int(data.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }.littleEndian)
    let header = try #require(String(data: data[8..<8 + length], encoding: .utf8))
    try scratch.write(
      safetensors(
        header: header.replacingOccurrences(of: "\"model.", with: "\""), data: data[(8 + length)...]),
      to: "model.safetensors")
    let reference = try #require(try FamilyModel.llama3.cases().first)
    let model = try Transformer.load(Checkpoint(folder: scratch.folder))
    #expect(ParityTests.deviating(try model.measure(reference), reference) == [])
  }

  @Test("A classifier is asked by class name or number, and refuses what is no class")
  func classes() throws {
    let model = try FamilyModel.gpt2Classifier.model()
    #expect(model.decisionCount == 3 && model.vocabularySize == 61)
    let encoder = PromptEncoder(tokenizer: nil, model: model, folder: "folder")
    #expect(try model.answer("class B", encoder) == [1])
    #expect(try model.answer("2", encoder) == [2])
    for wrong in ["3", "-1", "class D", ""] {
      expectError(.badAnswer, ["is no class", "class A, class B, class C"]) { _ = try model.answer(wrong, encoder) }
    }
    expectError(.badAnswer, ["3"]) {
      _ = try model.measure(clean: [1, 2], corrupted: [3, 2], positive: [3], negative: [0], circuits: [])
    }
  }

  @Test("A classifier's prompt that ends in padding is refused, when it is run and when it is checked")
  func padding() throws {
    let scratch = try Scratch(copying: FamilyModel.llamaClassifier.folder)
    try scratch.edit("config.json", ["pad_token_id": 7])
    let model = try Transformer.load(Checkpoint(folder: scratch.folder))
    let decision = try Decision(positive: [0], negative: [1], vocabulary: model.decisionCount)
    // transformers reads the last token that is not padding: here the last of all.
    _ = try model.forward([7, 3])
    try model.check(prompt: [7, 3, 7, 3], for: decision)
    for body in [{ _ = try model.forward([3, 7]) }, { try model.check(prompt: [3, 7], for: decision) }] {
      expectError(.badPrompt, ["token 7", "'pad_token_id'", "the last token before it", "end the prompt otherwise"]) {
        try body()
      }
    }
  }
}
