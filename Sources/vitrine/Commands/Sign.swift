import Analysis
import ArgumentParser
import Evidence
import Foundation
import Project
import Reports

struct Sign: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Sign a dossier as prepared, reviewed or approved; or waive a gate with a reason.",
    discussion: """
      Signs the files of dossier/<version>/ as they are, with the records of every run that they cite and the proofs of these: \
      the content of the bundle, which the first signature freezes in bundles/. Before that it asks gates: missing items, \
      damaged or unsigned runs, stale runs, statements and law, who approves has prepared, who signs holds the role, the \
      dossier is what a build gives now. If one finds something, nothing is signed, every reason is printed, and the exit \
      status is 1.

      --waive GATE --reason TEXT records that a person waives what the gate finds now; then 'vitrine dossier build' prints it.

      To sign elsewhere, e.g. with a qualified certificate: --prepare F writes exactly the bytes to sign, openssl or your \
      signing service signs them (CMS, detached, CAdES), --attach F.p7s takes the signature back after checking it. A local key \
      is never a qualified signature. docs/sign-off.md goes through it all.
      """)

  @OptionGroup var project: ProjectOptions
  @Option(
    name: .customLong("model"), help: ArgumentHelp("The model version (default: the only one).", valueName: "version"))
  var model: String?
  @Option(help: ArgumentHelp("prepared, reviewed or approved.", valueName: "role")) var role: String?
  @OptionGroup var person: SignerOptions
  @Option(help: ArgumentHelp("Write exactly what is to be signed, and sign nothing.", valueName: "file"))
  var prepare: String?
  @Option(help: ArgumentHelp("Take the CMS signature (DER or PEM) of what --prepare wrote.", valueName: "file"))
  var attach: String?
  @Option(
    help: ArgumentHelp("What --attach is the signature of (default: its name without '.p7s').", valueName: "file"))
  var manifest: String?
  @Option(help: ArgumentHelp("Waive what this gate finds now.", valueName: "gate")) var waive: String?
  @Option(help: ArgumentHelp("Why it is waived.", valueName: "text")) var reason: String?
  @Option(help: ArgumentHelp("After how many days the check of the law counts as stale.", valueName: "days"))
  var lawAge = GateCheck.defaultLawAge

  func validate() throws {
    guard [prepare, attach, waive].compactMap({ $0 }).count <= 1 else {
      throw ValidationError("give one of --prepare, --attach and --waive")
    }
    guard (waive == nil) == (reason == nil) else { throw ValidationError("--waive goes with --reason, why") }
    guard manifest == nil || attach != nil else { throw ValidationError("--manifest goes with --attach") }
    if let role, !SignOffDesk.roles.contains(role) {
      throw ValidationError("--role is \(SignOffDesk.roles.joined(separator: ", ")), not '\(role)'")
    }
  }

  func run() async throws {
    let desk = try SignOffCommand.desk(project, model, lawAge: lawAge)
    if let waive { return try record(waive, desk) }
    if let attach { return try take(attach, desk) }
    guard let role else { throw ValidationError("say with --role as what: prepared, reviewed or approved") }
    if let prepare { return try write(role, to: prepare, desk) }
    let (certificate, key) = try person.certificateSigner()
    let (name, function) = try person.person(certificate, people: desk.project.people)
    let fingerprint = try certificate.fingerprint()
    try pass(desk.decision(name: name, fingerprint: fingerprint, role: role))
    let content = try SignOffCommand.content(desk)
    let statement = try desk.statement(content, role: role, name: name, function: function)
    try take(SignOff(statement, certificate: certificate, key: key), content, desk)
  }

  // MARK: Gates

  /// Prints what was waived; if something was not, prints every reason and ends.
  private func pass(_ decision: GateDecision) throws {
    for (finding, waiver) in decision.waived {
      Console.err("waived by \(waiver.name) (\(waiver.reason)): [\(finding.gate.rawValue)] \(finding.detail)")
    }
    guard !decision.refusals.isEmpty else { return }
    let count = decision.refusals.count
    Console.err("vitrine: nothing was signed, for \(count == 1 ? "one reason" : "\(count) reasons"):")
    for finding in decision.refusals { Console.err("  [\(finding.gate.rawValue)] \(finding.detail)") }
    let waivable = Set(decision.refusals.map(\.gate).filter(\.isWaivable).map(\.rawValue)).sorted()
    if !waivable.isEmpty {
      Console.err(
        "A person may waive \(waivable.joined(separator: ", ")): 'vitrine sign --waive GATE --reason TEXT --as NAME', which "
          + "the dossier then prints.")
    }
    throw ExitCode(ExitStatus.answerIsNo.rawValue)
  }

  private func record(_ text: String, _ desk: SignOffDesk) throws {
    guard let gate = Gate(rawValue: text) else {
      throw ValidationError(
        "there is no gate '\(text)'; those that can be waived are "
          + Gate.allCases.filter(\.isWaivable).map(\.rawValue).joined(separator: ", "))
    }
    guard let name = person.name else { throw ValidationError("say with --as who waives it") }
    guard let reason, !reason.allSatisfy(\.isWhitespace) else { throw ValidationError("--reason is empty: say why") }
    guard let known = desk.project.people.first(where: { $0.name == name }) else {
      throw ValidationError("'\(name)' is not among the people of vitrine.yaml; a waiver is a named person's")
    }
    let waiver = try desk.waive(gate, reason: reason, name: name, function: person.function ?? known.function)
    Console.out("Waived \(gate.rawValue) for model version \(waiver.modelVersion): \(waiver.name), \(waiver.function)")
    Console.out("  reason   \(waiver.reason)")
    for key in waiver.covers { Console.out("  covers   \(key)") }
    Console.out("Next: 'vitrine dossier build' prints it in the dossier; read that, then sign.")
  }

  // MARK: Signatures

  private func take(_ signOff: SignOff, _ content: BundleContent, _ desk: SignOffDesk) throws {
    let entry = try desk.append(signOff)
    let signer = try signOff.verify()
    Console.out("Signed: \(signOff.summary)")
    Console.out("  \(signer.identity)")
    Console.out("  content  \(try content.digest())  (SHA-256 of SHA256SUMS in \(desk.contentFolder.path))")
    Console.out("  record \(entry.id), entry \(entry.position) of log \(entry.origin)")
    let roles = Set(try desk.signOffs(of: content).map(\.statement.role))
    let open = SignOffDesk.roles.filter { !roles.contains($0) }
    Console.out(
      open.isEmpty
        ? "Signed in every role. Next: 'vitrine bundle'." : "Not signed yet as \(open.joined(separator: ", ")).")
  }

  private func write(_ role: String, to path: String, _ desk: SignOffDesk) throws {
    let (name, function) = try person.person(nil, people: desk.project.people)
    try pass(desk.decision(name: name, fingerprint: nil, role: role))
    let content = try SignOffCommand.content(desk)
    let statement = try desk.statement(content, role: role, name: name, function: function)
    try statement.content().write(to: URL(fileURLWithPath: path), options: .atomic)
    Console.out("Wrote \(path): sign exactly these bytes (CMS, detached, binary, CAdES), e.g.")
    Console.out(
      "  openssl cms -sign -binary -cades -outform DER -in \(path) -signer CERTIFICATE.pem -inkey KEY.pem -out \(path).p7s"
    )
    Console.out(
      "It names every file in \(desk.contentFolder.path) by SHA-256; 'sha256sum -c SHA256SUMS' there checks them.")
    Console.out("Then: vitrine sign --attach \(path).p7s")
  }

  private func take(_ path: String, _ desk: SignOffDesk) throws {
    guard let prepared = manifest ?? (path.hasSuffix(".p7s") ? String(path.dropLast(4)) : nil) else {
      throw ValidationError("say with --manifest what \(path) is the signature of: the file that --prepare wrote")
    }
    let statement = try SignOff.Statement(content: try Data(contentsOf: URL(fileURLWithPath: prepared)))
    let cms = CMSSignature(der: try SignOffCommand.der(try Data(contentsOf: URL(fileURLWithPath: path))))
    guard let content = try desk.frozen(), statement == (try expected(statement, content, desk)) else {
      throw EvidenceError(
        .badSignature,
        "\(prepared): not what is to be signed now: the dossier, its runs or the system's name have changed since. "
          + "--prepare again")
    }
    let signOff = try SignOff(statement, cms: cms)
    try pass(
      desk.decision(name: statement.name, fingerprint: signOff.verify().fingerprint, role: statement.role))
    guard !(try desk.signOffs(of: content).contains { $0.statement.label == statement.label }) else {
      throw EvidenceError(.badSignature, "\(path): this signature was taken already")
    }
    try take(signOff, content, desk)
  }

  /// The statement that the desk would write for the same person, role and moment.
  private func expected(
    _ statement: SignOff.Statement, _ content: BundleContent, _ desk: SignOffDesk
  ) throws -> SignOff.Statement {
    var expected = try desk.statement(
      content, role: statement.role, name: statement.name, function: statement.function)
    expected.date = statement.date
    expected.label = statement.label
    return expected
  }
}

