/// A loaded transformer, decoder or encoder, float32. Immutable, so that it can be shared between tasks.
public final class Transformer: Sendable {
  /// `model_type` of the configuration, e.g. `gpt2`.
  public let modelType: String
  let architecture: Architecture
  /// Token embeddings before their scale, `[vocabulary, inputWidth]`.
  let tokenEmbedding: FloatBuffer
  /// Learned position embeddings, `[positions, inputWidth]`; nil where positions are rotated or count in attention alone.
  let positionEmbedding: FloatBuffer?
  /// Embeddings of token types, `[types, inputWidth]`; nil where there are none.
  let typeEmbedding: FloatBuffer?
  /// What the sum of the embeddings passes before the first layer: a norm, a map to another width.
  let embeddingSteps: [RowStep]
  /// What attention scores have added by distance; nil: nothing.
  let attentionBias: AttentionBias?
  let layers: [TransformerLayer]
  /// Norm of the last layer's residual stream; nil where the layers norm the stream themselves.
  let finalNorm: Norm?
  /// Where the stream is read, and what stands between it and the unembedding.
  let readout: Readout
  /// W_U by token, `[vocabulary, featureWidth]`; the same buffer as `tokenEmbedding` when tied. Of a classifier: the score of each
  /// class, `[classes, featureWidth]`.
  let unembedding: FloatBuffer
  /// Columns of what the unembedding reads.
  let featureWidth: Int
  /// What a classifier decides between; nil for a language model.
  let classifier: Classifier?
  /// What batches must fit into.
  let memory: MemoryBudget
  /// What was computed so far.
  let meter = WorkMeter()

  init(
    modelType: String, architecture: Architecture, weights: ModelWeights,
    memory: MemoryBudget = MemoryBudget(total: nil)
  ) {
    self.modelType = modelType
    self.architecture = architecture
    tokenEmbedding = weights.tokenEmbedding
    positionEmbedding = weights.positionEmbedding
    typeEmbedding = weights.typeEmbedding
    embeddingSteps = weights.embeddingSteps
    attentionBias = weights.attentionBias
    layers = weights.layers
    finalNorm = weights.finalNorm
    readout = weights.readout
    featureWidth = weights.readout.steps.outputs(architecture.width)
    unembedding = weights.unembedding
    classifier = weights.classifier
    self.memory = memory
  }

  /// Layers of the model.
  public var layerCount: Int { architecture.layers }
  /// Heads per layer (query heads, where several share keys and values).
  public var headsPerLayer: Int { architecture.heads }
  /// Longest prompt in tokens.
  public var maximalLength: Int { architecture.positions }
  /// Tokens that the model knows.
  public var vocabularySize: Int { architecture.vocabulary }

  /// What the model decides between: tokens, or the classes of a classifier.
  public var decisionCount: Int { unembedding.count / featureWidth }

  /// Every head and MLP, by layer: the heads, then the MLP.
  public var nodes: [Node] {
    (0..<layerCount).flatMap { layer in
      (0..<headsPerLayer).map { Node.head(layer: layer, head: $0) } + [.mlp(layer: layer)]
    }
  }

  /// Loads the weights of an opened model folder.
  /// - Parameter memory: what weights and batches together may take.
  /// - Throws: as `ModelOutline` and its `load`.
  /// - Complexity: O(parameters) time and memory.
  public static func load(
    _ checkpoint: Checkpoint, memory: MemoryBudget = MemoryBudget(total: nil)
  ) throws -> Transformer {
    try ModelOutline(checkpoint, memory: memory).load()
  }
}
