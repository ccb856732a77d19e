public import Foundation

/// Verifies a store, or one of its runs, with what is at hand: the store itself, checkpoints from outside, keys, models.
public struct StoreAudit {
  /// A model version of the project.
  public struct Model: Sendable {
    /// The version.
    public let version: String
    /// Where its files are.
    public let folder: URL

    /// A model version.
    public init(version: String, folder: URL) {
      self.version = version
      self.folder = folder
    }
  }

  private let store: Store
  private let checkpoints: [OutsideCheckpoint]
  private let keys: [VerifierKey]
  private let trust: TrustAnchors
  private let models: [Model]

  /// - Parameters:
  ///   - store: the store.
  ///   - checkpoints: checkpoints from outside it.
  ///   - keys: verifier keys that the caller trusts to be the provider's, from a source outside the project.
  ///   - trust: certificates and fingerprints of persons and authorities that the caller trusts.
  ///   - models: the project's models.
  public init(
    _ store: Store, checkpoints: [OutsideCheckpoint], keys: [VerifierKey], trust: TrustAnchors = .none, models: [Model]
  ) {
    self.store = store
    self.checkpoints = checkpoints
    self.keys = keys
    self.trust = trust
    self.models = models
  }

  /// Verifies everything.
  /// - Throws: `EvidenceError` if the store cannot be read at all.
  public func all() throws -> AuditReport {
    var report = AuditReport(subject: store.url.lastPathComponent)
    let (verification, outside) = try store.verifyAll(against: checkpoints.map(\.data))
    // The log of a migrated copy is the copy's own, and not in the file.
    let entries = store.isMigratedCopy ? verification.runs : verification.entries
    func problems(_ codes: StoreProblem.Code...) -> [AuditReport.Problem] {
      verification.problems.filter { codes.contains($0.code) }.map {
        AuditReport.Problem(code: $0.code, record: nil, detail: $0.detail)
      }
    }
    report.checks = [
      .init(
        "file", "the file as SQLite has it, and the rules that let it only grow", count: 1,
        problems: problems(.file, .protections)),
      .init(
        "records", "\(Self.kinds(entries)): digest, canonical form, own format, index", count: entries.count,
        problems: problems(.indexColumn, .digest, .notCanonical, .notARecord, .sequence, .merge, .date)
          + entries.flatMap { entry in Self.problems(entry, except: .signature) }),
    ]
    try report.note(verification.persons, trust)
    if !store.isMigratedCopy {
      report.checks += [
        .init(
          "tree", "the Merkle tree made anew from the records, against every stored hash",
          count: verification.logs.count, problems: problems(.tree, .log),
          notes: verification.logs.map { "log \($0.origin): \($0.size) entries, root \($0.rootSha256)" }),
        signatures(verification, report.signers),
        .init(
          "checkpoints", "checkpoints kept in the store: signature, and the tree at that size",
          count: verification.checkpoints.count + problems(.checkpoint).count, problems: problems(.checkpoint)),
      ]
    }
    let outsideChecks = outsideChecks(outside, verification)
    report.checks += outsideChecks.check.map { [$0] } ?? []
    let files = try attachmentFiles()
    if files.count > 0 { report.checks.append(files) }
    try modelChecks(&report)
    notChecked(verification, &report)
    report.note(
      keys, signed: Set(verification.checkpoints.map(\.key)).union(outsideChecks.signed), unknown: outsideChecks.unknown
    )
    return report
  }

  /// Verifies one run: its record, its place in the tree and in the latest checkpoint, and what was appended about it.
  /// - Parameter id: the run's identifier, or a prefix or suffix of at least 6 characters.
  /// - Throws: `EvidenceError.unknownRun`, `.ambiguousRun`, `.identifierTooShort`, or if the store cannot be read at all.
  public func run(id: String) throws -> AuditReport {
    let export = try store.export(id: id, allowingDamage: true)
    var report = AuditReport(subject: "\(store.url.lastPathComponent), run \(export.run)")
    let problems = try store.verify(id: id).map {
      AuditReport.Problem(code: $0.code, record: "run \(export.run)", detail: $0.detail)
    }
    report.checks.append(
      .init(
        "record", "the run's record: digest, canonical form, own format, index, leaf of the tree", count: 1,
        problems: problems))
    let exported = try export.audit(keys: keys, trust: trust)
    report.checks += exported.checks.filter { $0.name != "records" || problems.isEmpty }
    report.checks += try outsideChecks(export.run, leaf: export.entries.first)
    report.signers = exported.signers
    report.notChecked = exported.notChecked
    report.logIdentity = exported.logIdentity
    report.omit(
      "the other records of the store", "one run was asked for; 'vitrine runs verify' without an ID checks all of them")
    return report
  }

