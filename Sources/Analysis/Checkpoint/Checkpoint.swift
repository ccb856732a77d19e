public import Foundation

/// A model folder in Hugging Face layout, opened: its texts and headers read, no weight yet.
public struct Checkpoint: Sendable {
  /// The folder.
  public let folder: URL
  /// Every file that the engine looks at: `config.json`, the safetensors files, `tokenizer.json`, `tokenizer_config.json` and others
  /// if they are there.
  public let files: [ModelFile]
  /// The tensors by name.
  public let tensors: [String: StoredTensor]
  /// `model_type` of `config.json`.
  public let modelType: String
  /// Names of tensors, or patterns with `*`, that are declared as not to be used.
  public let ignoredTensors: [String]
  let configuration: ModelJSONObject
  let tokenizerFile: ModelFile?
  private let weights: [ModelFile]

  /// Bytes up to which files are read; the largest published ones have a tenth to a half of them.
  enum Limits {
    static let configuration = 16 << 20
    /// Gemma 3's has 33 MB.
    static let tokenizer = 80 << 20
    static let index = 64 << 20
    /// Files of one checkpoint; DeepSeek-V3 has 163.
    static let shards = 4096
  }

  static let tokenizerConfiguration = "tokenizer_config.json"

  /// Texts that programs beside the engine read, and of which it reads those about tokens: no key may stand in them twice.
  private static let otherFiles = [
    "generation_config.json", tokenizerConfiguration, TokenizerFiles.specialTokens, TokenizerFiles.addedTokens,
  ]

