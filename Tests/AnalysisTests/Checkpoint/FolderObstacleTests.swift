import Foundation
import Testing

@testable import Analysis

/// Folders that hold something else than a model the engine opens, and files that are something else than their name says.
@Suite("Adapters, other formats and pointers")
struct FolderObstacleTests {
  /// A pointer as the git-LFS specification has it (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md).
  static let pointer =
    "version https://git-lfs.github.com/spec/v1\n"
    + "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 548118077\n"

  private func open(_ scratch: Scratch) throws { _ = try Checkpoint(folder: scratch.folder) }

  @Test(
    "A git-LFS pointer in place of a file is named, with the command",
    arguments: [
      "model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json", "generation_config.json",
    ])
  func pointers(name: String) throws {
    let scratch = try Scratch(copying: ReferenceModel.ioi.folder)
    try scratch.write(Self.pointer, to: name)
    let code: AnalysisError.Code = name == "model.safetensors" ? .badCheckpoint : .badConfiguration
    expectError(code, ["\(name): is a git-LFS pointer", "(548118077 bytes)", "git lfs pull"]) { try open(scratch) }
  }

  @Test("A pointer in place of an index or of a shard is named")
  func shards() throws {
    let scratch = try Scratch(copying: ReferenceModel.tinyReLU.folder)
    try scratch.write(Self.pointer, to: "model-00002-of-00002.safetensors")
    expectError(.badCheckpoint, ["model-00002-of-00002.safetensors: is a git-LFS pointer"]) { try open(scratch) }
    try scratch.write(Self.pointer, to: "model.safetensors.index.json")
    expectError(.badConfiguration, ["index.json: is a git-LFS pointer"]) { try open(scratch) }
  }

