import Analysis
import Evidence
import Project

/// What moves the decisions, for a reader who decides about people: in how many texts one change turns the decision, which way, and by how
/// much it moves the share of the positive answer. What turns most decisions stands first.
struct DecisionsAtAGlance {
  let context: DossierContext
  /// The questions that have an answer, what turns most decisions first. Made once: each draws its interval anew.
  let rows: [Row]

  init(context: DossierContext) {
    self.context = context
    rows = Self.rows(context.selection)
  }

  private var text: InterfaceText { context.text }

  /// One question with its answer.
  struct Row {
    let behaviour: Project.Behaviour
    let record: RunRecord
    let plan: AnalysisPlan
    let flips: Proportion
    let points: Estimate
    /// Pairs whose decision is positive for the clean prompt only, and for the counterfactual prompt only.
    let turned: (away: Int, towards: Int)
  }

  /// The questions that a selection of runs answers, what turns most decisions first.
  static func rows(_ selection: RunSelection) -> [Row] {
    selection.analyses.compactMap { behaviour, run -> Row? in
      guard let record = run?.record, let plan = record.analysisPlan, let result = record.analysis,
        let flips = result.flips,
        let points = result.positiveShareChange(plan)
      else { return nil }
      return Row(
        behaviour: behaviour, record: record, plan: plan, flips: flips, points: points,
        turned: (result.positiveOnlyClean ?? 0, result.positiveOnlyCounterfactual ?? 0))
    }.sorted { ($0.flips.share.value, abs($0.points.value)) > ($1.flips.share.value, abs($1.points.value)) }
  }

  /// Tables; what was asked and has no answer comes last.
  var blocks: [Block] {
    guard !context.dossier.behaviours.isEmpty else { return [.paragraph(text.inlines("brief.no-question"))] }
    let numbers = NumbersAtAGlance(context)
    let open = context.selection.analyses.filter { entry in
      !rows.contains { $0.behaviour.id == entry.behaviour.id } && !numbers.answers(entry.behaviour.id)
    }
    return (rows.isEmpty && !numbers.isEmpty ? [] : [.paragraph(text.inlines("glance.decisions-lead"))])
      + tables.map { .table($0) } + numbers.blocks + doubts
      + threshold + refused
      + (open.isEmpty
        ? []
        : [
          .notice(
            kind: .missing,
            text.inlines(
              "glance.unanswered",
              [
                "n": .count(open.count),
                "questions": .inlines(
                  Array(
                    open.map { [.link(text: $0.behaviour.question, target: "#\($0.behaviour.anchor)")] }
                      .joined(separator: [.text(" ")]))),
              ]))
        ])
  }

  /// Where the model's own first choice is often no declared answer: the row must be read with care.
  private var doubts: [Block] {
    rows.compactMap { row in
      BehaviourSentences(row.record, names: context.names, text: text)?.doubt.map { .notice(kind: .note, $0.inlines) }
    }
  }

  /// That a decision is another thing here than in the evaluation, where that decides at a threshold of its own.
  private var threshold: [Block] {
    guard !rows.isEmpty, let threshold = context.dossier.evaluation?.threshold, threshold != 0,
      context.dossier.evaluation?.unit == nil
    else { return [] }
    return [.notice(kind: .note, text.inlines("glance.threshold", ["threshold": .text(text.precise(threshold))]))]
  }

  /// Pairs that could not be read: they stand in no number here.
  private var refused: [Block] {
    rows.compactMap { row in
      let pairs = row.record.refusals.count { $0.scope == .pair && $0.pair != nil }
      guard pairs > 0 else { return nil }
      let link = TextValue.link(change(row.plan), to: "#\(row.behaviour.anchor)")
      return .notice(
        kind: .refused,
        text.inlines("glance.refused", ["n": .count(pairs), "all": .count(row.plan.pairs.count), "change": link]))
    }
  }

