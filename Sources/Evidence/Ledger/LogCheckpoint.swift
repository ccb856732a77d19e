public import Foundation

/// What a log was at one size, signed: the C2SP checkpoint (https://c2sp.org/tlog-checkpoint).
///
/// A signed note whose text is the log's origin, the number of its entries and the base64 of its root, a line each.
public struct LogCheckpoint: Sendable, Equatable {
  /// The log's name.
  public let origin: String
  /// How many entries the log had.
  public let size: Int
  /// The root of its tree.
  public let root: SHA256Digest
  /// The note, with its signatures.
  public let note: SignedNote

  /// Reads a checkpoint.
  /// - Throws: `EvidenceError.badCheckpoint` if it has not the form of one.
  public init(_ data: Data) throws {
    note = try SignedNote(data)
    let lines = note.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    guard lines.count >= 3, lines.allSatisfy({ !$0.isEmpty }), let size = Int(lines[1]), size >= 0,
      String(size) == lines[1], let bytes = Data(base64Encoded: String(lines[2])),
      bytes.base64EncodedString() == lines[2], let root = SHA256Digest(bytes)
    else {
      throw EvidenceError(
        .badCheckpoint,
        "not a checkpoint (c2sp.org/tlog-checkpoint): its text is not an origin, a size and a root of 32 bytes")
    }
    origin = String(lines[0])
    self.size = size
    self.root = root
  }

  /// Signs the state of a log with the log's key.
  public init(origin: String, size: Int, root: SHA256Digest, key: PrivateKey) throws {
    self.origin = origin
    self.size = size
    self.root = root
    note = try SignedNote(
      signing: "\(origin)\n\(size)\n\(Data(root.bytes).base64EncodedString())\n", name: origin, key: key)
  }

  /// The note's bytes: what is kept in a file.
  public var data: Data { note.data }

  /// What the file is called: the size and the ID of the key that signed, which the origin goes into.
  public var fileName: String { "\(size)-\(note.signatures[0].keyID).txt" }
}
