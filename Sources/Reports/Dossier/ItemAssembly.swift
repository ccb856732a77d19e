import Evidence

/// Turns an item's status into the dossier's value.
struct ItemAssembly {
  /// The words of the dossier's language.
  let text: InterfaceText
  /// Whether the dossier cites a run.
  let isCited: (String) -> Bool

  /// One item.
  func item(_ status: ItemStatus) -> Dossier.Item {
    let (item, passage) = (status.item, status.item.passage)
    return Dossier.Item(
      id: item.id, ourTitle: passage.ourTitle, text: passage.text, citation: passage.citation,
      textSha256: passage.sha256,
      standing: text.standing(passage), state: text.badge(status).text, elements: status.elements.map(element))
  }

  private func element(_ status: ElementStatus) -> Dossier.Element {
    let element = status.element
    var result = Dossier.Element(
      id: element.id, title: element.title, quote: element.quote, condition: element.condition,
      state: status.state.kind.rawValue, owner: status.assignment.owner?.value ?? element.owner,
      ownerSource: status.assignment.owner?.place, due: status.assignment.due?.value.description,
      reviewer: status.assignment.reviewer?.value, declarations: status.state.declarations.map(declaration),
      notApplicable: nil, evidencedBy: [], support: support(status.support), gap: nil)
    switch status.state {
    case .evidenced(let runs, _): result.evidencedBy = support(runs)
    case .declared: break
    case .notApplicable(let reason): result.notApplicable = exclusion(reason)
    case .missing(let gap):
      result.gap = Dossier.MissingPart(owner: gap.owner, file: gap.file, heading: gap.heading, action: text.action(gap))
    }
    return result
  }

  private func support(_ references: [RunReference]) -> [Dossier.RunSupport] {
    references.filter { isCited($0.run) }.map {
      Dossier.RunSupport(run: $0.run, source: $0.source.rawValue, findings: $0.findings)
    }
  }

  private func exclusion(_ reason: NotApplicable) -> Dossier.Exclusion {
    let signature = reason.signature
    return Dossier.Exclusion(
      reason: reason.reason, basis: reason.basis, source: signature.place, converter: signature.converter,
      responsible: signature.responsible, function: signature.function, date: signature.date.description,
      claims: claims(reason.claims))
  }

  /// Nil where there is none: what is unknown or empty is absent.
  private func claims(_ sentences: [String]) -> [String]? { sentences.isEmpty ? nil : sentences }

  private func declaration(_ declaration: Declaration) -> Dossier.Declaration {
    switch declaration {
    case .statement(let markdown, let signature, let references):
      let files = references.map(\.file.name).distinct
      return Dossier.Declaration(
        markdown: markdown, source: signature.place, converter: signature.converter, responsible: signature.responsible,
        function: signature.function, date: signature.date.description, claims: claims(declaration.claims),
        files: files.isEmpty ? nil : files)
    case .fact(let fact):
      return Dossier.Declaration(markdown: fact.text, source: fact.key, claims: claims(declaration.claims))
    }
  }
}
