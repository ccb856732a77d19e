public import Analysis

/// The whole record of one run. Its canonical JSON (RFC 8785) *is* the record: those bytes are digested, logged and signed.
public struct RunRecord: Codable, Sendable, Equatable {
  /// The record's format. Raised when a field changes its meaning.
  public static let currentSchema = "vitrine.run/1"

  /// What was run.
  public enum Kind: String, Codable, Sendable, CaseIterable { case analysis, evaluation }

  /// How the run ended.
  public enum Status: String, Codable, Sendable, CaseIterable {
    /// Something was measured.
    case finished
    /// Nothing could be measured: every pair was refused. The refusals say why.
    case refused
    /// The run stopped on an error, which `failure` gives.
    case failed
  }

  /// The record's format, `currentSchema` when it was written.
  public var schema: String
  /// UUID version 7 (RFC 9562), lower case.
  public var id: String
  /// What was run.
  public var kind: Kind
  /// How it ended.
  public var status: Status
  /// The error of a failed run.
  public var failure: String?
  /// When it began: UTC, RFC 3339 with milliseconds.
  public var started: String
  /// When it ended: UTC, RFC 3339 with milliseconds.
  public var ended: String
  /// The AI system's name in the project file.
  public var system: String
  /// The model version in the project file.
  public var modelVersion: String
  /// The behaviour's id (nil for an evaluation).
  public var behaviour: String?
  /// Which model was run, by its bytes.
  public var model: ModelIdentity
  /// Digest of the prompts and answers as token ids, hex.
  public var promptsSha256: String
  /// The program that made the run.
  public var program: Program
  /// The machine that made the run.
  public var machine: Machine
  /// The plan of an analysis: everything needed to run it again.
  public var analysisPlan: AnalysisPlan?
  /// The plan of an evaluation.
  public var evaluationPlan: EvaluationPlan?
  /// What came out of an analysis (nil if it failed).
  public var analysis: AnalysisResult?
  /// What came out of an evaluation (nil if it failed).
  public var evaluation: EvaluationResult?
  /// The numbers and circuits that a dossier can cite.
  public var findings: [Finding]
  /// The approximate methods, each with its measured error.
  public var approximations: [Approximation]
  /// The checks of the engine on this model.
  public var selfTests: [SelfTest]
  /// What was not measured, and why.
  public var refusals: [Refusal]

  /// A record from its parts.
  public init(
    schema: String = RunRecord.currentSchema, id: String, kind: Kind, status: Status, failure: String? = nil,
    started: String, ended: String, system: String, modelVersion: String, behaviour: String? = nil,
    model: ModelIdentity, promptsSha256: String, program: Program, machine: Machine,
    analysisPlan: AnalysisPlan? = nil, evaluationPlan: EvaluationPlan? = nil, analysis: AnalysisResult? = nil,
    evaluation: EvaluationResult? = nil, findings: [Finding] = [], approximations: [Approximation] = [],
    selfTests: [SelfTest] = [], refusals: [Refusal] = []
  ) {
    self.schema = schema
    self.id = id
    self.kind = kind
    self.status = status
    self.failure = failure
    self.started = started
    self.ended = ended
    self.system = system
    self.modelVersion = modelVersion
    self.behaviour = behaviour
    self.model = model
    self.promptsSha256 = promptsSha256
    self.program = program
    self.machine = machine
    self.analysisPlan = analysisPlan
    self.evaluationPlan = evaluationPlan
    self.analysis = analysis
    self.evaluation = evaluation
    self.findings = findings
    self.approximations = approximations
    self.selfTests = selfTests
    self.refusals = refusals
  }

  /// The program that made the run.
  public struct Program: Codable, Sendable, Equatable {
    /// `vitrine`.
    public var name: String
    /// Its version.
    public var version: String
    /// Digest of the executable file, hex.
    public var binarySha256: String
  }

  /// The machine that made the run.
  public struct Machine: Codable, Sendable, Equatable {
    /// The network name.
    public var hostName: String
    /// Distribution, kernel and architecture.
    public var operatingSystem: String
    /// The processor's name as the system gives it.
    public var processor: String
    /// The instruction set the kernels used, e.g. `avx512`.
    public var instructionSet: String
    /// How many threads computed.
    public var threads: Int
    /// Physical memory.
    public var memoryBytes: Int
  }
}

/// Which model was run, by the bytes that were mapped.
public struct ModelIdentity: Codable, Sendable, Equatable {
  /// One file of the model's folder.
  public struct File: Codable, Sendable, Equatable {
    /// Path relative to the model's folder, with `/`.
    public var path: String
    /// The file's size.
    public var bytes: Int
    /// The file's digest, hex.
    public var sha256: String

    /// A file from its parts.
    public init(path: String, bytes: Int, sha256: String) {
      self.path = path
      self.bytes = bytes
      self.sha256 = sha256
    }
  }

  /// A signature that its publisher put beside the model, as OpenSSF model signing has it: `model.sig`, a Sigstore bundle.
  ///
  /// It is carried along, not verified: whose key it is, only the publisher can say (`model_signing verify`).
  public struct PublishedSignature: Codable, Sendable, Equatable {
    /// The file's name, `model.sig`.
    public var path: String
    /// The file's size.
    public var bytes: Int
    /// The file's digest, hex.
    public var sha256: String
    /// The bundle's media type, as it says (nil if the file is no bundle).
    public var mediaType: String?
    /// The root digest that the bundle signs, hex (nil if it cannot be read).
    public var signedRootSha256: String?
    /// The file itself, if it is a text of at most a megabyte.
    public var document: String?
  }

  /// OpenSSF model-signing v1 root digest, hex: SHA-256 over the files' raw SHA-256 digests in order of path components.
  public var rootSha256: String
  /// Every file that the root digest covers, in its order.
  public var files: [File]
  /// Digest of the tensors alone (name, type, shape and bytes, in order of name), hex. `TensorsDigest` defines it.
  public var tensorsSha256: String
  /// Digest of `tokenizer.json`, hex (nil if the model has none).
  public var tokenizerSha256: String?
  /// `model_type` of `config.json`.
  public var architecture: String
  /// What stands on top of the last layer (nil: a record of before version 0.2).
  public var head: ModelHead?
  /// Layers of the model.
  public var layers: Int
  /// Attention heads per layer.
  public var headsPerLayer: Int
  /// Scalars in the tensors that are computed with (records of before version 0.2: in all of the checkpoint's).
  public var parameters: Int
  /// The publisher's signature beside the model (nil if there is none).
  public var signature: PublishedSignature?
  /// What the folder holds and the computation does not use, or takes otherwise (nil if there is no such thing, and in records of before
  /// version 0.2).
  public var remarks: [ModelRemark]?

  /// The tensors that were declared as not to be used, by name.
  public var ignoredTensors: [String] { (remarks ?? []).filter { $0.kind == .declared }.flatMap(\.names) }
}

/// A record as it stands in the store, with the digest of its bytes.
public struct StoredRun: Sendable, Equatable {
  /// The record.
  public var record: RunRecord
  /// SHA-256 of the record's canonical JSON, hex.
  public var sha256: String

  /// A stored run from its parts.
  public init(record: RunRecord, sha256: String) {
    self.record = record
    self.sha256 = sha256
  }
}
