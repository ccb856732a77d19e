/// The GPT-2 family (Radford et al. 2019), as Hugging Face lays it out: learned positions, pre-layer-norm, q/k/v fused,
/// weights stored `[inputs, outputs]`.
enum GPT2 {
  static func load(_ checkpoint: Checkpoint) throws -> Transformer {
    let architecture = try self.architecture(checkpoint.configuration)
    let epsilon = Float(try checkpoint.configuration.number("layer_norm_epsilon") ?? 1e-5)
    guard epsilon > 0, epsilon.isFinite else {
      throw checkpoint.configuration.failure("layer_norm_epsilon", "is \(epsilon); it must be a positive number")
    }
    let weights = Weights(checkpoint: checkpoint)
    let width = architecture.width
    let layers = try (0..<architecture.layers).map { layer in
      let name = "h.\(layer)."
      return TransformerLayer(
        attentionNorm: try weights.norm(name + "ln_1", width, epsilon),
        queryKeyValue: try weights.linear(name + "attn.c_attn", width, 3 * width),
        output: try weights.linear(name + "attn.c_proj", width, width),
        mlpNorm: try weights.norm(name + "ln_2", width, epsilon),
        mlpIn: try weights.linear(name + "mlp.c_fc", width, architecture.hidden),
        mlpOut: try weights.linear(name + "mlp.c_proj", architecture.hidden, width))
    }
    let embedding = try weights.floats("wte.weight", [architecture.vocabulary, width])
    let tied = try checkpoint.configuration.bool("tie_word_embeddings") ?? true
    return Transformer(
      modelType: checkpoint.modelType, architecture: architecture, tokenEmbedding: embedding,
      positionEmbedding: try weights.floats("wpe.weight", [architecture.positions, width]), layers: layers,
      finalNorm: try weights.norm("ln_f", width, epsilon),
      unembedding: tied
        ? embedding : try checkpoint.tensor("lm_head.weight", shape: [architecture.vocabulary, width]).floats())
  }

  private static func architecture(_ configuration: ModelJSONObject) throws -> Architecture {
    let layers = try configuration.requiredInteger("n_layer", in: 1...1024)
    let heads = try configuration.requiredInteger("n_head", in: 1...1024)
    let width = try configuration.requiredInteger("n_embd", in: 1...65536)
    guard width % heads == 0 else {
      throw configuration.failure("n_embd", "is \(width), which n_head (\(heads)) does not divide")
    }
    let name = try configuration.string("activation_function") ?? Activation.geluNew.rawValue
    guard let activation = Activation(rawValue: name) else {
      let known = Activation.allCases.map(\.rawValue).joined(separator: ", ")
      throw configuration.failure("activation_function", "is '\(name)'; the engine knows \(known)")
    }
    if try configuration.bool("add_cross_attention") == true {
      throw configuration.failure("add_cross_attention", "is true; the engine runs decoder-only models")
    }
    let scaled = try configuration.bool("scale_attn_weights") ?? true
    let byLayer = try configuration.bool("scale_attn_by_inverse_layer_idx") ?? false
    return Architecture(
      layers: layers, heads: heads, width: width,
      hidden: try configuration.integer("n_inner", in: 1...1_048_576) ?? 4 * width,
      positions: try configuration.integer("n_positions", in: 1...1_048_576) ?? 1024,
      vocabulary: try configuration.requiredInteger("vocab_size", in: 1...10_000_000), activation: activation,
      attentionScale: (0..<layers).map { layer in
        (scaled ? 1 / Float(width / heads).squareRoot() : 1) / (byLayer ? Float(layer + 1) : 1)
      })
  }

  /// Tensors by their GPT-2 names, with or without the `transformer.` that a language-model head puts before them.
  private struct Weights {
    let checkpoint: Checkpoint
    let prefix: String

    init(checkpoint: Checkpoint) {
      self.checkpoint = checkpoint
      prefix = checkpoint.tensors["wte.weight"] == nil ? "transformer." : ""
    }

    func floats(_ name: String, _ shape: [Int]) throws -> FloatBuffer {
      try checkpoint.tensor(prefix + name, shape: shape).floats()
    }

    func norm(_ name: String, _ width: Int, _ epsilon: Float) throws -> LayerNorm {
      LayerNorm(
        weight: try floats(name + ".weight", [width]), bias: try floats(name + ".bias", [width]), epsilon: epsilon)
    }

    func linear(_ name: String, _ inputs: Int, _ outputs: Int) throws -> Linear {
      Linear(
        weight: try floats(name + ".weight", [inputs, outputs]), bias: try floats(name + ".bias", [outputs]),
        inputs: inputs, outputs: outputs, transposedInFile: false)
    }
  }
}
