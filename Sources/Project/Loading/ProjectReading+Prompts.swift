import Analysis

/// How prompts are made: given under `prompts`, inherited and overridden key by key by behaviours and the evaluation.
struct PromptSettings {
  /// The prompt with its fields, and where it is written.
  var template: (value: PromptTemplate, line: Int)?
  /// The data file, and where it is named.
  var data: (path: String, line: Int)?
  /// Which records are meant.
  var filter = RecordFilter()
  /// Special tokens before each prompt.
  var prepend: [String] = []
  /// Which special tokens are put around each prompt, nil if nothing is said.
  var specialTokens: SpecialTokens?

  /// Where nothing is said, what the model's own tokenizer does, unless `prepend` says what comes first.
  var specialTokensInForce: SpecialTokens { specialTokens ?? (prepend.isEmpty ? .auto : .never) }

  /// What the decision is between, or the unit of a number.
  var answers: Answers?

  /// What the decision is between; of a regression, which gives a number, its unit.
  struct Answers: Equatable {
    /// The answers that count for the decision value; none of a regression.
    var positive: [String] = []
    /// The answers that count against it.
    var negative: [String] = []
    /// The number's unit; nil where there are answers.
    var unit: String?
    /// Above which number a decision is positive; nil: nothing is decided.
    var threshold: Double?
  }
}

extension ProjectReading {
  /// The keys that make prompts.
  static let promptKeys = ["template", "data", "where", "prepend", "special_tokens", "answers"]

  /// `prompts`: the defaults.
  mutating func prompts(_ root: FileSection) throws -> PromptSettings {
    guard let section = try root.section("prompts", allowed: Self.promptKeys) else { return PromptSettings() }
    return try promptSettings(section, defaults: PromptSettings())
  }

  /// The prompt keys of one group, with what it inherits where it is silent.
  mutating func promptSettings(_ section: FileSection, defaults: PromptSettings) throws -> PromptSettings {
    var settings = defaults
    if let source = try section.text("template", example: "'template: \"Applicant {sex}. Decision:\"'") {
      settings.template = (try template(source, section: section), section.line(of: "template"))
    }
    if let path = try section.text("data", example: "'data: data/records.csv'") {
      settings.data = (path, section.line(of: "data"))
    }
    if let filter = try filter(section) { settings.filter = filter }
    if let prepend = try section.texts("prepend", example: "'prepend: [\"<|endoftext|>\"]'") {
      settings.prepend = prepend
    }
    if let specialTokens = try section.choice(
      "special_tokens", { SpecialTokens($0) }, expected: "auto, true or false", example: "auto")
    {
      settings.specialTokens = specialTokens
    }
    if let specialTokens = settings.specialTokens, specialTokens != .never, !settings.prepend.isEmpty {
      let key = section.entry("special_tokens") != nil ? "special_tokens" : "prepend"
      throw section.error(
        .badValue, "both 'prepend' and 'special_tokens: \(specialTokens)' hold here", line: section.line(of: key),
        remedy: "keep one: 'special_tokens' adds what the model's tokenizer says, 'prepend' what you say; "
          + "an inherited one is switched off with 'prepend: []' or 'special_tokens: false'")
    }
    if let answers = try answers(section) { settings.answers = answers }
    return settings
  }

  private mutating func template(_ source: String, section: FileSection) throws -> PromptTemplate {
    let line = section.line(of: "template")
    do {
      let template = try PromptTemplate(source)
      if source.last?.isWhitespace == true {
        warn(
          "the template ends in white space, and the model decides after it; a text block begun with '>-' instead of '>' "
            + "has no line end", line: line)
      }
      return template
    } catch {
      throw section.error(
        .templateField, "bad 'template': \(error.problem)", line: line,
        remedy: "write fields as {column}, and braces of the text itself as {{ and }}")
    }
  }

  private func filter(_ section: FileSection) throws -> RecordFilter? {
    guard let group = try section.section("where", allowed: nil) else { return nil }
    var filter = RecordFilter()
    for entry in group.entries {
      let values = try group.texts(entry, example: "'\(entry.key): value' or '\(entry.key): [value, value]'")
      guard !values.isEmpty else {
        throw group.error(
          .badValue, "'\(entry.key)'\(group.under) has an empty list of values", line: entry.line,
          remedy: "name at least one value, or remove the key")
      }
      filter.conditions.append(.init(column: entry.key, values: values, line: entry.line))
    }
    return filter
  }

