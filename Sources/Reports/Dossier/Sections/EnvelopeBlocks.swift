import Project

/// The envelope of pre-determined changes (Annex IV, point 2(f)) as the project file has it: in the dossier and in a comparison.
struct EnvelopeBlocks {
  /// The declared limits.
  let limits: [ChangeSettings.Limit]
  /// Parts of the model that may change.
  let mayChange: [ChangeSettings.ModelPart]
  /// Whether the project file says anything of this.
  let isDeclared: Bool
  /// The words.
  let text: InterfaceText

  /// Under point 2(f): what may change, and how far; nothing if nothing is declared.
  var declared: [Block] {
    guard isDeclared else { return [] }
    let key = TextValue.code("changes")
    let parts = mayChange.map(\.rawValue).joined(separator: ", ")
    let paragraph =
      mayChange.isEmpty
      ? text.inlines("annex.envelope-none", ["key": key])
      : text.inlines("annex.envelope", ["key": key, "parts": .text(parts)])
    return [.paragraph(paragraph)] + (limits.isEmpty ? [] : [table])
  }

  /// The limits of later − earlier.
  var table: Block {
    let any = text.words("diff-method.any")
    let words = DiffWords(text)
    return .table(
      Table(
        caption: text.words("diff-method.limits-caption"), header: text.columns("diff-method.limits-columns"),
        alignment: [.left, .left, .left, .right, .right, .left],
        rows: limits.map { limit in
          let group =
            limit.grouping.map {
              text.words("diff-method.group", ["grouping": .text($0), "group": .text(limit.group ?? any)])
            } ?? text.words("diff-method.any-group")
          return [
            [.code(limit.measure.rawValue)], [.attributed(limit.behaviour ?? any)], [.attributed(group)],
            [.text(words.signed(limit.from, limit.measure))], [.text(words.signed(limit.to, limit.measure))],
            [.text(words.unit(limit.measure))],
          ]
        }))
  }
}
