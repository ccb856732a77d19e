import Analysis
import Evidence
import Project

/// The comparison as a document: what changed, by how much, and what nobody can say yet.
struct DiffDocument {
  let diff: Diff
  let before: DiffSource
  let after: DiffSource
  let catalogue: LawCatalogue
  let names: RunNames
  /// The words of the document's language.
  let text: InterfaceText

  init(diff: Diff, inputs: DiffInputs, text: InterfaceText) {
    self.text = text
    self.diff = diff
    before = inputs.before
    after = inputs.after
    catalogue = inputs.catalogue
    names = RunNames(diff.before.runs + diff.after.runs, text: text)
  }

  /// The whole document.
  var document: Document {
    Document(
      title: "What changed: \(diff.system)",
      subtitle: "From \(before.words) to \(after.words). State of \(date ?? "two empty dossiers").",
      warning: warning,
      sections: [
        DiffBriefSection(context: self).section, DiffModelSection(context: self).section,
        DiffBehaviourSection(context: self).section, DiffMechanismSection(context: self).section,
        DiffDocumentationSection(context: self).section, DiffLawSection(context: self).section,
        DiffWorksheetSection(context: self).section, DiffMethodSection(context: self).section, words, runs,
      ])
  }

  /// The day of the latest run or statement of either side.
  private var date: String? { [before.dossier.date, after.dossier.date].compactMap { $0 }.max() }

  private var warning: String? {
    let reasons = [diff.before, diff.after].compactMap { side in
      side.unverified.map { "\(side.label) is NOT VERIFIED: \($0)" }
    }
    return reasons.isEmpty ? nil : reasons.joined(separator: " · ")
  }

  /// The terms that the page uses, as the dossier explains them.
  private var words: Section {
    let own = [
      (
        "effect of a behaviour",
        "the mean, over its prompts, of how far the decision value moves when the counterfactual stands in place of the clean prompt"
      ),
      ("decisions flipped", "prompts whose decision with the counterfactual is another one than with the clean prompt"),
      ("labelled records", "the records of the evaluation, each with the answer that is held to be right"),
      ("margin", "how large a difference may be and still count as none"),
      ("FCAS", "how alike the depths are at which two models’ strongest heads lie; 1 is the same depths"),
      ("Jaccard index", "of two sets, the share of all members that both have"),
    ]
    let used = [
      "circuit", "clean and counterfactual prompt", "comprehensiveness", "decision value", "head, MLP, layer",
      "interval", "p-value", "run", "sufficiency", "token",
    ]
    let terms = own + English.glossary.filter { used.contains($0.term) }.map { ($0.term, $0.meaning) }
    return Section(
      id: "words", heading: "Words used here",
      blocks: [
        .definitions(
          terms.sorted { $0.0.lowercased() < $1.0.lowercased() }.map { Definition($0.0, [.text($0.1 + ".")]) })
      ])
  }

  /// A run that both sides use has one entry.
  private var runs: Section {
    var seen: Set<String> = []
    let rows = (diff.before.runs + diff.after.runs).filter { seen.insert($0).inserted }.compactMap {
      id -> [[Inline]]? in
      guard let run = (before.dossier.runs + after.dossier.runs).first(where: { $0.id == id }) else { return nil }
      return [
        [.anchor(RunNames.anchor(id)), .code(id)], [.attributed(run.modelVersion)],
        [.attributed(run.behaviour.map { "analysis of \($0)" } ?? run.kind)], [.text(English.day(run.ended))],
        [.text(before.run(id) != nil || after.run(id) != nil ? "yes" : "no")], [.code(run.recordSha256)],
      ]
    }
    return Section(
      id: "runs", heading: "Runs this comparison rests on",
      blocks: rows.isEmpty
        ? [.notice(kind: .missing, [.text("Neither side cites a run.")])]
        : [
          .table(
            Table(
              caption: "Every run that either dossier cites",
              header: ["Run", "Version", "What", "Day", "Record at hand", "Record SHA-256"],
              alignment: [.left, .left, .left, .left, .left, .left], rows: rows))
        ])
  }

