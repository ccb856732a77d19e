import Foundation
import Testing

@testable import Analysis

/// Heads and kinds of classification that this version does not run are named for what they are.
@Suite("Heads by name")
struct ClassifierConfigurationTests {
  @Test(
    "What stands in `architectures` is named",
    arguments: [
      (FamilyModel.llama, "LlamaForTokenClassification", "a token classifier"),
      (.llama, "LlamaForQuestionAnswering", "marks an answer"), (.llama, "LlamaEncoderModel", "an encoder"),
      (.mistral, "MistralBiModel", "see those after them"), (.gpt2Classifier, "GPT2DoubleHeadsModel", "a second head"),
      (.llama, "AutoModelForCausalLMWithValueHead", "a value head"), (.llama, "LlamaForRewardModel", "a reward model"),
      (.llama, "MistralForCausalLM", "write its name there"), (.qwen2, "Qwen2ForProcessRewardModel", "a reward model"),
    ])
  func architectures(family: FamilyModel, name: String, says: String) throws {
    let scratch = try Scratch(copying: family.folder)
    try scratch.edit("config.json", ["architectures": [name]])
    expectError(.badConfiguration, ["key 'architectures' is '\(name)'", says]) {
      _ = try ModelOutline(Checkpoint(folder: scratch.folder))
    }
  }

  @Test("Two classes in `architectures` are refused; another writing of the one is taken")
  func several() throws {
    let scratch = try Scratch(copying: FamilyModel.llama.folder)
    try scratch.edit("config.json", ["architectures": ["LlamaForCausalLM", "LlamaForSequenceClassification"]])
    expectError(.badConfiguration, ["names 2 classes"]) { _ = try ModelOutline(Checkpoint(folder: scratch.folder)) }
    try scratch.edit("config.json", ["architectures": ["LLaMAForCausalLM"]])
    _ = try ModelOutline(Checkpoint(folder: scratch.folder))
  }

  @Test(
    "Multi-label, regression, one class and classes of two names are refused",
    arguments: [
      (#""problem_type": "multi_label_classification""#, "several classes may hold at once"),
      (#""problem_type": "regression""#, "gives a number (regression)"),
      (#""problem_type": "ranking""#, "which transformers does not know"),
      (#""id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}"#, "gives a number (regression)"),
      (#""label2id": {"class A": 1, "class B": 0, "class C": 2}"#, "says that 'class A' is class 1"),
      (#""id2label": {"0": "a", "1": "a", "2": "b"}, "label2id": null"#, "names both class 0 and class 1 'a'"),
    ])
  func labels(changes: String, says: String) throws {
    let scratch = try Scratch(copying: FamilyModel.gpt2Classifier.folder)
    let object = try JSONSerialization.jsonObject(with: Data("{\(changes)}".utf8)) as? [String: Any]
    try scratch.edit("config.json", try #require(object).mapValues { $0 is NSNull ? nil : $0 })
    expectError(.badConfiguration, [says]) { _ = try ModelOutline(Checkpoint(folder: scratch.folder)) }
    try scratch.edit("config.json", ["problem_type": "single_label_classification"])
  }

  @Test("One-of-n is taken, whether the configuration says so or not")
  func single() throws {
    let scratch = try Scratch(copying: FamilyModel.gpt2Classifier.folder)
    try scratch.edit("config.json", ["problem_type": "single_label_classification"])
    _ = try ModelOutline(Checkpoint(folder: scratch.folder))
  }
}
