import Evidence

/// What was appended about a run after it was stored: signatures first, then reproductions, then the rest.
struct SaidAboutRun {
  let sections: [Section]
  /// Why entries do not hold; empty if all do.
  let failures: [String]

  init(_ run: StoredRun, _ entries: [StoredEntry], text: InterfaceText) {
    var said: [String: [Block]] = [:]
    var failures: [String] = []
    for entry in entries {
      do {
        let block =
          switch entry.kind {
          case RunSignature.kind: try Self.signature(entry, run, text)
          case ReproductionRecord.kind: try Self.reproduction(entry, run, text)
          default: Block.paragraph([.text("\(entry.kind) \(entry.id): \(try entry.summary)")])
          }
        said[entry.kind, default: []].append(block)
      } catch {
        failures.append("\(error)")
        let words = text.inlines(
          "terminal.does-not-hold", ["entry": .text("\(entry.kind) \(entry.id)"), "reason": .text("\(error)")])
        said[entry.kind, default: []].append(.notice(kind: .refused, words))
      }
    }
    let id = TextValue.text(run.record.id)
    let others = said.filter { ![RunSignature.kind, ReproductionRecord.kind].contains($0.key) }
    sections = [
      Section(
        id: "signatures", heading: text.words("terminal.signatures"),
        blocks: said[RunSignature.kind] ?? [.paragraph(text.inlines("terminal.no-signatures", ["id": id]))]),
      Section(
        id: "reproductions", heading: text.words("terminal.reproductions"),
        blocks: said[ReproductionRecord.kind] ?? [.paragraph(text.inlines("terminal.no-reproductions", ["id": id]))]),
      Section(
        id: "others", heading: text.words("terminal.also-recorded"),
        blocks: others.sorted { $0.key < $1.key }.flatMap(\.value)),
    ].filter { !$0.blocks.isEmpty }
    self.failures = failures
  }

  private static func signature(_ entry: StoredEntry, _ run: StoredRun, _ text: InterfaceText) throws -> Block {
    let signature = try entry.decoded(as: RunSignature.self)
    let (signer, statement) = (try signature.verify(), signature.statement)
    guard statement.recordSha256 == run.sha256, signature.problems.isEmpty else {
      throw EvidenceError(.badSignature, "the signature of \(statement.name) is on another record of this run")
    }
    return .definitions(
      text.columns(
        "terminal.signature",
        [
          "name": .text(statement.name), "function": .text(statement.function), "meaning": .text(statement.meaning),
          "date": .text(statement.date), "form": .text(signature.form.rawValue), "signer": .text(signer.identity),
        ]
      ).definitions)
  }

  private static func reproduction(_ entry: StoredEntry, _ run: StoredRun, _ text: InterfaceText) throws -> Block {
    let reproduction = try entry.decoded(as: ReproductionRecord.self)
    guard reproduction.recordSha256 == run.sha256, reproduction.problems.isEmpty else {
      throw EvidenceError(.damagedRun, "the reproduction \(reproduction.id) is of another record of this run")
    }
    let document = ReproductionDocument(reproduction, comparison: nil, isStored: true, text: text)
    let outcome = text.columns(
      "terminal.outcome",
      [
        "verdict": .text(document.verdict), "started": .text(reproduction.started), "with": .text(document.with),
        "id": .text(reproduction.id),
      ])
    return .definitions(outcome.definitions + document.numbers)
  }
}
