public import Evidence

/// What is missing, by person and day: what the page, the files beside it and `vitrine dossier status` print.
public struct OwedList: Sendable, Equatable {
  /// What one person owes by one day.
  public struct Group: Sendable, Equatable {
    /// Who owes it: the person who is named, otherwise the role that the law implies.
    public var owner: String
    /// Whether somebody is named.
    public var isNamed: Bool
    /// By which day (nil: none is named).
    public var due: CalendarDate?
    /// The elements, in the law's order; never empty.
    public var elements: [OwedElement]
  }

  /// Named persons first, the earliest day first, those without a day after them; then what nobody is named for.
  public let groups: [Group]

  /// Every element, in the order of the groups.
  public var elements: [OwedElement] { groups.flatMap(\.elements) }

  /// What of a status is missing.
  public init(_ status: DossierStatus) {
    var groups: [Group] = []
    for owed in status.gaps {
      let (isNamed, due) = (owed.assignment.owner != nil, owed.assignment.due?.value)
      let place = groups.firstIndex { $0.owner == owed.gap.owner && $0.isNamed == isNamed && $0.due == due }
      if let place {
        groups[place].elements.append(owed)
      } else {
        groups.append(Group(owner: owed.gap.owner, isNamed: isNamed, due: due, elements: [owed]))
      }
    }
    func rank(_ group: Group) -> (Int, String, String) {
      (group.isNamed ? 0 : 1, group.due?.description ?? "no day", group.owner)
    }
    self.groups = groups.sorted { rank($0) < rank($1) }
  }

  /// What was due before a day.
  public func overdue(on day: CalendarDate) -> OwedList {
    OwedList(groups: groups.filter { $0.due.map { $0 < day } ?? false })
  }

  private init(groups: [Group]) { self.groups = groups }
}
