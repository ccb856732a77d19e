/// Qwen 3 (Yang et al. 2025): Llama's layout with an RMS norm on every query and key head and a head width of its own.
enum Qwen3: LlamaNames {
  static let modelType = "qwen3"
  static let className = "Qwen3"
  static let readKeys = LlamaLayout.readKeys.union(["attention_bias", "layer_types"])
  static let ownKeys: Set<String> = ConfigurationKeys.llamaLayout.union([
    "max_window_layers", "sliding_window", "use_sliding_window",
  ])

  static func architecture(_ configuration: ModelConfiguration) throws -> Architecture {
    var architecture = try LlamaLayout.architecture(
      configuration, positions: 32_768, headWidth: 128, keyValueHeads: 32)
    architecture.attentionWindow = try Qwen2.windows(configuration, architecture.layers)
    return architecture
  }

  static func weights(_ tensors: ModelTensors, _ architecture: Architecture) throws -> ModelWeights {
    let bias = try tensors.configuration.json.bool("attention_bias") ?? false
    return try LlamaLayout.weights(
      tensors, architecture, .init(queryKeyValueBias: bias, outputBias: bias, hasHeadNorms: true))
  }
}
