import Foundation

/// The tensors of a checkpoint that the architecture does not ask for. Each is explained (`ModelRemark`) or refused.
struct UnusedTensors {
  private let checkpoint: Checkpoint
  private let family: any ModelFamily.Type
  private let head: ModelHead
  private let layers: Int
  private let prefix: String
  private let used: Set<String>

  /// What an unused tensor is, the gravest first.
  private enum Kind: Int, Comparable {
    case adapter, layer, valueHead, quantization, head, bias, other
    case buffer, tiedHead, declared

    static func < (a: Kind, b: Kind) -> Bool { a.rawValue < b.rawValue }
  }

  /// - Parameter used: the names that the family asked for.
  init(
    _ checkpoint: Checkpoint, _ family: any ModelFamily.Type, _ head: ModelHead, layers: Int,
    prefix: String, used: Set<String>
  ) {
    (self.checkpoint, self.family, self.head, self.layers) = (checkpoint, family, head, layers)
    (self.prefix, self.used) = (prefix, used)
  }

  /// What is to be said of the tensors that are rightly left out.
  /// - Throws: `AnalysisError.unusedTensors` naming the file, the tensors and the remedy where one may matter; `.badConfiguration` for a
  ///   tied head that differs; `.badPlan` for a declaration that names no such tensor; `.unreadable`, `.changedWhileRead`.
  /// - Complexity: O(tensors); reads the head's bytes and the embedding's where the head is tied.
  func remarks() throws -> [ModelRemark] {
    let patterns = checkpoint.ignoredTensors.map { NamePattern($0) }
    try checkDeclared(patterns)
    var groups: [Kind: [StoredTensor]] = [:]
    for tensor in checkpoint.tensors.values where !used.contains(tensor.name) {
      let isDeclared = patterns.contains { $0.matches(tensor.name) }
      groups[isDeclared ? .declared : try kind(of: tensor), default: []].append(tensor)
    }
    for kind in groups.keys { groups[kind]?.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) } }
    if let worst = groups.keys.min(), worst < .buffer, let tensors = groups[worst] {
      let others = groups.filter { $0.key < .buffer && $0.key != worst }.values.flatMap { $0 }.map(\.name).sorted()
      throw refusal(worst, tensors, others: others)
    }
    return [(Kind.buffer, ModelRemark.Kind.buffers), (.tiedHead, .tiedHead), (.declared, .declared)].flatMap {
      kind, said in
      Dictionary(grouping: groups[kind] ?? [], by: \.file.path).sorted { $0.key < $1.key }
        .map { ModelRemark(kind: said, file: $0.key, names: $0.value.map(\.name)) }
    }
  }

  /// A declaration that fits nothing is of another model, one that fits what is used says something false.
  private func checkDeclared(_ patterns: [NamePattern]) throws {
    let names = checkpoint.tensors.keys.sorted()
    for pattern in patterns {
      func failure(_ what: String) -> AnalysisError {
        AnalysisError(.badPlan, "'ignore_tensors' names '\(pattern.text)', \(what)")
      }
      let matching = names.filter { pattern.matches($0) }
      guard !matching.isEmpty else {
        throw failure("which no tensor in \(checkpoint.folder.path) is called; remove it, or correct it")
      }
      if let name = matching.first(where: used.contains) {
        throw failure("but the model uses the tensor '\(name)'; name only tensors that are left out")
      }
    }
  }

  // MARK: Kinds

  private func kind(of tensor: StoredTensor) throws -> Kind {
    let name = tensor.name
    let inner = inner(name)
    let parts = inner.split(separator: ".")
    if Self.isAdapter(name) { return .adapter }
    if parts.count > 2, let layer = layer(of: name), layer >= layers { return .layer }
    if family.isBuffer(inner, shape: tensor.shape) { return .buffer }
    if name == family.unembeddingName, !head.hasClasses { return try tiedHead(tensor) }
    if parts.contains(where: { $0 == "v_head" || $0 == "value_head" || $0 == "reward_head" }) { return .valueHead }
    let ends = [
      "SCB", "qweight", "qzeros", "scales", "absmax", "g_idx", "weight_scale", "weight_scale_inv", "quant_map",
    ]
    if let last = parts.last, ends.contains(String(last)) { return .quantization }
    let heads = [
      "score", "classifier", "qa_outputs", "lm_head", "embed_out", "multiple_choice_head", "mc_head", "head",
    ]
    if let first = name.split(separator: ".").first, heads.contains(String(first)) { return .head }
    return parts.last == "bias" ? .bias : .other
  }

  /// Whether a name is of what PEFT and its like put beside weights.
  static func isAdapter(_ name: String) -> Bool {
    name.split(separator: ".").contains { part in
      ["lora_", "ia3_", "vera_", "hada_", "lokr_", "oft_", "prompt_encoder", "prompt_embeddings", "adapter"].contains {
        part.hasPrefix($0)
      } || part == "base_layer" || part == "modules_to_save" || part == "original_module"
    }
  }

  /// - Throws: `AnalysisError.badConfiguration` if the file's output matrix is not the embedding to which it is tied.
  private func tiedHead(_ tensor: StoredTensor) throws -> Kind {
    let name = prefix + family.embeddingName
    guard let embedding = checkpoint.tensors[name] else { return .head }
    guard try tensor.isEqual(embedding) else {
      throw checkpoint.configuration.failure(
        "tie_word_embeddings",
        "ties the output matrix to the embedding, but \(tensor.file.path) has a '\(tensor.name)' that differs from '\(name)': "
          + "transformers 4 computes with the embedding, transformers 5 with '\(tensor.name)'; write \"tie_word_embeddings\": false to "
          + "compute with '\(tensor.name)', or declare it under the model version in vitrine.yaml to compute with the embedding: "
          + "'ignore_tensors: [\(tensor.name)]'")
    }
    return .tiedHead
  }

  // MARK: Refusals

  private func refusal(_ kind: Kind, _ tensors: [StoredTensor], others: [String]) -> AnalysisError {
    let file = tensors[0].file
    let names = tensors.map(\.name)
    let shown = "'\(names[0])'" + (names.count > 1 ? " and \(names.count - 1) more" : "")
    let (what, remedy) = words(kind, names, shown)
    let rest =
      others.isEmpty
      ? ""
      : " (and \(others.count) more \(others.count == 1 ? "tensor" : "tensors") that nothing uses: \(ModelRemark.short(others)))"
    return AnalysisError(
      .unusedTensors,
      "\(file.url.path): \(what)\(rest); \(remedy)\(kind == .adapter || kind == .quantization ? "" : declare(names))")
  }

  /// How the tensors are declared: by one pattern, if no used tensor fits it; layer by layer; or one by one.
  private func declare(_ names: [String]) -> String {
    let layers = Set(names.compactMap { layer(of: $0) }).sorted()
    let candidates = [
      [NamePattern.covering(names)], layers.map { "\(prefix)\(family.layerPrefix)\($0).*" }, names,
    ]
    let patterns =
      candidates.first { patterns in
        let read = patterns.map { NamePattern($0) }
        return names.allSatisfy { name in read.contains { $0.matches(name) } }
          && !used.contains { name in read.contains { $0.matches(name) } }
      } ?? names
    let shown = patterns.prefix(8).map { "\"\($0)\"" }.joined(separator: ", ") + (patterns.count > 8 ? ", …" : "")
    return "; or, if they are rightly left out, declare them under the model version in vitrine.yaml: "
      + "'ignore_tensors: [\(shown)]'"
  }

  private func words(_ kind: Kind, _ names: [String], _ shown: String) -> (what: String, remedy: String) {
    let anew = "write the model without them: " + SaveCommand(folder: checkpoint.folder).text
    let key = family.layersKey
    switch kind {
    case .adapter: return Self.adapterWords(shown)
    case .layer:
      let numbers = Set(names.compactMap { layer(of: $0) }).sorted()
      let range = numbers.count == 1 ? "layer \(numbers[0])" : "layers \(numbers[0]) to \(numbers[numbers.count - 1])"
      return (
        "holds \(range) (\(shown)), counted from 0, which would not be computed: '\(key)' in config.json is \(layers)",
        "if the model has \((numbers.last ?? 0) + 1) layers, set '\(key)' to \((numbers.last ?? 0) + 1); if it was cut on purpose, \(anew)"
      )
    case .valueHead:
      return (
        "holds a value head (\(shown)), as trl's training adds one, which the model's answers do not use", anew
      )
    case .quantization:
      return (
        "holds \(shown), which belong to weights that were rounded to few bits (quantised); the engine reads F32, F16 and BF16",
        "take the model from before it was quantised, or write it dequantised with the library that did it"
      )
    case .head:
      let isScore = names.contains("score.weight")
      return (
        "holds a head that '\(family.className)…' by config.json does not use (\(shown))",
        isScore
          ? "if the model is a classifier, write \"architectures\": [\"\(family.className)ForSequenceClassification\"] in config.json; if not, \(anew)"
          : anew
      )
    case .bias:
      return (
        "holds biases that the model by config.json does not have (\(shown))",
        "if it has them, set the key that says so (attention_bias, mlp_bias) or take the model_type that has them; if not, \(anew)"
      )
    default: return ("holds tensors that the model does not use (\(shown))", anew)
    }
  }

  static func adapterWords(_ shown: String) -> (what: String, remedy: String) {
    (
      "holds tensors of an adapter (LoRA or the like) that is not merged into the weights (\(shown))",
      "merge it where it was trained, in Python: `model = model.merge_and_unload(); model.save_pretrained('NEW_FOLDER')`, and name "
        + "the new folder"
    )
  }

  /// A name without the prefix of the model inside.
  private func inner(_ name: String) -> String { name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name }

  /// The number behind the prefix of layers; nil for a tensor of none.
  private func layer(of name: String) -> Int? {
    let inner = inner(name)
    guard inner.hasPrefix(family.layerPrefix) else { return nil }
    return inner.dropFirst(family.layerPrefix.count).split(separator: ".").first.flatMap { Int($0) }
  }
}

