public import Analysis
public import Foundation

extension ModelIdentity {
  /// Measures which model a folder holds.
  ///
  /// Files that the engine mapped are digested from that mapping, so that the bytes digested are the bytes computed
  /// with; the others are mapped one after the other. Nothing is copied, and nothing is remembered between runs: a file
  /// date can lie.
  ///
  /// `rootSha256` is the root digest of OpenSSF model signing v1: SHA-256 over the raw SHA-256 digests of the files that
  /// `ModelFolder` names, in its order. `model_signing verify` compares the same digests.
  /// - Parameters:
  ///   - folder: the model's folder.
  ///   - mapped: the files that the engine mapped; their `path` is relative to the folder.
  ///   - tensors: the checkpoint's tensors.
  ///   - architecture: `model_type` of `config.json`.
  ///   - layers: layers of the model.
  ///   - headsPerLayer: attention heads per layer.
  /// - Throws: `EvidenceError.badModelFolder`, `.inputOutput`; `AnalysisError.unreadable`.
  /// - Complexity: O(bytes of the folder + bytes of the tensors), on all cores.
  public static func measure(
    folder: URL, mapped: [MappedFile], tensors: [StoredTensor], architecture: String, layers: Int, headsPerLayer: Int
  ) throws -> ModelIdentity {
    let paths = try ModelFolder.files(in: folder)
    let engines = Dictionary(mapped.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    let known = Set(paths)
    if let stray = mapped.first(where: { !known.contains($0.path) }) {
      throw EvidenceError(
        .badModelFolder,
        "\(stray.url.path): the engine reads this file, but it is not among the files that identify the model in "
          + "\(folder.path). It was removed meanwhile, or it has a name that model signing leaves out")
    }
    if let double = Dictionary(grouping: tensors, by: \.name).first(where: { $0.value.count > 1 }) {
      throw EvidenceError(.badModelFolder, "\(folder.path): the tensor '\(double.key)' stands in the checkpoint twice")
    }
    // One job per file and per tensor: while one core digests a large file, the others digest its tensors.
    let parts = try AllCores.map(paths.count + tensors.count) { index -> Part in
      guard index < paths.count else { return .tensor(try TensorsDigest.entry(tensors[index - paths.count])) }
      let path = paths[index]
      let file = try engines[path] ?? MappedFile(url: folder.appendingPathComponent(path), path: path)
      return try withExtendedLifetime(file) {
        .file(path: path, bytes: file.bytes.count, try SHA256.digest(of: file.bytes))
      }
    }
    var identity = try identity(
      parts: parts, architecture: architecture, layers: layers, headsPerLayer: headsPerLayer,
      parameters: tensors.reduce(0) { $0 + $1.count })
    identity.signature = try PublishedSignature.measure(folder: folder)
    return identity
  }

  /// The root digest of a folder's files as they are now, hex: `rootSha256` of `measure`, without opening the model.
  /// - Throws: `EvidenceError.badModelFolder`, `.inputOutput`; `AnalysisError.unreadable`.
  /// - Complexity: O(bytes of the folder), on all cores.
  public static func rootDigest(folder: URL) throws -> String {
    let paths = try ModelFolder.files(in: folder)
    let digests = try AllCores.map(paths.count) { index in
      let file = try MappedFile(url: folder.appendingPathComponent(paths[index]), path: paths[index])
      // The file is mapped as long as the object lives.
      return try withExtendedLifetime(file) { try SHA256.digest(of: file.bytes) }
    }
    return try SHA256.digest(of: Data(digests.flatMap(\.bytes))).hex
  }

  /// A digest that one job makes.
  private enum Part: Sendable {
    case file(path: String, bytes: Int, SHA256Digest)
    case tensor(TensorsDigest.Entry)
  }

  private static func identity(
    parts: [Part], architecture: String, layers: Int, headsPerLayer: Int, parameters: Int
  ) throws -> ModelIdentity {
    var root = try SHA256()
    var files: [File] = []
    var entries: [TensorsDigest.Entry] = []
    for part in parts {
      switch part {
      case .file(let path, let bytes, let digest):
        try digest.bytes.withUnsafeBytes { try root.update($0) }
        files.append(File(path: path, bytes: bytes, sha256: digest.hex))
      case .tensor(let entry): entries.append(entry)
      }
    }
    return ModelIdentity(
      rootSha256: try root.finish().hex, files: files, tensorsSha256: try TensorsDigest.digest(of: entries).hex,
      tokenizerSha256: files.first { $0.path == "tokenizer.json" }?.sha256, architecture: architecture, layers: layers,
      headsPerLayer: headsPerLayer, parameters: parameters)
  }
}
