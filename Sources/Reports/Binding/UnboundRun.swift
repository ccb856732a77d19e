import Evidence
import Project

/// A run that counts for nothing as the project is now.
public struct UnboundRun: Sendable, Equatable {
  /// The run's identifier.
  public var id: String
  /// What it was about: the behaviour, or `evaluation`.
  public var subject: String
  /// The reason as `dossier.json` names it: `other-system`, `other-weights`, `other-plan`.
  public var code: String
  /// The reason in words.
  public var reason: String
}

extension DossierInputs {
  /// The runs of the model version that did not fail and count for nothing because they are of another system, other weights or
  /// another plan.
  /// - Throws: as `InterfaceText.english()`.
  public func unboundRuns() throws -> [UnboundRun] {
    let text = try InterfaceText.english()
    return selection(modelVersion, binder: binder).others.compactMap { run, reason in
      switch reason {
      case .otherSystem, .otherWeights, .otherPlan:
        UnboundRun(
          id: run.record.id, subject: run.record.behaviour ?? run.record.kind.rawValue, code: reason.code,
          reason: text.why(reason))
      default: nil
      }
    }
  }
}
