import Foundation
import Testing

@testable import Analysis

@Suite("Sweep of patched variants")
struct SweepTests {
  /// Random variants: one to three interventions each, of every kind.
  struct Draw {
    let run: PairRun
    var generator: SplitMix64

    mutating func site() -> Site {
      let layer = generator.index(below: run.model.layerCount)
      switch generator.index(below: 3) {
      case 0: return .residualPre(layer: layer)
      case 1: return .z(layer: layer, head: generator.index(below: run.model.headsPerLayer))
      default: return .mlpOut(layer: layer)
      }
    }

    mutating func intervention() -> Intervention {
      let site = site()
      let length = run.clean.length
      var positions: Range<Int>?
      if generator.index(below: 2) == 0 {
        let from = generator.index(below: length)
        positions = from..<from + generator.index(below: length - from + 1)
      }
      let own = run.clean.place(of: site, sequence: 0, headWidth: run.model.architecture.headWidth)
      let named = positions ?? 0..<length
      switch generator.index(below: 7) {
      case 0, 1: return Intervention(site, positions: positions, .run(run.counterfactual, sequence: 0))
      case 2: return Intervention(site, positions: positions, .run(run.clean, sequence: 0))
      case 3:
        return Intervention(
          site, positions: positions, .values(noise(named.count * own.width, seed: generator.next())))
      case 4: return Intervention(site, positions: positions, .values(own.values(named)))
      case 5: return Intervention(site, positions: positions, .transform { $0.map { $0 * -1.5 + 0.25 } })
      default: return Intervention(site, positions: positions, .transform { $0 })
      }
    }

    mutating func variants(_ count: Int) -> [[Intervention]] {
      (0..<count).map { _ in (0..<1 + generator.index(below: 3)).map { _ in intervention() } }
    }
  }

  static func same(_ a: [Sweep.Outcome], _ b: [Sweep.Outcome]) -> Bool {
    a.map { bits($0.residual) } == b.map { bits($0.residual) } && a.map(\.changed) == b.map(\.changed)
  }

