import Foundation
import Testing

@testable import Analysis

/// Sets of prompts and models that something is wrong with: refused, or reported as what they are.
enum Pathology: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case unmoved = "a counterfactual that does not move the decision"
  case onePair = "one pair only"
  case samePairs = "the same pair ten times"
  case identical = "prompts that are their own counterfactuals"
  case ties = "answers that the model cannot tell apart"
  case notANumber = "a weight that is not a number"
  case overfull = "a circuit that recovers more than everything"

  var testDescription: String { rawValue }

  func outcome() throws -> Analyzer.Outcome {
    switch self {
    case .unmoved: return try Self.unmovedSet()
    case .onePair: return try ReferenceModel.ioi.analyzer().run(Prompts.ioiPlan([Prompts.store]))
    case .samePairs:
      let pairs = (1...10).map { number in
        AnalysisPlan.Pair(
          name: "copy \(number)", clean: Prompts.store.clean, counterfactual: Prompts.store.counterfactual)
      }
      return try ReferenceModel.ioi.analyzer().run(Prompts.ioiPlan(pairs))
    case .identical:
      let same = ["store", "park"].map { place in
        let text = Prompts.ioi("Mary", opening: "When Mary and John went to the \(place),")
        return AnalysisPlan.Pair(name: place, clean: text, counterfactual: text)
      }
      return try ReferenceModel.ioi.analyzer().run(Prompts.ioiPlan(same))
    case .ties:
      // One row of the unembedding twice; it is the embedding too, so that both names are one to the model.
      return try Self.changed { scratch, name, mary, john in
        let row = try Checkpoint(folder: scratch.folder).tensors[name].map { try $0.floats(rows: john, width: 128) }
        try scratch.poke(name, at: mary * 128, try #require(row))
      }
    case .notANumber:
      let checkpoint = try Checkpoint(folder: ReferenceModel.ioi.folder)
      let tokenizer = try #require(try checkpoint.tokenizer())
      let model = try Transformer.load(checkpoint)
      // Put there after loading, which refuses such a file.
      model.tokenEmbedding.pointer[try #require(try tokenizer.encode(" Mary").first) * 128] = .nan
      return try Analyzer(model: model, tokenizer: tokenizer, folder: "here").run(Prompts.ioiPlan())
    case .overfull: return try Self.overfullSet()
    }
  }

  /// Planted: the program reads the last token alone, and another one is changed.
  private static func unmovedSet() throws -> Analyzer.Outcome {
    let planted = try PlantedProgram.constant.compile(seed: 3, pairs: 6)
    let pairs = planted.pairs.map { pair in
      var other = pair.clean
      other[1] = pair.clean[1] % 7 + 1
      return (clean: pair.clean, counterfactual: other)
    }
    return try planted.analyzer().run(
      Planted.plan(
        pairs, positive: planted.pairs[0].positive, negative: planted.pairs[0].negative,
        methods: AnalysisPlan.Method.standard))
  }

  /// A model of random weights, in which some heads work against the others: the circuit is every head that helps.
  private static func overfullSet() throws -> Analyzer.Outcome {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    try Planted.writeTokenizer(vocabulary: 61, to: scratch)
    let checkpoint = try Checkpoint(folder: scratch.folder)
    let analyzer = Analyzer(
      model: try Transformer.load(checkpoint), tokenizer: try checkpoint.tokenizer(), folder: "tiny")
    for reference in try ReferenceModel.tiny.cases() where reference.cleanIDs.count > 1 {
      var plan = Planted.plan(
        [(reference.cleanIDs, reference.corruptedIDs)], positive: reference.positive[0],
        negative: reference.negative[0])
      (plan.sufficiencyTarget, plan.comprehensivenessTarget) = (1000, 1)
      let outcome = try analyzer.run(plan)
      if outcome.result.circuit.map({ $0.sufficiency.value > 1.001 }) == true { return outcome }
    }
    throw AnalysisError(.badPlan, "no case has a circuit that recovers more than everything")
  }

  private static func changed(_ change: (Scratch, String, Int, Int) throws -> Void) throws -> Analyzer.Outcome {
    let scratch = try Scratch(copying: ReferenceModel.ioi.folder)
    let checkpoint = try Checkpoint(folder: scratch.folder)
    let tokenizer = try #require(try checkpoint.tokenizer())
    let (mary, john) = (
      try #require(try tokenizer.encode(" Mary").first), try #require(try tokenizer.encode(" John").first)
    )
    let name = try #require(checkpoint.tensors.keys.first { $0.hasSuffix("wte.weight") })
    try change(scratch, name, mary, john)
    return try Analyzer(
      model: try Transformer.load(try Checkpoint(folder: scratch.folder)), tokenizer: tokenizer, folder: "here"
    ).run(Prompts.ioiPlan())
  }
}

extension StoredTensor {
  fileprivate func floats(rows: Int, width: Int) throws -> [Float] {
    let data = try Data(contentsOf: file.url)
    return (0..<width).map { i in
      data.subdata(in: range.lowerBound + 4 * (rows * width + i)..<range.lowerBound + 4 * (rows * width + i) + 4)
        .withUnsafeBytes { Float(bitPattern: UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self))) }
    }
  }
}

