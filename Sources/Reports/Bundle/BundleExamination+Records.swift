import Evidence
import Foundation

extension BundleExamination {
  // MARK: Records

  /// Every record by itself, and its proof.
  mutating func checkRecords() throws {
    var records = BundleReport.Check(
      "records",
      "each record of a run and what was said about it: digest, canonical form, own format, signatures of persons")
    var proofs = BundleReport.Check(
      "proofs", "each record as a leaf of its log's Merkle tree, by its inclusion proof (RFC 6962)")
    var checkpoints = BundleReport.Check("checkpoints", "the signed states of the logs that the proofs lead to")
    defer { report.checks += [records, proofs, checkpoints] }
    let list: BundleProofs
    do {
      list = try readProofs()
    } catch let fault as BundleFault {
      proofs.problems.append(fault.problem)
      records.omit("every record", "\(BundlePath.proofs), which lists them, cannot be used")
      checkpoints.omit("every checkpoint", "\(BundlePath.proofs), which lists them, cannot be used")
      return
    }
    let names = list.entries.map(\.file)
    for path in sums.keys.sorted() where path.hasPrefix("runs/") || path.hasPrefix("records/") {
      if !names.contains(path) {
        proofs.problems.append(BundleProblem(.proof, path, "no proof shows that it is in a log"))
      }
    }
    (records.of, proofs.of, checkpoints.of) = (list.entries.count, list.entries.count, list.heads.count)
    for (index, head) in list.heads.enumerated() { checkHead(head, index, list, &checkpoints) }
    for entry in list.entries { try checkEntry(entry, list, &records, &proofs) }
    let open = report.runSigners.count { $0.identity != .established }
    if open > 0 {
      report.omit(
        "whether \(open) of the \(report.runSigners.count) signatures on runs are of who they say",
        "give with --trust the certificates of these persons, or that of their authority, or compare the fingerprints above"
      )
    }
  }

  private func readProofs() throws -> BundleProofs {
    func fault(_ code: BundleProblem.Code, _ what: String) -> BundleFault {
      BundleFault(problem: BundleProblem(code, BundlePath.proofs, what))
    }
    guard let data = files[BundlePath.proofs] else {
      throw fault(.missing, "without it no record is proved to be in a log")
    }
    do {
      return try BundleProofs.read(data)
    } catch let error as EvidenceError {
      throw fault(.proof, error.message)
    } catch let error as JSONError {
      throw fault(.proof, error.message)
    }
  }

  private mutating func checkEntry(
    _ entry: BundleProofs.Entry, _ list: BundleProofs, _ records: inout BundleReport.Check,
    _ proofs: inout BundleReport.Check
  ) throws {
    guard entry.file == BundleProofs.path(kind: entry.kind, id: entry.id), sums[entry.file] == entry.sha256 else {
      proofs.problems.append(
        BundleProblem(.proof, entry.file, "the proof names another file or digest than SHA256SUMS"))
      return
    }
    guard let document = files[entry.file] else {
      let word = isWithheld(entry.file) ? "withheld" : "missing"
      let rest = entry.kind == Waiver.kind ? ": somebody waived a gate, and what for cannot be read here" : ""
      records.omit("the record \(entry.file)", "it is \(word)\(rest)")
      proofs.omit("the proof of \(entry.file)", "the record is \(word), from whose bytes the proof begins")
      return
    }
    records.count += 1
    proofs.count += 1
    let found = try DocumentCheck(document)
    records.problems += found.problems.map { BundleProblem(.record, entry.file, $0.detail) }
    if found.kind != entry.kind || found.id != entry.id || found.sha256 != entry.sha256 {
      records.problems.append(BundleProblem(.record, entry.file, "it is another record than its name says"))
    }
    try note(found.document, entry.file)
    if let signature = found.document as? RunSignature, let person = found.person {
      if let run = list.entries.first(where: { $0.kind == RunRecord.kind && $0.id == signature.run }),
        run.sha256 != signature.statement.recordSha256
      {
        records.problems.append(
          BundleProblem(.record, entry.file, "it is on another record of the run than the one here"))
      }
      let identity = try SignerIdentity(person, trust)
      report.runSigners.append(identity)
      records.notes.append("run \(signature.run): \(identity.text)")
    }
    let path = entry.proof.compactMap(SHA256Digest.init(hex:))
    guard list.heads.indices.contains(entry.head), path.count == entry.proof.count,
      let root = SHA256Digest(hex: list.heads[entry.head].rootSha256),
      try MerkleProof.verifyInclusion(
        leaf: MerkleTree.leafHash(document), index: entry.position, size: list.heads[entry.head].size, proof: path,
        root: root)
    else {
      proofs.problems.append(BundleProblem(.proof, entry.file, "its proof does not lead from the record to the root"))
      return
    }
  }