  /// Verifies the attachments: each record as an entry of the store, and the copy of each file.
  /// - Throws: `EvidenceError` if the store cannot be read at all.
  public func attachments() throws -> AuditReport {
    var report = AuditReport(subject: "\(store.url.lastPathComponent), attachments")
    let verification = try store.verifyAll()
    let entries = verification.entries.filter { $0.kind == AttachmentRecord.kind }
    report.checks = [
      .init(
        "records", "\(Self.kinds(entries)): digest, canonical form, own format, index, leaf of the tree",
        count: entries.count,
        problems: verification.problems.map { AuditReport.Problem(code: $0.code, record: nil, detail: $0.detail) }
          + entries.flatMap { entry in
            entry.problems.map {
              AuditReport.Problem(code: $0.code, record: "\(entry.kind) \(entry.id)", detail: $0.detail)
            }
          }), try attachmentFiles(),
    ]
    report.omit(
      "the other records of the store", "attachments were asked for; 'vitrine runs verify' checks all of them")
    report.omit(
      "what the files say",
      "a record says who attached which bytes, when and what for; what they say is for a person to read")
    return report
  }

  /// The copy of each attached file against its record.
  private func attachmentFiles() throws -> AuditReport.Check {
    let files = AttachmentFiles(besideStore: store.url)
    let records = try store.documents(AttachmentRecord.self)
    var check = AuditReport.Check(
      "attachments", "the copy of each attached file in evidence/files against the digest in its record",
      count: records.count)
    for record in records {
      let what: String
      switch files.content(record).state {
      case .here: continue
      case .missing: what = "is missing: take it from a backup, or attach the file anew with --supersedes \(record.id)"
      case .changed:
        what =
          "has not the \(record.size) bytes with the digest \(record.sha256) that were attached: take the file from a backup"
      }
      check.problems.append(
        AuditReport.Problem(
          code: .attachment, record: "\(AttachmentRecord.kind) \(record.id)",
          detail: "evidence/files/\(record.sha256) ('\(record.title)', \(record.file)) \(what)"))
    }
    check.notes = files.unnamed(records).map { "evidence/files/\($0): no record names it" }
    return check
  }

  /// Whether the run is in its log as checkpoints from outside the store have it.
  private func outsideChecks(_ run: String, leaf: RunExport.Entry?) throws -> [AuditReport.Check] {
    guard !checkpoints.isEmpty, let leaf else { return [] }
    var check = AuditReport.Check(
      "checkpoint-files", "checkpoints kept outside the store: that the run is in the tree that they sign", count: 0)
    for outside in checkpoints {
      do {
        let checkpoint = try LogCheckpoint(outside.data)
        guard try store.entry(id: run).origin == checkpoint.origin, checkpoint.size > leaf.position else {
          check.notes.append("\(outside.name): of another log, or from before the run; it says nothing about it")
          continue
        }
        check.count += 1
        let proof = try store.inclusionProof(of: run, size: checkpoint.size).proof
        guard
          try MerkleProof.verifyInclusion(
            leaf: MerkleTree.leafHash(Data(leaf.document.utf8)), index: leaf.position, size: checkpoint.size,
            proof: proof, root: checkpoint.root)
        else {
          throw EvidenceError(
            .badCheckpoint,
            "the run, at its place, is not in the tree that was signed: it or another entry was changed, "
              + "removed, added or moved")
        }
        check.notes.append("\(outside.name): the run is entry \(leaf.position) of the \(checkpoint.size) that it signs")
      } catch let error as EvidenceError where error.code == .badCheckpoint {
        check.problems.append(
          AuditReport.Problem(code: .checkpoint, record: "run \(run)", detail: "\(outside.name): \(error.message)"))
      }
    }
    return [check]
  }

  // MARK: Parts

  private static func problems(
    _ entry: StoreVerification.Entry, except code: StoreProblem.Code
  ) -> [AuditReport.Problem] {
    entry.problems.filter { $0.code != code }.map {
      AuditReport.Problem(code: $0.code, record: "\(entry.kind) \(entry.id)", detail: $0.detail)
    }
  }

  /// `5 runs, 1 signature`.
  static func kinds(_ entries: [StoreVerification.Entry]) -> String {
    let counts = Dictionary(grouping: entries, by: \.kind).mapValues(\.count).sorted { $0.key < $1.key }
    return counts.isEmpty
      ? "no entries" : counts.map { "\($0.value) \($0.key)\($0.value == 1 ? "" : "s")" }.joined(separator: ", ")
  }

  private func signatures(_ verification: StoreVerification, _ signers: [SignerIdentity]) -> AuditReport.Check {
    let problems = verification.entries.flatMap { entry in
      entry.problems.filter { $0.code == .signature }.map {
        AuditReport.Problem(code: .signature, record: "\(entry.kind) \(entry.id)", detail: $0.detail)
      }
    }
    return .init(
      "signatures", "signatures of persons: over the very record, by the key of the certificate",
      count: verification.entries.count { LedgerKind.isSigned($0.kind) }, problems: problems,
      notes: signers.map { signer in "\(signer.run.map { "run \($0): " } ?? "")\(signer.text)" })
  }

