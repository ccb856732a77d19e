import Analysis
import ArgumentParser
import Evidence
import Foundation
import Project
import Reports

struct DiffSign: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Sign a filled-in worksheet: a person's decision about a change.",
    discussion: """
      Reads worksheet.yaml of a comparison, which must be filled in and belong to the diff.json beside it, signs it with a key \
      of 'vitrine keys list' or --key-file, and adds it to the store's log. The next dossier carries the decision under Annex \
      IV, point 6. Nothing of it is Vitrine's judgement.

      To sign elsewhere, e.g. with a qualified certificate: --prepare F writes exactly the bytes to sign, 'openssl cms -sign \
      -binary -cades -outform DER' or your signing service signs them, --attach F.p7s takes the signature back, if the worksheet \
      still says what was signed. A local key is never a qualified signature.
      """)

  @Argument(help: "The worksheet.") var worksheet: String
  @OptionGroup var project: ProjectOptions
  @OptionGroup var keys: KeyOptions
  @Option(help: ArgumentHelp("Write exactly what is to be signed, and sign nothing.", valueName: "file"))
  var prepare: String?
  @Option(help: ArgumentHelp("Take the CMS signature (DER or PEM) of what --prepare wrote.", valueName: "file"))
  var attach: String?
  @Option(
    help: ArgumentHelp("What --attach is the signature of (default: its name without '.p7s').", valueName: "file"))
  var statement: String?

  func validate() throws {
    guard prepare == nil || attach == nil else { throw ValidationError("give --prepare or --attach, not both") }
    guard statement == nil || attach != nil else { throw ValidationError("--statement goes with --attach") }
    guard prepare ?? attach == nil || !keys.isGiven else {
      throw ValidationError("--prepare and --attach sign elsewhere: leave out --key, --key-file and --certificate")
    }
    guard keys.certificate == nil || keys.keyFile != nil else {
      throw ValidationError("--certificate goes with --key-file")
    }
  }

  func run() async throws {
    let (decided, diff) = try decided()
    try check(decided, diff)
    if let prepare { return try write(decided, to: prepare) }
    let decision = try attach.map { try attached($0, decided) } ?? sign(decided)
    try DecisionCheck(decision.statement, file: worksheet).dates(diff)
    try notAnother(decision)
    let store = try Store.open(at: try project.storeFile(), mode: .readWrite)
    let present = try store.documents(ChangeDecision.self)
    guard !present.contains(where: { $0.statement == decision.statement }) else {
      throw EvidenceError(.badSignature, "\(attach ?? worksheet): this decision is in the log already")
    }
    try DecisionCheck(decision.statement, file: worksheet).supersession(
      DecisionRegister(present, system: decision.statement.system))
    let entry = try store.append(decision)
    Console.out("Signed: \(decision.summary)")
    Console.out("  \(try decision.verify().identity)")
    Console.out("  record \(entry.id), entry \(entry.position) of log \(entry.origin)")
    Console.out("Next: 'vitrine dossier build' carries it under Annex IV, point 6.")
  }

  /// What the worksheet says, if it is complete and belongs to the comparison beside it.
  private func decided() throws -> (statement: ChangeDecision.Statement, diff: Diff) {
    let file = URL(fileURLWithPath: worksheet)
    let statement = try WorksheetFile(file).decision()
    let diff = file.deletingLastPathComponent().appendingPathComponent("diff.json")
    let content: Data
    do { content = try PlainFile.read(diff, limit: 1_000_000_000) } catch {
      throw ReportsError(
        .unreadable,
        "cannot read the comparison that \(file.path) decides on: \(error). Keep the worksheet in the folder that 'vitrine diff' "
          + "wrote")
    }
    guard try SHA256.digest(of: content).hex == statement.diffSha256 else {
      throw ReportsError(
        .badWorksheet,
        "\(file.path) was filled in for another state of the comparison than \(diff.path); run 'vitrine diff' again, with the "
          + "worksheet moved away, and carry the answers over")
    }
    do { return (statement, try CanonicalJSON.decode(Diff.self, from: content)) } catch let error as JSONError {
      throw ReportsError(
        .badWorksheet,
        "\(diff.path) is no comparison that this program reads: \(error.message). Run 'vitrine diff' again")
    }
  }

  /// That the decision does not contradict itself, is about this comparison and of a day that can be, and is decided by a person of
  /// the project who holds a role.
  private func check(_ statement: ChangeDecision.Statement, _ diff: Diff) throws {
    let check = DecisionCheck(statement, file: worksheet)
    guard statement.system == diff.system, statement.before == diff.before.modelVersion,
      statement.after == diff.after.modelVersion
    else {
      throw ReportsError(
        .badWorksheet,
        "\(worksheet) names another system or other versions than the diff.json beside it (\(diff.system), "
          + "\(diff.before.modelVersion) to \(diff.after.modelVersion)); write them as 'vitrine diff' did")
    }
    try check.consistency()
    try check.dates(diff)
    let folder = try project.url()
    guard FileManager.default.fileExists(atPath: folder.appendingPathComponent("vitrine.yaml").path) else { return }
    let people = try project.load().people
    let holders = people.filter { !$0.roles.isEmpty }.map(\.name)
    if !people.isEmpty, !holders.contains(statement.name) {
      throw ReportsError(
        .badWorksheet,
        "\(worksheet): decision.name is \(statement.name), who holds no role in vitrine.yaml; a decision is a statement of a person "
          + "who does (\(holders.isEmpty ? "there is none" : holders.joined(separator: ", ")))")
    }
  }

  /// A certificate in the name of another person of the project is not that of the person who decides.
  private func notAnother(_ decision: ChangeDecision) throws {
    let folder = try project.url()
    guard FileManager.default.fileExists(atPath: folder.appendingPathComponent("vitrine.yaml").path),
      let holder = try decision.person().certificate?.commonName, holder != decision.statement.name,
      try project.load().people.contains(where: { $0.name == holder })
    else { return }
    throw ReportsError(
      .badWorksheet,
      "the certificate is \(holder)'s, and the decision in \(worksheet) is \(decision.statement.name)'s: a decision is signed with "
        + "the key of the person who decides")
  }

  // MARK: Signatures made elsewhere

  private func write(_ statement: ChangeDecision.Statement, to path: String) throws {
    try DossierWriter.write(statement.content(), to: URL(fileURLWithPath: path))
    Console.out("Wrote \(path): sign exactly these bytes (CMS, detached, binary, CAdES), e.g.")
    Console.out(
      "  openssl cms -sign -binary -cades -outform DER -in \(Format.shell(path)) -signer CERTIFICATE.pem -inkey KEY.pem "
        + "-out \(Format.shell(path + ".p7s"))"
    )
    Console.out("Then: vitrine diff sign \(Format.shell(worksheet)) --attach \(Format.shell(path + ".p7s"))")
  }

  private func attached(_ path: String, _ decided: ChangeDecision.Statement) throws -> ChangeDecision {
    guard let prepared = statement ?? (path.hasSuffix(".p7s") ? String(path.dropLast(4)) : nil) else {
      throw ValidationError("say with --statement what \(path) is the signature of: the file that --prepare wrote")
    }
    let content = try read(prepared, "the file that --prepare wrote; --statement says which it is")
    let signed: ChangeDecision.Statement
    do { signed = try CanonicalJSON.decode(ChangeDecision.Statement.self, from: content) } catch let error as JSONError
    {
      throw EvidenceError(
        .badSignature, "\(prepared): not a statement that --prepare wrote: \(error.message). --prepare again")
    }
    var expected = decided
    expected.date = signed.date
    guard try signed == expected && expected.content() == content else {
      throw EvidenceError(
        .badSignature,
        "\(prepared): not what \(worksheet) says now: worksheet or statement have changed since. --prepare again")
    }
    let signature = CMSSignature(
      der: try SignOffCommand.der(read(path, "the signature that openssl or your signing service made")))
    do { return try ChangeDecision(signed, cms: signature) } catch let error as EvidenceError {
      throw EvidenceError(error.code, "\(path): \(error.message)")
    }
  }

  private func read(_ path: String, _ what: String) throws -> Data {
    do { return try PlainFile.read(URL(fileURLWithPath: path), as: path) } catch {
      throw ReportsError(.unreadable, "\(error). It should be \(what)")
    }
  }

  private func sign(_ statement: ChangeDecision.Statement) throws -> ChangeDecision {
    switch try keys.signer() {
    case .certificate(let certificate, let key):
      return try ChangeDecision(statement, certificate: certificate, key: key)
    case .bare(let key): return try ChangeDecision(statement, ed25519: key)
    }
  }
}
