import Foundation
import Testing

@testable import Analysis

/// The tiny checkpoints of `Tests/Reference/families`, one or more of every family, with their reference values.
enum FamilyModel: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case llama, llama3
  case llamaLinear = "llama-linear"
  case mistral, qwen2, qwen3
  case neox = "gpt-neox"
  case neoxSerial = "gpt-neox-serial"
  case phi3, gemma2
  case gemma2Uncapped = "gemma2-uncapped"
  case gpt2Classifier = "gpt2-classifier"
  case llamaClassifier = "llama-classifier"
  case neoxClassifier = "gpt-neox-classifier"
  case gemma2Classifier = "gemma2-classifier"

  static let classifiers: [FamilyModel] = [.gpt2Classifier, .llamaClassifier, .neoxClassifier, .gemma2Classifier]

  var testDescription: String { rawValue }

  private static let place = Reference.folder.appendingPathComponent("families")

  var folder: URL { Self.place.appendingPathComponent("models/\(rawValue)") }

  func model() throws -> Transformer { try Transformer.load(Checkpoint(folder: folder)) }

  func cases() throws -> [ReferenceCase] { try Reference.read(ReferenceFile.self, "families/\(rawValue).json").cases }

  /// The two runs of a reference case.
  func run(_ number: Int) throws -> (run: PairRun, reference: ReferenceCase) {
    let model = try model()
    let reference = try cases()[number]
    let decision = try Decision(
      positive: reference.positive, negative: reference.negative, vocabulary: model.decisionCount)
    return (
      try PairRun(
        model: model, decision: decision, clean: reference.cleanIDs, counterfactual: reference.corruptedIDs), reference
    )
  }
}

extension Analysis.Measurement {
  /// Every number as a bit pattern.
  var bitPatterns: [UInt64] {
    ([mClean, mCorrupted] + lastLogits.map(Double.init) + noisingMLP + denoisingMLP + attributionMLP + igToken
      + gradientTimesInputToken
      + [noisingHead, denoisingHead, attributionHead, igInputsHead].flatMap { $0.flatMap { $0 } }
      + circuits.flatMap { [$0.mCircuit, $0.mWithout, $0.mEmpty] })
      .map(\.bitPattern)
  }
}

extension Transformer {
  func measure(_ reference: ReferenceCase) throws -> Analysis.Measurement {
    try measure(
      clean: reference.cleanIDs, corrupted: reference.corruptedIDs, positive: reference.positive,
      negative: reference.negative, circuits: reference.circuits.map(\.heads))
  }
}
