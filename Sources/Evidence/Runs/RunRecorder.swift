public import Analysis

/// Turns what the engine gave into run records: adds who, when, on which model and machine.
public struct RunRecorder: Sendable {
  /// The AI system's name in the project file.
  public let system: String
  /// The model version in the project file.
  public let modelVersion: String
  /// Which model is run, by its bytes.
  public let model: ModelIdentity
  /// The program that runs.
  public let program: RunRecord.Program
  /// The machine that runs.
  public let machine: RunRecord.Machine

  /// A recorder for the runs on one model.
  public init(
    system: String, modelVersion: String, model: ModelIdentity, program: RunRecord.Program, machine: RunRecord.Machine
  ) {
    self.system = system
    self.modelVersion = modelVersion
    self.model = model
    self.program = program
    self.machine = machine
  }

  /// The record of an analysis that ended now.
  /// - Parameter started: when it began, `Timestamp.now()` of that moment.
  public func record(_ outcome: Analyzer.Outcome, of plan: AnalysisPlan, started: String) throws -> RunRecord {
    var record = try blank(.analysis, tokens: outcome.tokens, started: started)
    record.status = outcome.isRefused ? .refused : .finished
    record.behaviour = plan.behaviour
    record.analysisPlan = plan
    record.analysis = outcome.result
    record.findings = outcome.findings
    record.approximations = outcome.approximations
    record.selfTests = outcome.selfTests
    record.refusals = outcome.refusals
    return record
  }

  /// The record of an evaluation that ended now.
  public func record(_ outcome: Evaluator.Outcome, of plan: EvaluationPlan, started: String) throws -> RunRecord {
    var record = try blank(.evaluation, tokens: outcome.tokens, started: started)
    record.status = outcome.result == nil ? .refused : .finished
    record.evaluationPlan = plan
    record.evaluation = outcome.result
    record.findings = outcome.findings
    record.refusals = outcome.refusals
    return record
  }

  private func blank(_ kind: RunRecord.Kind, tokens: PromptTokens, started: String) throws -> RunRecord {
    RunRecord(
      schema: RunRecord.currentSchema, id: RunIdentifier.next(), kind: kind, status: .finished, failure: nil,
      // A clock that is set back meanwhile must not make a run end before it began.
      started: started, ended: max(started, Timestamp.now()), system: system, modelVersion: modelVersion,
      behaviour: nil,
      model: model,
      promptsSha256: try SHA256.digest(of: try CanonicalJSON.encode(tokens)).hex, program: program, machine: machine,
      analysisPlan: nil, evaluationPlan: nil, analysis: nil, evaluation: nil, findings: [], approximations: [],
      selfTests: [], refusals: [])
  }
}
