import Foundation

/// What BERT and the encoders that follow its layout share: learned positions, norms after each addition, attention both ways, biases
/// everywhere, and the names of the layers' tensors.
enum BertLayout {
  /// Keys of the layout in `config.json`.
  static let ownKeys: Set<String> = [
    "attention_probs_dropout_prob", "hidden_act", "hidden_dropout_prob", "hidden_size", "intermediate_size",
    "layer_norm_eps", "max_position_embeddings", "num_attention_heads", "num_hidden_layers", "position_embedding_type",
    "type_vocab_size",
  ]
  /// Keys that would change the computation, and are looked at.
  static let readKeys: Set<String> = ["is_causal"]

  /// The shape by BERT's keys.
  /// - Parameters:
  ///   - padding: `pad_token_id` where the configuration does not say.
  ///   - firstPosition: the row of the position table that the first token gets.
  ///   - activation: `hidden_act` where the configuration does not say.
  /// - Throws: `AnalysisError.badConfiguration` naming the key that is wrong or asks for another computation.
  static func architecture(
    _ configuration: ModelConfiguration, padding: Int, firstPosition: Int = 0, activation: Activation = .gelu
  ) throws -> Architecture {
    let json = configuration.json
    try checkBothWays(json)
    let kind = try json.string("position_embedding_type") ?? "absolute"
    guard kind == "absolute" else {
      throw json.failure(
        "position_embedding_type",
        "is '\(kind)'; of this model_type the engine runs 'absolute', and transformers 5 no other: use another model")
    }
    let layers = try configuration.size("num_hidden_layers", to: 1024)
    let heads = try configuration.size("num_attention_heads", to: 1024)
    let width = try configuration.size("hidden_size", to: 65536)
    let headWidth = try divide(width, by: heads, json, "hidden_size", "num_attention_heads")
    let positions = try json.integer("max_position_embeddings", in: 1...1_048_576) ?? 512
    guard positions > firstPosition else {
      throw json.failure(
        "max_position_embeddings",
        "is \(positions), but the first token has position \(firstPosition), that behind the padding token's")
    }
    return Architecture(
      layers: layers, heads: heads, keyValueHeads: heads, headWidth: headWidth, width: width,
      hidden: try configuration.size("intermediate_size"), positions: positions - firstPosition,
      vocabulary: try configuration.size("vocab_size", to: 10_000_000),
      activation: try configuration.activation("hidden_act", default: activation),
      attentionScale: LlamaLayout.attentionScale(Double(headWidth), layers),
      attentionWindow: Array(repeating: nil, count: layers), looksBothWays: true,
      padding: try paddingToken(json, default: padding))
  }

  /// The padding token; nil if `pad_token_id` is null.
  static func paddingToken(_ json: ModelJSONObject, default standard: Int) throws -> Int? {
    guard let value = json.given("pad_token_id") else { return standard }
    return value == .null ? nil : try json.integer("pad_token_id", in: Int.min...Int.max)
  }

  /// - Throws: `AnalysisError.badConfiguration` if the model is a decoder made of an encoder.
  static func checkBothWays(_ json: ModelJSONObject) throws {
    for key in ["is_decoder", "is_causal"] where try json.bool(key) == true {
      throw json.failure(
        key,
        "makes a decoder of this encoder, whose tokens see those before them alone; the engine runs it as an encoder: use another model"
      )
    }
  }

  static func divide(
    _ width: Int, by heads: Int, _ json: ModelJSONObject, _ key: String, _ headsKey: String
  ) throws -> Int {
    guard width % heads == 0 else {
      throw json.failure(key, "is \(width), which \(headsKey) (\(heads)) does not divide")
    }
    return width / heads
  }

  static func epsilon(_ tensors: ModelTensors) throws -> Double {
    try tensors.configuration.positive("layer_norm_eps", default: 1e-12)
  }

  /// The embeddings and their norm.
  /// - Parameters:
  ///   - firstPosition: as above.
  ///   - types: `type_vocab_size` where the configuration does not say.
  static func ends(
    _ tensors: ModelTensors, _ architecture: Architecture, firstPosition: Int = 0, types: Int = 2
  ) throws -> ModelTensors.EncoderEnds {
    let width = architecture.inputWidth
    let types = try tensors.configuration.json.integer("type_vocab_size", in: 1...65536) ?? types
    let positions = try tensors.floats(
      "embeddings.position_embeddings.weight", [architecture.positions + firstPosition, width])
    return ModelTensors.EncoderEnds(
      positionEmbedding: tensors.rows(positions, from: firstPosition, width: width),
      typeEmbedding: try tensors.floats("embeddings.token_type_embeddings.weight", [types, width]),
      embeddingSteps: [.norm(try tensors.layerNorm("embeddings.LayerNorm", width, epsilon(tensors)))])
  }

  /// One layer by BERT's names.
  static func layer(
    _ tensors: ModelTensors, _ architecture: Architecture, _ index: Int
  ) throws -> TransformerLayer {
    let (name, width, epsilon) = ("encoder.layer.\(index).", architecture.width, try epsilon(tensors))
    var layer = TransformerLayer(
      queryKeyValue: try tensors.linear(
        ["query", "key", "value"].map { .init(name: name + "attention.self.\($0)", outputs: width) }, inputs: width,
        bias: true),
      output: try tensors.linear(name + "attention.output.dense", width, width, bias: true),
      mlpIn: try tensors.linear(name + "intermediate.dense", width, architecture.hidden, bias: true),
      mlpOut: try tensors.linear(name + "output.dense", architecture.hidden, width, bias: true))
    layer.attentionSumNorm = try tensors.layerNorm(name + "attention.output.LayerNorm", width, epsilon)
    layer.mlpSumNorm = try tensors.layerNorm(name + "output.LayerNorm", width, epsilon)
    return layer
  }

  /// Buffers that older versions of `transformers` saved.
  static func isBuffer(_ name: String, shape: [Int]) -> Bool {
    ["embeddings.position_ids", "embeddings.token_type_ids"].contains(name) && shape.count == 2 && shape[0] == 1
  }

  /// A map, an activation and a norm: what a masked language model's row passes before the scores of tokens.
  static func transform(
    _ tensors: ModelTensors, _ map: String, _ norm: String, _ inputs: Int, _ outputs: Int, _ activation: Activation,
    _ epsilon: Double
  ) throws -> [RowStep] {
    [
      .linear(try tensors.outside.linear(map, inputs, outputs, bias: true)), .activation(activation),
      .norm(try tensors.outside.layerNorm(norm, outputs, epsilon)),
    ]
  }
}
