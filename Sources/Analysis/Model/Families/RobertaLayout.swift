/// A family that is RoBERTa in other clothes.
protocol RobertaLayout: ModelFamily {}

extension RobertaLayout {
  static var isEncoder: Bool { true }
  static var prefix: String { "roberta." }
  static var embeddingName: String { "embeddings.word_embeddings.weight" }
  static var unembeddingName: String { "lm_head.decoder.weight" }
  static var layerPrefix: String { "encoder.layer." }
  static var readKeys: Set<String> { BertLayout.readKeys }
  static var ownKeys: Set<String> { BertLayout.ownKeys }

  static func isBuffer(_ name: String, shape: [Int]) -> Bool { BertLayout.isBuffer(name, shape: shape) }

  /// The row of the position table that the first token gets: that behind the padding token's.
  private static func firstPosition(_ json: ModelJSONObject) throws -> Int {
    guard let padding = try BertLayout.paddingToken(json, default: 1), padding >= 0 else {
      throw json.failure("pad_token_id", "is no token, but positions are counted from behind it; write its number")
    }
    return padding + 1
  }

  static func architecture(_ configuration: ModelConfiguration) throws -> Architecture {
    try BertLayout.architecture(configuration, padding: 1, firstPosition: firstPosition(configuration.json))
  }

  static func weights(_ tensors: ModelTensors, _ architecture: Architecture) throws -> ModelWeights {
    let width = architecture.width
    let first = try firstPosition(tensors.configuration.json)
    return try tensors.encoder(
      architecture, BertLayout.ends(tensors, architecture, firstPosition: first),
      classifier: {
        .init(
          steps: [
            .linear(try tensors.outside.linear("classifier.dense", width, width, bias: true)), .activation(.tanh),
          ], scores: "classifier.out_proj.weight", bias: "classifier.out_proj.bias")
      },
      masked: {
        .init(
          steps: try BertLayout.transform(
            tensors, "lm_head.dense", "lm_head.layer_norm", width, width, .gelu, BertLayout.epsilon(tensors)),
          bias: "lm_head.bias")
      }
    ) { try BertLayout.layer(tensors, architecture, $0) }
  }
}
