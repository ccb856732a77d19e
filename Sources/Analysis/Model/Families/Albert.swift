/// ALBERT (Lan et al. 2020): BERT's layers with the weights of a few groups used again and again, over narrow embeddings. Layers that
/// share weights are different nodes.
enum Albert: ModelFamily {
  static let modelType = "albert"
  static let className = "Albert"
  static let isEncoder = true
  static let prefix = "albert."
  static let embeddingName = "embeddings.word_embeddings.weight"
  static let unembeddingName = "predictions.decoder.weight"
  static let layersKey = "num_hidden_groups"
  static let layerPrefix = "encoder.albert_layer_groups."
  static let readKeys = BertLayout.readKeys
  static let ownKeys = BertLayout.ownKeys.union([
    "classifier_dropout_prob", "down_scale_factor", "embedding_size", "gap_size", "inner_group_num",
    "net_structure_type",
    "num_hidden_groups", "num_memory_blocks",
  ])

  static func isBuffer(_ name: String, shape: [Int]) -> Bool { BertLayout.isBuffer(name, shape: shape) }

  static func architecture(_ configuration: ModelConfiguration) throws -> Architecture {
    let json = configuration.json
    var architecture = try BertLayout.architecture(configuration, padding: 0, activation: .geluNew)
    architecture.embeddingWidth = try json.integer("embedding_size", in: 1...65536) ?? 128
    let inner = try json.integer("inner_group_num", in: 1...1_000_000) ?? 1
    guard inner == 1 else {
      throw json.failure("inner_group_num", "is \(inner); the engine runs groups of one layer: use another model")
    }
    let groups = try groups(json)
    guard groups <= architecture.layers else {
      throw json.failure(
        "num_hidden_groups", "is \(groups), more than the \(architecture.layers) layers that would use them")
    }
    return architecture
  }

  private static func groups(_ json: ModelJSONObject) throws -> Int {
    try json.integer("num_hidden_groups", in: 1...1024) ?? 1
  }

  static func weights(_ tensors: ModelTensors, _ architecture: Architecture) throws -> ModelWeights {
    let (width, inputs) = (architecture.width, architecture.inputWidth)
    var ends = try BertLayout.ends(tensors, architecture)
    ends.embeddingSteps.append(
      .linear(try tensors.linear("encoder.embedding_hidden_mapping_in", inputs, width, bias: true)))
    let groups = try (0..<groups(tensors.configuration.json)).map { try layer(tensors, architecture, group: $0) }
    // As transformers counts: the layer's number divided by the layers of a group, which need not be whole.
    let perGroup = Double(architecture.layers) / Double(groups.count)
    return try tensors.encoder(
      architecture, ends,
      classifier: {
        .init(
          steps: [.linear(try tensors.linear("pooler", width, width, bias: true)), .activation(.tanh)],
          bias: "classifier.bias")
      },
      masked: {
        .init(
          steps: try BertLayout.transform(
            tensors, "predictions.dense", "predictions.LayerNorm", width, inputs, architecture.activation,
            BertLayout.epsilon(tensors)), bias: "predictions.bias")
      }
    ) { groups[Int(Double($0) / perGroup)] }
  }

  private static func layer(
    _ tensors: ModelTensors, _ architecture: Architecture, group: Int
  ) throws -> TransformerLayer {
    let (name, width) = ("encoder.albert_layer_groups.\(group).albert_layers.0.", architecture.width)
    let epsilon = try BertLayout.epsilon(tensors)
    var layer = TransformerLayer(
      queryKeyValue: try tensors.linear(
        ["query", "key", "value"].map { .init(name: name + "attention.\($0)", outputs: width) }, inputs: width,
        bias: true),
      output: try tensors.linear(name + "attention.dense", width, width, bias: true),
      mlpIn: try tensors.linear(name + "ffn", width, architecture.hidden, bias: true),
      mlpOut: try tensors.linear(name + "ffn_output", architecture.hidden, width, bias: true))
    layer.attentionSumNorm = try tensors.layerNorm(name + "attention.LayerNorm", width, epsilon)
    layer.mlpSumNorm = try tensors.layerNorm(name + "full_layer_layer_norm", width, epsilon)
    return layer
  }
}