  /// Both runs of a row, linked.
  func links(_ before: String, _ after: String) -> [Inline] {
    let known = Set(diff.before.runs + diff.after.runs)
    func link(_ id: String) -> Inline { known.contains(id) ? names.link(id) : .text("–") }
    return before == after ? [link(before)] : [link(before), .text(", "), link(after)]
  }
}

/// The answer first: what changed, what did not, what nobody can say yet, and what lies beyond the envelope.
struct DiffBriefSection {
  let context: DiffDocument
  private var diff: Diff { context.diff }

  var section: Section {
    Section(
      id: "brief", heading: "In short",
      blocks: [identical, untested, declared].compactMap { $0 } + [counts] + findings + beyond + [decision])
  }

  private var identical: Block? {
    guard diff.outcome.isIdentical else { return nil }
    return .notice(
      kind: .note,
      [
        .strong("Byte-identical. "),
        .text(
          "Both sides have the same model files by digest, and their runs gave the same numbers, every one of them to the last bit."
        ),
      ])
  }

  private var untested: Block? {
    guard !diff.outcome.isAnythingTested else { return nil }
    return .notice(kind: .missing, [.text(DiffWords.nothingTested)])
  }

  /// What the provider says that was done.
  private var declared: Block? {
    guard let changes = context.after.dossier.model.changes else { return nil }
    return .paragraph([
      .strong("Declared by the provider. "), .text("What was done from "),
      .attributed(context.after.dossier.model.supersedes ?? diff.before.label), .text(" to "),
      .attributed(context.after.dossier.model.version), .text(": "), .attributed(changes),
    ])
  }

  private var counts: Block {
    let used = diff.outcome.counts.filter { $0.overall + $0.groups > 0 }
    guard !used.isEmpty else { return .paragraph([.text("There is no measure that both sides have.")]) }
    return .table(
      Table(
        caption: "Measures by verdict", header: ["Verdict", "Over all records", "By group"],
        alignment: [.left, .right, .right],
        rows: used.map {
          [
            [.badge(DiffWords.badge($0.verdict))], [.text(Numbers.count($0.overall))],
            [.text(Numbers.count($0.groups))],
          ]
        }))
  }

  /// Each change with what it did to the decisions; counts that differ without settling anything apart.
  private var findings: [Block] {
    let main = diff.rows.filter { !$0.isGroup }
    let changed = main.filter { $0.verdict == .changed }
    let told = main.filter { row in
      row.verdict == .changed
        || row.measure == .flips && changed.contains { $0.measure == .effect && $0.behaviour == row.behaviour }
    }
    let apart = main.filter { row in row.verdict == .unsettled && differs(row) && !told.contains(row) }
    var blocks: [Block] = []
    if !told.isEmpty { blocks.append(.list(told.map(line))) }
    if changed.isEmpty, !diff.outcome.isIdentical {
      blocks.append(.paragraph([.text("No measure over all records is established to have changed.")]))
    }
    let groups = diff.rows.filter { $0.isGroup && $0.verdict == .changed }
    if !groups.isEmpty {
      blocks.append(.details(summary: "Groups in which a change is established", [.list(groups.map(line))]))
    }
    if !apart.isEmpty {
      blocks.append(.details(summary: "Counts that differ without settling anything", [.list(apart.map(line))]))
    }
    return blocks
  }

  private func line(_ row: Diff.Row) -> [Inline] {
    [
      .badge(DiffWords.badge(row.verdict)), .text(" "), .attributed(DiffWords.subject(row)),
      .text(": \(sentence(row)) ("),
    ] + context.links(row.runBefore, row.runAfter) + [.text(").")]
  }

  private func differs(_ row: Diff.Row) -> Bool {
    row.discordant.map { $0.countBefore != $0.countAfter } ?? false
  }

  private func sentence(_ row: Diff.Row) -> String { DiffBehaviourSection.sentence(row, diff.settings) }

