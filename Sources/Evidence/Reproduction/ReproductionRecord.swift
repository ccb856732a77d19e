/// That a run was executed again, and how the numbers came out: an entry of the log, about the run.
public struct ReproductionRecord: LedgerDocument {
  /// `vitrine.reproduction/1`.
  public static let format = "vitrine.reproduction/1"

  /// How it ended.
  public enum Outcome: String, Codable, Sendable, CaseIterable {
    /// The result has the same bytes.
    case byteEqual = "byte-equal"
    /// All that was recorded came out again within the tolerance.
    case withinTolerance = "within-tolerance"
    /// Something that was recorded did not come out again.
    case different
    /// The model is not there: folders with other digests are. Nothing was run.
    case anotherModel = "another-model"
  }

  /// A model folder that was looked at.
  public struct Model: Codable, Sendable, Equatable {
    /// The version that the project gives it.
    public var version: String
    /// Its root digest now, hex.
    public var rootSha256: String

    /// A folder's version and digest.
    public init(version: String, rootSha256: String) {
      self.version = version
      self.rootSha256 = rootSha256
    }
  }

  /// Something that may rightly be another than when the run was recorded, and is.
  public struct Circumstance: Codable, Sendable, Equatable {
    /// What, e.g. `instruction set`.
    public var what: String
    /// When the run was recorded.
    public var recorded: String
    /// Now.
    public var now: String
  }

  /// The document's format.
  public var schema: String
  /// The entry's identifier.
  public var id: String
  /// The run's identifier.
  public var run: String
  /// The digest of the run's record, hex.
  public var recordSha256: String
  /// How it ended.
  public var outcome: Outcome
  /// When it began: UTC, RFC 3339 with milliseconds.
  public var started: String
  /// When it ended: UTC, RFC 3339 with milliseconds.
  public var ended: String
  /// The program that ran now.
  public var program: RunRecord.Program
  /// The machine that ran now.
  public var machine: RunRecord.Machine
  /// The root digest of the model that the run is on, hex.
  public var modelSha256: String
  /// The model folders that were looked at; the last is the one that was run, unless the outcome is `anotherModel`.
  public var models: [Model]
  /// How far a number may be off.
  public var tolerance: ResultComparison.Tolerance
  /// What else is another than then.
  public var circumstances: [Circumstance]
  /// How the numbers came out, with the largest differences; nil if nothing was run.
  public var comparison: ResultComparison?
  /// The run as it came out now, with every number; only if it is not the same to the last byte.
  public var reproduced: RunRecord?

  /// How many differences and changes `comparison` lists; all of them follow from `reproduced`.
  static let listed = 20

  /// The run.
  public var subject: String? { run }

  /// The outcome, when and on what.
  public var summary: String {
    "\(outcome.rawValue), \(ended), \(program.name) \(program.version) on \(machine.instructionSet)"
  }

  /// The parts must fit the outcome.
  public var problems: [String] {
    var problems: [String] = []
    if !Timestamp.isValid(started) { problems.append("started '\(started)' is no time") }
    if !Timestamp.isValid(ended) { problems.append("ended '\(ended)' is no time") }
    if !SHA256Digest.isHex(recordSha256) { problems.append("record_sha256 is no digest") }
    if !SHA256Digest.isHex(modelSha256) { problems.append("model_sha256 is no digest") }
    if outcome == .anotherModel {
      if comparison != nil || reproduced != nil { problems.append("nothing was run, but there is a result") }
      if models.contains(where: { $0.rootSha256 == modelSha256 }) { problems.append("the model was there") }
    } else {
      if models.last?.rootSha256 != modelSha256 { problems.append("the model that was run is another") }
      if comparison?.isByteEqual != (outcome == .byteEqual) { problems.append("the outcome is not the comparison's") }
      if (reproduced == nil) != (outcome == .byteEqual) { problems.append("the new result is missing or too much") }
    }
    return problems
  }
}
