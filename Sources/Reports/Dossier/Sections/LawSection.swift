/// The law that the document goes by: sources with digests, dates of application, notice.
struct LawSection {
  let context: DossierContext

  /// The whole part.
  var section: Section {
    Section(
      id: "law", heading: "The law this document goes by",
      blocks: [
        .paragraph([
          .text(
            "Law as of \(context.catalogue.lawAsOf); a person last checked on \(context.catalogue.checkedOn) that nothing "
              + "newer exists. Quotations carry their own standing.")
        ]), dates, applicability, .definitions(sources), .paragraph([.attributed(context.catalogue.notice)]),
      ])
  }

  private var dates: Block {
    let application = context.dossier.law.application
    guard !application.isEmpty else {
      return .notice(
        kind: .missing,
        [
          .text(
            "The project file names neither a point of Annex III nor Annex I, so no date of application is given. Give "
          ),
          .code("system.annex_iii_point"), .text(" or "), .code("system.annex_i"), .text("."),
        ])
    }
    return .table(
      Table(
        caption: "From when provisions apply to a system as the project file describes it",
        header: ["What", "From", "Basis"], alignment: [.left, .left, .left],
        rows: application.map { [[.attributed($0.covers)], [.text($0.from)], [.attributed($0.basis)]] }))
  }

  private var applicability: Block {
    let rows = context.dossier.law.applicability.map { entry -> [[Inline]] in
      let holds = entry.holds.map { $0 ? "yes" : "no" } ?? English.notStated
      return [
        [.text(English.condition(entry.condition))], [entry.holds == true ? .strong(holds) : .text(holds)],
        [.text(entry.says)], [.attributed(entry.citations.joined(separator: "; "))],
      ]
    }
    return .table(
      Table(
        caption: "What follows for the documentation if the project file declares it",
        header: ["What", "Declared", "What follows", "Basis"], alignment: [.left, .left, .left, .left], rows: rows))
  }

  private var sources: [Definition] {
    context.catalogue.sources.map { source in
      Definition(
        source.title,
        [
          .attributed("\(source.published), CELEX \(source.celex). \(source.note)"), .text(" SHA-256 "),
          .code(source.sha256),
        ])
    }
  }
}
