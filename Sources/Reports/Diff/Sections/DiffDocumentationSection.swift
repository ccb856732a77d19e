import Project

/// Annex IV, item by item and statement by statement: what was reworded, what is missing now, and what is stale.
struct DiffDocumentationSection {
  let context: DiffDocument
  private var documentation: Diff.Documentation { context.diff.documentation }

  var section: Section {
    var blocks: [Block] = []
    let stale = documentation.elements.filter(\.isStale)
    blocks.append(
      .paragraph([
        .text(
          "\(English.counted(documentation.elements.count, "element", "elements")) of Annex IV changed or stand beside changed evidence; "
            + "\(Numbers.count(documentation.unchanged)) do not.")
      ]))
    if !stale.isEmpty {
      blocks.append(
        .notice(
          kind: .note,
          [
            .strong("Stale: "),
            .text(
              "\(English.counted(stale.count, "element has", "elements have")) a statement older than runs that bear on it and changed. A person must "
                + "read these again: "), .attributed(stale.map { "\($0.item) \($0.title)" }.joined(separator: "; ")),
            .text("."),
          ]))
    }
    var items: [String] = []
    for element in documentation.elements where !items.contains(element.item) { items.append(element.item) }
    return Section(
      id: "documentation", heading: "Documentation", blocks: blocks, sections: items.map(section) + [approvals])
  }

  private func section(_ item: String) -> Section {
    Section(
      id: "diff-item-" + item.slug, heading: "Annex IV, \(item)", isListed: false,
      blocks: documentation.elements.filter { $0.item == item }.flatMap(blocks))
  }

  private func blocks(_ element: Diff.Documentation.Element) -> [Block] {
    var line: [Inline] = element.isStale ? [.strong("Stale. ")] : []
    let state =
      element.before == element.after
      ? element.after ?? "" : "\(element.before ?? "not there") before, \(element.after ?? "not there") after"
    line += [.attributed(element.title), .text(": \(state).")]
    if !element.changedEvidence.isEmpty {
      line += [
        .text(" Evidence that bears on it and changed: "),
        .attributed(element.changedEvidence.prefix(8).joined(separator: ", ")),
      ]
      if element.changedEvidence.count > 8 { line.append(.text(" and \(element.changedEvidence.count - 8) more")) }
      line.append(.text("."))
    }
    var blocks: [Block] = [element.isStale ? .notice(kind: .note, line) : .paragraph(line)]
    for statement in element.statements where statement.state != .same || element.isStale {
      blocks += shown(statement)
    }
    return blocks
  }

  private func shown(_ statement: Diff.Documentation.Statement) -> [Block] {
    let place: [Inline] = [
      .text(" ("), .code(statement.source), .text(statement.date.map { ", \($0)" } ?? ""), .text(")."),
    ]
    switch statement.state {
    case .same:
      return [.paragraph([.text("The statement stands as it stood")] + place), .markdown(statement.after ?? "")]
    case .reworded:
      return [
        .paragraph([.text("Reworded")] + place), .details(summary: "Before", [.markdown(statement.before ?? "")]),
        .markdown(statement.after ?? ""),
      ]
    case .added: return [.paragraph([.text("Added")] + place), .markdown(statement.after ?? "")]
    case .removed: return [.paragraph([.text("Removed")] + place), .markdown(statement.before ?? "")]
    }
  }

  private var approvals: Section {
    let all = context.diff.approvals
    guard !all.isEmpty else {
      return Section(
        id: "approvals", heading: "Signatures",
        blocks: [
          .paragraph([.text("No person signed a run or the dossier of the earlier side, as far as is at hand.")])
        ])
    }
    return Section(
      id: "approvals", heading: "Signatures",
      blocks: [
        .table(
          Table(
            caption: "Signatures given on the earlier side",
            header: ["Who", "What it means", "Date", "About", "Covers the later side", "Why"],
            alignment: [.left, .left, .left, .left, .left, .left],
            rows: all.map { state in
              [
                [.attributed("\(state.approval.name), \(state.approval.function)")],
                [.attributed(state.approval.meaning)],
                [.text(English.day(state.approval.date))],
                state.approval.run.map { context.links($0, $0) } ?? [.text("the dossier")],
                [.strong(state.holds ? "yes" : "no")], [.text(state.reason)],
              ]
            }))
      ])
  }
}

/// What changed in the law that the two dossiers go by.
struct DiffLawSection {
  let context: DiffDocument
  private var law: Diff.LawChange { context.diff.law }

