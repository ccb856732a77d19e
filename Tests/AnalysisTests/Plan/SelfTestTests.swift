import Foundation
import Testing

@testable import Analysis

@Suite("Self-tests of a run")
struct SelfTestTests {
  static let names = [
    "identity patch changes no bit", "patching the whole residual stream gives the counterfactual's logits",
    "effects before the first differing token are exactly 0", "directional derivative equals a finite difference",
    "last MLP's attribution equals exact patching with the final norm's scale frozen",
    "every declared replacement changed the activation it names", "integrated gradients are complete",
    "patching no edge and every edge gives the two runs' decision values",
  ]

  @Test("On the examples' models every self-test passes", arguments: [ReferenceModel.ioi, .credit10, .credit11])
  func examples(name: ReferenceModel) throws {
    let plan = name == .ioi ? Prompts.ioiPlan() : Prompts.loanPlan()
    let tests = try name.analyzer().run(plan).selfTests
    #expect(tests.map(\.name) == Self.names)
    for test in tests {
      #expect(test.outcome == .passed, "\(test)")
      let (measured, limit) = (try #require(test.measured), try #require(test.limit))
      #expect(measured <= limit)
    }
  }

  @Test("On the tiny models every self-test that applies passes", arguments: ReferenceModel.tinies)
  func tinies(name: ReferenceModel) throws {
    for number in try name.cases().indices {
      let (run, reference) = try name.run(number)
      let difference = try #require(zip(reference.cleanIDs, reference.corruptedIDs).enumerated().first { $1.0 != $1.1 })
      let tests = SelfTestSuite(run: run, name: "case", firstDifference: difference.offset).tests()
      #expect(tests.map(\.name) == Array(Self.names[0..<5]))
      for test in tests {
        let applies =
          test.name == Self.names[2]
          ? difference.offset > 0
          : test.name == Self.names[4] ? reference.positive.count == 1 && reference.negative.count == 1 : true
        #expect(test.outcome == (applies ? .passed : .notRun), "case \(number): \(test)")
        #expect(applies || (test.measured == nil && test.limit == nil), "what did not run has no numbers")
      }
    }
  }

  /// The outcomes of the five checks after something was broken.
  private func outcomes(
    firstDifference: Int? = nil, _ break: (PairRun) -> Void = { _ in }
  ) throws -> [SelfTest.Outcome] {
    let (run, reference) = try ReferenceModel.ioi.run(0)
    let difference = zip(reference.cleanIDs, reference.corruptedIDs).enumerated().first { $1.0 != $1.1 }?.offset
    `break`(run)
    return SelfTestSuite(run: run, name: "store", firstDifference: firstDifference ?? difference ?? 0).tests().map(
      \.outcome)
  }

  @Test("Nothing broken, nothing failed")
  func healthy() throws { #expect(try outcomes() == [.passed, .passed, .passed, .passed, .passed]) }

  @Test("An activation that is not what the model computes fails the identity patch")
  func brokenActivation() throws {
    let found = try outcomes { $0.clean.z[1].row(3)[7] += 0.01 }
    #expect(found[0] == .failed)
  }

  @Test("A counterfactual run whose end does not follow from its beginning fails the full patch")
  func brokenCounterfactual() throws {
    let found = try outcomes { $0.counterfactual.decisionRow(sequence: 0)[0] += 0.01 }
    #expect(found[1] == .failed && found[0] == .passed)
  }

  @Test("An effect before the first differing token fails")
  func brokenCausality() throws {
    let found = try outcomes { $0.counterfactual.mlpOut[0].row(2)[0] += 0.01 }
    #expect(found[2] == .failed)
    // Also if the prompts differ earlier than was said.
    #expect(try outcomes(firstDifference: 12)[2] == .failed)
  }

  @Test("A gradient that is not the slope fails the directional derivative")
  func brokenGradient() throws {
    let found = try outcomes { run in
      for layer in run.clean.mlpHidden {
        for i in 0..<layer.rows * layer.columns { layer.pointer[i] += 1 }
      }
    }
    #expect(found[3] == .failed && found[0] == .passed && found[1] == .passed)
  }

  @Test("An MLP output that is not the model's fails the frozen-norm check")
  func brokenMLP() throws {
    let found = try outcomes { run in
      let row = run.clean.mlpOut[3].row(run.clean.length - 1)
      for i in 0..<128 { row[i] += i % 2 == 0 ? 0.1 : -0.1 }
    }
    #expect(found[4] == .failed)
  }

  @Test("Integrated gradients that leave more than a hundredth over fail")
  func incomplete() throws {
    var plan = Prompts.ioiPlan(methods: [.tokenAttribution])
    plan.integratedGradientsSteps = 1
    let outcome = try ReferenceModel.ioi.analyzer().run(plan)
    let test = try #require(outcome.selfTests.last)
    #expect(test.name == Self.names[6] && test.outcome == .failed)
    let worst = zip(outcome.result.tokenAttributions, outcome.result.pairs).map { attribution, pair in
      abs(attribution.completenessResidual) / max(1, abs(pair.totalEffect ?? 0))
    }.max()
    #expect(test.measured == worst && test.limit == 0.01)
  }

  @Test("A self-test without its method is not run, which is not a pass")
  func notRun() throws {
    let tests = try ReferenceModel.ioi.analyzer().run(Prompts.ioiPlan([Prompts.store], methods: [.exactPatching]))
      .selfTests
    #expect(tests.last?.name == Self.names[6] && tests.last?.outcome == .notRun)
    #expect(tests.last?.detail == "token attribution was not asked for")
  }
}
