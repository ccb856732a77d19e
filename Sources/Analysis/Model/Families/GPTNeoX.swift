/// The GPT-NeoX family (Black et al. 2022; Pythia, Biderman et al. 2023): attention and MLP side by side or one after the
/// other, rotation of a part of each head, q/k/v fused head by head.
enum GPTNeoX: ModelFamily {
  static let modelType = "gpt_neox"
  static let className = "GPTNeoX"
  static let prefix = "gpt_neox."
  static let embeddingName = "embed_in.weight"
  static let unembeddingName = "embed_out.weight"
  static let readKeys: Set<String> = ["attention_bias", "rope_scaling", "rope_parameters", "partial_rotary_factor"]
  static let ownKeys: Set<String> = [
    "hidden_act", "hidden_size", "intermediate_size", "layer_norm_eps", "max_position_embeddings",
    "num_attention_heads",
    "num_hidden_layers", "rope_theta", "rotary_emb_base", "rotary_pct", "use_parallel_residual",
  ]

  static func isBuffer(_ name: String, shape: [Int]) -> Bool {
    isMask(name, shape: shape, attention: "attention")
      || shape.count == 1 && name.hasSuffix(".attention.rotary_emb.inv_freq")
  }

  static func architecture(_ configuration: ModelConfiguration) throws -> Architecture {
    let json = configuration.json
    let layers = try configuration.size("num_hidden_layers", to: 1024)
    let heads = try configuration.size("num_attention_heads", to: 1024)
    let width = try configuration.size("hidden_size", to: 65536)
    guard width % heads == 0 else {
      throw json.failure("hidden_size", "is \(width), which num_attention_heads (\(heads)) does not divide")
    }
    return Architecture(
      layers: layers, heads: heads, keyValueHeads: heads, headWidth: width / heads, width: width,
      hidden: try configuration.size("intermediate_size"),
      positions: try json.integer("max_position_embeddings", in: 1...10_000_000) ?? 2048,
      vocabulary: try configuration.size("vocab_size", to: 10_000_000),
      activation: try configuration.activation("hidden_act", default: .gelu),
      isParallel: try json.bool("use_parallel_residual") ?? true,
      attentionScale: LlamaLayout.attentionScale(Double(width / heads), layers),
      attentionWindow: Array(repeating: nil, count: layers),
      rotary: try configuration.rotary(
        headWidth: width / heads, part: .init(key: "rotary_pct", standard: 0.25), thetaKey: "rotary_emb_base"))
  }

  static func weights(_ tensors: ModelTensors, _ architecture: Architecture) throws -> ModelWeights {
    let (width, headWidth) = (architecture.width, architecture.headWidth)
    let epsilon = try tensors.configuration.positive("layer_norm_eps", default: 1e-5)
    let bias = try tensors.configuration.json.bool("attention_bias") ?? true
    // The file has each head's q, k and v together; the engine has all q, all k, all v.
    let order = (0..<3).flatMap { part in
      (0..<architecture.heads).flatMap { head in (0..<headWidth).map { (3 * head + part) * headWidth + $0 } }
    }
    return try tensors.weights(
      architecture, finalNorm: tensors.layerNorm("final_layer_norm", width, epsilon), tied: false
    ) { layer in
      let name = "layers.\(layer)."
      return TransformerLayer(
        attentionNorm: try tensors.layerNorm(name + "input_layernorm", width, epsilon),
        queryKeyValue: try tensors.linear(
          [.init(name: name + "attention.query_key_value", outputs: 3 * width)], inputs: width, bias: bias, order: order
        ),
        output: try tensors.linear(name + "attention.dense", width, width, bias: bias),
        mlpNorm: try tensors.layerNorm(name + "post_attention_layernorm", width, epsilon),
        mlpIn: try tensors.linear(name + "mlp.dense_h_to_4h", width, architecture.hidden, bias: true),
        mlpOut: try tensors.linear(name + "mlp.dense_4h_to_h", architecture.hidden, width, bias: true))
    }
  }
}
