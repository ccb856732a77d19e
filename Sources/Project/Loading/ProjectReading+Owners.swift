import Evidence
import Yams

extension ProjectReading {
  /// `owners`: who owes which elements of Annex IV, by when, and who reads them.
  mutating func owners(_ root: FileSection, people: [Project.Person]) throws -> [Project.Assignment] {
    let example = "'- {elements: [\"2(b)\"], owner: Ada Example, due: 2027-03-31, reviewer: Ben Example}'"
    let sections =
      try root.sections("owners", allowed: ["elements", "owner", "due", "reviewer"], example: example) ?? []
    var assignments: [Project.Assignment] = []
    for section in sections {
      guard let entry = section.entry("elements") else {
        throw section.missing("elements", remedy: "write e.g. \(example)")
      }
      let texts = try section.texts(entry, example: "'elements: [\"2(b)\", \"3\"]'")
      guard !texts.isEmpty else {
        throw section.error(
          .badValue, "'elements' under 'owners' is an empty list,", line: entry.line,
          remedy: "name what is owed, e.g. 'elements: [\"2(b)\", \"3\"]'")
      }
      let lines = entry.node.sequence?.map { $0.mark?.line ?? entry.line } ?? [entry.line]
      let assignment = Project.Assignment(
        elements: zip(texts, lines).map { .init(text: $0, line: $1) },
        owner: try section.text("owner", example: "'owner: Ada Example'"),
        due: try section.date("due", otherwise: "leave the key out while no day is agreed"),
        reviewer: try section.text("reviewer", example: "'reviewer: Ben Example'"), place: "\(file):\(section.line)")
      guard assignment.owner != nil || assignment.due != nil || assignment.reviewer != nil else {
        throw section.error(
          .missingKey, "an entry under 'owners' names neither an owner nor a day nor a reviewer,", line: section.line,
          remedy: "write e.g. \(example)")
      }
      warn(about: assignment, section, people: people.map(\.name))
      assignments.append(assignment)
    }
    return assignments
  }

  /// Notes what is possible but hardly meant: a name that is nearly a listed person's, and one person who reads what is their own.
  private mutating func warn(about assignment: Project.Assignment, _ section: FileSection, people: [String]) {
    for (key, name) in [("owner", assignment.owner), ("reviewer", assignment.reviewer)] {
      guard let name, name.count <= 200, !people.contains(name),
        let near = people.first(where: { NearestName.editDistance(name.lowercased(), $0.lowercased()) <= 2 })
      else { continue }
      warnOnce(
        "the \(key) '\(Self.shown(name))' is nobody under 'people'; did you mean '\(Self.shown(near))'?",
        line: section.line(of: key))
    }
    if let owner = assignment.owner, owner == assignment.reviewer {
      warnOnce(
        "'\(Self.shown(owner))' is owner and reviewer of the same elements; who wrote a text should not be the one who reviews it",
        line: section.line(of: "reviewer"))
    }
  }
}
