import Foundation
import Testing

@testable import Analysis

/// A digit adder trained for this (`Tests/Reference/adder`), and what PyTorch says of it over all 10,000 sums.
struct AdderReference: Decodable {
  struct Question: Decodable {
    let digit: Int
    let added: Int
    let tens: Bool
    let flips: Int
    let pairs: Int
    let size: Double
    let direction: Double
    /// [mean effect, share, the two over the sample].
    let nodes: [String: [String: [Double]]]
    let edges: [String: [Double]]
    /// By set of heads [mean s·m, the same over the sample].
    let circuits: [String: [Double]]
    let sample: [Sum]
  }

  struct Sum: Decodable {
    let sum: Int
    let mClean: Double
    let mCounterfactual: Double
    let noising: [Double]

    enum CodingKeys: String, CodingKey {
      case sum, noising
      case mClean = "m_clean"
      case mCounterfactual = "m_cf"
    }
  }

  let questions: [String: Question]

  static let names = ["units-of-a", "units-of-b", "tens-of-a-for-units", "tens-of-a", "carry"]
  static let folder = Reference.folder.appendingPathComponent("adder")

  static func question(_ name: String) throws -> Question {
    try #require(try Reference.read(AdderReference.self, "adder/adder.json").questions[name])
  }

  static func analyzer() throws -> Analyzer {
    let checkpoint = try Checkpoint(folder: folder.appendingPathComponent("model"))
    return Analyzer(model: try Transformer.load(checkpoint), tokenizer: try checkpoint.tokenizer(), folder: "adder")
  }
}

extension AdderReference.Question {
  private func prompt(_ digits: [Int]) -> String {
    let sum = (10 * (digits[0] + digits[2]) + digits[1] + digits[3]) % 100
    return "\(digits[0])\(digits[1])+\(digits[2])\(digits[3])=" + (tens ? "\(sum % 10)" : "")
  }

  /// The pair of a sum, as `enumerate.py` makes it.
  func pair(_ sum: Int) -> AnalysisPlan.Pair {
    let digits = [sum / 1000, sum / 100 % 10, sum / 10 % 10, sum % 10]
    var other = digits
    let place = digit > 2 ? digit - 1 : digit
    other[place] = (digits[place] + added) % 10
    return .init(name: "\(sum)", clean: prompt(digits), counterfactual: prompt(other))
  }

  func plan(_ sums: [Int], methods: [AnalysisPlan.Method]) -> AnalysisPlan {
    AnalysisPlan(
      behaviour: "adder", question: "Does this digit matter?", positive: ["0", "2", "4", "6", "8"],
      negative: ["1", "3", "5", "7", "9"], pairs: sums.map(pair), methods: methods, bootstrapResamples: 999,
      detailPairs: 0)
  }
}

@Suite("A digit adder, against all 10,000 sums in PyTorch")
struct AdderTests {
  private func near(_ value: Double, _ expected: Double, _ scale: Double) -> Bool {
    abs(value - expected) <= 1e-4 * max(1, scale)
  }

