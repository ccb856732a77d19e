import Foundation
import Testing

@testable import Analysis

/// Attention patterns, logit lens and direct logit attribution of every family, against PyTorch.
@Suite("Lenses")
struct LensTests {
  // MARK: Attention patterns

  @Test(
    "Every attention weight lies within 5e-6 of Hugging Face's output_attentions in float32", arguments: LensModel.all)
  func patterns(lens: LensModel) throws {
    let run = try LensRun(lens)
    let patterns = run.model.attentionPatterns(run.trace)
    #expect(patterns.map(\.head) == run.model.nodes.filter(\.isHead))
    let wanted = run.golden.attention.flatMap { $0 }
    #expect(patterns.count == wanted.count)
    for (pattern, rows) in zip(patterns, wanted) {
      #expect(pattern.rows.map(\.count) == rows.map(\.count))
      // A tenth of what logits may differ by: both sides round scores of up to 10 to float32.
      #expect(largestDifference(pattern.rows.flatMap { $0 }, rows.flatMap { $0 }) <= 5e-6, "\(pattern.head)")
      // A window leaves exact zeros where Hugging Face has them.
      #expect(pattern.rows.map { $0.map { $0 == 0 } } == rows.map { $0.map { $0 == 0 } }, "\(pattern.head)")
    }
  }

  @Test("The pattern of a later sequence of a batch is that of its prompt alone")
  func batchedPatterns() throws {
    let model = try FamilyModel.qwen2.model()
    let prompts = [[3, 9, 9, 1, 4, 9], [5, 2, 8, 8, 8, 1]]
    let trace = model.forward(try model.embed(prompts), length: 6)
    for (sequence, ids) in prompts.enumerated() {
      #expect(model.attentionPatterns(trace, sequence: sequence) == model.attentionPatterns(try model.forward(ids)))
    }
  }

  // MARK: Logit lens

  @Test(
    "Decision values, divergences and likeliest tokens of each depth are PyTorch's, with the model's own norm and cap",
    arguments: LensModel.all)
  func logitLens(lens: LensModel) throws {
    let run = try LensRun(lens)
    for (decision, wanted) in [(try run.decision(), run.golden.lens), (try run.several(), run.golden.several.lens)] {
      let positions = [run.ids.count / 2, run.ids.count - 1]
      let readings = run.model.logitLens(of: decision, run.trace, positions: positions, top: 4).readings
      #expect(readings.map(\.position) == wanted.map(\.position))
      #expect(readings.map(\.depth) == wanted.map(\.depth))
      #expect(largestDifference(readings.map(\.value), wanted.map(\.value)) <= 5e-5)
      #expect(largestDifference(readings.map(\.divergence), wanted.map(\.divergence)) <= 5e-5)
      for (reading, golden) in zip(readings, wanted) {
        #expect(reading.top.map(\.id) == golden.top)
        #expect(largestDifference(reading.top.map(\.probability), golden.probabilities) <= 1e-5)
      }
    }
  }

  @Test(
    "The last depth at the decision position is the model itself: m bit for bit, divergence 0",
    arguments: LensModel.all)
  func lastDepth(lens: LensModel) throws {
    let run = try LensRun(lens)
    let decision = try run.decision()
    let reading = try #require(run.model.logitLens(of: decision, run.trace, top: 3).readings.last)
    #expect(reading.depth == run.model.layerCount && reading.position == run.ids.count - 1)
    #expect(reading.value == run.model.value(of: decision, at: run.trace.decisionRow(sequence: 0)))
    #expect(reading.divergence == 0)
    #expect(reading.top.count == min(3, run.model.decisionCount))
  }

  // MARK: Direct logit attribution

  @Test("Every contribution is PyTorch's, for answer sets of one token and of several", arguments: LensModel.all)
  func attribution(lens: LensModel) throws {
    let run = try LensRun(lens)
    for (decision, wanted) in [
      (try run.decision(), run.golden.attribution), (try run.several(), run.golden.several.attribution),
    ] {
      let ours = run.model.logitAttribution(of: decision, ids: run.ids, run.trace)
      let limit = 2e-5 * max(1, abs(wanted.m))
      func heads(_ layer: Int) -> [Double] {
        ours.nodes.filter { $0.node.isHead && $0.node.layer == layer }.map(\.value)
      }
      for layer in 0..<run.model.layerCount {
        #expect(largestDifference(heads(layer), wanted.heads[layer]) <= limit)
      }
      #expect(ours.nodes.map(\.node) == run.model.nodes)
      #expect(largestDifference(ours.nodes.filter { !$0.node.isHead }.map(\.value), wanted.mlps) <= limit)
      #expect(largestDifference(ours.attentionBiases, wanted.attentionBiases) <= limit)
      #expect(abs(ours.tokenEmbedding - wanted.token) <= limit)
      #expect(abs((ours.positionEmbedding ?? 0) - (wanted.position ?? 0)) <= limit)
      #expect((ours.positionEmbedding == nil) == (wanted.position == nil))
      #expect(abs(ours.finalBias - wanted.finalBias) <= limit)
      #expect(abs(ours.decisionValue - wanted.m) <= limit)
    }
  }

