import Evidence
import Foundation

extension BundleExamination {
  // MARK: Waivers

  /// The waiver that a file holds; nil if it holds none, or its signature does not hold.
  func waiver(in file: String) throws -> WaiverReading? {
    guard let data = files[file] else { return nil }
    let check = try DocumentCheck(data)
    guard let document = check.document, check.problems.isEmpty else { return nil }
    return try WaiverReading(document)
  }

  /// Names a waiver: it must be named even where the dossier that prints it is withheld.
  mutating func noteWaiver(_ document: (any LedgerDocument)?) throws {
    guard let document, document is Waiver || document is UnsignedWaiver else { return }
    let reading: WaiverReading?
    do { reading = try WaiverReading(document) } catch let error as EvidenceError {
      // The check of the records says why the signature does not hold.
      guard [.badSignature, .badKey].contains(error.code) else { throw error }
      return
    }
    guard let waiver = reading else { return }
    report.waivers.append(
      BundleReport.WaiverNote(
        gate: waiver.gate, covers: waiver.covers, reason: waiver.reason, name: waiver.name, function: waiver.function,
        date: waiver.date, record: waiver.id, isSigned: waiver.person != nil,
        state: waiver.person == nil ? WaiverRegister.State.unsigned.rawValue : nil,
        signer: try waiver.person.map { try SignerIdentity($0, trust) }))
  }

  /// The waivers that the bundle holds, in the order of the log as far as their identifiers tell it.
  private func waivers() throws -> [WaiverReading] {
    try sums.keys.filter { $0.hasPrefix("records/\(Waiver.kind)-") }.compactMap { try waiver(in: $0) }.sorted {
      $0.id < $1.id
    }
  }

  /// What became of the waivers, as far as dossier and records tell; nil without the dossier.
  private func register() throws -> WaiverRegister? {
    guard let dossier = dossierHere() else { return nil }
    var ended: [String: String] = [:]
    for run in dossier.runs { ended[run.id] = run.ended }
    return WaiverRegister(
      try waivers(), system: dossier.system.name, modelVersion: dossier.model.version,
      holders: Set(dossier.signOff.roles.flatMap { $0.people.map(\.name) }), ended: ended)
  }

  private func dossierHere() -> Dossier? {
    let path = BundlePath.dossier + "dossier.json"
    return try? BundleContent.dossier(files[path], path)
  }

  // MARK: Who prepared neither reviews nor approves

  /// Who reviewed or approved what the same person prepared, by name or key, unless a signed waiver of somebody else says otherwise.
  func checkSeparation(_ check: inout BundleReport.Check) {
    let register = try? self.register()
    for signer in report.signers {
      guard let gate = RoleCheck.gate(of: signer.role) else { continue }
      let preparers = report.signers.filter {
        $0.role == "prepared" && (PersonName.isSame($0.name, signer.name) || hasSameKey($0, signer))
      }
      guard !preparers.isEmpty else { continue }
      let certificates = ([signer] + preparers).compactMap { self.certificates[$0.file] }
      let waiver = register?.waiver(of: gate, about: GateKey.person(signer.name).text)
      let isOwn = certificates.contains { waiver?.person?.hasKey(of: $0) == true }
      if let waiver, !isOwn {
        check.notes.append("\(signer.name) prepared and \(signer.role); \(waiver.name) waived that: \(waiver.reason)")
      } else if signer.role == "reviewed", sums[BundlePath.scripts[0]] == nil {
        check.notes.append("\(signer.name) prepared and reviewed, which version 0.1.0 did not ask about")
      } else if !isOwn, withheldRecords.contains(where: { $0.hasPrefix("records/\(Waiver.kind)-") }) {
        check.omit("whether somebody waived that \(signer.name) prepared and \(signer.role)", "a waiver is withheld")
      } else {
        check.problems.append(
          BundleProblem(
            .role, signer.file,
            "\(signer.name) \(signer.role) what the same person prepared"
              + (isOwn ? ", and waived that with the same key" : "")))
      }
    }
  }

  // MARK: Binding

