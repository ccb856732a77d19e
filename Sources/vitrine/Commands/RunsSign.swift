import Analysis
import ArgumentParser
import Evidence
import Foundation
import Project
import Reports

struct RunsSign: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Add a person's dated signature to runs.",
    discussion: """
      Annex IV, point 2(g), asks for test logs and test reports dated and signed by the responsible persons. The signature is \
      over a statement that names the run, the digest of its record, the person, the function, the meaning and the date, and \
      becomes a record of the log itself. Nothing else is signed: to sign that a run was performed is not to approve it.

      --all signs every run that a dossier built now would cite, of each model version or of those that --model names, but for \
      those that you have signed with this meaning already. The key's passphrase is asked for once.

      The key is one of 'vitrine keys list' (CMS with its certificate), or --key-file: with --certificate CMS, without it a bare \
      Ed25519 key. To sign elsewhere, e.g. with a qualified certificate: --prepare writes the statement, 'openssl cms -sign \
      -binary -cades -outform DER' or your signing service signs it, --attach takes the signature back.
      """)

  @Argument(help: "Run IDs, or at least 6 characters of the beginning or end of each.") var ids: [String] = []
  @Flag(help: "Sign every run that the dossiers cite.") var all = false
  @OptionGroup var models: ModelOptions
  @Flag(help: "Print what would be signed, and sign nothing.") var dryRun = false
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

  func validate() throws {
    guard ids.isEmpty == all else {
      throw ValidationError(
        all ? "give run IDs or --all, not both" : "say which runs: their IDs, or --all for those that the dossiers cite"
      )
    }
    guard models.versions.isEmpty || all else { throw ValidationError("--model goes with --all") }
    guard (attach == nil) == (statement == nil), attach == nil || prepare == nil else {
      throw ValidationError("--attach goes with --statement, the file that --prepare wrote")
    }
    guard attach ?? prepare == nil || ids.count == 1 && !dryRun else {
      throw ValidationError("--prepare and --attach take one run ID")
    }
  }

  func run() async throws {
    // The dossiers are built before the store is opened for writing, and before anybody types a passphrase.
    let cited = all ? try citedRuns() : []
    let isReading = prepare != nil || dryRun
    let store = try Store.open(at: try project.storeFile(), mode: isReading ? .readOnly : .readWrite)
    let runs = try all ? cited.map { try store.run(id: $0) } : ids.map { try store.run(id: $0) }
    if let prepare { return try write(runs[0], to: prepare) }
    if let attach {
      try add(try attached(attach, runs[0]), runs[0], store)
    } else {
      try sign(runs, store)
    }
    if !dryRun { Console.out("Next: 'vitrine store checkpoint' signs the log with it.") }
  }

  /// The runs that the dossiers of the chosen versions would cite, each once, in their order.
  private func citedRuns() throws -> [String] {
    let source = try DossierSource(project)
    let builder = try source.builder()
    var seen: Set<String> = []
    let runs = try models.select(source.project).flatMap { version in
      try builder.build(source.inputs(version)).dossier.runs.map(\.id)
    }.filter { seen.insert($0).inserted }
    guard !runs.isEmpty else {
      Console.err("vitrine: the dossiers cite no run: 'vitrine analyze' and 'vitrine evaluate' make some")
      throw ExitCode(ExitStatus.answerIsNo.rawValue)
    }
    return runs
  }

  private func sign(_ runs: [StoredRun], _ store: Store) throws {
    let (certificate, unlock) = try person.keys.holder()
    // Whatever is wrong with the statement is told before a passphrase is asked for.
    let author = try author(certificate)
    var statements = runs.map { ($0, author.statement($0)) }
    let first = statements[0].1
    if all {
      let signed = try signedRuns(first, certificate, store)
      for (run, _) in statements where signed.contains(run.record.id) {
        Console.out(
          "Signed already by \(first.name) as '\(first.meaning)': run \(run.record.id): \(RunText.headline(run.record))"
        )
      }
      statements.removeAll { signed.contains($0.0.record.id) }
    }
    if dryRun {
      for (run, statement) in statements {
        Console.out("Would sign as '\(statement.meaning)': run \(run.record.id): \(RunText.headline(run.record))")
      }
      return
    }
    guard !statements.isEmpty else { return }
    let key = try unlock()
    for (run, statement) in statements {
      let signature =
        try certificate.map { try RunSignature(statement, certificate: $0, key: key) }
        ?? RunSignature(statement, ed25519: key)
      try add(signature, run, store)
    }
  }

  /// The runs that the same person has signed with the same meaning: with the same certificate, and the signature holds.
  private func signedRuns(
    _ statement: RunSignature.Statement, _ certificate: Certificate?, _ store: Store
  ) throws -> Set<String> {
    guard let fingerprint = try certificate?.fingerprint() else { return [] }
    return Set(
      try store.documents(RunSignature.self).filter {
        $0.statement.name == statement.name && $0.statement.meaning == statement.meaning
          && (try? $0.verify().fingerprint) == fingerprint
      }.map(\.run))
  }

  private func add(_ signature: RunSignature, _ run: StoredRun, _ store: Store) throws {
    let entry = try store.append(signature)
    let signer = try signature.verify()
    Console.out("Signed run \(run.record.id): \(RunText.headline(run.record))")
    Console.out("  \(signature.summary)")
    Console.out("  \(signer.identity)")
    Console.out("  record \(entry.id), entry \(entry.position) of log \(entry.origin)")
  }

  /// Who signs, and what it means: the same for every run.
  private struct Author {
    let name: String
    let function: String
    let meaning: String

    func statement(_ run: StoredRun) -> RunSignature.Statement {
      RunSignature.Statement(run: run, name: name, function: function, meaning: meaning)
    }
  }

  private func author(_ certificate: Certificate?) throws -> Author {
    guard let meaning, !meaning.trimmingCharacters(in: .whitespaces).isEmpty else {
      throw ValidationError("say with --meaning what the signature means, e.g. --meaning performed")
    }
    let people: [Project.Person] =
      if case .success(let project) = try project.loadIfThere() { project.people } else { [] }
    let (name, function) = try person.person(certificate, people: people)
    return Author(name: name, function: function, meaning: meaning)
  }

  private func write(_ run: StoredRun, to path: String) throws {
    try DossierWriter.write(try author(nil).statement(run).content(), to: URL(fileURLWithPath: path))
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
    let content = try PlainFile.read(URL(fileURLWithPath: statement ?? ""), as: statement)
    let statement = try CanonicalJSON.decode(RunSignature.Statement.self, from: content)
    guard statement.run == run.record.id, statement.recordSha256 == run.sha256, try statement.content() == content
    else {
      throw EvidenceError(
        .badSignature, "\(self.statement ?? ""): not the statement of this run that --prepare wrote, byte for byte")
    }
    return try RunSignature(
      statement, cms: CMSSignature(der: SignOffCommand.der(PlainFile.read(URL(fileURLWithPath: path), as: path))))
  }
}