  @Test(
    "A file of another format under the name of the weights is named",
    arguments: [
      ("<!DOCTYPE html>\n<html>", "a web page (HTML)"), ("\n  <HTML lang=en>", "a web page (HTML)"),
      ("PK\u{3}\u{4}rest of it", "a ZIP archive, as torch.save writes it"), ("GGUF\u{3}\0\0\0", "a GGUF file"),
    ])
  func otherContent(begin: String, says: String) throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    try scratch.write(begin + String(repeating: "x", count: 600), to: "model.safetensors")
    expectError(.badCheckpoint, ["model.safetensors: is \(says)"]) { try open(scratch) }
  }

  @Test(
    "A header whose length has the first bytes of a pickle or of gzip is a header", arguments: [0x0280, 0x0580, 0x8B1F])
  func lengths(low: Int) throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    let data = try Data(contentsOf: scratch.file("model.safetensors"))
    let length = Int(data.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }.littleEndian)
    let text = try #require(String(data: data[8..<8 + length], encoding: .utf8))
    let padded = text + String(repeating: " ", count: 0x10000 + low - length)
    try scratch.write(safetensors(header: padded, data: data[(8 + length)...]), to: "model.safetensors")
    try open(scratch)
  }

  struct Folder: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// Files in place of `model.safetensors`.
    let files: [String]
    let says: [String]
  }

  static let folders: [Folder] = [
    .init(
      testDescription: "one .bin", files: ["pytorch_model.bin"],
      says: [".bin only (pytorch_model.bin)", "python3 -c", "safe_serialization=True", "AutoModelForCausalLM"]),
    .init(
      testDescription: "sharded .bin",
      files: ["pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin", "pytorch_model.bin.index.json"],
      says: [".bin only (pytorch_model-00001-of-00002.bin", "save_pretrained('NEW_FOLDER'"]),
    .init(testDescription: ".pt", files: ["model.pt"], says: ["a PyTorch file only (model.pt)", "pytorch_model.bin'"]),
    .init(testDescription: ".ckpt", files: ["last.ckpt"], says: ["a PyTorch file only (last.ckpt)"]),
    .init(
      testDescription: "GGUF", files: ["model-q4_k_m.gguf"],
      says: ["GGUF of llama.cpp only (model-q4_k_m.gguf)", "gguf_file='model-q4_k_m.gguf'"]),
    .init(
      testDescription: "Flax", files: ["flax_model.msgpack"],
      says: ["Flax only (flax_model.msgpack)", "from_flax=True"]),
    .init(
      testDescription: "TensorFlow", files: ["tf_model.h5"], says: ["TensorFlow only (tf_model.h5)", "from_tf=True"]),
    .init(
      testDescription: "ONNX", files: ["model.onnx"],
      says: ["an ONNX graph only (model.onnx)", "the folder that was exported"]),
    .init(
      testDescription: "shards without their index",
      files: ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"],
      says: ["neither model.safetensors nor model.safetensors.index.json", "copy model.safetensors.index.json"]),
    .init(
      testDescription: "safetensors of another name", files: ["model.fp16.safetensors"],
      says: ["(model.fp16.safetensors)", "rename it to model.safetensors"]),
    .init(testDescription: "nothing", files: [], says: ["nor weights in another format"]),
  ]

  @Test(
    "A folder with weights in another format is named, with a command that makes one that opens", arguments: folders)
  func formats(_ folder: Folder) throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    try scratch.remove("model.safetensors")
    for file in folder.files { try scratch.write("x", to: file) }
    expectError(.modelNotFound, [scratch.folder.path] + folder.says) { try open(scratch) }
  }

  @Test("The command of a classifier's folder keeps its head")
  func classifier() throws {
    let scratch = try Scratch(copying: FamilyModel.gpt2Classifier.folder)
    try scratch.remove("model.safetensors")
    try scratch.write("x", to: "pytorch_model.bin")
    expectError(.modelNotFound, ["AutoModelForSequenceClassification as M"]) { try open(scratch) }
  }

  static let adapterConfiguration =
    #"{"base_model_name_or_path": "org/base", "peft_type": "LORA", "task_type": "CAUSAL_LM", "r": 8}"#

  @Test(
    "An adapter beside the weights is refused",
    arguments: [
      ["adapter_config.json"], ["adapter_model.safetensors"], ["adapter_model.bin", "adapter_config.json"],
      ["adapters.safetensors"], ["pytorch_lora_weights.safetensors"],
    ])
  func beside(files: [String]) throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    for file in files { try scratch.write(file.hasSuffix("json") ? Self.adapterConfiguration : "x", to: file) }
    expectError(.badCheckpoint, ["adapter", "beside the weights (\(files.sorted()[0])", "merge_and_unload"]) {
      try open(scratch)
    }
  }

  @Test("A folder with an adapter alone is named for what it is, with its base model and the command that merges it")
  func alone() throws {
    let scratch = try Scratch()
    try scratch.write(Self.adapterConfiguration, to: "adapter_config.json")
    try scratch.write("x", to: "adapter_model.safetensors")
    expectError(
      .badCheckpoint,
      [
        "is a LORA adapter of the base model 'org/base'", "not a model", "AutoPeftModelForCausalLM",
        "merge_and_unload()",
      ]
    ) { try open(scratch) }
    try scratch.write(
      Self.adapterConfiguration.replacing("CAUSAL_LM", with: "SEQ_CLS"), to: "adapter_config.json")
    expectError(.badCheckpoint, ["AutoPeftModelForSequenceClassification"]) { try open(scratch) }
    try scratch.write("no JSON", to: "adapter_config.json")
    expectError(.badCheckpoint, ["is a LoRA (PEFT) adapter (adapter_config.json"]) { try open(scratch) }
  }

  @Test("A folder of training checkpoints is refused with the folder to name")
  func nested() throws {
    let scratch = try Scratch()
    let inner = scratch.file("checkpoint-500")
    try FileManager.default.copyItem(at: ReferenceModel.tiny.folder, to: inner)
    expectError(.modelNotFound, ["has no config.json, but a folder with one", "checkpoint-500"]) { try open(scratch) }
  }
}
