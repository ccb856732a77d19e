/// DistilBERT (Sanh et al. 2019): half of BERT's layers under names of its own, no token types, a classifier with ReLU.
enum DistilBert: ModelFamily {
  static let modelType = "distilbert"
  static let className = "DistilBert"
  static let isEncoder = true
  static let prefix = "distilbert."
  static let embeddingName = "embeddings.word_embeddings.weight"
  static let unembeddingName = "vocab_projector.weight"
  static let layersKey = "n_layers"
  static let layerPrefix = "transformer.layer."
  static let readKeys = BertLayout.readKeys
  static let ownKeys: Set<String> = [
    "activation", "dim", "dropout", "hidden_dim", "max_position_embeddings", "n_heads", "n_layers", "qa_dropout",
    "seq_classif_dropout", "sinusoidal_pos_embds", "tie_weights_",
  ]
  static let aliases = ["hidden_size": "dim", "num_attention_heads": "n_heads", "num_hidden_layers": "n_layers"]
  /// Fixed in `transformers`.
  private static let epsilon = 1e-12

  static func isBuffer(_ name: String, shape: [Int]) -> Bool { BertLayout.isBuffer(name, shape: shape) }

  static func architecture(_ configuration: ModelConfiguration) throws -> Architecture {
    let json = configuration.json
    try BertLayout.checkBothWays(json)
    let layers = try configuration.size("n_layers", to: 1024)
    let heads = try configuration.size("n_heads", to: 1024)
    let width = try configuration.size("dim", to: 65536)
    let headWidth = try BertLayout.divide(width, by: heads, json, "dim", "n_heads")
    return Architecture(
      layers: layers, heads: heads, keyValueHeads: heads, headWidth: headWidth, width: width,
      hidden: try configuration.size("hidden_dim"),
      positions: try json.integer("max_position_embeddings", in: 1...1_048_576) ?? 512,
      vocabulary: try configuration.size("vocab_size", to: 10_000_000),
      activation: try configuration.activation("activation", default: .gelu),
      attentionScale: LlamaLayout.attentionScale(Double(headWidth), layers),
      attentionWindow: Array(repeating: nil, count: layers), looksBothWays: true,
      padding: try BertLayout.paddingToken(json, default: 0))
  }

  static func weights(_ tensors: ModelTensors, _ architecture: Architecture) throws -> ModelWeights {
    let width = architecture.width
    let ends = ModelTensors.EncoderEnds(
      positionEmbedding: try tensors.floats(
        "embeddings.position_embeddings.weight", [architecture.positions, width]),
      embeddingSteps: [.norm(try tensors.layerNorm("embeddings.LayerNorm", width, epsilon))])
    return try tensors.encoder(
      architecture, ends,
      classifier: {
        .init(
          steps: [.linear(try tensors.outside.linear("pre_classifier", width, width, bias: true)), .activation(.relu)],
          bias: "classifier.bias")
      },
      masked: {
        .init(
          steps: try BertLayout.transform(
            tensors, "vocab_transform", "vocab_layer_norm", width, width, architecture.activation, epsilon),
          bias: "vocab_projector.bias")
      }
    ) { try layer(tensors, architecture, $0) }
  }

  private static func layer(
    _ tensors: ModelTensors, _ architecture: Architecture, _ index: Int
  ) throws -> TransformerLayer {
    let (name, width) = ("transformer.layer.\(index).", architecture.width)
    var layer = TransformerLayer(
      queryKeyValue: try tensors.linear(
        ["q_lin", "k_lin", "v_lin"].map { .init(name: name + "attention.\($0)", outputs: width) }, inputs: width,
        bias: true),
      output: try tensors.linear(name + "attention.out_lin", width, width, bias: true),
      mlpIn: try tensors.linear(name + "ffn.lin1", width, architecture.hidden, bias: true),
      mlpOut: try tensors.linear(name + "ffn.lin2", architecture.hidden, width, bias: true))
    layer.attentionSumNorm = try tensors.layerNorm(name + "sa_layer_norm", width, epsilon)
    layer.mlpSumNorm = try tensors.layerNorm(name + "output_layer_norm", width, epsilon)
    return layer
  }
}
