import Analysis
import ArgumentParser
import Evidence
import Foundation
import Project

struct RunsSign: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Add a person's dated signature to a run.",
    discussion: """
      Annex IV, point 2(g), asks for test logs and test reports dated and signed by the responsible persons. The signature is \
      over a statement that names the run, the digest of its record, the person, the function, the meaning and the date, and \
      becomes a record of the log itself. Nothing else is signed: to sign that a run was performed is not to approve it.

      The key is one of 'vitrine keys list' (CMS with its certificate), or --key-file: with --certificate CMS, without it a bare \
      Ed25519 key. To sign elsewhere, e.g. with a qualified certificate: --prepare writes the statement, 'openssl cms -sign \
      -binary -cades -outform DER' or your signing service signs it, --attach takes the signature back.
      """)

  @Argument(help: "A run ID, or at least 6 characters of its beginning or end.") var id: String
  @OptionGroup var project: ProjectOptions
  @Option(
    help: ArgumentHelp(
      "What the signature means, e.g. 'performed', 'reviewed', 'approved test report'.", valueName: "text"))
  var meaning: String?
  @OptionGroup var person: SignerOptions
  @Option(help: ArgumentHelp("Write the statement that is to be signed, and sign nothing.", valueName: "file"))
  var prepare: String?
  @Option(help: ArgumentHelp("Take the CMS signature (DER) of the statement in --statement.", valueName: "file"))
  var attach: String?
  @Option(help: ArgumentHelp("The statement that --attach is the signature of.", valueName: "file")) var statement:
    String?

  func run() async throws {
    guard (attach == nil) == (statement == nil), attach == nil || prepare == nil else {
      throw ValidationError("--attach goes with --statement, the file that --prepare wrote")
    }
    let store = try Store.open(at: try project.storeFile(), mode: prepare == nil ? .readWrite : .readOnly)
    let run = try store.run(id: id)
    if let prepare { return try write(run, to: prepare) }
    let signature = try attach.map { try attached($0, run) } ?? sign(run)
    let entry = try store.append(signature)
    let signer = try signature.verify()
    Console.out("Signed run \(run.record.id): \(RunText.headline(run.record))")
    Console.out("  \(signature.summary)")
    Console.out("  \(signer.identity)")
    Console.out("  record \(entry.id), entry \(entry.position) of log \(entry.origin)")
    Console.out("Next: 'vitrine store checkpoint' signs the log with it.")
  }

  private func sign(_ run: StoredRun) throws -> RunSignature {
    switch try person.signer() {
    case .certificate(let certificate, let key):
      return try RunSignature(try statement(run, certificate), certificate: certificate, key: key)
    case .bare(let key): return try RunSignature(try statement(run, nil), ed25519: key)
    }
  }

  private func statement(_ run: StoredRun, _ certificate: Certificate?) throws -> RunSignature.Statement {
    guard let meaning, !meaning.trimmingCharacters(in: .whitespaces).isEmpty else {
      throw ValidationError("say with --meaning what the signature means, e.g. --meaning performed")
    }
    let people: [Project.Person] =
      if case .success(let project) = try project.loadIfThere() { project.people } else { [] }
    let (name, function) = try person.person(certificate, people: people)
    return RunSignature.Statement(run: run, name: name, function: function, meaning: meaning)
  }

  private func write(_ run: StoredRun, to path: String) throws {
    let content = try statement(run, nil).content()
    try content.write(to: URL(fileURLWithPath: path), options: .atomic)
    Console.out("Wrote the statement to \(path): sign these very bytes (CMS, detached, binary, CAdES), e.g.")
    Console.out(
      "  openssl cms -sign -binary -cades -outform DER -in \(Format.shell(path)) -signer CERTIFICATE.pem -inkey KEY.pem "
        + "-out \(Format.shell(path + ".p7s"))"
    )
    Console.out(
      "Then: vitrine runs sign \(run.record.id) --statement \(Format.shell(path)) --attach \(Format.shell(path + ".p7s"))"
    )
  }

  private func attached(_ path: String, _ run: StoredRun) throws -> RunSignature {
    let content = try Data(contentsOf: URL(fileURLWithPath: statement ?? ""))
    let statement = try CanonicalJSON.decode(RunSignature.Statement.self, from: content)
    guard statement.run == run.record.id, statement.recordSha256 == run.sha256, try statement.content() == content
    else {
      throw EvidenceError(
        .badSignature, "\(self.statement ?? ""): not the statement of this run that --prepare wrote, byte for byte")
    }
    return try RunSignature(
      statement, cms: CMSSignature(der: try Data(contentsOf: URL(fileURLWithPath: path))))
  }
}
