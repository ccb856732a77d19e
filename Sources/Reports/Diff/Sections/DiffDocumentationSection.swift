import Project

/// Annex IV, item by item and statement by statement: what was reworded, what is missing now, and what is stale.
struct DiffDocumentationSection {
  let context: DiffDocument
  private var documentation: Diff.Documentation { context.diff.documentation }
  private var text: InterfaceText { context.text }

  var section: Section {
    var blocks: [Block] = []
    let stale = documentation.elements.filter(\.isStale)
    blocks.append(
      .paragraph(
        text.inlines(
          "diff-documentation.counts",
          ["n": .count(documentation.elements.count), "unchanged": .text(text.count(documentation.unchanged))])))
    if !stale.isEmpty {
      blocks.append(
        .notice(
          kind: .note,
          text.inlines(
            "diff-documentation.stale-list",
            [
              "lead": .inline(.strong(text.words("diff-documentation.stale-list-lead"))), "n": .count(stale.count),
              "elements": .attributed(stale.map { "\($0.item) \($0.title)" }.joined(separator: "; ")),
            ])))
    }
    var items: [String] = []
    for element in documentation.elements where !items.contains(element.item) { items.append(element.item) }
    return Section(
      id: "documentation", heading: text.words("diff-documentation.heading"), blocks: blocks,
      sections: items.map(section) + [approvals])
  }

  private func section(_ item: String) -> Section {
    Section(
      id: "diff-item-" + item.slug, heading: text.words("diff-documentation.item", ["item": .text(item)]),
      isListed: false,
      blocks: documentation.elements.filter { $0.item == item }.flatMap(blocks))
  }

  private func blocks(_ element: Diff.Documentation.Element) -> [Block] {
    let line = line(element)
    var blocks: [Block] = [
      element.isStale
        ? .notice(
          kind: .note,
          text.inlines(
            "diff-documentation.stale",
            ["lead": .inline(.strong(text.words("diff-documentation.stale-lead"))), "line": .inlines(line)]))
        : .paragraph(line)
    ]
    for statement in element.statements where statement.state != .same || element.isStale {
      blocks += shown(statement)
    }
    return blocks
  }

  /// An element's state, and the changed evidence that bears on it.
  private func line(_ element: Diff.Documentation.Element) -> [Inline] {
    let notThere = text.words("diff-documentation.not-there")
    let state =
      element.before == element.after
      ? text.inlines(
        "diff-documentation.state", ["title": .attributed(element.title), "state": .text(element.after ?? "")])
      : text.inlines(
        "diff-documentation.states",
        [
          "title": .attributed(element.title), "before": .text(element.before ?? notThere),
          "after": .text(element.after ?? notThere),
        ])
    guard !element.changedEvidence.isEmpty else { return state }
    let evidence = TextValue.inlines(
      Array(element.changedEvidence.prefix(8).map { text.said($0) }.joined(separator: [.text(", ")])))
    guard element.changedEvidence.count > 8 else {
      return text.inlines(
        "diff-documentation.changed-evidence", ["line": .inlines(state), "evidence": evidence])
    }
    return text.inlines(
      "diff-documentation.changed-evidence-more",
      ["line": .inlines(state), "evidence": evidence, "more": .text("\(element.changedEvidence.count - 8)")])
  }

  private func shown(_ statement: Diff.Documentation.Statement) -> [Block] {
    let source: [Inline] =
      statement.date.map {
        text.inlines("diff-documentation.dated", ["source": .code(statement.source), "date": .text(text.day($0))])
      } ?? [.code(statement.source)]
    let (before, after) = (statement.before ?? "", statement.after ?? "")
    switch statement.state {
    case .same:
      return [.paragraph(text.inlines("diff-documentation.same", ["source": .inlines(source)])), .markdown(after)]
    case .reworded:
      return [
        .paragraph(text.inlines("diff-documentation.reworded", ["source": .inlines(source)])),
        .details(summary: text.words("diff-documentation.before"), [.markdown(before)]), .markdown(after),
      ]
    case .added:
      return [.paragraph(text.inlines("diff-documentation.added", ["source": .inlines(source)])), .markdown(after)]
    case .removed:
      return [.paragraph(text.inlines("diff-documentation.removed", ["source": .inlines(source)])), .markdown(before)]
    }
  }

