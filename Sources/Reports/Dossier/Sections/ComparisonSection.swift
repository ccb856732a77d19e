import Analysis
import Project

/// The superseded version's numbers beside this one's. Values and intervals only; a verdict takes a test of the difference.
struct ComparisonSection {
  let context: DossierContext

  private var text: InterfaceText { context.text }

  /// The section, or nil if this version names none that it supersedes.
  var section: Section? {
    guard let before = context.model.supersedes else { return nil }
    let heading = text.words(
      "comparison.heading", ["after": .text(context.model.version), "before": .text(before)])
    let rows = context.dossier.comparison
    guard !rows.isEmpty else {
      return Section(
        id: "comparison", heading: heading, blocks: [.notice(kind: .note, text.inlines("comparison.no-runs"))])
    }
    return Section(
      id: "comparison", heading: heading,
      blocks: [.paragraph(text.inlines("comparison.lead"))] + tables(rows).map { .table($0) })
  }

  private func tables(_ rows: [Dossier.ComparisonRow]) -> [Table] {
    let (before, after) = (context.model.supersedes ?? "", context.model.version)
    let versions: (before: TextValue, after: TextValue) = (.text(before), .text(after))
    let parts = [
      (
        text.words("comparison.behaviours", ["before": versions.before, "after": versions.after]),
        rows.filter { $0.behaviour != nil }
      ),
      (
        text.words("comparison.performance", ["before": versions.before, "after": versions.after]),
        rows.filter { $0.behaviour == nil }
      ),
    ]
    return parts.filter { !$0.1.isEmpty }.map { caption, rows in
      Table(
        caption: caption,
        header: text.columns("comparison.columns", ["before": versions.before, "after": versions.after]),
        alignment: [.left, .right, .right, .right, .right, .left],
        rows: rows.map { row in
          [
            (row.behaviour.map { [.code($0), .text(": ")] } ?? []) + text.known(row.title),
            [.text(number(row.before.estimate, row.unit))], [.text(text.count(row.before.estimate.n))],
            [.text(number(row.after.estimate, row.unit))], [.text(text.count(row.after.estimate.n))],
            [context.names.link(row.before.run), .text(", "), context.names.link(row.after.run)],
          ]
        })
    }
  }

  /// The value with its interval in brackets.
  private func number(_ estimate: Estimate, _ unit: String) -> String {
    text.valueWithRange(estimate, percent: unit == "share")
  }
}
