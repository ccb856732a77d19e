import Analysis

/// What changed in the model's files.
struct DiffModelSection {
  let context: DiffDocument
  private var change: Diff.ModelChange { context.diff.model }
  private var text: InterfaceText { context.text }

  var section: Section {
    Section(id: "model", heading: text.words("diff-model.heading"), blocks: [facts] + files + tensors)
  }

  private var facts: Block {
    .table(
      Table(
        caption: text.words("diff-model.facts-caption"), header: text.columns("diff-model.facts-columns"),
        alignment: [.left, .left, .left, .left],
        rows: change.facts.map { fact in
          [
            [.text(name(fact))], [.code(Self.short(fact.before))], [.code(Self.short(fact.after))],
            fact.isEqual ? [.text(text.words("diff.yes"))] : [.strong(text.words("diff.no"))],
          ]
        }))
  }

  private func name(_ fact: Diff.ModelChange.Fact) -> String {
    switch fact.name {
    case "root digest": text.words("diff-model.root-digest")
    case "weights": text.words("diff-model.weights")
    case "tokenizer": text.words("diff-model.tokenizer")
    case "architecture": text.words("diff-model.architecture")
    case "layers": text.words("diff-model.layers")
    case "heads per layer": text.words("diff-model.heads")
    case "parameters": text.words("diff-model.parameters")
    case "decision threshold": text.words("diff-model.threshold")
    case "differing predictions": text.words("diff-model.predictions")
    default: fact.name
    }
  }

  /// The beginning of a digest; the files' table and `diff.json` have all of it.
  private static func short(_ value: String) -> String { value.count == 64 ? value.prefix(16) + "…" : value }

  private var files: [Block] {
    guard !change.files.isEmpty else { return [] }
    return [
      .table(
        Table(
          caption: text.words("diff-model.files-caption"), header: text.columns("diff-model.files-columns"),
          alignment: [.left, .left, .left],
          rows: change.files.map { file in
            [
              [.code(file.path)], [.code(file.before ?? text.words("diff-model.not-there"))],
              [.code(file.after ?? text.words("diff-model.not-there"))],
            ]
          }))
    ]
  }

  private var tensors: [Block] {
    guard let tensors = change.tensors else {
      let note = TextValue.inlines(text.known(change.tensorsNote))
      return [.notice(kind: .note, text.inlines("diff-model.no-tensors", ["note": note]))]
    }
    let shown = tensors.changed.prefix(12)
    func rows(_ changes: some Sequence<TensorDifference.Change>) -> [[[Inline]]] {
      changes.map { change in
        [
          [.code(change.name)], [.text(change.shape.map(String.init).joined(separator: " × "))],
          [.text(text.precise(change.normBefore))], [.text(text.precise(change.normAfter))],
          [.text(text.precise(change.normDifference))],
          [.text(change.relative.isFinite ? text.percent(change.relative) : "–")],
        ]
      }
    }
    func table(_ caption: String, _ rows: [[[Inline]]]) -> Block {
      .table(
        Table(
          caption: caption,
          header: text.columns("diff-model.tensor-columns"),
          alignment: [.left, .left, .right, .right, .right, .right], rows: rows))
    }
    var blocks: [Block] = [
      .paragraph(
        text.inlines(
          "diff-model.tensors",
          [
            "n": .count(tensors.changed.count), "equal": .text(text.count(tensors.equal)),
            "note": .inlines(text.known(change.tensorsNote)),
          ]))
    ]
    if !shown.isEmpty {
      blocks.append(table(text.words("diff-model.tensors-largest"), rows(shown)))
    }
    if tensors.changed.count > shown.count {
      blocks.append(
        .details(
          summary: text.words("diff-model.tensors-all-summary"),
          [table(text.words("diff-model.tensors-all"), rows(tensors.changed))]))
    }
    return blocks + alone(tensors)
  }

  /// Tensors that have no counterpart.
  private func alone(_ tensors: TensorDifference) -> [Block] {
    func names(_ list: [String]) -> TextValue { .code(list.joined(separator: ", ")) }
    var blocks: [Block] = []
    if !tensors.onlyBefore.isEmpty {
      blocks.append(.paragraph(text.inlines("diff-model.only-before", ["names": names(tensors.onlyBefore)])))
    }
    if !tensors.onlyAfter.isEmpty {
      blocks.append(.paragraph(text.inlines("diff-model.only-after", ["names": names(tensors.onlyAfter)])))
    }
    if !tensors.incomparable.isEmpty {
      blocks.append(.paragraph(text.inlines("diff-model.incomparable", ["names": names(tensors.incomparable)])))
    }
    return blocks
  }
}
