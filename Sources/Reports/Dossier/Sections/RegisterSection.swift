import Evidence
import Project

/// Where every number comes from: the model's files, each cited run, what each run supports, and what is not cited.
struct RegisterSection {
  let context: DossierContext

  private var text: InterfaceText { context.text }

  private var dossier: Dossier { context.dossier }

  private var records: RecordBlocks { RecordBlocks(names: context.names, text: text) }

  /// The whole part.
  var section: Section {
    Section(
      id: "runs", heading: text.words("register.heading"),
      blocks: [
        .paragraph(
          text.inlines(
            "register.lead", ["show": .code("vitrine runs show ID"), "verify": .code("vitrine runs verify")]))
      ], sections: [modelIdentity, cited, notCited] + [FilesSection(context: context).section].compactMap { $0 })
  }

  private var modelIdentity: Section {
    var blocks: [Block] = []
    if dossier.model.rootSha256.count > 1 {
      blocks.append(
        .notice(
          kind: .note,
          text.inlines(
            "register.different-files",
            [
              "different": .inline(.strong(text.words("register.different"))),
              "n": .count(dossier.model.rootSha256.count),
            ])))
    }
    var seen: Set<String> = []
    for run in context.selection.cited where seen.insert(run.record.model.rootSha256).inserted {
      blocks += records.identity(
        run.record, remarks: context.remarks(on: run.record.model.rootSha256))
    }
    if blocks.isEmpty { blocks.append(.notice(kind: .missing, text.inlines("register.no-identity"))) }
    return Section(id: "model-identity", heading: text.words("register.identity"), blocks: blocks)
  }

  private var cited: Section {
    guard !dossier.runs.isEmpty else {
      return Section(
        id: "runs-cited", heading: text.words("register.cited"),
        blocks: [.notice(kind: .missing, text.inlines("words.no-runs"))])
    }
    let sections = dossier.runs.map { run in
      Section(
        id: RunNames.anchor(run.id),
        heading: text.words("register.run", ["run": .text(context.names.short(run.id))]), isListed: false,
        blocks: [.definitions(definitions(of: run))])
    }
    return Section(id: "runs-cited", heading: text.words("register.cited"), sections: sections)
  }

  private func definitions(of run: Dossier.RunEntry) -> [Definition] {
    records.definitions(of: run) + BindingBlocks(context: context).definitions(of: run) + [
      Definition(text.words("register.bears-on"), supports(run))
    ]
  }

  private func supports(_ run: Dossier.RunEntry) -> [Inline] {
    var inlines: [Inline] = []
    for status in context.status.items {
      let elements = status.elements.filter { $0.support.contains { $0.run == run.id } }
      if elements.isEmpty { continue }
      if !inlines.isEmpty { inlines.append(.text("; ")) }
      inlines += [
        .link(text: status.item.id, target: "#\(status.item.anchor)"), .text(" "),
        .attributed(elements.map(\.element.title).joined(separator: ", ")),
      ]
    }
    if !inlines.isEmpty { return inlines }
    return run.modelVersion == context.model.version
      ? text.inlines("register.no-element") : text.inlines("register.comparison-only")
  }

  private var notCited: Section {
    var blocks: [Block] = []
    if dossier.runsNotCited.isEmpty {
      blocks.append(.paragraph(text.inlines("register.all-cited")))
    } else {
      let rows = dossier.runsNotCited.map { run -> [[Inline]] in
        [
          [.code(run.id)], [.attributed(run.subject)], [.text(text.status(run.status))],
          [.text(text.day(run.started))], [.attributed(run.reason)], [.code(run.recordSha256)],
        ]
      }
      blocks.append(
        .table(
          Table(
            caption: text.words("register.not-cited-caption"), header: text.columns("register.not-cited-columns"),
            alignment: [.left, .left, .left, .left, .left, .left], rows: rows)))
    }
    if dossier.findingsNotCited.isEmpty {
      blocks.append(.paragraph(text.inlines("register.all-bear")))
    } else {
      blocks.append(
        .list(
          dossier.findingsNotCited.map {
            text.inlines(
              "register.bear-on-nothing",
              [
                "run": .inline(context.names.link($0.run)), "findings": .code($0.findings.joined(separator: ", ")),
              ])
          }))
    }
    return Section(id: "runs-not-cited", heading: text.words("register.not-cited"), blocks: blocks)
  }
}
