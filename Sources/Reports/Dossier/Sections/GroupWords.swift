import Analysis
import Project

extension GroupWords {
  /// The words of an evaluation's groups.
  init(text: InterfaceText, _ report: Dossier.EvaluationReport?) {
    self.init(text: text, positive: report?.positive ?? [], unit: report?.unit, threshold: report?.threshold)
  }
}

/// How groups, their shares and what would settle a difference are said.
struct GroupWords {
  let text: InterfaceText
  /// The positive answers.
  let positive: [String]
  /// The unit of a regression's number; nil where there are answers.
  var unit: String?
  /// Above which number a decision is positive.
  var threshold: Double?

  /// e.g. `“approve”`; of a regression `above 60 points`.
  var answers: TextValue { .attributed(text.answers(positive, unit: unit, threshold: threshold)) }

  /// What numbers are in.
  var measured: TextValue { .text(unit ?? text.words("words.logits")) }

  /// How a list of who fares worse is read.
  func lead(_ comparison: GroupComparison) -> [Inline] {
    let few = TextValue.text(String(GroupComparison.few))
    if unit != nil {
      return text.inlines("groups.lead-number", ["unit": measured, "few": few])
    }
    return comparison.declaration.favourable == .positive
      ? text.inlines("groups.lead", ["answers": answers, "few": few])
      : text.inlines("groups.lead-unfavourable", ["answers": answers, "few": few])
  }

  /// `age: young`, of an intersection `age: young, sex: female`.
  func group(_ groupings: [String], _ values: [String]) -> String {
    list(
      zip(groupings, values).map { grouping, value in
        text.words("groups.one", ["grouping": .text(grouping), "group": .text(value)])
      })
  }

  /// `age: young, against mature`.
  func against(_ row: GroupComparison.Row) -> String {
    let group = TextValue.text(group(row.groupings, row.group))
    guard let reference = row.reference else { return text.words("groups.against-others", ["group": group]) }
    return text.words("groups.against", ["group": group, "reference": .text(list(reference))])
  }

  private func list(_ parts: [String]) -> String {
    guard let first = parts.first else { return "" }
    return parts.dropFirst().reduce(first) {
      text.words("groups.and", ["first": .text($0), "second": .text($1)])
    }
  }

  /// `24 (few) and 66`.
  func records(_ row: GroupComparison.Row) -> String {
    let (own, reference) = (TextValue.text(text.count(row.n)), TextValue.text(text.count(row.nReference)))
    return row.isSmall
      ? text.words("groups.both-few", ["own": own, "reference": reference])
      : text.words("groups.both", ["own": own, "reference": reference])
  }

  /// `24 (few)`.
  func records(_ row: Diff.Row) -> String {
    row.n < GroupComparison.few ? text.words("groups.few", ["n": .text(text.count(row.n))]) : text.count(row.n)
  }

  /// `58.3 % and 88.2 %`; errors without a sign of per cent.
  func both(_ comparison: GroupComparison.Comparison?) -> String {
    guard let comparison else { return "–" }
    func value(_ value: Double) -> TextValue {
      .text(comparison.measure.isShare ? text.percent(value) : text.fixed(value))
    }
    return text.words(
      "groups.both", ["own": value(comparison.value), "reference": value(comparison.valueReference)])
  }

  /// `58.3 % → 37.5 %`.
  func change(_ row: Diff.Row?) -> String {
    guard let row else { return "–" }
    func value(_ value: Double) -> TextValue { .text(row.measure.isShare ? text.percent(value) : text.fixed(value)) }
    return text.words("groups.change", ["before": value(row.before), "after": value(row.after)])
  }

  /// A difference in percentage points, or in the number's unit.
  func inItsUnit(_ difference: Estimate?, isShare: Bool) -> String {
    isShare ? points(difference) : difference.map(text.signedWithRange) ?? "–"
  }

  /// `−29.9 (−50.1 to −8.1)`, percentage points.
  func points(_ difference: Estimate?) -> String {
    guard let difference else { return "–" }
    return text.words(
      "diff.difference",
      [
        "value": text.inPoints(difference.value), "low": text.inPoints(difference.low),
        "high": text.inPoints(difference.high),
      ])
  }

  /// `−29.9 (−50.1 to −8.1) decided “approve”`.
  func difference(_ comparison: GroupComparison.Comparison?) -> String {
    guard let comparison else { return "–" }
    return difference(comparison.difference, comparison.measure)
  }

  /// `−20.8 (−40.9 to −4.1) decided rightly`.
  func difference(_ row: Diff.Row) -> String {
    difference(
      row.difference,
      row.measure == .accuracy ? .accuracy : row.measure == .absoluteError ? .absoluteError : .positiveRate)
  }

  private func difference(_ estimate: Estimate?, _ measure: GroupComparison.Measure) -> String {
    let points = TextValue.text(inItsUnit(estimate, isShare: measure.isShare))
    return switch measure {
    case .accuracy: text.words("groups.rightly", ["points": points])
    case .positiveRate: text.words("groups.positive", ["points": points, "answers": answers])
    case .truePositiveRate: text.words("groups.true-positive", ["points": points, "answers": answers])
    case .falsePositiveRate: text.words("groups.false-positive", ["points": points, "answers": answers])
    case .calibration: text.words("groups.calibration", ["points": points, "answers": answers])
    case .absoluteError: text.words("groups.farther", ["points": points, "unit": measured])
    }
  }

  /// Whether a difference is settled, and what would settle it.
  func settling(_ comparison: GroupComparison.Comparison) -> String {
    settling(
      isSettled: comparison.needed == nil && comparison.loss == .settled, isLikely: comparison.loss == .likely,
      comparison.needed)
  }

  /// Whether a change is settled, and what would settle it; with the limit that the records are meant for.
  func settling(_ row: Diff.Row, favourable: GroupComparison.Declaration.Side) -> String {
    guard row.measure.isShare, let size = row.envelope.limit?.largestLoss(favourable), let needed = row.needed else {
      return settling(isSettled: row.loss == .settled, isLikely: row.loss == .likely, row.needed)
    }
    let (n, limit) = (TextValue.text(text.count(needed)), TextValue.text(text.fixed(size * 100, 1)))
    return row.loss == .likely
      ? text.words("groups.likely-limit", ["n": n, "limit": limit])
      : text.words("groups.open-limit", ["n": n, "limit": limit])
  }

  private func settling(isSettled: Bool, isLikely: Bool, _ needed: Int?) -> String {
    if isSettled { return text.marked(text.words("groups.settled"), GroupComparison.Loss.settled.rawValue) }
    guard let needed else { return isLikely ? text.words("groups.likely") : text.words("groups.open") }
    let n = TextValue.text(text.count(needed))
    return isLikely ? text.words("groups.likely-needed", ["n": n]) : text.words("groups.open-needed", ["n": n])
  }
}
