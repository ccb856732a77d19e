import Foundation
import Testing

@testable import Analysis

/// What encoders refuse, by file, key and remedy.
@Suite("Encoder configurations")
struct EncoderFolderTests {
  struct Refused: CustomTestStringConvertible, Sendable {
    let model: EncoderModel
    let key: String
    /// JSON of the value.
    let value: String
    let says: String
    /// The key that the message names.
    let named: String

    init(_ model: EncoderModel, _ key: String, _ value: String, says: String, named: String? = nil) {
      (self.model, self.key, self.value, self.says, self.named) = (model, key, value, says, named ?? key)
    }

    var testDescription: String { "\(model.rawValue): \(key) = \(value)" }
  }

  static let refused: [Refused] = [
    .init(.bert, "architectures", #"["BertForTokenClassification"]"#, says: "a token classifier"),
    .init(.bert, "architectures", #"["BertForQuestionAnswering"]"#, says: "marks an answer in a text"),
    .init(.bert, "architectures", #"["BertForPreTraining"]"#, says: "the two heads of pre-training"),
    .init(.bert, "architectures", #"["BertLMHeadModel"]"#, says: "a language model made of an encoder"),
    .init(.bert, "architectures", #"["BertModel"]"#, says: "an encoder without a head, which decides nothing"),
    .init(.bert, "architectures", #"["BertForMultipleChoice"]"#, says: "chooses among texts"),
    .init(.bert, "architectures", "null", says: "is missing, and an encoder may have many heads"),
    .init(.bert, "architectures", #"["LlamaForCausalLM"]"#, says: "(BertForMaskedLM)"),
    .init(.roberta, "architectures", #"["BertForSequenceClassification"]"#, says: "RobertaForSequenceClassification"),
    .init(.bert, "is_decoder", "true", says: "makes a decoder of this encoder"),
    .init(.bert, "add_cross_attention", "true", says: "none that reads another"),
    .init(.bert, "position_embedding_type", #""relative_key""#, says: "'absolute'"),
    .init(.bert, "problem_type", #""regression""#, says: "there are 3 labels"),
    .init(.bert, "problem_type", #""ranking""#, says: "which transformers does not know"),
    .init(.bertRegression, "problem_type", #""single_label_classification""#, says: "there is one class"),
    .init(.bert, "hidden_size", "25", says: "which num_attention_heads (3) does not divide"),
    .init(.bert, "hidden_act", #""mish""#, says: "the engine knows"),
    .init(.bert, "id2label", #"{"0":"a","1":"a","2":"b"}"#, says: "names both class 0 and class 1"),
    .init(.roberta, "pad_token_id", "null", says: "positions are counted from behind it"),
    .init(.roberta, "max_position_embeddings", "2", says: "the first token has position 2"),
    .init(.albert, "inner_group_num", "2", says: "groups of one layer"),
    .init(.albert, "num_hidden_groups", "9", says: "more than the 3 layers"),
    .init(.modernbert, "classifier_pooling", #""max""#, says: "cls or mean"),
    .init(.modernbert, "layer_types", #"["full_attention"]"#, says: "has 1 entries for 4 layers"),
    .init(.debertaV2, "conv_kernel_size", "3", says: "adds a convolution"),
    .init(.debertaV2, "pos_att_type", #"["p2p"]"#, says: "c2p and p2c"),
    .init(.debertaV2, "architectures", #"["DebertaV2ForMaskedLM"]"#, says: "two kinds"),
    .init(.distilbert, "n_heads", "5", says: "which n_heads (5) does not divide", named: "dim"),
  ]

  @Test("What an encoder asks for that is not run is refused by its name", arguments: refused)
  func refusal(_ refused: Refused) throws {
    let scratch = try Scratch(copying: refused.model.folder)
    try scratch.edit("config.json", [refused.key: "@"])
    let text = try String(contentsOf: scratch.file("config.json"), encoding: .utf8)
    try scratch.write(text.replacingOccurrences(of: "\"@\"", with: refused.value), to: "config.json")
    expectError(.badConfiguration, ["config.json", "'\(refused.named)'", refused.says]) {
      _ = try Transformer.load(Checkpoint(folder: scratch.folder))
    }
  }

  @Test("A classifier's name over a masked language model's weights names the tensor that is missing")
  func missingPooler() throws {
    let scratch = try Scratch(copying: EncoderModel.bertMasked.folder)
    try scratch.edit("config.json", ["architectures": ["BertForSequenceClassification"]])
    expectError(.missingTensor, ["bert.pooler.dense.weight", "[24, 24]"]) {
      _ = try Transformer.load(Checkpoint(folder: scratch.folder))
    }
  }

  @Test("Heads are told apart by what the configuration says")
  func heads() throws {
    #expect(try EncoderModel.bert.model().head == .classifier)
    #expect(try EncoderModel.robertaRegression.model().head == .regression)
    #expect(try EncoderModel.distilbertMultilabel.model().head == .multiLabelClassifier)
    #expect(try EncoderModel.modernbertMasked.model().head == .maskedLanguageModel)
    #expect(ModelHead.of(folder: EncoderModel.bertRegression.folder) == .regression)
  }

  @Test("Padding, wrong types, other places and answers of several tokens are refused")
  func prompts() throws {
    let model = try EncoderModel.bert.model()
    func measure(
      _ clean: [Int], position: Int? = nil, types: [Int]? = nil, positive: [[Int]] = [[0]], negative: [[Int]] = [[1]]
    ) throws {
      _ = try model.measure(
        clean: clean, corrupted: [2, 9, 3], positive: positive, negative: negative, circuits: [], position: position,
        types: (types, types))
    }
    try measure([2, 8, 3], position: 0, types: [0, 1, 1])
    expectError(.badPrompt, ["token 0, 'pad_token_id'", "at position 1", "leave it out"]) { try measure([2, 0, 3]) }
    expectError(.badPrompt, ["2 token types for 3 tokens"]) { try measure([2, 8, 3], types: [0, 1]) }
    expectError(.badPrompt, ["token type 2 is unknown", "type_vocab_size"]) {
      try measure([2, 8, 3], types: [0, 2, 0])
    }
    expectError(.badPrompt, ["'position' is 1", "the first token"]) { try measure([2, 8, 3], position: 1) }
    expectError(.badPrompt, ["'position' is 7", "0 to 2"]) { try measure([2, 8, 3], position: 7) }
    expectError(.badAnswer, ["the negative answers are empty"]) { try measure([2, 8, 3], negative: []) }
    let masked = try EncoderModel.bertMasked.model()
    expectError(.badAnswer, ["see a whole text at once"]) {
      _ = try masked.measure(
        clean: [2, 70, 3], corrupted: [2, 70, 9], positive: [[5, 6]], negative: [[7]], circuits: [], position: 1)
    }
    expectError(.misaligned, ["decided at position 1", "at 2"]) {
      _ = try masked.measure(
        clean: [2, 70, 3], corrupted: [2, 9, 70], positive: [[5]], negative: [[7]], circuits: [], maskToken: 70)
    }
    expectError(.badPrompt, ["has 2 mask tokens (id 70)"]) {
      _ = try masked.measure(
        clean: [2, 70, 70], corrupted: [2, 9, 70], positive: [[5]], negative: [[7]], circuits: [], maskToken: 70)
    }
  }
}
