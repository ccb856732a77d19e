import Analysis

/// Which records give a pair.
enum RecordChoice: String, CaseIterable {
  /// Every selected record.
  case all
  /// Those recorded with the clean value.
  case clean
  /// Those recorded with the clean or the counterfactual value.
  case either
}

/// One attribute of the record set to two values.
struct Substitution {
  var field: String
  var clean: String
  var counterfactual: String
  var choice: RecordChoice
  var line: Int
}

extension ProjectReading {
  /// `behaviours`: the decisions to be explained, in the order of the file.
  mutating func behaviours(
    _ root: FileSection, defaults: PromptSettings, analysis: Project.AnalysisSettings
  ) throws -> [Project.Behaviour] {
    let keys = ["id", "question", "substitute", "records", "pairs", "labels"] + Self.promptKeys
    let sections =
      try root.sections("behaviours", allowed: keys, example: "'- id: sex'", atMost: ProjectLimits.behaviours) ?? []
    var lines: [String: Int] = [:]
    var seen: [String: String] = [:]
    var behaviours: [Project.Behaviour] = []
    for section in sections {
      let id = try section.requiredText("id", example: "'id: sex'")
      try checkName(id, of: "behaviour id", in: section, line: section.line(of: "id"))
      if let first = lines[id] {
        throw section.error(
          .duplicate, "two behaviours have the id '\(id)', in line \(first) and", line: section.line(of: "id"),
          remedy: "give each behaviour its own id")
      }
      try checkTwin(id, of: "behaviour id", among: &seen, in: section, line: section.line(of: "id"))
      lines[id] = section.line(of: "id")
      let behaviour = try behaviour(id, section: section, defaults: defaults, analysis: analysis)
      if let twin = behaviours.first(where: { $0.asks(asMuchAs: behaviour) }) {
        warn(
          "the behaviours '\(twin.id)' and '\(id)' have the same pairs and answers; one of them measures nothing new",
          line: section.line(of: "id"))
      }
      behaviours.append(behaviour)
    }
    return behaviours
  }

  private mutating func behaviour(
    _ id: String, section: FileSection, defaults: PromptSettings, analysis: Project.AnalysisSettings
  ) throws -> Project.Behaviour {
    let question = try section.requiredText("question", example: "'question: Does the applicant's sex matter?'")
    let settings = try promptSettings(section, defaults: defaults)
    let answers = try requiredAnswers(settings, for: "behaviour '\(id)'", section: section)
    var behaviour = Project.Behaviour(
      id: id, question: question, construction: "", cleanLabel: "clean", counterfactualLabel: "counterfactual",
      field: nil, positive: answers.positive, negative: answers.negative, unit: answers.unit,
      threshold: answers.threshold, pairs: [], prepend: settings.prepend,
      specialTokens: settings.specialTokensInForce, asRecorded: nil)
    switch (section.entry("substitute") != nil, section.entry("pairs") != nil) {
    case (true, true):
      throw section.error(
        .badValue, "behaviour '\(id)' has both 'substitute' and 'pairs'", line: section.line(of: "pairs"),
        remedy: "keep one of them, or make two behaviours")
    case (false, false):
      throw section.error(
        .missingKey, "behaviour '\(id)' has neither 'substitute' nor 'pairs'", line: section.line(of: "id"),
        remedy: "add e.g. 'substitute: {field: sex, clean: male, counterfactual: female}'")
    case (true, false):
      let substitution = try substitution(section)
      try fill(&behaviour, substituting: substitution, settings: settings, section: section, analysis: analysis)
    case (false, true):
      try fill(&behaviour, withPairsOf: section, analysis: analysis)
    }
    if let labels = try section.section("labels", allowed: ["clean", "counterfactual"]) {
      behaviour.cleanLabel = try labels.text("clean", example: "'clean: sex = male'") ?? behaviour.cleanLabel
      behaviour.counterfactualLabel =
        try labels.text("counterfactual", example: "'counterfactual: sex = female'") ?? behaviour.counterfactualLabel
    }
    if let first = behaviour.pairs.first {
      checkSpacing(of: answers, after: first.clean, line: section.line(of: "id"))
    }
    return behaviour
  }

