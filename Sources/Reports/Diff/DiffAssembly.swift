import Analysis
import Evidence
import Project

/// Turns two sources into the comparison's value.
struct DiffAssembly {
  let inputs: DiffInputs
  /// The words that `diff.json` shares with the page.
  let words: DiffWords

  private var before: DiffSource { inputs.before }
  private var after: DiffSource { inputs.after }

  /// The value that `diff.json` holds.
  func diff() -> Diff {
    var comparison = Compared()
    for behaviour in behaviourIDs { compare(behaviour, &comparison) }
    compareEvaluations(&comparison)
    let rows =
      Verdicts(settings: inputs.settings, favourable: declaration.favourable)
      .applied(to: comparison.drafts.map { $0.tested(inputs.settings) })
      + comparison.untested
    let model = model()
    var diff = Diff(
      schema: Diff.currentSchema, system: after.dossier.system.name, before: side(before), after: side(after),
      settings: settings, outcome: Diff.Outcome(isIdentical: false, counts: [], beyond: []), model: model, rows: rows,
      notCompared: comparison.notCompared, mechanisms: comparison.mechanisms,
      documentation: DocumentationComparison(
        before: before.dossier, after: after.dossier, changed: changedFindings(rows, comparison.mechanisms),
        modelDiffers: model.facts.contains { $0.name == "root digest" && !$0.isEqual }
      ).documentation(), law: LawComparison(before: before.dossier, after: after.dossier).change(),
      approvals: approvals, worksheet: [])
    diff.outcome = outcome(diff)
    diff.worksheet = Worksheet(
      diff: diff, before: before.dossier, after: after.dossier, catalogue: inputs.catalogue, words: words
    ).questions()
    return diff
  }

  /// What one pass over behaviours and evaluation collects.
  private struct Compared {
    var drafts: [RowDraft] = []
    var untested: [Diff.Row] = []
    var mechanisms: [Diff.Mechanism] = []
    var notCompared: [Diff.NotCompared] = []
  }

  // MARK: Sides and settings

  private func side(_ source: DiffSource) -> Diff.Side {
    let own = source.dossier.runs.filter { $0.modelVersion == source.dossier.model.version }.map(\.id)
    return Diff.Side(
      label: source.label, kind: source.kind, modelVersion: source.dossier.model.version,
      rootSha256: source.dossier.model.rootSha256, runs: own, recordsAtHand: own.count { source.run($0) != nil },
      unverified: source.unverified)
  }

  private var settings: Diff.Settings {
    let settings = inputs.settings
    return Diff.Settings(
      confidence: settings.confidence, correction: settings.correction, power: settings.power,
      decisionValueMargin: settings.decisionValueMargin, shareMargin: settings.shareMargin,
      mayChange: settings.mayChange, envelope: settings.envelope, isDeclared: settings.isDeclared)
  }

  // MARK: Behaviours and evaluation

  private var behaviourIDs: [String] {
    var seen: Set<String> = []
    return (after.dossier.behaviours + before.dossier.behaviours).map(\.id).filter { seen.insert($0).inserted }
  }

  private var groups: PromptGroups { PromptGroups(evaluationPlan) }

  private var evaluationPlan: EvaluationPlan? {
    after.run(after.dossier.evaluation?.run)?.record.evaluationPlan
      ?? before.run(before.dossier.evaluation?.run)?.record.evaluationPlan
  }

  /// What the later side declares about groups.
  private var declaration: GroupComparison.Declaration {
    after.dossier.evaluation?.comparison?.declaration ?? GroupComparison.Declaration()
  }

  private func compare(_ id: String, _ compared: inout Compared) {
    func miss(_ reason: String) {
      compared.notCompared.append(Diff.NotCompared(subject: "behaviour \(id)", reason: reason))
    }
    guard let old = before.dossier.behaviours.first(where: { $0.id == id }) else {
      return miss("only version \(after.label) has it")
    }
    guard let new = after.dossier.behaviours.first(where: { $0.id == id }) else {
      return miss("only version \(before.label) has it")
    }
    guard old.run != nil else { return miss("version \(before.label) has no run of it") }
    guard new.run != nil else { return miss("version \(after.label) has no run of it") }
    guard let first = before.run(old.run), let second = after.run(new.run) else {
      compared.untested += UntestedRows(settings: inputs.settings).rows(old, new)
      return miss("the runs' records are not at hand, so values stand side by side and no difference is tested")
    }
    do {
      let comparison = try BehaviourComparison(first, second)
      compared.drafts += comparison.drafts(groups)
      let transfer = inputs.transfers.last {
        $0.before.run == first.record.id && $0.after.run == second.record.id
      }
      compared.mechanisms.append(
        MechanismComparison(
          behaviours: comparison, settings: inputs.settings, transfer: transfer,
          transferNote: transfer.map { "Measured on both models, record \($0.id)." } ?? inputs.transferNote
        ).mechanism())
    } catch { miss(error.reason) }
  }

