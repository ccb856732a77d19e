/// The law that the document goes by: sources with digests, dates of application, notice.
struct LawSection {
  let context: DossierContext

  private var text: InterfaceText { context.text }

  /// The whole part.
  var section: Section {
    Section(
      id: "law", heading: text.words("law.heading"),
      blocks: [
        .paragraph(
          text.inlines(
            "law.as-of",
            [
              "as-of": .text(text.day(context.catalogue.lawAsOf)),
              "checked": .text(text.day(context.catalogue.checkedOn)),
            ]))
      ] + text.lawLanguageNotice + [dates, applicability] + notDeclared + notifiedBody + standards + [
        .definitions(sources), .paragraph([.attributed(context.catalogue.notice)]),
      ])
  }

  private var dates: Block {
    let application = context.dossier.law.application
    guard !application.isEmpty else {
      let keys: (point: TextValue, annex: TextValue) = (.code("system.annex_iii_point"), .code("system.annex_i"))
      return .notice(kind: .missing, text.inlines("law.no-dates", ["point": keys.point, "annex": keys.annex]))
    }
    return .table(
      Table(
        caption: text.words("law.dates-caption"), header: text.columns("law.dates-columns"),
        alignment: [.left, .left, .left],
        rows: application.map {
          [[.attributed($0.covers)], from($0), [text.inLawLanguage($0.basis)]]
        }))
  }

  /// The day, never without that of what the provisions refer to.
  private func from(_ date: Dossier.ApplicationDate) -> [Inline] {
    [.text(text.day(date.from))]
      + (date.refersTo ?? []).flatMap { other in
        [.text("; ")]
          + text.inlines("law.refers-to", ["covers": .attributed(other.covers), "day": .text(text.day(other.from))])
      }
  }

  private var applicability: Block {
    let rows = context.dossier.law.applicability.filter { $0.holds != false }.map { entry -> [[Inline]] in
      let holds =
        entry.holds.map { $0 ? text.words("words.yes") : text.words("words.no") } ?? text.words("words.not-stated")
      return [
        [.text(text.condition(entry.condition))], [entry.holds == true ? .strong(holds) : .text(holds)],
        [.attributed(entry.says)], [text.inLawLanguage(entry.citations.joined(separator: "; "))],
      ]
    }
    return .table(
      Table(
        caption: text.words("law.applicability-caption"), header: text.columns("law.applicability-columns"),
        alignment: [.left, .left, .left, .left], rows: rows))
  }

  /// What is declared not to hold, in one line: nothing follows from it.
  private var notDeclared: [Block] {
    let names = context.dossier.law.applicability.filter { $0.holds == false }.map { text.condition($0.condition) }
    return names.isEmpty
      ? [] : [.paragraph(text.inlines("law.not-declared", ["what": .text(names.joined(separator: "; "))]))]
  }

  /// Whether the conformity assessment involves a notified body, as far as the project file says what that turns on.
  private var notifiedBody: [Block] {
    let title = Inline.strong(text.words("law.notified-body"))
    return (context.dossier.law.notifiedBody ?? []).flatMap { entry -> [Block] in
      let says: [Inline] = [title, .text(" ")] + text.known(entry.says) + [.text(" ")]
      let citations = text.inLawLanguage(entry.citations.joined(separator: "; "))
      return [.paragraph(says + text.inlines("law.basis", ["citations": .inline(citations)]))]
        + text.asked(entry.asks ?? [])
    }
  }

  private var standards: [Block] {
    guard let topic = context.catalogue.topic(LawTopic.Name.standards.rawValue) else { return [] }
    return [.table(text.standards(topic))]
      + [topic.source, topic.note].compactMap { $0 }.map { .paragraph(text.known($0)) }
  }

  private var sources: [Definition] {
    context.catalogue.sources.map { source in
      Definition(
        source.title,
        text.inlines(
          "law.source",
          [
            "published": .attributed(source.published), "celex": .attributed(source.celex),
            "note": .attributed(source.note), "digest": .code(source.sha256),
          ]))
    }
  }
}
