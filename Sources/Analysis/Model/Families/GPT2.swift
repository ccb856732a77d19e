/// The GPT-2 family (Radford et al. 2019), as Hugging Face lays it out: learned positions, pre-layer-norm, q/k/v fused,
/// weights stored `[inputs, outputs]`.
enum GPT2: ModelFamily {
  static let modelType = "gpt2"
  static let className = "GPT2"
  static let languageModelName = "GPT2LMHeadModel"
  static let prefix = "transformer."
  static let embeddingName = "wte.weight"
  static let unembeddingName = "lm_head.weight"
  static let readKeys: Set<String> = ["scale_attn_by_inverse_layer_idx"]
  static let ownKeys: Set<String> = [
    "activation_function", "attn_pdrop", "layer_norm_epsilon", "n_ctx", "n_embd", "n_head", "n_inner", "n_layer",
    "n_positions",
    "reorder_and_upcast_attn", "scale_attn_weights", "summary_activation", "summary_first_dropout",
    "summary_proj_to_labels", "summary_type", "summary_use_proj",
  ]
  static let aliases = [
    "hidden_size": "n_embd", "max_position_embeddings": "n_positions", "num_attention_heads": "n_head",
    "num_hidden_layers": "n_layer",
  ]
  static let layersKey = "n_layer"
  static let layerPrefix = "h."

  static func isBuffer(_ name: String, shape: [Int]) -> Bool { isMask(name, shape: shape, attention: "attn") }

  static func architecture(_ configuration: ModelConfiguration) throws -> Architecture {
    let json = configuration.json
    let layers = try configuration.size("n_layer", to: 1024)
    let heads = try configuration.size("n_head", to: 1024)
    let width = try configuration.size("n_embd", to: 65536)
    guard width % heads == 0 else {
      throw json.failure("n_embd", "is \(width), which n_head (\(heads)) does not divide")
    }
    let scaled = try json.bool("scale_attn_weights") ?? true
    let byLayer = try json.bool("scale_attn_by_inverse_layer_idx") ?? false
    return Architecture(
      layers: layers, heads: heads, keyValueHeads: heads, headWidth: width / heads, width: width,
      hidden: try json.integer("n_inner", in: 1...1_048_576) ?? 4 * width,
      positions: try json.integer("n_positions", in: 1...1_048_576) ?? 1024,
      vocabulary: try configuration.size("vocab_size", to: 10_000_000),
      activation: try configuration.activation("activation_function", default: .geluNew),
      attentionScale: (0..<layers).map { layer in
        (scaled ? 1 / Float(width / heads).squareRoot() : 1) / (byLayer ? Float(layer + 1) : 1)
      }, attentionWindow: Array(repeating: nil, count: layers))
  }

  static func weights(_ tensors: ModelTensors, _ architecture: Architecture) throws -> ModelWeights {
    let width = architecture.width
    let epsilon = try tensors.configuration.positive("layer_norm_epsilon", default: 1e-5)
    return try tensors.weights(
      architecture, finalNorm: tensors.layerNorm("ln_f", width, epsilon),
      positionEmbedding: tensors.floats("wpe.weight", [architecture.positions, width]), tied: true
    ) { layer in
      let name = "h.\(layer)."
      return TransformerLayer(
        attentionNorm: try tensors.layerNorm(name + "ln_1", width, epsilon),
        queryKeyValue: try tensors.convolution(name + "attn.c_attn", width, 3 * width),
        output: try tensors.convolution(name + "attn.c_proj", width, width),
        mlpNorm: try tensors.layerNorm(name + "ln_2", width, epsilon),
        mlpIn: try tensors.convolution(name + "mlp.c_fc", width, architecture.hidden),
        mlpOut: try tensors.convolution(name + "mlp.c_proj", architecture.hidden, width))
    }
  }
}
