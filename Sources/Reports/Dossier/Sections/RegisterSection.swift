import Evidence
import Project

/// Where every number comes from: the model's files, each cited run, what each run supports, and what is not cited.
struct RegisterSection {
  let context: DossierContext

  private var dossier: Dossier { context.dossier }

  /// The whole part.
  var section: Section {
    Section(
      id: "runs", heading: "Run register",
      blocks: [
        .paragraph([
          .text(
            "Every number above names its run by the last characters of its identifier. The record digest is SHA-256 over the "
              + "record as stored; "), .code("vitrine runs show ID"), .text(" prints it, "),
          .code("vitrine runs verify"),
          .text(" checks it."),
        ])
      ], sections: [modelIdentity, cited, notCited])
  }

  private var modelIdentity: Section {
    var blocks: [Block] = []
    if dossier.model.rootSha256.count > 1 {
      blocks.append(
        .notice(
          kind: .note,
          [
            .text("The runs of this version were made on "), .strong("different model files"),
            .text(
              " (\(dossier.model.rootSha256.count) root digests). Analyse again so that all numbers speak of one model."
            ),
          ]))
    }
    var seen: Set<String> = []
    for run in context.selection.cited where seen.insert(run.record.model.rootSha256).inserted {
      blocks += identity(run.record)
    }
    if blocks.isEmpty { blocks.append(.notice(kind: .missing, [.text("No run, so no identity of the model.")])) }
    return Section(id: "model-identity", heading: "The model that was run", blocks: blocks)
  }

  private func identity(_ record: RunRecord) -> [Block] {
    let model = record.model
    return [
      .definitions([
        Definition("Root digest (OpenSSF model signing v1)", [.code(model.rootSha256)]),
        Definition("Tensors", [.code(model.tensorsSha256)]),
        Definition("Tokenizer", [model.tokenizerSha256.map { .code($0) } ?? .text("the model has none")]),
        Definition(
          "Architecture",
          [
            .code(model.architecture),
            .text(
              ", \(English.counted(model.layers, "layer", "layers")) of "
                + "\(English.counted(model.headsPerLayer, "head", "heads")), \(Numbers.count(model.parameters)) parameters "
                + "("), context.names.link(record.id), .text(")"),
          ]),
      ]),
      .details(
        summary: "Files of the model",
        [
          .table(
            Table(
              caption: "Files that the root digest covers (\(context.names.short(record.id)))",
              header: ["File", "Bytes", "SHA-256"], alignment: [.left, .right, .left],
              rows: model.files.map { [[.code($0.path)], [.text(Numbers.count($0.bytes))], [.code($0.sha256)]] }))
        ]),
    ]
  }

  private var cited: Section {
    guard !dossier.runs.isEmpty else {
      return Section(
        id: "runs-cited", heading: "Cited runs",
        blocks: [.notice(kind: .missing, [.text("There are no runs to cite.")])])
    }
    let sections = dossier.runs.map { run in
      Section(
        id: RunNames.anchor(run.id), heading: "Run \(context.names.short(run.id))", isListed: false,
        blocks: [.definitions(definitions(of: run))])
    }
    return Section(
      id: "runs-cited", heading: "Cited runs", sections: sections)
  }

  private func definitions(of run: Dossier.RunEntry) -> [Definition] {
    var subject: [Inline] = [.text(run.kind)]
    if let behaviour = run.behaviour { subject += [.text(" of "), .code(behaviour)] }
    subject += [.text(", model version "), .code(run.modelVersion), .text(", \(run.status)")]
    return [
      Definition("Identifier", [.code(run.id)]), Definition("What", subject),
      Definition("Record SHA-256", [.code(run.recordSha256)]),
      Definition("When", [.text("\(run.started) to \(run.ended)")]),
      Definition("Model root digest", [.code(run.modelRootSha256)]),
      Definition("Prompts SHA-256", [.code(run.promptsSha256)]),
      Definition("Program", [.text(run.program + ", binary SHA-256 "), .code(run.programSha256)]),
      Definition("Machine", [.attributed(run.machine)]),
      Definition("Bears on", supports(run)),
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
    return [.text(run.modelVersion == context.model.version ? "no element" : "the comparison of versions only")]
  }

  private var notCited: Section {
    var blocks: [Block] = []
    if dossier.runsNotCited.isEmpty {
      blocks.append(.paragraph([.text("Every run of this model version in the store is cited.")]))
    } else {
      let rows = dossier.runsNotCited.map { run -> [[Inline]] in
        [
          [.code(run.id)], [.attributed(run.subject)], [.text(run.status)], [.text(English.day(run.started))],
          [.text(run.reason)], [.code(run.recordSha256)],
        ]
      }
      blocks.append(
        .table(
          Table(
            caption: "Runs of this model version that this dossier does not cite",
            header: ["Run", "What", "Status", "Date", "Why not", "Record SHA-256"],
            alignment: [.left, .left, .left, .left, .left, .left], rows: rows)))
    }
    if dossier.findingsNotCited.isEmpty {
      blocks.append(
        .paragraph([.text("Every finding of the cited runs of this version bears on an element of Annex IV.")]))
    } else {
      blocks.append(
        .list(
          dossier.findingsNotCited.map {
            [.text("Findings of "), context.names.link($0.run), .text(" that bear on no element: ")]
              + [.code($0.findings.joined(separator: ", "))]
          }))
    }
    return Section(
      id: "runs-not-cited", heading: "Runs and findings this dossier does not cite", blocks: blocks)
  }
}
