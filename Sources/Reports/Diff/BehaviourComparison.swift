import Analysis
import Evidence
import Project

/// One behaviour of two versions: its effect and its flips, overall and by group, on the same prompts.
struct BehaviourComparison {
  let before: (record: RunRecord, plan: AnalysisPlan, result: AnalysisResult)
  let after: (record: RunRecord, plan: AnalysisPlan, result: AnalysisResult)
  /// Partners among the prompts that both sides measured.
  let match: PromptMatch
  private let measuredBefore: [Int]
  private let measuredAfter: [Int]

  /// A comparison, or why there is none.
  init(_ first: StoredRun, _ second: StoredRun) throws(Incomparable) {
    guard let plan = first.record.analysisPlan, let result = first.record.analysis,
      let planAfter = second.record.analysisPlan, let resultAfter = second.record.analysis
    else { throw Incomparable(reason: "a run failed or has no result") }
    guard plan.unit == planAfter.unit, plan.threshold == planAfter.threshold else {
      throw .init(reason: "the unit or the threshold of the number differs")
    }
    guard plan.positive == planAfter.positive, plan.negative == planAfter.negative else {
      throw Incomparable(
        reason: "the answers differ, so the decision value is another one: \(Self.answers(plan)) before, "
          + "\(Self.answers(planAfter)) after")
    }
    guard plan.prepend == planAfter.prepend, plan.specialTokensUsed == planAfter.specialTokensUsed else {
      throw Incomparable(reason: "the special tokens around the prompts differ")
    }
    before = (first.record, plan, result)
    after = (second.record, planAfter, resultAfter)
    measuredBefore = result.pairs.indices.filter { result.pairs[$0].totalEffect != nil }
    measuredAfter = resultAfter.pairs.indices.filter { resultAfter.pairs[$0].totalEffect != nil }
    for (run, measured) in [(first, measuredBefore), (second, measuredAfter)] where measured.isEmpty {
      throw Incomparable(reason: Self.nothingMeasured(run.record))
    }
    func texts(_ plan: AnalysisPlan, _ places: [Int]) -> [[String]] {
      places.map { [plan.pairs[$0].clean, plan.pairs[$0].counterfactual] }
    }
    match = PromptMatch(texts(plan, measuredBefore), texts(planAfter, measuredAfter))
  }

  /// Which version measured nothing, and the first of its reasons.
  private static func nothingMeasured(_ record: RunRecord) -> String {
    let reason = record.refusals.first { $0.pair != nil } ?? record.refusals.first
    return "version \(record.modelVersion) could measure none of its prompt pairs"
      + (reason.map { "; the first refusal: \($0.detail)" } ?? "")
  }

  /// Why two things cannot be compared.
  struct Incomparable: Error { let reason: String }

  private static func answers(_ plan: AnalysisPlan) -> String {
    plan.negative.isEmpty
      ? "\(RecordedWords.answers(plan.positive)) by itself"
      : "\(RecordedWords.answers(plan.positive)) against \(RecordedWords.answers(plan.negative))"
  }

  /// The measured pairs that both sides share, partner by partner.
  var shared: [(before: AnalysisResult.Pair, after: AnalysisResult.Pair)] {
    match.pairs.map {
      (before.result.pairs[measuredBefore[$0.before]], after.result.pairs[measuredAfter[$0.after]])
    }
  }

  /// Whether both sides compared the same prompts.
  var isPaired: Bool { !match.pairs.isEmpty }

  /// Effect and flips, overall and by group.
  func drafts(_ groups: PromptGroups) -> [RowDraft] {
    let (first, second) =
      isPaired
      ? (shared.map(\.before), shared.map(\.after))
      : (measuredBefore.map { before.result.pairs[$0] }, measuredAfter.map { after.result.pairs[$0] })
    let groups = groups.describes(before.plan.pairs) ? groups : nil
    let isIdentical =
      isPaired && match.alone == 0
      && zip(first, second).allSatisfy { $0.mClean == $1.mClean && $0.mCounterfactual == $1.mCounterfactual }
    let threshold = before.plan.decisionThreshold
    func flipped(_ pair: AnalysisResult.Pair) -> Double {
      let threshold = threshold ?? 0
      return ((pair.mClean ?? 0) > threshold) == ((pair.mCounterfactual ?? 0) > threshold) ? 0 : 1
    }
    var measures: [(ChangeSettings.Measure, (AnalysisResult.Pair) -> Double)] = [(.effect, { $0.totalEffect ?? 0 })]
    if threshold != nil { measures.append((.flips, flipped)) }
    return measures.flatMap { measure, value in
      RowDraft(
        subject: .init(
          measure: measure, behaviour: before.plan.behaviour, grouping: nil, group: nil, runBefore: before.record.id,
          runAfter: after.record.id),
        names: first.map(\.name), before: first.map(value), after: second.map(value), isPaired: isPaired,
        leftOut: isPaired ? match.alone : 0, isIdentical: isIdentical
      ).withGroups(groups)
    }
  }
}

