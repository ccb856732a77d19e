import Foundation
import Testing

@testable import Analysis

/// The models that `Tests/Reference/edges` has values for: every family whose heads add to the stream one by one.
enum EdgeModel: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case tiny = "tiny-gpt2"
  case tinyERF = "tiny-gpt2-erf"
  case tinyReLU = "tiny-gpt2-relu"
  case ioi, llama, llama3
  case llamaLinear = "llama-linear"
  case mistral, qwen2, qwen3
  case neox = "gpt-neox"
  case neoxSerial = "gpt-neox-serial"
  case phi3
  case gpt2Classifier = "gpt2-classifier"
  case llamaClassifier = "llama-classifier"
  case neoxClassifier = "gpt-neox-classifier"

  /// All but the trained one, which is larger.
  static let small = allCases.filter { $0 != .ioi }

  var testDescription: String { rawValue }

  private var folder: URL? { ReferenceModel(rawValue: rawValue)?.folder ?? FamilyModel(rawValue: rawValue)?.folder }

  func model(memory: Int? = nil) throws -> Transformer {
    guard let folder else { preconditionFailure("no model \(rawValue)") }
    return try Transformer.load(Checkpoint(folder: folder), memory: MemoryBudget(total: memory))
  }

  func golden() throws -> EdgeGolden { try Reference.read(EdgeGolden.self, "edges/\(rawValue).json") }

  /// The two runs of a case.
  func run(_ number: Int = 0, memory: Int? = nil) throws -> PairRun {
    try golden().cases[number].run(model(memory: memory))
  }
}

/// One of `Tests/Reference/edges/*.json`; `generate.py` there says what the fields are.
struct EdgeGolden: Decodable {
  struct Case: Decodable {
    struct Set: Decodable {
      let edges: String
      let m: Double

      var variant: [Bool] { edges.map { $0 == "1" } }
    }

    let cleanIDs: [Int]
    let corruptedIDs: [Int]
    let positive: [Int]
    let negative: [Int]
    let mClean: Double
    let mCorrupted: Double
    let eap: [Double]
    let eapIG: [Double]
    let single: [String: Double]
    let back: [String: Double]
    let sets: [Set]

    enum CodingKeys: String, CodingKey {
      case cleanIDs = "clean_ids"
      case corruptedIDs = "corrupted_ids"
      case mClean = "m_clean"
      case mCorrupted = "m_corrupted"
      case eapIG = "eap_ig"
      case positive, negative, eap, single, back, sets
    }

    /// How far a number may be off.
    var limit: Double { 1e-4 * max(1, abs(mClean - mCorrupted)) }

    func run(_ model: Transformer) throws -> PairRun {
      try PairRun(model: model, clean: cleanIDs, counterfactual: corruptedIDs, positive: positive, negative: negative)
    }
  }

  let steps: Int
  let cases: [Case]
}

extension EdgeGraph {
  /// A set of edges as a variant of a sweep.
  func variant(_ edges: some Sequence<Int>) -> [Bool] {
    var result = [Bool](repeating: false, count: count)
    for edge in edges { result[edge] = true }
    return result
  }

  /// Random sets of every size, one of a single edge and one of all but one among them.
  func variants(_ number: Int, _ generator: inout SplitMix64) -> [[Bool]] {
    (0..<number).map { i in
      switch i % 7 {
      case 0: return variant([generator.index(below: count)])
      case 1: return variant([generator.index(below: count)]).map { !$0 }
      default:
        let share = generator.index(below: 100)
        return (0..<count).map { _ in generator.index(below: 100) < share }
      }
    }
  }
}

/// The shape of a graph; what does not matter to it is filled in.
func shape(layers: Int, heads: Int, groups: Int? = nil, isParallel: Bool = false) -> Architecture {
  Architecture(
    layers: layers, heads: heads, keyValueHeads: groups ?? heads, headWidth: 2, width: 2 * heads, hidden: 4,
    positions: 8, vocabulary: 10, activation: .relu, isParallel: isParallel, attentionScale: [], attentionWindow: [])
}
