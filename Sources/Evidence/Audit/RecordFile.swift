import Analysis
public import Foundation

/// A record's bytes in a file of their own, as an unpacked bundle holds them: `runs/ID.json` or `records/KIND-ID.json`.
///
/// The bytes alone show little: that they are canonical and of their format, and a signature if they are one. In an unpacked
/// bundle `log/proofs.json` stands beside their folder, and leads from them to a signed checkpoint.
public struct RecordFile {
  private let file: URL
  private let bytes: Data
  private let check: DocumentCheck
  private let kind: String
  private let id: String

  /// Reads a record.
  /// - Returns: nil if the bytes are not a record of a kind that this program knows.
  public init?(_ bytes: Data, file: URL) throws {
    check = try DocumentCheck(bytes)
    guard let kind = check.kind, let id = check.id, LedgerKind.type(kind) != nil else { return nil }
    (self.file, self.bytes, self.kind, self.id) = (file, bytes, kind, id)
  }

  /// Checks the record, and its place in the log if a proof is at hand.
  public func audit(keys: [VerifierKey], trust: TrustAnchors = .none) throws -> AuditReport {
    var report = AuditReport(subject: "\(kind) \(id), a record in a file")
    var record = AuditReport.Check(
      "record", "the record by itself: canonical form, own format, and the signature if it is one", count: 1,
      notes: ["SHA-256 \(check.sha256)"])
    record.problems = check.problems.map {
      AuditReport.Problem(code: $0.code, record: "\(kind) \(id)", detail: $0.detail)
    }
    try report.note(check.person.map { [$0] } ?? [], trust)
    record.notes += report.signers.map(\.text)
    report.checks = [record]
    guard let proven = try proven() else {
      report.isProved = false
      report.note(keys, signed: [])
      report.omit(
        "whether the record is in any log",
        "nothing here proves it: no log/proofs.json that names these bytes stands beside the file's folder. Give the file in its "
          + "place in an unpacked bundle, or one of 'vitrine runs export', or check the bundle with 'vitrine verify'")
      return report
    }
    report.checks += [try proven.tree(), try proven.checkpoints(keys)]
    proven.omissions(keys, &report)
    report.isProved = proven.heads.allSatisfy { $0.checkpoint != nil }
    report.omit(
      "the other records of the bundle, and who signed the dossier",
      "one record was asked for; 'vitrine verify' checks the whole bundle")
    return report
  }

  // MARK: The proof

  /// `log/proofs.json` of a bundle, as far as it is needed here.
  private struct Proofs: Decodable {
    struct Entry: Decodable {
      var kind: String
      var id: String
      var sha256: String
      var head: Int
      var position: Int
      var proof: [String]
    }

    struct Head: Decodable {
      var origin: String
      var size: Int
      var rootSha256: String
      var checkpoint: String?
      var key: String?
    }

    var entries: [Entry]
    var heads: [Head]
  }

  /// The record with its proof; nil if there is none at hand.
  private func proven() throws -> RunExport? {
    let log = file.standardizedFileURL.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("log")
    let place = log.appendingPathComponent("proofs.json")
    guard FileManager.default.fileExists(atPath: place.path) else { return nil }
    let proofs: Proofs
    do {
      proofs = try CanonicalJSON.parse(try RegularFile.read(place, limit: 1 << 30)).decoded(as: Proofs.self)
    } catch let error as JSONError {
      throw EvidenceError(.badExport, "\(place.path): not the proofs of a bundle: \(error.message)")
    }
    guard let entry = proofs.entries.first(where: { $0.sha256 == check.sha256 && $0.kind == kind && $0.id == id }),
      proofs.heads.indices.contains(entry.head)
    else { return nil }
    let head = proofs.heads[entry.head]
    /// A file of the folder `log`, whatever path is given.
    func text(_ path: String?) throws -> String? {
      try path.map { path in
        let file = log.appendingPathComponent((path as NSString).lastPathComponent)
        return String(decoding: try RegularFile.read(file, limit: 1 << 20), as: UTF8.self)
      }
    }
    return RunExport(
      schema: RunExport.format, run: id,
      entries: [
        .init(
          kind: kind, id: id, sha256: check.sha256, document: String(decoding: bytes, as: UTF8.self), head: 0,
          position: entry.position, proof: entry.proof)
      ],
      heads: [
        .init(
          origin: head.origin, size: head.size, rootSha256: head.rootSha256, checkpoint: try text(head.checkpoint),
          key: try text(head.key)?.trimmingCharacters(in: .whitespacesAndNewlines))
      ])
  }
}
