/// ELECTRA (Clark et al. 2020), the discriminator's classifier or the generator: BERT's layers over embeddings that may be narrower than
/// the stream.
enum Electra: ModelFamily {
  static let modelType = "electra"
  static let className = "Electra"
  static let isEncoder = true
  static let prefix = "electra."
  static let embeddingName = "embeddings.word_embeddings.weight"
  static let unembeddingName = "generator_lm_head.weight"
  static let layerPrefix = "encoder.layer."
  static let readKeys = BertLayout.readKeys
  static let ownKeys = BertLayout.ownKeys.union([
    "embedding_size", "summary_activation", "summary_last_dropout", "summary_type", "summary_use_proj",
  ])

  static func isBuffer(_ name: String, shape: [Int]) -> Bool { BertLayout.isBuffer(name, shape: shape) }

  static func architecture(_ configuration: ModelConfiguration) throws -> Architecture {
    var architecture = try BertLayout.architecture(configuration, padding: 0)
    architecture.embeddingWidth = try configuration.json.integer("embedding_size", in: 1...65536) ?? 128
    return architecture
  }

  static func weights(_ tensors: ModelTensors, _ architecture: Architecture) throws -> ModelWeights {
    let (width, inputs) = (architecture.width, architecture.inputWidth)
    var ends = try BertLayout.ends(tensors, architecture)
    if inputs != width {
      ends.embeddingSteps.append(.linear(try tensors.linear("embeddings_project", inputs, width, bias: true)))
    }
    return try tensors.encoder(
      architecture, ends,
      classifier: {
        .init(
          steps: [
            .linear(try tensors.outside.linear("classifier.dense", width, width, bias: true)), .activation(.gelu),
          ], scores: "classifier.out_proj.weight", bias: "classifier.out_proj.bias")
      },
      masked: {
        .init(
          steps: try BertLayout.transform(
            tensors, "generator_predictions.dense", "generator_predictions.LayerNorm", width, inputs, .gelu,
            BertLayout.epsilon(tensors)), bias: "generator_lm_head.bias")
      }
    ) { try BertLayout.layer(tensors, architecture, $0) }
  }
}
