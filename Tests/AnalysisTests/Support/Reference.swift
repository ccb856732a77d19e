import Foundation
import Testing

@testable import Analysis

/// The files of `Tests/Reference` and `examples`, found from this file's own place.
enum Reference {
  static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let folder = tests.appendingPathComponent("Reference")
  static let examples = tests.deletingLastPathComponent().appendingPathComponent("examples")

  static func read<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(contentsOf: folder.appendingPathComponent(name)))
  }

  /// Whether the long version of a test was asked for.
  static let isFull = ProcessInfo.processInfo.environment["VITRINE_TEST_FULL"] == "1"
}

/// The models that reference values exist for.
enum ReferenceModel: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case credit10 = "credit-v1.0"
  case credit11 = "credit-v1.1"
  case ioi
  case tiny = "tiny-gpt2"
  case tinyERF = "tiny-gpt2-erf"
  case tinyReLU = "tiny-gpt2-relu"

  static let tinies: [ReferenceModel] = [.tiny, .tinyERF, .tinyReLU]

  var testDescription: String { rawValue }

  var folder: URL {
    switch self {
    case .credit10: Reference.examples.appendingPathComponent("credit-screening/models/v1.0")
    case .credit11: Reference.examples.appendingPathComponent("credit-screening/models/v1.1")
    case .ioi: Reference.examples.appendingPathComponent("ioi/models/v1.0")
    case .tiny, .tinyERF, .tinyReLU: Reference.folder.appendingPathComponent("models/\(rawValue)")
    }
  }

  func checkpoint() throws -> Checkpoint { try Checkpoint(folder: folder) }

  /// The model, loaded once for all tests.
  func model() throws -> Transformer { try LoadedModels.shared.model(self) }

  func cases() throws -> [ReferenceCase] { try Reference.read(ReferenceFile.self, "\(rawValue).json").cases }

  /// The two runs of a reference case.
  func run(_ number: Int) throws -> (run: PairRun, reference: ReferenceCase) {
    let model = try model()
    let reference = try cases()[number]
    return (
      try PairRun(
        model: model, decision: try reference.decision(of: model), clean: reference.cleanIDs,
        counterfactual: reference.corruptedIDs), reference
    )
  }
}

/// Unchecked: the dictionary is only touched under the lock.
private final class LoadedModels: @unchecked Sendable {
  static let shared = LoadedModels()
  private let lock = NSLock()
  private var models: [ReferenceModel: Transformer] = [:]

  func model(_ name: ReferenceModel) throws -> Transformer {
    lock.lock()
    defer { lock.unlock() }
    if let model = models[name] { return model }
    let model = try Transformer.load(name.checkpoint())
    models[name] = model
    return model
  }
}

/// One of `Tests/Reference/*.json`; see README.md there for the fields.
struct ReferenceFile: Decodable {
  let layers: Int
  let heads: Int
  let cases: [ReferenceCase]
}

struct ReferenceCase: Decodable {
  struct Circuit: Decodable {
    let heads: [[Int]]
    let mCircuit: Double
    let mWithout: Double
    let mEmpty: Double

    enum CodingKeys: String, CodingKey {
      case heads
      case mCircuit = "m_circuit"
      case mWithout = "m_without"
      case mEmpty = "m_empty"
    }
  }

  let cleanIDs: [Int]
  let corruptedIDs: [Int]
  let positiveAnswers: [AnswerTokens]
  let negativeAnswers: [AnswerTokens]
  let mClean: Double
  let mCorrupted: Double
  let lastLogits: [Double]
  let noisingHead: [[Double]]
  let denoisingHead: [[Double]]
  let noisingMLP: [Double]
  let denoisingMLP: [Double]
  let attributionHead: [[Double]]
  let attributionMLP: [Double]
  let igToken: [Double]
  let igInputsHead: [[Double]]
  let gradientTimesInput: [Double]
  let circuits: [Circuit]
  let noisingHeadPosition: [[[Double]]]?
  let noisingMLPPosition: [[Double]]?
  let gradientZ: [[[[Double]]]]?
  let gradientMLP: [[[Double]]]?
  let gradientEmbedding: [[Double]]?
  let logitsFloat32: [[Double]]?
  let zeroedToken: [Double]?
  /// Where a masked language model decides.
  let position: Int?
  let typeIDs: [Int]?

  enum CodingKeys: String, CodingKey {
    case cleanIDs = "clean_ids"
    case corruptedIDs = "corrupted_ids"
    case positiveAnswers = "positive"
    case negativeAnswers = "negative"
    case circuits
    case mClean = "m_clean"
    case mCorrupted = "m_corrupted"
    case lastLogits = "last_logits"
    case noisingHead = "noising_head"
    case denoisingHead = "denoising_head"
    case noisingMLP = "noising_mlp"
    case denoisingMLP = "denoising_mlp"
    case attributionHead = "attribution_head"
    case attributionMLP = "attribution_mlp"
    case igToken = "ig_token"
    case igInputsHead = "ig_inputs_head"
    case gradientTimesInput = "grad_x_input_token"
    case noisingHeadPosition = "noising_head_position"
    case noisingMLPPosition = "noising_mlp_position"
    case gradientZ = "gradient_z"
    case gradientMLP = "gradient_mlp"
    case gradientEmbedding = "gradient_embedding"
    case logitsFloat32 = "logits_float32"
    case zeroedToken = "zeroed_token"
    case position
    case typeIDs = "type_ids"
  }

  /// Answers of one token each.
  var positive: [Int] { positiveAnswers.map { $0.ids[0] } }
  var negative: [Int] { negativeAnswers.map { $0.ids[0] } }

  /// What differences are measured against: max(1, |m_clean − m_corrupted|).
  var scale: Double { max(1, abs(mClean - mCorrupted)) }

  func decision(of model: Transformer) throws -> Decision {
    try Decision(positive: positive, negative: negative, vocabulary: model.vocabularySize)
  }
}

/// The largest absolute difference of two lists of numbers; infinite if they cannot be compared: another count, or a value
/// that is not finite.
func largestDifference(_ ours: [Double], _ reference: [Double]) -> Double {
  guard ours.count == reference.count, ours.allSatisfy(\.isFinite), reference.allSatisfy(\.isFinite) else {
    return .infinity
  }
  return zip(ours, reference).map { abs($0 - $1) }.max() ?? 0
}

/// The bit patterns of floats, to compare "bit for bit".
func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }

/// Seeded numbers in −1..<1.
func noise(_ count: Int, seed: UInt64, scale: Float = 1) -> [Float] {
  var generator = SplitMix64(seed: seed)
  return (0..<count).map { _ in Float(Int64(generator.next() >> 40) - 0x80_0000) * 0x1p-23 * scale }
}
