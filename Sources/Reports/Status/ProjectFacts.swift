public import Project

/// What `vitrine.yaml` itself says under item 1(a), so that nobody has to write it twice.
public struct ProjectFacts: Sendable, Equatable {
  /// One fact of the project file.
  public struct Fact: Sendable, Equatable {
    /// The key it stands under, e.g. `system › provider`.
    public var key: String
    /// What it says.
    public var text: String
    /// The element of item 1(a) that it declares.
    public var element: String
  }

  /// The item that facts declare.
  public static let item = "1(a)"

  /// The model version that the dossier is about.
  public var modelVersion: String
  /// The facts that the file gives. What it does not give is not here.
  public var facts: [Fact]
  /// The columns of groups that are declared to be special categories of personal data.
  public var specialCategories: [String] = []

  /// Facts from their parts.
  public init(modelVersion: String, facts: [Fact] = []) {
    self.modelVersion = modelVersion
    self.facts = facts
  }

  /// Reads a project's facts for one model version.
  /// - Throws: `ReportsError` `unknownVersion` if the project has no such version.
  public init(project: Project, modelVersion: String) throws {
    guard let model = project.models.first(where: { $0.version == modelVersion }) else {
      let known = project.models.map(\.version)
      throw ReportsError(
        .unknownVersion,
        "vitrine.yaml has no model version '\(modelVersion)'\(Nearest.hint(modelVersion, among: known)) It has "
          + "\(known.joined(separator: ", ")).")
    }
    self.init(system: project.system, model: model)
    specialCategories = project.evaluation?.specialCategories ?? []
  }

  /// Facts of a system and one of its model versions.
  init(system: Project.System, model: Project.ModelVersion) {
    let candidates: [(key: String, text: String?, element: String)] = [
      ("system › intended_purpose", system.intendedPurpose, "intended-purpose"),
      ("system › provider", system.provider, "provider-name"),
      ("models › \(model.version)", model.version, "version"),
      ("models › \(model.version) › supersedes", model.supersedes, "relation-to-previous-versions"),
    ]
    modelVersion = model.version
    facts = candidates.compactMap { candidate in
      guard let text = candidate.text, !text.allSatisfy(\.isWhitespace) else { return nil }
      return Fact(key: candidate.key, text: text, element: candidate.element)
    }
  }

  /// The key of `vitrine.yaml` that would declare an element, whether or not it is given.
  static func key(item: String, element: String, modelVersion: String) -> String? {
    guard item == Self.item else { return nil }
    return switch element {
    case "intended-purpose": "system › intended_purpose"
    case "provider-name": "system › provider"
    case "version": "models › \(modelVersion)"
    case "relation-to-previous-versions": "models › \(modelVersion) › supersedes"
    default: nil
    }
  }
}
