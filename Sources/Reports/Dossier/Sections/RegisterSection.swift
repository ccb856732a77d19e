import Evidence
import Project

/// Where every number comes from: the model's files, each cited run, what each run supports, and what is not cited.
struct RegisterSection {
  let context: DossierContext

  private var text: InterfaceText { context.text }

  private var dossier: Dossier { context.dossier }

  /// The whole part.
  var section: Section {
    Section(
      id: "runs", heading: text.words("register.heading"),
      blocks: [
        .paragraph(
          text.inlines(
            "register.lead", ["show": .code("vitrine runs show ID"), "verify": .code("vitrine runs verify")]))
      ], sections: [modelIdentity, cited, notCited])
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
      blocks += identity(run.record)
    }
    if blocks.isEmpty { blocks.append(.notice(kind: .missing, text.inlines("register.no-identity"))) }
    return Section(id: "model-identity", heading: text.words("register.identity"), blocks: blocks)
  }

  private func identity(_ record: RunRecord) -> [Block] {
    let model = record.model
    return [
      .definitions([
        Definition(text.words("register.root-digest"), [.code(model.rootSha256)]),
        Definition(text.words("register.tensors"), [.code(model.tensorsSha256)]),
        Definition(
          text.words("register.tokenizer"),
          model.tokenizerSha256.map { [.code($0)] } ?? text.inlines("register.no-tokenizer")),
        Definition(text.words("facts.architecture"), context.architecture(of: record)),
      ])
    ] + context.remarks(on: record.model.rootSha256).map { .notice(kind: .note, $0) } + [
      .details(
        summary: text.words("register.files"),
        [
          .table(
            Table(
              caption: text.words("register.files-caption", ["run": .text(context.names.short(record.id))]),
              header: text.columns("register.files-columns"), alignment: [.left, .right, .left],
              rows: model.files.map { [[.code($0.path)], [.text(text.count($0.bytes))], [.code($0.sha256)]] }))
        ])
    ]
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
    [
      Definition(text.words("register.identifier"), [.code(run.id)]),
      Definition(text.words("register.what"), subject(run)),
      Definition(text.words("register.record-digest"), [.code(run.recordSha256)]),
      Definition(
        text.words("register.when"),
        text.inlines("register.from-to", ["started": .text(run.started), "ended": .text(run.ended)])),
      Definition(text.words("register.model-digest"), [.code(run.modelRootSha256)]),
      Definition(text.words("register.prompts-digest"), [.code(run.promptsSha256)]),
      Definition(
        text.words("register.program"),
        text.inlines("register.program-is", ["program": .text(run.program), "digest": .code(run.programSha256)])),
      Definition(text.words("register.machine"), [.attributed(run.machine)]),
    ] + BindingBlocks(context: context).definitions(of: run) + [
      Definition(text.words("register.bears-on"), supports(run))
    ]
  }

  private func subject(_ run: Dossier.RunEntry) -> [Inline] {
    let (version, status) = (TextValue.code(run.modelVersion), TextValue.text(text.status(run.status)))
    let kind = TextValue.text(text.kind(run.kind))
    guard let behaviour = run.behaviour else {
      return text.inlines("register.run-of-version", ["kind": kind, "version": version, "status": status])
    }
    return text.inlines(
      "register.run-of-behaviour",
      ["kind": kind, "behaviour": .code(behaviour), "version": version, "status": status])
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
