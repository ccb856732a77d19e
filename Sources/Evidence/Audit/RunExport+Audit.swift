import Foundation

extension RunExport {
  /// Checks the file by itself: digests, documents, proofs, checkpoints, signatures.
  /// - Parameters:
  ///   - keys: verifier keys that the caller trusts to be the provider's.
  ///   - trust: certificates and fingerprints of persons and authorities that the caller trusts.
  public func audit(keys: [VerifierKey], trust: TrustAnchors = .none) throws -> AuditReport {
    var report = AuditReport(subject: "exported run \(run)")
    var records = AuditReport.Check(
      "records", "the run and what was appended about it: digest, canonical form, own format", count: entries.count)
    var signatures = AuditReport.Check(
      "signatures", "signatures of persons: over the very record, by the key of the certificate", count: 0)
    var persons: [PersonSignature] = []
    for (index, entry) in entries.enumerated() {
      let check = try DocumentCheck(entry)
      let name = "\(entry.kind) \(entry.id)"
      let isRun = index == 0
      var problems = check.problems
      if isRun ? entry.kind != RunRecord.kind || entry.id != run : check.subject != run {
        problems.append(StoreProblem(.notARecord, "it is not \(isRun ? "the run" : "about the run") of this file"))
      }
      records.problems += problems.filter { $0.code != .signature }.map {
        AuditReport.Problem(code: $0.code, record: name, detail: $0.detail)
      }
      guard entry.kind == RunSignature.kind else { continue }
      signatures.count += 1
      signatures.problems += problems.filter { $0.code == .signature }.map {
        AuditReport.Problem(code: .signature, record: name, detail: $0.detail)
      }
      guard let signature = check.document as? RunSignature, let person = check.person else { continue }
      if signature.statement.recordSha256 != entries[0].sha256 {
        signatures.problems.append(
          AuditReport.Problem(
            code: .signature, record: name, detail: "it is on another record than the one in this file"))
      } else if problems.isEmpty {
        persons.append(person)
      }
    }
    if entries.isEmpty {
      records.problems.append(AuditReport.Problem(code: .notARecord, record: nil, detail: "the file holds no record"))
    }
    try report.note(persons, trust)
    signatures.notes = report.signers.map(\.text)
    report.checks = [records, try tree()]
    if signatures.count > 0 { report.checks.append(signatures) }
    report.checks.append(try checkpoints(keys))
    omissions(keys, &report)
    return report
  }

  /// Every entry must be a leaf of the tree of its head.
  func tree() throws -> AuditReport.Check {
    var check = AuditReport.Check(
      "tree", "each record as a leaf of its log's Merkle tree, by its inclusion proof", count: entries.count)
    for entry in entries {
      let proof = entry.proof.compactMap(SHA256Digest.init(hex:))
      guard heads.indices.contains(entry.head), let root = SHA256Digest(hex: heads[entry.head].rootSha256),
        proof.count == entry.proof.count,
        try MerkleProof.verifyInclusion(
          leaf: try MerkleTree.leafHash(Data(entry.document.utf8)), index: entry.position, size: heads[entry.head].size,
          proof: proof, root: root)
      else {
        check.problems.append(
          AuditReport.Problem(
            code: .tree, record: "\(entry.kind) \(entry.id)",
            detail: "the proof does not lead from the record to the root"))
        continue
      }
    }
    return check
  }

  func checkpoints(_ keys: [VerifierKey]) throws -> AuditReport.Check {
    var check = AuditReport.Check("checkpoints", "signed checkpoints that the proofs lead to", count: 0)
    for head in heads {
      guard let note = head.checkpoint else { continue }
      check.count += 1
      do {
        let checkpoint = try LogCheckpoint(Data(note.utf8))
        let key = try VerifierKey(head.key ?? "")
        if checkpoint.origin != head.origin || checkpoint.size != head.size || checkpoint.root.hex != head.rootSha256 {
          check.problems.append(
            AuditReport.Problem(
              code: .checkpoint, record: nil, detail: "the checkpoint of size \(checkpoint.size) signs another root"))
        } else if try key.name != head.origin || !checkpoint.note.isSigned(by: key) {
          check.problems.append(
            AuditReport.Problem(
              code: .checkpoint, record: nil,
              detail: "the checkpoint of size \(checkpoint.size) is not signed by \(key.text)"))
        } else {
          check.notes.append("\(checkpoint.size) entries of \(checkpoint.origin), signed by \(key.text)")
        }
      } catch let error as EvidenceError {
        check.problems.append(AuditReport.Problem(code: .checkpoint, record: nil, detail: error.message))
      }
    }
    return check
  }

  func omissions(_ keys: [VerifierKey], _ report: inout AuditReport) {
    for (index, head) in heads.enumerated() where head.checkpoint == nil {
      let covered = entries.filter { $0.head == index }.map { "\($0.kind) \($0.id)" }
      report.omit(
        "\(covered.joined(separator: ", ")) against a signed checkpoint",
        "none covered it when this was made, so its place in the log is the file's word only; "
          + "'vitrine store checkpoint' makes one")
    }
    let signed = Set(heads.filter { $0.checkpoint != nil }.compactMap(\.key))
    report.note(keys, signed: signed)
    guard keys.isEmpty else { return }
    for key in signed.sorted() {
      report.omit(
        "whose key signed the checkpoints",
        "\(key) stands in the file itself; give the key that you had from the provider with --key")
    }
  }
}