  @Test("With one token on each side the contributions add up to the decision value", arguments: LensModel.all)
  func completeness(lens: LensModel) throws {
    let run = try LensRun(lens)
    let ours = run.model.logitAttribution(of: try run.decision(), ids: run.ids, run.trace)
    #expect(ours.isComplete)
    let size = ours.nodes.reduce(0) { $0 + abs($1.value) }
    #expect(abs(ours.residual) <= 2e-6 * max(1, size), "\(ours.residual)")
    #expect(ours.residual == ours.decisionValue - ours.total)
  }

  @Test(
    "With several tokens the rest is the difference of the answer sets' entropies, and is stated",
    arguments: LensModel.all)
  func entropyResidual(lens: LensModel) throws {
    let run = try LensRun(lens)
    let decision = try run.several()
    guard decision.positive.count + decision.negative.count > 2 else {
      try Test.cancel("skipped: two classes make no set of several")
    }
    let ours = run.model.logitAttribution(of: decision, ids: run.ids, run.trace)
    #expect(!ours.isComplete)
    func entropy(_ ids: [Int]) -> Double {
      let logits = run.model.logits(of: ids, at: run.trace.decisionRow(sequence: 0))
      let weights = logits.map { exp($0 - Decision.logSumExp(logits)) }
      return -weights.reduce(0) { $0 + $1 * log($1) }
    }
    let size = ours.nodes.reduce(0) { $0 + abs($1.value) }
    let wanted = entropy(decision.positive) - entropy(decision.negative)
    #expect(abs(ours.residual - wanted) <= 2e-6 * max(1, size), "\(ours.residual), \(wanted)")
  }

  // MARK: Over prompts

  @Test("A summary holds the means over the prompts with their n, and the contributions add up to the mean of m")
  func summary() throws {
    let run = try LensRun(LensModel.all[0])
    let decision = try run.decision()
    var collector = LensCollector(model: run.model, decision: decision)
    let traces = try run.golden.prompts.map { try run.model.forward($0) }
    for (ids, trace) in zip(run.golden.prompts, traces) { collector.add(ids, trace) }
    let bootstrap = Bootstrap(n: 3, resamples: 50, confidence: 0.9, seed: 1)
    let summary = collector.summary(bootstrap, strongest: 4)
    #expect(summary.depths.map(\.depth) == Array(0...run.model.layerCount))
    let ms = traces.map { run.model.value(of: decision, at: $0.decisionRow(sequence: 0)) }
    let mean = ms.reduce(0, +) / 3
    let last = try #require(summary.depths.last)
    #expect(abs(last.value.value - mean) < 1e-12 && last.value.n == 3)
    #expect(last.divergence.value == 0 && last.agreement.count == 3)
    #expect(summary.depths[0].divergence.value > 0)
    // The first prompt's readings are the ones that PyTorch confirmed above.
    let wanted = run.golden.lens.filter { $0.position == run.ids.count - 1 }
    #expect(summary.firstPrompt.map { $0.top.first?.id } == wanted.map(\.top.first))
    let direct = try #require(summary.direct)
    let sum = direct.nodes.reduce(direct.embedding.value + direct.biases.value) { $0 + $1.value.value }
    #expect(direct.isComplete && abs(sum - mean) < 1e-5 && direct.largestResidual < 1e-5)
    let composition = try #require(summary.composition)
    #expect(composition.count == 3 * run.golden.composition.count && composition.strongest.count == 4)
    #expect(composition.strongest == run.model.headComposition().strongest(4))
    #expect(collector.summary(bootstrap, strongest: nil).composition == nil)
  }

  @Test("What the lenses return is read back from JSON as it was")
  func coding() throws {
    let run = try LensRun(LensModel.all[0])
    func roundTrip<Value: Codable & Equatable>(_ value: Value) throws -> Bool {
      try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value)) == value
    }
    let decision = try run.decision()
    var meter = HeadRoleMeter(model: run.model)
    meter.add(run.ids, run.trace, decision: decision)
    #expect(try roundTrip(run.model.logitLens(of: decision, run.trace)))
    #expect(try roundTrip(run.model.logitAttribution(of: decision, ids: run.ids, run.trace)))
    #expect(try roundTrip(run.model.headComposition()))
    #expect(try roundTrip(run.model.attentionPatterns(run.trace)))
    #expect(try roundTrip(meter.result()))
    var collector = LensCollector(model: run.model, decision: decision)
    collector.add(run.ids, run.trace)
    let bootstrap = Bootstrap(n: 1, resamples: 2, confidence: 0.95, seed: 1)
    #expect(try roundTrip(collector.summary(bootstrap, strongest: 2)))
  }
}
