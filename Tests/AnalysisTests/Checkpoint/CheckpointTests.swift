import Foundation
import Testing

@testable import Analysis

@Suite("Model folders")
struct CheckpointTests {
  private func load(_ scratch: Scratch) throws -> Transformer {
    try Transformer.load(try Checkpoint(folder: scratch.folder))
  }

  @Test("A sharded checkpoint is one model")
  func sharded() throws {
    let checkpoint = try ReferenceModel.tinyReLU.checkpoint()
    #expect(
      checkpoint.files.map(\.path) == [
        "config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
      ])
    #expect(Set(checkpoint.tensors.values.map(\.file.path)).count == 2)
    #expect(checkpoint.modelType == "gpt2")
  }

  @Test("Parameters are counted over all tensors")
  func parameters() throws {
    // 3 layers of width 24, MLP 40, 61 tokens, 32 positions, an output matrix of its own.
    let (d, mlp) = (24, 40)
    let layer = 4 * d + (3 * d * d + 3 * d) + (d * d + d) + (d * mlp + mlp) + (mlp * d + d)
    #expect(
      try ModelOutline(ReferenceModel.tiny.checkpoint()).parameters == 3 * layer + 2 * d + 61 * d + 32 * d + 61 * d)
  }

  @Test("Half-precision weights are read as their exact float32 values")
  func halfPrecision() throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    let original = try ReferenceModel.tiny.checkpoint()
    var entries: [String] = []
    var data = Data()
    var rounded: [String: [Float]] = [:]
    for (name, tensor) in original.tensors.sorted(by: { $0.key < $1.key }) {
      let start = data.count
      // Truncation to bfloat16, so that the value is known without a rounding rule.
      let values = try tensor.floats().array(0..<tensor.count).map { Float(bitPattern: $0.bitPattern & 0xFFFF_0000) }
      for value in values { withUnsafeBytes(of: UInt16(value.bitPattern >> 16).littleEndian) { data += Data($0) } }
      rounded[name] = values
      entries.append(
        "\"\(name)\":{\"dtype\":\"BF16\",\"shape\":\(tensor.shape),\"data_offsets\":[\(start),\(data.count)]}")
    }
    try scratch.write(safetensors(header: "{\(entries.joined(separator: ","))}", data: data), to: "model.safetensors")
    let model = try load(scratch)
    #expect(model.tokenEmbedding.array(0..<61 * 24) == rounded["transformer.wte.weight"])
    #expect(model.finalNorm?.bias.array(0..<24) == rounded["transformer.ln_f.bias"])
  }

  // MARK: Folders

  @Test("What is missing from a folder is named")
  func missingFiles() throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    expectError(.modelNotFound, ["/none: no such model folder", "config.json, model.safetensors and tokenizer.json"]) {
      _ = try Checkpoint(folder: scratch.file("none"))
    }
    expectError(.modelNotFound, ["config.json: is a file", "name the folder"]) {
      _ = try Checkpoint(folder: scratch.file("config.json"))
    }
    try scratch.remove("model.safetensors")
    expectError(.modelNotFound, ["has neither model.safetensors nor model.safetensors.index.json", "save_pretrained"]) {
      _ = try load(scratch)
    }
    try scratch.remove("config.json")
    expectError(.modelNotFound, ["has no config.json"]) { _ = try load(scratch) }
  }

  @Test("A truncated checkpoint is refused")
  func truncated() throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    let data = try Data(contentsOf: scratch.file("model.safetensors"))
    try scratch.write(data.dropLast(1), to: "model.safetensors")
    expectError(.badCheckpoint, ["model.safetensors: tensor '", "truncated", "copy the file again"]) {
      _ = try load(scratch)
    }
  }

  // MARK: Configuration

  struct Broken: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let key: String
    /// JSON of the value; nil removes the key.
    let value: String?
    let code: AnalysisError.Code
    let says: String

    init(_ key: String, _ value: String?, _ code: AnalysisError.Code = .badConfiguration, says: String) {
      testDescription = "\(key) = \(value ?? "absent")"
      (self.key, self.value, self.code, self.says) = (key, value, code, says)
    }
  }

  static let broken: [Broken] = [
    .init("model_type", nil, says: "key 'model_type' is missing"),
    .init("model_type", "7", says: "key 'model_type' is a number, not a text"),
    .init(
      "model_type", "\"gpt5\"", .unsupportedArchitecture,
      says: "model_type 'gpt5' is not supported; the engine runs: gpt2"),
    .init(
      "activation_function", "\"tanhish\"", says: "key 'activation_function' is 'tanhish'; the engine knows gelu_new, "),
    .init("n_layer", nil, says: "key 'n_layer' is missing"),
    .init("n_layer", "null", says: "key 'n_layer' is missing"),
    .init("n_layer", "0", says: "key 'n_layer' is 0; the engine takes 1 to 1024"),
    .init("n_layer", "1000000000", says: "key 'n_layer' is 1000000000; the engine takes 1 to 1024"),
    .init("n_layer", "-3", says: "key 'n_layer' is -3"),
    .init("n_layer", "2.5", says: "key 'n_layer' is a number, not a whole number"),
    .init("n_layer", "\"3\"", says: "key 'n_layer' is a text, not a whole number"),
    .init("n_layer", "[3]", says: "key 'n_layer' is a list, not a whole number"),
    .init("n_layer", "99999999999999999999", says: "key 'n_layer' is a number, not a whole number"),
    .init("n_layer", "4", .missingTensor, says: "tensor 'transformer.h.3.ln_1.weight' is missing"),
    .init("n_head", "5", says: "key 'n_embd' is 24, which n_head (5) does not divide"),
    .init("n_embd", "48", .wrongShape, says: "has shape [24], but config.json implies [48]"),
    .init("n_embd", "65536", says: "which n_head (3) does not divide"),
    .init("n_inner", "41", .wrongShape, says: "implies [24, 41]"),
    .init("n_inner", "true", says: "key 'n_inner' is a truth value, not a whole number"),
    .init(
      "n_positions", "33", .wrongShape,
      says: "tensor 'transformer.wpe.weight' has shape [32, 24], but config.json implies [33, 24]"),
    .init("vocab_size", "62", .wrongShape, says: "tensor 'transformer.wte.weight' has shape [61, 24]"),
    .init("vocab_size", "10000001", says: "key 'vocab_size' is 10000001"),
    .init("layer_norm_epsilon", "0", says: "key 'layer_norm_epsilon' is 0.0; it must be a positive number"),
    .init("layer_norm_epsilon", "-1e-5", says: "it must be a positive number"),
    .init("layer_norm_epsilon", "1e300", says: "key 'layer_norm_epsilon' is inf"),
    .init("layer_norm_epsilon", "1e-300", says: "it must be a positive number"),
    .init("scale_attn_weights", "1", says: "key 'scale_attn_weights' is a number, not true or false"),
    .init("add_cross_attention", "true", says: "the engine runs decoder-only models"),
  ]

  @Test("A configuration that makes no sense is refused by key", arguments: broken)
  func configuration(broken: Broken) throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    try scratch.edit("config.json", [broken.key: broken.value == nil ? nil : "@"])
    if let value = broken.value {
      // Written as text, so that the JSON is exactly the one given.
      let text = try String(contentsOf: scratch.file("config.json"), encoding: .utf8)
      try scratch.write(text.replacingOccurrences(of: "\"@\"", with: value), to: "config.json")
    }
    expectError(broken.code, [broken.says, scratch.folder.lastPathComponent]) { _ = try load(scratch) }
  }

  @Test(
    "A configuration that is no JSON object is refused",
    arguments: ["", "[]", "3", "{", "{\"a\":}", "\u{FEFF}\u{0}", "null"])
  func noObject(text: String) throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    try scratch.write(text, to: "config.json")
    expectError(.badConfiguration, ["config.json: not a JSON object", "copy the file again"]) { _ = try load(scratch) }
  }

  // MARK: Tensors

  private func rename(_ scratch: Scratch, _ change: (String) -> String) throws {
    let data = try Data(contentsOf: scratch.file("model.safetensors"))
    let length = Int(data.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }.littleEndian)
    let header = try #require(String(data: data[8..<8 + length], encoding: .utf8))
    try scratch.write(safetensors(header: change(header), data: data[(8 + length)...]), to: "model.safetensors")
  }

  @Test("A missing tensor, a wrong shape and a wrong dtype are refused by the tensor's name")
  func tensors() throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    try rename(scratch) { $0.replacingOccurrences(of: "transformer.h.1.mlp.c_fc.bias", with: "other") }
    expectError(.missingTensor, ["tensor 'transformer.h.1.mlp.c_fc.bias' is missing", "with shape [40]"]) {
      _ = try load(scratch)
    }
    try rename(scratch) { $0.replacingOccurrences(of: "other", with: "transformer.h.1.mlp.c_fc.bias") }
    _ = try load(scratch)
    try rename(scratch) { $0.replacingOccurrences(of: "[61,24]", with: "[24,61]") }
    expectError(.wrongShape, ["tensor 'transformer.wte.weight' has shape [24, 61], but config.json implies [61, 24]"]) {
      _ = try load(scratch)
    }
    try rename(scratch) {
      $0.replacingOccurrences(of: "[24,61]", with: "[61,24]").replacingOccurrences(of: "F32", with: "I32")
    }
    expectError(.wrongDataType, ["has dtype I32; the engine reads F32, F16 and BF16", "convert"]) {
      _ = try load(scratch)
    }
  }

  @Test("An untied model needs its output matrix, a tied one does without one that is declared")
  func tying() throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    let untied = try load(scratch)
    #expect(untied.unembedding !== untied.tokenEmbedding)
    try scratch.edit("config.json", ["tie_word_embeddings": true])
    let tied = try Transformer.load(
      try Checkpoint(folder: scratch.folder, ignoredTensors: ["lm_head.weight"]))
    #expect(tied.unembedding === tied.tokenEmbedding)
    try scratch.edit("config.json", ["tie_word_embeddings": false])
    try rename(scratch) { $0.replacingOccurrences(of: "lm_head.weight", with: "other") }
    expectError(.missingTensor, ["tensor 'lm_head.weight' is missing", "[61, 24]"]) { _ = try load(scratch) }
  }

  // MARK: Shards

  private func shardError(_ code: AnalysisError.Code, _ says: [String], _ change: (Scratch) throws -> Void) throws {
    let scratch = try Scratch(copying: ReferenceModel.tinyReLU.folder)
    try change(scratch)
    expectError(code, says) { _ = try load(scratch) }
  }

  @Test("A shard that is not there is named")
  func missingShard() throws {
    try shardError(.badCheckpoint, ["names the shard 'model-00002-of-00002.safetensors'", "copy all shards"]) {
      try $0.remove("model-00002-of-00002.safetensors")
    }
  }

  @Test("A tensor in two shards is refused")
  func duplicateTensor() throws {
    try shardError(.badCheckpoint, ["is in both model-00001-of-00002.safetensors and model-00002-of-00002.safetensors"])
    {
      try $0.write(
        try Data(contentsOf: $0.file("model-00001-of-00002.safetensors")), to: "model-00002-of-00002.safetensors")
    }
  }

  @Test(
    "A shard outside the folder is refused",
    arguments: ["\"../secret\"", "\"..\"", "\"/etc/passwd\"", "\"a/b\"", "\"\"", "7", "null", "[\"a\"]"])
  func outside(name: String) throws {
    try shardError(.badCheckpoint, ["model.safetensors.index.json: weight_map: key 'wte.weight'"]) {
      try $0.write("{\"weight_map\": {\"wte.weight\": \(name)}}", to: "model.safetensors.index.json")
    }
  }

  @Test("An index without a map is refused", arguments: ["{}", "{\"weight_map\": {}}", "{\"weight_map\": null}"])
  func noMap(text: String) throws {
    try shardError(.badCheckpoint, ["key 'weight_map' is missing or empty"]) {
      try $0.write(text, to: "model.safetensors.index.json")
    }
  }

  @Test("An index that is no object, or whose shard is a folder, is refused")
  func brokenIndex() throws {
    try shardError(.badCheckpoint, ["model.safetensors.index.json: not a JSON object"]) {
      try $0.write("[1]", to: "model.safetensors.index.json")
    }
    try shardError(.badCheckpoint, ["key 'weight_map' is a text, not an object"]) {
      try $0.write("{\"weight_map\": \"x\"}", to: "model.safetensors.index.json")
    }
    try shardError(.unreadable, ["not a regular file"]) {
      try $0.write("{\"weight_map\": {\"wte.weight\": \".\"}}", to: "model.safetensors.index.json")
    }
  }
}