  /// Notes when a record was made, and a waiver: it must be named even where the dossier that prints it is withheld.
  private mutating func note(_ document: (any LedgerDocument)?, _ file: String) throws {
    let date: String?
    switch document {
    case let run as RunRecord: date = run.ended
    case let signed as any SignedDocument: date = signed.signedDate
    case let reproduction as ReproductionRecord: date = reproduction.ended
    case let transfer as TransferRecord: date = transfer.ended
    case let waiver as UnsignedWaiver: date = waiver.date
    case let attachment as AttachmentRecord: date = attachment.date
    default: date = nil
    }
    try noteWaiver(document)
    guard let date, date > newest?.date ?? "" else { return }
    newest = (date, file)
  }

  private mutating func checkHead(
    _ head: BundleProofs.Head, _ index: Int, _ list: BundleProofs, _ check: inout BundleReport.Check
  ) {
    let covered = list.entries.filter { $0.head == index }.count
    guard let noteFile = head.checkpoint, let keyFile = head.key else {
      check.omit(
        "\(covered) records of the log \(head.origin) against a signed checkpoint",
        "none covered them when the bundle was made, so their place in the log is the bundle's word only")
      return
    }
    guard let note = files[noteFile], let key = files[keyFile] else {
      check.omit("the checkpoint of the log \(head.origin)", "\(noteFile) or \(keyFile) is withheld")
      for file in [noteFile, keyFile] where files[file] == nil && !isWithheld(file) {
        check.problems.append(BundleProblem(.missing, file, "\(BundlePath.proofs) names it"))
      }
      return
    }
    check.count += 1
    func wrong(_ what: String) { check.problems.append(BundleProblem(.checkpoint, noteFile, what)) }
    do {
      let checkpoint = try LogCheckpoint(note)
      let text = String(decoding: key, as: UTF8.self)
      let verifier = try VerifierKey(String(text.dropLast()))
      guard text == verifier.text + "\n", checkpoint.data == note else {
        return wrong("it is not written as Vitrine does")
      }
      guard checkpoint.origin == head.origin, checkpoint.size == head.size, checkpoint.root.hex == head.rootSha256
      else {
        return wrong("it signs another log, size or root than the proofs lead to")
      }
      guard verifier.name == head.origin, checkpoint.note.signatures.count == 1,
        try checkpoint.note.isSigned(by: verifier)
      else { return wrong("it is not signed by \(keyFile), and by nobody else") }
      check.notes.append("\(checkpoint.size) entries of \(checkpoint.origin), signed by \(verifier.text)")
      logKeys.insert(verifier.text)
      if !keys.contains(where: { $0.text == verifier.text }) {
        report.omit(
          "whose key signed the checkpoint \(noteFile)",
          "the key stands in the bundle itself; give the one that you had from the provider with --key")
      }
    } catch let error as EvidenceError {
      wrong(error.message)
    } catch {
      wrong("it cannot be read: \(error)")
    }
  }

  // MARK: Dossier

