import Foundation

@testable import Analysis

/// `Tests/Reference/groups.json`: values of statsmodels and scipy, and twenty kinds of planted data.
struct GroupReference: Decodable {
  struct Interval: Decodable {
    var count, n, countReference, nReference: Int
    var low, high: Double
    var ratio: [Double?]?
  }
  struct Independent: Decodable {
    var share, reference, ratio, power: Double
    var n: Int
  }
  struct Paired: Decodable {
    var discordant, difference, power: Double
    var n: Int
  }
  struct Cell: Decodable {
    var groups: [String: String]
    var n, labels, `true`, `false`: Int
  }
  struct Row: Decodable {
    var groupings, group: [String]
    var measure: GroupComparison.Measure
    var difference, adjustedP: Double
    var loss: GroupComparison.Loss
  }
  struct Kind: Decodable {
    var name: String
    var references: [String: String]
    var intersections: [[String]]
    var favourable: GroupComparison.Declaration.Side
    var groupings: [String]
    var cells: [Cell]
    var expected: [Row]

    /// The planted records as an evaluation that said so of each.
    var evaluation: (plan: EvaluationPlan, result: EvaluationResult) {
      var (examples, scores) = ([EvaluationPlan.Example](), [EvaluationResult.Score]())
      for cell in cells {
        for place in 0..<cell.n {
          let isPositive = place < cell.labels ? place < cell.true : place - cell.labels < cell.false
          let name = "record \(examples.count + 1)"
          examples.append(.init(name: name, prompt: name, positive: place < cell.labels, groups: cell.groups))
          scores.append(.init(name: name, m: isPositive ? 1 : -1))
        }
      }
      let plan = EvaluationPlan(
        dataset: "planted", label: "label", positive: [" approve"], negative: [" decline"], groupings: groupings,
        examples: examples)
      return (plan, EvaluationResult(groups: [], scores: scores, rule: .threshold))
    }

    /// The comparison of them.
    var comparison: GroupComparison {
      let (plan, result) = evaluation
      return GroupComparison(
        plan, result,
        .init(references: references, intersections: intersections, favourable: favourable), confidence: 0.95,
        power: 0.8)
    }
  }

  var intervals: [Interval]
  var independent: [Independent]
  var paired: [Paired]
  var planted: [Kind]

  static let shared = Result {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Reference/groups.json")
    return try JSONDecoder().decode(GroupReference.self, from: Data(contentsOf: file))
  }
}
