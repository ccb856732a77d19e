import Analysis
import Evidence
import Project

/// How the numbers were made and checked, what the methods cannot show, and the terms.
struct MethodsSection {
  let context: DossierContext

  private var analyses: [(behaviour: String, run: StoredRun)] {
    context.selection.analyses.compactMap { entry in entry.run.map { (entry.behaviour.id, $0) } }
  }

  /// The whole part.
  var section: Section {
    Section(
      id: "methods", heading: "Methods, checks and limits",
      sections: [register, selfTests, limits, glossary])
  }

  private var register: Section {
    let entries = analyses.flatMap { behaviour, run in
      run.record.approximations.map { (behaviour: behaviour, run: run, entry: $0) }
    }
    let words =
      "Every approximate number of this document belongs to one of these entries. The error is measured: the same values were "
      + "also computed exactly. A correlation near 0 says that the approximation orders the values no better than chance; "
      + "read the exact values then."
    var blocks: [Block] = [.paragraph([.text(words)])]
    if entries.isEmpty {
      blocks.append(.paragraph([.text("No cited run used an approximation.")]))
    } else {
      blocks.append(
        .table(
          Table(
            caption: "Approximation register: measured errors",
            header: [
              "Behaviour", "Method", "Values checked", "Pearson correlation", "Rank correlation",
              "Largest error (logits)",
              "Run",
            ],
            alignment: [.left, .left, .right, .right, .right, .right, .left],
            rows: entries.map { row($0.behaviour, $0.run, $0.entry) })))
      blocks.append(.definitions(assumptions(entries.map(\.entry))))
    }
    return Section(id: "approximations", heading: "Approximation register", blocks: blocks)
  }

  private func row(_ behaviour: String, _ run: StoredRun, _ approximation: Approximation) -> [[Inline]] {
    func number(_ value: Double?) -> [Inline] { [.text(value.map { Numbers.fixed($0) } ?? "–")] }
    let checked: [Inline] =
      approximation.checked ? [.text(Numbers.count(approximation.verified))] : [.text("not checked")]
    return [
      [.code(behaviour)], [.attributed(approximation.method)], checked, number(approximation.pearson),
      number(approximation.spearman), [.text(approximation.largestError.map { Numbers.precise($0) } ?? "–")],
      [context.names.link(run.record.id)],
    ]
  }

  /// What each method takes for granted and how it was checked, each wording once, in the engine's words.
  private func assumptions(_ approximations: [Approximation]) -> [Definition] {
    var definitions: [Definition] = []
    for entry in approximations {
      let definition = Definition(
        entry.method, [.text("assumes that "), .attributed("\(entry.assumption); \(entry.note).")])
      if !definitions.contains(definition) { definitions.append(definition) }
    }
    return definitions
  }

  private var selfTests: Section {
    let tests = analyses.flatMap { behaviour, run in run.record.selfTests.map { (behaviour, run, $0) } }
    func count(_ outcome: SelfTest.Outcome) -> Int { tests.count { $0.2.outcome == outcome } }
    let summary =
      "Before it measures, the engine checks itself on this model and these prompts: \(count(.passed)) checks passed, "
      + "\(count(.failed)) failed, \(count(.notRun)) were not run."
    var blocks: [Block] = [.paragraph([.text(summary)])]
    if count(.failed) > 0 {
      blocks.append(
        .notice(kind: .refused, [.text("At least one check failed. Do not rely on the numbers of the run concerned.")]))
    }
    let rows = tests.map { behaviour, run, test -> [[Inline]] in
      [
        [.attributed(test.name)], [.code(behaviour)],
        [test.outcome == .passed ? .text(English.outcome(test.outcome)) : .strong(English.outcome(test.outcome))],
        [.text(test.measured.map { Numbers.precise($0) } ?? "–")],
        [.text(test.limit.map { Numbers.precise($0) } ?? "–")],
        [.attributed(test.detail)], [context.names.link(run.record.id)],
      ]
    }
    if !rows.isEmpty {
      let table = Table(
        caption: "Checks of the engine",
        header: ["Check", "Behaviour", "Outcome", "Measured", "Limit", "On what", "Run"],
        alignment: [.left, .left, .left, .right, .right, .left, .left], rows: rows)
      blocks.append(.details(summary: "All checks", [.table(table)]))
    }
    return Section(id: "self-tests", heading: "Checks of the engine on this model", blocks: blocks)
  }

  private var limits: Section {
    Section(
      id: "limits", heading: "What these methods cannot show",
      blocks: [.list(English.limits.map { [.strong($0.title), .text(" " + $0.text)] })])
  }

  private var glossary: Section {
    Section(
      id: "glossary", heading: "Glossary",
      blocks: [.definitions(English.glossary.map { Definition($0.term, [.text($0.meaning + ".")]) })])
  }
}
