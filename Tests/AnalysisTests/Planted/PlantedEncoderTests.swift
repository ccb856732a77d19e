import Foundation
import Testing

@testable import Analysis

/// A BERT classifier written by hand: one head looks at one position and copies the token that stands there, the pooler reads the copy, and
/// the classes are the tokens. Every other head and both MLPs write, from random maps, what nobody reads.
private struct PlantedEncoder {
  static let width = 48
  static let heads = 4
  static let headWidth = 12
  static let hidden = 16
  /// `[CLS]`, `[SEP]`, then the symbols.
  static let symbols = 8
  static let vocabulary = symbols + 2
  static let positions = 8
  private static let carrier: Float = 3

  let model: Transformer
  let tokenizer: Tokenizer?
  /// The head that carries the token, and the position that it looks at.
  let head: Node
  let target: Int
  /// Prompts that differ in the token there, with the symbols that stand there.
  let pairs: [(clean: [Int], counterfactual: [Int], symbols: (Int, Int))]

  init(seed: UInt64, pairs count: Int = 6) throws {
    var generator = SplitMix64(seed: seed)
    let layer = generator.index(below: 2)
    let index = generator.index(below: Self.heads)
    (head, target) = (.head(layer: layer, head: index), 1 + generator.index(below: Self.positions - 2))
    let features = Self.features(seed: seed)
    let (tokens, places) = (features[0..<8], Array(features[8..<16]))
    let (answers, unread, constant) = (Array(features[16..<24]), Array(features[24..<32]), features[32])
    var number = seed &* 10_000
    func random(_ scale: Float, _ count: Int) -> [Float] {
      number += 1
      return noise(count, seed: number, scale: scale)
    }
    var tensors: [Scratch.NewTensor] = []
    func add(_ name: String, _ shape: [Int], _ values: [Float]) {
      tensors.append(
        Scratch.NewTensor(name, shape, type: "F32", values.withUnsafeBytes { Data($0) }))
    }
    func norm(_ name: String) {
      add(name + ".weight", [Self.width], [Float](repeating: 1, count: Self.width))
      add(name + ".bias", [Self.width], [Float](repeating: 0, count: Self.width))
    }
    func map(_ name: String, _ rows: [[Float]]) {
      add(name + ".weight", [rows.count, rows[0].count], rows.flatMap { $0 })
      add(name + ".bias", [rows.count], [Float](repeating: 0, count: rows.count))
    }
    func scaled(_ row: [Float], _ factor: Float) -> [Float] { row.map { $0 * factor } }
    let zero = [Float](repeating: 0, count: Self.width)
    add(
      "bert.embeddings.word_embeddings.weight", [Self.vocabulary, Self.width],
      (unread[0..<2] + tokens).flatMap { $0 })
    add("bert.embeddings.position_embeddings.weight", [Self.positions, Self.width], places.flatMap { $0 })
    add("bert.embeddings.token_type_embeddings.weight", [1, Self.width], scaled(constant, Self.carrier))
    norm("bert.embeddings.LayerNorm")
    for i in 0..<2 {
      let name = "bert.encoder.layer.\(i)."
      var (query, key, value) = ([[Float]](), [[Float]](), [[Float]]())
      var output = [[Float]](repeating: [], count: Self.width)
      for h in 0..<Self.heads {
        let isPlanted = (i, h) == (layer, index)
        for dimension in 0..<Self.headWidth {
          // A score of about 30 between the constant and the target's position; the decoys' queries and keys are noise.
          query.append(isPlanted ? (dimension == 0 ? scaled(constant, 2.9) : zero) : random(0.3, Self.width))
          key.append(isPlanted ? (dimension == 0 ? scaled(places[target], 2.9) : zero) : random(0.3, Self.width))
          value.append(
            isPlanted ? (dimension < Self.symbols ? scaled(tokens[dimension], 1) : zero) : random(0.3, Self.width))
          let written: [Float] =
            isPlanted
            ? (dimension < Self.symbols ? answers[dimension] : zero)
            : zip(unread[2 + dimension % 6], unread[2 + (dimension + 1) % 6]).map { ($0 - $1) * 0.3 }
          for row in 0..<Self.width { output[row].append(written[row]) }
        }
      }
      map(name + "attention.self.query", query)
      map(name + "attention.self.key", key)
      map(name + "attention.self.value", value)
      map(name + "attention.output.dense", output)
      norm(name + "attention.output.LayerNorm")
      map(name + "intermediate.dense", (0..<Self.hidden).map { _ in random(0.3, Self.width) })
      var out = [[Float]](repeating: [], count: Self.width)
      for unit in 0..<Self.hidden {
        let written = scaled(unread[2 + unit % 6], 0.2)
        for row in 0..<Self.width { out[row].append(written[row]) }
      }
      map(name + "output.dense", out)
      norm(name + "output.LayerNorm")
    }
    map(
      "bert.pooler.dense", (0..<Self.width).map { $0 < Self.symbols ? scaled(answers[$0], 1) : zero })
    map(
      "classifier",
      (0..<Self.symbols).map { label in (0..<Self.width).map { $0 == label ? 4 : 0 } })

    let scratch = try Scratch()
    try scratch.write(tensors)
    try scratch.write(Self.configuration, to: "config.json")
    try Planted.writeTokenizer(vocabulary: Self.vocabulary, to: scratch)
    try scratch.write("{\"tokenizer_class\": \"PreTrainedTokenizerFast\"}", to: "tokenizer_config.json")
    (model, tokenizer) = try withExtendedLifetime(scratch) {
      let checkpoint = try Checkpoint(folder: scratch.folder)
      return (try Transformer.load(checkpoint), try checkpoint.tokenizer())
    }
    // All pairs ask for the same two symbols, so that they make up one behaviour.
    let first = generator.index(below: Self.symbols)
    let symbols = (first, (first + 1 + generator.index(below: Self.symbols - 1)) % Self.symbols)
    let target = self.target
    pairs = (0..<count).map { _ in
      var clean = [0] + (1..<Self.positions - 1).map { _ in 2 + generator.index(below: Self.symbols) } + [1]
      clean[target] = 2 + symbols.0
      var counterfactual = clean
      counterfactual[target] = 2 + symbols.1
      return (clean, counterfactual, symbols)
    }
  }

