/// Works out how the elements of one item stand.
struct ElementRule {
  /// The item.
  let item: LawItem
  /// The provider's statements.
  let statements: StatementSet
  /// What the project file says.
  let facts: ProjectFacts
  /// Whom it names for what.
  let assignments: AssignmentTable
  /// The runs.
  let evidence: EvidenceIndex

  /// One element's status.
  func status(of element: LawElement) -> ElementStatus {
    let support = element.evidence.map(evidence.support) ?? []
    return ElementStatus(
      element: element, state: state(of: element), assignment: assignment(of: element), support: support)
  }

  /// What is said differently about an element in its statement and in the project file.
  func conflicts(of element: LawElement) -> [AssignmentConflict] {
    statement.map { $0.assignment.conflicts(with: assignments.assignment(item, element)) } ?? []
  }

  private var statement: Statement? { statements.statement(item: item.id, modelVersion: facts.modelVersion) }

  /// The statement's own word counts before the project file's.
  private func assignment(of element: LawElement) -> Assignment {
    (statement?.assignment ?? Assignment()).completed(by: assignments.assignment(item, element))
  }

  private func state(of element: LawElement) -> ElementState {
    let statement = statement
    let signature = statement.flatMap { self.signature($0, element: element) }
    if let exclusion = statement?.notApplicable.first(where: { $0.element == element.id }), let signature {
      return .notApplicable(
        NotApplicable(
          reason: exclusion.reason, basis: element.condition ?? LawCatalogue.generalCondition, signature: signature))
    }
    var declarations: [Declaration] = []
    if let part = statement?.parts.first(where: { $0.element == element.id && $0.isVisible }), let signature {
      declarations.append(.statement(markdown: part.markdown, signature: signature, files: part.files))
    }
    if item.id == ProjectFacts.item {
      declarations += facts.facts.filter { $0.element == element.id }.map(Declaration.fact)
    }
    let runs = element.evidence.map(evidence.sufficient) ?? []
    if !runs.isEmpty { return .evidenced(runs: runs, declarations: declarations) }
    return declarations.isEmpty ? .missing(gap(of: element, statement: statement)) : .declared(declarations)
  }

  /// Who signs an element's text or reason; nil while the front matter is open.
  private func signature(_ statement: Statement, element: LawElement) -> Signature? {
    guard statement.openKeys.isEmpty, let responsible = statement.responsible, let function = statement.function,
      let date = statement.date
    else { return nil }
    let line =
      statement.notApplicable.first { $0.element == element.id }?.line
      ?? statement.parts.first { $0.element == element.id }?.line ?? 1
    return Signature(
      responsible: responsible, function: function, date: date, file: statement.file, line: line,
      namesVersion: statement.modelVersions?.contains(facts.modelVersion) == true, converter: statement.converter)
  }

  private func gap(of element: LawElement, statement: Statement?) -> Gap {
    let file = statement?.file ?? unwrittenFile
    return Gap(
      reason: reason(element, statement: statement), owner: assignment(of: element).owner?.value ?? element.owner,
      file: file, heading: "## \(element.title)",
      remedy: Gap.Remedy(
        item: item.id, element: element.id, headings: item.elements.map { "## \($0.title)" },
        isConditional: element.isConditional,
        openKeys: statement?.openKeys ?? ["responsible", "function", "date", "status"],
        projectKey: ProjectFacts.key(item: item.id, element: element.id, modelVersion: facts.modelVersion),
        modelVersion: facts.modelVersion))
  }

  /// The name that `vitrine init` gives the item's file, unless a statement for other versions already has it.
  private var unwrittenFile: String {
    let plain = "\(statements.folder)/\(item.slug).md"
    guard statements.statements.contains(where: { $0.file == plain }) else { return plain }
    return "\(statements.folder)/\(item.slug)-\(facts.modelVersion).md"
  }

  private func reason(_ element: LawElement, statement: Statement?) -> Gap.Reason {
    guard let statement else {
      let versions = statements.statements.filter { $0.item == item.id }.flatMap { $0.modelVersions ?? [] }
      return versions.isEmpty ? .noFile : .otherVersions(versions)
    }
    let part = statement.parts.first { $0.element == element.id }
    let isExcluded = statement.notApplicable.contains { $0.element == element.id }
    if isExcluded || part?.isVisible == true { return .open(keys: statement.openKeys) }
    if part != nil { return .emptyText }
    return statement.unassignedLine.map { .unassignedText(line: $0) } ?? .noHeading
  }
}
