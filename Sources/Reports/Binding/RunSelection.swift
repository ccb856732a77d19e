import Evidence
import Project

/// Which runs of one model version a dossier cites: for each behaviour and for the evaluation the latest that did not fail and is
/// bound to the system, the weights and the plan as they are now. One made with another plan is cited only where a signed waiver
/// names it, and never where one with the present plan exists.
struct RunSelection {
  /// Why a run is not cited.
  enum Reason: Equatable {
    case failed, later, unknownBehaviour, noEvaluation
    case otherSystem(String)
    case otherWeights(files: [String])
    case otherPlan(fields: [String])

    /// The reason as `dossier.json` names it.
    var code: String {
      switch self {
      case .failed: "failed"
      case .later: "later"
      case .unknownBehaviour: "unknown-behaviour"
      case .noEvaluation: "no-evaluation"
      case .otherSystem: "other-system"
      case .otherWeights: "other-weights"
      case .otherPlan: "other-plan"
      }
    }
  }

  /// A question that was answered with another plan only.
  struct Stale {
    /// The behaviour; nil for the evaluation.
    let behaviour: String?
    /// The run that would be cited if a waiver named it, or is cited because one does.
    let run: StoredRun
    /// What of its plan differs.
    let fields: [String]
    /// Whether it is cited.
    let isCited: Bool
  }

  /// The cited run by behaviour, in the order of the project's behaviours; nil where there is none.
  let analyses: [(behaviour: Project.Behaviour, run: StoredRun?)]
  /// The cited evaluation.
  let evaluation: StoredRun?
  /// The others of this model version, oldest first, with the reason.
  let others: [(run: StoredRun, reason: Reason)]
  /// Questions that were answered with another plan only.
  let stale: [Stale]
  /// How each run of this model version stands to the project as it is now.
  let bindings: [String: RunBinding]

  /// Selects from runs of any version.
  /// - Parameters:
  ///   - binder: what the runs are held against.
  ///   - waived: identifiers of runs whose plan a signed waiver lets pass.
  init(_ runs: [StoredRun], modelVersion: String, binder: RunBinder, waived: Set<String>) {
    let own = runs.filter { $0.record.modelVersion == modelVersion }
      .sorted { ($0.record.started, $0.record.id) < ($1.record.started, $1.record.id) }
    let bindings = Dictionary(own.map { ($0.record.id, binder.binding($0.record)) }) { first, _ in first }
    var stale: [Stale] = []
    func select(_ kind: RunRecord.Kind, _ behaviour: String?) -> StoredRun? {
      let bound = own.filter {
        $0.record.kind == kind && $0.record.behaviour == behaviour && $0.record.status != .failed
          && bindings[$0.record.id]?.isOfModel == true
      }
      if let current = bound.last(where: { bindings[$0.record.id]?.plan == .current }) { return current }
      let cited = bound.last { waived.contains($0.record.id) }
      guard let run = cited ?? bound.last else { return nil }
      var fields: [String] = []
      if case .other(let differing)? = bindings[run.record.id]?.plan { fields = differing }
      stale.append(Stale(behaviour: behaviour, run: run, fields: fields, isCited: cited != nil))
      return cited
    }
    let analyses = binder.project.behaviours.map { (behaviour: $0, run: select(.analysis, $0.id)) }
    let evaluation = select(.evaluation, nil)
    let cited = Set(analyses.compactMap(\.run?.record.id) + [evaluation].compactMap { $0?.record.id })
    self.analyses = analyses
    self.evaluation = evaluation
    self.stale = stale
    self.bindings = bindings
    others = own.filter { !cited.contains($0.record.id) }.map { run in
      (run, bindings[run.record.id].map { Self.reason(run.record, $0) } ?? .later)
    }
  }

  private static func reason(_ record: RunRecord, _ binding: RunBinding) -> Reason {
    if let system = binding.otherSystem { return .otherSystem(system) }
    if case .other(let files) = binding.weights { return .otherWeights(files: files) }
    if record.status == .failed { return .failed }
    switch binding.plan {
    case .notAsked: return record.kind == .evaluation ? .noEvaluation : .unknownBehaviour
    case .other(let fields): return .otherPlan(fields: fields)
    case .current: return .later
    }
  }

  /// Every cited run: behaviours in order, then the evaluation.
  var cited: [StoredRun] { analyses.compactMap(\.run) + [evaluation].compactMap { $0 } }
}

/// Short names of runs in print: the last eight characters of the identifier, more where that is not unique.
struct RunNames {
  private let length: Int
  private let text: InterfaceText

  /// Names for a set of runs.
  init(_ ids: [String], text: InterfaceText) {
    self.text = text
    let all = Set(ids)
    var length = 8
    while length < 36, Set(all.map { $0.suffix(length) }).count < all.count { length += 1 }
    self.length = length
  }

  /// e.g. `3f9a12cd`.
  func short(_ id: String) -> String { String(id.suffix(length)) }

  /// A link to the run register, e.g. `run 3f9a12cd`.
  func link(_ id: String) -> Inline {
    .link(text: text.words("words.run", ["name": .text(short(id))]), target: "#" + Self.anchor(id))
  }

  /// A run's link with its day.
  func linkedWithDay(_ record: RunRecord) -> [Inline] {
    text.inlines("words.run-of-day", ["run": .inline(link(record.id)), "day": .text(text.day(record.ended))])
  }

  /// The anchor of a run in the register.
  static func anchor(_ id: String) -> String { "run-" + id }
}
