public import Evidence
public import Project

/// Who is to supply one element of Annex IV, by when, and who reads it before it is signed.
public struct Assignment: Sendable, Equatable {
  /// Who owes it (nil: nobody is named).
  public var owner: Given<String>?
  /// By which day (nil: no day is named).
  public var due: Given<CalendarDate>?
  /// Who reads it (nil: nobody is named).
  public var reviewer: Given<String>?

  /// A value with the place where it is given.
  public struct Given<Value: Sendable & Equatable>: Sendable, Equatable {
    /// The value.
    public var value: Value
    /// File and line, e.g. `vitrine.yaml:31`.
    public var place: String

    /// A value from its parts.
    public init(_ value: Value, place: String) {
      self.value = value
      self.place = place
    }
  }

  /// An assignment from its parts.
  public init(owner: Given<String>? = nil, due: Given<CalendarDate>? = nil, reviewer: Given<String>? = nil) {
    self.owner = owner
    self.due = due
    self.reviewer = reviewer
  }

  /// This one, and where it says nothing, another.
  func completed(by other: Assignment) -> Assignment {
    Assignment(owner: owner ?? other.owner, due: due ?? other.due, reviewer: reviewer ?? other.reviewer)
  }

  /// Where another one says something else; the keys are those of the files.
  func conflicts(with other: Assignment) -> [AssignmentConflict] {
    func conflict<Value>(_ key: String, _ used: Given<Value>?, _ other: Given<Value>?, _ word: (Value) -> String)
      -> AssignmentConflict?
    {
      guard let used, let other, used.value != other.value else { return nil }
      return AssignmentConflict(
        key: key, used: .init(word(used.value), place: used.place), other: .init(word(other.value), place: other.place))
    }
    return [
      conflict("owner", owner, other.owner) { $0 },
      conflict("due", due, other.due) { $0.description },
      conflict("reviewer", reviewer, other.reviewer) { $0 },
    ].compactMap { $0 }
  }
}

/// One thing that a statement's front matter and the table of `vitrine.yaml` say differently.
public struct AssignmentConflict: Sendable, Equatable {
  /// `owner`, `due` or `reviewer`.
  public var key: String
  /// What counts: the statement's own.
  public var used: Assignment.Given<String>
  /// What does not.
  public var other: Assignment.Given<String>
}

/// The table `owners` of `vitrine.yaml`, its names held against the law.
public struct AssignmentTable: Sendable, Equatable {
  /// By element (`2(b) general-logic`), item (`2(b)`) or point (`2`).
  private var entries: [String: Assignment] = [:]

  /// A table that says nothing.
  public init() {}

  /// Reads a project's table.
  /// - Throws: `ReportsError` `unknownItem` or `unknownElement` with line, the nearest name and the names there are; `duplicate` if
  ///   a name is written twice.
  public init(_ assignments: [Project.Assignment], catalogue: LawCatalogue) throws {
    var lines: [String: Int] = [:]
    for entry in assignments {
      let file = entry.place.prefix { $0 != ":" }
      let assignment = Assignment(
        owner: entry.owner.map { .init($0, place: entry.place) }, due: entry.due.map { .init($0, place: entry.place) },
        reviewer: entry.reviewer.map { .init($0, place: entry.place) })
      for name in entry.elements {
        let key = try ElementName(name.text, place: "\(file), line \(name.line)", catalogue: catalogue).key
        if let line = lines.updateValue(name.line, forKey: key) {
          throw ReportsError(
            .duplicate,
            "\(file), line \(name.line): '\(key)' is written twice under 'owners', first in line \(line); keep one of the two. (An "
              + "element may be listed beside its item: the element's own entry counts for it.)")
        }
        entries[key] = assignment
      }
    }
  }

  /// What the table says about an element: its own entry, then its item's, then its point's.
  func assignment(_ item: LawItem, _ element: LawElement) -> Assignment {
    ["\(item.id) \(element.id)", item.id, item.point].reduce(Assignment()) { found, key in
      entries[key].map(found.completed) ?? found
    }
  }
}

/// What an entry of the table names: an element, an item, or a whole point with letters.
private struct ElementName {
  /// `2(b) general-logic`, `2(b)` or `2`.
  let key: String

  init(_ text: String, place: String, catalogue: LawCatalogue) throws {
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    let first = words.first ?? ""
    if words.count == 1, catalogue.points.contains(where: { $0.id == first }) {
      key = first
      return
    }
    guard let item = catalogue.item(first) else {
      let known = catalogue.items.map(\.id)
      throw ReportsError(
        .unknownItem,
        "\(place): Annex IV has no item '\(first.prefix(40))'\(Nearest.hint(first, among: known)) Name an item (2(b)), all items of a "
          + "point (2), or an element (2(b) general-logic). The items are \(known.joined(separator: ", ")).")
    }
    guard words.count > 1 else {
      key = item.id
      return
    }
    let rest = words.dropFirst().joined(separator: " ")
    guard let element = HeadingName.element(rest, in: item) else {
      throw ReportsError.unknownElement(rest, place: place, of: item)
    }
    key = "\(item.id) \(element.id)"
  }
}

extension ReportsError {
  /// A name that is no element of an item: the nearest, and those there are.
  static func unknownElement(_ name: String, place: String, of item: LawItem, more: String = "") -> ReportsError {
    let elements = item.elements + item.further
    let known = elements.map { "\($0.id) (\($0.title))" }.joined(separator: "; ")
    let hint = Nearest.hint(name, among: elements.flatMap { [$0.id, $0.title] })
    return ReportsError(
      .unknownElement,
      "\(place): item \(item.id) has no element '\(name.prefix(120))'\(hint) Its elements are: \(known).\(more)")
  }
}
