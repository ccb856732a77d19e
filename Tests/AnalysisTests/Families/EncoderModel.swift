import Foundation
import Testing

@testable import Analysis

/// The tiny checkpoints of `Tests/Reference/encoders`, with their reference values.
enum EncoderModel: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case bert
  case bertMasked = "bert-masked"
  case bertMultilabel = "bert-multilabel"
  case bertRegression = "bert-regression"
  case roberta
  case robertaMasked = "roberta-masked"
  case robertaMultilabel = "roberta-multilabel"
  case robertaRegression = "roberta-regression"
  case xlmRoberta = "xlm-roberta"
  case camembert
  case camembertMasked = "camembert-masked"
  case distilbert
  case distilbertMasked = "distilbert-masked"
  case distilbertMultilabel = "distilbert-multilabel"
  case distilbertRegression = "distilbert-regression"
  case electra
  case electraMasked = "electra-masked"
  case albert
  case albertGroups = "albert-groups"
  case albertMasked = "albert-masked"
  case mpnet
  case mpnetMasked = "mpnet-masked"
  case debertaV2 = "deberta-v2"
  case debertaV2C2P = "deberta-v2-c2p"
  case debertaV2P2C = "deberta-v2-p2c"
  case debertaV2Both = "deberta-v2-both"
  case debertaV2Absolute = "deberta-v2-absolute"
  case modernbert
  case modernbertCls = "modernbert-cls"
  case modernbertMasked = "modernbert-masked"
  case modernbertMultilabel = "modernbert-multilabel"
  case modernbertRegression = "modernbert-regression"

  /// Those whose layers norm before they read.
  static let preNorm: [EncoderModel] = [
    .modernbert, .modernbertCls, .modernbertMasked, .modernbertMultilabel, .modernbertRegression,
  ]

  /// One of each family and head that computes something of its own.
  static let some: [EncoderModel] = [
    .bert, .bertMasked, .robertaRegression, .distilbertMultilabel, .electra, .albertGroups, .mpnet, .debertaV2,
    .debertaV2C2P, .modernbert, .modernbertCls,
  ]

  var testDescription: String { rawValue }

  private static let place = Reference.folder.appendingPathComponent("encoders")

  var folder: URL { Self.place.appendingPathComponent("models/\(rawValue)") }

  func model() throws -> Transformer { try Transformer.load(Checkpoint(folder: folder)) }

  func cases() throws -> [ReferenceCase] { try Reference.read(ReferenceFile.self, "encoders/\(rawValue).json").cases }

  /// The two runs of a reference case.
  func run(_ number: Int) throws -> (run: PairRun, reference: ReferenceCase) {
    let model = try model()
    let reference = try cases()[number]
    return (try reference.run(on: model), reference)
  }
}

extension ReferenceCase {
  /// The two runs on an encoder.
  func run(on model: Transformer) throws -> PairRun {
    var decision = try Decision(positive: positive.map { [$0] }, negative: negative.map { [$0] }, model: model)
    decision.position = position
    return try PairRun(
      model: model, decision: decision, clean: cleanIDs, counterfactual: corruptedIDs, types: (typeIDs, typeIDs))
  }

  /// A measurement on an encoder.
  func measured(on model: Transformer) throws -> Analysis.Measurement {
    try model.measure(
      clean: cleanIDs, corrupted: corruptedIDs, positive: positive.map { [$0] }, negative: negative.map { [$0] },
      circuits: circuits.map(\.heads), position: position, types: (typeIDs, typeIDs))
  }
}