  // MARK: One attribute substituted in records

  private func substitution(_ section: FileSection) throws -> Substitution {
    guard let group = try section.section("substitute", allowed: ["field", "clean", "counterfactual"]) else {
      throw section.missing("substitute", remedy: "add it")
    }
    let example = "'substitute: {field: sex, clean: male, counterfactual: female}'"
    let clean = try group.requiredText("clean", example: example)
    let counterfactual = try group.requiredText("counterfactual", example: example)
    guard ExactText(clean) != ExactText(counterfactual) else {
      throw group.error(
        .badValue, "'clean' and 'counterfactual' are both '\(clean)'\(group.under)", line: group.line,
        remedy: "give two different values")
    }
    let written = try section.text("records", example: "'records: all'") ?? RecordChoice.all.rawValue
    guard let choice = RecordChoice(rawValue: written) else {
      throw section.error(
        .unknownValue, "'records' is '\(written)', which is unknown,", line: section.line(of: "records"),
        remedy: NearestName.hint(written, among: RecordChoice.allCases.map(\.rawValue), kind: "choices"))
    }
    return Substitution(
      field: try group.requiredText("field", example: example), clean: clean, counterfactual: counterfactual,
      choice: choice, line: group.line)
  }

  private mutating func fill(
    _ behaviour: inout Project.Behaviour, substituting substitution: Substitution, settings: PromptSettings,
    section: FileSection, analysis: Project.AnalysisSettings
  ) throws {
    let (table, template, selected) = try source(settings, for: "behaviour '\(behaviour.id)'", section: section)
    let field = substitution.field
    guard template.fields.contains(field) else {
      throw section.error(
        .templateField, "the field '\(field)' that behaviour '\(behaviour.id)' substitutes is not in its template,",
        line: substitution.line, remedy: NearestName.hint(field, among: template.fields, kind: "template's fields"))
    }
    let occurring = table.values(of: field)
    let known = Set(occurring.map(ExactText.init))
    for value in [substitution.clean, substitution.counterfactual] where !known.contains(ExactText(value)) {
      let near = NearestName.find(value, among: occurring)
      warn(
        "behaviour '\(behaviour.id)' sets '\(field)' to \(VisibleText.quoted(value, among: [near ?? ""])), a value that never occurs in that column of "
          + "\(table.path); the model may never have seen it"
          + (near.map { "; did you mean \(VisibleText.quoted($0, among: [value]))?" } ?? ""),
        line: substitution.line)
    }
    for doubt in SubstitutionDoubts(table: table, records: selected, template: template, substitution: substitution)
      .doubts
    {
      warn("behaviour '\(behaviour.id)': \(doubt)", line: substitution.line)
    }
    if let line = settings.template?.line,
      let doubt = TemplateDoubts(template: template, columns: table.columns)
        .ending(in: behaviour.positive + behaviour.negative)
    {
      warnOnce(doubt, line: line)
    }
    func has(_ record: Int, _ value: String) -> Bool {
      table.value(record, field).map(ExactText.init) == ExactText(value)
    }
    let eligible = selected.filter { record in
      switch substitution.choice {
      case .all: true
      case .clean: has(record, substitution.clean)
      case .either: has(record, substitution.clean) || has(record, substitution.counterfactual)
      }
    }
    let drawn = SeededDraw.sample(analysis.samples ?? eligible.count, of: eligible.count, seed: analysis.seed)
      .map { eligible[$0] }
    try checkPairs(drawn.count, in: section)
    behaviour.field = field
    behaviour.cleanLabel = "\(field) = \(substitution.clean)"
    behaviour.counterfactualLabel = "\(field) = \(substitution.counterfactual)"
    behaviour.pairs = drawn.map { record in
      AnalysisPlan.Pair(
        name: "record \(record + 1)",
        clean: template.prompt(table, record: record, setting: (field, substitution.clean)),
        counterfactual: template.prompt(table, record: record, setting: (field, substitution.counterfactual)))
    }
    let clean = drawn.count { has($0, substitution.clean) }
    let counterfactual = drawn.count { has($0, substitution.counterfactual) }
    behaviour.asRecorded = .init(
      clean: clean, counterfactual: counterfactual, neither: drawn.count - clean - counterfactual)
    behaviour.construction = construction(
      substitution, records: table.name + settings.filter.description, drawn: drawn.count, of: eligible.count,
      seed: analysis.seed)
  }

