import Analysis
import ArgumentParser
import Evidence
import Foundation
import Reports

struct Runs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read, verify, reproduce, sign and export past runs.",
    discussion: """
      Every analysis and evaluation is one run in the project's evidence.sqlite. Runs are only ever added: what a dossier \
      cites stays as it was measured. 'vitrine runs list' gives the IDs, 'vitrine runs show ID' reads one, 'vitrine runs \
      verify' checks that nothing was edited, removed or cut off since, 'vitrine runs reproduce ID' executes one again and \
      compares, 'vitrine runs sign ID' adds a person's signature.
      """,
    subcommands: [
      RunsList.self, RunsShow.self, RunsVerify.self, RunsReproduce.self, RunsSign.self, RunsExport.self,
    ])
}

struct RunsList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the runs in the order in which they were stored.",
    discussion: """
      The first column is the shortest ending of a run's ID that is unique in this store; every command accepts it. Without \
      --limit the table shows the last 100 runs that fit; --json gives all.

      'reproduced' is the outcome of the last reproduction that was executed.

      --search finds runs by words of their question, prompts, answers, labels, names and IDs, and by what persons wrote when \
      they signed: every word must occur, and 'credit*' finds words that begin so. It returns the last 500 that fit.

      --entries lists what else the log holds: signatures, waivers, decisions about changes, sign-offs, time-stamps, reproductions, \
      circuits measured on another version's model. 'vitrine runs show ID' shows each.
      """)

  @OptionGroup var project: ProjectOptions
  @Option(help: ArgumentHelp("Only runs on this model version.", valueName: "version")) var model: String?
  @Option(help: ArgumentHelp("Only runs of this behaviour.", valueName: "id")) var behaviour: String?
  @Option(help: "Only runs of this kind: analysis or evaluation.") var kind: String?
  @Option(help: "Only runs with this status: finished, refused or failed.") var status: String?
  @Option(help: ArgumentHelp("Only runs started at or after this time (UTC).", valueName: "2026-11-23T10:00:00Z"))
  var since: String?
  @Option(help: ArgumentHelp("Only runs started before this time (UTC).", valueName: "time")) var until: String?
  @Option(
    help: ArgumentHelp(
      "Only runs that used this method: \(AnalysisPlan.Method.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "method"))
  var method: String?
  @Option(help: ArgumentHelp("Only runs signed by a person whose name holds this.", valueName: "name"))
  var signer: String?
  @Option(help: ArgumentHelp("Only runs in which these words occur.", valueName: "words")) var search: String?
  @Option(help: ArgumentHelp("Only the last so many runs that fit.", valueName: "number")) var limit: Int?
  @Flag(help: "List every other record of the log instead of the runs.") var entries = false
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let filter = RunFilter(
      modelVersion: model, behaviour: behaviour, kind: try choice(kind, "--kind"),
      status: try choice(status, "--status"), since: since, until: until, method: try choice(method, "--method"),
      signer: signer, search: search, limit: output.json ? limit : (limit ?? Self.shown) + 1)
    if let limit, limit < 1 { throw ValidationError("--limit \(limit) shows nothing; give a number from 1 on") }
    let store = try Store.open(at: try project.storeFile(), mode: .readOnly)
    if entries { return try LogEntries.list(store, limit: limit, json: output.json) }
    let runs = try store.runs(matching: filter)
    if output.json { return Console.out(try CanonicalJSON.encode(runs)) }
    guard !runs.isEmpty else { return Console.out("no runs") }
    let last = runs.suffix(limit ?? Self.shown)
    Console.out(
      Format.table(
        [["run", "started (UTC)", "status", "model", "what", "full ID", "reproduced", "signed by"]]
          + last.map {
            [
              $0.suffix, String($0.started.prefix(19)), $0.status.rawValue, $0.modelVersion,
              $0.behaviour ?? $0.kind.rawValue, $0.id, Self.reproduced($0.reproductions),
              $0.signers.joined(separator: ", "),
            ]
          }))
    if last.count < runs.count {
      Console.err("the last \(last.count) are shown; there are more (--limit NUMBER shows more, --json all)")
    }
  }

  /// The outcome of the last reproduction that was executed, or that none could be.
  private static func reproduced(_ outcomes: [ReproductionRecord.Outcome]) -> String {
    (outcomes.last { $0 != .anotherModel } ?? outcomes.last)?.rawValue ?? ""
  }

  /// How many runs the table shows.
  private static let shown = 100

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
      stored is said to be so, and the command exits with 1; so does a signature that does not hold.

      Long tables and the data of figures are only named; --details prints them.

      Any other record of the log is shown by its ID too: a signature, a waiver, a decision about a change, a time-stamp.
      """)

  @Argument(help: "A run ID, or at least 6 characters of its beginning or end.") var id: String
  @Flag(help: "Print long tables and the data of figures too.") var details = false
  @OptionGroup var project: ProjectOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let store = try Store.open(at: try project.storeFile(), mode: .readOnly)
    if let entry = try LogEntries.entry(id, store) { return try show(entry) }
    let problems = try store.verify(id: id)
    for problem in problems { Console.err("vitrine: the record of run \(id) is not intact: \(problem)") }
    let stored = try store.run(id: id)
    let shown = try RunDocument(stored, entries: try store.entries(about: stored.record.id))
    if output.json {
      Console.out(try store.document(id: stored.record.id))
    } else {
      try Console.out(shown.document, opensDetails: details)
    }
    for failure in shown.failures {
      Console.err("vitrine: a signature on run \(stored.record.id) does not hold: \(failure)")
    }
    if !problems.isEmpty || !shown.failures.isEmpty { throw ExitCode(ExitStatus.answerIsNo.rawValue) }
  }

  private func show(_ entry: StoredEntry) throws {
    guard try SHA256.digest(of: entry.document).hex == entry.sha256 else {
      throw EvidenceError(.damagedRun, "the \(entry.kind) \(entry.id) is not what was stored: its digest differs")
    }
    let check = try DocumentCheck(entry.document)
    var problems = check.problems.map(\.detail)
    let isItself = check.kind == entry.kind && check.id == entry.id
    if !isItself {
      problems.append(
        "its bytes are the \(check.kind ?? "document") \(check.id ?? ""), and the store calls it the \(entry.kind) \(entry.id)"
      )
    }
    for problem in problems { Console.err("vitrine: the \(entry.kind) \(entry.id) is not intact: \(problem)") }
    if output.json {
      Console.out(entry.document)
    } else if isItself {
      try Console.out(
        entry.kind == ReproductionRecord.kind
          ? ReproductionDocument(try entry.decoded(as: ReproductionRecord.self)).document
          : EntryDocument(entry).document)
    }
    if !problems.isEmpty { throw ExitCode(ExitStatus.answerIsNo.rawValue) }
  }
}
