import Foundation
import Testing

@testable import Analysis

/// Every field of the reference files: float64 values of Hugging Face transformers and PyTorch autograd.
@Suite("Parity with the reference")
struct ParityTests {
  /// Relative to max(1, |m_clean − m_corrupted|).
  static let tolerance = 1e-4

  /// The fields whose largest difference from the reference, over the case's scale, exceeds the tolerance.
  static func deviating(_ ours: Analysis.Measurement, _ reference: ReferenceCase) -> [String] {
    var fields: [(String, [Double], [Double])] = [
      ("m_clean", [ours.mClean], [reference.mClean]),
      ("m_corrupted", [ours.mCorrupted], [reference.mCorrupted]),
      ("last_logits", ours.lastLogits.map(Double.init), reference.lastLogits),
      ("noising_head", ours.noisingHead.flatMap { $0 }, reference.noisingHead.flatMap { $0 }),
      ("denoising_head", ours.denoisingHead.flatMap { $0 }, reference.denoisingHead.flatMap { $0 }),
      ("noising_mlp", ours.noisingMLP, reference.noisingMLP),
      ("denoising_mlp", ours.denoisingMLP, reference.denoisingMLP),
      ("attribution_head", ours.attributionHead.flatMap { $0 }, reference.attributionHead.flatMap { $0 }),
      ("attribution_mlp", ours.attributionMLP, reference.attributionMLP),
      ("ig_token", ours.igToken, reference.igToken),
      ("ig_inputs_head", ours.igInputsHead.flatMap { $0 }, reference.igInputsHead.flatMap { $0 }),
      ("grad_x_input_token", ours.gradientTimesInputToken, reference.gradientTimesInput),
    ]
    fields.append(("m_circuit", ours.circuits.map(\.mCircuit), reference.circuits.map(\.mCircuit)))
    fields.append(("m_without", ours.circuits.map(\.mWithout), reference.circuits.map(\.mWithout)))
    fields.append(("m_empty", ours.circuits.map(\.mEmpty), reference.circuits.map(\.mEmpty)))
    return fields.filter { !(largestDifference($0.1, $0.2) <= tolerance * reference.scale) }.map(\.0)
  }

  private static func measure(_ name: ReferenceModel, _ reference: ReferenceCase) throws -> Analysis.Measurement {
    try name.model().measure(
      clean: reference.cleanIDs, corrupted: reference.corruptedIDs, positive: reference.positive,
      negative: reference.negative, circuits: reference.circuits.map(\.heads))
  }

  @Test("Every value of every case lies within 1e-4 of the reference", arguments: ReferenceModel.allCases)
  func measurements(name: ReferenceModel) throws {
    for (number, reference) in try name.cases().enumerated() {
      let ours = try Self.measure(name, reference)
      #expect(ours.cleanIDs == reference.cleanIDs && ours.corruptedIDs == reference.corruptedIDs)
      #expect(ours.positive == reference.positiveAnswers && ours.negative == reference.negativeAnswers)
      #expect(ours.circuits.map(\.heads) == reference.circuits.map(\.heads))
      #expect(Self.deviating(ours, reference) == [], "case \(number)")
    }
  }

  /// Typical mistakes, and the fields that a comparison must then name.
  static let mistakes: [(String, [String], @Sendable (inout Analysis.Measurement) -> Void)] = [
    ("noising scaled by 1.001", ["noising_head"], { $0.noisingHead = $0.noisingHead.map { $0.map { $0 * 1.001 } } }),
    ("heads in another order", ["denoising_head"], { $0.denoisingHead = $0.denoisingHead.map { $0.reversed() } }),
    ("attribution of the other sign", ["attribution_mlp"], { $0.attributionMLP = $0.attributionMLP.map(-) }),
    ("a head's attribution lost", ["attribution_head"], { $0.attributionHead[0][0] = 0 }),
    ("positions shifted", ["ig_token"], { $0.igToken = Array($0.igToken.dropFirst()) + [0] }),
    ("a position too few", ["grad_x_input_token"], { _ = $0.gradientTimesInputToken.removeLast() }),
    ("not a number", ["m_circuit"], { $0.circuits[0].mCircuit = .nan }),
    ("the two runs exchanged", ["m_clean", "m_corrupted"], { swap(&$0.mClean, &$0.mCorrupted) }),
    ("a logit off by 0.01", ["last_logits"], { $0.lastLogits[7] += 0.01 }),
  ]

  @Test("The comparison sees a value that is wrong", arguments: mistakes.indices)
  func comparisonCanFail(mistake: Int) throws {
    // A case whose scale is 1, so that the tolerance is 1e-4 itself.
    let reference = try ReferenceModel.credit10.cases()[0]
    var ours = try Self.measure(.credit10, reference)
    Self.mistakes[mistake].2(&ours)
    #expect(Self.deviating(ours, reference) == Self.mistakes[mistake].1, "\(Self.mistakes[mistake].0)")
  }

  @Test("Float32 logits of every position lie within 5e-5 of Hugging Face's", arguments: ReferenceModel.tinies)
  func logitsOfEveryPosition(name: ReferenceModel) throws {
    let model = try name.model()
    var compared = 0
    for reference in try name.cases() {
      guard let wanted = reference.logitsFloat32 else { continue }
      let trace = try model.forward(reference.cleanIDs)
      let last = trace.residual[model.layerCount]
      let ours = reference.cleanIDs.indices.map { model.logits(at: last.row($0)).map(Double.init) }
      #expect(largestDifference(ours.flatMap { $0 }, wanted.flatMap { $0 }) <= 5e-5)
      compared += 1
    }
    #expect(compared == 4)
  }