  /// The checkpoints from outside, the keys by which they are signed, and those that no known key signed.
  private func outsideChecks(
    _ found: [[StoreProblem]], _ verification: StoreVerification
  ) -> (check: AuditReport.Check?, signed: Set<String>, unknown: [String]) {
    guard !checkpoints.isEmpty else { return (nil, [], []) }
    // By name and number: there may be thousands of keys and thousands of checkpoints.
    let known = Dictionary(
      (keys + Set(verification.checkpoints.map(\.key)).sorted().compactMap { try? VerifierKey($0) }).map {
        ([$0.name, $0.keyID], $0)
      }, uniquingKeysWith: { first, _ in first })
    var signed: Set<String> = []
    var unknown: [String] = []
    let stored = Set(verification.checkpoints.map { [$0.origin, String($0.size), $0.key] })
    var problems: [AuditReport.Problem] = []
    var notes: [String] = []
    for (outside, contradictions) in zip(checkpoints, found) {
      func add(_ detail: String) {
        problems.append(AuditReport.Problem(code: .checkpoint, record: nil, detail: "\(outside.name): \(detail)"))
      }
      for problem in contradictions { add(problem.detail) }
      guard let checkpoint = try? LogCheckpoint(outside.data) else { continue }
      guard let known = checkpoint.note.signatures.lazy.compactMap({ known[[$0.name, $0.keyID]] }).first else {
        unknown.append("whose key signed \(outside.name)")
        notes.append(
          "\(outside.name): the tree was compared, its signature was not checked: the key is not known here (--key)")
        continue
      }
      guard (try? checkpoint.note.isSigned(by: known)) == true else {
        add("the signature is not that of its key, \(known.text)")
        continue
      }
      if contradictions.isEmpty { signed.insert(known.text) }
      notes.append("\(outside.name): \(checkpoint.size) entries of \(checkpoint.origin), signed by \(known.text)")
      if outside.isOfProject, contradictions.isEmpty,
        !stored.contains([checkpoint.origin, String(checkpoint.size), known.text])
      {
        add("the store has lost this checkpoint")
      }
    }
    let check = AuditReport.Check(
      "checkpoint-files", "checkpoints kept outside the store: signature, and that the store's log goes on from there",
      count: checkpoints.count, problems: problems, notes: notes)
    return (check, signed, unknown)
  }

  private func modelChecks(_ report: inout AuditReport) throws {
    var check = AuditReport.Check(
      "models", "model folders of the project, digested anew, against the last run on each version", count: 0)
    let runs = try store.runs()
    for model in models {
      let own = runs.filter { $0.modelVersion == model.version }
      guard let last = own.last else { continue }
      guard FileManager.default.fileExists(atPath: model.folder.path) else {
        report.omit(
          "model \(model.version)", "its folder \(model.folder.path) is not here; put the model there to check it")
        continue
      }
      let root = try ModelIdentity.rootDigest(folder: model.folder)
      check.count += 1
      if root == last.modelSha256 {
        check.notes.append("model \(model.version): \(root), as in its last run")
      } else {
        check.problems.append(
          AuditReport.Problem(
            code: .model, record: "run \(last.id)",
            detail:
              "model \(model.version) in \(model.folder.path) is another model (\(root)) than the one that was run "
              + "(\(last.modelSha256)). Its runs say nothing about it"))
      }
      let earlier = own.count { $0.modelSha256 != last.modelSha256 }
      if earlier > 0 {
        report.omit(
          "\(earlier) earlier \(earlier == 1 ? "run" : "runs") of model version \(model.version)",
          "made on other weights than its last run; those weights are not in the project")
      }
    }
    let missing = Set(runs.map(\.modelVersion)).subtracting(models.map(\.version)).sorted()
    if !missing.isEmpty {
      report.omit("models \(missing.joined(separator: ", "))", "the project has no folder for these versions")
    }
    if check.count > 0 { report.checks.append(check) }
  }

  private func notChecked(_ verification: StoreVerification, _ report: inout AuditReport) {
    if store.isMigratedCopy {
      report.omit(
        "a log, its tree and checkpoints",
        "this store has an older schema without them; it gets a log when a run is added or a checkpoint made. Until then "
          + "only the records themselves and their numbers can be checked")
      return
    }
    if checkpoints.isEmpty {
      report.omit(
        "whether the store was cut off or replaced by an older copy",
        "no checkpoint from outside the store was given: keep the files that 'vitrine store checkpoint' writes where "
          + "others cannot change them, and give one with --checkpoint FILE")
    } else if !checkpoints.contains(where: { !$0.isOfProject }) {
      report.omit(
        "whether store and checkpoints/ were replaced together",
        "only checkpoints of this very project were compared; give one that was kept elsewhere with --checkpoint FILE")
    }
    let sizes = Dictionary(verification.checkpoints.map { ($0.origin, $0.size) }, uniquingKeysWith: max)
    for log in verification.logs {
      let covered = sizes[log.origin] ?? 0
      if covered < log.size {
        report.omit(
          "the last \(log.size - covered) entries of log \(log.origin) against a signed checkpoint",
          "none covers them yet; 'vitrine store checkpoint' makes one")
      }
    }
    if keys.isEmpty, !verification.checkpoints.isEmpty {
      report.omit(
        "whose key signed the checkpoints",
        "the keys are those stored with them; give the key that you had from the provider with --key")
    }
  }
}
