/// Qwen 2 and 2.5 (Yang et al. 2024): Llama's layout with biases on q, k and v, and windows in the upper layers if asked for.
enum Qwen2: LlamaNames {
  static let modelType = "qwen2"
  static let className = "Qwen2"
  static let readKeys = LlamaLayout.readKeys.union(["layer_types"])
  static let ownKeys: Set<String> = ConfigurationKeys.llamaLayout.union([
    "max_window_layers", "sliding_window", "use_sliding_window",
  ])

  static func architecture(_ configuration: ModelConfiguration) throws -> Architecture {
    var architecture = try LlamaLayout.architecture(configuration, positions: 32_768, keyValueHeads: 32)
    architecture.attentionWindow = try windows(configuration, architecture.layers)
    return architecture
  }

  /// Layers from `max_window_layers` on slide if `use_sliding_window` says so, unless `layer_types` names them.
  static func windows(_ configuration: ModelConfiguration, _ layers: Int) throws -> [Int?] {
    let json = configuration.json
    let isUsed = try json.bool("use_sliding_window") ?? false
    let first = try json.integer("max_window_layers", in: 0...1024) ?? 28
    let window = isUsed ? try configuration.window(default: 4096) : nil
    return try configuration.windows(layers, isSliding: { $0 >= first }, window: { window })
  }

  static func weights(_ tensors: ModelTensors, _ architecture: Architecture) throws -> ModelWeights {
    try LlamaLayout.weights(tensors, architecture, .init(queryKeyValueBias: true))
  }
}
