import Foundation
import Testing

@testable import Analysis

/// One of `Tests/Reference/backward/*.json`; `backward.py` there says what the fields are.
struct BackwardFile: Decodable {
  struct Case: Decodable {
    let cleanIDs: [Int]
    let corruptedIDs: [Int]
    let positive: [Int]
    let negative: [Int]
    let mClean: Double
    let mCorrupted: Double
    let relevanceHead: [[Double]]
    let relevanceMLP: [Double]
    let attendedHead: [[Double]]
    let attendedMLP: [Double]
    let relevanceEmbedding: Double
    let droppedHead: [[Double]]
    let droppedMLP: [Double]
    let linear: [[[Double]]]
    let corrected: [[[Double]]]
    let exact: [[[Double]]]
    let star: [[[Double]]]
    let correctedKeyPosition: [[[Double]]]

    private struct Key: CodingKey {
      let stringValue: String
      let intValue: Int? = nil
      init(_ name: String) { stringValue = name }
      init?(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      func read<Value: Decodable>(_ name: String) throws -> Value {
        try container.decode(Value.self, forKey: Key(name))
      }
      func byKind(_ name: String, _ kinds: [String]) throws -> [[[Double]]] {
        try kinds.map { try read("\(name)_\($0)") }
      }
      cleanIDs = try read("clean_ids")
      corruptedIDs = try read("corrupted_ids")
      positive = try read("positive")
      negative = try read("negative")
      mClean = try read("m_clean")
      mCorrupted = try read("m_corrupted")
      relevanceHead = try read("relevance_head")
      relevanceMLP = try read("relevance_mlp")
      attendedHead = try read("attended_head")
      attendedMLP = try read("attended_mlp")
      relevanceEmbedding = try read("relevance_embedding")
      droppedHead = try read("dropped_head")
      droppedMLP = try read("dropped_mlp")
      linear = try byKind("linear", ["query", "key", "value"])
      exact = try byKind("exact", ["query", "key", "value"])
      corrected = try byKind("corrected", ["query", "key"])
      star = try byKind("star", ["query", "key"])
      correctedKeyPosition = try read("corrected_key_position")
    }

    var limit: Double { 1e-4 * max(1, abs(mClean - mCorrupted)) }

    func run(_ model: Transformer) throws -> PairRun {
      try PairRun(model: model, clean: cleanIDs, counterfactual: corruptedIDs, positive: positive, negative: negative)
    }

    /// Values by head and by MLP in the model's order of nodes.
    func byNode(_ heads: [[Double]], _ mlps: [Double]) -> [Double] { zip(heads, mlps).flatMap { $0 + [$1] } }
  }

  let cases: [Case]

  static let models = [
    "tiny-gpt2", "tiny-gpt2-erf", "tiny-gpt2-relu", "llama", "mistral", "qwen3", "gpt-neox", "gpt-neox-serial", "phi3",
    "gemma2", "llama-classifier",
  ]

  static func read(_ name: String) throws -> (Transformer, [Case]) {
    (try ForcedAnswerTests.model(name), try Reference.read(BackwardFile.self, "backward/\(name).json").cases)
  }
}

@Suite("Relevance patching, AtP* and GradDrop, against PyTorch")
struct BackwardReferenceTests {
  @Test("Relevance patching is what autograd gives with RelP's rules", arguments: BackwardFile.models)
  func relevances(name: String) throws {
    let (model, cases) = try BackwardFile.read(name)
    var (apart, between) = (0.0, 0.0)
    for reference in cases {
      let run = try reference.run(model)
      let (held, attended) = (run.relevances(patternHeld: true), run.relevances(patternHeld: false))
      #expect(
        largestDifference(held, reference.byNode(reference.relevanceHead, reference.relevanceMLP)) <= reference.limit)
      #expect(
        largestDifference(attended, reference.byNode(reference.attendedHead, reference.attendedMLP)) <= reference.limit)
      let gradients = model.gradients(of: run.decision, run.clean, rule: .relevance(patternHeld: true))
      // The tokens' own embeddings, as in the reference: without those of positions.
      let width = model.architecture.width
      let sum = reference.cleanIDs.enumerated().reduce(0.0) { sum, entry in
        let token = model.tokenEmbedding.pointer + entry.element * width
        let slope = gradients.embedding.row(entry.offset)
        return (0..<width).reduce(sum) {
          $0 + Double(model.architecture.embeddingScale * token[$1]) * Double(slope[$1])
        }
      }
      #expect(abs(sum - reference.relevanceEmbedding) <= reference.limit)
      apart = max(apart, largestDifference(held, run.attributions()))
      between = max(between, largestDifference(held, attended))
    }
    // A rule that was not applied would show gradients.
    #expect(apart > 0.01 && between > 0.01)
  }

  @Test(
    "Queries, keys and values: exact effects, first order, and with the softmax exact", arguments: BackwardFile.models)
  func inputs(name: String) throws {
    let (model, cases) = try BackwardFile.read(name)
    for reference in cases {
      let effects = try reference.run(model).headInputEffects()
      func check(_ ours: [Double], _ wanted: [[[Double]]], _ what: String) {
        for (kind, values) in zip(HeadInputKind.allCases, wanted) {
          let mine = zip(model.headInputs, ours).filter { $0.0.kind == kind }.map(\.1)
          #expect(largestDifference(mine, values.flatMap { $0 }) <= reference.limit, "\(what) \(kind)")
        }
      }
      check(effects.inputs.exact, reference.exact, "exact")
      check(effects.inputs.linear, reference.linear, "linear")
      // Of values the correction changes nothing.
      check(effects.inputs.corrected, reference.corrected + [reference.linear[2]], "corrected")
      check(try #require(effects.inputs.dropped), reference.star, "dropped")
    }
  }

  @Test("A key at one position alone, as the paper has it", arguments: BackwardFile.models)
  func keyPositions(name: String) throws {
    let (model, cases) = try BackwardFile.read(name)
    for reference in cases {
      let run = try reference.run(model)
      let gradients = model.gradients(of: run.decision, run.clean)
      for (layer, heads) in reference.correctedKeyPosition.enumerated() {
        for (head, values) in heads.enumerated() {
          let ours = values.indices.map {
            run.correctedEffect(
              of: HeadInput(layer: layer, kind: .key, head: head), position: $0, gradients: gradients)
          }
          #expect(largestDifference(ours, values) <= reference.limit, "L\(layer)H\(head)")
        }
      }
    }
  }

  @Test("GradDrop is the mean over detached layers", arguments: BackwardFile.models)
  func dropped(name: String) throws {
    let (model, cases) = try BackwardFile.read(name)
    for reference in cases {
      let run = try reference.run(model)
      let wanted = reference.byNode(reference.droppedHead, reference.droppedMLP)
      let ours = try #require(run.droppedAttributions())
      #expect(largestDifference(ours, wanted) <= reference.limit)
      #expect(try #require(run.headInputEffects().dropped) == ours)
    }
  }
}