  private var approvals: Section {
    let all = context.diff.approvals
    guard !all.isEmpty else {
      return Section(
        id: "approvals", heading: text.words("diff-documentation.signatures"),
        blocks: [.paragraph(text.inlines("diff-documentation.no-signatures"))])
    }
    return Section(
      id: "approvals", heading: text.words("diff-documentation.signatures"),
      blocks: [
        .table(
          Table(
            caption: text.words("diff-documentation.signatures-caption"),
            header: text.columns("diff-documentation.signatures-columns"),
            alignment: [.left, .left, .left, .left, .left, .left],
            rows: all.map { state in
              [
                text.inlines(
                  "diff-documentation.signer",
                  ["name": .attributed(state.approval.name), "function": .attributed(state.approval.function)]),
                [.attributed(state.approval.meaning)],
                [.text(text.day(state.approval.date))],
                state.approval.run.map { context.links($0, $0) } ?? text.inlines("diff-documentation.the-dossier"),
                [.strong(state.holds ? text.words("diff.yes") : text.words("diff.no"))], text.known(state.reason),
              ]
            }))
      ])
  }
}

/// What changed in the law that the two dossiers go by.
struct DiffLawSection {
  let context: DiffDocument
  private var law: Diff.LawChange { context.diff.law }
  private var text: InterfaceText { context.text }

  var section: Section {
    func days(_ days: [String]) -> (before: TextValue, after: TextValue) {
      (.text(text.day(days.first ?? "")), .text(text.day(days.last ?? "")))
    }
    let (state, check) = (days(law.asOf), days(law.checkedOn))
    let rows = [
      text.columns("diff-law.as-of", ["before": state.before, "after": state.after]),
      text.columns("diff-law.checked", ["before": check.before, "after": check.after]),
    ]
    var blocks: [Block] = [.definitions(rows.map { Definition($0[0], [.text($0[1])]) })]
    if law.items.isEmpty && law.application.isEmpty {
      blocks.append(
        .paragraph(text.inlines("diff-law.same"))
      )
    }
    if !law.items.isEmpty {
      blocks.append(
        .table(
          Table(
            caption: text.words("diff-law.caption"), header: text.columns("diff-law.columns"),
            alignment: [.left, .left],
            rows: law.items.map { [[.text($0.item)], text.known($0.change)] })))
    }
    if !law.application.isEmpty { blocks.append(.list(law.application.map { text.said($0) })) }
    return Section(id: "law", heading: text.words("diff-law.heading"), blocks: blocks)
  }
}

/// The worksheet: the law's questions, what there is to say, and blanks.
struct DiffWorksheetSection {
  let context: DiffDocument
  private var text: InterfaceText { context.text }

  var section: Section {
    let questions = context.diff.worksheet.enumerated().map { place, question in
      Section(
        id: "question-" + question.id.slug,
        heading: text.words(
          "diff-worksheet.question",
          ["number": .text("\(place + 1)"), "all": .text("\(context.diff.worksheet.count)")]),
        isListed: false,
        blocks: [
          .quotation(text: question.quote, citation: question.citation),
          .list(question.evidence.map { text.said($0) }),
          .paragraph(blank(text.words("diff-worksheet.answer-lead"))),
          .paragraph(blank(text.words("diff-worksheet.reason-lead"))),
        ])
    }
    let person = Section(
      id: "decision", heading: text.words("diff-worksheet.decision"), isListed: false,
      blocks: [
        .definitions(text.columns("diff-worksheet.decision-terms").map { Definition($0, [.text(Self.blank)]) })
      ])
    return Section(
      id: "worksheet", heading: text.words("diff-worksheet.heading"),
      blocks: [
        .paragraph(
          text.inlines(
            "diff-worksheet.lead", ["file": .code("worksheet.yaml"), "command": .code("vitrine diff sign")]))
      ], sections: questions + [person])
  }

  private func blank(_ lead: String) -> [Inline] {
    text.inlines("diff-worksheet.blank", ["lead": .inline(.strong(lead)), "blank": .text(Self.blank)])
  }

  static let blank = String(repeating: "_", count: 30)
}

/// How the comparison was made and what it cannot say.
struct DiffMethodSection {
  let context: DiffDocument
  private var settings: Diff.Settings { context.diff.settings }
  private var text: InterfaceText { context.text }

  var section: Section {
    var blocks: [Block] = [
      .list([
        text.inlines("diff-method.tests"),
        text.inlines("diff-method.detectable", ["power": .text(text.percent(settings.power))]),
        text.inlines("diff-method.absence"), text.inlines("diff-method.inside"),
      ])
    ]
    blocks.append(
      settings.envelope.isEmpty
        ? .paragraph(text.inlines("diff-method.no-limits"))
        : EnvelopeBlocks(limits: settings.envelope, mayChange: settings.mayChange, isDeclared: true, text: text).table)
    return Section(id: "method", heading: text.words("diff-method.heading"), blocks: blocks)
  }
}
