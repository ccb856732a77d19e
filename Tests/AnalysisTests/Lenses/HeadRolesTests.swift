import Foundation
import Testing

@testable import Analysis

/// Attention roles against PyTorch on every family, and on patterns whose answer is plain.
@Suite("Head roles")
struct HeadRolesTests {
  @Test("Every role of every head over three prompts is PyTorch's, baseline and counts too", arguments: LensModel.all)
  func roles(lens: LensModel) throws {
    let run = try LensRun(lens)
    var meter = HeadRoleMeter(model: run.model)
    for ids in run.golden.prompts {
      meter.add(ids, try run.model.forward(ids), decision: try run.decision())
    }
    let wanted = run.golden.roles.flatMap { $0 }
    let result = meter.result()
    #expect(result.map(\.head) == run.model.nodes.filter(\.isHead))
    for (ours, golden) in zip(result, wanted) {
      for (score, role) in [
        (ours.previousToken, golden.previous), (ours.duplicateToken, golden.duplicate),
        (ours.induction, golden.induction), (ours.firstToken, golden.first),
        (ours.positiveAnswer, golden.positive), (ours.negativeAnswer, golden.negative),
      ] {
        #expect((score == nil) == (role == nil))
        guard let score, let role else { continue }
        #expect(abs(score.value - role.value) <= 1e-6)
        #expect(abs(score.baseline - role.baseline) <= 1e-8)
        #expect(score.prompts == role.prompts && score.positions == role.positions)
      }
      #expect((ours.copying == nil) == (golden.copying == nil))
      guard let copying = ours.copying, let wanted = golden.copying else { continue }
      #expect(abs(copying.attended - wanted.attended) <= 2e-5 * max(1, abs(wanted.attended)))
      #expect(abs(copying.baseline - wanted.baseline) <= 2e-5 * max(1, abs(wanted.baseline)))
      #expect(abs(copying.raisedShare - wanted.raised) <= 1e-8)
      #expect(copying.prompts == wanted.prompts && copying.tokens == wanted.tokens)
    }
  }

  @Test("A role that no prompt shows has no score")
  func notShown() throws {
    let model = try FamilyModel.llama.model()
    let decision = try Decision(positive: [50], negative: [51], vocabulary: model.decisionCount)
    var meter = HeadRoleMeter(model: model)
    meter.add([7], try model.forward([7]), decision: decision)
    for head in meter.result() {
      #expect(head.previousToken == nil && head.firstToken == nil && head.copying == nil)
      #expect(head.duplicateToken == nil && head.induction == nil && head.positiveAnswer == nil)
    }
    meter.add([7, 8, 7], try model.forward([7, 8, 7]), decision: decision)
    for head in meter.result() {
      #expect(head.previousToken?.prompts == 1 && head.previousToken?.positions == 2)
      // 8 followed the earlier 7, and stands before the second one.
      #expect(head.duplicateToken?.positions == 1 && head.induction?.positions == 1)
      #expect(head.duplicateToken?.baseline == 1.0 / 3 && head.induction?.baseline == 1.0 / 3)
      #expect(head.positiveAnswer == nil && head.copying?.tokens == 2)
    }
  }

  @Test("A token that repeats at once is a duplicate, but nothing is induced: what followed is the token itself")
  func repeated() {
    #expect(AttentionTargets.induction([4, 4]).queries.isEmpty)
    #expect(AttentionTargets.duplicateToken([4, 4]).queries.map(\.keys) == [[0]])
    #expect(AttentionTargets.induction([4, 4, 4]).queries.map(\.keys) == [[1]])
    #expect(AttentionTargets.induction([1, 2, 1, 3, 1]).queries.map(\.keys) == [[1], [1, 3]])
  }
}
