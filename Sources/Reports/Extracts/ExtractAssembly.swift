import Analysis
import Evidence
import Foundation
import Project

/// Makes the document of one extract from what the dossier is made of. Nothing is added that the dossier does not hold.
struct ExtractAssembly {
  let context: DossierContext
  let definition: ExtractDefinition
  /// The dossier's file that links lead to, e.g. `dossier.html`.
  let dossierFile: String

  /// The line that stands where only the provider can write.
  static let blank = String(repeating: "_", count: 32)

  /// The document.
  var document: Document {
    let introduction = definition.introduction.compactMap { context.catalogue.provision($0) }.map(quotation)
    let scope: [Block] = [
      .paragraph([.text(definition.scope)]),
      .paragraph([
        .text("Made from the "), .link(text: "technical documentation", target: dossierFile),
        .text(" of \(context.dossier.date ?? "an empty project"). Law as of \(context.dossier.law.asOf)."),
      ]),
    ]
    let sections =
      [Section(id: "about", heading: English.aboutExtract, blocks: scope + introduction)]
      + definition.parts.enumerated().map { section($0.element, number: $0.offset + 1) }
    return Document(
      title: "\(definition.title): \(context.project.system.name)",
      subtitle: "Model version \(context.model.version).",
      sections: sections.map { $0.relinked { $0.hasPrefix("#") ? dossierFile + $0 : $0 } })
  }

  private func quotation(_ provision: Provision) -> Block {
    .quotation(
      text: provision.passage.text, citation: "\(provision.passage.citation) (\(provision.passage.standing))")
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
      id: id, heading: "\(item.item.id) \(status.element.title)", badge: status.state.badge, isListed: false,
      blocks: ElementBlocks(context: context).blocks(of: status))
  }

  private func fact(_ fact: ExtractDefinition.Fact) -> Definition {
    let dossier = context.dossier
    func stated(_ text: String?) -> [Inline] { [text.map { .attributed($0) } ?? .text(Self.blank)] }
    return switch fact {
    case .system: Definition("System", [.attributed(dossier.system.name)])
    case .provider: Definition("Provider, as declared", stated(dossier.system.provider))
    case .purpose: Definition("Intended purpose", stated(dossier.system.intendedPurpose))
    case .version: Definition("Version of the model", [.code(dossier.model.version)])
    case .supersedes:
      Definition("Supersedes", [dossier.model.supersedes.map { .code($0) } ?? .text("no version is named")])
    case .changes: Definition("Changes in this version", stated(dossier.model.changes))
    case .placedOnMarket:
      Definition("Placed on the market or put into service", stated(dossier.system.placedOnMarket))
    case .digest:
      Definition(
        "Digest of the model's files (OpenSSF model signing v1)",
        dossier.model.rootSha256.isEmpty
          ? [.text("no run, so no digest")] : [.code(dossier.model.rootSha256.joined(separator: ", "))])
    case .architecture: Definition("Architecture", architecture)
    }
  }

  private var architecture: [Inline] {
    guard let record = context.selection.cited.first?.record else { return [.text("no run, so not known")] }
    let model = record.model
    return [
      .code(model.architecture),
      .text(
        ", \(English.counted(model.layers, "layer", "layers")) of "
          + "\(English.counted(model.headsPerLayer, "head", "heads")), \(Numbers.count(model.parameters)) parameters ("),
      context.names.link(record.id), .text(")"),
    ]
  }

  private func measured(_ piece: ExtractDefinition.Measured) -> [Block] {
    switch piece {
    case .reading: return English.howToRead.map { .paragraph([.text($0)]) }
    case .limits: return [.list(English.limits.map { [.strong($0.title), .text(" " + $0.text)] })]
    case .decisions: return BriefSection(context: context).decisions
    case .overall, .groups:
      guard let run = context.selection.evaluation,
        let sentences = EvaluationSentences(run.record, names: context.names, text: context.text)?.all, let first = sentences.first
      else { return [.notice(kind: .missing, [.text("No evaluation run of this model version.")])] }
      let chosen = piece == .overall ? [first] : Array(sentences.dropFirst())
      guard !chosen.isEmpty else { return [.paragraph([.text("The evaluation has no groups.")])] }
      return [.list(chosen.map { $0.badged(context.text) })]
    }
  }
}
