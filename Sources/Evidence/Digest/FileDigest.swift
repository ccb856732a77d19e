import Analysis
import Foundation

/// The digest of a file that is read piece by piece and not kept.
struct FileDigest: Sendable {
  let digest: SHA256Digest
  /// What the file was when it was digested.
  let state: FileState

  /// Digests a file.
  /// - Throws: `RegularFile.Failure`, `.changed` if the file changes meanwhile; `EvidenceError.cryptography`.
  /// - Complexity: O(bytes).
  init(of url: URL) throws {
    let file = try RegularFile(url)
    digest = try Self.digest(file)
    state = file.state
    // Where it was written just before, times alone cannot tell whether it was written once more.
    if file.isFresh, try Self.digest(file) != digest { throw RegularFile.changed(url) }
  }

  private static func digest(_ file: borrowing RegularFile) throws -> SHA256Digest {
    var hash = try SHA256()
    try file.forEachPiece { try hash.update($0) }
    return try hash.finish()
  }
}