  private func compareEvaluations(_ compared: inout Compared) {
    func miss(_ reason: String) {
      compared.notCompared.append(Diff.NotCompared(subject: "labelled records", reason: reason))
    }
    guard let old = before.dossier.evaluation else { return miss("version \(before.label) has no evaluation run") }
    guard let new = after.dossier.evaluation else { return miss("version \(after.label) has no evaluation run") }
    guard let first = before.run(old.run), let second = after.run(new.run) else {
      compared.untested += UntestedRows(settings: inputs.settings).rows(old, new)
      return miss("the runs' records are not at hand, so values stand side by side and no difference is tested")
    }
    do {
      compared.drafts += try EvaluationComparison(first, second).drafts(
        PromptGroups(evaluationPlan, intersections: declaration.intersections))
    } catch { miss(error.reason) }
  }

  // MARK: Model

  private func model() -> Diff.ModelChange {
    func identity(_ source: DiffSource) -> ModelIdentity? { source.ownRuns.last?.record.model }
    let (old, new) = (identity(before), identity(after))
    var facts = [
      Diff.ModelChange.Fact(
        name: "root digest", before: before.dossier.model.rootSha256.joined(separator: ", "),
        after: after.dossier.model.rootSha256.joined(separator: ", "))
    ]
    facts += Diff.ModelChange.Fact.between(old, new)
    if let old = before.dossier.evaluation, let new = after.dossier.evaluation {
      facts.append(
        .init(
          name: "decision threshold", before: old.threshold.map { "\($0)" } ?? "–",
          after: new.threshold.map { "\($0)" } ?? "–"))
      if old.predictions != nil || new.predictions != nil {
        facts.append(
          .init(name: "differing predictions", before: Self.share(old.predictions), after: Self.share(new.predictions)))
      }
    }
    return Diff.ModelChange(
      facts: facts, files: files(old, new), tensors: inputs.tensors, tensorsNote: inputs.tensorsNote)
  }

  /// Of how many predictions of the serving system how many differ, e.g. `3/200`; `–` where none were given.
  private static func share(_ predictions: PredictionComparison?) -> String {
    predictions.map { "\(max($0.beyond, $0.disagreements))/\($0.compared)" } ?? "–"
  }

  private func files(_ old: ModelIdentity?, _ new: ModelIdentity?) -> [Diff.FileChange] {
    guard let old, let new else { return [] }
    let first = Dictionary(old.files.map { ($0.path, $0.sha256) }) { first, _ in first }
    let second = Dictionary(new.files.map { ($0.path, $0.sha256) }) { first, _ in first }
    return Set(first.keys).union(second.keys).sorted().filter { first[$0] != second[$0] }.map {
      Diff.FileChange(path: $0, before: first[$0], after: second[$0])
    }
  }

  // MARK: What follows

  /// Findings of the later runs that are established to have changed, in words, by run.
  private func changedFindings(_ rows: [Diff.Row], _ mechanisms: [Diff.Mechanism]) -> [String: [String: String]] {
    var changed: [String: [String: String]] = [:]
    for row in rows where row.verdict == .changed {
      let suffix = row.grouping.flatMap { grouping in row.group.map { ".\(grouping).\($0)" } } ?? ""
      let id: String? =
        switch row.measure {
        case .effect: row.isGroup ? nil : "total-effect"
        case .flips: row.isGroup ? nil : "flips"
        case .accuracy: "accuracy" + suffix
        case .positiveDecisions: "positive-rate" + suffix
        case .absoluteError: "mean-absolute-error" + suffix
        case .decisionValue: nil
        }
      if let id { changed[row.runAfter, default: [:]][id] = words.subject(row) }
    }
    for mechanism in mechanisms {
      for node in mechanism.nodes where node.verdict == .changed {
        changed[mechanism.runAfter, default: [:]]["noising.\(node.partner)"] =
          "effect of \(node.partner) on \(mechanism.behaviour)"
      }
      if let comparison = mechanism.comparison, !(comparison.onlyA.isEmpty && comparison.onlyB.isEmpty) {
        for score in ["sufficiency", "comprehensiveness"] {
          changed[mechanism.runAfter, default: [:]]["circuit.\(score)"] = "circuit of \(mechanism.behaviour)"
        }
      }
    }
    return changed
  }