  /// What the dossier says of runs, waivers and decisions, against the records.
  mutating func checkDossier() throws {
    let path = "dossier/dossier.json"
    var check = BundleReport.Check(
      "dossier",
      "that every run, waiver and decision that the dossier names is here with the digest and the words it gives")
    defer { report.checks.append(check) }
    if isWithheld(path) {
      check.of = 1
      return check.omit("the dossier against its records", "\(path) is withheld")
    }
    func wrong(_ what: String) { check.problems.append(BundleProblem(.dossier, path, what)) }
    let dossier: Dossier
    do {
      dossier = try BundleContent.dossier(files[path], path)
    } catch let error as ReportsError {
      return wrong(error.message)
    }
    roles = dossier.signOff.roles
    let changes = dossier.changeHistory ?? []
    check.of = 1 + dossier.runs.count + dossier.signOff.waivers.count + changes.count
    check.count = 1 + dossier.runs.count
    for run in dossier.runs where sums[BundleProofs.path(kind: RunRecord.kind, id: run.id)] != run.recordSha256 {
      wrong("it cites run \(run.id) with another digest than the record here, or the record is missing")
    }
    for waiver in dossier.signOff.waivers { try compare(waiver, dossier, &check) }
    for change in changes { try compare(change, &check) }
    let printed = Set(dossier.signOff.waivers.map { BundleProofs.path(kind: Waiver.kind, id: $0.id) })
    for file in sums.keys.sorted() where file.hasPrefix("records/\(Waiver.kind)-") && !printed.contains(file) {
      wrong("it does not print the waiver \(file)")
    }
    if let title = report.title, title != dossier.system.name || report.modelVersion != dossier.model.version {
      wrong(
        "it is about '\(dossier.system.name)' \(dossier.model.version), the signatures about '\(title)' "
          + "\(report.modelVersion ?? "")")
    }
  }

  /// A waiver that the dossier prints, against its record.
  private mutating func compare(_ waiver: Dossier.WaiverEntry, _ dossier: Dossier, _ check: inout BundleReport.Check)
    throws
  {
    let file = BundleProofs.path(kind: Waiver.kind, id: waiver.id)
    if isWithheld(file) {
      check.omit("the waiver of '\(waiver.gate)' against its record", "\(file) is withheld")
      report.waivers.append(
        BundleReport.WaiverNote(
          gate: waiver.gate, covers: waiver.covers, reason: waiver.reason, name: waiver.name,
          function: waiver.function, date: waiver.date, record: waiver.id,
          isSigned: waiver.state.map { $0 != WaiverRegister.State.unsigned.rawValue } ?? false, state: waiver.state))
      return
    }
    check.count += 1
    guard let record = try self.waiver(in: file), record.gate == waiver.gate,
      waiver.recordSha256 == nil || waiver.recordSha256 == record.sha256,
      (waiver.supersedes ?? []) == record.supersedes,
      record.covers == waiver.covers, record.reason == waiver.reason, record.name == waiver.name,
      record.function == waiver.function, record.date == waiver.date, record.modelVersion == dossier.model.version
    else {
      check.problems.append(
        BundleProblem(
          .dossier, BundlePath.dossier + "dossier.json",
          "it prints a waiver of '\(waiver.gate)' that is not the record \(file)"))
      return
    }
  }

  /// A decision about a change that the dossier prints, against its record.
  private func compare(_ change: Dossier.ChangeEntry, _ check: inout BundleReport.Check) throws {
    let file = BundleProofs.path(kind: ChangeDecision.kind, id: change.record)
    let what = "the decision of \(change.name) about \(change.before) to \(change.after)"
    if isWithheld(file) { return check.omit("\(what) against its record", "\(file) is withheld") }
    // Bundles of version 0.1.0, which had one script, did not carry them.
    if sums[file] == nil, sums[BundlePath.scripts[0]] == nil {
      return check.omit("\(what) against its record", "bundles of version 0.1.0 do not carry \(file)")
    }
    check.count += 1
    guard let data = files[file], let record = try DocumentCheck(data).document as? ChangeDecision,
      record.statement.before == change.before, record.statement.after == change.after,
      record.statement.isSubstantial == change.isSubstantial, record.statement.reason == change.reason,
      record.statement.name == change.name, record.statement.function == change.function,
      record.statement.decided == change.decided, record.statement.diffSha256 == change.diffSha256
    else {
      check.problems.append(
        BundleProblem(
          .dossier, BundlePath.dossier + "dossier.json", "it prints \(what), which is not the record \(file)"))
      return
    }
  }

  // MARK: Roles

