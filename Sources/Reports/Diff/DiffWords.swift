import Analysis
import Project

/// The comparison's own words, in one language.
struct DiffWords: Sendable {
  let text: InterfaceText

  init(_ text: InterfaceText) { self.text = text }

  /// A verdict as it is printed.
  func verdict(_ verdict: Diff.Verdict) -> String {
    let word =
      switch verdict {
      case .identical: text.words("diff.identical")
      case .unchanged: text.words("diff.unchanged")
      case .unchangedWithinMargin: text.words("diff.unchanged-within-margin")
      case .changed: text.words("diff.changed")
      case .unsettled: text.words("diff.unsettled")
      case .notTested: text.words("diff.not-tested")
      }
    return text.marked(word, verdict.rawValue)
  }

  /// A verdict's badge: what is established stands out from what is not.
  func badge(_ verdict: Diff.Verdict) -> Badge {
    let kind: Badge.Kind =
      switch verdict {
      case .changed: .missing
      case .identical, .unchanged, .unchangedWithinMargin: .measured
      case .unsettled: .partial
      case .notTested: .notApplicable
      }
    return Badge(kind: kind, text: self.verdict(verdict))
  }

  /// What a row is about, e.g. `effect of sex, sex: female`.
  func subject(_ row: Diff.Row) -> String {
    subject(row.measure, behaviour: row.behaviour, grouping: row.grouping, group: row.group)
  }

  /// A limit of the envelope that nothing in the comparison answers, e.g. because a version has no run.
  func unanswered(_ limit: ChangeSettings.Limit) -> String {
    let group = limit.grouping.map { _ in limit.group ?? "*" }
    return text.words(
      "diff.not-measured",
      [
        "subject": .text(
          subject(limit.measure, behaviour: limit.behaviour ?? "*", grouping: limit.grouping, group: group)),
        "limits": .text(limits(limit)),
      ])
  }

  private func limits(_ limit: ChangeSettings.Limit) -> String {
    text.words(
      "diff.limits",
      ["from": .text(signed(limit.from, limit.measure)), "to": .text(signed(limit.to, limit.measure))])
  }

  private func subject(
    _ measure: ChangeSettings.Measure, behaviour: String?, grouping: String?, group: String?
  ) -> String {
    let behaviour = behaviour ?? ""
    let what: String =
      switch measure {
      case .effect: text.words("diff.effect", ["behaviour": .text(behaviour)])
      case .flips: text.words("diff.flips", ["behaviour": .text(behaviour)])
      case .decisionValue: text.words("diff.decision-value")
      case .accuracy: text.words("diff.accuracy")
      case .positiveDecisions: text.words("diff.positive-decisions")
      case .absoluteError: text.words("diff.absolute-error")
      }
    guard let grouping, let group else { return what }
    return text.words(
      "diff.of-group", ["what": .text(what), "grouping": .text(grouping), "group": .text(group)])
  }

  /// A value in the row's unit.
  func value(_ value: Double, _ row: Diff.Row) -> String {
    row.measure.isShare ? text.percent(value) : text.fixed(value)
  }

  /// `+0.094 (0.080 to 0.107)`; shares in percentage points.
  func difference(_ row: Diff.Row) -> String {
    guard let difference = row.difference else { return "–" }
    return text.words(
      "diff.difference",
      [
        "value": .text(signed(difference.value, row.measure)), "low": .text(signed(difference.low, row.measure)),
        "high": .text(signed(difference.high, row.measure)),
      ])
  }

  /// A difference in the measure's unit, with its sign.
  func signed(_ difference: Double, _ measure: ChangeSettings.Measure) -> String {
    measure.isShare ? text.fixed(difference * 100, 1, signed: true) : text.fixed(difference, signed: true)
  }

  /// `logits` or `percentage points`.
  func unit(_ measure: ChangeSettings.Measure) -> String {
    measure.isShare ? text.words("diff.percentage-points") : text.words("diff.logits")
  }

  /// What 1 and 0 say of one prompt in a measure that counts.
  func states(_ measure: ChangeSettings.Measure) -> (one: String, zero: String) {
    switch measure {
    case .flips: (text.words("diff.flipped"), text.words("diff.not-flipped"))
    case .accuracy: (text.words("diff.right"), text.words("diff.wrong"))
    case .positiveDecisions: (text.words("diff.positive"), text.words("diff.negative"))
    case .effect, .decisionValue, .absoluteError: (text.words("diff.yes"), text.words("diff.no"))
    }
  }

  /// What another tokenizer means for a comparison; nil if both sides have the same one.
  func tokenizers(_ diff: Diff) -> String? {
    guard diff.model.facts.contains(where: { $0.name == "tokenizer" && !$0.isEqual }) else { return nil }
    return text.words("diff.tokenizers")
  }

  /// When no difference was tested at all.
  var nothingTested: String { text.words("diff.nothing-tested") }

  /// A p-value; small ones as a power of ten.
  func p(_ value: Double?) -> String {
    guard let value else { return "–" }
    return value < 0.001 ? text.pValue(value) : text.fixed(value)
  }

  /// `effect of sex: −0.168 before, −0.074 after, difference +0.094 (0.080 to 0.107) logits, n = 200`.
  func headline(_ row: Diff.Row) -> String {
    guard let counts = row.discordant else {
      return text.words(
        "diff.headline-value",
        [
          "subject": .text(subject(row)), "before": .text(value(row.before, row)),
          "after": .text(value(row.after, row)),
          "difference": .text(difference(row)), "unit": .text(unit(row.measure)), "n": .text(text.count(row.n)),
          "p": .text(p(row.adjustedP)), "verdict": .text(verdict(row.verdict)),
        ])
    }
    return text.words(
      "diff.headline-share",
      [
        "subject": .text(subject(row)), "before": .text(value(row.before, row)), "after": .text(value(row.after, row)),
        "count-before": .text("\(counts.countBefore)"), "count-after": .text("\(counts.countAfter)"),
        "difference": .text(difference(row)), "unit": .text(unit(row.measure)), "n": .text(text.count(row.n)),
        "exact": .text(p(row.p)), "p": .text(p(row.adjustedP)), "verdict": .text(verdict(row.verdict)),
      ])
  }

  /// Where a row's change or likely loss lies in the envelope.
  func envelope(_ row: Diff.Row) -> String {
    let place = envelope(row.envelope)
    return row.envelope.state == .notShownInside && row.verdict == .unsettled
      ? text.words("diff.likely-loss", ["place": .text(place)]) : place
  }

  /// Where a change lies in the envelope.
  func envelope(_ envelope: Diff.Envelope) -> String {
    let limits = envelope.limit.map(limits)
    let state = envelope.state.rawValue
    switch envelope.state {
    case .notNeeded: return "–"
    case .inside: return text.marked(text.words("diff.within", ["limits": .text(limits ?? "")]), state)
    case .notShownInside:
      guard let limits else { return text.marked(text.words("diff.no-limit"), state) }
      return text.marked(text.words("diff.not-shown-within", ["limits": .text(limits)]), state)
    case .beyond:
      guard let limits else { return text.marked(text.words("diff.no-limit"), state) }
      return text.marked(text.words("diff.outside", ["limits": .text(limits)]), state)
    }
  }
}
