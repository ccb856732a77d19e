import Analysis

/// The dossier's own sentences in English, all in this folder. Each pattern follows from the standing of the evidence
/// (DESIGN §6): measured, screened, or not established.
enum English {
  static let aboutExtract = "About this document"
  static let notStated = "not stated"
  static let failedRun = "the run failed"
  static let laterRun = "a later run of the same question is cited"
  static let unknownBehaviour = "its behaviour is not in the project file"

  /// A standing in a word.
  static func badge(_ standing: Finding.Standing) -> Badge {
    switch standing {
    case .measured: Badge(kind: .measured, text: "measured")
    case .screened: Badge(kind: .screened, text: "screened")
    case .notEstablished: Badge(kind: .notEstablished, text: "not established")
    }
  }

  /// Answers as a reader says them, e.g. `“approve”`.
  static func answers(_ answers: [String]) -> String {
    answers.map { "“\(PlainText.oneLine($0))”" }.joined(separator: " or ")
  }

  /// `1 pair`, `200 pairs`.
  static func counted(_ count: Int, _ one: String, _ many: String) -> String {
    "\(Numbers.count(count)) \(count == 1 ? one : many)"
  }

  /// The day of an RFC 3339 time.
  static func day(_ time: String) -> String { String(time.prefix(10)) }

  /// Why a statement is to be read again.
  static func stale(_ reason: Staleness.Reason) -> String {
    switch reason {
    case .olderThanModel(let version, let date):
      "This statement is older than model version \(version), which was made on \(date). Read it again; then date it anew, or "
        + "name the version under model_versions."
    case .olderThanLaw(let date):
      "This statement is older than the law it is read under, which last changed on \(date). Read it again and date it anew."
    }
  }

  /// What a unit is called in print.
  static func unit(_ unit: String) -> String { unit.isEmpty ? "" : " \(unit)" }

  /// The reason of a refusal.
  static func reason(_ reason: Refusal.Reason) -> String {
    switch reason {
    case .belowFloor: "the decision moves too little to explain"
    case .misaligned: "the two prompts do not align token by token"
    case .identical: "the two prompts are the same"
    case .badPrompt: "a prompt is empty, too long or cannot be read"
    case .notFinite: "a value was not finite"
    case .nothingToExplain: "nothing to explain"
    case .notDefined: "not defined here"
    }
  }

  /// Why a search ended.
  static func stop(_ stop: ForwardBackwardSelection.Stop) -> String {
    switch stop {
    case .target: "near enough to the whole model"
    case .exhausted: "no head was left"
    case .size: "the set may not grow further"
    case .noPromise: "no head outside promised to bring it nearer"
    case .noGain: "the most promising heads did not bring it nearer by more than the least gain"
    }
  }

  /// What a project file can declare about a system.
  static func condition(_ condition: String) -> String {
    switch ApplicabilityRule.Condition(rawValue: condition) {
    case .annexIII: "Falls under a point of Annex III"
    case .annexI: "Falls under Annex I, Section A"
    case .sme: "The provider is a small or medium-sized enterprise (SME)"
    case .smc: "The provider is a small mid-cap enterprise (SMC)"
    case .financialInstitution: "The provider is a financial institution"
    case .continuesToLearn: "Continues to learn after being placed on the market"
    case nil: condition
    }
  }

  /// An outcome of a check.
  static func outcome(_ outcome: SelfTest.Outcome) -> String {
    switch outcome {
    case .passed: "passed"
    case .failed: "FAILED"
    case .notRun: "not run"
    }
  }

  /// A group's name, e.g. `sex: female`.
  static func group(_ group: EvaluationResult.Group) -> String {
    guard let grouping = group.grouping, let name = group.name else { return "all records" }
    return "\(grouping): \(name)"
  }
}
