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
    /// SHA-256 of the record's canonical JSON, hex (nil: an older program did not say).
    public var recordSha256: String?
    /// Whether it is the decision in force about its two versions (nil: an older program did not say).
    public var isInForce: Bool?
    /// The earlier decision that it takes the place of, by name.
    public var supersedes: String?
    /// The later decision that took its place.
    public var supersededBy: String?

    /// The decisions about the changes that led to a version; nil if there are none.
    static func history(
      _ decisions: [ChangeDecision], of model: Project.ModelVersion, in project: Project
    ) -> [ChangeEntry]? {
      var chain: Set<String> = []
      var next: Project.ModelVersion? = model
      while let version = next, chain.insert(version.version).inserted {
        next = version.supersedes.flatMap { name in project.models.first { $0.version == name } }
      }
      let entries = DecisionRegister(decisions, system: project.system.name).entries.filter {
        chain.contains($0.decision.statement.after) && chain.contains($0.decision.statement.before)
      }.map { entry in
        let statement = entry.decision.statement
        return ChangeEntry(
          record: entry.decision.id, before: statement.before, after: statement.after,
          isSubstantial: statement.isSubstantial, reason: statement.reason, name: statement.name,
          function: statement.function, decided: statement.decided, diffSha256: statement.diffSha256,
          recordSha256: (try? CanonicalJSON.encode(entry.decision)).flatMap { try? SHA256.digest(of: $0).hex },
          isInForce: entry.by == nil, supersedes: statement.supersedes, supersededBy: entry.by)
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
          alignment: [.left, .left, .left, .left, .left, .left, .left],
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
              entry.supersededBy.map { text.inlines("changes.superseded", ["by": .code($0)]) }
                ?? text.inlines("changes.in-force"),
              [.code(entry.record)],
            ]
          }))
    ]
  }
}
