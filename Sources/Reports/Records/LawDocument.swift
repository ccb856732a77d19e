/// A passage of the law catalogue as a document: its words, its standing, from when it applies, and the elements of an item.
public struct LawDocument {
  /// The whole document.
  public let document: Document

  /// The document of a passage.
  /// - Throws: `ReportsError` if the program's own words are damaged.
  public init(_ entry: LawEntry) throws {
    let text = try InterfaceText.english()
    let standing = text.columns(
      "terminal.law-standing",
      ["standing": .text(entry.standing), "digest": .text(entry.sha256), "file": .text(entry.file)])
    let carriers = entry.carriers.map { Definition(text.words("terminal.law-carrier"), [.attributed($0)]) }
    let dates = entry.application.flatMap { date in
      [Definition(text.words("terminal.law-applies"), text.date(date))]
        + (date.refersTo ?? []).map { Definition(text.words("terminal.law-refers"), text.date($0)) }
    }
    var sections = [
      Section(
        id: "words", heading: text.words("terminal.law-words"),
        blocks: [.quotation(text: entry.text, citation: entry.citation)]),
      Section(
        id: "standing", heading: text.words("terminal.law-about"),
        blocks: [.definitions(standing.definitions + carriers + dates)]),
    ]
    if !entry.elements.isEmpty {
      sections.append(
        Section(
          id: "elements", heading: text.words("terminal.law-elements"),
          blocks: [
            .table(
              .plain(
                "", text.columns("terminal.law-elements-columns"), numbers: 0,
                entry.elements.map {
                  [
                    $0.id, $0.title, $0.condition ?? $0.provision ?? "–", $0.owner,
                    $0.runsSuffice ? text.words("words.yes") : "–",
                  ]
                }))
          ]))
    }
    document = Document(
      title: entry.citation, subtitle: text.words("terminal.law-title", ["title": .text(entry.ourTitle)]),
      sections: sections)
  }

  /// The document of a topic.
  /// - Throws: `ReportsError` if the program's own words are damaged.
  public init(_ topic: LawTopic) throws {
    let text = try InterfaceText.english()
    var sections = topic.cases.enumerated().map { index, entry in
      Section(
        id: "case-\(index + 1)",
        heading: entry.condition.map(text.condition) ?? text.words("terminal.law-known"),
        blocks: [.paragraph([.attributed(entry.says)])] + text.asked(entry.asks)
          + [
            .paragraph(
              text.inlines("terminal.law-rests", ["provisions": .code(entry.provisions.joined(separator: ", "))]))
          ])
    }
    if !topic.standards.isEmpty {
      sections.append(
        Section(
          id: "list", heading: text.words("law.standards"), blocks: [.table(text.standards(topic))]))
    }
    let about = [topic.source, topic.note].compactMap { $0 }.map { Block.paragraph([.attributed($0)]) }
    let checked = topic.checkedOn.map {
      [Block.paragraph(text.inlines("terminal.law-looked-up", ["day": .text($0)]))]
    }
    let blocks = about + (checked ?? [])
    if !blocks.isEmpty {
      sections.append(Section(id: "about", heading: text.words("terminal.law-about"), blocks: blocks))
    }
    document = Document(
      title: text.title(topic), subtitle: text.words("terminal.law-topic"), sections: sections)
  }
}

extension InterfaceText {
  /// The question that a topic answers.
  fileprivate func title(_ topic: LawTopic) -> String {
    switch LawTopic.Name(rawValue: topic.id) {
    case .notifiedBody: words("law.notified-body")
    case .standards: words("law.standards")
    case .simplifiedForm: words("terminal.law-simplified-form")
    case nil: topic.id
    }
  }

  fileprivate func date(_ date: LawEntry.Application) -> [Inline] {
    inlines(
      "terminal.law-date",
      ["from": .text(date.from), "scope": .text(scope(date.scope)), "basis": .attributed(date.basis)])
  }

  fileprivate func date(_ date: LawEntry.Application.Other) -> [Inline] {
    inlines(
      "terminal.law-date-of",
      [
        "covers": .attributed(date.covers), "from": .text(date.from), "scope": .text(scope(date.scope)),
        "basis": .attributed(date.basis),
      ])
  }

  fileprivate func scope(_ scope: String) -> String {
    switch ApplicationRule.Scope(rawValue: scope) {
    case .annexIII: words("terminal.law-annex-iii")
    case .annexI: words("terminal.law-annex-i")
    case .highRisk: words("terminal.law-high-risk")
    case .any: words("terminal.law-any")
    case nil: scope
    }
  }

  /// The questions that something turns on; nothing if there are none.
  func asked(_ questions: [String]) -> [Block] {
    questions.isEmpty
      ? [] : [.paragraph(inlines("law.turns-on")), .list(questions.map(known))]
  }

  /// Which standard gives a presumption for what, and which is still to come.
  func standards(_ topic: LawTopic) -> Table {
    Table(
      caption: words("law.standards-caption", ["day": .text(topic.checkedOn.map(day) ?? "–")]),
      header: columns("law.standards-columns"), alignment: Array(repeating: .left, count: 4),
      rows: topic.standards.map { standard in
        [
          [inLawLanguage([standard.reference, standard.edition].compactMap { $0 }.joined(separator: ":"))],
          [inLawLanguage(standard.title)],
          [standard.officialJournal.map(inLawLanguage) ?? .text(words("law.standard-pending"))],
          known(standard.presumption),
        ]
      })
  }
}
