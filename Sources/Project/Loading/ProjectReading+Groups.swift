import Analysis
import Yams

extension ProjectReading {
  /// `groups`, `intersections` and `favourable` of the evaluation: the columns by which it reports, and what each group is held
  /// against; `special` are the columns declared to be special categories of personal data, for whose processing Article 4a(1) of
  /// Regulation (EU) 2024/1689 sets conditions.
  /// - Parameter records: the records that the evaluation scores; a reference group must have one of them.
  func groups(
    _ section: FileSection, table: DataTable, records: [Int]
  ) throws -> (groupings: [String], comparison: GroupComparison.Declaration, special: [String]) {
    var groupings: [String] = []
    var special: [String] = []
    var comparison = GroupComparison.Declaration()
    for (column, reference, isSpecial, line) in try entries(section) {
      guard table.has(column) else {
        throw section.error(
          .unknownValue, "'groups' names '\(column)', which is not a column of \(table.path),", line: line,
          remedy: table.hint(column))
      }
      guard !groupings.contains(column) else {
        throw section.error(.duplicate, "'groups' names '\(column)' twice", line: line, remedy: "name it once")
      }
      groupings.append(column)
      if isSpecial { special.append(column) }
      guard let reference else { continue }
      var names: [String] = []
      var seen: Set<String> = []
      for record in records {
        let name = Self.groupName(table.value(record, column) ?? "")
        if seen.insert(name).inserted { names.append(name) }
      }
      guard seen.contains(where: { ExactText($0) == ExactText(reference) }) else {
        throw section.error(
          .unknownValue,
          "the reference group '\(reference)' of '\(column)' is not among the records of the evaluation,", line: line,
          remedy: NearestName.hint(reference, among: Array(names.prefix(12)), kind: "groups"))
      }
      comparison.references[column] = reference
    }
    comparison.intersections = try intersections(section, groupings: groupings)
    for columns in comparison.intersections { try checkNames(columns, section, table: table, records: records) }
    let favourable = try section.choice(
      "favourable", GroupComparison.Declaration.Side.init(rawValue:), expected: "'positive' or 'negative'",
      example: "negative")
    if let favourable { comparison.favourable = favourable }
    return (groupings, comparison, special)
  }

  /// A group of several columns is called by its values together, and versions are compared by that name: no two may share it.
  private func checkNames(_ columns: [String], _ section: FileSection, table: DataTable, records: [Int]) throws {
    var named: [String: [String]] = [:]
    for record in records {
      let values = columns.map { Self.groupName(table.value(record, $0) ?? "") }
      let name = GroupComparison.group(values)
      guard let other = named.updateValue(values, forKey: name), other != values else { continue }
      throw section.error(
        .badValue,
        "two groups of the intersection \(columns.joined(separator: ", ")) would both be called '\(name)'",
        line: section.line(of: "intersections"), remedy: "write the values of these columns without ', '")
    }
  }

  /// One column or a list of them, each a name or a group of keys.
  private func entries(_ section: FileSection) throws -> [(
    column: String, reference: String?, isSpecial: Bool, line: Int
  )] {
    guard let entry = section.entry("groups") else { return [] }
    let example = "'groups: [sex, {column: age, reference: mature}]'"
    let nodes: [Yams.Node] = if case .sequence(let sequence) = entry.node { Array(sequence) } else { [entry.node] }
    try section.checkCount(nodes.count, atMost: ProjectLimits.list, of: "values of 'groups'", line: entry.line)
    return try nodes.map { node in
      let line = node.mark.map { max($0.line, entry.line) } ?? entry.line
      guard case .mapping = node else {
        let named = FileSection.Entry(key: entry.key, line: entry.line, node: node)
        guard case .scalar = node, let column = try section.texts(named, example: example).first else {
          throw section.wrongType(named, node, expected: "a text", example: example)
        }
        return (column, nil, false, line)
      }
      let group = try FileSection(
        node, file: section.file, name: "groups", line: line, allowed: ["column", "reference", "special_category"])
      return (
        try group.requiredText("column", example: example), try group.text("reference", example: example),
        try group.flag("special_category") ?? false, line
      )
    }
  }

  private func intersections(_ section: FileSection, groupings: [String]) throws -> [[String]] {
    guard let entry = section.entry("intersections") else { return [] }
    let example = "'intersections: [[age, sex]]'"
    guard case .sequence(let sequence) = entry.node else {
      throw section.wrongType(entry, entry.node, expected: "a list of lists of columns", example: example)
    }
    try section.checkCount(
      sequence.count, atMost: ProjectLimits.list, of: "entries under 'intersections'", line: entry.line)
    var seen: Set<Set<String>> = []
    return try sequence.map { node in
      let line = node.mark.map { max($0.line, entry.line) } ?? entry.line
      guard case .sequence = node else {
        throw section.wrongType(entry, node, expected: "a list of lists of columns", example: example)
      }
      let columns = try section.texts(
        FileSection.Entry(key: entry.key, line: line, node: node), example: example)
      if let column = columns.first(where: { !groupings.contains($0) }) {
        throw section.error(
          .unknownValue, "'intersections' names '\(column)', which 'groups' does not,", line: line,
          remedy: groupings.isEmpty
            ? "add 'groups: [\(columns.joined(separator: ", "))]'"
            : NearestName.hint(column, among: groupings, kind: "groupings"))
      }
      guard columns.count > 1, Set(columns).count == columns.count else {
        throw section.error(
          .badValue, "an entry of 'intersections' must name two or more different columns,", line: line,
          remedy: "write e.g. \(example)")
      }
      guard seen.insert(Set(columns)).inserted else {
        throw section.error(
          .duplicate, "'intersections' has the columns \(columns.joined(separator: ", ")) twice", line: line,
          remedy: "name them once")
      }
      return columns
    }
  }
}
