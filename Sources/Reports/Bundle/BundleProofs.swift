import Evidence
import Foundation

/// The proofs of a bundle's records, `log/proofs.json`: which file holds which record, where it is in which log, and the hashes
/// that lead from it to the root that a checkpoint signs. Schema: `Templates/schemas/proofs.schema.json`.
struct BundleProofs: Codable, Sendable, Equatable {
  /// `vitrine.proofs/1`.
  static let format = "vitrine.proofs/1"

  /// A record.
  struct Entry: Codable, Sendable, Equatable {
    /// What it is: `run`, `signature` …
    var kind: String
    /// Its identifier.
    var id: String
    /// SHA-256 of its bytes, hex.
    var sha256: String
    /// The file of the bundle that holds its bytes.
    var file: String
    /// Which of `heads` the proof leads to.
    var head: Int
    /// Which leaf of the log's tree it is, from 0.
    var position: Int
    /// The hashes of RFC 6962's inclusion proof, from the leaf upwards, hex.
    var proof: [String]
  }

  /// A log at one size.
  struct Head: Codable, Sendable, Equatable {
    /// The log's name.
    var origin: String
    /// How many entries it had.
    var size: Int
    /// The root of its tree, hex.
    var rootSha256: String
    /// The file with the checkpoint that says so; nil if none covers the entries.
    var checkpoint: String?
    /// The file with the verifier key that signed the checkpoint.
    var key: String?
  }

  /// The format.
  var schema: String
  /// The records, in order.
  var entries: [Entry]
  /// The logs.
  var heads: [Head]

  /// The files that hold entries, their proofs, and the checkpoints.
  static func files(_ entries: [RunExport.Entry], _ heads: [RunExport.Head]) throws -> [String: Data] {
    var files: [String: Data] = [:]
    var proofs = BundleProofs(schema: format, entries: [], heads: [])
    for (number, head) in heads.enumerated() {
      let checkpoint = "log/checkpoint-\(number + 1).txt"
      let key = "log/origin-\(number + 1).vkey"
      if let note = head.checkpoint { files[checkpoint] = Data(note.utf8) }
      if let text = head.key { files[key] = Data((text + "\n").utf8) }
      proofs.heads.append(
        Head(
          origin: head.origin, size: head.size, rootSha256: head.rootSha256,
          checkpoint: head.checkpoint.map { _ in checkpoint }, key: head.key.map { _ in key }))
    }
    for entry in entries {
      let file = path(kind: entry.kind, id: entry.id)
      files[file] = Data(entry.document.utf8)
      proofs.entries.append(
        Entry(
          kind: entry.kind, id: entry.id, sha256: entry.sha256, file: file, head: entry.head, position: entry.position,
          proof: entry.proof))
    }
    files[BundlePath.proofs] = try CanonicalJSON.encode(proofs)
    return files
  }

  /// Where a record stands in a bundle.
  static func path(kind: String, id: String) -> String {
    kind == RunRecord.kind ? "runs/\(id).json" : "records/\(kind)-\(id).json"
  }

  /// Reads the file.
  /// - Throws: `JSONError`; `EvidenceError.badExport` if it is of another format, or not in canonical form.
  static func read(_ data: Data) throws -> BundleProofs {
    let value = try CanonicalJSON.parse(data)
    guard value["schema"] == .string(format) else {
      throw EvidenceError(.badExport, "its schema is not '\(format)'")
    }
    let proofs = try value.decoded(as: BundleProofs.self)
    guard try CanonicalJSON.encode(proofs) == data else {
      throw EvidenceError(.badExport, "it is not in canonical form, or holds what its format does not know")
    }
    return proofs
  }
}
