public import Analysis

/// Does one version's circuit explain another version? Each circuit measured exactly on each model: an entry of the
/// log, about the later version's run.
public struct TransferRecord: LedgerDocument {
  /// `vitrine.transfer/1`.
  public static let format = "vitrine.transfer/1"

  /// One version's side.
  public struct Side: Codable, Sendable, Equatable {
    /// The model version.
    public var modelVersion: String
    /// The run that found the circuit.
    public var run: String
    /// Root digest of the model's files, measured for this, hex.
    public var rootSha256: String
    /// The circuit's heads.
    public var circuit: [Node]

    /// A side from its parts.
    public init(modelVersion: String, run: String, rootSha256: String, circuit: [Node]) {
      self.modelVersion = modelVersion
      self.run = run
      self.rootSha256 = rootSha256
      self.circuit = circuit
    }
  }

  /// The document's format.
  public var schema: String
  /// The entry's identifier.
  public var id: String
  /// The later version's run.
  public var run: String
  /// The behaviour.
  public var behaviour: String
  /// The earlier version.
  public var before: Side
  /// The later version.
  public var after: Side
  /// The plan whose prompts were used: the later version's run's.
  public var plan: AnalysisPlan
  /// `scores[circuit][model]`, the earlier version first on both.
  public var scores: [[Analyzer.TransferScore]]
  /// When it began and ended: UTC, RFC 3339 with milliseconds.
  public var started: String
  /// When it ended.
  public var ended: String
  /// The program.
  public var program: RunRecord.Program
  /// The machine.
  public var machine: RunRecord.Machine

  /// A record from its parts, ended now.
  public init(
    behaviour: String, before: Side, after: Side, plan: AnalysisPlan, scores: [[Analyzer.TransferScore]],
    started: String, program: RunRecord.Program, machine: RunRecord.Machine
  ) {
    schema = Self.format
    id = RunIdentifier.next()
    run = after.run
    self.behaviour = behaviour
    self.before = before
    self.after = after
    self.plan = plan
    self.scores = scores
    self.started = started
    ended = max(started, Timestamp.now())
    self.program = program
    self.machine = machine
  }

  /// The later version's run.
  public var subject: String? { run }
  /// Which circuits on which models.
  public var summary: String {
    "circuits of '\(behaviour)' of versions \(before.modelVersion) and \(after.modelVersion), each measured on both models"
  }
  /// Both circuits on both models, digests that are digests, times that are times.
  public var problems: [String] {
    var problems: [String] = []
    if run != after.run { problems.append("run is \(run), not the later version's run \(after.run)") }
    if scores.count != 2 || scores.contains(where: { $0.count != 2 }) {
      problems.append("it does not hold both circuits on both models")
    }
    for side in [before, after] where !SHA256Digest.isHex(side.rootSha256) {
      problems.append("root_sha256 of version \(side.modelVersion) is no digest")
    }
    for time in [started, ended] where !Timestamp.isValid(time) { problems.append("'\(time)' is no time") }
    return problems
  }
}
