import Analysis

extension ProjectReading {
  /// `evaluation`: the labelled data set and its groups.
  /// - Parameter models: the project's versions, of which predictions name one.
  mutating func evaluation(
    _ root: FileSection, defaults: PromptSettings, models: [Project.ModelVersion]
  ) throws -> Project.Evaluation? {
    let keys = ["label", "threshold", "groups", "intersections", "favourable", "predictions"] + Self.promptKeys
    guard let section = try root.section("evaluation", allowed: keys) else { return nil }
    let settings = try promptSettings(section, defaults: defaults)
    let answers = try requiredAnswers(settings, for: "the evaluation", section: section)
    let (table, template, records) = try source(settings, for: "the evaluation", section: section)
    if let unit = answers.unit {
      return try numbers(
        section, settings, unit: unit, threshold: answers.threshold, source: (table, template, records))
    }
    let labels = try labels(section, table: table, records: records)
    let (groupings, comparison, special) = try groups(section, table: table, records: labels.records)
    try checkGroups(groupings, table: table, records: labels.records, label: labels.rule.column, section: section)
    func isPositive(_ record: Int) -> Bool {
      labels.sides[ExactText(table.value(record, labels.rule.column) ?? "")] == .positive
    }
    let examples = labels.records.map { record in
      EvaluationPlan.Example(
        name: "record \(record + 1)", prompt: template.prompt(table, record: record),
        positive: isPositive(record),
        groups: Dictionary(groupings.map { ($0, Self.groupName(table.value(record, $0) ?? "")) }) { first, _ in first })
    }
    let positives = examples.count(where: \.positive)
    if positives == 0 || positives == examples.count {
      warn(
        "all \(examples.count) records of the evaluation have the same label, so discrimination (area under the curve) "
          + "is undefined", line: section.line)
    }
    if let first = examples.first { checkSpacing(of: answers, after: first.prompt, line: section.line) }
    lookThrough(labels, settings, groupings, table: table, section: section)
    for doubt in DataDoubts(table: table, records: labels.records, filter: settings.filter, template: template)
      .evaluation(label: labels.rule.column, isPositive: isPositive)
    {
      warn(doubt, line: section.line)
    }
    let predictions = try predictions(
      section, PredictedRecords(table: table, records: labels.records, template: template, rule: labels.settledRule),
      models: models)
    return Project.Evaluation(
      dataset: table.name + settings.filter.description + labels.leftOutDescription,
      label: "\(labels.rule.column) = \(labels.rule.positive.joined(separator: " or "))",
      positive: answers.positive, negative: answers.negative, prepend: settings.prepend,
      specialTokens: settings.specialTokensInForce,
      threshold: try threshold(section),
      groupings: groupings, comparison: comparison, examples: examples, labels: labels.counts,
      assumedNegative: labels.assumed, predictions: predictions, specialCategories: special)
  }

  /// No two groups may look alike and not be.
  func checkGroups(_ groupings: [String], table: DataTable, records: [Int], label: String, section: FileSection) throws
  {
    guard let fault = GroupDoubts(table: table, records: records, label: label).error(groupings) else { return }
    throw section.error(
      .badData, fault + ",", line: section.line(of: "groups"),
      remedy: "write them alike in the file (with Python: `unicodedata.normalize('NFC', text)`)")
  }

  /// Notes what is odd about answers beside labels, the template's columns and its end, and the groups.
  private mutating func lookThrough(
    _ labels: Labels, _ settings: PromptSettings, _ groupings: [String], table: DataTable, section: FileSection
  ) {
    guard let template = settings.template, let answers = settings.answers else { return }
    let column = labels.rule.column
    if template.value.fields.contains(column) {
      warn(
        "the template holds the label column '{\(column)}': the prompt tells the model the right answer; take the field out",
        line: template.line)
    }
    if let doubt = TemplateDoubts(template: template.value, columns: table.columns)
      .ending(in: answers.positive + answers.negative)
    {
      warnOnce(doubt, line: template.line)
    }
    for doubt in AnswerDoubts(positive: answers.positive, negative: answers.negative)
      .against(labels.rule, sides: labels.sides, areClasses: isClassifier)
    {
      warn(doubt, line: section.line)
    }
    for doubt in GroupDoubts(table: table, records: labels.records, label: column).doubts(groupings) {
      warn(doubt, line: section.line(of: "groups"))
    }
  }

  /// The threshold, a decision value in logits.
  private mutating func threshold(_ section: FileSection) throws -> Double? {
    let threshold = try section.number("threshold", example: 0, must: "be a number of logits, e.g. 0 for even odds") {
      _ in true
    }
    guard let threshold else { return nil }
    let written = section.entry("threshold").map { FileSection.describe($0.node) } ?? "\(threshold)"
    if let doubt = ThresholdDoubt(logits: threshold, written: written).text {
      warn(doubt, line: section.line(of: "threshold"))
    }
    return threshold
  }

  /// How a group is called: by its value, and one without a value `(empty)`, as files themselves write it.
  static func groupName(_ value: String) -> String { value.allSatisfy(\.isWhitespace) ? "(empty)" : value }

  /// What the labels of the selected records mean.
  private struct Labels {
    let rule: LabelRule
    let sides: [ExactText: LabelRule.Side]
    let assumed: String?
    /// The selected records that have a label.
    let records: [Int]
    let counts: [Project.Evaluation.LabelCount]