  /// One table for each pair of answer sets.
  private var tables: [Table] {
    var groups: [(answers: [[String]], rows: [Row])] = []
    for row in rows {
      let answers = [
        row.plan.positive, row.plan.negative, row.plan.unit.map { [$0, "\(row.plan.threshold ?? 0)"] } ?? [],
      ]
      if let index = groups.firstIndex(where: { $0.answers == answers }) {
        groups[index].rows.append(row)
      } else {
        groups.append((answers, [row]))
      }
    }
    return groups.map { group in
      let (positive, negative) = answers(of: group.rows[0])
      return Table(
        caption: text.words("glance.decisions-caption", ["level": .text(text.level(group.rows[0].plan.confidence))]),
        header: group.rows[0].plan.unit == nil
          ? text.columns("glance.decisions-columns", ["positive": .text(positive), "negative": .text(negative)])
          : text.columns(
            "glance.decided-numbers-columns", ["positive": .text(positive), "negative": .text(negative)]),
        alignment: [.left, .right, .right, .right, .right, .left], rows: group.rows.map(cells))
    }
  }

  private func answers(of row: Row) -> (positive: String, negative: String) {
    let plan = row.plan
    guard plan.unit != nil else {
      return (text.answers(plan.positive), text.answers(against: plan.positive, plan.negative))
    }
    let positive = text.answers(plan.positive, unit: plan.unit, threshold: plan.threshold)
    return (positive, text.words("glance.not", ["answers": .text(positive)]))
  }

  private func cells(_ row: Row) -> [[Inline]] {
    [
      [.link(text: change(row.plan), target: "#\(row.behaviour.anchor)")], [.text(decisions(row.flips))],
      [.text(text.count(row.turned.away))], [.text(text.count(row.turned.towards))], [.text(text.points(row.points))],
      [context.names.link(row.record.id)],
    ]
  }

  /// `70 of 200 (28.7 % to 41.8 %)`.
  private func decisions(_ flips: Proportion) -> String {
    text.words(
      "numbers.value-with-range",
      ["value": .text(text.counted(of: flips)), "range": .text(text.range(flips.share, percent: true))])
  }

  /// `sex = female instead of sex = male`.
  func change(_ plan: AnalysisPlan) -> String {
    text.words(
      "glance.change", ["clean": .text(plan.cleanLabel), "counterfactual": .text(plan.counterfactualLabel)])
  }

  /// The picture of the table; nil if it has one row.
  var picture: Block? { rows.count > 1 ? .figure(figure) : nil }

  private var figure: Figure {
    let level = TextValue.text(text.level(rows[0].plan.confidence))
    return Figure(
      id: "decisions-at-a-glance", caption: text.words("glance.decisions-figure", ["level": level]),
      alternative: text.words("glance.decisions-alternative"),
      drawing: .intervals(
        labels: rows.map(\.plan.counterfactualLabel),
        estimates: rows.map(\.flips.share).map { (100 * $0.value, 100 * $0.low, 100 * $0.high) }, reference: 0,
        unit: text.words("glance.decisions-unit")),
      data: .attributed(
        text.words("glance.decisions-data"), text.columns("glance.decisions-data-columns", ["level": level]),
        rows.map { row in
          [
            change(row.plan), text.count(row.flips.share.n), text.count(row.flips.count),
            text.percent(row.flips.share.value), text.range(row.flips.share, percent: true),
          ]
        }))
  }
}

extension InterfaceText {
  /// A change of a share in percentage points, e.g. `−31.2 points (−34.0 to −28.3)`.
  func points(_ estimate: Estimate) -> String {
    guard estimate.hasInterval else { return words("glance.points-without", ["value": inPoints(estimate.value)]) }
    return words(
      "glance.points",
      ["value": inPoints(estimate.value), "low": inPoints(estimate.low), "high": inPoints(estimate.high)])
  }

  /// The same without its interval.
  func pointsAlone(_ estimate: Estimate) -> String {
    words("glance.points-alone", ["value": inPoints(estimate.value)])
  }

  /// Its interval in percentage points, e.g. `−34.0 to −28.3`.
  func pointsRange(_ estimate: Estimate) -> String {
    guard estimate.hasInterval else { return words("numbers.no-interval") }
    return words("numbers.range", ["low": inPoints(estimate.low), "high": inPoints(estimate.high)])
  }

  /// A difference of shares in percentage points with its sign, e.g. `−31.2`.
  func inPoints(_ difference: Double) -> TextValue { .text(fixed(difference * 100, 1, signed: true)) }
}
