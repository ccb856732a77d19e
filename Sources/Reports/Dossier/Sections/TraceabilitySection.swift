import Analysis
import Evidence
import Project

/// The matrix in both directions: from each element to what it rests on, and from each run and finding to the elements.
struct TraceabilitySection {
  let context: DossierContext

  private var text: InterfaceText { context.text }

  /// The whole part.
  var section: Section {
    Section(
      id: "traceability", heading: text.words("trace.heading"),
      blocks: [.paragraph(text.inlines("trace.lead"))] + BindingBlocks(context: context).notHeld,
      sections: [state, forward, backward])
  }

  // MARK: Items

  /// Annex IV at a glance.
  private var state: Section {
    let counts = context.dossier.counts
    let sentence = text.inlines(
      "brief.counts",
      [
        "total": .text(String(counts.total)), "items": .text(String(context.dossier.items.count)),
        "evidenced": .text(String(counts.evidenced)), "declared": .text(String(counts.declared)),
        "not-applicable": .text(String(counts.notApplicable)), "missing": .text(String(counts.missing)),
      ])
    let rows = context.status.items.map { status -> [[Inline]] in
      func number(_ kind: ElementState.Kind) -> [Inline] {
        [.text(String(status.elements.count { $0.state.kind == kind }))]
      }
      return [
        [.link(text: "\(status.item.id) \(status.item.passage.ourTitle)", target: "#\(status.item.anchor)")],
        [.badge(text.badge(status))], number(.evidenced), number(.declared), number(.notApplicable), number(.missing),
      ]
    }
    let table = Table(
      caption: text.words("brief.state-caption"),
      header: text.marked(text.columns("brief.state-columns"), lastAre: ElementState.Kind.allCases.map(\.rawValue)),
      alignment: [.left, .left, .right, .right, .right, .right], rows: rows)
    return Section(
      id: "trace-state", heading: text.words("brief.state"), blocks: [.paragraph(sentence), .table(table)])
  }

  // MARK: Element → statement → run → signer

  private var forward: Section {
    let rows = context.status.items.flatMap { status in
      status.elements.map { row(status.item, $0) }
    }
    let table = Table(
      caption: text.words("trace.elements-caption"), header: text.columns("trace.elements-columns"),
      alignment: [.left, .left, .left, .left, .left, .left], rows: rows)
    return Section(
      id: "trace-elements", heading: text.words("trace.elements"),
      blocks: [.details(summary: text.words("trace.all-elements", ["n": .count(rows.count)]), [.table(table)])])
  }

  private func row(_ item: LawItem, _ status: ElementStatus) -> [[Inline]] {
    let element = status.element
    let runs = status.support.map(\.run).filter { context.run($0) != nil }.distinct
    let signatures = Self.signatures(of: status.state)
    let facts = status.state.declarations.compactMap { declaration -> String? in
      if case .fact(let fact) = declaration { fact.key } else { nil }
    }
    return [
      [.link(text: item.id, target: "#\(item.anchor)-\(element.id.slug)"), .text(" "), .attributed(element.title)],
      [.badge(text.badge(status.state))],
      joined(signatures.map { [.code("\($0.file):\($0.line)")] } + facts.map { [.code($0)] }),
      joined(signatures.map { [.attributed("\($0.responsible), \($0.function)"), .text(", \(text.day($0.date))")] }),
      joined(runs.map { [context.names.link($0)] }),
      joined(signers(of: runs).map { [.attributed($0)] }),
    ]
  }

  private static func signatures(of state: ElementState) -> [Signature] {
    if case .notApplicable(let reason) = state { return [reason.signature] }
    return state.declarations.compactMap { declaration in
      if case .statement(_, let signature, _) = declaration { signature } else { nil }
    }
  }

  private func signers(of runs: [String]) -> [String] {
    context.signatures.filter { runs.contains($0.run) }.map { "\($0.statement) (\($0.identity))" }.distinct
  }

  private func joined(_ parts: [[Inline]]) -> [Inline] {
    guard !parts.isEmpty else { return [.text("–")] }
    return Array(parts.joined(separator: [.text("; ")]))
  }

  // MARK: Run → finding → element

  private var backward: Section {
    let runs = context.selection.cited
    let blocks = runs.map { run -> Block in
      let record = run.record
      let rows = record.findings.map { finding -> [[Inline]] in
        [
          [.code(finding.id)], [.badge(text.badge(finding.standing))],
          [.text(finding.estimate.map { text.fixed($0.value) } ?? "–"), .text(text.unit(finding.unit))],
          elements(run: record.id, finding: finding.id),
        ]
      }
      let name = context.names.short(record.id)
      let signers = signers(of: [record.id]).joined(separator: "; ")
      let link = TextValue.inline(context.names.link(record.id))
      return .details(
        summary: summary(record, findings: rows.count),
        [
          .paragraph(
            signers.isEmpty
              ? text.inlines("trace.signed-by-nobody", ["run": link])
              : text.inlines("trace.signed-by", ["run": link, "signers": .attributed(signers)])),
          .table(
            Table(
              caption: text.words("trace.findings-caption", ["run": .text(name)]),
              header: text.columns("trace.findings-columns"), alignment: [.left, .left, .right, .left],
              rows: rows)),
        ])
    }
    let empty: [Block] = [.notice(kind: .missing, text.inlines("words.no-runs"))]
    return Section(
      id: "trace-runs", heading: text.words("trace.runs"),
      blocks: (blocks.isEmpty ? empty : blocks) + [
        .paragraph(
          text.inlines("trace.not-cited", ["link": .link(text.words("register.not-cited"), to: "#runs-not-cited")]))
      ])
  }

  private func summary(_ record: RunRecord, findings: Int) -> String {
    let run = TextValue.text(context.names.short(record.id))
    switch (record.kind, record.behaviour) {
    case (.analysis, let behaviour):
      return text.words(
        "trace.analysis", ["run": run, "behaviour": .text(behaviour ?? ""), "n": .count(findings)])
    case (.evaluation, _): return text.words("trace.evaluation", ["run": run, "n": .count(findings)])
    }
  }

  private func elements(run: String, finding: String) -> [Inline] {
    let bearing = context.status.items.flatMap { status in
      status.elements.filter { element in
        element.support.contains { $0.run == run && $0.findings.contains(finding) }
      }.map { (item: status.item, element: $0.element) }
    }
    return joined(
      bearing.map { entry in
        [
          .link(text: entry.item.id, target: "#\(entry.item.anchor)-\(entry.element.id.slug)"), .text(" "),
          .code(entry.element.id),
        ]
      })
  }
}

extension Array where Element: Hashable {
  /// The elements without repetitions, in the order of their first appearance.
  var distinct: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
