/// Holds a project's own `extracts.yaml` against the installed one: a document that has an installed one's name says all that the
/// installed one says, its gaps and blanks and limits with it, under the installed title. A project may leave a document out, add to one
/// and make others; one that reports measurements says their limits.
struct ExtractGuard {
  let installed: [ExtractDefinition]

  /// - Throws: `ReportsError` `badTemplate` with what is lost.
  func check(_ own: ExtractDefinition) throws {
    func refuse(_ message: String) -> ReportsError {
      ReportsError(.badTemplate, "\(ExtractReader.fileName): the document '\(own.id)' \(message)")
    }
    let measured = own.parts.flatMap(\.measured)
    let reports = measured.contains { $0 == .decisions || $0 == .overall || $0 == .groups }
    guard let known = installed.first(where: { $0.id == own.id }) else {
      if reports && !measured.contains(.limits) {
        throw refuse("reports measurements and not their limits; add a part with 'measured: [limits]'.")
      }
      return
    }
    guard own.title.isScalarEqual(known.title), own.scope.isScalarEqual(known.scope) else {
      throw refuse(
        "has another title or scope than the installed one, whose name it has; copy both from there, or give it an id of its own."
      )
    }
    if let lost = known.introduction.first(where: { !own.introduction.contains($0) }) {
      throw refuse("leaves out '\(lost)' of the introduction; put it back, or give the document an id of its own.")
    }
    for part in known.parts {
      if let lost = lost(of: part, in: own.parts) {
        throw refuse("leaves out \(lost) of the installed one; put it back, or give the document an id of its own.")
      }
    }
  }

  /// The first thing of a part that no part of the same name has; nil if all is there.
  private func lost(of part: ExtractDefinition.Part, in own: [ExtractDefinition.Part]) -> String? {
    let name = part.provision ?? part.heading ?? ""
    guard let same = own.first(where: { $0.provision == part.provision && $0.heading == part.heading }) else {
      return "the part '\(name)'"
    }
    if let says = part.says, same.says != says { return "the sentence of the part '\(name)'" }
    let missing =
      part.facts.filter { !same.facts.contains($0) }.map(\.rawValue)
      + part.elements.filter { element in !same.elements.contains { $0 == element } }.map { "\($0.item) \($0.element)" }
      + part.measured.filter { !same.measured.contains($0) }.map(\.rawValue)
      + part.blanks.filter { !same.blanks.contains($0) }
    return missing.first.map { "'\($0)' in the part '\(name)'" }
  }
}
