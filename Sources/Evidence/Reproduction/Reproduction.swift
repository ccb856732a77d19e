public import Foundation

/// Judges a second execution of a run's plan.
public struct Reproduction: Sendable {
  /// What goes into the store.
  public let record: ReproductionRecord
  /// The comparison with every difference; nil if nothing was run.
  public let comparison: ResultComparison?

  /// The plan was executed again on the same model.
  /// - Parameters:
  ///   - run: the recorded run.
  ///   - document: its bytes as stored.
  ///   - again: the record of the new execution. It is no run of the store.
  ///   - models: the model folders that were looked at, the one that was run last.
  ///   - tolerance: how far a number may be off.
  /// - Precondition: both are on the model with the same root digest.
  /// - Throws: `JSONError` that names a number which is not finite.
  /// - Complexity: O(n log n) in the numbers of the result.
  public init(
    of run: StoredRun, document: Data, again: RunRecord, models: [ReproductionRecord.Model],
    tolerance: ResultComparison.Tolerance = .standard
  ) throws {
    precondition(run.record.model.rootSha256 == again.model.rootSha256, "another model is no reproduction")
    let comparison = try ResultComparison(
      ResultPart.value(ofRecord: document), ResultPart.value(ofRecord: RecordCoder.encode(again)),
      tolerance)
    let outcome: ReproductionRecord.Outcome =
      if comparison.isByteEqual {
        .byteEqual
      } else if comparison.isWithinTolerance(sameProgram: run.record.program == again.program) {
        .withinTolerance
      } else {
        .different
      }
    record = ReproductionRecord(
      schema: ReproductionRecord.format, id: RunIdentifier.next(), run: run.record.id, recordSha256: run.sha256,
      outcome: outcome, started: again.started, ended: again.ended, program: again.program, machine: again.machine,
      modelSha256: run.record.model.rootSha256, models: models, tolerance: tolerance,
      circumstances: Self.circumstances(run.record, again), comparison: comparison.prefix(ReproductionRecord.listed),
      reproduced: outcome == .byteEqual ? nil : again)
    self.comparison = comparison
  }

  /// The model of the run is not there; other models are. Their numbers would say nothing about the run.
  /// - Parameters:
  ///   - run: the recorded run.
  ///   - models: the model folders that were looked at.
  ///   - started: when the look began.
  ///   - program: the program that looked.
  ///   - machine: the machine that it ran on.
  ///   - tolerance: how far a number would have been allowed to be off.
  public init(
    of run: StoredRun, foundOnly models: [ReproductionRecord.Model], started: String, program: RunRecord.Program,
    machine: RunRecord.Machine, tolerance: ResultComparison.Tolerance = .standard
  ) {
    record = ReproductionRecord(
      schema: ReproductionRecord.format, id: RunIdentifier.next(), run: run.record.id, recordSha256: run.sha256,
      outcome: .anotherModel, started: started, ended: Timestamp.now(), program: program, machine: machine,
      modelSha256: run.record.model.rootSha256, models: models, tolerance: tolerance,
      circumstances: Self.circumstances(run.record.program, program) + Self.circumstances(run.record.machine, machine),
      comparison: nil, reproduced: nil)
    comparison = nil
  }

  // MARK: Circumstances

  private typealias Circumstance = ReproductionRecord.Circumstance

  private static func circumstances(_ then: RunRecord, _ now: RunRecord) -> [ReproductionRecord.Circumstance] {
    different([
      ("run identifier", then.id, now.id), ("begun", then.started, now.started), ("ended", then.ended, now.ended),
      ("system", then.system, now.system), ("model version", then.modelVersion, now.modelVersion),
    ]) + circumstances(then.program, now.program) + circumstances(then.machine, now.machine)
  }

  private static func circumstances(
    _ then: RunRecord.Program, _ now: RunRecord.Program
  ) -> [ReproductionRecord.Circumstance] {
    different([
      ("program", "\(then.name) \(then.version)", "\(now.name) \(now.version)"),
      ("program's SHA-256", then.binarySha256, now.binarySha256),
    ])
  }

  private static func circumstances(
    _ then: RunRecord.Machine, _ now: RunRecord.Machine
  ) -> [ReproductionRecord.Circumstance] {
    different([
      ("computer", then.hostName, now.hostName), ("operating system", then.operatingSystem, now.operatingSystem),
      ("processor", then.processor, now.processor), ("instruction set", then.instructionSet, now.instructionSet),
      ("threads", "\(then.threads)", "\(now.threads)"), ("memory, bytes", "\(then.memoryBytes)", "\(now.memoryBytes)"),
    ])
  }

  private static func different(_ pairs: [(what: String, then: String, now: String)]) -> [Circumstance] {
    pairs.filter { $0.then != $0.now }.map { Circumstance(what: $0.what, recorded: $0.then, now: $0.now) }
  }
}
