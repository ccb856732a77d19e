import Analysis
import Evidence
import Project

/// The matrix in both directions: from each element to what it rests on, and from each run and finding to the elements.
struct TraceabilitySection {
  let context: DossierContext

  /// The whole part.
  var section: Section {
    Section(
      id: "traceability", heading: "Traceability",
      blocks: [
        .paragraph([
          .text(
            "From the law to its evidence, and from the evidence to the law. A statement names its file and line, a run its "
              + "identifier; signatures are those of persons on runs, as the store holds them.")
        ])
      ], sections: [forward, backward])
  }

  // MARK: Element → statement → run → signer

  private var forward: Section {
    let rows = context.status.items.flatMap { status in
      status.elements.map { row(status.item, $0) }
    }
    let table = Table(
      caption: "From each element of Annex IV to what it rests on",
      header: ["Element", "State", "Statements", "By whom, when", "Runs", "Run signed by"],
      alignment: [.left, .left, .left, .left, .left, .left], rows: rows)
    return Section(
      id: "trace-elements", heading: "From the elements of Annex IV to their evidence",
      blocks: [.details(summary: "All \(English.counted(rows.count, "element", "elements"))", [.table(table)])])
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
      [.badge(status.state.badge)],
      joined(signatures.map { [.code("\($0.file):\($0.line)")] } + facts.map { [.code($0)] }),
      joined(signatures.map { [.attributed("\($0.responsible), \($0.function)"), .text(", \($0.date)")] }),
      joined(runs.map { [context.names.link($0)] }),
      joined(signers(of: runs).map { [.attributed($0)] }),
    ]
  }

  private static func signatures(of state: ElementState) -> [Signature] {
    if case .notApplicable(let reason) = state { return [reason.signature] }
    return state.declarations.compactMap { declaration in
      if case .statement(_, let signature) = declaration { signature } else { nil }
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
          [.code(finding.id)], [.badge(English.badge(finding.standing))],
          [.text(finding.estimate.map { Numbers.fixed($0.value) } ?? "–"), .text(English.unit(finding.unit))],
          elements(run: record.id, finding: finding.id),
        ]
      }
      let name = context.names.short(record.id)
      let subject = record.behaviour.map { " (\($0))" } ?? ""
      return .details(
        summary: "\(record.kind.rawValue) run \(name)\(subject): \(English.counted(rows.count, "finding", "findings"))",
        [
          .paragraph([
            context.names.link(record.id), .text(". Signed by "),
            .attributed(signers(of: [record.id]).joined(separator: "; ").nonEmpty ?? "nobody"), .text("."),
          ]),
          .table(
            Table(
              caption: "Findings of run \(name) and the elements that each bears on",
              header: ["Finding", "Standing", "Value", "Elements"], alignment: [.left, .left, .right, .left],
              rows: rows)),
        ])
    }
    let empty: [Block] = [.notice(kind: .missing, [.text("There are no runs to cite.")])]
    return Section(
      id: "trace-runs", heading: "From runs and findings to the elements of Annex IV",
      blocks: (blocks.isEmpty ? empty : blocks) + [
        .paragraph([
          .link(text: "Runs and findings this dossier does not cite", target: "#runs-not-cited"), .text("."),
        ])
      ])
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

extension String {
  /// The text, or nil if there is none.
  var nonEmpty: String? { isEmpty ? nil : self }
}