  private var beyond: [Block] {
    guard !diff.outcome.beyond.isEmpty else {
      return [
        .paragraph([
          .strong("Declared envelope. "),
          .text(
            "Nothing is established to have changed beyond the limits declared under 'changes' in vitrine.yaml (Annex IV, point 2(f))."
          ),
        ])
      ]
    }
    let lines = diff.outcome.beyond.map { [Inline.attributed($0 + ".")] }
    return [
      .notice(
        kind: .note,
        [
          .strong("Beyond the declared envelope (Annex IV, point 2(f)). "),
          .text(
            "\(English.counted(lines.count, "entry", "entries")): what changed and is not shown to lie within limits declared under 'changes' in "
              + "vitrine.yaml."),
        ]), .list(Array(lines.prefix(6))),
    ] + (lines.count > 6 ? [.details(summary: "All that lies beyond the envelope", [.list(lines)])] : [])
  }

  private var decision: Block {
    .paragraph([
      .text("Whether this is a substantial modification is for a person to decide. The "),
      .link(text: "worksheet", target: "#worksheet"),
      .text(" has the law’s questions, the evidence for each, and blanks."),
    ])
  }
}

/// What changed in the model's files.
struct DiffModelSection {
  let context: DiffDocument
  private var change: Diff.ModelChange { context.diff.model }

  var section: Section {
    Section(id: "model", heading: "The model", blocks: [facts] + files + tensors)
  }

  private var facts: Block {
    .table(
      Table(
        caption: "Identity of the models that were run", header: ["What", "Before", "After", "Same"],
        alignment: [.left, .left, .left, .left],
        rows: change.facts.map { fact in
          [
            [.text(fact.name)], [.code(Self.short(fact.before))], [.code(Self.short(fact.after))],
            fact.isEqual ? [.text("yes")] : [.strong("no")],
          ]
        }))
  }

  /// The beginning of a digest; the files' table and `diff.json` have all of it.
  private static func short(_ value: String) -> String { value.count == 64 ? value.prefix(16) + "…" : value }

  private var files: [Block] {
    guard !change.files.isEmpty else { return [] }
    return [
      .table(
        Table(
          caption: "Files that differ", header: ["File", "SHA-256 before", "SHA-256 after"],
          alignment: [.left, .left, .left],
          rows: change.files.map { file in
            [[.code(file.path)], [.code(file.before ?? "not there")], [.code(file.after ?? "not there")]]
          }))
    ]
  }

  private var tensors: [Block] {
    guard let tensors = change.tensors else {
      return [.notice(kind: .note, [.text("Tensors were not compared one by one. "), .attributed(change.tensorsNote)])]
    }
    let lists = [
      ("only before", tensors.onlyBefore), ("only after", tensors.onlyAfter), ("not comparable", tensors.incomparable),
    ].filter { !$0.1.isEmpty }
    let shown = tensors.changed.prefix(12)
    func rows(_ changes: some Sequence<TensorDifference.Change>) -> [[[Inline]]] {
      changes.map { change in
        [
          [.code(change.name)], [.text(change.shape.map(String.init).joined(separator: " × "))],
          [.text(Numbers.precise(change.normBefore))], [.text(Numbers.precise(change.normAfter))],
          [.text(Numbers.precise(change.normDifference))],
          [.text(change.relative.isFinite ? Numbers.percent(change.relative) : "–")],
        ]
      }
    }
    func table(_ caption: String, _ rows: [[[Inline]]]) -> Block {
      .table(
        Table(
          caption: caption,
          header: ["Tensor", "Shape", "Norm before", "Norm after", "Norm of the difference", "Relative"],
          alignment: [.left, .left, .right, .right, .right, .right], rows: rows))
    }
    var blocks: [Block] = [
      .paragraph([
        .text(
          "\(English.counted(tensors.changed.count, "tensor differs", "tensors differ")), \(Numbers.count(tensors.equal)) have the same "
            + "bytes. "), .attributed(change.tensorsNote),
      ])
    ]
    if !shown.isEmpty {
      blocks.append(table("Tensors with the largest relative difference (Frobenius norms)", rows(shown)))
    }
    if tensors.changed.count > shown.count {
      blocks.append(
        .details(
          summary: "All tensors that differ", [table("Tensors that differ (Frobenius norms)", rows(tensors.changed))]))
    }
    blocks += lists.map { .paragraph([.text("Tensors \($0.0): "), .code($0.1.joined(separator: ", ")), .text(".")]) }
    return blocks
  }
}