/// Two versions on labelled records: decision value, right decisions and positive decisions, overall and by group.
struct EvaluationComparison {
  private let before: Side
  private let after: Side

  private typealias Scored = (example: EvaluationPlan.Example, m: Double, isPositive: Bool, isRight: Bool)

  private struct Side {
    let record: RunRecord
    let plan: EvaluationPlan
    /// Scored records: the example, its decision value, and the decision.
    let scored: [Scored]

    init?(_ run: StoredRun) {
      guard let plan = run.record.evaluationPlan, let result = run.record.evaluation,
        result.scores.count == plan.examples.count
      else { return nil }
      record = run.record
      self.plan = plan
      scored = zip(plan.examples, result.scores).compactMap { example, score in
        score.m.map { m in
          let decision = plan.decision(example, m: m, choice: score.choice, rule: result.rule)
          return (example, m, decision.isPositive, decision.isRight)
        }
      }
    }
  }

  /// A comparison, or why there is none.
  init(_ first: StoredRun, _ second: StoredRun) throws(BehaviourComparison.Incomparable) {
    guard let before = Side(first), let after = Side(second) else {
      throw .init(reason: "a run failed or has no value for each record")
    }
    guard before.plan.unit == after.plan.unit, before.plan.unit == nil || before.plan.threshold == after.plan.threshold
    else { throw .init(reason: "the unit or the threshold of the number differs") }
    guard before.plan.positive == after.plan.positive, before.plan.negative == after.plan.negative else {
      throw .init(reason: "the answers differ, so the decision value is another one")
    }
    guard before.plan.prepend == after.plan.prepend,
      before.plan.specialTokensUsed == after.plan.specialTokensUsed
    else { throw .init(reason: "the special tokens around the prompts differ") }
    guard !before.scored.isEmpty, !after.scored.isEmpty else { throw .init(reason: "no record could be scored") }
    self.before = before
    self.after = after
  }

  /// The measures, overall and by group. A record and its label must be the same on both sides.
  func drafts(_ groups: PromptGroups) -> [RowDraft] {
    func keys(_ side: Side) -> [[String]] {
      side.scored.map { scored in
        [scored.example.prompt, scored.example.number.map { "\($0)" } ?? "\(scored.example.positive)"]
      }
    }
    let match = PromptMatch(keys(before), keys(after))
    let isPaired = !match.pairs.isEmpty
    let first = isPaired ? match.pairs.map { before.scored[$0.before] } : before.scored
    let second = isPaired ? match.pairs.map { after.scored[$0.after] } : after.scored
    let isIdentical =
      isPaired && match.alone == 0 && before.plan.threshold == after.plan.threshold
      && zip(first, second).allSatisfy { $0.m == $1.m && $0.isPositive == $1.isPositive }
    let decided: [(ChangeSettings.Measure, (Scored) -> Double)] = [
      (.accuracy, { $0.isRight ? 1 : 0 }), (.positiveDecisions, { $0.isPositive ? 1 : 0 }),
    ]
    let errors: [(ChangeSettings.Measure, (Scored) -> Double)] =
      before.plan.unit == nil ? [] : [(.absoluteError, { abs($0.m - ($0.example.number ?? $0.m)) })]
    let measures = errors + (before.plan.threshold == nil ? [] : decided) + [(.decisionValue, { $0.m })]
    return measures.flatMap { measure, value in
      RowDraft(
        subject: .init(
          measure: measure, behaviour: nil, grouping: nil, group: nil, runBefore: before.record.id,
          runAfter: after.record.id),
        names: first.map(\.example.name), before: first.map(value), after: second.map(value), isPaired: isPaired,
        leftOut: isPaired ? match.alone : 0, isIdentical: isIdentical
      ).withGroups(groups)
    }
  }
}
