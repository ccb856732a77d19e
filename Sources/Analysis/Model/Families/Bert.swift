/// BERT (Devlin et al. 2019): the layout itself; classifiers read the first token through a pooler with tanh.
enum Bert: ModelFamily {
  static let modelType = "bert"
  static let className = "Bert"
  static let isEncoder = true
  static let prefix = "bert."
  static let embeddingName = "embeddings.word_embeddings.weight"
  static let unembeddingName = "cls.predictions.decoder.weight"
  static let layerPrefix = "encoder.layer."
  static let readKeys = BertLayout.readKeys
  static let ownKeys = BertLayout.ownKeys

  static func isBuffer(_ name: String, shape: [Int]) -> Bool { BertLayout.isBuffer(name, shape: shape) }

  static func architecture(_ configuration: ModelConfiguration) throws -> Architecture {
    try BertLayout.architecture(configuration, padding: 0)
  }

  static func weights(_ tensors: ModelTensors, _ architecture: Architecture) throws -> ModelWeights {
    let width = architecture.width
    return try tensors.encoder(
      architecture, BertLayout.ends(tensors, architecture),
      classifier: {
        .init(
          steps: [.linear(try tensors.linear("pooler.dense", width, width, bias: true)), .activation(.tanh)],
          bias: "classifier.bias")
      },
      masked: {
        .init(
          steps: try BertLayout.transform(
            tensors, "cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", width, width,
            architecture.activation, BertLayout.epsilon(tensors)), bias: "cls.predictions.bias")
      }
    ) { try BertLayout.layer(tensors, architecture, $0) }
  }
}
