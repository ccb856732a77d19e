/// Gemma 2 (Gemma Team 2024): scaled embeddings, norms before and after attention and MLP with gain 1 + w, capped scores and
/// logits, windows in every other layer.
enum Gemma2: LlamaNames {
  static let modelType = "gemma2"
  static let className = "Gemma2"
  static let readKeys = LlamaLayout.readKeys.union([
    "attention_bias", "attn_logit_softcapping", "final_logit_softcapping", "layer_types", "query_pre_attn_scalar",
  ])
  static let ownKeys: Set<String> = ConfigurationKeys.llamaLayout.union(["hidden_activation", "sliding_window"])

  static func architecture(_ configuration: ModelConfiguration) throws -> Architecture {
    var architecture = try LlamaLayout.architecture(
      configuration, positions: 8192, headWidth: 256, keyValueHeads: 4, activationKey: "hidden_activation",
      activation: .geluTanh)
    if let act = try configuration.json.string("hidden_act"), act != architecture.activation.rawValue {
      throw configuration.json.failure(
        "hidden_act",
        "is '\(act)', but the model computes with '\(architecture.activation.rawValue)' (hidden_activation); keep that one"
      )
    }
    let scalar = try configuration.positive("query_pre_attn_scalar", default: 256)
    architecture.attentionScale = LlamaLayout.attentionScale(scalar, architecture.layers)
    architecture.attentionWindow = try configuration.windows(
      architecture.layers, isSliding: { $0 % 2 == 0 },
      window: { try configuration.window(default: 4096) })
    architecture.attentionCap = try configuration.optionalPositive("attn_logit_softcapping", default: 50).map {
      Float($0)
    }
    architecture.logitCap = try configuration.optionalPositive("final_logit_softcapping", default: 30).map { Float($0) }
    // Rounded to the type of the activations, as Hugging Face does.
    architecture.embeddingScale = Float(Double(architecture.width).squareRoot())
    return architecture
  }

  static func weights(_ tensors: ModelTensors, _ architecture: Architecture) throws -> ModelWeights {
    let (width, hidden) = (architecture.width, architecture.hidden)
    let epsilon = try tensors.configuration.positive("rms_norm_eps", default: 1e-6)
    let bias = try tensors.configuration.json.bool("attention_bias") ?? false
    func norm(_ name: String) throws -> Norm { try tensors.rmsNorm(name, width, epsilon, offset: 1) }
    return try tensors.weights(architecture, finalNorm: norm("norm"), tied: true) { index in
      let name = "layers.\(index)."
      return TransformerLayer(
        attentionNorm: try norm(name + "input_layernorm"),
        queryKeyValue: try LlamaLayout.queryKeyValue(tensors, architecture, name + "self_attn.", bias: bias),
        output: try tensors.linear(name + "self_attn.o_proj", architecture.queryWidth, width, bias: bias),
        attentionPostNorm: try norm(name + "post_attention_layernorm"),
        mlpNorm: try norm(name + "pre_feedforward_layernorm"),
        mlpIn: try LlamaLayout.gateUp(tensors, architecture, name + "mlp.", bias: false),
        mlpOut: try tensors.linear(name + "mlp.down_proj", hidden, width, bias: false),
        mlpPostNorm: try norm(name + "post_feedforward_layernorm"))
    }
  }
}
