import Analysis
import Evidence

/// Words for the cases of records, of the engine and of the project file.
extension InterfaceText {
  /// Why a statement is to be read again.
  func stale(_ reason: Staleness.Reason) -> String {
    switch reason {
    case .olderThanModel(let version, let date):
      words("history.stale-model", ["version": .text(version), "day": .text(day(date))])
    case .olderThanMeasurement(let version, let date):
      words("history.stale-measurement", ["version": .text(version), "day": .text(day(date))])
    case .olderThanLaw(let date): words("history.stale-law", ["day": .text(day(date))])
    }
  }

  /// What is left out of a model, or taken otherwise than it stands there.
  func remark(_ remark: ModelRemark) -> [Inline] {
    let shown = remark.names.prefix(8).map { [Inline.code($0)] }
    let more = remark.names.count - shown.count
    let names = TextValue.inlines(
      Array(shown.joined(separator: [.text(", ")]))
        + (more > 0 ? inlines("remarks.more", ["more": .count(more)]) : []))
    let (file, count) = (TextValue.code(remark.file ?? ""), remark.names.count)
    switch remark.kind {
    case .buffers: return inlines("remarks.buffers", ["file": file, "n": .count(count), "names": names])
    case .declared: return inlines("remarks.declared", ["file": file, "n": .count(count), "names": names])
    case .tiedHead: return inlines("remarks.tied-head", ["file": file, "names": names])
    case .unreadFiles: return inlines("remarks.unread-files", ["n": .count(count), "names": names])
    case .unknownKeys: return inlines("remarks.unknown-keys", ["file": file, "n": .count(count), "names": names])
    case .ownCode: return inlines("remarks.own-code", ["file": file, "names": names])
    case .precision: return inlines("remarks.precision", ["names": names])
    case .specialTokens: return inlines("remarks.special-tokens", ["names": names])
    }
  }

  /// The reason of a refusal.
  func reason(_ reason: Refusal.Reason) -> String {
    let word =
      switch reason {
      case .belowFloor: words("record.below-floor")
      case .misaligned: words("record.misaligned")
      case .identical: words("record.identical")
      case .badPrompt: words("record.bad-prompt")
      case .notFinite: words("record.not-finite")
      case .nothingToExplain: words("record.nothing-to-explain")
      case .notFound: words("record.not-found")
      case .notDefined: words("record.not-defined")
      }
    return marked(word, reason.rawValue)
  }

  /// Why a search ended.
  func stop(_ stop: ForwardBackwardSelection.Stop) -> String {
    switch stop {
    case .target: words("checks.stop-target")
    case .exhausted: words("checks.stop-exhausted")
    case .size: words("checks.stop-size")
    case .noPromise: words("checks.stop-no-promise")
    case .noGain: words("checks.stop-no-gain")
    case .takenAway: words("checks.stop-taken-away")
    }
  }

  /// What stands in place of an activation.
  func replacement(_ value: AnalysisPlan.Ablation) -> String {
    switch value {
    case .counterfactual: words("ablation.counterfactual")
    case .zero: words("ablation.zero")
    case .mean: words("ablation.mean")
    case .positionMean: words("ablation.position-mean")
    }
  }

  /// What a project file can declare about a system.
  func condition(_ condition: String) -> String {
    switch ApplicabilityRule.Condition(rawValue: condition) {
    case .annexIII: words("law.annex-iii")
    case .annexI: words("law.annex-i")
    case .sme: words("law.sme")
    case .smc: words("law.smc")
    case .financialInstitution: words("law.financial-institution")
    case .continuesToLearn: words("law.continues-to-learn")
    case .annexIIIPoint1: words("law.annex-iii-1")
    case .annexIIIOther: words("law.annex-iii-2-to-8")
    case nil: condition
    }
  }

  /// An outcome of a check.
  func outcome(_ outcome: SelfTest.Outcome) -> String {
    let word =
      switch outcome {
      case .passed: words("methods.passed")
      case .failed: words("methods.failed")
      case .notRun: words("methods.not-run")
      }
    return marked(word, outcome.rawValue)
  }

