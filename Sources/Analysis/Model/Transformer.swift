/// A loaded decoder-only transformer, float32. Immutable, so that it can be shared between tasks.
public final class Transformer: Sendable {
  /// `model_type` of the configuration, e.g. `gpt2`.
  public let modelType: String
  let architecture: Architecture
  /// Token embeddings before their scale, `[vocabulary, width]`.
  let tokenEmbedding: FloatBuffer
  /// Learned position embeddings, `[positions, width]`; nil where positions are rotated.
  let positionEmbedding: FloatBuffer?
  let layers: [TransformerLayer]
  let finalNorm: Norm
  /// W_U by token, `[vocabulary, width]`; the same buffer as `tokenEmbedding` when tied. Of a classifier: the score of each
  /// class, `[classes, width]`.
  let unembedding: FloatBuffer
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
    layers = weights.layers
    finalNorm = weights.finalNorm
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
  public var decisionCount: Int { unembedding.count / architecture.width }

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
