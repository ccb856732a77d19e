import Analysis
import Foundation

/// The digest of a checkpoint's tensors alone: the same for the same tensors, however they are spread over files.
///
/// It is SHA-256 over the canonical JSON (RFC 8785) of an array with one object per tensor, in the order of the names'
/// UTF-8 bytes: `{"name": …, "sha256": …, "shape": [ … ], "type": …}`, where `type` is the safetensors name of the
/// element type (`F32`), `shape` has the dimensions, outermost first, and `sha256` is the hexadecimal digest of the
/// tensor's raw little-endian bytes in row-major order, as safetensors stores them.
enum TensorsDigest {
  /// One tensor's line.
  struct Entry: Codable, Sendable {
    var name: String
    var type: String
    var shape: [Int]
    var sha256: String
  }

  /// Digests one tensor's bytes where they are in memory.
  static func entry(_ tensor: StoredTensor) throws -> Entry {
    Entry(
      name: tensor.name, type: tensor.dataTypeName, shape: tensor.shape,
      sha256: try SHA256.digest(of: tensor.bytes()).hex)
  }

  /// The digest of all tensors.
  static func digest(of entries: [Entry]) throws -> SHA256Digest {
    let ordered = entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    return try SHA256.digest(of: CanonicalJSON.encode(ordered))
  }
}
