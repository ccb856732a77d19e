import Evidence
import Project

/// What is printed under one element: what evidences it, what is declared, why it does not apply, or who owes it.
struct ElementBlocks {
  let context: DossierContext

  /// The blocks of one element.
  func blocks(of status: ElementStatus) -> [Block] {
    var blocks: [Block] = []
    var evidencing: [RunReference] = []
    switch status.state {
    case .evidenced(let runs, let declarations):
      evidencing = runs
      blocks.append(.paragraph([.text("Evidenced by ")] + linked(runs) + [.text(".")]))
      blocks += declarations.flatMap(declared)
    case .declared(let declarations): blocks += declarations.flatMap(declared)
    case .notApplicable(let reason): blocks += notApplicable(reason)
    case .missing(let gap):
      blocks.append(.notice(kind: .missing, [.text("Owed by \(gap.owner). "), .attributed(gap.action)]))
    }
    let ids = Set(evidencing.map(\.run))
    let support = status.support.filter { !ids.contains($0.run) && context.run($0.run) != nil }
    if !support.isEmpty {
      let words = evidencing.isEmpty ? "Runs that bear on it: " : "Further runs that bear on it: "
      blocks.append(.paragraph([.text(words)] + linked(support) + [.text(".")]))
    }
    return blocks
  }

  private func notApplicable(_ reason: NotApplicable) -> [Block] {
    let signature = reason.signature
    let paragraph: [Inline] = [
      .text("Declared not applicable by "), .attributed("\(signature.responsible), \(signature.function)"),
      .text(", \(signature.date): "), .attributed(reason.reason), .text(" The law’s words it rests on: “"),
      .attributed(reason.basis), .text("” ("), .code("\(signature.file):\(signature.line)"), .text(")."),
    ]
    return [.paragraph(paragraph)] + stale(signature)
  }

  private func declared(_ declaration: Declaration) -> [Block] {
    switch declaration {
    case .statement(let markdown, let signature):
      return [
        .markdown(markdown),
        .paragraph([
          .text("Declared by "), .attributed("\(signature.responsible), \(signature.function)"),
          .text(", \(signature.date) ("), .code("\(signature.file):\(signature.line)"), .text(")."),
        ]),
      ] + stale(signature)
    case .fact(let fact):
      return [
        .paragraph([
          .text("Declared in vitrine.yaml under "), .code(fact.key), .text(": "), .attributed(fact.text),
        ])
      ]
    }
  }

  /// A remark if the statement is older than what it speaks of.
  private func stale(_ signature: Signature) -> [Block] {
    context.staleness.reasons(signature).map { .notice(kind: .note, [.text(English.stale($0))]) }
  }

  /// Runs with a link to the section that shows them and one to the register.
  func linked(_ references: [RunReference]) -> [Inline] {
    var result: [Inline] = []
    for reference in references where context.run(reference.run) != nil {
      if !result.isEmpty { result.append(.text("; ")) }
      result += [target(of: reference), .text(" (")]
      if reference.findings.count > 4 {
        result.append(.text("\(reference.findings.count) findings; "))
      } else if !reference.findings.isEmpty {
        result += [.code(reference.findings.joined(separator: ", ")), .text("; ")]
      }
      result += [context.names.link(reference.run), .text(")")]
    }
    return result
  }

  private func target(of reference: RunReference) -> Inline {
    switch reference.source {
    case .identity: return .link(text: "identity of the model", target: "#model-identity")
    case .evaluation: return .link(text: "performance", target: "#evaluation")
    case .analysis:
      let behaviour = context.selection.analyses.first { $0.run?.record.id == reference.run }?.behaviour
      return .link(text: "behaviour \(reference.behaviour ?? "")", target: "#\(behaviour?.anchor ?? "evidence")")
    }
  }
}