  @Test(
    "A batch equals one-at-a-time runs bit for bit, however it is split and whether or not unchanged rows are computed",
    arguments: [ReferenceModel.tiny, .tinyERF, .tinyReLU, .ioi])
  func batches(name: ReferenceModel) throws {
    for number in name == .ioi ? [0] : [0, 1, 2, 3] {
      let (run, _) = try name.run(number)
      var draw = Draw(run: run, generator: SplitMix64(seed: UInt64(number) + 1))
      let variants = draw.variants(60)
      let sweep = Sweep(model: run.model, base: run.clean, sequence: 0)
      let together = sweep.run(variants)
      #expect(Self.same(together, variants.flatMap { sweep.run([$0]) }), "one at a time")
      for budget in [1, 17, 64] {
        #expect(
          Self.same(Sweep(model: run.model, base: run.clean, sequence: 0, rowBudget: budget).run(variants), together),
          "in batches of \(budget) rows")
      }
      let recomputed = Sweep(model: run.model, base: run.clean, sequence: 0, recomputeUnchanged: true).run(variants)
      #expect(Self.same(recomputed, together), "with every row computed again")
      #expect(Set(together.map { bits($0.residual) }).count > 20, "the variants differ")
    }
  }

  @Test("A variant's values are those of the whole model computed again", arguments: ReferenceModel.tinies)
  func embeddingPatch(name: ReferenceModel) throws {
    // Replacing the embeddings is the one intervention that a plain forward pass can also make.
    let (run, _) = try name.run(1)
    let width = run.model.architecture.width
    let values = noise(3 * width, seed: 4)
    let input = Matrix(rows: run.clean.length, columns: width)
    input.copy(rows: run.clean.length, from: run.clean.residual[0].pointer, to: 0)
    input.copy(rows: 3, from: values, to: 5)
    let plain = run.model.forward(input, length: run.clean.length)
    let outcome = Sweep(model: run.model, base: run.clean, sequence: 0)
      .run([[Intervention(.residualPre(layer: 0), positions: 5..<8, .values(values))]])[0]
    #expect(
      bits(outcome.residual)
        == bits(
          plain.residual[run.model.layerCount].buffer.array(
            (run.clean.length - 1) * width..<run.clean.length * width)))
    #expect(outcome.changed == [true])
  }

  @Test(
    "Replacing the residual stream before any layer gives the counterfactual's bits", arguments: ReferenceModel.allCases
  )
  func residualPatch(name: ReferenceModel) throws {
    let (run, _) = try name.run(0)
    let row = run.counterfactual.decisionRow(sequence: 0)
    let wanted = bits((0..<run.model.architecture.width).map { row[$0] })
    for layer in 0..<run.model.layerCount {
      let outcome = Sweep(model: run.model, base: run.clean, sequence: 0)
        .run([[Intervention(.residualPre(layer: layer), .run(run.counterfactual, sequence: 0))]])[0]
      #expect(bits(outcome.residual) == wanted, "layer \(layer)")
    }
  }

  @Test(
    "Replacing anything with itself changes no bit, and is seen to change nothing", arguments: ReferenceModel.allCases)
  func identity(name: ReferenceModel) throws {
    let (run, _) = try name.run(0)
    let row = run.clean.decisionRow(sequence: 0)
    let wanted = bits((0..<run.model.architecture.width).map { row[$0] })
    var variants = run.model.nodes.map { [Intervention(Site($0), .run(run.clean, sequence: 0))] }
    variants += (0..<run.model.layerCount).map { [Intervention(.residualPre(layer: $0), .transform { $0 })] }
    for recompute in [false, true] {
      let outcomes = Sweep(model: run.model, base: run.clean, sequence: 0, recomputeUnchanged: recompute).run(variants)
      #expect(outcomes.allSatisfy { bits($0.residual) == wanted && $0.changed == [false] })
    }
  }

  @Test(
    "Before the first differing token every effect is exactly 0 and nothing is changed",
    arguments: ReferenceModel.allCases)
  func causality(name: ReferenceModel) throws {
    for number in try name.cases().indices {
      let (run, reference) = try name.run(number)
      let difference = try #require(zip(reference.cleanIDs, reference.corruptedIDs).enumerated().first { $1.0 != $1.1 })
      let first = difference.offset
      let row = run.clean.decisionRow(sequence: 0)
      let wanted = bits((0..<run.model.architecture.width).map { row[$0] })
      let sweep = Sweep(model: run.model, base: run.clean, sequence: 0, recomputeUnchanged: true)
      let before = sweep.run(
        run.model.nodes.map {
          [Intervention(Site($0), positions: 0..<first, .run(run.counterfactual, sequence: 0))]
        })
      #expect(before.allSatisfy { bits($0.residual) == wanted && $0.changed == [false] }, "case \(number)")
      let at = sweep.run(
        run.model.nodes.map {
          [Intervention(Site($0), positions: first..<first + 1, .run(run.counterfactual, sequence: 0))]
        })
      #expect(at.allSatisfy { $0.changed == [true] }, "case \(number)")
    }
  }

  @Test("Each intervention of a variant says for itself whether it changed anything")
  func changedFlags() throws {
    let (run, _) = try ReferenceModel.tiny.run(0)
    let outcome = Sweep(model: run.model, base: run.clean, sequence: 0).run([
      [
        Intervention(.mlpOut(layer: 0), .run(run.counterfactual, sequence: 0)),
        Intervention(.z(layer: 1, head: 0), .transform { $0 }),
        Intervention(.mlpOut(layer: 1), .transform { $0.map { $0 + 1 } }),
        Intervention(.z(layer: 2, head: 1), positions: 3..<3, .transform { $0 + [1] }),
        // Set back to its clean value after an earlier replacement moved it: that is a change.
        Intervention(.mlpOut(layer: 2), .run(run.clean, sequence: 0)),
      ]
    ])[0]
    #expect(outcome.changed == [true, false, true, false, true])
  }

  @Test("A replacement that names only positions before the variant's first change changes nothing")
  func earlyValues() throws {
    let (run, _) = try ReferenceModel.tiny.run(0)
    let site = Site.z(layer: 0, head: 0)
    let own = run.clean.place(of: site, sequence: 0, headWidth: run.model.architecture.headWidth).values(0..<2)
    let last = run.clean.length - 1
    let late = Intervention(.mlpOut(layer: 1), positions: last..<last + 1, .transform { $0.map { $0 * 2 } })
    let outcomes = Sweep(model: run.model, base: run.clean, sequence: 0)
      .run([[Intervention(site, positions: 0..<2, .values(own)), late], [late]])
    #expect(outcomes[0].changed == [false, true])
    #expect(bits(outcomes[0].residual) == bits(outcomes[1].residual))
  }

  @Test("Equal replacements written in different ways give the same bits")
  func equalReplacements() throws {
    let (run, _) = try ReferenceModel.ioi.run(0)
    for node in run.model.nodes {
      let site = Site(node)
      let there = run.counterfactual.place(of: site, sequence: 0, headWidth: run.model.architecture.headWidth)
      let values = there.values(2..<11)
      let outcomes = Sweep(model: run.model, base: run.clean, sequence: 0).run([
        [Intervention(site, positions: 2..<11, .run(run.counterfactual, sequence: 0))],
        [Intervention(site, positions: 2..<11, .values(values))],
        [Intervention(site, positions: 2..<11, .transform { _ in values })],
        (2..<11).map { Intervention(site, positions: $0..<$0 + 1, .run(run.counterfactual, sequence: 0)) },
      ])
      #expect(Set(outcomes.map { bits($0.residual) }).count == 1, "\(node)")
    }
  }

  @Test("A prompt that stands second in a batch of runs is swept as if it were alone")
  func secondSequence() throws {
    let (run, reference) = try ReferenceModel.tiny.run(0)
    let both = run.model.forward(
      try run.model.embed([reference.corruptedIDs, reference.cleanIDs]), length: reference.cleanIDs.count)
    let variants = { (other: Trace, sequence: Int) in
      run.model.nodes.map { [Intervention(Site($0), .run(other, sequence: sequence))] }
    }
    let alone = Sweep(model: run.model, base: run.clean, sequence: 0).run(variants(run.counterfactual, 0))
    let second = Sweep(model: run.model, base: both, sequence: 1).run(variants(both, 0))
    #expect(Self.same(alone, second))
  }

  // MARK: A programmer's errors stop the program

  @Test("A site that the model does not have stops the program")
  func unknownSite() async {
    await #expect(processExitsWith: .failure) {
      let (run, _) = try ReferenceModel.tiny.run(0)
      _ = Sweep(model: run.model, base: run.clean, sequence: 0)
        .run([[Intervention(.residualPre(layer: 3), .run(run.counterfactual, sequence: 0))]])
    }
  }

  @Test("Values of another size than the site stop the program")
  func wrongSize() async {
    await #expect(processExitsWith: .failure) {
      let (run, _) = try ReferenceModel.tiny.run(0)
      _ = Sweep(model: run.model, base: run.clean, sequence: 0)
        .run([[Intervention(.mlpOut(layer: 0), positions: 0..<2, .values([1, 2, 3]))]])
    }
  }
}
