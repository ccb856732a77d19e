import Foundation

/// MPNet (Song et al. 2020): RoBERTa's shape without token types, with a score for each head by how far apart two tokens stand, the same in
/// every layer.
enum MPNet: ModelFamily {
  static let modelType = "mpnet"
  static let className = "MPNet"
  static let isEncoder = true
  static let prefix = "mpnet."
  static let embeddingName = "embeddings.word_embeddings.weight"
  static let unembeddingName = "lm_head.decoder.weight"
  static let layerPrefix = "encoder.layer."
  static let readKeys = BertLayout.readKeys
  static let ownKeys = BertLayout.ownKeys.union(["relative_attention_num_buckets"])
  /// The row of the position table that the first token gets: fixed in `transformers`, whatever `pad_token_id` is.
  private static let firstPosition = 2
  /// Distances from which on all are one.
  private static let longestDistance = 128

  static func isBuffer(_ name: String, shape: [Int]) -> Bool { BertLayout.isBuffer(name, shape: shape) }

  static func architecture(_ configuration: ModelConfiguration) throws -> Architecture {
    try BertLayout.architecture(configuration, padding: 1, firstPosition: firstPosition)
  }

  static func weights(_ tensors: ModelTensors, _ architecture: Architecture) throws -> ModelWeights {
    let width = architecture.width
    let epsilon = try BertLayout.epsilon(tensors)
    let positions = try tensors.floats(
      "embeddings.position_embeddings.weight", [architecture.positions + firstPosition, width])
    let ends = ModelTensors.EncoderEnds(
      positionEmbedding: tensors.rows(positions, from: firstPosition, width: width),
      embeddingSteps: [.norm(try tensors.layerNorm("embeddings.LayerNorm", width, epsilon))],
      attentionBias: try bias(tensors, architecture))
    return try tensors.encoder(
      architecture, ends,
      classifier: {
        .init(
          steps: [
            .linear(try tensors.outside.linear("classifier.dense", width, width, bias: true)), .activation(.tanh),
          ], scores: "classifier.out_proj.weight", bias: "classifier.out_proj.bias")
      },
      masked: {
        .init(
          steps: try BertLayout.transform(
            tensors, "lm_head.dense", "lm_head.layer_norm", width, width, .gelu, epsilon), bias: "lm_head.bias")
      }
    ) { try layer(tensors, architecture, $0, epsilon) }
  }

  private static func layer(
    _ tensors: ModelTensors, _ architecture: Architecture, _ index: Int, _ epsilon: Double
  ) throws -> TransformerLayer {
    let (name, width) = ("encoder.layer.\(index).", architecture.width)
    var layer = TransformerLayer(
      queryKeyValue: try tensors.linear(
        ["q", "k", "v"].map { .init(name: name + "attention.attn.\($0)", outputs: width) }, inputs: width, bias: true),
      output: try tensors.linear(name + "attention.attn.o", width, width, bias: true),
      mlpIn: try tensors.linear(name + "intermediate.dense", width, architecture.hidden, bias: true),
      mlpOut: try tensors.linear(name + "output.dense", architecture.hidden, width, bias: true))
    layer.attentionSumNorm = try tensors.layerNorm(name + "attention.LayerNorm", width, epsilon)
    layer.mlpSumNorm = try tensors.layerNorm(name + "output.LayerNorm", width, epsilon)
    return layer
  }

  /// The scores by distance, from a table by bucket, `[buckets, heads]`.
  private static func bias(_ tensors: ModelTensors, _ architecture: Architecture) throws -> AttentionBias? {
    let json = tensors.configuration.json
    let buckets = try json.integer("relative_attention_num_buckets", in: 1...1_000_000) ?? 32
    guard buckets >= 4 else {
      throw json.failure(
        "relative_attention_num_buckets", "is \(buckets); it must be 4 or more, two for each direction")
    }
    let table = try tensors.floats("encoder.relative_attention_bias.weight", [buckets, architecture.heads])
    guard table.count > 0 else { return nil }
    return AttentionBias(heads: architecture.heads, positions: architecture.positions) { head, distance in
      table.pointer[bucket(distance, of: buckets) * architecture.heads + head]
    }
  }

  /// T5's buckets (Raffel et al. 2020): near distances one by one, farther ones by their logarithm, each direction its half.
  private static func bucket(_ distance: Int, of buckets: Int) -> Int {
    let half = buckets / 2
    let (size, first) = (abs(distance), distance > 0 ? half : 0)
    let near = half / 2
    guard size >= near else { return first + size }
    // Rounded as in Hugging Face's float32.
    let ratio = Float(log(Double(Float(size) / Float(near)))) / Float(log(Double(longestDistance) / Double(near)))
    return first + min(near + Int(ratio * Float(half - near)), half - 1)
  }
}
