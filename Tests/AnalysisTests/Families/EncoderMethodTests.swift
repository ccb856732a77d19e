import Foundation
import Testing

@testable import Analysis

/// Every method on encoders: measured, or refused by a sentence.
@Suite("Methods on encoders")
struct EncoderMethodTests {
  /// A model of a committed configuration with drawn weights, and a tokenizer of as many tokens.
  private func analyzer(_ name: EncoderModel, seed: UInt64) throws -> Analyzer {
    let tokenizer = try #require(try ReferenceModel.ioi.checkpoint().tokenizer())
    let scratch = try Scratch()
    try FileManager.default.copyItem(
      at: name.folder.appendingPathComponent("config.json"), to: scratch.file("config.json"))
    // The tokenizer is a decoder's: its tokens are all words.
    try scratch.edit(
      "config.json",
      [
        "vocab_size": tokenizer.vocabularySize, "max_position_embeddings": 64, "num_hidden_layers": 3,
        // RoBERTa counts positions from behind the padding token: its first is one that no prompt has.
        "pad_token_id": name == .robertaRegression ? 1 : NSNull(),
      ])
    return Analyzer(
      model: try RandomFamilyModel.load(scratch, seed: seed), tokenizer: tokenizer, folder: scratch.folder.path)
  }

  private func plan(_ positive: [String], _ negative: [String]) throws -> AnalysisPlan {
    var plan = Prompts.ioiPlan(methods: AnalysisPlan.Method.allCases)
    (plan.positive, plan.negative, plan.prepend) = (positive, negative, [])
    plan.paths = [try #require(Edge("L0H0>logits"))]
    plan.floor = 0
    return plan
  }

  private func run(_ name: EncoderModel, _ positive: [String], _ negative: [String], unit: String? = nil) throws
    -> Analyzer.Outcome
  {
    let analyzer = try analyzer(name, seed: 3)
    var plan = try plan(positive, negative)
    plan.unit = unit
    #expect(try analyzer.check(plan).refused.isEmpty)
    _ = try analyzer.cost(of: plan)
    let outcome = try analyzer.run(plan)
    let result = outcome.result
    #expect(outcome.selfTests.allSatisfy { $0.outcome != .failed }, "\(outcome.selfTests)")
    #expect(result.pairs.allSatisfy { $0.noising != nil && $0.denoising != nil && $0.attribution != nil })
    #expect(result.relevance != nil && result.attributionStar != nil && result.integratedActivations != nil)
    #expect(result.significance != nil && result.circuitEvidence != nil && !result.tokenAttributions.isEmpty)
    // Tokens see those after them: every position counts.
    let positions = try #require(result.positions?.pairs.first)
    #expect(positions.first == 0 && positions.noising[0].count == positions.tokens.count)
    #expect(positions.noising.contains { $0[0] != 0 })
    return outcome
  }

  private func refusal(_ scope: String, of outcome: Analyzer.Outcome) -> String? {
    outcome.refusals.first { $0.scope.rawValue == scope }?.detail
  }

  @Test("Where the stream is normed after each addition, direct attribution and composition say why not")
  func postNorm() throws {
    let outcome = try run(.bert, ["class A"], ["class B"])
    let edges = try #require(outcome.result.edges)
    #expect(edges.graphEdges > 0 && !edges.strongest.isEmpty && outcome.result.paths != nil && edges.pruned != nil)
    for scope in ["direct logit attribution", "head composition"] {
      #expect(try #require(refusal(scope, of: outcome)).contains("this model (bert) norms its stream"))
    }
    let lenses = try #require(outcome.result.lenses)
    #expect(lenses.direct == nil && lenses.composition == nil)
    let roles = try #require(lenses.roles.first)
    #expect(roles.previousToken != nil && roles.nextToken != nil && roles.firstToken != nil)
    #expect(roles.induction == nil && roles.copying == nil && roles.positiveAnswer == nil)
    let last = try #require(lenses.depths.last)
    #expect(last.divergence.value == 0 && last.agreement.count == 2)
    let pairs = outcome.result.pairs.compactMap(\.mClean)
    #expect(abs(last.value.value - pairs.mean) <= 1e-5)
  }

  @Test("Where norms stand before attention and MLP, edges are measured at the token that is classified")
  func preNorm() throws {
    let outcome = try run(.modernbertCls, ["class A"], ["class B"])
    let edges = try #require(outcome.result.edges)
    #expect(edges.graphEdges > 0 && !edges.strongest.isEmpty && outcome.result.paths != nil)
    let lenses = try #require(outcome.result.lenses)
    #expect(lenses.direct == nil && lenses.composition != nil)
    #expect(try #require(refusal("direct logit attribution", of: outcome)).contains("layers of the head's own"))
  }

  @Test("Where the mean over all tokens is classified, everything is measured too")
  func mean() throws {
    let outcome = try run(.modernbert, ["class A"], ["class B"])
    #expect(outcome.result.edges != nil && outcome.result.lenses != nil)
  }

  @Test(
    "A label of several and a number stand for themselves: no lens, no first choice",
    arguments: [EncoderModel.bertMultilabel, .robertaRegression])
  func oneSided(name: EncoderModel) throws {
    let isNumber = name == .robertaRegression
    let outcome = try run(name, isNumber ? [] : ["class A"], [], unit: isNumber ? "points" : nil)
    #expect(try #require(refusal("lenses", of: outcome)).contains("stand each for itself"))
    #expect(outcome.result.lenses == nil)
    #expect(outcome.result.pairs.allSatisfy { $0.cleanChoice == nil && $0.counterfactualChoice == nil })
  }

  @Test("A masked language model whose mask is not known refuses each pair, and says what to give")
  func mask() throws {
    let analyzer = try analyzer(.bertMasked, seed: 4)
    let check = try analyzer.check(try plan([" John"], [" Mary"]))
    #expect(check.refused.count == 2)
    #expect(try #require(check.refused.first).detail.contains("give 'position', the token's place counted from 0"))
    let error = #expect(throws: AnalysisError.self) {
      try analyzer.model.measure(clean: [1, 2, 3], corrupted: [1, 4, 3], positive: [5], negative: [6], circuits: [])
    }
    #expect(try #require(error).message.contains("decides at its mask token"))
  }