  private mutating func answers(_ section: FileSection) throws -> PromptSettings.Answers? {
    guard let group = try section.section("answers", allowed: ["positive", "negative", "unit", "threshold"]) else {
      return nil
    }
    if let number = try number(group) { return number }
    let (positive, negative) = try (side("positive", of: group), side("negative", of: group))
    if negative.isEmpty, positive.count > 1 {
      throw group.error(
        .badValue, "'negative' is empty, and 'positive' has \(positive.count) labels\(group.under),",
        line: group.line(of: "positive"),
        remedy: "each label holds or not by itself: name one, and give every other a behaviour of its own")
    }
    var seen: Set<ExactText> = []
    for answer in positive + negative where !seen.insert(ExactText(answer)).inserted {
      throw group.error(
        .duplicate, "the answer \"\(answer)\" is given twice\(group.under)", line: group.line,
        remedy: "let each answer stand once, on one side")
    }
    for doubt in AnswerDoubts(positive: positive, negative: negative).doubts { warnOnce(doubt, line: group.line) }
    return PromptSettings.Answers(positive: positive, negative: negative)
  }

  /// One side of the answers; it may be empty against a label that holds or not by itself.
  private func side(_ key: String, of group: FileSection) throws -> [String] {
    let examples = ["positive": "'positive: [\" approve\"]'", "negative": "'negative: [\" decline\"]'"]
    let example = examples[key] ?? ""
    let remedy =
      key == "negative" && heads.contains(.multiLabelClassifier)
      ? "add 'negative: []', since each label of this model holds or not by itself"
      : "add e.g. \(example) (the leading space belongs to the answer)"
    guard let answers = try group.texts(key, example: example) else { throw group.missing(key, remedy: remedy) }
    // Of a model that is not there, the engine says so once it is.
    let mayBeEmpty = key == "negative" && heads.allSatisfy(\.asksOneSided)
    guard !answers.isEmpty || mayBeEmpty else { throw group.missing(key, remedy: remedy) }
    return answers
  }

  /// The answers, which have to be there.
  func requiredAnswers(
    _ settings: PromptSettings, for what: String, section: FileSection
  ) throws -> PromptSettings.Answers {
    guard let answers = settings.answers else {
      throw section.error(
        .missingKey, "missing key 'answers' for \(what)", line: section.line,
        remedy: heads == [.regression]
          ? "this model gives a number: add its unit, e.g. 'answers: {unit: points}', there or under 'prompts'"
          : "add 'answers: {positive: [\" yes\"], negative: [\" no\"]}' there or under 'prompts'")
    }
    return answers
  }

  /// Notes answers that would not continue the prompt as the tokenizer saw it in training.
  mutating func checkSpacing(of answers: PromptSettings.Answers, after prompt: String, line: Int) {
    guard let last = prompt.last, !last.isWhitespace else { return }
    // Of a classifier they are names of classes, and continue nothing.
    guard !isClassifier else { return }
    for answer in answers.positive + answers.negative {
      guard let first = answer.first, !first.isWhitespace else { continue }
      let message =
        "the answer \"\(answer)\" has no leading space, though the prompt ends in '\(last)'; "
        + "most tokenizers read \" \(answer)\" and \"\(answer)\" as different tokens"
      warnOnce(message, line: line)
    }
  }

  /// The table, the template and the selected records that a group's settings amount to.
  mutating func source(
    _ settings: PromptSettings, for what: String, section: FileSection
  ) throws -> (table: DataTable, template: PromptTemplate, records: [Int]) {
    guard let template = settings.template else {
      throw section.error(
        .missingKey, "missing key 'template' for \(what)", line: section.line,
        remedy: "add 'template: \"… {column} …\"' there or under 'prompts'")
    }
    guard let data = settings.data else {
      throw section.error(
        .missingKey, "missing key 'data' for \(what)", line: section.line,
        remedy: "add 'data: data/records.csv' there or under 'prompts'")
    }
    let table = try table(data.path, line: data.line)
    for field in template.value.fields where !table.has(field) {
      throw section.error(
        .templateField, "the template's field '{\(field)}' is not a column of \(data.path),", line: template.line,
        remedy: table.hint(field))
    }
    for condition in settings.filter.conditions where !table.has(condition.column) {
      throw section.error(
        .unknownValue, "'where' names '\(condition.column)', which is not a column of \(data.path),",
        line: condition.line, remedy: table.hint(condition.column))
    }
    let records = settings.filter.records(of: table)
    if records.isEmpty { throw noMatch(settings.filter, table: table, section: section) }
    for respelling in settings.filter.respellings(in: table) {
      let line = respelling.condition.line
      guard !respelling.isSure else {
        throw section.error(.badData, respelling.text(table) + ",", line: line, remedy: respelling.remedy)
      }
      warnOnce("\(respelling.text(table)); \(respelling.remedy)", line: line)
    }
    lookThrough(table, records, template, data: data, filter: settings.filter)
    return (table, template.value, records)
  }

