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
            ])), dates, applicability, .definitions(sources), .paragraph([.attributed(context.catalogue.notice)]),
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
          [[.attributed($0.covers)], [.text(text.day($0.from))], [text.inLawLanguage($0.basis)]]
        }))
  }

  private var applicability: Block {
    let rows = context.dossier.law.applicability.map { entry -> [[Inline]] in
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