  /// Who signed in which role.
  mutating func checkRoles() {
    var check = BundleReport.Check(
      "roles",
      "who signed in which role, that the dossier gives them the role, and that who prepared has neither reviewed nor approved"
    )
    check.of = report.signers.count
    let roles = ["prepared", "reviewed", "approved"]
    report.rolesNotSigned = roles.filter { role in !report.signers.contains { $0.role == role } }
    if !report.rolesNotSigned.isEmpty, !report.signers.isEmpty {
      check.notes.append("nobody has signed as \(report.rolesNotSigned.joined(separator: ", "))")
    }
    if self.roles == nil, !report.signers.isEmpty {
      check.omit(
        "whether the dossier gives \(report.signers.count) signers their roles",
        isWithheld("dossier/dossier.json") ? "dossier/dossier.json is withheld" : "the dossier cannot be read")
    } else {
      check.count = report.signers.count
    }
    for signer in report.signers {
      // A role that the dossier does not know is nobody's: anybody can add a signature as "certified".
      guard let roles = self.roles,
        roles.first(where: { $0.role == signer.role })?.people.contains(where: { $0.name == signer.name }) != true
      else { continue }
      check.problems.append(
        BundleProblem(
          .role, signer.file,
          "\(signer.name) signed as '\(signer.role)', a role that the dossier does not give that person"))
    }
    checkSeparation(&check)
    checkPersons(&check)
    report.checks.append(check)
  }

  /// One key that signs under two names is two persons on paper only. (Who prepared is asked about by `checkSeparation`.)
  private func checkPersons(_ check: inout BundleReport.Check) {
    for (index, signer) in report.signers.enumerated() where signer.role != "prepared" {
      for other in report.signers[..<index]
      where other.role != "prepared" && !PersonName.isSame(other.name, signer.name) && hasSameKey(other, signer) {
        check.problems.append(
          BundleProblem(
            .role, signer.file,
            "\(signer.name) \(signer.role) and \(other.name) \(other.role) with one key: that is one person under two names"
          ))
      }
    }
  }

  /// Two certificates may have one key.
  func hasSameKey(_ one: BundleReport.Signer, _ other: BundleReport.Signer) -> Bool {
    guard let first = certificates[one.file], let second = certificates[other.file] else { return false }
    return first.hasSameKey(as: second)
  }

  // MARK: Dates

  /// How far the clocks of signers and machines may differ before it counts, in seconds.
  static let clockTolerance: Double = 86_400

  /// Whether a time lies ahead of the reader's clock by more than clocks differ.
  func isAfterNow(_ date: String) -> Bool {
    guard let date = Timestamp.date(date), let now = Timestamp.date(now) else { return false }
    return date.timeIntervalSince(now) > Self.clockTolerance
  }

  /// A signature cannot be older than what it signs, nor of a day to come. Otherwise a key could sign with any date on which its
  /// certificate was, or will be, valid.
  mutating func checkDates() {
    var check = BundleReport.Check(
      "dates", "the dates that the signers gave: not before the newest record that they signed, not in the future")
    check.of = report.signers.count
    let hidden = withheldRecords
    if hidden.isEmpty {
      check.count = report.signers.count
    } else if !report.signers.isEmpty {
      check.omit(
        "\(report.signers.count) dates against \(hidden.count) records",
        "the records are withheld, and with them when they were finished; of those only when their identifiers were given"
      )
    }
    for signer in report.signers {
      if isAfterNow(signer.date) {
        check.problems.append(
          BundleProblem(
            .signature, signer.file, "it is dated \(signer.date), which has not come yet by the clock of this machine"))
      }
      let withheld = hidden.compactMap { file in Self.given(file).map { (date: $0, file: file) } }
      guard let record = (withheld + [newest].compactMap { $0 }).max(by: { $0.date < $1.date }),
        let made = Timestamp.date(record.date), let date = Timestamp.date(signer.date),
        made.timeIntervalSince(date) > Self.clockTolerance
      else { continue }
      check.problems.append(
        BundleProblem(
          .signature, signer.file,
          "it is dated \(signer.date), and what it signs did not exist then: \(record.file) is of \(record.date)"))
    }
    report.checks.append(check)
  }

  /// When the identifier in the name of a record was given: it is a UUID of version 7, which begins with the milliseconds of
  /// that time (RFC 9562 section 5.7). The record itself ended later.
  private static func given(_ file: String) -> String? {
    let id = file.dropLast(5).suffix(36)
    guard RunIdentifier.isValid(String(id)), let milliseconds = UInt64(id.filter { $0 != "-" }.prefix(12), radix: 16)
    else { return nil }
    return Timestamp.text(Date(timeIntervalSince1970: Double(milliseconds) / 1000))
  }
}
