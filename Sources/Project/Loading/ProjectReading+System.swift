import Analysis
import Evidence
import Foundation

extension ProjectReading {
  /// The points of Annex III of Regulation (EU) 2024/1689.
  static let annexIIIPoints = [
    "1(a)", "1(b)", "1(c)", "2", "3(a)", "3(b)", "3(c)", "3(d)", "4(a)", "4(b)", "5(a)", "5(b)", "5(c)", "5(d)",
    "6(a)", "6(b)", "6(c)", "6(d)", "6(e)", "7(a)", "7(b)", "7(c)", "7(d)", "8(a)", "8(b)",
  ]

  /// `system`: what the AI system is.
  func system(_ root: FileSection) throws -> Project.System {
    let keys = [
      "name", "provider", "intended_purpose", "risk_class", "annex_iii_point", "annex_i", "enterprise",
      "placed_on_market", "financial_institution", "continues_to_learn",
    ]
    guard let section = try root.section("system", allowed: keys) else {
      throw root.missing("system", remedy: "add 'system:' with at least 'name: …' below it")
    }
    let point = try section.text("annex_iii_point", example: "'annex_iii_point: 5(b)'")
    if let point, !Self.annexIIIPoints.contains(point) {
      throw section.error(
        .badValue, "'annex_iii_point' is '\(point)', which is no point of Annex III,",
        line: section.line(of: "annex_iii_point"),
        remedy: "write one of \(Self.annexIIIPoints.joined(separator: ", ")), or leave it out")
    }
    let enterprise = try section.text("enterprise", example: "'enterprise: sme'")
    if let enterprise, !["sme", "smc"].contains(enterprise) {
      throw section.error(
        .badValue, "'enterprise' is '\(enterprise)', which is unknown,", line: section.line(of: "enterprise"),
        remedy: "write sme (small or medium-sized enterprise) or smc (small mid-cap), or leave it out")
    }
    let placed = try section.date(
      "placed_on_market", otherwise: "leave the key out while the system is not on the market")
    return Project.System(
      name: try systemName(section),
      provider: try section.text("provider", example: "'provider: Example Ltd, 1 Example Street, Dublin'"),
      intendedPurpose: try section.text("intended_purpose", example: "'intended_purpose: …'"),
      riskClass: try section.text("risk_class", example: "'risk_class: high-risk'"),
      annexIIIPoint: point, annexI: try section.flag("annex_i") ?? false, enterprise: enterprise,
      placedOnMarket: placed?.description, financialInstitution: try section.flag("financial_institution"),
      continuesToLearn: try section.flag("continues_to_learn"))
  }

  /// The system's name: it becomes part of the bundle's file name, and a line of every document.
  private func systemName(_ section: FileSection) throws -> String {
    let name = try section.requiredText("name", example: "'name: Credit screening'")
    let line = section.line(of: "name")
    guard name.utf8.count <= ProjectLimits.systemNameBytes else {
      throw section.error(
        .badValue, "'name' of the system has \(name.utf8.count) bytes, more than \(ProjectLimits.systemNameBytes),",
        line: line,
        remedy: "give it a short name; what it does goes under 'intended_purpose'")
    }
    if let scalar = name.unicodeScalars.first(where: {
      [.control, .lineSeparator, .paragraphSeparator, .surrogate].contains($0.properties.generalCategory)
    }) {
      throw section.error(
        .badValue,
        "'name' of the system holds the control character U+\(String(scalar.value, radix: 16, uppercase: true)),",
        line: line, remedy: "write the name on one line, in letters")
    }
    return name
  }

