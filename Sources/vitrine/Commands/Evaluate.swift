import Analysis
import ArgumentParser
import Evidence
import Foundation
import Project

struct Evaluate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure performance on the project's labelled data, overall and by group, and store one run per model.",
    discussion: """
      Accuracy, positive rate, true and false positive rates, area under the ROC curve, Brier score and calibration, each \
      with its n and interval, for all records and for each group that vitrine.yaml names under 'evaluation: groups'. With \
      'evaluation: predictions' it holds what your serving system said about the same records against the engine, and \
      searches for what explains a difference.
      """)

  @Argument(help: "The project's folder (default: the current folder).") var folder: String?
  @OptionGroup var project: ProjectOptions
  @OptionGroup var models: ModelOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let project = try self.project.load(folder)
    guard project.evaluation != nil else {
      throw ProjectError(
        .missingKey,
        "vitrine.yaml has no 'evaluation', so there is nothing to evaluate; add data, label and groups under 'evaluation:'"
      )
    }
    let versions = try models.select(project)
    let log = RunLog(project.storeFile, json: output.json)
    try log.collect { log in
      for version in versions {
        guard let plan = project.evaluationPlan(version: version.version) else { continue }
        try evaluate(plan, version, of: project, log)
      }
    }
    if log.outcomes.allSatisfy({ $0.status == .refused }) {
      Console.err("vitrine: every record was refused; 'vitrine runs show ID' gives the reasons")
      throw ExitCode(ExitStatus.answerIsNo.rawValue)
    }
  }

  private func evaluate(
    _ plan: EvaluationPlan, _ version: Project.ModelVersion, of project: Project, _ log: RunLog
  ) throws {
    let model = try LoadedModel(version, of: project)
    model.warn(of: project, version)
    let evaluator = Evaluator(model: model.transformer, tokenizer: model.tokenizer, folder: model.folder)
    _ = try evaluator.check(plan)
    let execution = PlanExecution(model)
    _ = try log.open()
    // Predictions that differ may be another version's; two models at once must fit into the memory.
    let isSmall = model.transformer.weightBytes < Int(clamping: ProcessInfo.processInfo.physicalMemory) / 4
    let others = project.models.filter { isSmall && $0.version != version.version }.map { other in
      Evaluator.OtherVersion(version: other.version) {
        let checkpoint = try Checkpoint(folder: other.folder)
        return (try Transformer.load(checkpoint), try checkpoint.tokenizer())
      }
    }
    try log.append(try execution.record(plan, others: others))
  }
}
