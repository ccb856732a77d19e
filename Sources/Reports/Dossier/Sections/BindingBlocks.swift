import Evidence
import Project

/// What is said of cited runs that could not be held against their model.
struct BindingBlocks {
  let context: DossierContext

  private var text: InterfaceText { context.text }

  /// Why runs of this version, or of the one before, were not held against their model.
  private var reasons: [(version: String, reason: ModelNow.Reason)] {
    var found: [(version: String, reason: ModelNow.Reason)] = []
    for run in context.dossier.runs {
      guard let reason = run.binding?.notHeld.flatMap(ModelNow.Reason.init(rawValue:)),
        !found.contains(where: { $0.version == run.modelVersion })
      else { continue }
      found.append((run.modelVersion, reason))
    }
    return found
  }

  /// A notice for each version whose runs were not held against its model; empty if all were.
  var notHeld: [Block] {
    reasons.map { version, reason in
      .notice(
        kind: .note,
        text.inlines(
          "binding.not-held",
          [
            "not": .inline(.strong(text.words("binding.not-held-words"))), "version": .code(version),
            "reason": .text(text.notHeld(reason)),
          ]))
    }
  }

  /// The line of the first page; nil if nothing is cited.
  var definition: Definition? {
    let bound = context.dossier.runs.compactMap(\.binding)
    guard !bound.isEmpty else { return nil }
    let term = text.words("binding.term")
    guard let first = reasons.first else { return Definition(term, text.inlines("binding.weights-held")) }
    return Definition(
      term,
      text.inlines(
        "binding.not-held",
        [
          "not": .inline(.strong(text.words("binding.not-held-words"))), "version": .code(first.version),
          "reason": .text(text.notHeld(first.reason)),
        ]))
  }

  /// What the register says of one run.
  func definitions(of run: Dossier.RunEntry) -> [Definition] {
    guard let binding = run.binding else { return [] }
    let weights =
      binding.notHeld.flatMap(ModelNow.Reason.init(rawValue:)).map { reason in
        text.inlines(
          "binding.run-not-held",
          ["not": .inline(.strong(text.words("binding.not-held-words"))), "reason": .text(text.notHeld(reason))])
      } ?? text.inlines("binding.run-held")
    let digest = TextValue.code(binding.planSha256 ?? "")
    let plan =
      binding.plan == "current"
      ? text.inlines("binding.run-plan-current", ["digest": digest])
      : text.inlines(
        "binding.run-plan-other",
        ["digest": digest, "fields": .code((binding.planDiffers ?? []).joined(separator: ", "))])
    return [Definition(text.words("binding.term"), weights), Definition(text.words("binding.plan"), plan)]
  }
}
