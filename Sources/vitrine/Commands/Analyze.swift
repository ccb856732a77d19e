import Analysis
import ArgumentParser
import Evidence
import Foundation
import Project

struct Analyze: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure the project's behaviours inside its models and store one run for each.",
    discussion: """
      Each behaviour on each model version is one run: exact patching of every head and MLP, first-order estimates with \
      their measured error, token attribution, and a circuit with its exact scores. A run is stored as soon as it is done, \
      so Ctrl-C keeps the finished ones. The run IDs are printed at the end of each run.

      Next: 'vitrine runs show ID' reads a run, 'vitrine dossier build' writes the documentation.
      """)

  @Argument(help: "The project's folder (default: the current folder).") var folder: String?
  @OptionGroup var project: ProjectOptions
  @OptionGroup var models: ModelOptions
  @Option(
    name: .customLong("behaviour"),
    help: ArgumentHelp("A behaviour of vitrine.yaml; repeat for several (default: all).", valueName: "id"))
  var behaviours: [String] = []
  @Option(
    help: ArgumentHelp(
      "What to measure, separated by commas (default: as vitrine.yaml says): \(AnalysisPlan.Method.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "methods"))
  var methods: String?
  @Option(
    help: ArgumentHelp(
      "Memory that a model's weights and batches may take together, in 10⁹ bytes. Batches are split to fit; the numbers stay the same to the last bit.",
      valueName: "GB"))
  var memory: Double?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    // Below a kilobyte or above an exabyte it is no amount of memory.
    if let memory, !(1e-6...1e9).contains(memory) {
      throw ValidationError("--memory \(memory) is not an amount of memory in GB, such as 2 or 0.5")
    }
  }

  func run() async throws {
    let project = try self.project.load(folder)
    let versions = try models.select(project)
    let plans = try plans(project)
    let log = RunLog(project.storeFile, json: output.json)
    try log.collect { log in
      for version in versions { try analyze(plans, version, of: project, log) }
    }
    if log.outcomes.allSatisfy({ $0.status == .refused }) {
      Console.err("vitrine: every prompt pair was refused; 'vitrine runs show ID' gives the reasons")
      throw ExitCode(ExitStatus.answerIsNo.rawValue)
    }
  }

  private func analyze(
    _ plans: [AnalysisPlan], _ version: Project.ModelVersion, of project: Project, _ log: RunLog
  ) throws {
    let budget = MemoryBudget(total: memory.map { Int($0 * 1e9) })
    let model = try LoadedModel(version, of: project, memory: budget)
    let analyzer = Analyzer(model: model.transformer, tokenizer: model.tokenizer, folder: model.folder)
    // What would stop a later behaviour is told now, not after the minutes that the earlier ones take.
    for plan in plans { _ = try analyzer.check(plan) }
    Interruption.listen()
    _ = try log.open()
    for plan in plans {
      let line = ProgressLine("\(version.version) \(plan.behaviour)")
      defer { line.finish() }
      let started = Timestamp.now()
      let outcome = try analyzer.run(
        plan, progress: { line.update($0.step, done: $0.done, total: $0.total) },
        isCancelled: { Interruption.isRequested })
      line.finish()
      try log.append(try model.recorder.record(outcome, of: plan, started: started))
    }
  }

  private func plans(_ project: Project) throws -> [AnalysisPlan] {
    guard !project.behaviours.isEmpty else {
      throw ProjectError(
        .missingKey,
        "vitrine.yaml has no behaviours, so there is nothing to analyse; add one under 'behaviours:' ('vitrine init' writes an example)"
      )
    }
    let chosen = try behaviours.isEmpty ? project.behaviours : behaviours.map { try project.behaviour(id: $0) }
    let methods = try self.methods.map(Self.parse)
    return chosen.map { behaviour in
      var plan = project.plan(for: behaviour)
      if let methods { plan.methods = methods }
      return plan
    }
  }

  private static func parse(_ text: String) throws -> [AnalysisPlan.Method] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      let name = part.trimmingCharacters(in: .whitespaces)
      guard let method = AnalysisPlan.Method(rawValue: name) else {
        throw ValidationError(
          "unknown method '\(name)'; there are \(AnalysisPlan.Method.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      return method
    }
  }
}