/// A name, or a pattern in which `*` stands for any characters.
struct NamePattern {
  let text: String
  private let parts: [Substring]

  init(_ text: String) {
    self.text = text
    parts = text.split(separator: "*", omittingEmptySubsequences: false)
  }

  /// - Complexity: O(length · parts).
  func matches(_ name: String) -> Bool {
    guard parts.count > 1 else { return name == text }
    guard let first = parts.first, let last = parts.last, name.hasPrefix(first) else { return false }
    var rest = name.dropFirst(first.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let range = rest.firstRange(of: part) else { return false }
      rest = rest[range.upperBound...]
    }
    return rest.count >= last.count && rest.hasSuffix(last)
  }

  /// A pattern that fits names: the one name, or what they begin with.
  static func covering(_ names: [String]) -> String {
    guard var common = names.first.map({ Substring($0) }), names.count > 1 else { return names.first ?? "" }
    for name in names { common = common.prefix(zip(common, name).prefix { $0 == $1 }.count) }
    // Cut at a full stop, so that a layer's number is never cut in two.
    guard let dot = common.lastIndex(of: ".") else { return "NAME" }
    return common[...dot] + "*"
  }
}

extension StoredTensor {
  /// Bytes that are compared at once.
  private static let piece = 8 << 20

  /// Whether another tensor has the same shape, type and bytes.
  /// - Throws: `AnalysisError.unreadable`, `.changedWhileRead`.
  fileprivate func isEqual(_ other: StoredTensor) throws -> Bool {
    guard shape == other.shape, dataTypeName == other.dataTypeName, range.count == other.range.count else {
      return false
    }
    for start in stride(from: 0, to: range.count, by: Self.piece) {
      let end = min(range.count, start + Self.piece)
      let mine = try file.part(range.lowerBound + start..<range.lowerBound + end)
      guard try mine == other.file.part(other.range.lowerBound + start..<other.range.lowerBound + end) else {
        return false
      }
    }
    return true
  }
}
