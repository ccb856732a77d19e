import Foundation
import Templates

/// One document that is written beside the dossier, as `extracts.yaml` describes it.
struct ExtractDefinition: Sendable, Equatable {
  /// In which form it is written.
  enum Format: String, Sendable, CaseIterable {
    case md
    case html
  }

  /// A fact of the project file or the runs.
  enum Fact: String, Sendable, CaseIterable {
    case system, provider, purpose, version, supersedes, changes, digest, architecture
    case placedOnMarket = "placed-on-market"
  }

  /// A piece of what was measured or is explained.
  enum Measured: String, Sendable, CaseIterable {
    case decisions, overall, groups, limits, reading
  }

  /// One headed part.
  struct Part: Sendable, Equatable {
    /// The passage of the law it follows, if it follows one.
    var provision: String?
    /// Its heading, if it follows none.
    var heading: String?
    /// A sentence of ours.
    var says: String?
    /// Facts, in order.
    var facts: [Fact]
    /// Item and element, in order.
    var elements: [(item: String, element: String)]
    /// Measurements, in order.
    var measured: [Measured]
    /// What the provider has to write.
    var blanks: [String]

    static func == (left: Part, right: Part) -> Bool {
      left.provision == right.provision && left.heading == right.heading && left.says == right.says
        && left.facts == right.facts && left.measured == right.measured && left.blanks == right.blanks
        && left.elements.elementsEqual(right.elements) { $0 == $1 }
    }
  }

  /// The file's name without its ending.
  var id: String
  /// The title, before the system's name.
  var title: String
  /// What it is, in a paragraph.
  var scope: String
  /// In which forms.
  var formats: [Format]
  /// Passages of the law that introduce it.
  var introduction: [String]
  /// Its parts, in order.
  var parts: [Part]
}

/// Reads `extracts.yaml` strictly: whatever it names must exist.
struct ExtractReader {
  let catalogue: LawCatalogue
  /// Where texts in braces are looked up.
  let text: InterfaceText

  /// The file's name in both template folders.
  static let fileName = "extracts.yaml"

  /// The installed definitions, or a project's, which may add to them and leave out none of what an installed document says.
  /// - Throws: `ReportsError` naming file, line and key.
  func read(overrides: TemplateOverrides) throws -> [ExtractDefinition] {
    let installed = try read(TextFile.read(Templates.url("dossier/\(Self.fileName)"), as: Self.fileName))
    guard let yaml = try overrides.text(Self.fileName) else { return installed }
    return try read(yaml).map { definition in
      try ExtractGuard(installed: installed).check(definition)
      return definition
    }
  }

  /// The definitions of a text.
  func read(_ yaml: String) throws -> [ExtractDefinition] {
    let file = try StrictMapping(yaml: yaml, file: Self.fileName, keys: ["schema", "extracts"])
    guard try file.text("schema") == "vitrine.extracts/1" else {
      throw file.error(.badValue, at: "schema", "'schema' must be 'vitrine.extracts/1'.")
    }
    let keys = ["id", "title", "scope", "formats", "introduction", "parts"]
    var found: [ExtractDefinition] = []
    for node in try file.mappings("extracts", keys: keys) {
      let definition = try definition(node)
      guard !found.contains(where: { $0.id == definition.id }) else {
        throw node.error(.duplicate, at: "id", "the id '\(definition.id)' is given twice; keep one.")
      }
      found.append(definition)
    }
    return found
  }

  private func definition(_ node: StrictMapping) throws -> ExtractDefinition {
    let id = try node.text("id")
    guard id.allSatisfy({ $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }), id != "dossier" else {
      throw node.error(
        .badValue, at: "id", "'\(id)' must be lower-case words joined by hyphens, and not 'dossier': it names a file.")
    }
    let introduction = try node.optionalTexts("introduction") ?? []
    for name in introduction { try require(name, node, "introduction") }
    return ExtractDefinition(
      id: id, title: try ours(node.text("title"), node, "title"),
      scope: try ours(node.text("scope"), node, "scope"),
      formats: try node.choices("formats", of: ExtractDefinition.Format.self), introduction: introduction,
      parts: try node.mappings(
        "parts", keys: ["provision", "heading", "says", "facts", "elements", "measured", "blanks"]
      ).map(part))
  }

  private func part(_ node: StrictMapping) throws -> ExtractDefinition.Part {
    let provision = try node.optionalText("provision")
    let heading = try node.optionalText("heading")
    guard (provision == nil) != (heading == nil) else {
      throw node.error(.missingKey, at: "provision", "a part has either a 'provision' or a 'heading'.")
    }
    if let provision { try require(provision, node, "provision") }
    return ExtractDefinition.Part(
      provision: provision, heading: try heading.map { try ours($0, node, "heading") },
      says: try node.optionalText("says").map { try ours($0, node, "says") },
      facts: try choices("facts", node), elements: try elements(node), measured: try choices("measured", node),
      blanks: try (node.optionalTexts("blanks") ?? []).map { try ours($0, node, "blanks") })
  }

  /// Words as they stand in the file, or `{section.key}` for those of the interface text.
  private func ours(_ words: String, _ node: StrictMapping, _ key: String) throws -> String {
    guard let name = Self.key(in: words) else {
      // The words of a project's own file: what it may not say in a file of text it may not say here.
      if let problem = MessageCheck.unprintable(words) {
        throw node.error(.badValue, at: key, "'\(key)' \(problem).")
      }
      if let claim = ClaimLinter(text.claims).violation(in: words) {
        throw node.error(
          .forbiddenClaim, at: key,
          "'\(key)' says \"\(claim)\", which no measurement supports. If these are words of the provider, put them into a statement."
        )
      }
      return words
    }
    guard let found = text.plain(name) else {
      throw node.error(
        .badValue, at: key,
        "'{\(name)}' is no text without placeholders in \(InterfaceText.folderName)/\(text.language)/"
          + Nearest.hint(name, among: Array(text.messages.keys)))
    }
    return found
  }

  /// The key that a text in braces names.
  static func key(in words: String) -> String? {
    guard words.beginsWith("{"), words.endsWith("}") else { return nil }
    return String(words.unicodeScalars.dropFirst().dropLast())
  }

  private func choices<Choice: RawRepresentable & CaseIterable>(_ key: String, _ node: StrictMapping) throws
    -> [Choice] where Choice.RawValue == String
  {
    try node.optionalTexts(key) == nil ? [] : node.choices(key, of: Choice.self)
  }

  private func require(_ provision: String, _ node: StrictMapping, _ key: String) throws {
    guard catalogue.provision(provision) != nil else {
      throw node.error(
        .badValue, at: key,
        "the catalogue has no provision '\(provision)'\(Nearest.hint(provision, among: catalogue.provisions.map(\.id)))"
      )
    }
  }

  private func elements(_ node: StrictMapping) throws -> [(item: String, element: String)] {
    try (node.optionalTexts("elements") ?? []).map { name in
      let parts = name.split(separator: " ").map(String.init)
      guard parts.count == 2, let item = catalogue.item(parts[0]), item.element(parts[1]) != nil else {
        let known = catalogue.items.flatMap { item in item.elements.map { "\(item.id) \($0.id)" } }
        throw node.error(
          .unknownElement, at: "elements", "Annex IV has no element '\(name)'\(Nearest.hint(name, among: known))")
      }
      return (parts[0], parts[1])
    }
  }
}
