public import Foundation

/// A model folder in Hugging Face layout, opened: its files mapped, its headers read, no weight touched yet.
public struct Checkpoint: Sendable {
  /// The folder.
  public let folder: URL
  /// Every file that the engine read or mapped: `config.json`, the safetensors files, `tokenizer.json` and
  /// `tokenizer_config.json` if they are there.
  public let files: [MappedFile]
  /// The tensors by name.
  public let tensors: [String: StoredTensor]
  /// `model_type` of `config.json`.
  public let modelType: String
  let configuration: ModelJSONObject
  let tokenizerFile: MappedFile?
  /// `tokenizer_config.json`, which says with `tokenizer.json` what special tokens texts get.
  let tokenizerConfigurationFile: MappedFile?

  /// Opens a model folder.
  /// - Throws: `AnalysisError` that names the folder, file or key and the remedy.
  /// - Complexity: O(headers); weights are mapped, not read.
  public init(folder: URL) throws {
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
    func map(_ name: String) throws -> MappedFile? {
      let url = folder.appendingPathComponent(name)
      guard FileManager.default.fileExists(atPath: url.path) else { return nil }
      return try MappedFile(url: url, path: name)
    }
    guard let configurationFile = try map("config.json") else {
      throw AnalysisError(
        .modelNotFound, "\(folder.path): has no config.json; a model folder in Hugging Face layout is needed")
    }
    configuration = try ModelJSONObject(
      configurationFile.bytes, file: configurationFile.url.path, code: .badConfiguration)
    guard let type = try configuration.string("model_type") else {
      throw configuration.failure("model_type", "is missing")
    }
    modelType = type
    tokenizerFile = try map("tokenizer.json")
    tokenizerConfigurationFile = try tokenizerFile == nil ? nil : map("tokenizer_config.json")

    var weights: [MappedFile] = []
    var index: MappedFile?
    if let single = try map("model.safetensors") {
      weights = [single]
    } else if let found = try map("model.safetensors.index.json") {
      index = found
      weights = try Self.shards(of: found, map: map)
    } else {
      throw AnalysisError(
        .modelNotFound,
        "\(folder.path): has neither model.safetensors nor model.safetensors.index.json; convert the weights to safetensors"
      )
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
    self.tensors = tensors
    files = [configurationFile] + weights + [index, tokenizerFile, tokenizerConfigurationFile].compactMap { $0 }
  }

  /// The shard files that an index names, each once, in order of name.
  private static func shards(of index: MappedFile, map: (String) throws -> MappedFile?) throws -> [MappedFile] {
    let object = try ModelJSONObject(index.bytes, file: index.url.path, code: .badCheckpoint)
    guard let weightMap = try object.object("weight_map"), !weightMap.values.isEmpty else {
      throw object.failure("weight_map", "is missing or empty")
    }
    var names: Set<String> = []
    for tensor in weightMap.values.keys {
      guard let name = try weightMap.string(tensor), !name.contains("/"), name != "..", !name.isEmpty else {
        throw weightMap.failure(tensor, "does not name a file of this folder")
      }
      names.insert(name)
    }
    return try names.sorted().map { name in
      guard let file = try map(name) else {
        throw AnalysisError(
          .badCheckpoint, "\(index.url.path): names the shard '\(name)', which is not there; copy all shards")
      }
      return file
    }
  }

  /// Scalars in all tensors.
  public var parameters: Int { tensors.values.reduce(0) { $0 + $1.count } }

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