  /// Orthonormal directions at right angles to (1, …, 1), so that norms find no mean.
  private static func features(seed: UInt64) -> [[Float]] {
    var found: [[Double]] = []
    var number = seed &* 77_777
    while found.count < 33 {
      number += 1
      var row = noise(width, seed: number).map(Double.init)
      let mean = row.reduce(0, +) / Double(width)
      for i in row.indices { row[i] -= mean }
      for other in found {
        let dot = zip(row, other).reduce(0) { $0 + $1.0 * $1.1 }
        for i in row.indices { row[i] -= dot * other[i] }
      }
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > 1e-3 else { continue }
      found.append(row.map { $0 / length })
    }
    return found.map { $0.map(Float.init) }
  }

  /// The name of a symbol's class.
  static func label(_ symbol: Int) -> String { "symbol \(symbol)" }

  private static var configuration: String {
    let labels = (0..<symbols).map { "\"\($0)\": \"\(label($0))\"" }.joined(separator: ", ")
    let ids = (0..<symbols).map { "\"\(label($0))\": \($0)" }.joined(separator: ", ")
    return """
      {"architectures": ["BertForSequenceClassification"], "model_type": "bert", "hidden_size": \(width),
       "num_hidden_layers": 2, "num_attention_heads": \(heads), "intermediate_size": \(hidden), "hidden_act": "gelu",
       "layer_norm_eps": 1e-12, "max_position_embeddings": \(positions), "type_vocab_size": 1, "vocab_size": \(vocabulary),
       "pad_token_id": null, "problem_type": "single_label_classification", "id2label": {\(labels)}, "label2id": {\(ids)}}
      """
  }

  func run(_ pair: Int) throws -> PairRun {
    let pair = pairs[pair]
    return try PairRun(
      model: model, clean: pair.clean, counterfactual: pair.counterfactual, positive: [pair.symbols.0],
      negative: [pair.symbols.1])
  }
}

@Suite("A planted encoder")
struct PlantedEncoderTests {
  private static let seeds: [UInt64] = Array(1...20)

  @Test("The classifier names the token at the planted position, whatever stands elsewhere")
  func solves() throws {
    for seed in Self.seeds {
      let planted = try PlantedEncoder(seed: seed)
      for pair in planted.pairs {
        for (ids, symbol) in [(pair.clean, pair.symbols.0), (pair.counterfactual, pair.symbols.1)] {
          let logits = try planted.model.logits(of: ids)
          #expect(logits.max() == logits[symbol], "seed \(seed): \(logits)")
        }
      }
    }
  }

  @Test("Exact and first-order patching find the planted head in 20 of 20 seeds, and next to nothing elsewhere")
  func patching() throws {
    for seed in Self.seeds {
      let planted = try PlantedEncoder(seed: seed)
      let nodes = planted.model.nodes
      for number in planted.pairs.indices {
        let run = try planted.run(number)
        let range = run.mClean - run.mCounterfactual
        #expect(range > 1, "seed \(seed)")
        for (noising, base) in [(true, run.mClean), (false, run.mCounterfactual)] {
          for (node, value) in zip(nodes, run.values(nodes.map { [$0] }, noising: noising)) {
            let share = abs(value.m - base) / range
            if node == planted.head {
              #expect(share > 0.9, "seed \(seed): \(node) \(share)")
            } else {
              #expect(share < 0.05, "seed \(seed): \(node) \(share)")
            }
          }
        }
        let scores = run.attributions()
        let best = zip(nodes, scores).max { abs($0.1) < abs($1.1) }
        #expect(best?.0 == planted.head, "seed \(seed)")
      }
    }
  }

  @Test("A whole run finds the planted head as the circuit in 20 of 20 seeds, and where it looks")
  func circuit() throws {
    for seed in Self.seeds {
      let planted = try PlantedEncoder(seed: seed)
      let analyzer = Analyzer(model: planted.model, tokenizer: planted.tokenizer, folder: "planted")
      let symbols = planted.pairs[0].symbols
      let plan = AnalysisPlan(
        behaviour: "planted", question: "What was planted?", positive: [PlantedEncoder.label(symbols.0)],
        negative: [PlantedEncoder.label(symbols.1)],
        pairs: planted.pairs.enumerated().map { number, pair in
          .init(
            name: "pair \(number + 1)", clean: Planted.text(pair.clean),
            counterfactual: Planted.text(pair.counterfactual))
        }, methods: [.exactPatching, .circuit, .forwardBackward], bootstrapResamples: 100)
      let outcome = try analyzer.run(plan)
      #expect(outcome.refusals.isEmpty, "seed \(seed): \(outcome.refusals)")
      #expect(outcome.result.circuit?.heads == [planted.head], "seed \(seed)")
      #expect(outcome.result.forwardBackward?.selection.nodes == [planted.head], "seed \(seed)")
      #expect(outcome.selfTests.allSatisfy { $0.outcome != .failed }, "seed \(seed)")
    }
  }
}
