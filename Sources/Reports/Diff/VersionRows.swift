import Analysis
import Evidence
import Project

/// Every measure of two versions' cited runs, tested as a comparison tests them, for a document of the later version alone.
struct VersionRows {
  /// The measures, overall and by group.
  let rows: [Diff.Row]
  /// What of the change was not foreseen.
  let outcome: EnvelopeOutcome

  /// - Parameter declaration: what the later version's evaluation declares about groups.
  /// - Complexity: O(records · groups), and the tests of each measure.
  init(
    _ before: RunSelection, _ after: RunSelection, declaration: GroupComparison.Declaration, settings: ChangeSettings,
    words: DiffWords
  ) {
    let evaluations = before.evaluation.flatMap { first in
      after.evaluation.flatMap { try? EvaluationComparison(first, $0) }
    }
    let plan = after.evaluation?.record.evaluationPlan ?? before.evaluation?.record.evaluationPlan
    var drafts = after.analyses.flatMap { behaviour, run -> [RowDraft] in
      guard let run, let first = before.analyses.first(where: { $0.behaviour.id == behaviour.id })?.run,
        let comparison = try? BehaviourComparison(first, run)
      else { return [] }
      return comparison.drafts(PromptGroups(plan))
    }
    drafts += evaluations?.drafts(PromptGroups(plan, intersections: declaration.intersections)) ?? []
    rows = Verdicts(settings: settings, favourable: declaration.favourable).applied(
      to: drafts.map { $0.tested(settings) })
    let identities = [before, after].map { $0.cited.last?.record.model }
    outcome = EnvelopeOutcome(
      facts: Diff.ModelChange.Fact.between(identities[0], identities[1]), rows: rows, settings: settings, words: words)
  }
}

/// What of a change was not foreseen: facts of the model that may not change, measures beyond their limits or not shown to lie within, and
/// limits that nothing measured answers.
struct EnvelopeOutcome {
  /// Facts of the model, as sentences.
  let facts: [String]
  /// Measures beyond their limits, or not shown to lie within.
  let rows: [Diff.Row]
  /// Declared limits that nothing on both sides answers.
  let unanswered: [ChangeSettings.Limit]
  private let words: DiffWords

  init(facts: [Diff.ModelChange.Fact], rows: [Diff.Row], settings: ChangeSettings, words: DiffWords) {
    self.words = words
    self.facts = facts.compactMap { fact in
      guard !fact.isEqual, let part = fact.part, !settings.mayChange.contains(part) else { return nil }
      let change = fact.before.count == 64 ? "is another one" : "was \(fact.before) and is \(fact.after)"
      return "\(fact.subject) \(change), and 'may_change' does not name \(part.rawValue)"
    }
    self.rows = rows.filter { [.beyond, .notShownInside].contains($0.envelope.state) }
    unanswered = settings.envelope.filter { limit in
      !rows.contains {
        limit.covers($0.measure, behaviour: $0.behaviour, grouping: $0.grouping, group: $0.group)
      }
    }
  }

  /// How much was not foreseen.
  var count: Int { facts.count + rows.count + unanswered.count }

  /// A sentence for each measure and each limit without an answer.
  var measured: [String] {
    rows.map { "\(words.subject($0)), \(words.difference($0)) \(words.unit($0.measure)): \(words.envelope($0))" }
      + unanswered.map(words.unanswered)
  }
}

extension Diff.ModelChange.Fact {
  /// What two models' identities say of each; empty without both.
  static func between(_ before: ModelIdentity?, _ after: ModelIdentity?) -> [Self] {
    guard let before, let after else { return [] }
    let values: [(name: String, value: (ModelIdentity) -> String)] = [
      ("weights", \.tensorsSha256), ("tokenizer", { $0.tokenizerSha256 ?? "none" }), ("architecture", \.architecture),
      ("layers", { "\($0.layers)" }), ("heads per layer", { "\($0.headsPerLayer)" }),
      ("parameters", { "\($0.parameters)" }),
    ]
    return values.map { Self(name: $0.name, before: $0.value(before), after: $0.value(after)) }
  }

  /// The part of the model that it is a fact of; nil where it is none of the model's own.
  var part: ChangeSettings.ModelPart? {
    switch name {
    case "weights": .weights
    case "tokenizer": .tokenizer
    case "architecture", "layers", "heads per layer", "parameters", "decision threshold": .architecture
    default: nil
    }
  }

  /// As the subject of a sentence.
  var subject: String {
    ["layers", "heads per layer", "parameters"].contains(name) ? "the number of \(name)" : "the \(name)"
  }
}
