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

  static func architecture(_ configuration: ModelConfiguration) throws -> Architecture
  static func weights(_ tensors: ModelTensors, _ architecture: Architecture) throws -> ModelWeights
}

/// The families that the engine runs.
enum ModelFamilies {
  static var all: [any ModelFamily.Type] {
    [GPT2.self, GPTNeoX.self, Llama.self, Mistral.self, Qwen2.self, Qwen3.self, Gemma2.self, Phi3.self]
  }
}

/// Everything that a checkpoint's tensors give.
struct ModelWeights {
  var tokenEmbedding: FloatBuffer
  var positionEmbedding: FloatBuffer?
  var layers: [TransformerLayer]
  var finalNorm: Norm
  var unembedding: FloatBuffer
  var classifier: Classifier?
}

/// What a `…ForSequenceClassification` model decides between.
struct Classifier: Sendable {
  /// Names of the classes, in the order of their logits.
  let labels: [String]
  /// The padding token: Hugging Face takes the last token that is not padding.
  let padding: Int?
}
