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
      "The same measures on both versions, side by side. No difference is tested here: whether a number has changed is a "
      + "question of its own, which overlapping intervals do not answer."
    return Section(
      id: "comparison", heading: heading, blocks: [.paragraph([.text(words)])] + tables(rows).map { .table($0) })
  }

  private func tables(_ rows: [Dossier.ComparisonRow]) -> [Table] {
    let behaviours = rows.filter { $0.behaviour != nil }
    let evaluation = rows.filter { $0.behaviour == nil }
    return [("Behaviours", behaviours), ("Performance by group", evaluation)].filter { !$0.1.isEmpty }.map {
      name, rows in
      Table(
        caption: "\(name): version \(context.model.supersedes ?? "") and version \(context.model.version)",
        header: ["Measure", "Version \(context.model.supersedes ?? "")", "Version \(context.model.version)"],
        alignment: [.left, .right, .right],
        rows: rows.map { row in
          [
            (row.behaviour.map { [.code($0), .text(": ")] } ?? []) + [.attributed(row.title)],
            number(row.before, unit: row.unit), number(row.after, unit: row.unit),
          ]
        })
    }
  }

  private func number(_ number: Dossier.VersionNumber, unit: String) -> [Inline] {
    context.linked(number.estimate, run: number.run, percent: unit == "share")
  }
}
