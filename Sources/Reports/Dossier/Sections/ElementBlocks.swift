import Evidence
import Project

/// What is printed under one element: what evidences it, what is declared, why it does not apply, or who owes it.
struct ElementBlocks {
  let context: DossierContext

  private var text: InterfaceText { context.text }

  /// The blocks of one element.
  func blocks(of status: ElementStatus, in item: String) -> [Block] {
    var blocks = quotation(status.element)
    var evidencing: [RunReference] = []
    switch status.state {
    case .evidenced(let runs, let declarations):
      evidencing = runs
      blocks.append(.paragraph(text.inlines("element.evidenced", ["runs": .inlines(linked(runs))])))
      blocks += declarations.flatMap(declared)
    case .declared(let declarations): blocks += declarations.flatMap(declared)
    case .notApplicable(let reason): blocks += notApplicable(reason)
    case .missing(let gap):
      let inlines = text.inlines(
        "element.owed",
        ["owner": .attributed(gap.owner), "due": due(status), "action": .attributed(text.action(gap))])
      blocks.append(.notice(kind: .missing, inlines))
    }
    let ids = Set(evidencing.map(\.run))
    let support = status.support.filter { !ids.contains($0.run) && context.run($0.run) != nil }
    if !support.isEmpty {
      let runs = TextValue.inlines(linked(support))
      blocks.append(
        .paragraph(
          evidencing.isEmpty
            ? text.inlines("element.support", ["runs": runs]) : text.inlines("element.further-support", ["runs": runs]))
      )
    }
    return blocks + notes(status, of: item)
  }

  /// What is said under an element however it stands: what was left out of the model, what is attached, what the serving system said.
  func notes(_ status: ElementStatus, of item: String) -> [Block] {
    var remarks: [Block] = []
    for reference in status.support where reference.source == .identity {
      guard let root = context.run(reference.run)?.record.model.rootSha256 else { continue }
      for remark in context.remarks(on: root).map({ Block.notice(kind: .note, $0) }) where !remarks.contains(remark) {
        remarks.append(remark)
      }
    }
    return remarks + attachments(status, of: item) + predictions(status)
  }

  /// What follows the title of a missing element: who owes it, by when, where it is to be written, and what bears on it already.
  func owed(_ status: ElementStatus, _ gap: Gap) -> [Inline] {
    // How a text is to be written is said once, at the head of Annex IV.
    let action: [Inline] =
      switch gap.reason {
      case .noFile, .noHeading, .emptyText:
        text.inlines("element.write", ["file": .code(gap.file)])
          + (gap.remedy.projectKey.map { [.text(" " + text.words("gap.project-file", ["key": .text($0)]))] } ?? [])
      case .otherVersions, .unassignedText, .open: [.attributed(text.action(gap))]
      }
    let support = status.support.filter { context.run($0.run) != nil }
    return text.inlines(
      "element.owed-line",
      [
        "owner": .attributed(gap.owner),
        "due": due(status),
        "action": .inlines(action),
      ])
      + (support.isEmpty ? [] : [.text(" ")] + text.inlines("element.support", ["runs": .inlines(linked(support))]))
  }

  private func due(_ status: ElementStatus) -> TextValue {
    .inlines(text.when(status.assignment.due?.value, day: OwedSection(context: context).day))
  }

  /// The law's words for what another provision than the item asks for, with their standing.
  private func quotation(_ element: LawElement) -> [Block] {
    guard let passage = element.provision.flatMap(context.catalogue.provision)?.passage else { return [] }
    return [.quotation(text: passage.text, citation: "\(passage.citation) (\(text.standing(passage)))")]
  }

  /// Under the accuracy of point 2(g): whether what was measured is what the serving system says.
  private func predictions(_ status: ElementStatus) -> [Block] {
    guard status.element.id == "accuracy-metrics", let run = context.selection.evaluation,
      let sentences = PredictionSentences(run.record, link: context.names.link(run.record.id), text: text)
    else { return [] }
    let said = Array(sentences.all.map(\.inlines).joined(separator: [.text(" ")]))
    return [sentences.isDoubtful ? .notice(kind: .note, said) : .paragraph(said)]
  }

