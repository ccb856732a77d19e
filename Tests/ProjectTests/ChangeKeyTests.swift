import Foundation
import Testing

@testable import Project

@Suite("What counts as a change, in the project file")
struct ChangeKeyTests {
  /// The sample with a group `changes`, whose first key is on line 31.
  private func project(_ lines: String...) throws -> TemporaryProject {
    let all = ["  confidence: 0.9", "changes:"] + lines.map { "  " + $0 }
    return try Sample.project(replacing: [29: all.joined(separator: "\n")])
  }

  @Test("is read as it is written, and by default is Holm at 5 %, 0.1 logits and 5 points, with no envelope")
  func values() throws {
    let standard = try Sample.project().load().changes
    #expect(!standard.isDeclared && standard.envelope.isEmpty)
    #expect(standard.confidence == 0.95 && standard.correction == .holm)
    #expect(standard.decisionValueMargin == 0.1 && standard.shareMargin == 0.05 && standard.mayChange == [.weights])
    let changes = try project(
      "confidence: 0.99", "correction: benjamini-hochberg", "power: 0.9", "margins: {decision_value: 0.2, share: 0.01}",
      "may_change: [weights, tokenizer]", "envelope:", "  - {measure: effect, behaviour: colour, from: -0.5, to: 0.25}",
      "  - {measure: accuracy, grouping: shape, group: round, from: -0.02, to: 1}"
    ).load().changes
    #expect(changes.isDeclared && changes.confidence == 0.99 && changes.correction == .benjaminiHochberg)
    #expect(changes.power == 0.9 && changes.decisionValueMargin == 0.2 && changes.shareMargin == 0.01)
    #expect(changes.mayChange == [.weights, .tokenizer])
    #expect(
      changes.envelope == [
        .init(measure: .effect, behaviour: "colour", from: -0.5, to: 0.25),
        .init(measure: .accuracy, grouping: "shape", group: "round", from: -0.02, to: 1),
      ])
  }

  @Test(
    "is refused with key, line and remedy where it says nothing that is compared",
    arguments: [
      (
        "confidense: 0.95", ProjectError.Code.unknownKey,
        ["'confidense' under 'changes'", "did you mean 'confidence'?"]
      ),
      ("confidence: 95", .badValue, ["'confidence' under 'changes'", "between 0.5 and 1"]),
      ("correction: bonferroni", .unknownValue, ["'bonferroni' of 'correction'", "holm"]),
      ("power: 0.2", .badValue, ["'power'", "between 0.5 and 1"]),
      ("margins: {logits: 0.1}", .unknownKey, ["'logits' under 'margins'", "decision_value, share"]),
      ("margins: {share: 5}", .badValue, ["'share'", "between 0 and 1"]),
      ("margins: {decision_value: 0}", .badValue, ["'decision_value'", "above 0"]),
      ("may_change: [weight]", .unknownValue, ["'weight' of 'may_change'", "did you mean 'weights'?"]),
      (
        "envelope: [{measure: effects, from: 0, to: 1}]", .unknownValue,
        ["'effects' of 'measure'", "did you mean 'effect'?"]
      ),
      ("envelope: [{measure: effect, limit: 1}]", .unknownKey, ["'limit' under 'envelope'"]),
      ("envelope: [{measure: effect, to: 1}]", .missingKey, ["'from'"]),
      ("envelope: [{measure: effect, from: 1, to: 0}]", .badValue, ["'from' is 1.0, above 'to'", "exchange them"]),
      (
        "envelope: [{measure: effect, behaviour: color, from: 0, to: 1}]", .unknownValue,
        ["'color'", "did you mean 'colour'?"]
      ),
      (
        "envelope: [{measure: accuracy, behaviour: colour, from: 0, to: 1}]", .badValue,
        ["'accuracy'", "leave 'behaviour' out"]
      ),
      (
        "envelope: [{measure: accuracy, grouping: shapes, from: 0, to: 1}]", .unknownValue,
        ["'shapes'", "did you mean 'shape'?"]
      ),
      ("envelope: [{measure: accuracy, group: round, from: 0, to: 1}]", .missingKey, ["'group' without 'grouping'"]),
    ])
  func refused(line: String, code: ProjectError.Code, parts: [String]) throws {
    let project = try project(line)
    let error = projectError { _ = try project.load() }
    #expect(error?.code == code, "\(error?.message ?? "no error")")
    for part in parts + ["vitrine.yaml line 31"] {
      #expect(error?.message.contains(part) == true, "'\(part)' is not in: \(error?.message ?? "no error")")
    }
  }
}
