import Analysis
import Evidence
import Project

/// Turns the inputs into the dossier's value.
struct DossierAssembly {
  let project: Project
  let model: Project.ModelVersion
  let catalogue: LawCatalogue
  let status: DossierStatus
  let selection: RunSelection
  let superseded: RunSelection?
  let names: RunNames
  let history: [VersionStatus]
  let signatures: [Dossier.RunSigner]
  let staleness: Staleness
  let models: ModelsNow
  let waivers: WaiverRegister
  let text: InterfaceText

  /// The value that `dossier.json` holds.
  func dossier() -> Dossier {
    let runs = runs
    return Dossier(
      schema: Dossier.currentSchema, date: date, system: system,
      model: Dossier.ModelFacts(
        version: model.version, supersedes: model.supersedes, changes: model.changes,
        rootSha256: selection.cited.map(\.record.model.rootSha256).distinct, folder: folder),
      law: law, counts: Self.counts(status),
      items: status.items.map { ItemAssembly(text: text, isCited: isCited).item($0) },
      behaviours: selection.analyses.map { behaviour($0.behaviour, $0.run) },
      evaluation: selection.evaluation.flatMap(evaluation), comparison: comparison, runs: runs,
      runsNotCited: selection.others.map { uncited($0.run, $0.reason) },
      findingsNotCited: findingsNotCited, signers: signers(of: runs),
      history: versions, staleStatements: staleStatements, signOff: signOff)
  }

  private func isCited(_ id: String) -> Bool { selection.cited.contains { $0.record.id == id } }

  /// The latest day among the cited runs and the statements that declare something.
  private var date: String? {
    let runs = selection.cited.map { String($0.record.ended.prefix(10)) }
    let statements = status.items.flatMap(\.elements).flatMap { element -> [String] in
      if case .notApplicable(let reason) = element.state { return [reason.signature.date.description] }
      return element.state.declarations.compactMap { declaration in
        if case .statement(_, let signature, _) = declaration { signature.date.description } else { nil }
      }
    }
    return (runs + statements).max()
  }

  private var system: Dossier.SystemFacts {
    let system = project.system
    return Dossier.SystemFacts(
      name: system.name, provider: system.provider, intendedPurpose: system.intendedPurpose,
      riskClass: system.riskClass,
      annexIIIPoint: system.annexIIIPoint, annexI: system.annexI, enterprise: system.enterprise,
      placedOnMarket: system.placedOnMarket, financialInstitution: system.financialInstitution,
      continuesToLearn: system.continuesToLearn)
  }

  private var law: Dossier.LawFacts {
    let system = project.system
    let dates = catalogue.application.flatMap { rule in
      catalogue.application(by: rule, annexIII: system.annexIIIPoint != nil, annexI: system.annexI)
    }.map(Dossier.ApplicationDate.init)
    let isKnown = system.annexIIIPoint != nil || system.annexI
    func facts(_ rule: ApplicabilityRule) -> Dossier.Applicability {
      Dossier.Applicability(rule, holds: rule.when.holds(for: system), catalogue: catalogue)
    }
    return Dossier.LawFacts(
      asOf: catalogue.lawAsOf.description, checkedOn: catalogue.checkedOn.description,
      application: isKnown ? dates : [], applicability: catalogue.applicability.map(facts),
      notifiedBody: catalogue.notifiedBody.map(facts).filter { $0.holds == true })
  }

  private func behaviour(_ behaviour: Project.Behaviour, _ run: StoredRun?) -> Dossier.BehaviourReport {
    let record = run?.record
    let sentences = record.flatMap { BehaviourSentences($0, names: names, text: text) }
    return Dossier.BehaviourReport(
      id: behaviour.id, question: behaviour.question, construction: behaviour.construction,
      cleanLabel: behaviour.cleanLabel, counterfactualLabel: behaviour.counterfactualLabel,
      positive: behaviour.positive,
      negative: behaviour.negative, unit: behaviour.unit, threshold: behaviour.threshold, run: record?.id,
      planIsCurrent: record.map { selection.bindings[$0.id]?.plan == .current },
      otherPlanRun: selection.stale.first { $0.behaviour == behaviour.id && !$0.isCited }?.run.record.id,
      claims: sentences?.all.map(\.claim) ?? [],
      numbers: record.flatMap { record in
        record.analysis.map { Dossier.BehaviourNumbers($0, plan: record.analysisPlan) }
      }, refusals: Dossier.RefusalGroup.groups(record?.refusals ?? []), approximations: record?.approximations ?? [],
      selfTests: record?.selfTests ?? [])
  }

  /// Each group beside its reference; nil where the evaluation has no groups.
  private func comparison(_ plan: EvaluationPlan, _ result: EvaluationResult) -> GroupComparison? {
    guard !plan.groupings.isEmpty else { return nil }
    return GroupComparison(
      plan, result, project.evaluation?.comparison ?? GroupComparison.Declaration(), confidence: plan.confidence,
      power: project.changes.power)
  }

