/// ModernBERT (Warner et al. 2024): norms before attention and MLP, positions rotated, most layers with a window, a gated MLP; classifiers
/// read the first token or the mean of all.
enum ModernBert: ModelFamily {
  static let modelType = "modernbert"
  static let className = "ModernBert"
  static let isEncoder = true
  static let prefix = "model."
  static let embeddingName = "embeddings.tok_embeddings.weight"
  static let unembeddingName = "decoder.weight"
  static let readKeys: Set<String> = ["attention_bias", "is_causal", "layer_types", "mlp_bias", "rope_parameters"]
  static let ownKeys: Set<String> = [
    "classifier_activation", "classifier_bias", "classifier_pooling", "cls_token_id", "decoder_bias",
    "deterministic_flash_attn",
    "embedding_dropout", "global_attn_every_n_layers", "global_rope_theta", "hidden_activation", "hidden_size",
    "initializer_cutoff_factor", "intermediate_size", "local_attention", "local_rope_theta", "max_position_embeddings",
    "mlp_dropout", "norm_bias", "norm_eps", "num_attention_heads", "num_hidden_layers", "reference_compile",
    "repad_logits_with_grad", "sparse_pred_ignore_index", "sparse_prediction",
  ]

  static func architecture(_ configuration: ModelConfiguration) throws -> Architecture {
    let json = configuration.json
    try BertLayout.checkBothWays(json)
    let layers = try configuration.size("num_hidden_layers", to: 1024)
    let heads = try configuration.size("num_attention_heads", to: 1024)
    let width = try configuration.size("hidden_size", to: 65536)
    let headWidth = try BertLayout.divide(width, by: heads, json, "hidden_size", "num_attention_heads")
    guard headWidth % 2 == 0 else {
      throw json.failure(
        "hidden_size", "is \(width): heads of \(headWidth) values, and a head must have an even number of them to turn")
    }
    return Architecture(
      layers: layers, heads: heads, keyValueHeads: heads, headWidth: headWidth, width: width,
      hidden: try configuration.size("intermediate_size"),
      positions: try json.integer("max_position_embeddings", in: 1...10_000_000) ?? 8192,
      vocabulary: try configuration.size("vocab_size", to: 10_000_000),
      activation: try configuration.activation("hidden_activation", default: .gelu), isGated: true,
      attentionScale: LlamaLayout.attentionScale(Double(headWidth), layers),
      attentionWindow: try windows(configuration, layers), looksBothWays: true,
      rotary: try rotary(configuration, "full_attention", "global_rope_theta", 160_000, headWidth),
      windowedRotary: try rotary(configuration, "sliding_attention", "local_rope_theta", 10_000, headWidth),
      padding: try BertLayout.paddingToken(json, default: 50283))
  }

  /// What a token sees on each side in each layer: in every n-th all, in the others half of `local_attention`.
  private static func windows(_ configuration: ModelConfiguration, _ layers: Int) throws -> [Int?] {
    let json = configuration.json
    let every = try json.integer("global_attn_every_n_layers", in: 1...1_000_000) ?? 3
    let windows = try configuration.windows(layers, isSliding: { $0 % every != 0 }) {
      (try json.integer("local_attention", in: 1...1_000_000_000) ?? 128) / 2 + 1
    }
    // transformers 4 goes by the one key, transformers 5 by the other.
    if try json.integer("global_attn_every_n_layers", in: 1...1_000_000) != nil,
      windows.enumerated().contains(where: { ($0.element == nil) != ($0.offset % every == 0) })
    {
      throw json.failure(
        "layer_types",
        "says otherwise than 'global_attn_every_n_layers: \(every)' which layers see all tokens; keep the one that the model was trained with"
      )
    }
    return windows
  }

  /// The rotation of one type of layer: a base of its own, or as transformers 5 writes it, in `rope_parameters` by type.
  private static func rotary(
    _ configuration: ModelConfiguration, _ type: String, _ key: String, _ standard: Double, _ headWidth: Int
  ) throws -> Rotary {
    let json = configuration.json
    let own = try json.number(key) == nil ? nil : try configuration.positive(key, default: standard)
    var theta = own ?? standard
    if let described = try json.object("rope_parameters")?.object(type) {
      let kind = try described.string("rope_type") ?? "default"
      guard kind == "default" else {
        throw described.failure(
          "rope_type", "is '\(kind)'; of this model_type the engine knows 'default': use another model")
      }
      let inside = try ModelConfiguration(described).positive("rope_theta", default: theta)
      guard own == nil || own == inside else {
        throw json.failure(key, "is \(theta), but 'rope_parameters: \(type)' says \(inside); keep one")
      }
      theta = inside
    }
    return Rotary(frequencies: Rotary.frequencies(base: theta, dimensions: headWidth))
  }

  static func weights(_ tensors: ModelTensors, _ architecture: Architecture) throws -> ModelWeights {
    let (width, json) = (architecture.width, tensors.configuration.json)
    let ends = ModelTensors.EncoderEnds(
      embeddingSteps: [.norm(try norm(tensors, "embeddings.norm", width))],
      finalNorm: try norm(tensors, "final_norm", width))
    let activation = try tensors.configuration.activation("classifier_activation", default: .gelu)
    func head() throws -> [RowStep] {
      let bias = try json.bool("classifier_bias") ?? false
      return [
        .linear(try tensors.outside.linear("head.dense", width, width, bias: bias)), .activation(activation),
        .norm(try norm(tensors.outside, "head.norm", width)),
      ]
    }
    return try tensors.encoder(
      architecture, ends,
      classifier: { .init(place: try place(json), steps: try head(), bias: "classifier.bias") },
      masked: { .init(steps: try head(), bias: try json.bool("decoder_bias") ?? true ? "decoder.bias" : nil) }
    ) { try layer(tensors, architecture, $0) }
  }

  private static func norm(_ tensors: ModelTensors, _ name: String, _ width: Int) throws -> Norm {
    let (configuration, json) = (tensors.configuration, tensors.configuration.json)
    return try tensors.layerNorm(
      name, width, configuration.positive("norm_eps", default: 1e-5), bias: json.bool("norm_bias") ?? false)
  }

  private static func place(_ json: ModelJSONObject) throws -> Readout.Place {
    let pooling = try json.string("classifier_pooling") ?? "cls"
    switch pooling {
    case "cls": return .first
    case "mean": return .mean
    default: throw json.failure("classifier_pooling", "is '\(pooling)', which transformers does not know: cls or mean")
    }
  }

  private static func layer(
    _ tensors: ModelTensors, _ architecture: Architecture, _ index: Int
  ) throws -> TransformerLayer {
    let (name, width, json) = ("layers.\(index).", architecture.width, tensors.configuration.json)
    let attentionBias = try json.bool("attention_bias") ?? false
    let mlpBias = try json.bool("mlp_bias") ?? false
    return TransformerLayer(
      // The first layer reads the embeddings, which are normed already.
      attentionNorm: index == 0 ? nil : try norm(tensors, name + "attn_norm", width),
      queryKeyValue: try tensors.linear(name + "attn.Wqkv", width, 3 * width, bias: attentionBias),
      output: try tensors.linear(name + "attn.Wo", width, width, bias: attentionBias),
      mlpNorm: try norm(tensors, name + "mlp_norm", width),
      mlpIn: try tensors.linear(name + "mlp.Wi", width, 2 * architecture.hidden, bias: mlpBias),
      mlpOut: try tensors.linear(name + "mlp.Wo", architecture.hidden, width, bias: mlpBias))
  }
}
