import Foundation

/// `config.json`, read for what the computation needs.
struct ModelConfiguration {
  let json: ModelJSONObject

  init(_ json: ModelJSONObject) { self.json = json }

  /// Keys that change the computation in some family, and the values with which they do nothing. A family that does not
  /// read such a key refuses a model that uses it.
  static let computingKeys: [String: [StrictJSON]] = [
    "add_cross_attention": [.bool(false)], "alibi": [.bool(false)], "attention_bias": [.bool(false)],
    "attention_multiplier": [], "attn_logit_softcapping": [], "bidirectional": [.bool(false)], "clip_qkv": [],
    "embedding_multiplier": [.integer(1)], "final_logit_softcapping": [], "head_dim": [],
    "is_causal": [.bool(true)],
    "is_encoder_decoder": [.bool(false)], "layer_types": [], "lm_head_bias": [.bool(false)],
    "logit_scale": [.integer(1)], "logits_scaling": [.integer(1)], "mlp_bias": [.bool(false)],
    "no_rope_layers": [], "num_local_experts": [], "partial_rotary_factor": [.integer(1)],
    "pruned_heads": [.object([])], "qk_layernorm": [.bool(false)], "quantization_config": [],
    "query_pre_attn_scalar": [],
    "residual_multiplier": [.integer(1)], "rope_parameters": [], "rope_scaling": [],
    "scale_attn_by_inverse_layer_idx": [.bool(false)], "use_bidirectional_attention": [.bool(false)],
    "use_mrope": [.bool(false)], "use_qk_norm": [.bool(false)],
  ]

  /// Keys of attention both ways, and who honours them.
  private static let bothWays = [
    "bidirectional": "as encoders do", "is_causal": "transformers 5 honours it",
    "use_bidirectional_attention": "an encoder made of a decoder",
  ]

  /// - Throws: `AnalysisError.badConfiguration` naming a key that changes the computation and that the family does not read.
  func checkUnread(read: Set<String>) throws {
    for (key, neutral) in Self.computingKeys.sorted(by: { $0.key < $1.key }) where !read.contains(key) {
      guard let value = json[key], !neutral.contains(value) else { continue }
      if ["add_cross_attention", "is_encoder_decoder"].contains(key) {
        throw json.failure(
          key, "is true; the engine runs decoder-only models, and encoder-only ones, none that reads another")
      }
      if let what = Self.bothWays[key] {
        throw json.failure(
          key,
          "makes each token see the ones after it too (\(what)); the engine runs models whose tokens see those before them"
        )
      }
      throw json.failure(
        key,
        "changes the computation in a way that the engine does not implement for this model_type; use another model")
    }
  }

  /// What stands on top, by `architectures`: exactly a class that the engine runs, since a name of one's own is a computation of one's
  /// own.
  /// - Throws: `AnalysisError.badConfiguration` if it names another class, or a head that the engine does not run.
  func head(of family: any ModelFamily.Type) throws -> ModelHead {
    let names = try (json.array("architectures") ?? []).map { name in
      guard case .string(let text) = name else { throw json.failure("architectures", "does not hold texts") }
      return text
    }
    guard let name = names.first else {
      guard family.isEncoder else { return .languageModel }
      throw json.failure(
        "architectures",
        "is missing, and an encoder may have many heads; write the class that was saved, e.g. [\"\(family.className)ForSequenceClassification\"]"
      )
    }
    guard names.count == 1 else {
      throw json.failure(
        "architectures", "names \(names.count) classes (\(names.joined(separator: ", "))); keep the one that was saved")
    }
    let classifier = family.className + "ForSequenceClassification"
    if name == classifier {
      if family.isEncoder { return try classifierHead() }
      try checkSingleLabel()
      return .classifier
    }
    if family.isEncoder {
      if name == family.languageModelName { return .maskedLanguageModel }
      throw refused(name, of: family)
    }
    let models = [family.languageModelName, family.className + "Model"]
    if models.contains(where: { $0.lowercased() == name.lowercased() }) { return .languageModel }
    let what = Self.heads.first { name.contains($0.ending) }.map { ", \($0.what)" }
    throw json.failure(
      "architectures",
      "is '\(name)'\(what ?? ""); of model_type '\(family.modelType)' the engine runs language models (\(family.languageModelName)) "
        + "and single-label classifiers (\(classifier))"
        + (what == nil ? "; if the weights are those of one of these, write its name there" : ""))
  }

  /// Why an encoder's head is not run.
  private func refused(_ name: String, of family: any ModelFamily.Type) -> AnalysisError {
    let own = [
      family.className + "Model": "an encoder without a head, which decides nothing",
      family.className + "ForCausalLM": "a language model made of an encoder",
      family.className + "LMHeadModel": "a language model made of an encoder",
    ]
    let what = own[name] ?? Self.heads.first { name.contains($0.ending) }?.what
    return json.failure(
      "architectures",
      "is '\(name)'\(what.map { ", \($0)" } ?? ""); of model_type '\(family.modelType)' the engine runs classifiers of texts "
        + "(\(family.className)ForSequenceClassification) and masked language models (\(family.languageModelName)); if the weights are "
        + "those of one of these, write its name there; if not, use a model with such a head")
  }

