import Foundation
import Testing

@testable import Analysis

/// Tensors that the architecture does not ask for: refused by name, declared, or said.
@Suite("Unused tensors")
struct UnusedTensorsTests {
  private func outline(_ scratch: Scratch, ignoring: [String] = []) throws -> ModelOutline {
    try ModelOutline(Checkpoint(folder: scratch.folder, ignoredTensors: ignoring))
  }

  struct Extra: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let name: String
    let shape: [Int]
    let says: [String]
    /// How the message proposes to declare it; nil where it must not be declared away by habit.
    let declared: String?
  }

  static let extras: [Extra] = [
    .init(
      testDescription: "a layer beyond the configuration", name: "transformer.h.3.ln_1.weight", shape: [24],
      says: ["layer 3 ('transformer.h.3.ln_1.weight')", "'n_layer' in config.json is 3", "set 'n_layer' to 4"],
      declared: "transformer.h.3.ln_1.weight"),
    .init(
      testDescription: "trl's value head", name: "v_head.summary.weight", shape: [1, 24],
      says: ["value head ('v_head.summary.weight')", "save_pretrained"], declared: "v_head.summary.weight"),
    .init(
      testDescription: "a LoRA matrix", name: "transformer.h.0.attn.c_attn.lora_A.default.weight", shape: [2, 24],
      says: ["an adapter (LoRA or the like)", "lora_A", "merge_and_unload"], declared: nil),
    .init(
      testDescription: "PEFT's modules_to_save", name: "score.modules_to_save.default.weight", shape: [2, 24],
      says: ["an adapter", "merge_and_unload"], declared: nil),
    .init(
      testDescription: "a classifier's head in a language model", name: "score.weight", shape: [2, 24],
      says: ["a head that", "GPT2ForSequenceClassification"], declared: "score.weight"),
    .init(
      testDescription: "a second head", name: "multiple_choice_head.summary.weight", shape: [1, 24],
      says: ["a head that", "multiple_choice_head.summary.weight"], declared: "multiple_choice_head.summary.weight"),
    .init(
      testDescription: "a scale of quantisation", name: "transformer.h.0.mlp.c_fc.SCB", shape: [40],
      says: ["quantised", "SCB"], declared: nil),
    .init(
      testDescription: "a norm that the family does not have", name: "transformer.h.0.attn.q_norm.weight", shape: [8],
      says: ["tensors that the model does not use ('transformer.h.0.attn.q_norm.weight')"],
      declared: "transformer.h.0.attn.q_norm.weight"),
    .init(
      testDescription: "a bias by the name of the mask", name: "transformer.h.0.attn.bias", shape: [72],
      says: ["biases", "transformer.h.0.attn.bias"], declared: "transformer.h.0.attn.bias"),
    .init(
      testDescription: "the body once more without its prefix", name: "h.0.ln_1.bias", shape: [24],
      says: ["h.0.ln_1.bias"], declared: "h.0.ln_1.bias"),
  ]

  @Test("A tensor that may matter is refused with file, name and remedy, or declared and said", arguments: extras)
  func extra(_ extra: Extra) throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    let plain = try outline(scratch)
    try scratch.add(.init(extra.name, extra.shape))
    let proposal = extra.declared.map { ["ignore_tensors: [\"\($0)\"]"] } ?? []
    expectError(.unusedTensors, ["model.safetensors: holds", extra.name] + extra.says + proposal) {
      _ = try outline(scratch)
    }
    // What a person declares holds, and is repeated.
    let declared = try outline(scratch, ignoring: [extra.name])
    #expect(
      declared.remarks == [ModelRemark(kind: .declared, file: "model.safetensors", names: [extra.name])])
    #expect(declared.parameters == plain.parameters)
    let reference = try #require(try ReferenceModel.tiny.cases().first)
    #expect(ParityTests.deviating(try declared.load().measure(reference), reference) == [])
  }

  @Test("Layers beyond the configuration are declared by layer, and the pattern that is proposed is taken")
  func layers() throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    try scratch.edit("config.json", ["n_layer": 1])
    expectError(
      .unusedTensors,
      [
        "layers 1 to 2", "and 23 more", "'n_layer' in config.json is 1", "set 'n_layer' to 3",
        "ignore_tensors: [\"transformer.h.1.*\", \"transformer.h.2.*\"]",
      ]
    ) { _ = try outline(scratch) }
    let declared = try outline(scratch, ignoring: ["transformer.h.1.*", "transformer.h.2.*"])
    // 12 tensors a layer (two norms, two maps of the attention and two of the MLP, each with a bias).
    #expect(declared.remarks.map(\.names.count) == [24])
    let (d, mlp) = (24, 40)
    let layer = 4 * d + (3 * d * d + 3 * d) + (d * d + d) + (d * mlp + mlp) + (mlp * d + d)
    #expect(declared.parameters == layer + 2 * d + 61 * d + 32 * d + 61 * d)
  }

  @Test("A declaration that names no tensor, or one that is used, is refused")
  func declarations() throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    expectError(.badPlan, ["'ignore_tensors' names 'v_head.*', which no tensor"]) {
      _ = try outline(scratch, ignoring: ["v_head.*"])
    }
    for pattern in ["transformer.h.2.*", "*", "lm_head.weight"] {
      expectError(.badPlan, ["'ignore_tensors' names '\(pattern)', but the model uses the tensor '"]) {
        _ = try outline(scratch, ignoring: [pattern])
      }
    }
  }

  @Test(
    "A pattern's * stands for any characters",
    arguments: [
      ("a.*", "a.b", true), ("a.*", "b.a.c", false), ("*.bias", "x.bias", true), ("*.bias", "x.bias2", false),
      ("a*c*e", "abcde", true), ("a*c*e", "ae", false), ("a*a", "a", false), ("a", "a", true), ("a", "ab", false),
      ("*", "", true), ("**", "x", true),
    ])
  func patterns(text: String, name: String, fits: Bool) { #expect(NamePattern(text).matches(name) == fits) }

  @Test("Masks and frequencies that transformers computes anew are said, with nothing else changed")
  func buffers() throws {
    let outline = try ModelOutline(ReferenceModel.tinyReLU.checkpoint())
    #expect(outline.remarks.map(\.kind) == [.buffers, .buffers])
    #expect(
      outline.remarks.map(\.file) == ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"])
    #expect(outline.remarks.flatMap(\.names) == ["h.0.attn.bias", "h.1.attn.bias"])

    let scratch = try Scratch(copying: FamilyModel.llama.folder)
    try scratch.add(.init("model.layers.1.self_attn.rotary_emb.inv_freq", [2]))
    #expect(
      try self.outline(scratch).remarks.first
        == ModelRemark(
          kind: .buffers, file: "model.safetensors", names: ["model.layers.1.self_attn.rotary_emb.inv_freq"]))
  }

  @Test("A head that equals the embedding it is tied to is said; another is refused, and may be declared")
  func tied() throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    try scratch.edit("config.json", ["tie_word_embeddings": true])
    expectError(
      .badConfiguration,
      [
        "key 'tie_word_embeddings'", "'lm_head.weight' that differs from 'transformer.wte.weight'",
        "ignore_tensors: [lm_head.weight]",
      ]
    ) { _ = try outline(scratch) }
    #expect(try outline(scratch, ignoring: ["lm_head.weight"]).remarks.map(\.kind) == [.declared])

    var tensors = try scratch.tensors()
    let embedding = try #require(tensors.first { $0.name == "transformer.wte.weight" })
    let head = try #require(tensors.firstIndex { $0.name == "lm_head.weight" })
    tensors[head].data = embedding.data
    try scratch.write(tensors)
    let equal = try outline(scratch)
    #expect(equal.remarks == [ModelRemark(kind: .tiedHead, file: "model.safetensors", names: ["lm_head.weight"])])
    #expect(equal.parameters == (try outline(try Scratch(copying: ReferenceModel.tiny.folder)).parameters) - 61 * 24)
  }

  @Test(
    "Names of a model inside another are refused as what they are",
    arguments: [
      ("module.", "begin with 'module.'", AnalysisError.Code.missingTensor),
      ("_orig_mod.", "begin with '_orig_mod.'", .missingTensor),
    ])
  func wrapped(prefix: String, says: String, code: AnalysisError.Code) throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    try scratch.rename { prefix + $0 }
    expectError(code, [says]) { _ = try outline(scratch) }
  }

  @Test("Files with weights that are not read, unknown keys, code and half precision are said")
  func others() throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    for folder in ["onnx", ".cache"] {
      try FileManager.default.createDirectory(at: scratch.file(folder), withIntermediateDirectories: true)
    }
    for name in [
      "pytorch_model.bin", "consolidated.safetensors", "optimizer.pt", "training_args.bin", "onnx/model.onnx",
      ".cache/x.bin",
    ] {
      try scratch.write("x", to: name)
    }
    try scratch.edit(
      "config.json", ["my_scale": 2, "auto_map": ["AutoModel": "m.M"], "dtype": "bfloat16", "nothing": NSNull()])
    #expect(
      try outline(scratch).remarks == [
        ModelRemark(kind: .unreadFiles, names: ["consolidated.safetensors", "onnx/model.onnx", "pytorch_model.bin"]),
        ModelRemark(kind: .unknownKeys, file: "config.json", names: ["my_scale"]),
        ModelRemark(kind: .ownCode, file: "config.json", names: ["auto_map"]),
        ModelRemark(kind: .precision, names: ["bfloat16"]),
      ])
  }

  @Test("No key of a configuration that transformers wrote is unknown", arguments: FamilyModel.allCases)
  func knownKeys(family: FamilyModel) throws {
    #expect(try ModelOutline(Checkpoint(folder: family.folder)).remarks == [])
  }
}
