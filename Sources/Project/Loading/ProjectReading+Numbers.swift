import Analysis

/// Models that give a number: its unit and threshold, and labels that are numbers.
extension ProjectReading {
  /// The unit and threshold of a number under `answers`; nil where the answers are names.
  mutating func number(_ group: FileSection) throws -> PromptSettings.Answers? {
    guard group.entry("unit") != nil || heads == [.regression] else {
      guard group.entry("threshold") == nil else {
        throw group.error(
          .badValue, "'threshold'\(group.under) belongs to a number with its 'unit',",
          line: group.line(of: "threshold"),
          remedy: "write the threshold of answers, in logits, as 'evaluation › threshold'")
      }
      return nil
    }
    guard let unit = try group.text("unit", example: "'unit: points'") else {
      throw group.missing(
        "unit", remedy: "this model gives a number (regression in config.json): add its unit, e.g. 'unit: points'")
    }
    for key in ["positive", "negative"] where group.entry(key) != nil {
      throw group.error(
        .badValue, "'\(key)' stands beside 'unit'\(group.under),", line: group.line(of: key),
        remedy: "a number has a unit and no answers: remove '\(key)', or 'unit' where the model has classes")
    }
    if let other = heads.first(where: { $0 != .regression }) {
      throw group.error(
        .badValue, "'unit' is given\(group.under), and the models give no number (config.json: \(other.rawValue)),",
        line: group.line(of: "unit"), remedy: "name 'positive' and 'negative' answers instead")
    }
    guard Self.isUnit(unit) else {
      throw group.error(
        .badValue, "'unit' is \(VisibleText.quoted(unit))\(group.under),", line: group.line(of: "unit"),
        remedy: "write a word of at most 24 letters, digits, spaces and % € $ £ ° / . -, e.g. 'unit: EUR a year'")
    }
    if let other = self.unit, other != unit {
      throw group.error(
        .badValue, "'unit' is \(VisibleText.quoted(unit))\(group.under), and \(VisibleText.quoted(other)) elsewhere,",
        line: group.line(of: "unit"), remedy: "the number of a model has one unit: write the same everywhere")
    }
    self.unit = unit
    let threshold = try group.number("threshold", example: 50, must: "be a number in that unit") { $0.isFinite }
    return PromptSettings.Answers(unit: unit, threshold: threshold)
  }

  /// Whether a text can stand after a number in a sentence.
  private static func isUnit(_ text: String) -> Bool {
    text.count <= 24 && text.trimmingWhitespace == text && !text.isEmpty
      && text.allSatisfy { $0.isLetter || $0.isNumber || " %€$£°/.-".contains($0) }
  }

  /// The evaluation of a model that gives a number: the label column holds numbers in the same unit.
  mutating func numbers(
    _ section: FileSection, _ settings: PromptSettings, unit: String, threshold: Double?,
    source: (table: DataTable, template: PromptTemplate, records: [Int])
  ) throws -> Project.Evaluation {
    for key in ["threshold", "predictions"] where section.entry(key) != nil {
      throw section.error(
        .badValue, "'\(key)' stands in an evaluation of numbers,", line: section.line(of: key),
        remedy: key == "threshold"
          ? "write it as 'answers › threshold', in \(unit), so that behaviours decide by it, too"
          : "remove it: predictions of a number are not held against the engine yet")
    }
    let table = source.table
    let (column, labels, leftOut) = try numberLabels(section, table: table, records: source.records)
    let records = labels.map(\.record)
    let (groupings, comparison, special) = try groups(section, table: table, records: records)
    try checkGroups(groupings, table: table, records: records, label: column, section: section)
    if source.template.fields.contains(column), let line = settings.template?.line {
      warn(
        "the template holds the label column '{\(column)}': the prompt tells the model the right answer; take the field out",
        line: line)
    }
    if Set(labels.map(\.number)).count == 1 {
      warn(
        "all \(labels.count) records of the evaluation have the same label, so that there is no R²", line: section.line)
    }
    for doubt in GroupDoubts(table: table, records: records, label: column).doubts(groupings) {
      warn(doubt, line: section.line(of: "groups"))
    }
    return Project.Evaluation(
      dataset: table.name + settings.filter.description
        + (leftOut == 0 ? "" : " (\(leftOut) without a label left out)"),
      label: column, positive: [], negative: [], prepend: settings.prepend,
      specialTokens: settings.specialTokensInForce, threshold: threshold, unit: unit, groupings: groupings,
      comparison: comparison,
      examples: labels.map { record, number in
        EvaluationPlan.Example(
          name: "record \(record + 1)", prompt: source.template.prompt(table, record: record),
          positive: threshold.map { number > $0 }, number: number,
          groups: Dictionary(groupings.map { ($0, Self.groupName(table.value(record, $0) ?? "")) }) { first, _ in first
          })
      }, labels: [], assumedNegative: nil, predictions: nil, specialCategories: special)
  }

  /// The label of each record that has one, as a number.
  private func numberLabels(_ section: FileSection, table: DataTable, records: [Int]) throws -> (
    column: String, labels: [(record: Int, number: Double)], leftOut: Int
  ) {
    let example = "'label: {column: score}'"
    guard let group = try section.section("label", allowed: ["column", "positive", "negative", "ignore"]) else {
      throw section.missing("label", remedy: "add e.g. \(example)")
    }
    for key in ["positive", "negative"] where group.entry(key) != nil {
      throw group.error(
        .badValue, "'\(key)' stands\(group.under), and the label of a number is a number,", line: group.line(of: key),
        remedy: "remove it; which numbers count as positive says 'answers › threshold'")
    }
    let column = try group.requiredText("column", example: example)
    guard table.has(column) else {
      throw group.error(
        .unknownValue, "the label column '\(column)' is not a column of \(table.path),", line: group.line(of: "column"),
        remedy: table.hint(column))
    }
    let ignored = Set(
      (try group.texts("ignore", example: "'ignore: [\"\", NA]'", allowingEmpty: true) ?? []).map(ExactText.init))
    let kept = records.filter { !ignored.contains(ExactText(table.value($0, column) ?? "")) }
    let read = kept.map { (record: $0, number: Self.plainNumber(table.value($0, column) ?? "")) }
    let wrong = read.filter { $0.number == nil }
    if let first = wrong.first {
      let value = table.value(first.record, column) ?? ""
      throw group.error(
        .badValue,
        "the label column '\(column)' of \(table.path) has values that are no numbers in \(wrong.count) of \(kept.count) records, first "
          + "\(VisibleText.quoted(value)) in line \(table.lines[first.record]),", line: group.line,
        remedy: value.contains(",")
          ? "write numbers with a decimal point and without separators, e.g. 1234.5"
          : "correct the file, or name what stands for \"not known\" under 'ignore'")
    }
    guard !kept.isEmpty else {
      throw group.error(
        .badData, "no record of the evaluation has a label: 'ignore' leaves all \(records.count) out", line: group.line,
        remedy: "correct 'ignore', or 'where'")
    }
    return (column, read.compactMap { record in record.number.map { (record.record, $0) } }, records.count - kept.count)
  }

  /// A number as files write it: digits with a decimal point, sign and exponent; nil for anything else, `nan`, `inf` and `0x1p3` too.
  private static func plainNumber(_ text: String) -> Double? {
    guard !text.isEmpty, text.utf8.allSatisfy({ "0123456789.+-eE".utf8.contains($0) }), let number = Double(text),
      number.isFinite
    else { return nil }
    return number
  }
}
