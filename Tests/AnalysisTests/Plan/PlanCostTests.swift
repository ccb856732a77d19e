import Foundation
import Testing

@testable import Analysis

@Suite("A plan's cost before it is run")
struct PlanCostTests {
  /// An analyzer whose model no other test uses, so that what it counts is what this test made it do.
  private func own(_ folder: URL) throws -> Analyzer {
    let checkpoint = try Checkpoint(folder: folder)
    return Analyzer(model: try Transformer.load(checkpoint), tokenizer: try checkpoint.tokenizer(), folder: folder.path)
  }

  /// Predicted and counted passes of a plan, forward and backward.
  private func passes(_ plan: AnalysisPlan, _ folder: URL) throws -> (predicted: [Double], counted: [Double]) {
    let analyzer = try own(folder)
    let cost = try analyzer.cost(of: plan)
    let before = analyzer.model.meter.counts
    let outcome = try analyzer.run(plan)
    let counts = analyzer.model.meter.counts - before
    let decision = try #require(outcome.tokens.prompts.first ?? nil)
    let sequences = cost.rowsPerPass
    #expect(!decision.isEmpty && cost.seconds > 0 && cost.memory > analyzer.model.weightBytes)
    let unit = sequences * Double(analyzer.model.layerCount)
    return ([cost.forward, cost.backward], [Double(counts.forward) / unit, Double(counts.backward) / unit])
  }

  private func expect(
    _ plan: AnalysisPlan, _ folder: URL, within factor: Double, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let (predicted, counted) = try passes(plan, folder)
    for (a, b) in zip(predicted, counted) {
      #expect(
        (a == 0 && b == 0) || (a <= factor * b && b <= factor * a), "predicted \(predicted), counted \(counted)",
        sourceLocation: sourceLocation)
    }
  }

  /// What is done is known before, but for the rows that causality saves.
  static let fixed: [[AnalysisPlan.Method]] = [
    [.exactPatching], [.attributionPatching], [.tokenAttribution], [.lenses], [.edges], [.positionPatching],
    [.integratedActivations], [.significance], [.relevancePatching], [.attributionStar],
    [.attributionPatching, .relevancePatching, .attributionStar],
  ]

  @Test("Methods without a search take the predicted passes within a quarter", arguments: fixed)
  func fixedMethods(methods: [AnalysisPlan.Method]) throws {
    try expect(Prompts.ioiPlan(methods: methods), ReferenceModel.ioi.folder, within: 1.25)
  }

  @Test("A whole plan takes the predicted passes within the stated factor")
  func whole() throws {
    try expect(Prompts.ioiPlan(), ReferenceModel.ioi.folder, within: PlanCost.factor)
    try expect(Prompts.loanPlan(), ReferenceModel.credit10.folder, within: PlanCost.factor)
    var plan = Prompts.ioiPlan(methods: [.exactPatching, .circuit])
    plan.ablation = .mean
    try expect(plan, ReferenceModel.ioi.folder, within: PlanCost.factor)
    try expect(ForcedAnswerTests.plan(), ReferenceModel.ioi.folder, within: PlanCost.factor)
    var pruning = Prompts.ioiPlan([Prompts.store], methods: [.edgePruning])
    pruning.pruningThreshold = 0.05
    try expect(pruning, ReferenceModel.ioi.folder, within: PlanCost.factor)
  }

  @Test("Pairs that will be refused cost nothing, a plan of none of the others no seconds")
  func refused() throws {
    let analyzer = try own(ReferenceModel.ioi.folder)
    let odd = AnalysisPlan.Pair(name: "odd", clean: Prompts.ioi("Mary"), counterfactual: Prompts.ioi("Mary and John"))
    let cost = try analyzer.cost(of: Prompts.ioiPlan([odd]))
    #expect(cost.pairs == 0 && cost.forward == 0 && cost.seconds == 0)
    let one = try analyzer.cost(of: Prompts.ioiPlan([Prompts.store]))
    let same = try analyzer.cost(of: Prompts.ioiPlan([Prompts.store, odd]))
    #expect(one.forward == same.forward && one.tokens == 15)
  }

  @Test("Pairs that do not move the decision by the floor cost two passes each, and the cost says how many do")
  func floor() throws {
    var plan = Prompts.loanPlan()
    let all = try own(ReferenceModel.credit10.folder).cost(of: plan)
    #expect(all.moving == all.pairs)
    plan.floor = 1e6
    let none = try own(ReferenceModel.credit10.folder).cost(of: plan)
    #expect(none.moving == 0 && none.pairs == all.pairs)
    // The self-test is made all the same.
    let steps = none.steps.filter { $0.name != "self-test" }
    #expect(steps.allSatisfy { $0.backward == 0 }, "\(steps)")
    #expect(abs(steps.reduce(0) { $0 + $1.forward } - 2 * Double(none.pairs)) < 1e-9, "\(steps)")
    try expect(plan, ReferenceModel.credit10.folder, within: 1.25)
  }

  /// What some pairs of the ioi model (20 heads and MLPs) cost beside passes.
  private func rest(_ methods: [AnalysisPlan.Method], pairs: Int) throws -> [String: CostOfRest] {
    let pair = CostModel.Pair(rows: 15, changed: 5, tokens: 15)
    let model = CostModel(
      model: try ReferenceModel.ioi.model(), plan: Prompts.ioiPlan(methods: methods),
      readable: Array(repeating: pair, count: pairs), pairs: Array(repeating: pair, count: pairs), isSingleToken: true)
    return Dictionary(uniqueKeysWithValues: model.sheet().rest.map { ($0.name, $0.rest) })
  }

  @Test(
    "Resamples and sign flips are counted: 100 resamples of 3 means and of two effects of 20 nodes; 2ⁿ flips, then 9,999"
  )
  func statistics() throws {
    let exact = try #require(try rest([.exactPatching], pairs: 3)["intervals and tests"])
    #expect(exact.drawn == 2 * 3 * 100 && exact.summed == 3 * 100 * (3 + 20 * 2) && exact.flipped == 0)
    #expect(try rest([.significance], pairs: 3)["intervals and tests"]?.flipped == 20 * 3 * 8)
    #expect(try rest([.significance], pairs: 20)["intervals and tests"]?.flipped == 20 * 20 * 9999)
    // One pair has no interval.
    #expect(try rest([.exactPatching], pairs: 1)["intervals and tests"]?.summed == 0)
    // Of 24 drawn pairs: two statistics at each of 5 depths, 20 nodes, the embedding, the biases.
    let lens = try rest([.lenses], pairs: 30)
    #expect(lens["intervals and tests"]?.summed == Double(100 * (30 * 3 + 24 * (2 * 5 + 20 + 2))))
    #expect(
      try #require(lens["lens and weights"]).rows > 0 && rest([.exactPatching], pairs: 30)["lens and weights"] == nil)
  }

  @Test("The seconds are those of the steps, and what is no pass has its own")
  func seconds() throws {
    let cost = try own(ReferenceModel.ioi.folder).cost(of: Prompts.ioiPlan())
    #expect(cost.seconds == cost.steps.reduce(0) { $0 + $1.seconds })
    for step in cost.steps {
      let isPass = !["intervals and tests", "lens and weights"].contains(step.name)
      #expect(step.seconds > 0 && isPass == (step.forward + step.backward > 0), "\(step.name)")
    }
    #expect(cost.steps.count { $0.forward + $0.backward == 0 } == 2)
  }
}
