import Evidence
import Project

/// Annex IV in its order and its words, each element with its state.
struct AnnexSection {
  let context: DossierContext

  /// The whole annex: points 1 and 2 with their letters, then points 3 to 9.
  var section: Section {
    let annex = context.catalogue.annex
    var sections: [Section] = []
    for status in context.status.items {
      guard let point = context.catalogue.introduction(of: status.item) else {
        sections.append(section(of: status))
        continue
      }
      let id = "point-\(point.id)"
      if sections.last?.id != id {
        let heading = "\(point.id). \(point.passage.ourTitle)"
        sections.append(Section(id: id, heading: heading, blocks: [quotation(point.passage)]))
      }
      sections[sections.count - 1].sections.append(section(of: status))
    }
    let rule =
      "Short titles in headings are ours. An element is evidenced when it asks for just what a run measures, and then only by "
      + "finished runs; otherwise runs support a statement of the provider and do not replace it."
    return Section(
      id: "annex-iv", heading: "Annex IV, item by item",
      blocks: [
        .quotation(text: context.catalogue.annexHeading + "\n" + annex.text, citation: citation(annex)),
        .paragraph([.text(rule)]),
      ], sections: sections)
  }

  private func quotation(_ passage: LawPassage) -> Block {
    .quotation(text: passage.text, citation: citation(passage))
  }

  private func citation(_ passage: LawPassage) -> String { "\(passage.citation) (\(passage.standing))" }

  private func section(of status: ItemStatus) -> Section {
    let item = status.item
    let separator = item.id == item.point ? "." : ""
    return Section(
      id: item.anchor, heading: "\(item.id)\(separator) \(item.passage.ourTitle)", badge: status.badge,
      blocks: [quotation(item.passage)] + (item.id == "6" ? ChangeHistorySection(context: context).blocks : []),
      sections: status.elements.map { section(of: $0, in: item) })
  }

  private func section(of status: ElementStatus, in item: LawItem) -> Section {
    var blocks: [Block] = []
    var evidencing: [RunReference] = []
    switch status.state {
    case .evidenced(let runs, let declarations):
      evidencing = runs
      blocks.append(.paragraph([.text("Evidenced by ")] + linked(runs) + [.text(".")]))
      blocks += declarations.flatMap(declared)
    case .declared(let declarations): blocks += declarations.flatMap(declared)
    case .notApplicable(let reason): blocks.append(notApplicable(reason))
    case .missing(let gap):
      blocks.append(.notice(kind: .missing, [.text("Owed by \(gap.owner). "), .attributed(gap.action)]))
    }
    let ids = Set(evidencing.map(\.run))
    let support = status.support.filter { !ids.contains($0.run) && context.run($0.run) != nil }
    if !support.isEmpty {
      let words = evidencing.isEmpty ? "Runs that bear on it: " : "Further runs that bear on it: "
      blocks.append(.paragraph([.text(words)] + linked(support) + [.text(".")]))
    }
    return Section(
      id: "\(item.anchor)-\(status.element.id.slug)", heading: status.element.title, badge: status.state.badge,
      isListed: false, blocks: blocks)
  }

  private func notApplicable(_ reason: NotApplicable) -> Block {
    let signature = reason.signature
    return .paragraph([
      .text("Declared not applicable by "), .attributed("\(signature.responsible), \(signature.function)"),
      .text(", \(signature.date): "), .attributed(reason.reason), .text(" The law’s words it rests on: “"),
      .attributed(reason.basis), .text("” ("), .code("\(signature.file):\(signature.line)"), .text(")."),
    ])
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
      ]
    case .fact(let fact):
      return [
        .paragraph([
          .text("Declared in vitrine.yaml under "), .code(fact.key), .text(": "), .attributed(fact.text),
        ])
      ]
    }
  }

  /// Runs with a link to the section that shows them and one to the register.
  private func linked(_ references: [RunReference]) -> [Inline] {
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
