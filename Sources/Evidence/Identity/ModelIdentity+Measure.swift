public import Analysis
public import Foundation

extension ModelIdentity {
  /// Measures which model a folder holds.
  ///
  /// Files that the engine reads are digested from the memory that it computes with; the others are read piece by piece.
  /// At the end every file must be what it was when it was opened, so that the files digested stood in the folder together.
  /// Nothing is remembered between runs: a file date can lie.
  ///
  /// `rootSha256` is the root digest of OpenSSF model signing v1: SHA-256 over the raw SHA-256 digests of the files that
  /// `ModelFolder` names, in its order. `model_signing verify` compares the same digests.
  /// - Parameters:
  ///   - folder: the model's folder.
  ///   - read: the files that the engine reads; their `path` is relative to the folder. None was given back yet.
  ///   - tensors: the checkpoint's tensors.
  ///   - architecture: `model_type` of `config.json`.
  ///   - layers: layers of the model.
  ///   - headsPerLayer: attention heads per layer.
  ///   - parameters: scalars that are computed with; nil for those of all tensors.
  ///   - remarks: what is to be said of the model.
  /// - Throws: `EvidenceError.badModelFolder`, `.inputOutput`; `AnalysisError.unreadable`, `.changedWhileRead`;
  ///   `RegularFile.Failure`.
  /// - Complexity: O(bytes of the folder + bytes of the tensors), on all cores.
  public static func measure(
    folder: URL, read: [ModelFile], tensors: [StoredTensor], architecture: String, layers: Int, headsPerLayer: Int,
    parameters: Int? = nil, remarks: [ModelRemark] = []
  ) throws -> ModelIdentity {
    let paths = try ModelFolder.files(in: folder)
    let engines = Dictionary(read.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    let known = Set(paths)
    if let stray = read.first(where: { !known.contains($0.path) }) {
      throw EvidenceError(
        .badModelFolder,
        "\(stray.url.path): the engine reads this file, but it is not among the files that identify the model in "
          + "\(folder.path). It was removed meanwhile, or it has a name that model signing leaves out")
    }
    if let double = Dictionary(grouping: tensors, by: \.name).first(where: { $0.value.count > 1 }) {
      throw EvidenceError(.badModelFolder, "\(folder.path): the tensor '\(double.key)' stands in the checkpoint twice")
    }
    for file in read { try file.load() }
    // One job per file and per tensor: while one core digests a large file, the others digest its tensors.
    let parts = try AllCores.map(paths.count + tensors.count) { index -> Part in
      guard index < paths.count else { return .tensor(try TensorsDigest.entry(tensors[index - paths.count])) }
      let path = paths[index]
      if let file = engines[path] {
        let digest = try withExtendedLifetime(file) { try SHA256.digest(of: file.bytes) }
        return .file(path: path, bytes: file.size, digest, nil)
      }
      let file = try FileDigest(of: folder.appendingPathComponent(path))
      return .file(path: path, bytes: file.state.size, file.digest, file.state)
    }
    var identity = try identity(
      parts: parts, architecture: architecture, layers: layers, headsPerLayer: headsPerLayer,
      parameters: parameters ?? tensors.reduce(0) { $0 + $1.count })
    identity.remarks = remarks.isEmpty ? nil : remarks
    identity.signature = try PublishedSignature.measure(folder: folder)
    for file in read { try file.checkUnchanged() }
    let others = parts.map { if case .file(_, _, _, let state) = $0 { state } else { FileState?.none } }
    try checkUnchanged(folder, paths, Array(others.prefix(paths.count)))
    return identity
  }

  /// - Throws: `RegularFile.Failure` `.changed`, `EvidenceError` if the folder holds other files than it did, or one is not
  ///   what it was.
  private static func checkUnchanged(_ folder: URL, _ paths: [String], _ states: [FileState?]) throws {
    for (path, state) in zip(paths, states) { try state?.check(folder.appendingPathComponent(path)) }
    let now = try ModelFolder.files(in: folder)
    guard now != paths else { return }
    let changed = Set(now).symmetricDifference(paths).sorted()
    throw EvidenceError(
      .inputOutput,
      "\(folder.path): \(changed.first ?? "a file") was added or removed while the model was read; let whatever writes there "
        + "finish, then start again")
  }

  /// Checks that the folder's files can be identified, without reading them: no links and no special files.
  /// - Throws: `EvidenceError.badModelFolder`, `.inputOutput`.
  public static func checkFolder(_ folder: URL) throws { _ = try ModelFolder.files(in: folder) }

  /// The root digest of a folder's files as they are now, hex: `rootSha256` of `measure`, without opening the model.
  /// - Throws: `EvidenceError.badModelFolder`, `.inputOutput`; `RegularFile.Failure`.
  /// - Complexity: O(bytes of the folder), on all cores.
  public static func rootDigest(folder: URL) throws -> String {
    let paths = try ModelFolder.files(in: folder)
    let files = try AllCores.map(paths.count) { try FileDigest(of: folder.appendingPathComponent(paths[$0])) }
    try checkUnchanged(folder, paths, files.map(\.state))
    return try SHA256.digest(of: Data(files.flatMap(\.digest.bytes))).hex
  }

  /// A digest that one job makes.
  private enum Part: Sendable {
    /// `state` of a file that the engine does not read itself.
    case file(path: String, bytes: Int, SHA256Digest, FileState?)
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
      case .file(let path, let bytes, let digest, _):
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