  /// Opens a model folder.
  /// - Parameters:
  ///   - folder: the model's folder.
  ///   - ignoredTensors: names of tensors, or patterns with `*`, that are declared as not to be used.
  /// - Throws: `AnalysisError` that names the folder, file or key and the remedy.
  /// - Complexity: O(texts and headers); weights are not read.
  public init(folder: URL, ignoredTensors: [String] = []) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder) else {
      throw AnalysisError(
        .modelNotFound,
        "\(folder.path): no such model folder; put config.json, model.safetensors and tokenizer.json there")
    }
    guard isFolder.boolValue else {
      throw AnalysisError(
        .modelNotFound, "\(folder.path): is a file; name the folder that holds config.json and model.safetensors")
    }
    if let obstacle = FolderObstacle.find(in: folder) { throw obstacle }
    func read(_ name: String, limit: Int) throws -> ModelFile? {
      let file = try ModelFile.ifThere {
        try ModelFile(url: folder.appendingPathComponent(name), path: name, limit: limit)
      }
      if let file { try FileContent.check(file, isText: true) }
      return file
    }
    func open(_ name: String) throws -> ModelFile? {
      let file = try ModelFile.ifThere { try ModelFile(unread: folder.appendingPathComponent(name), path: name) }
      if let file { try FileContent.check(file, isText: false) }
      return file
    }
    guard let configurationFile = try read("config.json", limit: Limits.configuration) else {
      throw AnalysisError(
        .modelNotFound, "\(folder.path): has no config.json; a model folder in Hugging Face layout is needed")
    }
    configuration = try ModelJSONObject(
      configurationFile.bytes, file: configurationFile.url.path, code: .badConfiguration, wholeNumbers: .byValue)
    guard let type = try configuration.string("model_type") else {
      throw configuration.failure("model_type", "is missing")
    }
    modelType = type
    tokenizerFile = try read("tokenizer.json", limit: Limits.tokenizer)
    let others = try Self.otherFiles.compactMap { try read($0, limit: Limits.tokenizer) }
    for file in others { try Self.checkKeys(of: file) }

    var index: ModelFile?
    if let single = try open("model.safetensors") {
      weights = [single]
    } else if let found = try read("model.safetensors.index.json", limit: Limits.index) {
      index = found
      weights = try Self.shards(of: found, open: open)
    } else {
      throw AnalysisError(
        .modelNotFound,
        "\(folder.path): has neither model.safetensors nor model.safetensors.index.json, nor weights in another format; copy the "
          + "whole folder as `save_pretrained` wrote it")
    }
    var tensors: [String: StoredTensor] = [:]
    for file in weights {
      for tensor in try Safetensors.tensors(of: file) {
        if let other = tensors.updateValue(tensor, forKey: tensor.name) {
          throw AnalysisError(
            .badCheckpoint, "\(folder.path): tensor '\(tensor.name)' is in both \(other.file.path) and \(file.path)")
        }
      }
    }
    self.folder = folder
    self.ignoredTensors = ignoredTensors
    self.tensors = tensors
    files = [configurationFile] + weights + [index, tokenizerFile].compactMap { $0 } + others
  }

  /// The shard files that an index names, each once, in order of name.
  private static func shards(of index: ModelFile, open: (String) throws -> ModelFile?) throws -> [ModelFile] {
    let object = try ModelJSONObject(index.bytes, file: index.url.path, code: .badCheckpoint)
    guard let weightMap = try object.object("weight_map"), !weightMap.members.isEmpty else {
      throw object.failure("weight_map", "is missing or empty")
    }
    var names: Set<String> = []
    for tensor in weightMap.members {
      guard let name = try weightMap.string(tensor.key), !name.utf8.contains(UInt8(ascii: "/")), name != "..",
        !name.isEmpty
      else { throw weightMap.failure(tensor.key, "does not name a file of this folder") }
      names.insert(name)
    }
    guard names.count <= Limits.shards else {
      throw object.failure("weight_map", "names \(names.count) files; the engine reads up to \(Limits.shards)")
    }
    return try names.sorted().map { name in
      guard let file = try open(name) else {
        throw AnalysisError(
          .badCheckpoint, "\(index.url.path): names the shard '\(name)', which is not there; copy all shards")
      }
      return file
    }
  }

  /// A file that is no JSON is not the engine's business; one that two programs read in two ways is.
  private static func checkKeys(of file: ModelFile) throws {
    do { _ = try StrictJSONReader.read(file.bytes) } catch {
      if error.code == .repeatedKey { throw AnalysisError(.badConfiguration, error.message(file.url.path)) }
    }
  }

  /// Reads the weights' bytes, if they are not yet read. What happens to the files later does not matter.
  /// - Throws: `AnalysisError.changedWhileRead`, `.unreadable`.
  /// - Complexity: O(bytes), on all of the engine's threads.
  public func load() throws { for file in weights { try file.load() } }

  /// - Throws: `AnalysisError.changedWhileRead` if a file is not, or no longer, what it was when the folder was opened.
  public func checkUnchanged() throws { for file in files { try file.checkUnchanged() } }

  /// Files with weights that are in the folder and not read.
  var unreadFiles: [String] { FolderObstacle.unread(in: folder, read: Set(files.map(\.path))) }

  /// A tensor with the shape that the configuration implies.
  func tensor(_ name: String, shape: [Int]) throws -> StoredTensor {
    guard let tensor = tensors[name] else {
      throw AnalysisError(
        .missingTensor,
        "\(folder.path): tensor '\(name)' is missing from the checkpoint; config.json asks for it with shape \(shape)")
    }
    guard tensor.shape == shape else {
      throw AnalysisError(
        .wrongShape,
        "\(tensor.file.url.path): tensor '\(name)' has shape \(tensor.shape), but config.json implies \(shape); one of the two files is of another model"
      )
    }
    guard StoredTensor.DataType(rawValue: tensor.dataTypeName) != nil else {
      throw AnalysisError(
        .wrongDataType,
        "\(tensor.file.url.path): tensor '\(name)' has dtype \(tensor.dataTypeName); the engine reads F32, F16 and BF16: convert the checkpoint"
      )
    }
    return tensor
  }
}
