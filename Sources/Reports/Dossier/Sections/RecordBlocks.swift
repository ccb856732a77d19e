import Analysis
import Evidence

/// What identifies a run and the model it was made on: the record's digest, time, program and machine, the model's files.
struct RecordBlocks {
  let names: RunNames
  let text: InterfaceText

  /// The run by its record.
  func definitions(of run: Dossier.RunEntry) -> [Definition] {
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
    ]
  }

  /// What was run, on which version, and how it ended.
  func subject(_ run: Dossier.RunEntry) -> [Inline] {
    let (version, status) = (TextValue.code(run.modelVersion), TextValue.text(text.status(run.status)))
    let kind = TextValue.text(text.kind(run.kind))
    guard let behaviour = run.behaviour else {
      return text.inlines("register.run-of-version", ["kind": kind, "version": version, "status": status])
    }
    return text.inlines(
      "register.run-of-behaviour",
      ["kind": kind, "behaviour": .code(behaviour), "version": version, "status": status])
  }

  /// The model of a run by its bytes.
  /// - Parameter remarks: what was left out of it, or taken otherwise than it stands there.
  func identity(_ record: RunRecord, remarks: [[Inline]]) -> [Block] {
    let model = record.model
    return [
      .definitions([
        Definition(text.words("register.root-digest"), [.code(model.rootSha256)]),
        Definition(text.words("register.tensors"), [.code(model.tensorsSha256)]),
        Definition(
          text.words("register.tokenizer"),
          model.tokenizerSha256.map { [.code($0)] } ?? text.inlines("register.no-tokenizer")),
        Definition(text.words("facts.architecture"), architecture(of: record)),
      ])
    ] + remarks.map { .notice(kind: .note, $0) } + [
      .details(
        summary: text.words("register.files"),
        [
          .table(
            Table(
              caption: text.words("register.files-caption", ["run": .text(names.short(record.id))]),
              header: text.columns("register.files-columns"), alignment: [.left, .right, .left],
              rows: model.files.map { [[.code($0.path)], [.text(text.count($0.bytes))], [.code($0.sha256)]] }))
        ])
    ]
  }

  /// A model's architecture with its size.
  func architecture(of record: RunRecord) -> [Inline] {
    let model = record.model
    return text.inlines(
      "facts.architecture-of",
      [
        "architecture": .code(model.architecture), "layers": .count(model.layers), "heads": .count(model.headsPerLayer),
        "parameters": .count(model.parameters), "run": .inline(names.link(record.id)),
      ])
  }
}

extension Dossier.RunEntry {
  /// The entry of a stored run.
  init(_ run: StoredRun, supports: [String] = [], binding: Dossier.BindingFacts? = nil, text: InterfaceText) {
    let (record, machine) = (run.record, run.record.machine)
    self.init(
      id: record.id, recordSha256: run.sha256, kind: record.kind.rawValue, status: record.status.rawValue,
      behaviour: record.behaviour, modelVersion: record.modelVersion, started: record.started, ended: record.ended,
      modelRootSha256: record.model.rootSha256, promptsSha256: record.promptsSha256,
      program: "\(record.program.name) \(record.program.version)", programSha256: record.program.binarySha256,
      machine:
        text.words(
          "register.machine-is",
          [
            "processor": .text(machine.processor), "instructions": .text(machine.instructionSet),
            "threads": .count(machine.threads), "system": .text(machine.operatingSystem),
          ]),
      supports: supports, binding: binding)
  }
}

extension Dossier.RefusalGroup {
  /// Refusals by reason and scope, in the order of their first appearance.
  static func groups(_ refusals: [Refusal]) -> [Dossier.RefusalGroup] {
    var groups: [Dossier.RefusalGroup] = []
    for refusal in refusals {
      if let index = groups.firstIndex(where: { $0.reason == refusal.reason && $0.scope == refusal.scope }) {
        groups[index].pairs += [refusal.pair].compactMap { $0 }
      } else {
        groups.append(
          Dossier.RefusalGroup(
            reason: refusal.reason, scope: refusal.scope, pairs: [refusal.pair].compactMap { $0 },
            detail: refusal.detail))
      }
    }
    return groups
  }
}