  /// What the dossier says of how its runs stand to system, model and plan, against their records.
  ///
  /// Neither the model nor the project file is in a bundle: that the folder held these files, and the project file this plan, is the
  /// dossier's word, which its signers signed. What the dossier itself says was not held against the model is not checked here either.
  mutating func checkBinding() throws {
    var check = BundleReport.Check(
      "binding",
      "each cited run against its own record: this system, this model version, the files and the plan that the dossier names, and "
        + "a signed waiver where the plan was another one")
    defer { report.checks.append(check) }
    guard let dossier = dossierHere() else {
      return report.omit(
        "how the cited runs stand to system, model and plan", "dossier/dossier.json is not here or cannot be read")
    }
    let register = try self.register()
    for run in dossier.runs { try checkBinding(run, of: dossier, register, &check) }
    try checkWaiverStates(dossier, register, &check)
    noteHeld(dossier, &check)
    let open = report.waivers.count { $0.signer.map { $0.identity != .established } ?? false }
    if open > 0 {
      report.omit(
        "whether \(open) of the signed waivers are of who they say",
        "give with --trust the certificates of these persons, or that of their authority")
    }
  }

  private mutating func checkBinding(
    _ run: Dossier.RunEntry, of dossier: Dossier, _ register: WaiverRegister?, _ check: inout BundleReport.Check
  ) throws {
    let file = BundleProofs.path(kind: RunRecord.kind, id: run.id)
    func wrong(_ what: String) { check.problems.append(BundleProblem(.dossier, file, what)) }
    guard let data = files[file] else {
      if sums[file] != nil {
        report.omit("how run \(run.id) stands to system, model and plan", "its record is withheld")
      }
      return
    }
    guard let record = try DocumentCheck(data).document as? RunRecord else { return }
    check.count += 1
    if record.system != dossier.system.name {
      wrong("it is a run of the system '\(record.system)', and the dossier is about '\(dossier.system.name)'")
    }
    if record.modelVersion != run.modelVersion || record.model.rootSha256 != run.modelRootSha256 {
      wrong("the dossier gives it another model version or other files than its record")
    }
    if run.modelVersion == dossier.model.version, let folder = dossier.model.folder, folder.isMeasured,
      folder.rootSha256 != record.model.rootSha256 || folder.tokenizerSha256 != record.model.tokenizerSha256
    {
      wrong("it was made on other files than those that the dossier says the model's folder held")
    }
    guard let binding = run.binding else { return }
    if let digest = binding.planSha256, digest != PlanDigest.digest(of: record) {
      wrong("its plan is not the one whose digest the dossier gives")
    }
    guard binding.plan != "current" else { return }
    guard let waiver = register?.waiver(of: .staleRuns, about: GateKey.run(run.id).text) else {
      return wrong(
        "the dossier cites it though its plan was not the project's present one, and no signed waiver in force names it"
      )
    }
    check.notes.append(
      "run \(run.id) was made with another plan than the project had; \(waiver.name) waived that: \(waiver.reason)")
  }

  /// What the dossier says became of each waiver, against the records.
  private mutating func checkWaiverStates(
    _ dossier: Dossier, _ register: WaiverRegister?, _ check: inout BundleReport.Check
  ) throws {
    let isWhole = try waivers().count == dossier.signOff.waivers.count
    for entry in register?.entries ?? [] {
      for index in report.waivers.indices where report.waivers[index].record == entry.waiver.id {
        report.waivers[index].state = entry.state.rawValue
      }
      let printed = dossier.signOff.waivers.first { $0.id == entry.waiver.id }
      // An older dossier has no states; a withheld record leaves the others' states open.
      guard isWhole, let state = printed?.state, state != entry.state.rawValue else { continue }
      check.problems.append(
        BundleProblem(
          .dossier, "dossier/dossier.json",
          "it calls the waiver \(entry.waiver.id) '\(state)', and by the records it is '\(entry.state.rawValue)'"))
    }
  }

  /// What was and what was not held against the model when the dossier was made.
  private mutating func noteHeld(_ dossier: Dossier, _ check: inout BundleReport.Check) {
    let unasked = dossier.runs.filter { $0.binding == nil }
    if !unasked.isEmpty {
      report.omit(
        "whether \(unasked.count) of the \(dossier.runs.count) cited runs were of the model and the plan that the project had",
        "the dossier says nothing of it: it was made by an older program")
    }
    let open = dossier.runs.filter { $0.binding?.weights == "not-held" }
    if !open.isEmpty {
      let reasons = Set(open.compactMap { $0.binding?.notHeld }).sorted().joined(separator: ", ")
      report.omit(
        "\(open.count) of the \(dossier.runs.count) cited runs: NOT HELD AGAINST THE MODEL",
        "when the dossier was made the model's folder could not be read (\(reasons)), so nobody has checked that the model is still "
          + "the one that was measured")
    }
    let held = dossier.runs.count { $0.binding?.weights == "held" }
    if held > 0 {
      check.notes.append(
        "\(held) of \(dossier.runs.count) cited runs were held against the model's folder when the dossier was made; that is the "
          + "dossier's word, since the model is not in the bundle")
    }
  }
}
