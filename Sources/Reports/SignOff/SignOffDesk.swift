import Analysis
public import Evidence
public import Foundation
public import Project

/// Where a dossier is signed: asks the gates, freezes what is signed, takes signatures and waivers into the store.
///
/// The first signature freezes the content of the bundle in `bundles/<system>-<version>/`: those files are what everybody
/// signs, in any order, and what the bundle carries. A dossier that has changed since needs new content and new signatures.
public struct SignOffDesk {
  /// The project.
  public let project: Project
  /// The gates.
  public let gates: GateCheck
  private let store: Store

  /// The roles, in their usual order.
  public static let roles = ["prepared", "reviewed", "approved"]

  /// Opens the desk for one model version.
  /// - Parameters:
  ///   - store: opened for writing.
  ///   - today: the day of the gates.
  ///   - lawAge: after how many days the check of the law counts as stale.
  /// - Throws: `ReportsError`, `EvidenceError`.
  public init(
    project: Project, modelVersion: String, store: Store, today: CalendarDate, lawAge: Int = GateCheck.defaultLawAge
  ) throws {
    self.project = project
    self.store = store
    let verification = try store.verifyAll()
    let catalogue = try LawCatalogue.load()
    let runs = try Self.readable(store, verification)
    let inputs = DossierInputs(
      project: project, modelVersion: modelVersion, runs: runs, catalogue: catalogue,
      statements: try StatementLoader.load(
        folder: project.documentation, catalogue: catalogue, project: project.folder),
      signatures: verification.signatures.map { .init(run: $0.run, statement: $0.statement, identity: $0.identity) },
      waivers: try store.waivers(), decisions: try store.documents(ChangeDecision.self),
      models: ModelsNow(project: project, runs: runs),
      attachments: try AttachmentRegister(store).attachments(system: project.system.name, modelVersion: modelVersion))
    // As 'vitrine dossier build' builds it: with the project's own looks, if it has any, and in its language.
    let builder = try DossierBuilder(
      templates: project.folder.appendingPathComponent("templates", isDirectory: true), language: project.language)
    gates = GateCheck(
      inputs: inputs, built: try builder.build(inputs), verification: verification, today: today, lawAge: lawAge)
  }

  /// Damaged runs are what a gate finds; the dossier is then compared without them.
  private static func readable(_ store: Store, _ verification: StoreVerification) throws -> [StoredRun] {
    if verification.isIntact { return try store.allRuns() }
    return try verification.runs.filter(\.problems.isEmpty).map { try store.run(id: $0.id) }
  }

  private var version: String { gates.inputs.modelVersion }
  private var dossierFolder: URL { project.dossierFolder(version: version) }

