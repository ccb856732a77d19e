public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Which model a folder holds, by its files alone: they are read and digested, no tensor is looked at.
public struct ModelFolderDigests: Sendable, Equatable {
  /// OpenSSF model-signing v1 root digest, hex: `ModelIdentity.rootSha256` of the same files.
  public var rootSha256: String
  /// Every file that the root digest covers, in its order.
  public var files: [ModelIdentity.File]
  /// Digest of `tokenizer.json`, hex (nil if there is none).
  public var tokenizerSha256: String? { files.first { $0.path == "tokenizer.json" }?.sha256 }

  /// Digests from their parts.
  public init(rootSha256: String, files: [ModelIdentity.File]) {
    self.rootSha256 = rootSha256
    self.files = files
  }

  /// Reads a folder. Files are read in pieces; nothing is mapped, so that one that changes meanwhile is an error and no signal.
  /// - Throws: `EvidenceError`: `.badModelFolder`, `.inputOutput`.
  /// - Complexity: O(bytes of the folder), on all cores.
  public init(folder: URL) throws {
    let paths = try ModelFolder.files(in: folder)
    let parts = try AllCores.map(paths.count) { try Self.digest(folder.appendingPathComponent(paths[$0])) }
    files = zip(paths, parts).map { ModelIdentity.File(path: $0, bytes: $1.bytes, sha256: $1.digest.hex) }
    rootSha256 = try SHA256.digest(of: Data(parts.flatMap(\.digest.bytes))).hex
  }

  /// The files by which a model that was run differs from this one: added, removed or changed; in order.
  public func differences(from model: ModelIdentity) -> [String] {
    let theirs = Dictionary(model.files.map { ($0.path, $0.sha256) }) { first, _ in first }
    let ours = Dictionary(files.map { ($0.path, $0.sha256) }) { first, _ in first }
    return Set(theirs.keys).union(ours.keys).filter { theirs[$0] != ours[$0] }.sorted()
  }

  private static func digest(_ url: URL) throws -> (bytes: Int, digest: SHA256Digest) {
    func failure(_ what: String) -> EvidenceError { EvidenceError(.inputOutput, "\(url.path): \(what)") }
    // A pipe would block an open without O_NONBLOCK until somebody writes into it.
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure("cannot be read: \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw failure("no plain file") }
    var hash = try SHA256()
    var total = 0
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure("cannot be read: \(String(cString: strerror(errno)))")
      }
      if count == 0 { break }
      total += count
      try buffer.withUnsafeBytes { try hash.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
    guard total == Int(status.st_size) else { throw failure("it changed while it was read; try again") }
    return (total, try hash.finish())
  }
}