  private func evaluation(_ run: StoredRun) -> Dossier.EvaluationReport? {
    let record = run.record
    guard let plan = record.evaluationPlan, let result = record.evaluation else { return nil }
    return Dossier.EvaluationReport(
      run: record.id, dataset: plan.dataset, label: plan.label, threshold: plan.threshold, unit: plan.unit,
      positive: plan.positive,
      planIsCurrent: selection.bindings[record.id]?.plan == .current, records: plan.examples.count,
      claims: EvaluationSentences(record, names: names, text: text)?.all.map(\.claim) ?? [],
      groups: result.groups, errors: result.errors, comparison: comparison(plan, result),
      refusals: Dossier.RefusalGroup.groups(record.refusals),
      predictions: result.predictions)
  }
}

// MARK: Runs

extension DossierAssembly {
  /// Findings that the comparison lists for a behaviour. Not the circuits' scores: two versions' circuits are different sets.
  private static let comparedEffects = ["total-effect", "flips"]
  /// Findings that it lists for the evaluation, for all records and each group.
  private static let comparedMeasures = [
    "accuracy", "positive-rate", "brier", "calibration-in-the-large", "mean-absolute-error", "mean-error",
  ]

  private var comparison: [Dossier.ComparisonRow] {
    guard let superseded else { return [] }
    var rows: [Dossier.ComparisonRow] = []
    for (behaviour, run) in selection.analyses {
      guard let after = run, let before = superseded.analyses.first(where: { $0.behaviour.id == behaviour.id })?.run,
        let plan = before.record.analysisPlan, let planAfter = after.record.analysisPlan, plan.asks(as: planAfter)
      else { continue }
      for id in Self.comparedEffects { rows += [row(id, before, after)].compactMap { $0 } }
    }
    guard let after = selection.evaluation, let before = superseded.evaluation,
      before.record.evaluationPlan?.withoutPredictions == after.record.evaluationPlan?.withoutPredictions
    else { return rows }
    for finding in after.record.findings
    where Self.comparedMeasures.contains(String(finding.id.prefix { $0 != "." })) {
      rows += [row(finding.id, before, after)].compactMap { $0 }
    }
    return rows
  }

  private func row(_ id: String, _ before: StoredRun, _ after: StoredRun) -> Dossier.ComparisonRow? {
    func number(_ run: StoredRun) -> (Finding, Dossier.VersionNumber)? {
      guard let finding = run.record.findings.first(where: { $0.id == id }), let estimate = finding.estimate else {
        return nil
      }
      let version = run.record.modelVersion
      return (finding, Dossier.VersionNumber(version: version, run: run.record.id, estimate: estimate))
    }
    guard let (_, before) = number(before), let (finding, after) = number(after) else { return nil }
    return Dossier.ComparisonRow(
      title: finding.title, finding: id,
      behaviour: self.selection.cited.first { $0.record.id == after.run }?.record.behaviour,
      unit: finding.unit, before: before, after: after)
  }

  /// The runs that the text cites: this version's, then those of the superseded version that the comparison shows.
  private var runs: [Dossier.RunEntry] {
    let compared = Set(comparison.map(\.before.run))
    let older = superseded?.cited.filter { compared.contains($0.record.id) } ?? []
    return (selection.cited + older).map(entry)
  }

  private func entry(_ run: StoredRun) -> Dossier.RunEntry {
    let supports = status.items.flatMap { status in
      status.elements.filter { $0.support.contains { $0.run == run.record.id } }.map {
        "\(status.item.id) \($0.element.id)"
      }
    }
    return Dossier.RunEntry(run, supports: supports, binding: binding(run.record), text: text)
  }

  private func uncited(_ run: StoredRun, _ reason: RunSelection.Reason) -> Dossier.UncitedRun {
    let record = run.record
    return Dossier.UncitedRun(
      id: record.id, recordSha256: run.sha256,
      subject: record.behaviour.map {
        text.words("register.subject", ["kind": .text(text.kind(record.kind.rawValue)), "behaviour": .text($0)])
      } ?? text.kind(record.kind.rawValue),
      status: record.status.rawValue, started: record.started, reason: text.why(reason), code: reason.code)
  }

  private var findingsNotCited: [Dossier.UncitedFindings] {
    let cited = Dictionary(
      grouping: status.items.flatMap(\.elements).flatMap(\.support), by: \.run
    ).mapValues { Set($0.flatMap(\.findings)) }
    return selection.cited.compactMap { run in
      let left = run.record.findings.map(\.id).filter { cited[run.record.id]?.contains($0) != true }
      return left.isEmpty ? nil : Dossier.UncitedFindings(run: run.record.id, findings: left)
    }
  }
}
