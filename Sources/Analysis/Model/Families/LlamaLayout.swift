import Foundation

/// What Llama and the families that follow its layout share: RMS norms, rotation, shared keys and values, a gated MLP.
enum LlamaLayout {
  static let readKeys: Set<String> = ["head_dim", "rope_scaling", "rope_parameters"]

  /// (d)^−½ for each layer.
  static func attentionScale(_ dimension: Double, _ layers: Int) -> [Float] {
    Array(repeating: Float(pow(dimension, -0.5)), count: layers)
  }

  /// The shape by Llama's keys; scale by the head's width, no windows, all of a head turning.
  /// - Parameter positions: `max_position_embeddings` where the configuration does not say.
  static func architecture(
    _ configuration: ModelConfiguration, positions: Int, headWidth: Int? = nil, keyValueHeads: Int? = nil,
    activationKey: String = "hidden_act", activation: Activation = .silu, part: ModelConfiguration.RotaryPart? = nil
  ) throws -> Architecture {
    let json = configuration.json
    let layers = try configuration.size("num_hidden_layers", to: 1024)
    let heads = try configuration.size("num_attention_heads", to: 1024)
    let width = try configuration.size("hidden_size", to: 65536)
    let given = try headWidth.map { try json.integer("head_dim", in: 1...65536) ?? $0 }
    let headWidth = try given ?? configuration.headWidth(width, heads)
    return Architecture(
      layers: layers, heads: heads,
      keyValueHeads: try json.integer("num_key_value_heads", in: 1...1024) ?? keyValueHeads ?? heads,
      headWidth: headWidth, width: width, hidden: try configuration.size("intermediate_size"),
      positions: try json.integer("max_position_embeddings", in: 1...10_000_000) ?? positions,
      vocabulary: try configuration.size("vocab_size", to: 10_000_000),
      activation: try configuration.activation(activationKey, default: activation), isGated: true,
      attentionScale: attentionScale(Double(headWidth), layers),
      attentionWindow: Array(repeating: nil, count: layers),
      rotary: try configuration.rotary(headWidth: headWidth, part: part))
  }

  /// Which maps have biases, and norms beyond the two of every layer.
  struct Options {
    var queryKeyValueBias = false
    var outputBias = false
    var mlpBias = false
    var hasHeadNorms = false
    var tied = false
    var epsilon = 1e-6
  }

  /// Tensors by Llama's names.
  static func weights(
    _ tensors: ModelTensors, _ architecture: Architecture, _ options: Options
  ) throws -> ModelWeights {
    let (width, headWidth, hidden) = (architecture.width, architecture.headWidth, architecture.hidden)
    let epsilon = try tensors.configuration.positive("rms_norm_eps", default: options.epsilon)
    return try tensors.weights(
      architecture, finalNorm: tensors.rmsNorm("norm", width, epsilon), tied: options.tied
    ) { index in
      let name = "layers.\(index)."
      var layer = TransformerLayer(
        attentionNorm: try tensors.rmsNorm(name + "input_layernorm", width, epsilon),
        queryKeyValue: try queryKeyValue(tensors, architecture, name + "self_attn.", bias: options.queryKeyValueBias),
        output: try tensors.linear(
          name + "self_attn.o_proj", architecture.queryWidth, width, bias: options.outputBias),
        mlpNorm: try tensors.rmsNorm(name + "post_attention_layernorm", width, epsilon),
        mlpIn: try gateUp(tensors, architecture, name + "mlp.", bias: options.mlpBias),
        mlpOut: try tensors.linear(name + "mlp.down_proj", hidden, width, bias: options.mlpBias))
      if options.hasHeadNorms {
        layer.queryNorm = try tensors.rmsNorm(name + "self_attn.q_norm", headWidth, epsilon)
        layer.keyNorm = try tensors.rmsNorm(name + "self_attn.k_norm", headWidth, epsilon)
      }
      return layer
    }
  }

  /// q, k and v from three tensors.
  static func queryKeyValue(
    _ tensors: ModelTensors, _ architecture: Architecture, _ name: String, bias: Bool
  ) throws -> Linear {
    try tensors.linear(
      [
        .init(name: name + "q_proj", outputs: architecture.queryWidth),
        .init(name: name + "k_proj", outputs: architecture.keyValueWidth),
        .init(name: name + "v_proj", outputs: architecture.keyValueWidth),
      ], inputs: architecture.width, bias: bias)
  }

  /// Gate and up from two tensors.
  static func gateUp(
    _ tensors: ModelTensors, _ architecture: Architecture, _ name: String, bias: Bool
  ) throws -> Linear {
    try tensors.linear(
      [
        .init(name: name + "gate_proj", outputs: architecture.hidden),
        .init(name: name + "up_proj", outputs: architecture.hidden),
      ], inputs: architecture.width, bias: bias)
  }
}

/// A family whose tensors have Llama's names.
protocol LlamaNames: ModelFamily {}

extension LlamaNames {
  static var prefix: String { "model." }
  static var embeddingName: String { "embed_tokens.weight" }
  static var unembeddingName: String { "lm_head.weight" }
}