  /// What a classifier of an encoder answers, as transformers chooses its loss: by `problem_type`, or by how many classes there are.
  /// - Throws: `AnalysisError.badConfiguration` for a type that is unknown or does not fit the number of classes.
  private func classifierHead() throws -> ModelHead {
    let labels = try json.members("id2label")?.count ?? json.integer("num_labels", in: 0...1_000_000) ?? 2
    switch try json.string("problem_type") {
    case nil: return labels == 1 ? .regression : .classifier
    case "multi_label_classification": return .multiLabelClassifier
    case "regression":
      guard labels == 1 else {
        throw json.failure(
          "problem_type",
          "is regression, but there are \(labels) labels; the engine runs regressions of one number: train one model for each"
        )
      }
      return .regression
    case "single_label_classification":
      guard labels > 1 else {
        throw json.failure(
          "problem_type",
          "is single_label_classification, but there is one class, which then always holds; if it is a number, write 'regression'"
        )
      }
      return .classifier
    case let type?:
      throw json.failure(
        "problem_type",
        "is '\(type)', which transformers does not know; write single_label_classification, multi_label_classification or regression"
      )
    }
  }

  /// Heads that the engine does not run, by what the names of their classes contain.
  private static let heads: [(ending: String, what: String)] = [
    ("ForTokenClassification", "a token classifier (a class for each token)"),
    ("ForQuestionAnswering", "a model that marks an answer in a text"),
    ("ForMultipleChoice", "a model that chooses among texts"),
    ("ForPreTraining", "a model with the two heads of pre-training"),
    ("ForNextSentencePrediction", "a model that says whether one text follows another"),
    ("DoubleHeads", "a language model with a second head"),
    ("ForMaskedLM", "a masked language model (an encoder)"),
    ("ForConditionalGeneration", "a model with an encoder or of several kinds of input"),
    ("ValueHead", "a language model with a value head (trl)"), ("Reward", "a reward model"),
    ("Encoder", "an encoder, whose tokens see those after them too"),
    ("Bi", "a model whose tokens see those after them too"), ("Embedding", "a model of embeddings, not of decisions"),
  ]

  /// - Throws: `AnalysisError.badConfiguration` if the classes are no alternatives: several may hold, or there is one number.
  private func checkSingleLabel() throws {
    let type = try json.string("problem_type")
    let labels = try json.members("id2label")?.count ?? json.integer("num_labels", in: 0...1_000_000) ?? 2
    let remedy = "; this version runs classifiers of which exactly one class holds (single_label_classification)"
    if type == "multi_label_classification" {
      throw json.failure(
        "problem_type",
        "is multi_label_classification: several classes may hold at once, so that none is chosen over another"
          + remedy)
    }
    if type == "regression" || labels == 1 {
      throw json.failure(
        type == "regression" ? "problem_type" : "id2label",
        "\(type == "regression" ? "is regression" : "has one entry"): the model gives a number (regression), not a class"
          + remedy)
    }
    if let type, type != "single_label_classification" {
      throw json.failure("problem_type", "is '\(type)', which transformers does not know" + remedy)
    }
  }

  // MARK: Shape

  /// A size of the model: 1 or more.
  func size(_ key: String, to limit: Int = 1_048_576) throws -> Int {
    try json.required(key) { try json.integer($0, in: 1...limit) }
  }

  /// A number that is above 0 and finite in float32 too.
  func positive(_ key: String, default standard: Double) throws -> Double {
    let value = try json.number(key) ?? standard
    let single = Float(value)
    guard single > 0, single.isFinite else { throw json.failure(key, "is \(single); it must be a positive number") }
    return value
  }

  /// A cap or another number above 0 that may be null; `standard` if the key is absent.
  func optionalPositive(_ key: String, default standard: Double?) throws -> Double? {
    guard let value = json.given(key) else { return standard }
    return value == .null ? nil : try positive(key, default: 1)
  }

  func activation(_ key: String, default standard: Activation) throws -> Activation {
    let name = try json.string(key) ?? standard.rawValue
    guard let activation = Activation(rawValue: name) else {
      let known = Activation.allCases.map(\.rawValue).joined(separator: ", ")
      throw json.failure(key, "is '\(name)'; the engine knows \(known)")
    }
    return activation
  }

  /// `head_dim`, or the width divided by the heads.
  func headWidth(_ width: Int, _ heads: Int) throws -> Int {
    if let given = try json.integer("head_dim", in: 1...65536) { return given }
    guard width % heads == 0 else {
      throw json.failure("hidden_size", "is \(width), which num_attention_heads (\(heads)) does not divide")
    }
    return width / heads
  }

  // MARK: Windows

  /// `sliding_window` in tokens; nil if it is null, `standard` if it is absent.
  func window(default standard: Int?) throws -> Int? {
    guard json.given("sliding_window") != nil else { return standard }
    return try json.integer("sliding_window", in: 1...1_000_000_000)
  }

  /// The window of each layer by `layer_types`, or by `isSliding` where the key is absent.
  func windows(_ layers: Int, isSliding: (Int) -> Bool, window: () throws -> Int?) throws -> [Int?] {
    guard let types = try json.array("layer_types") else {
      return try (0..<layers).map { isSliding($0) ? try window() : nil }
    }
    guard types.count == layers else {
      throw json.failure("layer_types", "has \(types.count) entries for \(layers) layers")
    }
    return try types.map { type in
      switch type {
      case .string("full_attention"): return nil
      case .string("sliding_attention"):
        guard let window = try window() else {
          throw json.failure("layer_types", "names 'sliding_attention', but sliding_window is not set")
        }
        return window
      default: throw json.failure("layer_types", "holds a type that is neither full_attention nor sliding_attention")
      }
    }
  }
}

extension Architecture {
  /// - Throws: `AnalysisError.badConfiguration` if the sizes do not fit together.
  func validate(_ configuration: ModelConfiguration) throws {
    guard heads % keyValueHeads == 0 else {
      throw configuration.json.failure(
        "num_key_value_heads", "is \(keyValueHeads), which does not divide the \(heads) attention heads")
    }
  }
}