  @Test("Each heading says what enumeration shows, in all three ways", arguments: AdderReference.names)
  func headings(name: String) throws {
    let question = try AdderReference.question(name)
    let sums = question.sample.map(\.sum)
    let outcome = try AdderReference.analyzer().run(question.plan(sums, methods: [.exactPatching]))
    let standing = try #require(outcome.result.standing)
    for (pair, expected) in zip(outcome.result.pairs, question.sample) {
      let scale = abs(expected.mCounterfactual - expected.mClean)
      #expect(near(try #require(pair.mClean), expected.mClean, scale))
      #expect(near(try #require(pair.mCounterfactual), expected.mCounterfactual, scale))
      for (value, exact) in zip(pair.noising ?? [], expected.noising) { #expect(near(value, exact, scale)) }
    }
    let flips = Double(question.flips) / Double(question.pairs)
    if standing.grounds.contains(.flips) { #expect(flips > standing.flipFloor) }
    if standing.grounds.contains(.size) { #expect(question.size > standing.sizeFloor) }
    if standing.grounds.contains(.direction) {
      #expect((standing.direction.value > 0) == (question.direction > 0) && question.direction != 0)
    }
    // What is there by far is found.
    #expect(standing.grounds.contains(.flips) == (flips > 0.1), "\(flips): \(standing)")
    #expect(standing.standing == .measured || question.size < 0.5)
    #expect(standing.size.low <= question.size && question.size <= standing.size.high, "\(standing.size)")
  }

  @Test("The digit that matters nowhere turns no decision, and the others do", arguments: AdderReference.names)
  func nowhere(name: String) throws {
    let question = try AdderReference.question(name)
    #expect(name == "tens-of-a-for-units" ? question.flips == 0 : question.flips > 1000)
  }

  @Test("Heads and MLPs: effects and shares are PyTorch's, and what is established holds over all sums")
  func nodes() throws {
    for name in AdderReference.names {
      let question = try AdderReference.question(name)
      // Every pair counts, those whose carry stays as well.
      var plan = question.plan(question.sample.map(\.sum), methods: [.exactPatching])
      plan.floor = 0
      let outcome = try AdderReference.analyzer().run(plan)
      let floor = 0.2
      #expect(outcome.result.shareFloor(plan) == floor)
      let standings = Dictionary(uniqueKeysWithValues: outcome.findings.map { ($0.id, $0.standing) })
      for effect in outcome.result.nodeEffects {
        for (kind, mean, share) in [
          ("noising", effect.noising, effect.noisingShare), ("denoising", effect.denoising, effect.denoisingShare),
        ] {
          let expected = try #require(question.nodes["\(effect.node)"]?[kind])
          let (mean, share) = (try #require(mean), try #require(share))
          #expect(near(mean.value, expected[2], question.size), "\(name) \(kind) \(effect.node)")
          #expect(near(share.value, expected[3], 1), "\(name) \(kind) \(effect.node)")
          if share.isAbove(floor) { #expect(expected[1] > floor, "\(name) \(kind) \(effect.node): \(expected)") }
          if expected[1] > 0.6 { #expect(standings["\(kind).\(effect.node)"] == .measured, "\(name) \(effect.node)") }
        }
      }
    }
  }

  @Test("Edges: exact effects and shares are PyTorch's", arguments: AdderReference.names)
  func edges(name: String) throws {
    let question = try AdderReference.question(name)
    var plan = question.plan(question.sample.map(\.sum), methods: [.edges])
    plan.floor = 0
    let outcome = try AdderReference.analyzer().run(plan)
    let edges = try #require(outcome.result.edges)
    #expect(edges.pairs == question.sample.count)
    #expect(edges.graphEdges == question.edges.count)
    let floor = 2 / Double(edges.strongest.count)
    for score in edges.strongest {
      let expected = try #require(question.edges["\(score.edge)"])
      #expect(near(score.exact.value, expected[2], question.size), "\(score.edge)")
      let share = try #require(score.share)
      #expect(near(share.value, expected[3], 1), "\(score.edge)")
      if share.isAbove(floor) { #expect(expected[1] > floor / 2, "\(score.edge): \(share), \(expected)") }
      // What lies above the floor by more than 60 sums leave open is established.
      if expected[1] - floor > share.high - share.low {
        #expect(score.exact.isEstablished(share: share, floor: floor), "\(score.edge)")
      }
    }
  }

  @Test(
    "The circuit's scores are PyTorch's, over the sample and, nearly, over all sums", arguments: AdderReference.names)
  func circuit(name: String) throws {
    let question = try AdderReference.question(name)
    var plan = question.plan(question.sample.map(\.sum), methods: [.circuit])
    plan.floor = 0
    let outcome = try AdderReference.analyzer().run(plan)
    #expect(!outcome.refusals.contains { $0.reason == .nothingToExplain })
    guard let circuit = outcome.result.circuit else {
      #expect(question.flips == 0, "\(outcome.refusals)")
      return
    }
    #expect(circuit.sufficiency.n == question.sample.count)
    // The sample against all sums: 0.14 is the largest difference of any set of heads, for every question that matters.
    for (place, within) in question.flips == 0 ? [(1, 1e-4)] : [(1, 1e-4), (0, 0.14)] {
      try expectScores(of: circuit, question, place: place, within: within)
    }
    // The mode follows from the measured rank correlation.
    let correlation = outcome.approximations.first { $0.method == "attribution patching" }?.spearman
    #expect((circuit.forward == .exact) == ((correlation ?? 0) < 0.5), "\(String(describing: correlation))")
  }

  private static let isFull = ProcessInfo.processInfo.environment["VITRINE_TEST_FULL"] == "1"

  @Test(
    "All 10,000 sums: flips, sizes, heads, edges and circuit are PyTorch's", .enabled(if: isFull),
    arguments: AdderReference.names)
  func everySum(name: String) throws {
    let question = try AdderReference.question(name)
    var plan = question.plan(Array(0..<10_000), methods: [.exactPatching, .edges, .circuit])
    (plan.floor, plan.bootstrapResamples) = (0, 199)
    let outcome = try AdderReference.analyzer().run(plan)
    let standing = try #require(outcome.result.standing)
    #expect(standing.flips?.count == question.flips && standing.flips?.share.n == question.pairs)
    #expect(near(standing.size.value, question.size, question.size))
    #expect(near(standing.direction.value, question.direction, question.size))
    for effect in outcome.result.nodeEffects {
      for (kind, mean, share) in [
        ("noising", effect.noising, effect.noisingShare), ("denoising", effect.denoising, effect.denoisingShare),
      ] {
        let expected = try #require(question.nodes["\(effect.node)"]?[kind])
        #expect(near(try #require(mean).value, expected[0], question.size), "\(kind) \(effect.node)")
        #expect(near(try #require(share).value, expected[1], 1), "\(kind) \(effect.node)")
      }
    }
    let edges = try #require(outcome.result.edges)
    #expect(edges.pairs == 10_000 && !edges.strongest.isEmpty)
    for score in edges.strongest {
      let expected = try #require(question.edges["\(score.edge)"])
      #expect(near(score.exact.value, expected[0], question.size), "\(score.edge)")
      #expect(near(try #require(score.share).value, expected[1], 1), "\(score.edge)")
    }
    guard let circuit = outcome.result.circuit else {
      #expect(question.flips == 0, "\(outcome.refusals)")
      return
    }
    try expectScores(of: circuit, question, place: 0, within: 1e-4)
    print(
      "adder, \(name): \(standing.flips?.count ?? 0) of \(question.pairs) flip, \(edges.strongest.count) edges, \(circuit.heads)"
    )
  }

  /// Sufficiency and comprehensiveness against PyTorch's values of the same sets of heads.
  private func expectScores(
    of circuit: AnalysisResult.Circuit, _ question: AdderReference.Question, place: Int, within: Double
  ) throws {
    let heads = (0..<2).flatMap { layer in (0..<4).map { Node.head(layer: layer, head: $0) } }
    func value(_ set: [Node]) throws -> Double {
      var bits = 0
      for case .head(let layer, let head) in set { bits |= 1 << (4 * layer + head) }
      return try #require(question.circuits["\(bits)"])[place]
    }
    let (full, empty) = (try value(heads), try value([]))
    let tolerance = within / min(1, abs(full - empty))
    let (only, without) = (try value(circuit.heads), try value(heads.filter { !circuit.heads.contains($0) }))
    #expect(abs(circuit.sufficiency.value - (only - empty) / (full - empty)) < tolerance, "\(circuit.heads)")
    #expect(abs(circuit.comprehensiveness.value - (full - without) / (full - empty)) < tolerance, "\(circuit.heads)")
  }
}
