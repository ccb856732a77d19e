import Foundation

/// DeBERTa-v2 and v3 (He et al. 2021; He, Gao, Chen 2023): BERT's layers, in whose attention positions are vectors of their own.
enum DebertaV2: ModelFamily {
  static let modelType = "deberta-v2"
  static let className = "DebertaV2"
  static let isEncoder = true
  static let prefix = "deberta."
  static let embeddingName = "embeddings.word_embeddings.weight"
  static let unembeddingName = "cls.predictions.decoder.weight"
  static let layerPrefix = "encoder.layer."
  static let readKeys = BertLayout.readKeys
  static let ownKeys = BertLayout.ownKeys.union([
    "attention_head_size", "conv_act", "conv_groups", "conv_kernel_size", "embedding_size", "legacy",
    "max_relative_positions", "norm_rel_ebd", "pooler_dropout", "pooler_hidden_act", "pooler_hidden_size",
    "pos_att_type", "position_biased_input", "position_buckets", "relative_attention", "share_att_key",
  ])

  static func isBuffer(_ name: String, shape: [Int]) -> Bool { BertLayout.isBuffer(name, shape: shape) }

  /// How positions take part in attention.
  private struct Positions {
    /// Whether queries meet vectors of positions ("c2p"), and vectors of positions meet keys ("p2c").
    var keys = false
    var queries = false
    var isRelative = false
    /// Distances to each side that have vectors of their own.
    var span = 0
    /// Buckets of distances; 0: each distance by itself.
    var buckets = 0
    /// The distance that the last bucket begins before.
    var longest = 0
    var sharesMaps = false
    var hasNorm = false
  }

  private static func positions(_ json: ModelJSONObject) throws -> Positions {
    var positions = Positions()
    let kinds: [String]
    if case .string(let text)? = json["pos_att_type"] {
      kinds = text.lowercased().split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    } else {
      kinds = try (json.array("pos_att_type") ?? []).map { kind in
        guard case .string(let text) = kind else { throw json.failure("pos_att_type", "does not hold texts") }
        return text
      }
    }
    if let wrong = kinds.first(where: { !["c2p", "p2c"].contains($0) }) {
      throw json.failure("pos_att_type", "names '\(wrong)'; the engine knows c2p and p2c: use another model")
    }
    (positions.keys, positions.queries) = (kinds.contains("c2p"), kinds.contains("p2c"))
    positions.isRelative = try json.bool("relative_attention") ?? false
    positions.sharesMaps = try json.bool("share_att_key") ?? false
    positions.hasNorm = (try json.string("norm_rel_ebd") ?? "none").lowercased().split(separator: "|")
      .contains { $0.trimmingCharacters(in: .whitespaces) == "layer_norm" }
    let longest = try json.integer("max_relative_positions", in: -1...1_048_576) ?? -1
    positions.longest = longest < 1 ? try json.integer("max_position_embeddings", in: 1...1_048_576) ?? 512 : longest
    positions.buckets = max(0, try json.integer("position_buckets", in: -1...1_048_576) ?? -1)
    positions.span = positions.buckets > 0 ? positions.buckets : positions.longest
    if positions.buckets > 0, positions.buckets < 4 || positions.longest <= positions.buckets / 2 + 1 {
      throw json.failure(
        "position_buckets",
        "is \(positions.buckets) for distances up to \(positions.longest); it must be 4 or more, and half of it below them"
      )
    }
    return positions
  }

  static func architecture(_ configuration: ModelConfiguration) throws -> Architecture {
    let json = configuration.json
    var architecture = try BertLayout.architecture(configuration, padding: 0)
    architecture.embeddingWidth = try json.integer("embedding_size", in: 1...65536)
    let convolution = try json.integer("conv_kernel_size", in: 0...65536) ?? 0
    guard convolution == 0 else {
      throw json.failure("conv_kernel_size", "adds a convolution, which the engine does not run: use another model")
    }
    for (key, wanted) in [
      ("attention_head_size", architecture.headWidth), ("pooler_hidden_size", architecture.width),
    ] {
      guard let size = try json.integer(key, in: 1...65536), size != wanted else { continue }
      throw json.failure(key, "is \(size); the engine runs \(wanted), which the other sizes imply: use another model")
    }
    let positions = try positions(json)
    let parts = 1 + (positions.keys ? 1 : 0) + (positions.queries ? 1 : 0)
    architecture.attentionScale = LlamaLayout.attentionScale(
      Double(architecture.headWidth * parts), architecture.layers)
    return architecture
  }

  static func weights(_ tensors: ModelTensors, _ architecture: Architecture) throws -> ModelWeights {
    let (width, json) = (architecture.width, tensors.configuration.json)
    let positions = try positions(json)
    let table = try relativeTable(tensors, architecture, positions)
    let rows = DistanceRows(positions: architecture.positions) { row(distance: $0, positions) }
    return try tensors.encoder(
      architecture, try ends(tensors, architecture),
      classifier: {
        .init(
          steps: [
            .linear(try tensors.outside.linear("pooler.dense", width, width, bias: true)),
            .activation(try tensors.configuration.activation("pooler_hidden_act", default: .gelu)),
          ], bias: "classifier.bias")
      },
      masked: {
        throw json.failure(
          "architectures",
          "is a masked language model, of which transformers has two kinds for this model_type; the engine runs its classifiers of texts (\(className)ForSequenceClassification): use a model with such a head"
        )
      }
    ) { index in
      var layer = try layer(tensors, architecture, index)
      if positions.isRelative {
        layer.relative = try relative(tensors, architecture, index, layer, positions, table, rows)
      }
      return layer
    }
  }

