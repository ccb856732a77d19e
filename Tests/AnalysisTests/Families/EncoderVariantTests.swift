import Foundation
import Testing

@testable import Analysis

/// Unusual folders of encoders, each run by transformers 4 and 5 (`Tests/Reference/encoders/variants.py`): the engine gives what both give,
/// or refuses the folder by name. It never gives what one of them does not.
@Suite("Folders of encoders as transformers reads them")
struct EncoderVariantTests {
  private struct File: Decodable {
    let variants: [String: Variant]
  }

  private struct Variant: Decodable {
    let model: String
    let ids: [Int]
    let typeIds: [Int]?
    let tensors: String?
    /// `computed`, `new form` (as transformers 5 writes it), `refused`, or `either`.
    let outcome: String
    /// What the message of a refusal names.
    let names: [String]?
    let logits: [Double]?

    enum CodingKeys: String, CodingKey {
      case model, ids, tensors, outcome, names, logits
      case typeIds = "type_ids"
    }
  }

  /// Refused though transformers computes them; the refusal says what to do.
  private static let refusedToo: Set<String> = [
    "decoder's bias twice, equal",
    // The prompt begins with a token that is the padding now.
    "pad_token_id moves positions",
  ]
  /// Refusals that name something as good as what the file names.
  private static let named: [String: [String]] = [
    "add_cross_attention": ["add_cross_attention"],
    "wrong shape of positions": ["position_embeddings.weight", "[19, 24]"],
    "buckets of mpnet": ["relative_attention_bias.weight", "[16, 3]"],
  ]
  /// Changes of tensors that this test does not make: the value types and shards have tests of their own for every family.
  private static let elsewhere: Set<String> = ["float16", "bfloat16", "shards", "convolution", "inner group"]

  static func names() throws -> [String] {
    try read("5.24.0").filter { $0.value.tensors.map { !elsewhere.contains($0) } ?? true }.keys.sorted()
  }

  private static func read(_ version: String) throws -> [String: Variant] {
    try Reference.read(File.self, "encoders/folders/transformers-\(version).json").variants
  }

