public import Evidence

/// How every item of Annex IV stands for one model version: what is evidenced by runs, declared by the provider, not applicable
/// with a reason, or missing and owed by whom. A pure function of what it is given: nothing is assumed.
public struct DossierStatus: Sendable, Equatable {
  /// The model version.
  public var modelVersion: String
  /// Every item, in the law's order.
  public var items: [ItemStatus]
  /// The root digests of the models that the runs were made on, in order of the runs. More than one means that the model's
  /// files changed between runs under one version name.
  public var modelDigests: [String]
  /// What statements and the project file say differently about who owes what, each once.
  public var conflicts: [AssignmentConflict]

  /// Works out the status.
  /// - Parameters:
  ///   - catalogue: the law.
  ///   - statements: the provider's statements.
  ///   - facts: what the project file says, and the model version.
  ///   - assignments: whom the project file names for what.
  ///   - runs: the stored runs; those of other model versions and failed ones are passed over.
  public static func evaluate(
    catalogue: LawCatalogue, statements: StatementSet, facts: ProjectFacts, assignments: AssignmentTable = .init(),
    runs: [StoredRun]
  ) -> DossierStatus {
    let evidence = EvidenceIndex(runs: runs, modelVersion: facts.modelVersion)
    var conflicts: [AssignmentConflict] = []
    let items = catalogue.items.map { item in
      // What another provision asks for is asked where the project file declares it; what is stated all the same is not dropped.
      var item = item
      let statement = statements.statement(item: item.id, modelVersion: facts.modelVersion)
      item.elements += item.further.filter { !facts.specialCategories.isEmpty || statement?.speaks(of: $0) == true }
      let rule = ElementRule(
        item: item, statements: statements, facts: facts, assignments: assignments, evidence: evidence)
      for conflict in item.elements.flatMap(rule.conflicts) where !conflicts.contains(conflict) {
        conflicts.append(conflict)
      }
      return ItemStatus(item: item, elements: item.elements.map(rule.status))
    }
    return DossierStatus(
      modelVersion: facts.modelVersion, items: items, modelDigests: evidence.modelDigests, conflicts: conflicts)
  }

  /// One item's status by its point, e.g. `2(b)`.
  public func item(_ id: String) -> ItemStatus? { items.first { $0.item.id == id } }

  /// How many elements stand in a state.
  public func count(_ kind: ElementState.Kind) -> Int {
    items.reduce(0) { $0 + $1.elements.count { $0.state.kind == kind } }
  }

  /// The provider's sentences that claim conformity or freedom from bias, with the places where they stand, in the law's order.
  public var claims: [(place: String, sentence: String)] {
    items.flatMap(\.elements).flatMap { element -> [(place: String, sentence: String)] in
      if case .notApplicable(let reason) = element.state { return reason.claims.map { (reason.signature.place, $0) } }
      return element.state.declarations.flatMap { declaration in declaration.claims.map { (declaration.place, $0) } }
    }
  }

  /// Every gap with its item and element, in the law's order.
  public var gaps: [OwedElement] {
    items.flatMap { status in
      status.elements.compactMap { element in
        guard case .missing(let gap) = element.state else { return nil }
        return OwedElement(item: status.item, element: element.element, gap: gap, assignment: element.assignment)
      }
    }
  }
}

/// A missing element with who owes it.
public struct OwedElement: Sendable, Equatable {
  /// Its item.
  public var item: LawItem
  /// The element.
  public var element: LawElement
  /// What is missing and what to do.
  public var gap: Gap
  /// Who is to supply it, by when, and who reads it.
  public var assignment: Assignment
}

/// How one item stands.
public struct ItemStatus: Sendable, Equatable {
  /// The item.
  public var item: LawItem
  /// Its elements, in the order of its text.
  public var elements: [ElementStatus]

  /// An item's state follows from its elements alone.
  public enum State: Sendable, Equatable {
    /// Every element is missing.
    case missing
    /// Some elements are missing.
    case partial(missing: Int, of: Int)
    /// No element is missing; these are the states of its elements, each once.
    case complete([ElementState.Kind])
  }

  /// The item's state.
  public var state: State {
    let kinds = elements.map(\.state.kind)
    let missing = kinds.count { $0 == .missing }
    if missing == kinds.count { return .missing }
    if missing > 0 { return .partial(missing: missing, of: kinds.count) }
    return .complete(ElementState.Kind.allCases.filter(kinds.contains))
  }
}