  private static func epsilon(_ tensors: ModelTensors) throws -> Double {
    try tensors.configuration.positive("layer_norm_eps", default: 1e-7)
  }

  private static func ends(
    _ tensors: ModelTensors, _ architecture: Architecture
  ) throws -> ModelTensors.EncoderEnds {
    let (inputs, width, json) = (architecture.inputWidth, architecture.width, tensors.configuration.json)
    var ends = ModelTensors.EncoderEnds()
    if try json.bool("position_biased_input") ?? true {
      ends.positionEmbedding = try tensors.floats(
        "embeddings.position_embeddings.weight", [architecture.positions, inputs])
    }
    let types = try json.integer("type_vocab_size", in: 0...65536) ?? 0
    if types > 0 {
      ends.typeEmbedding = try tensors.floats("embeddings.token_type_embeddings.weight", [types, inputs])
    }
    if inputs != width {
      ends.embeddingSteps.append(.linear(try tensors.linear("embeddings.embed_proj", inputs, width, bias: false)))
    }
    ends.embeddingSteps.append(.norm(try tensors.layerNorm("embeddings.LayerNorm", width, epsilon(tensors))))
    return ends
  }

  private static func layer(
    _ tensors: ModelTensors, _ architecture: Architecture, _ index: Int
  ) throws -> TransformerLayer {
    let (name, width, epsilon) = ("encoder.layer.\(index).", architecture.width, try epsilon(tensors))
    var layer = TransformerLayer(
      queryKeyValue: try tensors.linear(
        ["query_proj", "key_proj", "value_proj"].map { .init(name: name + "attention.self.\($0)", outputs: width) },
        inputs: width, bias: true),
      output: try tensors.linear(name + "attention.output.dense", width, width, bias: true),
      mlpIn: try tensors.linear(name + "intermediate.dense", width, architecture.hidden, bias: true),
      mlpOut: try tensors.linear(name + "output.dense", architecture.hidden, width, bias: true))
    layer.attentionSumNorm = try tensors.layerNorm(name + "attention.output.LayerNorm", width, epsilon)
    layer.mlpSumNorm = try tensors.layerNorm(name + "output.LayerNorm", width, epsilon)
    return layer
  }

  // MARK: Positions

  /// The vectors of positions before each layer's maps, normed: `[2·span, width]`; nil while nothing is read.
  private static func relativeTable(
    _ tensors: ModelTensors, _ architecture: Architecture, _ positions: Positions
  ) throws -> Matrix? {
    guard positions.isRelative else { return nil }
    let (rows, width) = (2 * positions.span, architecture.width)
    let stored = try tensors.floats("encoder.rel_embeddings.weight", [rows, width])
    let norm = positions.hasNorm ? try tensors.layerNorm("encoder.LayerNorm", width, epsilon(tensors)) : nil
    guard stored.count > 0 else { return nil }
    let table = Matrix(rows: rows, columns: width, zeroed: false)
    table.copy(rows: rows, from: stored.pointer, to: 0)
    norm?.forward(rows: rows, table.pointer, into: table.pointer)
    return table
  }

  /// A layer's vectors of positions: the table through the layer's own maps of queries and keys, or through maps for positions.
  private static func relative(
    _ tensors: ModelTensors, _ architecture: Architecture, _ index: Int, _ layer: TransformerLayer,
    _ positions: Positions, _ table: Matrix?, _ rows: DistanceRows
  ) throws -> RelativePositions? {
    let (name, width) = ("encoder.layer.\(index).attention.self.", architecture.width)
    func mapped(_ map: Linear) -> Matrix? { table.map { RowStep.linear(map).forward($0) } }
    if positions.sharesMaps {
      guard let both = mapped(layer.queryKeyValue) else { return nil }
      return RelativePositions(
        keys: positions.keys ? .init(matrix: both, column: architecture.queryWidth) : nil,
        queries: positions.queries ? .init(matrix: both, column: 0) : nil, rows: rows)
    }
    func own(_ map: String) throws -> RelativePositions.Vectors? {
      mapped(try tensors.linear(name + map, width, width, bias: true)).map { .init(matrix: $0, column: 0) }
    }
    return RelativePositions(
      keys: positions.keys ? try own("pos_key_proj") : nil,
      queries: positions.queries ? try own("pos_query_proj") : nil, rows: rows)
  }

  /// The row of a distance: of its bucket, counted from the middle, the last on each side for all beyond.
  private static func row(distance: Int, _ positions: Positions) -> Int {
    // The file counts from the key to the query.
    let bucket = positions.buckets > 0 ? bucket(-distance, positions) : -distance
    return min(max(bucket + positions.span, 0), 2 * positions.span - 1)
  }

  /// Near distances by themselves, farther ones by their logarithm; rounded as in Hugging Face's float32.
  private static func bucket(_ distance: Int, _ positions: Positions) -> Int {
    let middle = positions.buckets / 2
    guard abs(distance) > middle else { return distance }
    func logarithm(_ value: Float) -> Float { Float(log(Double(value))) }
    let ratio =
      logarithm(Float(abs(distance)) / Float(middle))
      / logarithm(Float(Double(positions.longest - 1) / Double(middle)))
    let bucket = Int((ratio * Float(middle - 1)).rounded(.up)) + middle
    return distance > 0 ? bucket : -bucket
  }
}
