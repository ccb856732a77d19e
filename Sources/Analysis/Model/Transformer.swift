/// One layer's weights: pre-norm attention and pre-norm MLP, each added to the residual stream.
struct TransformerLayer: Sendable {
  let attentionNorm: LayerNorm
  /// `[width]` → q, k, v side by side, `[3·width]`, each by head.
  let queryKeyValue: Linear
  /// z of all heads, `[width]` → `[width]`.
  let output: Linear
  let mlpNorm: LayerNorm
  /// `[width]` → `[hidden]`.
  let mlpIn: Linear
  /// `[hidden]` → `[width]`.
  let mlpOut: Linear
}

/// A loaded decoder-only transformer, float32. Immutable, so that it can be shared between tasks.
public final class Transformer: Sendable {
  /// `model_type` of the configuration, e.g. `gpt2`.
  public let modelType: String
  let architecture: Architecture
  /// Token embeddings, `[vocabulary, width]`.
  let tokenEmbedding: FloatBuffer
  /// Learned position embeddings, `[positions, width]`.
  let positionEmbedding: FloatBuffer
  let layers: [TransformerLayer]
  let finalNorm: LayerNorm
  /// W_U by token, `[vocabulary, width]`; the same buffer as `tokenEmbedding` when tied.
  let unembedding: FloatBuffer

  init(
    modelType: String, architecture: Architecture, tokenEmbedding: FloatBuffer, positionEmbedding: FloatBuffer,
    layers: [TransformerLayer], finalNorm: LayerNorm, unembedding: FloatBuffer
  ) {
    self.modelType = modelType
    self.architecture = architecture
    self.tokenEmbedding = tokenEmbedding
    self.positionEmbedding = positionEmbedding
    self.layers = layers
    self.finalNorm = finalNorm
    self.unembedding = unembedding
  }

  /// Layers of the model.
  public var layerCount: Int { architecture.layers }
  /// Heads per layer.
  public var headsPerLayer: Int { architecture.heads }
  /// Longest prompt in tokens.
  public var contextLength: Int { architecture.positions }
  /// Tokens that the model knows.
  public var vocabularySize: Int { architecture.vocabulary }

  /// Every head and MLP, by layer: the heads, then the MLP.
  public var nodes: [Node] {
    (0..<layerCount).flatMap { layer in
      (0..<headsPerLayer).map { Node.head(layer: layer, head: $0) } + [.mlp(layer: layer)]
    }
  }

  /// Loads the weights of an opened model folder.
  /// - Throws: `AnalysisError.unsupportedArchitecture`, or what is wrong with the configuration or a tensor.
  /// - Complexity: O(parameters) time and memory.
  public static func load(_ checkpoint: Checkpoint) throws -> Transformer {
    switch checkpoint.modelType {
    case "gpt2": return try GPT2.load(checkpoint)
    default:
      throw AnalysisError(
        .unsupportedArchitecture,
        "\(checkpoint.configuration.file): model_type '\(checkpoint.modelType)' is not supported; the engine runs: gpt2"
      )
    }
  }
}
