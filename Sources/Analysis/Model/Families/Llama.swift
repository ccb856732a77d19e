/// Llama 1 to 3 (Touvron et al. 2023; Grattafiori et al. 2024).
enum Llama: LlamaNames {
  static let modelType = "llama"
  static let className = "Llama"
  static let readKeys = LlamaLayout.readKeys.union(["attention_bias", "mlp_bias"])
  static let ownKeys: Set<String> = ConfigurationKeys.llamaLayout

  static func architecture(_ configuration: ModelConfiguration) throws -> Architecture {
    try LlamaLayout.architecture(configuration, positions: 2048)
  }

  static func weights(_ tensors: ModelTensors, _ architecture: Architecture) throws -> ModelWeights {
    let json = tensors.configuration.json
    let attentionBias = try json.bool("attention_bias") ?? false
    return try LlamaLayout.weights(
      tensors, architecture,
      .init(
        queryKeyValueBias: attentionBias, outputBias: attentionBias, mlpBias: try json.bool("mlp_bias") ?? false))
  }
}
