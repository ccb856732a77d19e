import Analysis
import Project

/// The comparison's own words.
public enum DiffWords {
  /// A verdict as it is printed.
  public static func verdict(_ verdict: Diff.Verdict) -> String {
    switch verdict {
    case .identical: "identical"
    case .unchanged: "unchanged"
    case .unchangedWithinMargin: "unchanged within the margin"
    case .changed: "changed"
    case .unsettled: "unsettled"
    case .notTested: "not tested"
    }
  }

  /// A verdict's badge: what is established stands out from what is not.
  static func badge(_ verdict: Diff.Verdict) -> Badge {
    let kind: Badge.Kind =
      switch verdict {
      case .changed: .missing
      case .identical, .unchanged, .unchangedWithinMargin: .measured
      case .unsettled: .partial
      case .notTested: .notApplicable
      }
    return Badge(kind: kind, text: Self.verdict(verdict))
  }

  /// What a row is about, e.g. `effect of sex, sex: female`.
  static func subject(_ row: Diff.Row) -> String {
    let what: String =
      switch row.measure {
      case .effect: "effect of \(row.behaviour ?? "")"
      case .flips: "decisions flipped by \(row.behaviour ?? "")"
      case .decisionValue: "decision value of the records"
      case .accuracy: "right decisions"
      case .positiveDecisions: "positive decisions"
      }
    guard let grouping = row.grouping, let group = row.group else { return what }
    return "\(what), \(grouping): \(group)"
  }

  /// A value in the row's unit.
  static func value(_ value: Double, _ row: Diff.Row, signed: Bool = false) -> String {
    row.measure.isShare
      ? Numbers.fixed(value * 100, 1, signed: signed) + "\u{A0}%" : Numbers.fixed(value, signed: signed)
  }

  /// `+0.094 (0.080 to 0.107)`; shares in percentage points.
  static func difference(_ row: Diff.Row) -> String {
    guard let difference = row.difference else { return "–" }
    let scale = row.measure.isShare ? 100.0 : 1
    let decimals = row.measure.isShare ? 1 : 3
    let ends = [difference.low, difference.high].map { Numbers.fixed($0 * scale, decimals, signed: true) }
    return
      "\(Numbers.fixed(difference.value * scale, decimals, signed: true)) (\(ends.joined(separator: "\u{A0}to\u{A0}")))"
  }

  /// `logits` or `points`.
  static func unit(_ row: Diff.Row) -> String { row.measure.isShare ? "percentage points" : "logits" }

  /// What 1 and 0 say of one prompt in a measure that counts.
  static func states(_ measure: ChangeSettings.Measure) -> (one: String, zero: String) {
    switch measure {
    case .flips: ("flipped", "not flipped")
    case .accuracy: ("right", "wrong")
    case .positiveDecisions: ("positive", "negative")
    case .effect, .decisionValue: ("yes", "no")
    }
  }

  /// A fact of the model as the subject of a sentence.
  static func fact(_ name: String) -> String {
    switch name {
    case "layers": "the number of layers"
    case "heads per layer": "the number of heads per layer"
    case "parameters": "the number of parameters"
    default: "the \(name)"
    }
  }

  /// What another tokenizer means for a comparison; nil if both sides have the same one.
  public static func tokenizers(_ diff: Diff) -> String? {
    guard diff.model.facts.contains(where: { $0.name == "tokenizer" && !$0.isEqual }) else { return nil }
    return
      "The tokenizers differ: the same texts are compared, but each version may read them as other tokens, and an answer of "
      + "one token may be several in the other version. A difference may come from that alone."
  }

  /// When no difference was tested at all.
  public static let nothingTested =
    "No difference could be tested, so this comparison does not say whether behaviour changed."

  /// A p-value; small ones as a power of ten.
  static func p(_ value: Double?) -> String {
    guard let value else { return "–" }
    return value < 1e-300 ? "< 10⁻³⁰⁰" : value < 0.001 ? Numbers.precise(value) : Numbers.fixed(value)
  }

  /// `effect of sex: −0.168 before, −0.074 after, difference +0.094 (0.080 to 0.107) logits, n = 200`.
  public static func headline(_ row: Diff.Row) -> String {
    let counts = row.discordant.map { " (\($0.countBefore) before, \($0.countAfter) after)" } ?? ""
    let exact = row.discordant == nil ? "" : "exact p-value \(p(row.p)), "
    return "\(subject(row)): \(value(row.before, row)) before, \(value(row.after, row)) after\(counts), difference "
      + "\(difference(row)) \(unit(row)), n = \(Numbers.count(row.n)), \(exact)adjusted p-value \(p(row.adjustedP)): "
      + verdict(row.verdict)
  }

  /// Where a change lies in the envelope.
  static func envelope(_ envelope: Diff.Envelope, _ row: Diff.Row) -> String {
    let limits = envelope.limit.map { limit in
      let scale = row.measure.isShare ? 100.0 : 1
      let decimals = row.measure.isShare ? 1 : 3
      return
        "\(Numbers.fixed(limit.from * scale, decimals, signed: true)) to \(Numbers.fixed(limit.to * scale, decimals, signed: true))"
    }
    switch envelope.state {
    case .notNeeded: return "–"
    case .inside: return "within \(limits ?? "")"
    case .notShownInside: return "not shown to be within \(limits ?? "")"
    case .beyond: return limits.map { "outside \($0)" } ?? "no declared limit covers it"
    }
  }
}
