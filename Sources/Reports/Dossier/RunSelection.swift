import Evidence
import Project

/// Which runs of one model version a dossier cites: for each behaviour and for the evaluation the latest that did not fail.
struct RunSelection {
  /// Why a run is not cited.
  enum Reason {
    case failed, later, unknownBehaviour
  }

  /// The latest run by behaviour, in the order of the project's behaviours; nil where there is none.
  let analyses: [(behaviour: Project.Behaviour, run: StoredRun?)]
  /// The latest evaluation.
  let evaluation: StoredRun?
  /// The others of this model version, oldest first, with the reason.
  let others: [(run: StoredRun, reason: Reason)]

  /// Selects from runs of any version.
  init(_ runs: [StoredRun], modelVersion: String, behaviours: [Project.Behaviour]) {
    let own = runs.filter { $0.record.modelVersion == modelVersion }
      .sorted { ($0.record.started, $0.record.id) < ($1.record.started, $1.record.id) }
    func latest(_ kind: RunRecord.Kind, _ behaviour: String?) -> StoredRun? {
      own.last { $0.record.kind == kind && $0.record.behaviour == behaviour && $0.record.status != .failed }
    }
    let analyses = behaviours.map { (behaviour: $0, run: latest(.analysis, $0.id)) }
    let evaluation = latest(.evaluation, nil)
    let cited = Set(analyses.compactMap(\.run?.record.id) + [evaluation].compactMap { $0?.record.id })
    let known = Set(behaviours.map(\.id))
    self.analyses = analyses
    self.evaluation = evaluation
    others = own.filter { !cited.contains($0.record.id) }.map { run in
      let record = run.record
      if record.status == .failed { return (run, .failed) }
      if let behaviour = record.behaviour, !known.contains(behaviour) { return (run, .unknownBehaviour) }
      return (run, .later)
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

  /// The anchor of a run in the register.
  static func anchor(_ id: String) -> String { "run-" + id }
}
