import Analysis
import Evidence
import Project

/// What moves the number that a regression gives, for a first page: by how much one change moves it, in the label's unit. Nothing is counted
/// as decided here, with a threshold or without.
struct NumbersAtAGlance {
  /// One question with its answer.
  private struct Row {
    let behaviour: Project.Behaviour
    let record: RunRecord
    let plan: AnalysisPlan
    let unit: String
    let effect: Estimate
    let standing: BehaviourStanding
  }

  private let context: DossierContext
  /// The questions that have an answer, the largest move first.
  private let rows: [Row]

  init(_ context: DossierContext) {
    self.context = context
    rows = Self.rows(context.selection)
  }

  /// The questions about a number that a selection of runs answers, the largest move first.
  private static func rows(_ selection: RunSelection) -> [Row] {
    selection.analyses.compactMap { behaviour, run -> Row? in
      guard let record = run?.record, let plan = record.analysisPlan, let unit = plan.unit,
        let result = record.analysis,
        let effect = result.totalEffect, let standing = result.behaviourStanding(plan)
      else { return nil }
      return Row(
        behaviour: behaviour, record: record, plan: plan, unit: unit, effect: effect, standing: standing)
    }.sorted { abs($0.effect.value) > abs($1.effect.value) }
  }

  /// Whether no question is about a number.
  var isEmpty: Bool { rows.isEmpty }

  /// Whether a question has an answer here.
  func answers(_ behaviour: String) -> Bool { rows.contains { $0.behaviour.id == behaviour } }

  private var text: InterfaceText { context.text }

  /// A sentence on how to read it, and a table; empty where no model gives a number.
  var blocks: [Block] {
    guard let first = rows.first else { return [] }
    let unit = TextValue.text(first.unit)
    let isDecided = rows.contains { $0.plan.threshold != nil }
    return [
      .paragraph(
        isDecided
          ? text.inlines("glance.numbers-lead", ["unit": unit])
          : text.inlines("glance.numbers-lead-undecided", ["unit": unit])),
      .table(
        Table(
          caption: text.words("glance.numbers-caption", ["level": .text(text.level(first.plan.confidence))]),
          header: text.columns("glance.numbers-columns", ["unit": unit]),
          alignment: [.left, .right, .right, .right, .left], rows: rows.map(cells))),
    ]
  }

  /// By how much each change moved the number then and moves it now; nil where no question is answered on both sides.
  func changes(since superseded: RunSelection, _ version: String) -> Block? {
    let older = Self.rows(superseded)
    let both = rows.compactMap { row in
      older.first { $0.behaviour.id == row.behaviour.id && $0.plan.asks(as: row.plan) }.map { (before: $0, after: row) }
    }
    guard let first = both.first else { return nil }
    let unit = TextValue.text(first.after.unit)
    return .table(
      Table(
        caption: text.words(
          "glance.number-changes-caption", ["before": .code(version), "after": .code(context.model.version)]),
        header: text.columns("glance.number-changes-columns", ["unit": unit]), alignment: [.left, .right, .left],
        rows: both.map { before, after in
          [
            [.link(text: change(after), target: "#comparison")],
            text.inlines(
              "glance.from-to",
              [
                "before": .text(text.fixed(before.effect.value, signed: true)),
                "after": .text(text.fixed(after.effect.value, signed: true)),
              ]),
            [context.names.link(before.record.id), .text(", "), context.names.link(after.record.id)],
          ]
        }))
  }

  private func change(_ row: Row) -> String {
    text.words(
      "glance.change", ["clean": .text(row.plan.cleanLabel), "counterfactual": .text(row.plan.counterfactualLabel)])
  }

  private func cells(_ row: Row) -> [[Inline]] {
    [
      [.link(text: change(row), target: "#\(row.behaviour.anchor)")], [.text(text.signedWithRange(row.effect))],
      [.text(text.valueWithRange(row.standing.size))], [.text(text.count(row.effect.n))],
      [context.names.link(row.record.id)],
    ]
  }
}
