/// Phi-3 (Abdin et al. 2024): Llama's computation with q/k/v in one tensor and gate and up in one.
enum Phi3: LlamaNames {
  static let modelType = "phi3"
  static let className = "Phi3"
  static let readKeys = LlamaLayout.readKeys.union(["partial_rotary_factor"])
  static let ownKeys: Set<String> = ConfigurationKeys.llamaLayout.union([
    "original_max_position_embeddings", "sliding_window",
  ])

  static func architecture(_ configuration: ModelConfiguration) throws -> Architecture {
    var architecture = try LlamaLayout.architecture(
      configuration, positions: 4096,
      part: .init(key: "partial_rotary_factor", standard: 1))
    let window = try configuration.window(default: nil)
    architecture.attentionWindow = Array(repeating: window, count: architecture.layers)
    return architecture
  }

  static func weights(_ tensors: ModelTensors, _ architecture: Architecture) throws -> ModelWeights {
    let (width, hidden) = (architecture.width, architecture.hidden)
    let epsilon = try tensors.configuration.positive("rms_norm_eps", default: 1e-5)
    return try tensors.weights(
      architecture, finalNorm: tensors.rmsNorm("norm", width, epsilon), tied: false
    ) { index in
      let name = "layers.\(index)."
      return TransformerLayer(
        attentionNorm: try tensors.rmsNorm(name + "input_layernorm", width, epsilon),
        queryKeyValue: try tensors.linear(
          name + "self_attn.qkv_proj", width, architecture.projectionWidth, bias: false),
        output: try tensors.linear(name + "self_attn.o_proj", architecture.queryWidth, width, bias: false),
        mlpNorm: try tensors.rmsNorm(name + "post_attention_layernorm", width, epsilon),
        mlpIn: try tensors.linear(name + "mlp.gate_up_proj", width, 2 * hidden, bias: false),
        mlpOut: try tensors.linear(name + "mlp.down_proj", hidden, width, bias: false))
    }
  }
}