@Suite("Pathological sets are refused or reported honestly")
struct PathologicalTests {
  @Test(
    "No number is made up: findings are finite, and what is called measured has an interval or a p-value",
    arguments: Pathology.allCases)
  func noFinding(pathology: Pathology) throws {
    let outcome = try pathology.outcome()
    for finding in outcome.findings {
      if let estimate = finding.estimate {
        #expect(estimate.value.isFinite && estimate.low.isFinite && estimate.high.isFinite, "\(finding.id)")
        #expect(estimate.low <= estimate.value && estimate.value <= estimate.high, "\(finding.id)")
        #expect(
          finding.standing != .measured || (estimate.n > 1 && estimate.low < estimate.high) || finding.unit == "share",
          "\(finding.id)")
      } else if finding.standing == .measured {
        #expect(finding.p != nil || finding.id == "circuit.rival", "\(finding.id)")
      }
    }
    #expect(!outcome.selfTests.contains { $0.outcome == .failed }, "\(outcome.selfTests)")
  }

  @Test("A decision that does not move: every mechanism refused, the total effect over all pairs kept")
  func unmoved() throws {
    let outcome = try Pathology.unmoved.outcome()
    #expect(outcome.refusals.filter { $0.reason == .belowFloor }.count == 6)
    #expect(
      outcome.refusals.filter { $0.reason == .belowFloor }.allSatisfy { $0.detail.contains("below the floor of 0.05") })
    #expect(outcome.result.totalEffect?.n == 6 && outcome.result.nodeEffects.isEmpty && outcome.result.circuit == nil)
    #expect(outcome.refusals.contains { $0.scope == "circuit" && $0.reason == .nothingToExplain })
    #expect(!outcome.isRefused && outcome.approximations.isEmpty)
  }

  @Test(
    "One pair, and ten copies of one: numbers with their n, none of them established",
    arguments: [Pathology.onePair, .samePairs])
  func noSpread(pathology: Pathology) throws {
    let outcome = try pathology.outcome()
    let n = pathology == .onePair ? 1 : 10
    let total = try #require(outcome.findings.first { $0.id == "total-effect" })
    #expect(total.standing == .notEstablished && total.estimate?.n == n && abs(total.estimate?.value ?? 0) > 1)
    #expect(total.estimate?.hasInterval == false)
    #expect(outcome.findings.contains { $0.id.hasPrefix("noising.") })
    let measured = outcome.findings.filter { $0.standing == .measured }.map(\.id)
    #expect(measured.allSatisfy { $0 == "flips" || $0.contains(".null.") || $0 == "circuit.rival" }, "\(measured)")
  }

  @Test("Prompts that are their own counterfactuals: refused by name, their effect of 0 reported")
  func identical() throws {
    let outcome = try Pathology.identical.outcome()
    #expect(outcome.refusals.filter { $0.reason == .identical }.map(\.pair) == ["store", "park"])
    #expect(outcome.result.totalEffect?.value == 0 && outcome.result.nodeEffects.isEmpty)
    #expect(outcome.findings.first { $0.id == "total-effect" }?.standing == .notEstablished)
    #expect(outcome.result.flips?.count == 0)
  }

  @Test("Ties: a decision value of 0 is neither answer, and nothing is explained")
  func ties() throws {
    let outcome = try Pathology.ties.outcome()
    #expect(outcome.result.pairs.allSatisfy { $0.mClean == 0 && $0.mCounterfactual == 0 })
    #expect(outcome.result.flips?.count == 0 && outcome.result.positiveOnlyClean == 0)
    #expect(outcome.refusals.prefix(2).map(\.reason) == [.belowFloor, .belowFloor])
    #expect(outcome.result.circuit == nil && outcome.result.nodeEffects.isEmpty)
  }

  @Test("A weight that is not a number: every pair that meets it refused whole, no number left")
  func notANumber() throws {
    let outcome = try Pathology.notANumber.outcome()
    #expect(outcome.isRefused && outcome.result.totalEffect == nil)
    #expect(outcome.refusals.filter { $0.reason == .notFinite && $0.scope == "pair" }.map(\.pair) == ["store", "park"])
    #expect(outcome.result.pairs.allSatisfy { $0.mClean == nil && $0.noising == nil })
    #expect(outcome.findings.map(\.id) == ["circuit"] && outcome.findings[0].standing == .notEstablished)
  }

  @Test("More than everything is reported as more than everything")
  func overfull() throws {
    let outcome = try Pathology.overfull.outcome()
    let circuit = try #require(outcome.result.circuit)
    let ratio = (circuit.mCircuit - circuit.mEmpty) / (circuit.mFull - circuit.mEmpty)
    #expect(ratio > 1.001, "the set does not recover more than everything: \(ratio)")
    #expect(abs(circuit.sufficiency.value - ratio) < 1e-9 && circuit.sufficiency.high >= ratio)
    #expect(outcome.findings.first { $0.id == "circuit.sufficiency" }?.estimate == circuit.sufficiency)
  }
}
