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

      --shard 2/8 does the second of eight parts of this work and stores its runs in evidence.shard-2-of-8.sqlite, for \
      several processes or machines at once; 'vitrine store merge' brings the stores together. Whole runs are divided, by \
      their number of prompt pairs, never one run. Every part must be given the same project and the same options.

      Before it starts, the command says what each run will cost; --plan says only that, step by step.

      What can be measured (--methods; docs/methods.md says how):
      \(AnalysisPlan.Method.allCases.map { "\($0.rawValue): \($0.question)" }.joined(separator: "\n"))

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
  @Option(help: ArgumentHelp("Only this part of the runs, in a store of its own.", valueName: "i/n"))
  var shard: String?
  @Flag(
    name: .customLong("plan"),
    help: "Only print what would be run and what it costs: passes, seconds on this machine, memory.")
  var planOnly = false
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let shard, Shard(shard) == nil {
      throw ValidationError("--shard '\(shard)' is no part of a whole; write 1/8 to 8/8 for the parts of eight")
    }
    // Below a kilobyte or above an exabyte it is no amount of memory.
    if let memory, !(1e-6...1e9).contains(memory) {
      throw ValidationError("--memory \(memory) is not an amount of memory in GB, such as 2 or 0.5")
    }
  }

  func run() async throws {
    let project = try self.project.load(folder)
    let versions = try models.select(project)
    let plans = try plans(project)
    let jobs = divide(versions.flatMap { version in plans.map { Job(version: version, plan: $0) } })
    let file = self.shard.flatMap { Shard($0) }.map {
      project.storeFile.deletingLastPathComponent().appendingPathComponent($0.storeName)
    }
    if planOnly {
      for version in versions {
        let plans = jobs.filter { $0.version == version }.map(\.plan)
        if !plans.isEmpty { try cost(plans, version, of: project) }
      }
      return
    }
    let log = RunLog(file ?? project.storeFile, json: output.json)
    try log.collect { log in
      for version in versions {
        let plans = jobs.filter { $0.version == version }.map(\.plan)
        if !plans.isEmpty { try analyze(plans, version, of: project, log) }
      }
      // A part without work has a store all the same, so that all parts can be merged.
      _ = try log.open()
    }
    if !log.outcomes.isEmpty, log.outcomes.allSatisfy({ $0.status == .refused }) {
      Console.err("vitrine: every prompt pair was refused; 'vitrine runs show ID' gives the reasons")
      throw ExitCode(ExitStatus.answerIsNo.rawValue)
    }
  }

  /// One run that is to be made.
  private struct Job {
    let version: Project.ModelVersion
    let plan: AnalysisPlan
  }

  private func divide(_ jobs: [Job]) -> [Job] {
    guard let shard = shard.flatMap({ Shard($0) }) else { return jobs }
    let own = shard.jobs(sizes: jobs.map(\.plan.pairs.count)).map { jobs[$0] }
    Console.err(
      "shard \(shard): \(own.count) of \(jobs.count) runs, stored in \(shard.storeName); "
        + "'vitrine store merge' brings the shards' stores together")
    return own
  }

  private func analyze(
    _ plans: [AnalysisPlan], _ version: Project.ModelVersion, of project: Project, _ log: RunLog
  ) throws {
    let budget = MemoryBudget(total: memory.map { Int($0 * 1e9) })
    let model = try LoadedModel(version, of: project, memory: budget)
    model.warn(of: project, version)
    let analyzer = Analyzer(model: model.transformer, tokenizer: model.tokenizer, folder: model.folder)
    // What would stop a later behaviour is told now, not after the minutes that the earlier ones take.
    for plan in plans { _ = try analyzer.check(plan) }
    _ = try log.open()
    for plan in plans { Console.err(CostText.line(try analyzer.cost(of: plan), version, plan)) }
    let execution = PlanExecution(model)
    for plan in plans { try log.append(try execution.record(plan)) }
  }

  /// Prints what the plans would cost.
  private func cost(_ plans: [AnalysisPlan], _ version: Project.ModelVersion, of project: Project) throws {
    let budget = MemoryBudget(total: memory.map { Int($0 * 1e9) })
    let model = try LoadedModel(version, of: project, memory: budget)
    let analyzer = Analyzer(model: model.transformer, tokenizer: model.tokenizer, folder: model.folder)
    for plan in plans {
      _ = try analyzer.check(plan)
      let cost = try analyzer.cost(of: plan)
      Console.out(CostText.line(cost, version, plan))
      Console.out(CostText.steps(cost))
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
