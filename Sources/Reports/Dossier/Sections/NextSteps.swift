import Evidence
import Project

/// What a person does next, in the order of doing it: every step follows from a fact of this dossier and ends where the fact does.
struct NextSteps {
  let context: DossierContext

  private var text: InterfaceText { context.text }

  /// The steps; the last one is to sign.
  var blocks: [Block] {
    [.list([unanswered, otherPlan, compare, missing, stale, unsigned, roles, sign].compactMap { $0 })]
  }

  private var unanswered: [Inline]? {
    let analyses = context.selection.analyses.filter { $0.run == nil }.count
    let needsEvaluation = context.project.evaluation != nil && context.selection.evaluation == nil
    guard analyses > 0 || needsEvaluation else { return nil }
    let version = context.model.version
    let commands =
      (analyses > 0 ? ["vitrine analyze --model \(version)"] : [])
      + (needsEvaluation ? ["vitrine evaluate --model \(version)"] : [])
    return text.inlines(
      "next.measure", ["commands": .inlines(Array(commands.map { [.code($0)] }.joined(separator: [.text(", ")])))])
  }

  private var otherPlan: [Inline]? {
    let stale = context.selection.stale.filter { !$0.isCited }.count
    return stale == 0 ? nil : text.inlines("next.measure-again", ["n": .count(stale)])
  }

  /// Each change that was not foreseen stands in the comparison, which this file does not hold, and with it the questions for a person.
  private var compare: [Inline]? {
    guard let before = context.model.supersedes else { return nil }
    let decided = context.dossier.changeHistory?.contains {
      $0.before == before && $0.after == context.model.version && $0.isInForce != false
    }
    return decided == true
      ? nil
      : text.inlines(
        "next.compare",
        [
          "command": .code("vitrine diff \(before) \(context.model.version)"),
          "n": .count(context.since?.outcome.count ?? 0),
        ])
  }

  private var missing: [Inline]? {
    let missing = context.dossier.counts.missing
    return missing == 0
      ? nil
      : text.inlines(
        "next.write", ["n": .count(missing), "link": .link(text.words("owed.heading"), to: "#brief-missing")])
  }

  private var stale: [Inline]? {
    let files = Set(context.dossier.staleStatements.map(\.file)).count
    return files == 0
      ? nil
      : text.inlines(
        "next.read-again", ["n": .count(files), "link": .link(text.words("history.stale"), to: "#history-stale")])
  }

  private var unsigned: [Inline]? {
    let signed = Set(context.signatures.map(\.run))
    let left = context.selection.cited.filter { !signed.contains($0.record.id) }.count
    return left == 0
      ? nil : text.inlines("next.sign-runs", ["n": .count(left), "command": .code("vitrine runs sign")])
  }

  private var roles: [Inline]? {
    let empty = context.dossier.signOff.roles.filter(\.people.isEmpty).map { text.role($0.role) }
    return empty.isEmpty
      ? nil
      : text.inlines(
        "next.name",
        ["roles": .text(empty.joined(separator: ", ")), "key": .code("people"), "file": .code("vitrine.yaml")])
  }

  private var sign: [Inline] {
    text.inlines(
      "next.sign", ["link": .link(text.words("sign-off.heading"), to: "#sign-off"), "command": .code("vitrine sign")])
  }
}
