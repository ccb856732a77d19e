import Analysis
import Evidence
import Project

/// How a run stands to what the project is now: its system, the weights and tokenizer of its model version, its plan. Only a run
/// that is bound is cited and evidences anything.
struct RunBinding: Equatable {
  /// How the run's model stands to the folder of its version.
  enum Weights: Equatable {
    /// The folder holds the files that were run.
    case held
    /// The folder could not be read, so this was not checked.
    case notHeld(ModelNow.Reason)
    /// The folder holds other files than were run; these differ.
    case other(files: [String])
  }

  /// How the run's plan stands to the one that the project file gives now.
  enum Plan: Equatable {
    /// The same, to the last field.
    case current
    /// Another; these fields of the record's plan differ, `methods` among them where it was run with other methods.
    case other(fields: [String])
    /// The project asks no such question now: its behaviour, or the evaluation, is gone.
    case notAsked
  }

  /// The system that the run names, if it is not the project's.
  let otherSystem: String?
  let weights: Weights
  let plan: Plan

  /// Whether it may be cited whatever its plan: it is of this system, of these weights, and answers a question of the project.
  var isOfModel: Bool {
    if case .other = weights { return false }
    return otherSystem == nil && plan != .notAsked
  }

  /// Whether it is bound in every respect that could be checked.
  var isCurrent: Bool { isOfModel && plan == .current }
}

/// Holds runs against a project and its models as they are now. The one place that says what binds.
struct RunBinder {
  let project: Project
  let models: ModelsNow
  private let analyses: [String: AnalysisPlan]
  private let evaluations: [String: EvaluationPlan]

  init(project: Project, models: ModelsNow) {
    self.project = project
    self.models = models
    analyses = Dictionary(project.behaviours.map { ($0.id, project.plan(for: $0).asDeclared) }) { first, _ in first }
    evaluations = Dictionary(
      project.models.compactMap { model in
        project.evaluationPlan(version: model.version).map { (model.version, $0.asDeclared) }
      }
    ) { first, _ in first }
  }

  /// How a run stands.
  func binding(_ record: RunRecord) -> RunBinding {
    RunBinding(
      otherSystem: record.system == project.system.name ? nil : record.system, weights: weights(record),
      plan: plan(record))
  }

  private func weights(_ record: RunRecord) -> RunBinding.Weights {
    switch models[record.modelVersion] {
    case .notHeld(let reason): return .notHeld(reason)
    case .measured(let now):
      let isSame =
        record.model.rootSha256 == now.rootSha256 && record.model.tokenizerSha256 == now.tokenizerSha256
      return isSame ? .held : .other(files: now.differences(from: record.model))
    }
  }

  private func plan(_ record: RunRecord) -> RunBinding.Plan {
    switch record.kind {
    case .analysis:
      guard let behaviour = record.behaviour, let now = analyses[behaviour] else { return .notAsked }
      guard let plan = record.analysisPlan?.asDeclared else { return .other(fields: []) }
      var alike = plan
      alike.standing = now.standing
      let isSame = plan.asks(as: now) && PlanDigest.areSame(alike, now)
      return isSame ? .current : .other(fields: PlanDigest.differences(plan, now))
    case .evaluation:
      guard let now = evaluations[record.modelVersion] else { return .notAsked }
      guard let plan = record.evaluationPlan?.asDeclared else { return .other(fields: []) }
      return plan == now && PlanDigest.areSame(plan, now) ? .current : .other(fields: PlanDigest.differences(plan, now))
    }
  }
}

/// A plan as bytes: the canonical JSON that a record holds of it.
enum PlanDigest {
  /// SHA-256 over the canonical JSON of the plan that a record holds, hex; nil if it holds none that can be written.
  static func digest(of record: RunRecord) -> String? {
    let bytes =
      record.analysisPlan.flatMap { try? CanonicalJSON.encode($0) }
      ?? record.evaluationPlan.flatMap { try? CanonicalJSON.encode($0) }
    return bytes.flatMap { try? SHA256.digest(of: $0).hex }
  }

  /// Whether two plans are the same bytes: a text that Unicode holds equal to another may be other tokens to the model.
  static func areSame(_ one: some Encodable, _ other: some Encodable) -> Bool {
    guard let left = try? CanonicalJSON.encode(one), let right = try? CanonicalJSON.encode(other) else { return false }
    return left == right
  }

  /// The fields by which two plans differ, as records name them, in order.
  static func differences(_ one: some Encodable, _ other: some Encodable) -> [String] {
    guard case .object(let left) = value(one), case .object(let right) = value(other) else { return [] }
    return Set(left.keys).union(right.keys).filter { field in
      (try? left[field].map(CanonicalJSON.write)) != (try? right[field].map(CanonicalJSON.write))
    }.sorted()
  }

  private static func value(_ plan: some Encodable) -> JSONValue? {
    (try? CanonicalJSON.encode(plan)).flatMap { try? CanonicalJSON.parse($0) }
  }
}
