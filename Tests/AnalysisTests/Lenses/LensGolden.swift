import Foundation
import Testing

@testable import Analysis

/// A tiny checkpoint with what PyTorch says the lenses show of it (Tests/Reference/families/lens_goldens.py).
struct LensModel: Sendable, CustomTestStringConvertible {
  let name: String
  let folder: URL

  static let all =
    ReferenceModel.tinies.map { LensModel(name: $0.rawValue, folder: $0.folder) }
    + FamilyModel.allCases.map { LensModel(name: $0.rawValue, folder: $0.folder) }

  var testDescription: String { name }

  func model() throws -> Transformer { try Transformer.load(Checkpoint(folder: folder)) }

  func golden() throws -> LensGolden { try Reference.read(LensGolden.self, "families/lenses/\(name).json") }
}

/// One of `Tests/Reference/families/lenses/*.json`; see README.md of Tests/Reference for the fields.
struct LensGolden: Decodable {
  struct Reading: Decodable {
    let position: Int
    let depth: Int
    let value: Double
    let divergence: Double
    let top: [Int]
    let probabilities: [Double]
  }

  struct Attribution: Decodable {
    let token: Double
    let position: Double?
    let heads: [[Double]]
    let mlps: [Double]
    let attentionBiases: [Double]
    let finalBias: Double
    let m: Double

    enum CodingKeys: String, CodingKey {
      case token, position, heads, mlps, m
      case attentionBiases = "attention_biases"
      case finalBias = "final_bias"
    }
  }

  struct Several: Decodable {
    let positive: [Int]
    let negative: [Int]
    let attribution: Attribution
    let lens: [Reading]
  }

  struct Rotations: Decodable {
    let value: Double
    let mean: Double
    let deviation: Double
    let samples: Int
    let dimension: Int
  }

  struct Role: Decodable {
    let value: Double
    let baseline: Double
    let prompts: Int
    let positions: Int
  }

  struct Copying: Decodable {
    let attended: Double
    let baseline: Double
    let raised: Double
    let prompts: Int
    let tokens: Int
  }

  struct Roles: Decodable {
    let previous: Role?
    let duplicate: Role?
    let induction: Role?
    let first: Role?
    let positive: Role?
    let negative: Role?
    let copying: Copying?
  }

  let prompts: [[Int]]
  let positive: [Int]
  let negative: [Int]
  let attention: [[[[Double]]]]
  let lens: [Reading]
  let attribution: Attribution
  let several: Several
  let composition: [[Double]]
  let compositionAt3: [[Double]]
  let rotations: Rotations
  let roles: [[Roles]]

  enum CodingKeys: String, CodingKey {
    case prompts, positive, negative, attention, lens, attribution, several, composition, rotations, roles
    case compositionAt3 = "composition_at_3"
  }
}

/// A model, its golden values, and the run of the first prompt.
struct LensRun {
  let model: Transformer
  let golden: LensGolden
  let ids: [Int]
  let trace: Trace

  init(_ lens: LensModel) throws {
    model = try lens.model()
    golden = try lens.golden()
    ids = golden.prompts[0]
    trace = try model.forward(ids)
  }

  func decision() throws -> Decision {
    try Decision(positive: golden.positive, negative: golden.negative, vocabulary: model.decisionCount)
  }

  func several() throws -> Decision {
    try Decision(
      positive: golden.several.positive, negative: golden.several.negative, vocabulary: model.decisionCount)
  }
}