  private func notApplicable(_ reason: NotApplicable) -> [Block] {
    let signature = reason.signature
    let paragraph = text.inlines(
      "element.not-applicable",
      [
        "person": .attributed("\(signature.responsible), \(signature.function)"),
        "day": .text(text.day(signature.date)),
        "reason": .attributed(reason.reason), "basis": .inline(text.inLawLanguage(reason.basis)),
        "place": .inlines(place(signature)),
      ])
    return [.paragraph(paragraph + stale(signature))] + claims(reason.claims)
  }

  private func declared(_ declaration: Declaration) -> [Block] {
    switch declaration {
    case .statement(let markdown, let signature, let files):
      let paragraph = text.inlines(
        "element.declared",
        [
          "person": .attributed("\(signature.responsible), \(signature.function)"),
          "day": .text(text.day(signature.date)), "place": .inlines(place(signature)),
        ])
      return [.markdown(markdown, files: files)] + claims(declaration.claims)
        + [.paragraph(paragraph + stale(signature))]
    case .fact(let fact):
      return [
        .paragraph(text.inlines("element.fact", ["key": .code(fact.key), "fact": .attributed(fact.text)]))
      ] + claims(declaration.claims)
    }
  }

  /// That sentences of the provider claim what nothing here shows.
  private func claims(_ sentences: [String]) -> [Block] {
    sentences.map { .notice(kind: .note, text.inlines("element.claim", ["sentence": .attributed($0)])) }
  }

  /// Where a statement stands, and what turned it into text.
  private func place(_ signature: Signature) -> [Inline] {
    guard let tool = signature.converter else { return [.code(signature.place)] }
    return text.inlines("element.converted", ["place": .code(signature.place), "tool": .text(tool)])
  }

  /// A remark, behind who made a statement, if it is older than what it speaks of.
  private func stale(_ signature: Signature) -> [Inline] {
    guard !context.staleness.reasons(signature).isEmpty else { return [] }
    return [
      .text(" "), .strong(text.words("element.stale")), .text(" ("),
      .link(text: text.words("element.stale-why"), target: "#history-stale"), .text(")."),
    ]
  }

  /// Runs with a link to the section that shows them and one to the register.
  ///
  /// Where every question's answer bears on an element with most of what was found, they are named together: officers who read the
  /// same list of runs under each element stop reading it. The traceability tables name each run.
  func linked(_ references: [RunReference]) -> [Inline] {
    var references = references.filter { context.run($0.run) != nil }
    var parts: [[Inline]] = []
    func isAnswer(_ reference: RunReference) -> Bool {
      reference.source == .analysis && reference.findings.count > Self.few
    }
    let answers = references.filter(isAnswer)
    if answers.count > 2, Set(answers.map(\.run)) == Set(context.selection.analyses.compactMap(\.run?.record.id)) {
      references.removeAll(where: isAnswer)
      let link = Inline.link(text: text.words("element.what-was-measured"), target: "#evidence")
      parts.append(text.inlines("element.all-questions", ["n": .count(answers.count), "link": .inline(link)]))
    }
    parts += references.map { reference -> [Inline] in
      let target = TextValue.inline(target(of: reference))
      let run = TextValue.inline(context.names.link(reference.run))
      if reference.findings.count > Self.few {
        return text.inlines(
          "element.run-with-count", ["target": target, "n": .count(reference.findings.count), "run": run])
      }
      if reference.findings.isEmpty { return text.inlines("element.run", ["target": target, "run": run]) }
      return text.inlines(
        "element.run-with-findings",
        ["target": target, "findings": .code(reference.findings.joined(separator: ", ")), "run": run])
    }
    return Array(parts.joined(separator: [.text("; ")]))
  }

  /// So many findings are named one by one.
  private static let few = 4

  private func target(of reference: RunReference) -> Inline {
    switch reference.source {
    case .identity: return .link(text: text.words("element.identity"), target: "#model-identity")
    case .evaluation: return .link(text: text.words("element.performance"), target: "#evaluation")
    case .analysis:
      let behaviour = context.selection.analyses.first { $0.run?.record.id == reference.run }?.behaviour
      return .link(
        text: text.words("element.behaviour", ["behaviour": .text(reference.behaviour ?? "")]),
        target: "#\(behaviour?.anchor ?? "evidence")")
    }
  }
}
