import Analysis
import ArgumentParser
import Evidence
import Foundation
import Project

struct Analyze: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure the project's behaviours inside its models and store one run for each.",
    discussion: """
      Each behaviour on each model version is one run: exact patching of every head and MLP, first-order estimates with
      their measured error, token attribution, and a circuit with its exact scores. A run is stored as soon as it is done,
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
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let project = try self.project.load(folder)
    let versions = try models.select(project)
    let plans = try plans(project)
    let store = try Store.open(at: project.storeFile, mode: .create)
    Interruption.listen()
    var summaries: [RunOutcome] = []
    for version in versions {
      let model = try LoadedModel(version, of: project)
      let analyzer = Analyzer(model: model.transformer, tokenizer: model.tokenizer, folder: model.folder)
      for plan in plans {
        let line = ProgressLine("\(version.version) \(plan.behaviour)")
        let started = Timestamp.now()
        let outcome: Analyzer.Outcome
        do {
          outcome = try analyzer.run(
            plan, progress: { line.update($0.step, done: $0.done, total: $0.total) },
            isCancelled: { Interruption.isRequested })
        } catch {
          line.finish()
          throw error
        }
        line.finish()
        let stored = try store.append(try model.recorder.record(outcome, of: plan, started: started))
        let summary = RunOutcome(stored)
        if !output.json { Console.out(summary.line) }
        summaries.append(summary)
      }
    }
    if output.json { Console.out(try CanonicalJSON.encode(summaries)) }
    if summaries.allSatisfy({ $0.status == .refused }) {
      Console.err("vitrine: every prompt pair was refused; 'vitrine runs show ID' gives the reasons")
      throw ExitCode(ExitStatus.answerIsNo.rawValue)
    }
  }

  private func plans(_ project: Project) throws -> [AnalysisPlan] {
    guard !project.behaviours.isEmpty else {
      throw ProjectError(
        .missingKey,
        "vitrine.yaml has no behaviours, so there is nothing to analyse; add one under 'behaviours:' ('vitrine init' writes an example)"
      )
    }
    let chosen =
      try behaviours.isEmpty
      ? project.behaviours
      : behaviours.map { id in
        guard let behaviour = project.behaviours.first(where: { $0.id == id }) else {
          throw ProjectError(
            .unknownName,
            "there is no behaviour '\(id)' in vitrine.yaml; it has \(project.behaviours.map(\.id).joined(separator: ", "))"
          )
        }
        return behaviour
      }
    let methods = try self.methods.map(Self.parse)
    return chosen.map { behaviour in
      var plan = project.plan(for: behaviour)
      if let methods { plan.methods = methods }
      return plan
    }
  }

  private static func parse(_ text: String) throws -> [AnalysisPlan.Method] {
    try text.split(separator: ",").map { part in
      let name = part.trimmingCharacters(in: .whitespaces)
      guard let method = AnalysisPlan.Method(rawValue: name) else {
        throw ValidationError(
          "unknown method '\(name)'; there are \(AnalysisPlan.Method.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      return method
    }
  }
}

/// What a finished run tells the user.
struct RunOutcome: Encodable {
  let id: String
  let kind: RunRecord.Kind
  let status: RunRecord.Status
  let modelVersion: String
  let behaviour: String?
  let sha256: String
  let refusals: Int
  private let text: String

  private enum CodingKeys: String, CodingKey { case id, kind, status, modelVersion, behaviour, sha256, refusals }

  init(_ stored: StoredRun) {
    let record = stored.record
    id = record.id
    kind = record.kind
    status = record.status
    modelVersion = record.modelVersion
    behaviour = record.behaviour
    sha256 = stored.sha256
    refusals = record.refusals.count
    text = RunText.headline(record)
  }

  var line: String { "\(id)  \(text)" }
}
