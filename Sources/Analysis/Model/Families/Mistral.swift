/// Mistral (Jiang et al. 2023): Llama's layout with a sliding window in every layer.
enum Mistral: LlamaNames {
  static let modelType = "mistral"
  static let className = "Mistral"
  static let readKeys = LlamaLayout.readKeys
  static let ownKeys: Set<String> = ConfigurationKeys.llamaLayout.union(["sliding_window"])

  static func architecture(_ configuration: ModelConfiguration) throws -> Architecture {
    var architecture = try LlamaLayout.architecture(configuration, positions: 131_072, keyValueHeads: 8)
    let window = try configuration.window(default: 4096)
    architecture.attentionWindow = Array(repeating: window, count: architecture.layers)
    return architecture
  }

  static func weights(_ tensors: ModelTensors, _ architecture: Architecture) throws -> ModelWeights {
    try LlamaLayout.weights(tensors, architecture, .init())
  }
}