  private var approvals: [Diff.ApprovalState] {
    before.approvals.map { approval in
      guard let run = approval.run else {
        let isSame = before.dossier == after.dossier
        return Diff.ApprovalState(
          approval: approval, holds: isSame,
          reason: isSame ? "both sides have the same dossier" : "it was given for another dossier than the later one")
      }
      let isCited = after.dossier.runs.contains {
        $0.id == run && $0.modelVersion == after.dossier.model.version
      }
      return Diff.ApprovalState(
        approval: approval, holds: isCited,
        reason: isCited
          ? "the later dossier rests on the same run" : "the later dossier rests on another run of the same question")
    }
  }

  private func outcome(_ diff: Diff) -> Diff.Outcome {
    let counts = Diff.Verdict.allCases.map { verdict in
      let rows = diff.rows.filter { $0.verdict == verdict }
      return Diff.Outcome.Count(
        verdict: verdict, overall: rows.count { !$0.isGroup }, groups: rows.count(where: \.isGroup))
    }
    let notForeseen = EnvelopeOutcome(
      facts: diff.model.facts, rows: diff.rows, settings: inputs.settings, words: words)
    var beyond = notForeseen.facts
    if before.dossier.system.intendedPurpose != after.dossier.system.intendedPurpose {
      beyond.append("the intended purpose reads differently")
    }
    beyond += notForeseen.measured
    return Diff.Outcome(isIdentical: isIdentical, counts: counts, beyond: beyond)
  }

  /// The same files and the same results, number by number.
  private var isIdentical: Bool {
    let (first, second) = (before.dossier, after.dossier)
    guard !first.model.rootSha256.isEmpty, first.model.rootSha256 == second.model.rootSha256,
      first.behaviours.map(\.id) == second.behaviours.map(\.id)
    else { return false }
    let runs = zip(
      first.behaviours.map(\.run) + [first.evaluation?.run], second.behaviours.map(\.run) + [second.evaluation?.run])
    guard runs.contains(where: { $0 != nil && $1 != nil }) else { return false }
    return runs.allSatisfy { old, new in
      guard let a = before.run(old)?.record, let b = after.run(new)?.record else { return old == nil && new == nil }
      return a.analysisPlan == b.analysisPlan && a.analysis == b.analysis && a.evaluationPlan == b.evaluationPlan
        && a.evaluation == b.evaluation
    }
  }
}

/// Values of two dossiers side by side, where the records with the per-prompt values are not at hand.
struct UntestedRows {
  let settings: ChangeSettings

  /// Effect and flips of one behaviour.
  func rows(_ old: Dossier.BehaviourReport, _ new: Dossier.BehaviourReport) -> [Diff.Row] {
    guard let a = old.numbers, let b = new.numbers else { return [] }
    return [(ChangeSettings.Measure.effect, a.totalEffect, b.totalEffect), (.flips, a.flips?.share, b.flips?.share)]
      .compactMap { measure, first, second in
        row(measure, old.id, nil, nil, first, second, old.run, new.run)
      }
  }

  /// Right and positive decisions, overall and by group.
  func rows(_ old: Dossier.EvaluationReport, _ new: Dossier.EvaluationReport) -> [Diff.Row] {
    let errors = (new.errors ?? []).compactMap { group in
      (old.errors ?? []).first { $0.grouping == group.grouping && $0.name == group.name && old.unit == new.unit }
        .flatMap {
          row(
            .absoluteError, nil, group.grouping, group.name, $0.meanAbsoluteError, group.meanAbsoluteError, old.run,
            new.run)
        }
    }
    return errors
      + new.groups.flatMap { group -> [Diff.Row] in
        guard let earlier = old.groups.first(where: { $0.grouping == group.grouping && $0.name == group.name }) else {
          return []
        }
        return [
          (ChangeSettings.Measure.accuracy, earlier.accuracy.share, group.accuracy.share),
          (.positiveDecisions, earlier.positiveRate.share, group.positiveRate.share),
        ].compactMap { row($0, nil, group.grouping, group.name, $1, $2, old.run, new.run) }
      }
  }

  private func row(
    _ measure: ChangeSettings.Measure, _ behaviour: String?, _ grouping: String?, _ group: String?, _ first: Estimate?,
    _ second: Estimate?, _ runBefore: String?, _ runAfter: String?
  ) -> Diff.Row? {
    guard let first, let second else { return nil }
    return Diff.Row(
      measure: measure, behaviour: behaviour, grouping: grouping, group: group, n: min(first.n, second.n), pairing: nil,
      leftOut: 0, before: first.value, after: second.value, discordant: nil, difference: nil, p: nil, adjustedP: nil,
      equivalenceP: nil, adjustedEquivalenceP: nil, margin: settings.margin(measure), smallestDetectable: nil,
      smallestP: nil, verdict: .notTested, loss: nil, needed: nil,
      envelope: Diff.Envelope(state: .notNeeded, limit: nil), worst: [],
      runBefore: runBefore ?? "", runAfter: runAfter ?? "")
  }
}
