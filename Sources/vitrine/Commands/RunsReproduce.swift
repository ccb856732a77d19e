import Analysis
import ArgumentParser
import Evidence
import Foundation
import Project
import Reports

struct RunsReproduce: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reproduce",
    abstract: "Execute a run's plan again and compare every number with the recorded one.",
    discussion: """
      The plan is the record's own, not what vitrine.yaml says today; the model is the folder of the project that has the \
      run's root digest, under whatever version. If no folder has it, the answer is 'another model', with the digests, and \
      nothing is run: numbers of other weights say nothing about the run.

      The answer is byte-equal (the result has the same bytes), within tolerance, or different. What may rightly differ \
      (time, machine, threads, program) is listed apart. The reproduction is added to the store as a record of its own, and \
      'vitrine runs show ID' shows it beside the run. Exit status 0 for byte-equal and within tolerance, otherwise 1.

      On x86-64 processors a run gives the same bytes with AVX2 and AVX-512 and with any number of threads; set \
      VITRINE_ISA=avx2 to see it.
      """)

  @Argument(help: "A run ID, or at least 6 characters of its beginning or end.") var id: String
  @OptionGroup var project: ProjectOptions
  @Option(
    help: ArgumentHelp(
      "How far a number may be off, relative to max(1, |m_clean − m_counterfactual|) of its prompt pair and absolutely elsewhere (default: \(ResultComparison.Tolerance.standard.relative)).",
      valueName: "number"))
  var tolerance: Double?
  @Option(
    name: .customLong("model-folder"),
    help: ArgumentHelp("A model's folder to run, instead of the project's.", valueName: "folder"))
  var modelFolder: String?
  @Flag(
    name: .customLong("no-record"),
    help: "Add nothing to the store, e.g. because it is a copy on a read-only medium.")
  var noRecord = false
  @OptionGroup var output: OutputOptions

  private struct Printed: Encodable {
    let record: ReproductionRecord
    let isStored: Bool
    let differences: [ResultComparison.Difference]
    let changes: [ResultComparison.Change]
  }

  func validate() throws {
    if let tolerance, !(tolerance >= 0 && tolerance.isFinite) {
      throw ValidationError("--tolerance \(tolerance) is not a number from 0 on")
    }
  }

  func run() async throws {
    let store = try Store.open(at: try project.storeFile(), mode: noRecord ? .readOnly : .readWrite)
    let problems = try store.verify(id: id)
    for problem in problems { Console.err("vitrine: the record of run \(id) is not intact: \(problem)") }
    guard problems.isEmpty else { throw ExitCode(ExitStatus.answerIsNo.rawValue) }
    let run = try store.run(id: id)
    guard run.record.status != .failed else {
      Console.err("vitrine: run \(run.record.id) failed (\(run.record.failure ?? "")); it has no numbers to reproduce")
      throw ExitCode(ExitStatus.answerIsNo.rawValue)
    }
    let reproduction = try reproduce(run, document: try store.document(id: run.record.id))
    if !noRecord { try store.append(reproduction.record) }
    try report(reproduction, run)
    if [.different, .anotherModel].contains(reproduction.record.outcome) {
      throw ExitCode(ExitStatus.answerIsNo.rawValue)
    }
  }

  private func reproduce(_ run: StoredRun, document: Data) throws -> Reproduction {
    let tolerance = self.tolerance.map(ResultComparison.Tolerance.init(relative:)) ?? .standard
    let started = Timestamp.now()
    let search = try ModelSearch(for: run.record, in: try folders(run.record))
    if let found = search.found {
      let model = try LoadedModel(
        folder: found.folder, named: found.name, version: found.version, system: run.record.system,
        ignoredTensors: run.record.model.ignoredTensors)
      if model.recorder.model.rootSha256 == run.record.model.rootSha256 {
        let again = try PlanExecution(model).record(of: run.record)
        return try Reproduction(
          of: run, document: document, again: again, models: search.looked, tolerance: tolerance)
      }
      throw EvidenceError(
        .badModelFolder, "\(found.folder.path): the model's files changed while they were read; start again")
    }
    return Reproduction(
      of: run, foundOnly: search.looked, started: started, program: try .current(version: Vitrine.version),
      machine: .current(instructionSet: ComputeMachine.instructionSet, threads: ComputeMachine.threads),
      tolerance: tolerance)
  }

  private func folders(_ record: RunRecord) throws -> [ModelSearch.Folder] {
    if let modelFolder {
      return [.init(version: record.modelVersion, folder: URL(fileURLWithPath: modelFolder), name: modelFolder)]
    }
    return try project.load().models.map { .init(version: $0.version, folder: $0.folder, name: $0.path) }
  }

  private func report(_ reproduction: Reproduction, _ run: StoredRun) throws {
    guard output.json else {
      return try Console.out(
        ReproductionDocument(reproduction.record, comparison: reproduction.comparison, isStored: !noRecord).document)
    }
    Console.out(
      try CanonicalJSON.encode(
        Printed(
          record: reproduction.record, isStored: !noRecord, differences: reproduction.comparison?.differences ?? [],
          changes: reproduction.comparison?.changes ?? [])))
  }
}