  @Test(
    "No edge patched gives the clean run's bits, all edges the counterfactual's, all edges out of a node the node patched",
    arguments: EncoderModel.allCases)
  func edges(name: EncoderModel) throws {
    for number in [0, 3] {
      let (run, reference) = try name.run(number)
      #expect(try SelfTestSuite(run: run, name: "case", firstDifference: 1).edges().outcome == .passed)
      let graph = run.model.edgeGraph
      let nodes = run.model.nodes
      for noising in [true, false] {
        let sweep = try EdgeSweep(run, noising: noising)
        let out = nodes.map { node in graph.set { graph.edge($0).sender == .node(node) } }
        let wanted = run.decisionValues(nodes.map { [$0] }, noising: noising)
        #expect(largestDifference(sweep.values(out), wanted) <= 1e-4 * reference.scale, "case \(number)")
      }
    }
  }

  @Test(
    "Scores of the edges out of a node add up to its attribution, whatever norms stand between",
    arguments: EncoderModel.allCases)
  func scores(name: EncoderModel) throws {
    for number in [0, 3] {
      let (run, reference) = try name.run(number)
      let graph = run.model.edgeGraph
      let scores = try run.edgeAttributions().scores
      let wanted = run.attributions()
      for (node, attribution) in zip(run.model.nodes, wanted) {
        let sum = (0..<graph.count).filter { graph.edge($0).sender == .node(node) }.reduce(0) { $0 + scores[$1] }
        #expect(abs(sum - attribution) <= 1e-4 * reference.scale, "\(node) of case \(number)")
      }
    }
  }

  @Test(
    "An edge's exact effect in the limit is its score",
    arguments: [EncoderModel.bert, .albertGroups, .modernbert, .mpnetMasked])
  func limit(name: EncoderModel) throws {
    // Halfway between the two prompts and back: with a small step along the embeddings, exact patching is first order.
    let (run, _) = try name.run(0)
    let model = run.model
    let (a, b) = (run.clean.input, run.counterfactual.input)
    let near = Matrix(rows: a.rows, columns: a.columns)
    for i in 0..<a.rows * a.columns { near.pointer[i] = a.pointer[i] + 0.01 * (b.pointer[i] - a.pointer[i]) }
    let step = PairRun(
      model: model, decision: run.decision, clean: run.clean,
      counterfactual: model.forward(near, length: run.clean.length, decided: run.clean.decided))
    let graph = model.edgeGraph
    let scores = try step.edgeAttributions().scores
    let exact = try EdgeSweep(step).values((0..<graph.count).map { edge in graph.set { $0 == edge } })
      .map { $0 - step.mClean }
    let largest = try #require(scores.map(abs).max())
    #expect(largestDifference(exact, scores) <= 0.05 * largest + 1e-5)
  }

  @Test("The lens at the last depth is the model's own decision, at every head", arguments: EncoderModel.allCases)
  func lens(name: EncoderModel) throws {
    let (run, _) = try name.run(0)
    let readings = run.model.logitLens(of: run.decision, run.clean).readings
    #expect(readings.map(\.depth) == Array(0...run.model.layerCount))
    let last = try #require(readings.last)
    #expect(abs(last.value - run.mClean) <= 1e-6 && last.divergence == 0)
    #expect(Set(readings.map(\.value)).count > 1)
  }

  @Test(
    "A head's pattern looks both ways within its window, adds up to 1, and gives its z",
    arguments: EncoderModel.allCases)
  func patterns(name: EncoderModel) throws {
    let (run, _) = try name.run(0)
    let (model, length) = (run.model, run.clean.length)
    for pattern in model.attentionPatterns(run.clean) {
      guard case .head(let layer, let head) = pattern.head else { continue }
      let width = model.architecture.headWidth
      let values = run.clean.queryKeyValue[layer]
      let column = model.architecture.keyColumn(head: head) + model.architecture.keyValueWidth
      for (position, row) in pattern.rows.enumerated() {
        #expect(row.count == length && abs(row.reduce(0, +) - 1) < 1e-9)
        let window = model.architecture.attentionWindow[layer] ?? length
        #expect(row.indices.allSatisfy { (row[$0] == 0) == (abs($0 - position) >= window) })
        let z = (0..<width).map { i in row.indices.reduce(0.0) { $0 + row[$1] * Double(values.row($1)[column + i]) } }
        let ours = (0..<width).map { Double(run.clean.z[layer].row(position)[head * width + $0]) }
        #expect(largestDifference(ours, z) <= 1e-5)
      }
    }
  }
}