  var section: Section {
    var blocks: [Block] = [
      .definitions([
        Definition("Law as of", [.text(law.asOf.joined(separator: " before, ") + " after")]),
        Definition("Checked by a person on", [.text(law.checkedOn.joined(separator: " before, ") + " after")]),
      ])
    ]
    if law.items.isEmpty && law.application.isEmpty {
      blocks.append(
        .paragraph([.text("Both dossiers have the same items, wording by wording, and the same dates of application.")])
      )
    }
    if !law.items.isEmpty {
      blocks.append(
        .table(
          Table(
            caption: "Items of Annex IV that differ in the catalogues", header: ["Item", "What differs"],
            alignment: [.left, .left],
            rows: law.items.map { [[.text($0.item)], [.attributed($0.change)]] })))
    }
    if !law.application.isEmpty { blocks.append(.list(law.application.map { [.attributed($0)] })) }
    return Section(id: "law", heading: "The law both sides go by", blocks: blocks)
  }
}

/// The worksheet: the law's questions, what there is to say, and blanks.
struct DiffWorksheetSection {
  let context: DiffDocument

  var section: Section {
    let questions = context.diff.worksheet.enumerated().map { place, question in
      Section(
        id: "question-" + question.id.slug, heading: "Question \(place + 1) of \(context.diff.worksheet.count)",
        isListed: false,
        blocks: [
          .quotation(text: question.quote, citation: question.citation),
          .list(question.evidence.map { [.attributed($0)] }), .paragraph([.strong("Answer: "), .text(Self.blank)]),
          .paragraph([.strong("Reason: "), .text(Self.blank)]),
        ])
    }
    let person = Section(
      id: "decision", heading: "Decision", isListed: false,
      blocks: [
        .definitions(
          ["Is it a substantial modification?", "Reason", "Name", "Function", "Date", "Signature"].map {
            Definition($0, [.text(Self.blank)])
          })
      ])
    return Section(
      id: "worksheet", heading: "Worksheet: substantial modification",
      blocks: [
        .paragraph([
          .text("The questions are the law’s words. Nothing here answers them: a person does, in "),
          .code("worksheet.yaml"),
          .text(" beside this file, and signs with "), .code("vitrine diff sign"),
          .text("; the next dossier carries the decision under Annex IV, point 6."),
        ])
      ], sections: questions + [person])
  }

  static let blank = String(repeating: "_", count: 30)
}

/// How the comparison was made and what it cannot say.
struct DiffMethodSection {
  let context: DiffDocument
  private var settings: Diff.Settings { context.diff.settings }

  var section: Section {
    let points = [
      "Prompts are matched by their texts, not by their numbers. Differences of decision values: Student’s t of the paired differences, or "
        + "Welch’s where the sides share no prompt. Shares: McNemar’s exact test and Tango’s score interval, or Fisher’s exact test and "
        + "Newcombe’s interval. Margins: two one-sided tests (Schuirmann 1987).",
      "Detectable: the smallest true difference that this comparison finds with a probability of \(Numbers.percent(settings.power)), at the strictest level "
        + "that the adjustment asks for, if the spread is what it is here. Smallest p possible: with so few records that differ, no outcome gives less.",
      "A difference that is not established is not shown to be absent. Behaviours that were not asked about may have changed.",
      "A change counts as within the declared envelope only if its whole interval lies within the limits.",
    ]
    var blocks: [Block] = [.list(points.map { [.text($0)] })]
    if settings.envelope.isEmpty {
      blocks.append(
        .paragraph([
          .text(
            "No declared limits are at hand ('changes' in vitrine.yaml), so every established change counts as outside."
          )
        ]))
    } else {
      blocks.append(
        .table(
          Table(
            caption: "Declared envelope of pre-determined changes (Annex IV, point 2(f)): limits of later − earlier",
            header: ["Measure", "Behaviour", "Group", "From", "To", "Unit"],
            alignment: [.left, .left, .left, .right, .right, .left],
            rows: settings.envelope.map { limit in
              let group = limit.grouping.map { "\($0): \(limit.group ?? "any")" } ?? "all records and any group"
              let scale = limit.measure.isShare ? 100.0 : 1
              let decimals = limit.measure.isShare ? 1 : 3
              return [
                [.text(limit.measure.rawValue)], [.attributed(limit.behaviour ?? "any")], [.attributed(group)],
                [.text(Numbers.fixed(limit.from * scale, decimals, signed: true))],
                [.text(Numbers.fixed(limit.to * scale, decimals, signed: true))],
                [.text(limit.measure.isShare ? "percentage points" : "logits")],
              ]
            })))
    }
    return Section(id: "method", heading: "How this was compared", blocks: blocks)
  }
}