  @Test("Float32 logits at the last token lie within 5e-5 of Hugging Face's on the examples' models")
  func lastLogits() throws {
    struct File: Decodable {
      struct Case: Decodable {
        let reference: String
        let ids: [Int]
        let lastLogits: [Double]
        enum CodingKeys: String, CodingKey {
          case reference, ids
          case lastLogits = "last_logits_float32"
        }
      }
      let cases: [Case]
    }
    let cases = try Reference.read(File.self, "float32-logits.json").cases
    #expect(Set(cases.map(\.reference)) == ["credit-v1.0", "ioi"])
    for reference in cases {
      let model = try #require(ReferenceModel(rawValue: reference.reference)).model()
      let trace = try model.forward(reference.ids)  // decisionRow points into it
      let ours = model.logits(at: trace.decisionRow(sequence: 0))
      #expect(largestDifference(ours.map(Double.init), reference.lastLogits) <= 5e-5)
    }
  }

  @Test("Gradients to every head, MLP and embedding are autograd's", arguments: ReferenceModel.tinies)
  func gradients(name: ReferenceModel) throws {
    let (run, reference) = try name.run(0)
    let (gradientZ, gradientMLP) = (try #require(reference.gradientZ), try #require(reference.gradientMLP))
    let gradients = run.model.gradients(of: run.decision, run.clean)
    let width = run.model.architecture.headWidth
    func rows(_ place: SitePlace) -> [Double] { place.values(0..<run.clean.length).map(Double.init) }
    for (l, layer) in gradientZ.enumerated() {
      for (h, wanted) in layer.enumerated() {
        let place = gradients.place(of: .head(layer: l, head: h), sequence: 0, length: 7, headWidth: width)
        #expect(largestDifference(rows(place), wanted.flatMap { $0 }) <= 1e-4 * reference.scale, "L\(l)H\(h)")
      }
      let place = gradients.place(of: .mlp(layer: l), sequence: 0, length: 7, headWidth: width)
      #expect(largestDifference(rows(place), gradientMLP[l].flatMap { $0 }) <= 1e-4 * reference.scale, "MLP\(l)")
    }
    let embedding = try #require(reference.gradientEmbedding).flatMap { $0 }
    let ours = gradients.embedding.buffer.array(0..<embedding.count).map(Double.init)
    #expect(largestDifference(ours, embedding) <= 1e-4 * reference.scale)
    // Nothing of the above is about small numbers.
    #expect(embedding.contains { abs($0) > 0.01 })
    #expect(gradientZ.allSatisfy { $0.allSatisfy { $0.joined().contains { abs($0) > 0.01 } } })
  }

  /// Effects of every node at every position against a reference.
  private func comparePositions(_ run: PairRun, _ heads: [[[Double]]], _ mlps: [[Double]], scale: Double) {
    for node in run.model.nodes {
      let variants = (0..<run.clean.length).map {
        [Intervention(Site(node), positions: $0..<$0 + 1, .run(run.counterfactual, sequence: 0))]
      }
      let effects = Sweep(model: run.model, base: run.clean, sequence: 0).run(variants).map { outcome in
        outcome.residual.withUnsafeBufferPointer { row in
          row.baseAddress.map { run.model.value(of: run.decision, at: $0) - run.mClean } ?? .nan
        }
      }
      let wanted =
        switch node {
        case .head(let layer, let head): heads[layer][head]
        case .mlp(let layer): mlps[layer]
        }
      #expect(largestDifference(effects, wanted) <= Self.tolerance * scale, "\(node)")
    }
  }

  @Test("Effects at one position are the reference's", arguments: ReferenceModel.tinies)
  func positionsOfTinyModels(name: ReferenceModel) throws {
    for number in 0..<3 {
      let (run, reference) = try name.run(number)
      comparePositions(
        run, try #require(reference.noisingHeadPosition), try #require(reference.noisingMLPPosition),
        scale: reference.scale)
    }
  }

  @Test("Effects at one position are the reference's on the examples' models")
  func positionsOfExamples() throws {
    struct File: Decodable {
      struct Case: Decodable {
        let reference: String
        let `case`: Int
        let heads: [[[Double]]]
        let mlps: [[Double]]
        enum CodingKeys: String, CodingKey {
          case reference, `case`
          case heads = "noising_head_position"
          case mlps = "noising_mlp_position"
        }
      }
      let cases: [Case]
    }
    let cases = try Reference.read(File.self, "positions.json").cases
    #expect(cases.count == 4)
    for position in cases {
      let (run, reference) = try #require(ReferenceModel(rawValue: position.reference)).run(position.case)
      comparePositions(run, position.heads, position.mlps, scale: reference.scale)
    }
  }

  @Test("A head that does not exist is refused", arguments: [[4, 0], [0, 4], [-1, 0], [0], [0, 0, 0], []])
  func unknownHead(head: [Int]) throws {
    let reference = try ReferenceModel.ioi.cases()[0]
    expectError(.badCases, ["circuit head \(head) does not exist", "4 layers of 4 heads"]) {
      _ = try ReferenceModel.ioi.model().measure(
        clean: reference.cleanIDs, corrupted: reference.corruptedIDs, positive: [1], negative: [2], circuits: [[head]])
    }
  }
}