  /// The name of the bundle without its ending: system and version.
  public var name: String {
    let version = version.unicodeScalars.map { scalar in
      scalar.isASCII
        && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "._-".unicodeScalars.contains(scalar))
        ? String(scalar) : "_"
    }.joined()
    return "\(UserKeys.plainName(project.system.name))-\(version)"
  }

  private var bundles: URL { project.folder.appendingPathComponent("bundles") }
  /// The folder with the frozen content.
  public var contentFolder: URL { bundles.appendingPathComponent(name) }
  /// The bundle.
  public var bundleFile: URL { bundles.appendingPathComponent("\(name).asice") }
  /// The folder in which a request for a time-stamp waits for its answer.
  public var stampFolder: URL { bundles.appendingPathComponent("\(name).timestamps") }

  // MARK: Gates

  /// What the gates say about a signature.
  /// - Parameters:
  ///   - name: who signs.
  ///   - certificate: the signer's; nil while it is not known.
  ///   - role: one of `roles`.
  public func decision(name: String, certificate: Certificate?, role: String) throws -> GateDecision {
    let earlier = try (frozen().map(signOffs) ?? []).map {
      RoleCheck.Earlier(role: $0.statement.role, name: $0.statement.name, certificate: try $0.person().certificate)
    }
    let found = RoleCheck.findings(
      name: name, certificate: certificate, role: role, people: project.people, earlier: earlier)
    let own =
      earlier.filter { PersonName.isSame($0.name, name) }.compactMap(\.certificate) + [certificate].compactMap { $0 }
    return GateDecision(gates.findings(folder: dossierFolder) + found, waivers: waivers) { waiver, finding in
      // A person cannot let themselves pass under another name.
      let isOwn = finding.gate.isAboutOnePerson && own.contains { waiver.person?.hasKey(of: $0) == true }
      return !isOwn && !isAhead(waiver.date)
    }
  }

  /// Whether a waiver lies ahead of this machine's clock by more than clocks differ.
  private func isAhead(_ date: String) -> Bool {
    guard let date = Timestamp.date(date), let now = Timestamp.date(Timestamp.now()) else { return true }
    return date.timeIntervalSince(now) > BundleExamination.clockTolerance
  }

  /// The waivers about this model version, each with what became of it.
  public var waivers: WaiverRegister { gates.built.waivers }

  // MARK: Content

  /// The frozen content, if it is of the dossier as it is now.
  /// - Throws: `ReportsError` if it cannot be read.
  public func frozen() throws -> BundleContent? {
    guard let content = try BundleContent.read(from: contentFolder),
      FileManager.default.fileExists(atPath: dossierFolder.path)
    else { return nil }
    guard let dossier = try? dossierFiles.files() else { return nil }
    return content.files.filter { $0.key.hasPrefix(BundlePath.dossier) } == dossier ? content : nil
  }

  /// The dossier's folder with what a build writes there.
  private var dossierFiles: DossierFolder { DossierFolder(dossierFolder, names: gates.built.files.map(\.name)) }

  /// Printed copies beside the dossier's pages, which nobody signs.
  public func derivedCopies() throws -> [String] { try dossierFiles.derived() }

  /// The content to sign: the frozen one if somebody has signed it or nothing has changed, otherwise made anew with a
  /// checkpoint of the log.
  /// - Parameter logKey: gives the key that signs the checkpoint of the log of that name.
  /// - Returns: the content, and whether records about cited runs were added since it was frozen.
  /// - Throws: `ReportsError`, `EvidenceError`.
  public func content(logKey: (_ origin: String) throws -> PrivateKey) throws -> (
    content: BundleContent, isBehind: Bool
  ) {
    func assembled() throws -> BundleContent {
      try BundleContent.assemble(
        dossierFolder: dossierFolder, names: gates.built.files.map(\.name), store: store,
        keys: project.folder.appendingPathComponent("keys"))
    }
    if let frozen = try frozen() {
      let isSame = Self.withoutLog(frozen) == Self.withoutLog(try assembled())
      if try isSame || !signOffs(of: frozen).isEmpty { return (frozen, !isSame) }
    }
    for log in try store.logs() where log.isOwn {
      let (checkpoint, verifier) = try store.checkpoint(key: logKey(log.origin))
      try checkpoint.publish(verifier, in: project.folder)
    }
    let content = try assembled()
    try content.write(to: contentFolder)
    return (content, false)
  }

  /// The log grows with everything; what matters is whether the records are the same.
  private static func withoutLog(_ content: BundleContent) -> [String: Data] {
    content.files.filter { !$0.key.hasPrefix("log/") && $0.key != BundlePath.sums }
  }

  // MARK: Signatures

  /// The signatures on a content, in the order in which they came into the store.
  public func signOffs(of content: BundleContent) throws -> [SignOff] {
    let references = try content.references()
    return try store.documents(SignOff.self).filter {
      $0.statement.about == "dossier" && $0.statement.modelVersion == version && $0.statement.files == references
    }
  }

  /// What a person is to sign.
  public func statement(_ content: BundleContent, role: String, name: String, function: String) throws
    -> SignOff.Statement
  {
    SignOff.Statement(
      about: "dossier", title: project.system.name, modelVersion: version, role: role, name: name, function: function,
      files: try content.references())
  }

  /// The signed waivers in the store.
  func storedWaivers() throws -> [Waiver] { try store.documents(Waiver.self) }

  /// Adds a document to the log.
  func append(document: some LedgerDocument) throws -> StoredEntry { try store.append(document) }

  /// What was refused last to a person in a role.
  public func refusals(role: String, person: String) -> RefusalMemory {
    RefusalMemory(folder: bundles, name: name, role: role, person: person)
  }

  /// Takes a signature into the store.
  public func append(_ signOff: SignOff) throws -> StoredEntry { try store.append(signOff) }

  // MARK: Time-stamps

  private func stampFile(_ name: String) -> URL { stampFolder.appendingPathComponent(name) }

  /// The time-stamps in the store that are over this content, in the order of their numbers.
  public func stamps(of content: BundleContent) throws -> [BundleSeals.Stamp] {
    let references = try content.references()
    var stamps: [BundleSeals.Stamp] = []
    for record in try store.documents(TimestampRecord.self) {
      let manifest = try ASiCManifest(record.manifestBytes)
      // A merge may have brought two of one number; the first stands.
      guard Array(manifest.references.prefix(references.count)) == references,
        manifest.signature == BundleSeals.stampPath(stamps.count + 1)
      else { continue }
      stamps.append(BundleSeals.Stamp(manifest: record.manifestBytes, token: try record.verify().der))
    }
    return stamps
  }

  /// Everything that the bundle carries beside a content.
  public func seals(of content: BundleContent) throws -> BundleSeals {
    BundleSeals(signOffs: try signOffs(of: content), stamps: try stamps(of: content))
  }

  /// Writes the manifest that is to be time-stamped and keeps it until the answer comes.
  /// - Returns: the request (`.tsq`) and the manifest's file.
  public func prepareStamp(_ content: BundleContent) throws -> (query: Data, manifest: URL) {
    let manifest = try seals(of: content).nextStampManifest(content)
    try DossierWriter.write([("pending.xml", manifest)], to: stampFolder)
    return (try TimestampToken.query(for: manifest), stampFile("pending.xml"))
  }

  /// Takes an authority's answer (`.tsr`) to the request made last into the store.
  /// - Throws: `EvidenceError.badSignature` if it is not over that manifest; `ReportsError` `badValue` if none is waiting, or
  ///   what it lists has changed.
  public func attachStamp(_ response: Data, to content: BundleContent) throws -> TimestampToken {
    guard let manifest = try? PlainFile.read(stampFile("pending.xml")) else {
      throw ReportsError(.badValue, "no time-stamp was asked for: 'vitrine bundle --timestamp-query FILE.tsq' first")
    }
    let token = try TimestampToken(response: response, for: manifest)
    let number = try stamps(of: content).count + 1
    let references = try content.references()
    guard try ASiCManifest(manifest).signature == BundleSeals.stampPath(number),
      Array(try ASiCManifest(manifest).references.prefix(references.count)) == references
    else {
      throw ReportsError(
        .badValue,
        "the dossier or its time-stamps have changed since the request was made: ask again with --timestamp-query")
    }
    try store.append(TimestampRecord(token, manifest: manifest))
    try? FileManager.default.removeItem(at: stampFolder)
    return token
  }
}