  @Test("What both versions compute alike is computed, all else is refused by name", arguments: (try? names()) ?? [])
  func variant(_ name: String) throws {
    let (four, five) = (try #require(Self.read("4.57.6")[name]), try #require(Self.read("5.24.0")[name]))
    let scratch = try Self.apply(name, five)
    let ours: [Double]
    do {
      ours = try Self.logits(five, scratch)
    } catch {
      let error = try #require(error as? AnalysisError, "\(name)")
      #expect(five.outcome == "refused" || five.outcome == "either" || Self.refusedToo.contains(name), "\(error)")
      for word in Self.named[name] ?? five.names ?? [] {
        #expect(error.message.contains(word), "\(name): \(error.message)")
      }
      return
    }
    #expect(five.outcome != "refused" && !Self.refusedToo.contains(name), "\(name) must be refused")
    for (version, logits) in [("4", five.outcome == "new form" ? nil : four.logits), ("5", five.logits)] {
      guard let logits else { continue }
      #expect(largestDifference(ours, logits) <= 1e-4, "\(name), transformers \(version)")
    }
  }

  /// The classes' logits; of a masked language model those of the fourth token, as `logits` of variants.py.
  private static func logits(_ variant: Variant, _ scratch: Scratch) throws -> [Double] {
    let model = try Transformer.load(Checkpoint(folder: scratch.folder))
    var decision = try Decision(
      positive: [[0]], negative: model.head.asksOneSided ? [] : [[1]], model: model)
    decision.position = model.head == .maskedLanguageModel ? 3 : nil
    let run = try PairRun(
      model: model, decision: decision, clean: variant.ids, counterfactual: variant.ids,
      types: (variant.typeIds, variant.typeIds))
    return model.logits(run.clean).map(Double.init)
  }

  @Test("A configuration as transformers 5 writes it gives the same numbers", arguments: EncoderModel.allCases)
  func savedAgain(name: EncoderModel) throws {
    let data = try Data(contentsOf: Reference.folder.appendingPathComponent("encoders/folders/saved-5.24.0.json"))
    let file = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let models = try #require(file["models"] as? [String: [String: Any]])
    let scratch = try Scratch(copying: name.folder)
    try scratch.write(
      try JSONSerialization.data(withJSONObject: try #require(models[name.rawValue]?["config"])), to: "config.json")
    let reference = try #require(try name.cases().first)
    let outline = try ModelOutline(Checkpoint(folder: scratch.folder))
    #expect(outline.remarks == [])
    #expect(ParityTests.deviating(try reference.measured(on: outline.load()), reference) == [])
  }

  /// A copy of the model with the variant's changes.
  private static func apply(_ name: String, _ variant: Variant) throws -> Scratch {
    let scratch = try Scratch(copying: try #require(EncoderModel(rawValue: variant.model)).folder)
    let url = Reference.folder.appendingPathComponent("encoders/folders/transformers-5.24.0.json")
    let file = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
    let variants = try #require(file["variants"] as? [String: [String: Any]])
    let changes = try #require(variants[name]?["changes"] as? [String: Any])
    try scratch.edit("config.json", changes.mapValues { $0 is NSNull ? nil : $0 })
    if let tensors = variant.tensors { try change(scratch, tensors) }
    return scratch
  }

  /// As `change` of variants.py.
  private static func change(_ scratch: Scratch, _ what: String) throws {
    let gone = [
      "no pooler": "bert.pooler.", "no pooler of albert": "albert.pooler.", "no classifier": "classifier.",
      "no types": "bert.embeddings.token_type", "no dense": "classifier.dense.", "no pooler of deberta": "pooler.",
      "no head of modernbert": "head.",
    ]
    if let beginning = gone[what] {
      return try scratch.rename { $0.hasPrefix(beginning) ? nil : $0 }
    }
    let tensors = try scratch.tensors()
    func copy(_ name: String, as other: String, reversed: Bool) throws {
      let tensor = try #require(tensors.first { $0.name == name })
      let size = tensor.data.count / tensor.shape[0]
      let rows = (0..<tensor.shape[0]).map { tensor.data[($0 * size)..<(($0 + 1) * size)] }
      try scratch.add(
        .init(other, tensor.shape, type: tensor.type, Data((reversed ? rows.reversed() : rows).joined())))
    }
    switch what {
    case "gamma and beta":
      try scratch.rename {
        $0.replacing("LayerNorm.weight", with: "LayerNorm.gamma").replacing("LayerNorm.bias", with: "LayerNorm.beta")
      }
    case "no prefix": try scratch.rename { $0.hasPrefix("bert.") ? String($0.dropFirst(5)) : $0 }
    case "position ids":
      let ids = Data((0..<20).flatMap { id in withUnsafeBytes(of: Int64(id).littleEndian) { Array($0) } })
      try scratch.add(.init("bert.embeddings.position_ids", [1, 20], type: "I64", ids))
    case "pooler of roberta":
      try scratch.add(.init("roberta.pooler.dense.weight", [24, 24]), .init("roberta.pooler.dense.bias", [24]))
    case "maps of distilbert":
      try scratch.add(
        .init("vocab_transform.weight", [24, 24]), .init("vocab_transform.bias", [24]),
        .init("vocab_projector.weight", [71, 24]), .init("vocab_projector.bias", [71]))
    case "pretraining heads":
      try scratch.add(
        .init("bert.pooler.dense.weight", [24, 24]), .init("bert.pooler.dense.bias", [24]),
        .init("cls.seq_relationship.weight", [2, 24]), .init("cls.seq_relationship.bias", [2]))
    case "equal decoder", "other decoder":
      try copy(
        "bert.embeddings.word_embeddings.weight", as: "cls.predictions.decoder.weight",
        reversed: what == "other decoder")
    case "equal bias", "other bias":
      try copy("cls.predictions.bias", as: "cls.predictions.decoder.bias", reversed: what == "other bias")
    case "layer":
      try scratch.write(
        tensors
          + tensors.filter { $0.name.contains("layer.1.") }.map {
            .init($0.name.replacing("layer.1.", with: "layer.2."), $0.shape, type: $0.type, $0.data)
          })
    case "lora":
      try scratch.add(
        .init("bert.encoder.layer.0.attention.self.query.lora_A.default.weight", [2, 24]),
        .init("bert.encoder.layer.0.attention.self.query.lora_B.default.weight", [24, 2]))
    default: Issue.record("no such change: \(what)")
    }
  }
}