  /// A group's name, e.g. `sex: female`.
  func group(_ group: EvaluationResult.Group) -> String {
    guard let grouping = group.grouping, let name = group.name else { return words("evaluation.all-records") }
    return "\(grouping): \(name)"
  }

  /// The same of a regression.
  func group(_ group: EvaluationResult.ErrorGroup) -> String {
    guard let grouping = group.grouping, let name = group.name else { return words("evaluation.all-records") }
    return "\(grouping): \(name)"
  }

  /// A kind of run; a word that no kind has stays as it is.
  func kind(_ kind: String) -> String {
    switch RunRecord.Kind(rawValue: kind) {
    case .analysis: words("record.analysis")
    case .evaluation: words("record.evaluation")
    case nil: kind
    }
  }

  /// How a run ended; a word that no run has stays as it is.
  func status(_ status: String) -> String {
    switch RunRecord.Status(rawValue: status) {
    case .finished: marked(words("record.finished"), status)
    case .refused: marked(words("record.refused"), status)
    case .failed: marked(words("record.failed"), status)
    case nil: status
    }
  }

  /// A role of signing; a word that is no role stays as it is.
  func role(_ role: String) -> String {
    switch role {
    case "prepared": marked(words("sign-off.prepared"), role)
    case "reviewed": marked(words("sign-off.reviewed"), role)
    case "approved": marked(words("sign-off.approved"), role)
    default: role
    }
  }

  /// What a gate before signing asks.
  func meaning(_ gate: Gate) -> String {
    let word =
      switch gate {
      case .missingItems: words("sign-off.missing-items")
      case .runsNotVerified: words("sign-off.runs-not-verified")
      case .runsUnsigned: words("sign-off.runs-unsigned")
      case .staleRuns: words("sign-off.stale-runs")
      case .predictionsDiffer: words("sign-off.predictions-differ")
      case .staleStatements: words("sign-off.stale-statements")
      case .staleLaw: words("sign-off.stale-law")
      case .reviewerIsPreparer: words("sign-off.reviewer-is-preparer")
      case .approverIsPreparer: words("sign-off.approver-is-preparer")
      case .roleNotHeld: words("sign-off.role-not-held")
      case .dossierChanged: words("sign-off.dossier-changed")
      }
    return marked(word, gate.rawValue)
  }

  /// Why a run is not cited.
  func why(_ reason: RunSelection.Reason) -> String {
    switch reason {
    case .failed: words("register.failed")
    case .later: words("register.later")
    case .unknownBehaviour: words("register.unknown-behaviour")
    case .noEvaluation: words("register.no-evaluation")
    case .otherSystem(let system): words("register.other-system", ["system": .attributed(system)])
    case .otherWeights(let files):
      words("register.other-weights", ["n": .count(files.count), "files": .attributed(Self.few(files))])
    case .otherPlan(let fields): words("register.other-plan", ["fields": .text(fields.joined(separator: ", "))])
    }
  }

  /// The first of many names.
  private static func few(_ names: [String]) -> String {
    names.prefix(4).joined(separator: ", ") + (names.count > 4 ? ", …" : "")
  }

  /// Why nothing could be held against a model.
  func notHeld(_ reason: ModelNow.Reason) -> String {
    switch reason {
    case .folderMissing: words("binding.folder-missing")
    case .folderUnreadable: words("binding.folder-unreadable")
    case .notMeasured: words("binding.not-measured")
    }
  }

  /// What became of a waiver; a word that is none stays as it is.
  func waiverState(_ state: String?) -> String {
    switch state.flatMap(WaiverRegister.State.init(rawValue:)) {
    case .inForce: words("sign-off.in-force")
    case .superseded: words("sign-off.superseded")
    case .withdrawn: words("sign-off.withdrawn")
    case .withdrawal: words("sign-off.withdrawal")
    case .unsigned: words("sign-off.unsigned")
    case .void: words("sign-off.void")
    case nil: state ?? ""
    }
  }
}
