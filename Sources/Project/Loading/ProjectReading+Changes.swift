import Analysis

extension ProjectReading {
  /// `changes`: what counts as a change between versions, and the declared envelope. A limit of something that is never
  /// compared would silently limit nothing, so behaviours and groupings must be the project's.
  func changes(
    _ root: FileSection, behaviours: [Project.Behaviour], groupings: [String]
  ) throws -> ChangeSettings {
    let keys = ["confidence", "correction", "power", "margins", "may_change", "envelope"]
    var settings = ChangeSettings.standard
    guard let section = try root.section("changes", allowed: keys) else { return settings }
    settings.isDeclared = true
    let isShare = { (value: Double) in value > 0 && value < 1 }
    settings.confidence =
      try section.number("confidence", example: 0.95, must: "lie between 0.5 and 1") { $0 > 0.5 && $0 < 1 }
      ?? settings.confidence
    settings.power =
      try section.number("power", example: 0.8, must: "lie between 0.5 and 1") { $0 > 0.5 && $0 < 1 } ?? settings.power
    if let name = try section.text("correction", example: "'correction: holm'") {
      settings.correction = try named(name, "correction", section)
    }
    if let margins = try section.section("margins", allowed: ["decision_value", "share"]) {
      settings.decisionValueMargin =
        try margins.number("decision_value", example: 0.1, must: "be above 0") { $0 > 0 }
        ?? settings.decisionValueMargin
      settings.shareMargin =
        try margins.number("share", example: 0.05, must: "lie between 0 and 1", isShare) ?? settings.shareMargin
    }
    if let names = try section.texts("may_change", example: "'may_change: [weights]'") {
      settings.mayChange = try names.map { try named($0, "may_change", section) }
    }
    let example = "'- {measure: effect, behaviour: …, from: -0.1, to: 0.1}'"
    let names = behaviours.map(\.id)
    settings.envelope =
      try section.sections(
        "envelope", allowed: ["measure", "behaviour", "grouping", "group", "from", "to"], example: example
      )?.map { try limit($0, behaviours: names, groupings: groupings, example: example) } ?? []
    return settings
  }

  private func limit(
    _ section: FileSection, behaviours: [String], groupings: [String], example: String
  ) throws -> ChangeSettings.Limit {
    let measure: ChangeSettings.Measure = try named(
      section.requiredText("measure", example: example), "measure", section)
    let behaviour = try section.text("behaviour", example: example)
    if let behaviour, !behaviours.contains(behaviour) {
      throw section.error(
        .unknownValue, "'envelope' names the behaviour '\(behaviour)', which the project has not got,",
        line: section.line(of: "behaviour"), remedy: NearestName.hint(behaviour, among: behaviours, kind: "behaviours"))
    }
    if behaviour != nil, measure != .effect, measure != .flips {
      throw section.error(
        .badValue, "'\(measure.rawValue)' is measured on the labelled records, not by behaviour,",
        line: section.line(of: "behaviour"), remedy: "leave 'behaviour' out")
    }
    let (grouping, group) = (
      try section.text("grouping", example: "'grouping: sex'"), try section.text("group", example: "'group: female'")
    )
    if let grouping, !groupings.contains(grouping) {
      throw section.error(
        .unknownValue, "'envelope' names the grouping '\(grouping)', which 'evaluation' has not got under 'groups',",
        line: section.line(of: "grouping"),
        remedy: groupings.isEmpty
          ? "add 'groups: [\(grouping)]' there" : NearestName.hint(grouping, among: groupings, kind: "groupings"))
    }
    if grouping == nil, group != nil {
      throw section.error(
        .missingKey, "'group' without 'grouping'", line: section.line(of: "group"),
        remedy: "name the column too, e.g. 'grouping: sex'")
    }
    func end(_ key: String) throws -> Double {
      guard let value = try section.number(key, example: 0.1, must: "be a number", { _ in true }) else {
        throw section.missing(key, remedy: "write e.g. \(example)")
      }
      return value
    }
    let (from, to) = (try end("from"), try end("to"))
    guard from <= to else {
      throw section.error(
        .badValue, "'from' is \(from), above 'to', \(to),", line: section.line(of: "from"), remedy: "exchange them")
    }
    return ChangeSettings.Limit(
      measure: measure, behaviour: behaviour, grouping: grouping, group: group, from: from, to: to)
  }

  private func named<Choice: RawRepresentable & CaseIterable>(
    _ name: String, _ key: String, _ section: FileSection
  ) throws -> Choice where Choice.RawValue == String {
    if let choice = Choice(rawValue: name) { return choice }
    throw section.error(
      .unknownValue, "unknown value '\(name)' of '\(key)'", line: section.line(of: key),
      remedy: NearestName.hint(name, among: Choice.allCases.map(\.rawValue), kind: "values"))
  }
}
