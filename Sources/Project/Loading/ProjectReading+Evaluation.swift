import Analysis

extension ProjectReading {
  /// `evaluation`: the labelled data set and its groups.
  mutating func evaluation(_ root: FileSection, defaults: PromptSettings) throws -> Project.Evaluation? {
    let keys = ["label", "threshold", "groups"] + Self.promptKeys
    guard let section = try root.section("evaluation", allowed: keys) else { return nil }
    let settings = try promptSettings(section, defaults: defaults)
    let answers = try requiredAnswers(settings, for: "the evaluation", section: section)
    let (table, template, records) = try source(settings, for: "the evaluation", section: section)
    let label = try label(section, table: table)
    let groupings = try groupings(section, table: table)
    let examples = records.map { record in
      EvaluationPlan.Example(
        name: "record \(record + 1)", prompt: template.prompt(table, record: record),
        positive: table.value(record, label.column).map(label.positive.contains) ?? false,
        groups: Dictionary(groupings.map { ($0, table.value(record, $0) ?? "") }) { first, _ in first })
    }
    let positives = examples.count(where: \.positive)
    if positives == 0 || positives == examples.count {
      warn(
        "all \(examples.count) records of the evaluation have the same label, so discrimination (area under the curve) "
          + "is undefined", line: section.line)
    }
    if let first = examples.first { checkSpacing(of: answers, after: first.prompt, line: section.line) }
    return Project.Evaluation(
      dataset: table.name + settings.filter.description,
      label: "\(label.column) = \(label.positive.joined(separator: " or "))",
      positive: answers.positive, negative: answers.negative, prepend: settings.prepend,
      specialTokens: settings.specialTokensInForce,
      threshold: try section.number("threshold", example: 0, must: "be a number") { _ in true } ?? 0,
      groupings: groupings, examples: examples)
  }

  private func label(_ section: FileSection, table: DataTable) throws -> (column: String, positive: [String]) {
    let example = "'label: {column: outcome, positive: approve}'"
    guard let group = try section.section("label", allowed: ["column", "positive"]) else {
      throw section.missing("label", remedy: "add e.g. \(example)")
    }
    let column = try group.requiredText("column", example: example)
    guard table.has(column) else {
      throw group.error(
        .unknownValue, "the label column '\(column)' is not a column of \(table.path),", line: group.line(of: "column"),
        remedy: NearestName.hint(column, among: table.columns, kind: "columns"))
    }
    guard let positive = try group.texts("positive", example: example), !positive.isEmpty else {
      throw group.missing("positive", remedy: "add the label of a right positive decision, e.g. \(example)")
    }
    let occurring = table.values(of: column)
    for value in positive where !occurring.contains(value) {
      throw group.error(
        .badValue, "the label '\(value)' never occurs in column '\(column)' of \(table.path),",
        line: group.line(of: "positive"),
        remedy: NearestName.hint(value, among: Array(occurring.prefix(12)), kind: "labels"))
    }
    return (column, positive)
  }

  private func groupings(_ section: FileSection, table: DataTable) throws -> [String] {
    let groupings = try section.texts("groups", example: "'groups: [sex, age]'") ?? []
    var seen: Set<String> = []
    for column in groupings {
      guard table.has(column) else {
        throw section.error(
          .unknownValue, "'groups' names '\(column)', which is not a column of \(table.path),",
          line: section.line(of: "groups"), remedy: NearestName.hint(column, among: table.columns, kind: "columns"))
      }
      guard seen.insert(column).inserted else {
        throw section.error(
          .duplicate, "'groups' names '\(column)' twice", line: section.line(of: "groups"), remedy: "name it once")
      }
    }
    return groupings
  }
}
