import Analysis
import Evidence
import Foundation
import Project

/// Makes the document of one extract from what the dossier is made of. Nothing is added that the dossier does not hold.
struct ExtractAssembly {
  let context: DossierContext
  let definition: ExtractDefinition
  /// The dossier's pages, to which links lead.
  let pages: LinkedPages
  /// The ending of the dossier's files that links lead to, e.g. `html`.
  let ending: String

  private var text: InterfaceText { context.text }

  /// The line that stands where only the provider can write.
  static let blank = String(repeating: "_", count: 32)

  /// The document.
  var document: Document {
    let introduction = definition.introduction.compactMap { context.catalogue.provision($0) }.map(quotation)
    let scope: [Block] = [
      .paragraph([.text(definition.scope)]),
      .paragraph(
        text.inlines(
          "extract.made-from",
          [
            "dossier": .link(text.words("extract.dossier-link"), to: "dossier.\(ending)"),
            "day": .text(context.dateOrEmpty),
            "as-of": .text(text.day(context.dossier.law.asOf)),
          ])),
    ]
    let sections =
      [Section(id: "about", heading: text.words("words.about"), blocks: scope + text.lawLanguageNotice + introduction)]
      + definition.parts.enumerated().map { section($0.element, number: $0.offset + 1) }
    return Document(
      title: text.words(
        "extract.title", ["title": .text(definition.title), "system": .text(context.project.system.name)]),
      subtitle: text.words("extract.subtitle", ["version": .text(context.model.version)]), language: text.language,
      sections: sections.map { $0.relinked { pages.target($0, from: definition.id, ending) } })
  }

  private func quotation(_ provision: Provision) -> Block {
    .quotation(
      text: provision.passage.text, citation: "\(provision.passage.citation) (\(text.standing(provision.passage)))")
  }

  private func section(_ part: ExtractDefinition.Part, number: Int) -> Section {
    let provision = part.provision.flatMap { context.catalogue.provision($0) }
    var blocks = provision.map { [quotation($0)] } ?? []
    if let says = part.says { blocks.append(.paragraph([.text(says)])) }
    let facts = part.facts.map(fact)
    if !facts.isEmpty { blocks.append(.definitions(facts)) }
    blocks += part.measured.flatMap(measured)
    if !part.blanks.isEmpty {
      blocks.append(.definitions(part.blanks.map { Definition($0, [.text(Self.blank)]) }))
    }
    return Section(
      id: "part-\(number)", heading: heading(part, provision), blocks: blocks,
      sections: part.elements.enumerated()
        .compactMap { element($0.element, id: "part-\(number)-\($0.offset + 1)") })
  }

  /// The place within the Article or Annex, as the citation gives it, and our short title.
  private func heading(_ part: ExtractDefinition.Part, _ provision: Provision?) -> String {
    guard let provision else { return part.heading ?? definition.title }
    let citation = provision.passage.citation
    guard let start = citation.range(of: "point "), let end = citation[start.upperBound...].firstIndex(of: ",") else {
      return provision.passage.ourTitle
    }
    let mark = citation[start.upperBound..<end]
    return "\(mark)\(mark.hasSuffix(")") ? "" : ".") \(provision.passage.ourTitle)"
  }

  private func element(_ name: (item: String, element: String), id: String) -> Section? {
    guard let item = context.status.item(name.item),
      let status = item.elements.first(where: { $0.element.id == name.element })
    else { return nil }
    return Section(
      id: id, heading: "\(item.item.id) \(status.element.title)", badge: text.badge(status.state), isListed: false,
      blocks: ElementBlocks(context: context).blocks(of: status, in: item.item.id))
  }

  private func fact(_ fact: ExtractDefinition.Fact) -> Definition {
    let dossier = context.dossier
    func stated(_ text: String?) -> [Inline] { [text.map { .attributed($0) } ?? .text(Self.blank)] }
    return switch fact {
    case .system: Definition(text.words("facts.system"), [.attributed(dossier.system.name)])
    case .provider: Definition(text.words("extract.provider"), stated(dossier.system.provider))
    case .purpose: Definition(text.words("facts.purpose"), stated(dossier.system.intendedPurpose))
    case .version: Definition(text.words("extract.version"), [.code(dossier.model.version)])
    case .supersedes:
      Definition(
        text.words("facts.supersedes"),
        dossier.model.supersedes.map { [.code($0)] } ?? text.inlines("facts.supersedes-none"))
    case .changes: Definition(text.words("facts.changes"), stated(dossier.model.changes))
    case .placedOnMarket:
      Definition(text.words("facts.placed-on-market"), stated(dossier.system.placedOnMarket))
    case .digest:
      Definition(
        text.words("extract.digest"),
        dossier.model.rootSha256.isEmpty
          ? text.inlines("extract.no-digest") : [.code(dossier.model.rootSha256.joined(separator: ", "))])
    case .architecture: Definition(text.words("facts.architecture"), architecture)
    }
  }

  private var architecture: [Inline] {
    guard let record = context.selection.cited.first?.record else { return text.inlines("extract.no-architecture") }
    return RecordBlocks(names: context.names, text: context.text).architecture(of: record)
  }

  private func measured(_ piece: ExtractDefinition.Measured) -> [Block] {
    switch piece {
    case .reading: return text.howToRead.map { .paragraph([.text($0)]) }
    case .limits: return [.list(text.limits.map { [.strong($0.title), .text(" " + $0.text)] })]
    case .decisions: return BriefSection(context: context).decisions
    case .overall, .groups:
      guard let run = context.selection.evaluation,
        let sentences = EvaluationSentences(run.record, names: context.names, text: text)?.all,
        let first = sentences.first
      else { return [.notice(kind: .missing, text.inlines("brief.no-evaluation"))] }
      let chosen = piece == .overall ? [first] : Array(sentences.dropFirst())
      guard !chosen.isEmpty else { return [.paragraph(text.inlines("extract.no-groups"))] }
      return [.list(chosen.map { $0.badged(text) })]
    }
  }
}
