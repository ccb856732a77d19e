public import Analysis

/// The whole record of one run. Its canonical JSON (RFC 8785) *is* the record: those bytes are digested, logged and signed.
public struct RunRecord: Codable, Sendable, Equatable {
  /// The record's format. Raised when a field changes its meaning.
  public static let currentSchema = "vitrine.run/1"

  /// What was run.
  public enum Kind: String, Codable, Sendable { case analysis, evaluation }

  /// How the run ended.
  public enum Status: String, Codable, Sendable {
    case finished
    /// Nothing could be measured: every pair was refused. The refusals say why.
    case refused
    /// The run stopped on an error, which `failure` gives.
    case failed
  }

  public var schema: String
  /// UUID version 7 (RFC 9562), lower case.
  public var id: String
  public var kind: Kind
  public var status: Status
  /// The error of a failed run.
  public var failure: String?
  /// UTC, RFC 3339 with milliseconds.
  public var started: String
  public var ended: String
  /// The AI system's name in the project file.
  public var system: String
  /// The model version in the project file.
  public var modelVersion: String
  /// The behaviour's id (nil for an evaluation).
  public var behaviour: String?
  public var model: ModelIdentity
  /// Digest of the prompts and answers as token ids, hex.
  public var promptsSha256: String
  public var program: Program
  public var machine: Machine
  /// The plan of an analysis: everything needed to run it again.
  public var analysisPlan: AnalysisPlan?
  /// The plan of an evaluation.
  public var evaluationPlan: EvaluationPlan?
  public var analysis: AnalysisResult?
  public var evaluation: EvaluationResult?
  public var findings: [Finding]
  public var approximations: [Approximation]
  public var selfTests: [SelfTest]
  public var refusals: [Refusal]

  /// The program that made the run.
  public struct Program: Codable, Sendable, Equatable {
    public var name: String
    public var version: String
    /// Digest of the executable file, hex.
    public var binarySha256: String

    public init(name: String, version: String, binarySha256: String) {
      self.name = name
      self.version = version
      self.binarySha256 = binarySha256
    }
  }

  /// The machine that made the run.
  public struct Machine: Codable, Sendable, Equatable {
    public var hostName: String
    public var operatingSystem: String
    public var processor: String
    /// The instruction set the kernels used, e.g. `avx512`.
    public var instructionSet: String
    public var threads: Int
    public var memoryBytes: Int

    public init(
      hostName: String, operatingSystem: String, processor: String, instructionSet: String, threads: Int,
      memoryBytes: Int
    ) {
      self.hostName = hostName
      self.operatingSystem = operatingSystem
      self.processor = processor
      self.instructionSet = instructionSet
      self.threads = threads
      self.memoryBytes = memoryBytes
    }
  }
}

/// Which model was run, by the bytes that were mapped.
public struct ModelIdentity: Codable, Sendable, Equatable {
  /// One file of the model's folder.
  public struct File: Codable, Sendable, Equatable {
    /// Path relative to the model's folder, with `/`.
    public var path: String
    public var bytes: Int
    /// Hex.
    public var sha256: String

    public init(path: String, bytes: Int, sha256: String) {
      self.path = path
      self.bytes = bytes
      self.sha256 = sha256
    }
  }

  /// OpenSSF model-signing v1 root digest, hex: SHA-256 over the files' raw SHA-256 digests in order of path components.
  public var rootSha256: String
  public var files: [File]
  /// Digest of the tensors alone (name, type, shape and bytes, in order of name), hex.
  public var tensorsSha256: String
  /// Digest of `tokenizer.json`, hex (nil if the model has none).
  public var tokenizerSha256: String?
  /// `model_type` of `config.json`.
  public var architecture: String
  public var layers: Int
  public var headsPerLayer: Int
  /// Scalars in the checkpoint's tensors.
  public var parameters: Int

  public init(
    rootSha256: String, files: [File], tensorsSha256: String, tokenizerSha256: String?, architecture: String,
    layers: Int,
    headsPerLayer: Int, parameters: Int
  ) {
    self.rootSha256 = rootSha256
    self.files = files
    self.tensorsSha256 = tensorsSha256
    self.tokenizerSha256 = tokenizerSha256
    self.architecture = architecture
    self.layers = layers
    self.headsPerLayer = headsPerLayer
    self.parameters = parameters
  }
}

/// A record as it stands in the store, with the digest of its bytes.
public struct StoredRun: Sendable, Equatable {
  public var record: RunRecord
  /// SHA-256 of the record's canonical JSON, hex.
  public var sha256: String

  public init(record: RunRecord, sha256: String) {
    self.record = record
    self.sha256 = sha256
  }
}
