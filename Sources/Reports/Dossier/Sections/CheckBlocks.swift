import Analysis
import Evidence

/// How numbers of analyses were checked: the measured error of each approximation, the engine's checks of itself.
struct CheckBlocks {
  let runs: [RunRecord]
  let names: RunNames
  let text: InterfaceText

  var register: Section {
    let entries = runs.flatMap { run in run.approximations.map { (run: run, entry: $0) } }
    var blocks: [Block] = [.paragraph(text.inlines("methods.register-lead"))]
    if entries.isEmpty {
      blocks.append(.paragraph(text.inlines("methods.no-approximation")))
    } else {
      blocks.append(
        .table(
          Table(
            caption: text.words("methods.register-caption"), header: text.columns("methods.register-columns"),
            alignment: [.left, .left, .right, .right, .right, .right, .left],
            rows: entries.map { row($0.run, $0.entry) })))
      blocks.append(.definitions(assumptions(entries.map(\.entry))))
    }
    return Section(id: "approximations", heading: text.words("methods.register"), blocks: blocks)
  }

  private func row(_ run: RunRecord, _ approximation: Approximation) -> [[Inline]] {
    func number(_ value: Double?) -> [Inline] { [.text(value.map { text.fixed($0) } ?? "–")] }
    let checked: [Inline] =
      approximation.checked ? [.text(text.count(approximation.verified))] : text.inlines("methods.not-checked")
    return [
      [.code(run.behaviour ?? "")], text.known(approximation.method), checked, number(approximation.pearson),
      number(approximation.spearman), [.text(approximation.largestError.map { text.precise($0) } ?? "–")],
      [names.link(run.id)],
    ]
  }

  /// What each method takes for granted and how it was checked, each wording once, in the engine's words.
  private func assumptions(_ approximations: [Approximation]) -> [Definition] {
    var definitions: [Definition] = []
    for entry in approximations {
      let definition = Definition(
        text.knownWords(entry.method),
        text.inlines(
          "methods.assumes",
          [
            "assumption": .inlines(
              text.known(entry.assumption) + [.attributed("; ")] + text.known(entry.note) + [.attributed(".")])
          ]))
      if !definitions.contains(definition) { definitions.append(definition) }
    }
    return definitions
  }

  var selfTests: Section {
    let tests = runs.flatMap { run in run.selfTests.map { (run, $0) } }
    func count(_ outcome: SelfTest.Outcome) -> Int { tests.count { $0.1.outcome == outcome } }
    let summary = text.inlines(
      "methods.checks-summary",
      [
        "passed": .text(String(count(.passed))), "failed": .text(String(count(.failed))),
        "not-run": .text(String(count(.notRun))),
      ])
    var blocks: [Block] = [.paragraph(summary)]
    if count(.failed) > 0 { blocks.append(.notice(kind: .refused, text.inlines("methods.check-failed"))) }
    let rows = tests.map { run, test -> [[Inline]] in
      [
        text.known(test.name), [.code(run.behaviour ?? "")],
        [test.outcome == .passed ? .text(text.outcome(test.outcome)) : .strong(text.outcome(test.outcome))],
        [.text(test.measured.map { text.precise($0) } ?? "–")],
        [.text(test.limit.map { text.precise($0) } ?? "–")],
        text.known(test.detail), [names.link(run.id)],
      ]
    }
    if !rows.isEmpty {
      let table = Table(
        caption: text.words("methods.checks-caption"), header: text.columns("methods.checks-columns"),
        alignment: [.left, .left, .left, .right, .right, .left, .left], rows: rows)
      blocks.append(.details(summary: text.words("methods.all-checks"), [.table(table)]))
    }
    return Section(id: "self-tests", heading: text.words("methods.checks"), blocks: blocks)
  }
}
