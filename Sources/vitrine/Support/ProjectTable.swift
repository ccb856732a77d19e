import Analysis
import Project

/// What the project counts before anything is measured, as a table for people: labels, groups, prompts.
struct ProjectTable {
  /// The table; empty if there is nothing to count.
  let text: String

  init(_ project: Project) {
    var rows: [[String]] = []
    if let evaluation = project.evaluation {
      rows = [["evaluation", "value", "records", "share", "what it is"]]
      rows += EvaluationSummary(evaluation).rows
    }
    if !project.behaviours.isEmpty {
      if !rows.isEmpty { rows.append(["", "", "", "", ""]) }
      rows.append(["behaviour", "clean, counterfactual", "pairs", "", "characters of a prompt"])
      rows += project.behaviours.map { behaviour in
        [
          behaviour.id, "\(behaviour.cleanLabel), \(behaviour.counterfactualLabel)", "\(behaviour.pairs.count)", "",
          EvaluationSummary.lengths(behaviour.pairs.flatMap { [$0.clean, $0.counterfactual] }),
        ]
      }
    }
    text = Format.table(rows)
  }
}
