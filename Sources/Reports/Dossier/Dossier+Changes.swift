import Evidence
import Project

extension Dossier {
  /// A person's signed decision whether one change was a substantial modification.
  public struct ChangeEntry: Codable, Sendable, Equatable {
    /// The entry of the log that holds it with its signature.
    public var record: String
    /// The earlier version.
    public var before: String
    /// The later version.
    public var after: String
    /// Whether the person held it to be a substantial modification.
    public var isSubstantial: Bool
    /// Why, in the person's words.
    public var reason: String
    /// Who decided.
    public var name: String
    /// In which function.
    public var function: String
    /// The day of the decision.
    public var decided: String
    /// SHA-256 of the `diff.json` that the person had, hex.
    public var diffSha256: String

    /// The decisions about the changes that led to a version; nil if there are none.
    static func history(
      _ decisions: [ChangeDecision], of model: Project.ModelVersion, in project: Project
    ) -> [ChangeEntry]? {
      var chain: Set<String> = []
      var next: Project.ModelVersion? = model
      while let version = next, chain.insert(version.version).inserted {
        next = version.supersedes.flatMap { name in project.models.first { $0.version == name } }
      }
      let entries = decisions.filter { chain.contains($0.statement.after) && chain.contains($0.statement.before) }.map {
        let statement = $0.statement
        return ChangeEntry(
          record: $0.id, before: statement.before, after: statement.after, isSubstantial: statement.isSubstantial,
          reason: statement.reason, name: statement.name, function: statement.function, decided: statement.decided,
          diffSha256: statement.diffSha256)
      }
      return entries.isEmpty ? nil : entries
    }
  }
}

/// The change history under Annex IV, point 6: what persons decided, in their words.
struct ChangeHistorySection {
  let context: DossierContext

  /// The table, if there is anything to show.
  var blocks: [Block] {
    let text = context.text
    guard let history = context.dossier.changeHistory else { return [] }
    return [
      .table(
        Table(
          caption: text.words("changes.caption"), header: text.columns("changes.columns"),
          alignment: [.left, .left, .left, .left, .left, .left],
          rows: history.map { entry in
            [
              text.inlines(
                "changes.from-to", ["before": .attributed(entry.before), "after": .attributed(entry.after)]),
              [
                .attributed(
                  entry.isSubstantial
                    ? text.marked(text.words("changes.substantial"), "substantial")
                    : text.marked(text.words("changes.not-substantial"), "not-substantial"))
              ],
              [.attributed(entry.reason)], [.attributed("\(entry.name), \(entry.function)")],
              [.text(text.day(entry.decided))],
              [.code(entry.record)],
            ]
          }))
    ]
  }
}