  /// How the pairs were made, in one sentence.
  private func construction(
    _ substitution: Substitution, records: String, drawn: Int, of eligible: Int, seed: UInt64
  ) -> String {
    let field = substitution.field
    let recorded =
      switch substitution.choice {
      case .all: ""
      case .clean: ", recorded with \(field) = \(substitution.clean)"
      case .either: ", recorded with \(field) = \(substitution.clean) or \(substitution.counterfactual)"
      }
    let count = drawn == eligible ? "each of the \(eligible)" : "\(drawn) (drawn with seed \(seed)) of the \(eligible)"
    return "\(count) records of \(records)\(recorded), once with \(field) = \(substitution.clean) (clean) "
      + "and once with \(field) = \(substitution.counterfactual) (counterfactual), everything else as recorded"
  }

  // MARK: Pairs written out

  private mutating func fill(
    _ behaviour: inout Project.Behaviour, withPairsOf section: FileSection, analysis: Project.AnalysisSettings
  ) throws {
    for key in ["records", "template", "data", "where"] where section.entry(key) != nil {
      throw section.error(
        .badValue, "'\(key)' has no meaning beside 'pairs' in behaviour '\(behaviour.id)',",
        line: section.line(of: key), remedy: "remove it, or use 'substitute' instead of 'pairs'")
    }
    let groups =
      try section.sections(
        "pairs", allowed: ["name", "clean", "counterfactual"], example: "'- {clean: …, counterfactual: …}'",
        atMost: ProjectLimits.pairs) ?? []
    try checkPairs(groups.count, in: section)
    var pairs: [AnalysisPlan.Pair] = []
    var names: Set<String> = []
    for (position, group) in groups.enumerated() {
      let pair = AnalysisPlan.Pair(
        name: try group.text("name", example: "'name: store'") ?? "pair \(position + 1)",
        clean: try group.requiredText("clean", example: "'clean: \"…\"'"),
        counterfactual: try group.requiredText("counterfactual", example: "'counterfactual: \"…\"'"))
      guard ExactText(pair.clean) != ExactText(pair.counterfactual) else {
        throw group.error(
          .badValue, "the clean and the counterfactual prompt of '\(pair.name)' are the same", line: group.line,
          remedy: "let them differ where the question lies")
      }
      guard names.insert(pair.name).inserted else {
        throw group.error(
          .duplicate, "two pairs of behaviour '\(behaviour.id)' are called '\(pair.name)', the second",
          line: group.line, remedy: "give each pair its own name")
      }
      pairs.append(pair)
    }
    if let (name, text, damage) = Self.damaged(pairs) {
      warnOnce(
        "a prompt of '\(name)' holds \(damage.description): \(VisibleText.quoted(text)); \(damage.remedy)",
        line: section.line(of: "pairs"))
    }
    let drawn = SeededDraw.sample(analysis.samples ?? pairs.count, of: pairs.count, seed: analysis.seed)
    behaviour.pairs = drawn.map { pairs[$0] }
    behaviour.construction =
      drawn.count == pairs.count
      ? "\(pairs.count) prompt pairs written out in \(file)"
      : "\(drawn.count) (drawn with seed \(analysis.seed)) of the \(pairs.count) prompt pairs written out in \(file)"
  }

  /// The first damaged prompt of some pairs.
  private static func damaged(_ pairs: [AnalysisPlan.Pair]) -> (name: String, text: String, damage: TextDamage)? {
    for pair in pairs {
      for text in [pair.clean, pair.counterfactual] {
        if let damage = TextDamage(text) { return (pair.name, text, damage) }
      }
    }
    return nil
  }
}

extension Project.Behaviour {
  /// Whether another behaviour has the same pairs and answers.
  fileprivate func asks(asMuchAs other: Project.Behaviour) -> Bool {
    !pairs.isEmpty && pairs == other.pairs && Set(positive) == Set(other.positive)
      && Set(negative) == Set(other.negative) && prepend == other.prepend && specialTokens == other.specialTokens
  }
}