  /// Notes what is odd about a file, what selects from it, the template, and the values that fill it; each once.
  private mutating func lookThrough(
    _ table: DataTable, _ records: [Int], _ template: (value: PromptTemplate, line: Int),
    data: (path: String, line: Int), filter: RecordFilter
  ) {
    for doubt in HeaderFault.doubts(table.columns, path: table.path) { warnOnce(doubt, line: data.line) }
    if let cutOff = table.cutOff { warnOnce(cutOff, line: data.line) }
    for condition in filter.conditions {
      let occurring = table.values(of: condition.column)
      for value in condition.values where !occurring.contains(where: { ExactText($0) == ExactText(value) }) {
        warnOnce(
          "'where' names '\(value)', which never occurs in column '\(condition.column)' of \(table.path); "
            + NearestName.hint(value, among: Array(occurring.prefix(12)), kind: "values"), line: condition.line)
      }
    }
    for doubt in TemplateDoubts(template: template.value, columns: table.columns).doubts {
      warnOnce(doubt, line: template.line)
    }
    let fields = template.value.fields
    guard looksFirst(at: "\(table.path)\(filter.description) \(fields)") else { return }
    for doubt in ValueDoubts(table: table, records: records).doubts(fields) { warnOnce(doubt, line: data.line) }
  }

  /// The error for a filter that lets nothing through: names the value that never occurs, if there is one.
  private func noMatch(_ filter: RecordFilter, table: DataTable, section: FileSection) -> ProjectError {
    let culprit = filter.conditions.first { condition in
      !table.values(of: condition.column).contains(where: condition.lets)
    }
    let line = (culprit ?? filter.conditions.first)?.line ?? section.line
    let remedy =
      culprit.map { condition in
        let values = table.values(of: condition.column)
        let shown = values.prefix(12).map(VisibleText.shown).joined(separator: ", ") + (values.count > 12 ? ", …" : "")
        return "the values of '\(condition.column)' are: \(shown)"
      } ?? "each condition holds for some record, but no record meets all of them; loosen one"
    return section.error(
      .badData, "no record of \(table.path) is left by '\(filter.description.dropFirst())'", line: line, remedy: remedy)
  }

  /// Notes that the evaluation and the behaviours put other tokens around their prompts: figures and effects are then of inputs that
  /// the model reads differently.
  mutating func compareBeginnings(
    _ behaviours: [Project.Behaviour], _ evaluation: Project.Evaluation?, root: FileSection
  ) {
    func text(_ prepend: [String], _ special: SpecialTokens) -> String {
      prepend.isEmpty ? "'special_tokens: \(special)'" : "'prepend: \(VisibleText.yaml(prepend))'"
    }
    var asked = behaviours.map { (name: "'\($0.id)'", text: text($0.prepend, $0.specialTokens)) }
    if let evaluation { asked.append(("the evaluation", text(evaluation.prepend, evaluation.specialTokens))) }
    guard let usual = asked.first, let other = asked.first(where: { $0.text != usual.text }) else { return }
    let first = asked.filter { $0.text == usual.text }
    let names = first.count > 3 ? "\(first.count) others" : first.map(\.name).joined(separator: ", ")
    warn(
      "\(other.name) has \(other.text), and \(names) \(first.count > 1 ? "have" : "has") \(usual.text): the model reads other tokens "
        + "around the same prompts; give 'prepend' or 'special_tokens' once, under 'prompts', as the model was trained",
      line: root.line(of: other.name == "the evaluation" ? "evaluation" : "behaviours"))
  }
}