/// What 'sign' and 'bundle' share.
enum SignOffCommand {
  /// The desk of one model version.
  static func desk(_ options: ProjectOptions, _ version: String?, lawAge: Int = GateCheck.defaultLawAge) throws
    -> SignOffDesk
  {
    let project = try options.load()
    guard let version = version ?? (project.models.count == 1 ? project.models[0].version : nil) else {
      throw ValidationError("say with --model which version: \(project.models.map(\.version).joined(separator: ", "))")
    }
    guard let today = CalendarDate(String(Timestamp.now().prefix(10))) else {
      throw ExitCode(ExitStatus.internalError.rawValue)
    }
    return try SignOffDesk(
      project: project, modelVersion: project.model(version: version).version,
      store: Store.open(at: project.storeFile, mode: .readWrite), today: today, lawAge: lawAge)
  }

  /// The content to sign, with a checkpoint by this user's key of the log.
  static func content(_ desk: SignOffDesk) throws -> BundleContent {
    let (content, isBehind) = try desk.content { try UserKeys.ofUser().logKey(origin: $0).key }
    for name in try desk.derivedCopies() {
      Console.err("not signed: \(name), a printed copy; what is signed are the HTML, Markdown and JSON files")
    }
    if isBehind {
      Console.err(
        "warning: records, certificates or the law catalogue were added since the first signature; the content stays as it was "
          + "signed")
    }
    return content
  }

  /// A signature in DER form, from DER or PEM.
  static func der(_ data: Data) throws -> Data {
    let text = String(decoding: data, as: UTF8.self)
    guard text.hasPrefix("-----BEGIN ") else { return data }
    let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }
    guard let der = Data(base64Encoded: lines.joined()) else {
      throw EvidenceError(.badSignature, "the signature is no PEM text")
    }
    return der
  }
}