    /// The rule with every value declared.
    var settledRule: LabelRule {
      var settled = rule
      if let assumed { settled.negative = [assumed] }
      return settled
    }

    /// ` (12 without a label left out: 10 '', 2 'NA')`, or nothing.
    var leftOutDescription: String {
      let out = counts.filter { $0.meaning == .ignored }
      guard !out.isEmpty else { return "" }
      let list = out.map { "\($0.count) '\($0.value)'" }.joined(separator: ", ")
      return " (\(out.reduce(0) { $0 + $1.count }) without a label left out: \(list))"
    }
  }

  private mutating func labels(_ section: FileSection, table: DataTable, records: [Int]) throws -> Labels {
    let (rule, group) = try rule(section, table: table)
    let occurrences = LabelRule.occurrences(of: rule.column, in: table, records: records)
    switch rule.read(occurrences) {
    case .undeclared(let values):
      throw group.error(
        .badValue,
        "the label column '\(rule.column)' of \(table.path) has values that are neither positive nor negative: "
          + Self.list(values, of: table) + ",", line: group.line,
        remedy: rule.remedy(values, among: occurrences))
    case .settled(let sides, let assumed):
      let kept = records.filter { sides[ExactText(table.value($0, rule.column) ?? "")] != .ignored }
      guard !kept.isEmpty else {
        throw group.error(
          .badData, "no record of the evaluation has a label: 'ignore' leaves all \(records.count) out",
          line: group.line,
          remedy: "correct 'ignore', or 'where'")
      }
      let counts = occurrences.map { occurrence in
        let meaning: Project.Evaluation.LabelCount.Meaning =
          switch sides[ExactText(occurrence.value)] {
          case .positive: .positive
          case .ignored: .ignored
          default: .negative
          }
        return Project.Evaluation.LabelCount(value: occurrence.value, count: occurrence.count, meaning: meaning)
      }
      return Labels(rule: rule, sides: sides, assumed: assumed, records: kept, counts: counts)
    }
  }

  /// `'approve.' (1 record, first in line 3; did you mean 'approve'?), '' (2 records, first in line 5)`.
  private static func list(_ values: [LabelRule.Undeclared], of table: DataTable) -> String {
    let shown = values.prefix(20).map { value in
      let occurrence = value.occurrence
      let count = occurrence.count == 1 ? "1 record" : "\(occurrence.count) records"
      let near =
        value.near.map { "; did you mean \(VisibleText.quoted($0.value, among: [occurrence.value]))?" } ?? ""
      let text = VisibleText.quoted(occurrence.value, among: value.near.map { [$0.value] } ?? [])
      return "\(text) (\(count), first in line \(table.lines[occurrence.first])\(near))"
    }
    return shown.joined(separator: ", ") + (values.count > 20 ? " and \(values.count - 20) more" : "")
  }

  private mutating func rule(_ section: FileSection, table: DataTable) throws -> (LabelRule, FileSection) {
    let example = "'label: {column: outcome, positive: approve, negative: decline}'"
    guard let group = try section.section("label", allowed: ["column", "positive", "negative", "ignore"]) else {
      throw section.missing("label", remedy: "add e.g. \(example)")
    }
    let column = try group.requiredText("column", example: example)
    guard table.has(column) else {
      throw group.error(
        .unknownValue, "the label column '\(column)' is not a column of \(table.path),", line: group.line(of: "column"),
        remedy: table.hint(column))
    }
    guard let positive = try group.texts("positive", example: example), !positive.isEmpty else {
      throw group.missing("positive", remedy: "add the label of a right positive decision, e.g. \(example)")
    }
    let negative = try group.texts("negative", example: example)
    guard negative?.isEmpty != true else {
      throw group.missing("negative", remedy: "name at least one value, or remove the key")
    }
    let ignored = try group.texts("ignore", example: "'ignore: [\"\", NA]'", allowingEmpty: true) ?? []
    var seen: Set<ExactText> = []
    for (key, values) in [("positive", positive), ("negative", negative ?? []), ("ignore", ignored)] {
      for value in values where !seen.insert(ExactText(value)).inserted {
        throw group.error(
          .duplicate, "the label '\(value)' is declared twice\(group.under)", line: group.line(of: key),
          remedy: "let each value stand once, under 'positive', 'negative' or 'ignore'")
      }
    }
    let occurring = table.values(of: column)
    let exact = Set(occurring.map(ExactText.init))
    for value in positive where !exact.contains(ExactText(value)) {
      throw group.error(
        .badValue, "the label '\(value)' never occurs in column '\(column)' of \(table.path),",
        line: group.line(of: "positive"),
        remedy: NearestName.hint(value, among: Array(occurring.prefix(12)), kind: "labels"))
    }
    for value in positive + (negative ?? [])
    where value != "-" && (LabelRule.isCode(value) || ValueDoubts.isMissing(value)) {
      warn(
        "the label '\(value)' is declared as \(positive.contains(value) ? "positive" : "negative"), and tables have it where nothing is "
          + "known; if that is meant, name it under 'ignore'", line: group.line)
    }
    // Harmless by itself: a misspelt one leaves a value undeclared, which is an error.
    for value in negative ?? [] where !exact.contains(ExactText(value)) {
      warn(
        "the label '\(value)' never occurs in column '\(column)' of \(table.path)", line: group.line(of: "negative"))
    }
    return (LabelRule(column: column, positive: positive, negative: negative, ignored: ignored), group)
  }
}
