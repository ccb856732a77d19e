import Analysis
import Evidence

/// Executes plans on an opened model, with progress on standard error and Ctrl-C heeded.
struct PlanExecution {
  private let model: LoadedModel

  init(_ model: LoadedModel) {
    self.model = model
    Interruption.listen()
  }

  /// The record of an analysis.
  func record(_ plan: AnalysisPlan) throws -> RunRecord {
    let analyzer = Analyzer(model: model.transformer, tokenizer: model.tokenizer, folder: model.folder)
    let line = ProgressLine("\(model.recorder.modelVersion) \(plan.behaviour)")
    defer { line.finish() }
    let plan = plan.settled(with: model.tokenizer)
    let started = Timestamp.now()
    let outcome = try analyzer.run(
      plan, progress: { line.update($0.step, done: $0.done, total: $0.total) },
      isCancelled: { Interruption.isRequested })
    return try model.recorder.record(outcome, of: plan, started: started)
  }

  /// The record of an evaluation.
  /// - Parameter others: the project's other versions, whose weights may explain predictions that differ.
  func record(_ plan: EvaluationPlan, others: [Evaluator.OtherVersion] = []) throws -> RunRecord {
    let evaluator = Evaluator(model: model.transformer, tokenizer: model.tokenizer, folder: model.folder)
    let line = ProgressLine("\(model.recorder.modelVersion) evaluation")
    defer { line.finish() }
    let plan = plan.settled(with: model.tokenizer)
    let started = Timestamp.now()
    let outcome = try evaluator.run(
      plan, others: others, progress: { line.update("records", done: $0, total: $1) },
      isCancelled: { Interruption.isRequested })
    return try model.recorder.record(outcome, of: plan, started: started)
  }

  /// The record of the plan that another record holds.
  func record(of run: RunRecord) throws -> RunRecord {
    if let plan = run.analysisPlan { return try record(plan) }
    if let plan = run.evaluationPlan { return try record(plan) }
    throw EvidenceError(.unsupportedRecord, "run \(run.id) holds no plan that this program can execute")
  }
}
