import Analysis
import ArgumentParser
import Evidence
import Foundation
import Project
import Reports

struct Sign: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Sign a dossier as prepared, reviewed or approved; or waive named findings of a gate, signed and with a reason.",
    discussion: """
      Signs the files of dossier/<version>/ as they are, with the records of every run that they cite and the proofs of these: \
      the content of the bundle, which the first signature freezes in bundles/. Before that it asks gates: missing items, \
      damaged or unsigned runs, stale runs, statements and law, who reviews or approves has prepared, who signs holds the role, \
      the dossier is what a build gives now. If one finds something, nothing is signed, every reason that is new since the last \
      refusal is printed (--all prints all), and the exit status is 1. --gates lists what they find and signs nothing.

      --waive GATE --about KEY… --reason TEXT signs that a person of vitrine.yaml who holds a role waives the named findings, with \
      that person's key; each is named by its key, as the refusal and --gates print it. --supersedes ID takes the place of an earlier \
      waiver, --withdraw ID takes one back. Then 'vitrine dossier build' prints it.

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
  @OptionGroup var waiving: WaiverOptions
  @Flag(help: "List what the gates find now, with the keys that --about takes, and sign nothing.") var gates = false
  @Flag(help: "Print every reason of a refusal, not only what is new since the last one.") var all = false
  @Option(help: ArgumentHelp("After how many days the check of the law counts as stale.", valueName: "days"))
  var lawAge = GateCheck.defaultLawAge
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard prepare == nil || attach == nil else { throw ValidationError("give one of --prepare and --attach") }
    try waiving.check(attaches: attach != nil)
    guard waiving.isGiven ? role == nil : true else { throw ValidationError("--role signs, --waive waives: give one") }
    guard !gates || (role == nil && !waiving.isGiven && prepare ?? attach == nil) else {
      throw ValidationError("--gates signs nothing: give it alone")
    }
    guard gates || !output.json else { throw ValidationError("--json goes with --gates") }
    guard manifest == nil || attach != nil else { throw ValidationError("--manifest goes with --attach") }
    if let role, !SignOffDesk.roles.contains(role) {
      throw ValidationError("--role is \(SignOffDesk.roles.joined(separator: ", ")), not '\(role)'")
    }
  }

  func run() async throws {
    if !gates, !waiving.isGiven, attach == nil, role == nil {
      throw ValidationError("say with --role as what: prepared, reviewed or approved")
    }
    let desk = try SignOffCommand.desk(project, model, lawAge: lawAge)
    if gates { return try GateText(desk).print(json: output.json) }
    if waiving.isGiven || attach.map({ WaiverCommand.isWaiver(manifest, attach: $0) }) == true {
      return try WaiverCommand(desk: desk, options: waiving, person: person).run(
        prepare: prepare, attach: attach, manifest: manifest)
    }
    for note in desk.gates.notes { Console.err(note) }
    if let attach { return try take(attach, desk) }
    guard let role else { return }
    if let prepare { return try write(role, to: prepare, desk) }
    let (certificate, unlock) = try person.certificateHolder()
    let (name, function) = try person.person(certificate, people: desk.project.people)
    try pass(desk, desk.decision(name: name, certificate: certificate, role: role), role: role, name: name)
    let key = try unlock()
    let content = try SignOffCommand.content(desk)
    let statement = try desk.statement(content, role: role, name: name, function: function)
    try take(SignOff(statement, certificate: certificate, key: key), content, desk)
  }

  // MARK: Gates

  /// Prints what was waived; if something was not, prints the reasons and ends.
  private func pass(_ desk: SignOffDesk, _ decision: GateDecision, role: String, name: String) throws {
    for (finding, waiver) in decision.waived {
      Console.err("waived by \(waiver.name) (\(waiver.reason)): [\(finding.gate.rawValue)] \(finding.detail)")
    }
    let memory = desk.refusals(role: role, person: name)
    let change = memory.change(decision.refusals)
    memory.keep(decision.refusals)
    guard !decision.refusals.isEmpty else { return }
    Console.err(GateText.refusal(decision.refusals, change, all: all))
    throw ExitCode(ExitStatus.answerIsNo.rawValue)
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
    try pass(desk, desk.decision(name: name, certificate: nil, role: role), role: role, name: name)
    let content = try SignOffCommand.content(desk)
    let statement = try desk.statement(content, role: role, name: name, function: function)
    try DossierWriter.write(statement.content(), to: URL(fileURLWithPath: path))
    Console.out("Wrote \(path): sign exactly these bytes (CMS, detached, binary, CAdES), e.g.")
    Console.out(
      "  openssl cms -sign -binary -cades -outform DER -in \(Format.shell(path)) -signer CERTIFICATE.pem -inkey KEY.pem "
        + "-out \(Format.shell(path + ".p7s"))"
    )
    Console.out(
      "It names every file in \(desk.contentFolder.path) by SHA-256; 'sha256sum -c SHA256SUMS' there checks them.")
    Console.out("Then: vitrine sign --attach \(Format.shell(path + ".p7s"))")
  }

  private func take(_ path: String, _ desk: SignOffDesk) throws {
    guard let prepared = manifest ?? (path.hasSuffix(".p7s") ? String(path.dropLast(4)) : nil) else {
      throw ValidationError("say with --manifest what \(path) is the signature of: the file that --prepare wrote")
    }
    let statement = try SignOff.Statement(content: try PlainFile.read(URL(fileURLWithPath: prepared)))
    let cms = CMSSignature(der: try SignOffCommand.der(try PlainFile.read(URL(fileURLWithPath: path))))
    guard let content = try desk.frozen(), statement == (try expected(statement, content, desk)) else {
      throw EvidenceError(
        .badSignature,
        "\(prepared): not what is to be signed now: the dossier, its runs or the system's name have changed since. "
          + "--prepare again")
    }
    let signOff = try SignOff(statement, cms: cms)
    try pass(
      desk, desk.decision(name: statement.name, certificate: signOff.person().certificate, role: statement.role),
      role: statement.role, name: statement.name)
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
    return try SignOffDesk(
      project: project, modelVersion: project.model(version: version).version,
      store: Store.open(at: project.storeFile, mode: .readWrite), today: .today, lawAge: lawAge)
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
