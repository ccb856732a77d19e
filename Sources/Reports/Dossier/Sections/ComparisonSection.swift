import Analysis
import Project

/// The superseded version's numbers beside this one's. Values and intervals only; a verdict takes a test of the difference.
struct ComparisonSection {
  let context: DossierContext

  /// The section, or nil if this version names none that it supersedes.
  var section: Section? {
    guard let before = context.model.supersedes else { return nil }
    let heading = "Version \(context.model.version) beside version \(before)"
    let rows = context.dossier.comparison
    guard !rows.isEmpty else {
      return Section(
        id: "comparison", heading: heading,
        blocks: [
          .notice(
            kind: .note, [.text("There are no runs of both versions that answer the same question.")])
        ])
    }
    let words =
      "The same measures on both versions, side by side, intervals in brackets. No difference is tested here: whether a number has changed is a "
      + "question of its own, which overlapping intervals do not answer."
    return Section(
      id: "comparison", heading: heading, blocks: [.paragraph([.text(words)])] + tables(rows).map { .table($0) })
  }

  private func tables(_ rows: [Dossier.ComparisonRow]) -> [Table] {
    let (before, after) = (context.model.supersedes ?? "", context.model.version)
    let behaviours = rows.filter { $0.behaviour != nil }
    let evaluation = rows.filter { $0.behaviour == nil }
    return [("Behaviours", behaviours), ("Performance by group", evaluation)].filter { !$0.1.isEmpty }.map {
      name, rows in
      Table(
        caption: "\(name): version \(before) and version \(after)",
        header: ["Measure", "Version \(before)", "n", "Version \(after)", "n", "Runs"],
        alignment: [.left, .right, .right, .right, .right, .left],
        rows: rows.map { row in
          [
            (row.behaviour.map { [.code($0), .text(": ")] } ?? []) + [.attributed(row.title)],
            [.text(number(row.before.estimate, row.unit))], [.text(Numbers.count(row.before.estimate.n))],
            [.text(number(row.after.estimate, row.unit))], [.text(Numbers.count(row.after.estimate.n))],
            [context.names.link(row.before.run), .text(", "), context.names.link(row.after.run)],
          ]
        })
    }
  }

  /// The value with its interval in brackets.
  private func number(_ estimate: Estimate, _ unit: String) -> String {
    let isShare = unit == "share"
    let value = isShare ? Numbers.percent(estimate.value) : Numbers.fixed(estimate.value)
    return "\(value) (\(Numbers.range(estimate, percent: isShare)))"
  }
}
