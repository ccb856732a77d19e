import Analysis
public import Evidence

/// How a dossier stands, as a document: each item, what is missing and what to do, what is to be read again.
public struct StatusDocument {
  /// The whole document.
  public let document: Document
  /// What was due before the day, in the order of the list.
  public let overdue: [OwedElement]

  /// - Parameters:
  ///   - built: the dossier.
  ///   - day: the day before which what was due is overdue.
  ///   - unread: files of the documentation folder that are not read.
  ///   - onlyOverdue: whether only what is overdue is said.
  /// - Throws: `ReportsError` if the program's own words are damaged.
  public init(
    _ built: DossierBuilder.Output, on day: CalendarDate, unread: [StatementSet.UnreadFile] = [],
    onlyOverdue: Bool = false
  ) throws {
    let text = try InterfaceText.english()
    let list = OwedList(built.status)
    let late = list.overdue(on: day)
    overdue = late.elements
    let version = TextValue.text(built.dossier.model.version)
    guard !onlyOverdue else {
      document = Document(
        title: text.words(
          "terminal.overdue", ["version": version, "n": .count(overdue.count), "day": .text(text.day(day))]),
        subtitle: "", sections: text.owed(late, day: day))
      return
    }
    let counts = built.dossier.counts
    let claims = built.status.claims.map { [Inline.code($0.place), .text(": "), .attributed($0.sentence)] }
    let sections = [
      Self.section("first", text.words("terminal.read-first"), Self.doubts(built)),
      Section(id: "items", heading: text.words("annex.heading"), blocks: [.table(Self.items(built, text))]),
      Self.section("claims", text.words("terminal.claims", ["n": .count(claims.count)]), claims),
      Self.section(
        "unread", text.words("terminal.unread"),
        unread.map { [.code($0.file), .text(": "), .text($0.remedy)] }),
      Self.section("conflicts", text.words("terminal.conflicts"), built.status.conflicts.map(text.conflict)),
      Section(
        id: "missing", heading: text.words("terminal.missing"), blocks: [], sections: text.owed(list, day: day)),
      Self.section("unbound", text.words("terminal.unbound"), Self.unbound(built)),
    ]
    document = Document(
      title: text.words(
        "terminal.status",
        [
          "version": version, "evidenced": .text(String(counts.evidenced)),
          "declared": .text(String(counts.declared)), "not-applicable": .text(String(counts.notApplicable)),
          "missing": .text(String(counts.missing)),
        ]), subtitle: "", sections: sections.filter { !$0.blocks.isEmpty || !$0.sections.isEmpty })
  }

  /// The items of a dossier with those of their elements that are overdue.
  public func overdueItems(of dossier: Dossier) -> [Dossier.Item] {
    dossier.items.compactMap { item in
      var item = item
      item.elements.removeAll { element in
        !overdue.contains { $0.item.id == item.id && $0.element.id == element.id }
      }
      return item.elements.isEmpty ? nil : item
    }
  }

  private static func section(_ id: String, _ heading: String, _ items: [[Inline]]) -> Section {
    Section(id: id, heading: heading, blocks: items.isEmpty ? [] : [.list(items)])
  }

  private static func items(_ built: DossierBuilder.Output, _ text: InterfaceText) -> Table {
    .plain(
      "", text.columns("terminal.status-columns"),
      built.status.items.map { [$0.item.id, text.badge($0).text, $0.item.passage.ourTitle] })
  }

  /// That the serving system says something else than what was measured.
  private static func doubts(_ built: DossierBuilder.Output) -> [[Inline]] {
    guard let evaluation = built.dossier.evaluation, let predictions = evaluation.predictions,
      predictions.verdict != .agrees
    else { return [] }
    return evaluation.claims.prefix(1 + predictions.explanations.count).map { [.attributed($0.text)] }
  }

  private static func unbound(_ built: DossierBuilder.Output) -> [[Inline]] {
    built.dossier.runsNotCited.filter { ["other-system", "other-weights", "other-plan"].contains($0.code) }.map {
      [.code($0.id), .text(" ("), .attributed($0.subject), .text("): "), .attributed($0.reason)]
    }
  }
}
