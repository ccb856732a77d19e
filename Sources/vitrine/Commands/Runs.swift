import Analysis
import ArgumentParser
import Evidence
import Foundation

struct Runs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read the store of past runs.",
    discussion: """
      Every analysis and evaluation is one run in the project's evidence.sqlite. Runs are only ever added: what a dossier \
      cites stays as it was measured. 'vitrine runs list' gives the IDs, 'vitrine runs show ID' reads one.
      """,
    subcommands: [RunsList.self, RunsShow.self])
}

struct RunsList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the runs in the order in which they were stored.",
    discussion:
      "The first column is the shortest ending of a run's ID that is unique in this store; every command accepts it.")

  @OptionGroup var project: ProjectOptions
  @Option(help: ArgumentHelp("Only runs on this model version.", valueName: "version")) var model: String?
  @Option(help: ArgumentHelp("Only runs of this behaviour.", valueName: "id")) var behaviour: String?
  @Option(help: "Only runs of this kind: analysis or evaluation.") var kind: String?
  @Option(help: "Only runs with this status: finished, refused or failed.") var status: String?
  @Option(help: ArgumentHelp("Only runs started at or after this time (UTC).", valueName: "2026-11-23T10:00:00Z"))
  var since: String?
  @Option(help: ArgumentHelp("Only runs started before this time (UTC).", valueName: "time")) var until: String?
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let filter = RunFilter(
      modelVersion: model, behaviour: behaviour, kind: try choice(kind, "--kind"),
      status: try choice(status, "--status"), since: since, until: until)
    let store = try Store.open(at: try project.url().appendingPathComponent("evidence.sqlite"), mode: .readOnly)
    let runs = try store.runs(matching: filter)
    if output.json { return Console.out(try CanonicalJSON.encode(runs)) }
    guard !runs.isEmpty else { return Console.out("no runs") }
    Console.out(
      Format.table(
        [["run", "started (UTC)", "status", "model", "what", "full ID"]]
          + runs.map {
            [
              $0.suffix, String($0.started.prefix(19)), $0.status.rawValue, $0.modelVersion,
              $0.behaviour ?? $0.kind.rawValue, $0.id,
            ]
          }))
  }

  private func choice<Value: RawRepresentable & CaseIterable>(_ text: String?, _ option: String) throws -> Value?
  where Value.RawValue == String {
    guard let text else { return nil }
    guard let value = Value(rawValue: text) else {
      throw ValidationError(
        "\(option) '\(text)' is not one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return value
  }
}

struct RunsShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one run: what was asked, on which model, what came out, and how to trust it.",
    discussion: """
      Shows all that is needed to run it again (plan, prompts, seed, model digest, program, machine), the numbers with their \
      intervals, the measured error of each approximation, the engine's tests on this model, and what was refused. \
      --json prints the record itself, the very bytes whose digest the store keeps. A record that was changed after it was \
      stored is said to be so, and the command exits with 1.
      """)

  @Argument(help: "A run ID, or at least 6 characters of its beginning or end.") var id: String
  @OptionGroup var project: ProjectOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let store = try Store.open(at: try project.url().appendingPathComponent("evidence.sqlite"), mode: .readOnly)
    let problems = try store.verify(id: id)
    for problem in problems { Console.err("vitrine: the record of run \(id) is not intact: \(problem)") }
    let stored = try store.run(id: id)
    if output.json {
      Console.out(try store.document(id: stored.record.id))
    } else {
      Console.out(RunText(stored).text)
    }
    if !problems.isEmpty { throw ExitCode(ExitStatus.answerIsNo.rawValue) }
  }
}
