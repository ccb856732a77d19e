/// A family of models: how its `config.json` reads, and what its tensors are called. One file each, under `Families/`.
protocol ModelFamily {
  /// `model_type` in `config.json`.
  static var modelType: String { get }
  /// What stands before the names of all tensors but the head's, e.g. `model.`; absent when only the body was saved.
  static var prefix: String { get }
  /// Token embedding, without the prefix.
  static var embeddingName: String { get }
  /// Unembedding of a language model that does not share the token embedding.
  static var unembeddingName: String { get }
  /// Keys of `ModelConfiguration.computingKeys` that the family reads; a model that uses any other of them is refused.
  static var readKeys: Set<String> { get }
  /// The family's other keys in `config.json`, read or known to change nothing; one that is neither here nor common is said.
  static var ownKeys: Set<String> { get }
  /// What the names of its classes in `transformers` begin with, e.g. `Llama`.
  static var className: String { get }
  /// Its class of language models there.
  static var languageModelName: String { get }
  /// Whether its models are encoders: they end in a classifier or a masked language model, and tokens see those after them.
  static var isEncoder: Bool { get }
  /// Keys that in `transformers` stand for others of the family.
  static var aliases: [String: String] { get }
  /// The key of the number of layers.
  static var layersKey: String { get }
  /// What stands before a layer's number in names, without the prefix.
  static var layerPrefix: String { get }
  /// Whether a tensor that is not asked for is a buffer that `transformers` too computes anew.
  /// - Parameter name: without the prefix.
  static func isBuffer(_ name: String, shape: [Int]) -> Bool

  static func architecture(_ configuration: ModelConfiguration) throws -> Architecture
  static func weights(_ tensors: ModelTensors, _ architecture: Architecture) throws -> ModelWeights
}

extension ModelFamily {
  static var isEncoder: Bool { false }
  static var languageModelName: String { className + (isEncoder ? "ForMaskedLM" : "ForCausalLM") }
  static var aliases: [String: String] { [:] }
  static var layersKey: String { "num_hidden_layers" }
  static var layerPrefix: String { "layers." }
  static func isBuffer(_ name: String, shape: [Int]) -> Bool {
    shape.count == 1 && (name == "rotary_emb.inv_freq" || name.hasSuffix(".self_attn.rotary_emb.inv_freq"))
  }

  /// Whether a tensor is the mask of a causal attention, `[1, 1, n, n]`, or the number that it puts elsewhere.
  static func isMask(_ name: String, shape: [Int], attention: String) -> Bool {
    name.hasSuffix(".\(attention).bias") && shape.count == 4 && shape[..<2] == [1, 1] && shape[2] == shape[3]
      || name.hasSuffix(".\(attention).masked_bias") && (shape.isEmpty || shape == [1])
  }
}

/// The families that the engine runs.
enum ModelFamilies {
  static var all: [any ModelFamily.Type] {
    [
      GPT2.self, GPTNeoX.self, Llama.self, Mistral.self, Qwen2.self, Qwen3.self, Gemma2.self, Phi3.self,
      Bert.self, Roberta.self, XLMRoberta.self, Camembert.self, DistilBert.self, Electra.self, Albert.self, MPNet.self,
      DebertaV2.self, ModernBert.self,
    ]
  }

  /// The family of a `model_type`; nil if the engine runs none of that name.
  static func named(_ modelType: String) -> (any ModelFamily.Type)? { all.first { $0.modelType == modelType } }
}

/// Everything that a checkpoint's tensors give.
struct ModelWeights {
  var tokenEmbedding: FloatBuffer
  var positionEmbedding: FloatBuffer?
  var typeEmbedding: FloatBuffer?
  /// What the sum of the embeddings passes before the first layer.
  var embeddingSteps: [RowStep] = []
  var attentionBias: AttentionBias?
  var layers: [TransformerLayer]
  /// Nil where the layers norm the stream themselves.
  var finalNorm: Norm?
  var readout = Readout()
  var unembedding: FloatBuffer
  var classifier: Classifier?
}

/// What a `…ForSequenceClassification` model decides between.
struct Classifier: Sendable {
  /// Whether exactly one class holds, each by itself, or there is one number.
  var head = ModelHead.classifier
  /// Names of the classes, in the order of their logits.
  let labels: [String]
  /// The padding token: Hugging Face takes the last token that is not padding.
  let padding: Int?
}