  /// `people`: who prepares, reviews and approves.
  func people(_ root: FileSection) throws -> [Project.Person] {
    let known = ["prepared", "reviewed", "approved"]
    let sections =
      try root.sections(
        "people", allowed: ["name", "function", "email", "roles"],
        example: "'- {name: …, function: …, roles: [prepared]}'", atMost: ProjectLimits.people) ?? []
    var people: [Project.Person] = []
    var names: Set<String> = []
    for section in sections {
      let name = try section.requiredText("name", example: "'name: Ada Example'")
      if !names.insert(name).inserted {
        throw section.error(
          .duplicate, "'\(name)' is listed twice under 'people',", line: section.line(of: "name"),
          remedy: "list each person once, with all roles")
      }
      let roles = try section.texts("roles", example: "'roles: [prepared]'") ?? []
      for role in roles where !known.contains(role) {
        throw section.error(
          .unknownValue, "unknown role '\(role)' of \(name)", line: section.line(of: "roles"),
          remedy: NearestName.hint(role, among: known, kind: "roles"))
      }
      people.append(
        Project.Person(
          name: name, function: try section.requiredText("function", example: "'function: Head of Credit Risk'"),
          email: try section.text("email", example: "'email: ada@example.org'"), roles: roles))
    }
    return people
  }

  /// `models`: versions in the order of the file.
  mutating func models(_ root: FileSection) throws -> [Project.ModelVersion] {
    guard let section = try root.section("models", allowed: nil) else { return [] }
    try section.checkCount(
      section.entries.count, atMost: ProjectLimits.models, of: "model versions", line: section.line)
    var models: [Project.ModelVersion] = []
    var (seen, folders): ([String: String], [String: (version: String, path: String)]) = ([:], [:])
    for entry in section.entries {
      try checkName(entry.key, of: "model version", in: section, line: entry.line)
      try checkTwin(entry.key, of: "model version", among: &seen, in: section, line: entry.line)
      let model = try FileSection(
        entry.node, file: file, name: entry.key, line: entry.line,
        allowed: ["folder", "supersedes", "changes", "date", "ignore_tensors"])
      let path = try model.requiredText("folder", example: "'folder: models/\(entry.key)'")
      let place = resolve(path).standardizedFileURL.resolvingSymlinksInPath().path
      if let other = folders[place] {
        let ways = other.path == path ? "" : ", written '\(other.path)' before"
        warn(
          "the models '\(other.version)' and '\(entry.key)' have the same folder '\(path)'\(ways)", line: entry.line)
      } else {
        folders[place] = (entry.key, path)
      }
      let date = try model.date("date", of: " of model '\(entry.key)'")
      models.append(
        Project.ModelVersion(
          version: entry.key, folder: resolve(path), path: path,
          supersedes: try model.text("supersedes", example: "'supersedes: \"1.0\"'"),
          changes: try model.text("changes", example: "'changes: …'"), date: date?.description,
          ignoredTensors: try model.texts("ignore_tensors", example: "'ignore_tensors: [\"v_head.*\"]'") ?? []))
    }
    try checkSuccession(models, section: section)
    heads = Set(models.compactMap { ModelHead.of(folder: $0.folder) })
    return models
  }

  /// A version supersedes one that exists, and not itself, not even by a detour.
  private func checkSuccession(_ models: [Project.ModelVersion], section: FileSection) throws {
    let predecessors = Dictionary(models.map { ($0.version, $0.supersedes) }) { first, _ in first }
    // Versions from which no chain comes back to itself, so that each link is followed once.
    var good: Set<String> = []
    for model in models {
      guard let supersedes = model.supersedes else { continue }
      let line = section.line(of: model.version)
      guard predecessors[supersedes] != nil else {
        throw section.error(
          .unknownValue,
          "model '\(model.version)' supersedes '\(Self.shown(supersedes))', which is not among the models,",
          line: line,
          remedy: NearestName.hint(supersedes, among: models.map(\.version), kind: "versions"))
      }
      var visited: Set<String> = [model.version]
      var next: String? = supersedes
      while let version = next, !good.contains(version) {
        guard visited.insert(version).inserted else {
          throw section.error(
            .badValue, "model '\(model.version)' supersedes itself, directly or through other versions,", line: line,
            remedy: "let 'supersedes' name the earlier version only")
        }
        next = predecessors[version] ?? nil
      }
      good.formUnion(visited)
    }
  }
}
