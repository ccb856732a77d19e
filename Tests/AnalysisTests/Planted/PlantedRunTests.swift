import Testing

@testable import Analysis

/// What a whole run says about models whose circuits were put there: every search names what was planted, none names a decoy.
@Suite("Runs on planted circuits")
struct PlantedRunTests {
  private static let seeds: [UInt64] = Array(1...(Reference.isFull ? 100 : 4))

  struct Plant: CustomTestStringConvertible, Sendable {
    let program: PlantedProgram
    let sharpness: Double
    var testDescription: String { "\(program), sharpness \(sharpness)" }
  }

  /// At sharpness 5 gradients pass the induction head's softmax, at 30 they do not. Its two heads gain nothing one by one either way.
  static let plants = [
    Plant(program: .votes, sharpness: 30), Plant(program: .lookup, sharpness: 30),
    Plant(program: .duplicate, sharpness: 30), Plant(program: .induction, sharpness: 5),
    Plant(program: .induction, sharpness: 30),
  ]

  @Test(
    "The stronger search finds exactly the planted heads, the edges' searches the planted edges, and no decoy",
    arguments: plants)
  func searches(plant: Plant) throws {
    for seed in Self.seeds {
      let planted = try plant.program.compile(seed: seed, sharpness: plant.sharpness)
      var plan = planted.plan(methods: [.exactPatching, .circuit, .forwardBackward, .edges, .edgePruning])
      plan.pruningThreshold = 0.1
      let result = try planted.analyzer().run(plan).result
      let found = try #require(result.forwardBackward)
      #expect(Set(found.selection.nodes) == planted.nodes.filter(\.isHead), "seed \(seed)")
      #expect(abs(found.sufficiency.value - 1) < 0.02)
      // A null is there, and no random circuit does as well as the planted one.
      #expect(found.nulls.allSatisfy { $0.p.value == $0.p.smallest })
      let pruned = try #require(result.edges?.pruned)
      #expect(Set(pruned.edges) == planted.edges, "seed \(seed)")
      let heads = (result.circuit?.heads ?? []) + found.selection.nodes
      #expect(planted.decoys.isDisjoint(with: heads))
      #expect(!heads.isEmpty && planted.nodes.isSuperset(of: heads))
    }
  }

  @Test("Where only an MLP tells the prompts apart there is no circuit of heads, and the run says so")
  func onlyMLP() throws {
    for seed in Self.seeds {
      let planted = try PlantedProgram.constant.compile(seed: seed)
      let outcome = try planted.analyzer().run(planted.plan(methods: [.exactPatching, .circuit, .forwardBackward]))
      #expect(outcome.result.circuit == nil && outcome.result.forwardBackward == nil, "seed \(seed)")
      #expect(outcome.refusals.contains { $0.reason == .notFound && $0.scope == "checks of circuits" })
    }
  }
}
