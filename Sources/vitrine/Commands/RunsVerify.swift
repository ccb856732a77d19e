import Analysis
import ArgumentParser
import Evidence
import Foundation
import Project
import Reports

struct RunsVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check that runs are what was stored, and that nothing was removed, moved or cut off.",
    discussion: """
      Without an ID it checks the whole store: each record by its digest, form and index; the Merkle tree over all records; \
      every checkpoint in the store and in checkpoints/; every signature; and the models in the project against the runs on \
      them. With an ID it checks one run and its place in the tree. --file checks a file of 'vitrine runs export', or a record of an unpacked bundle (runs/ID.json), and needs no store.

      A store alone cannot show that its end was cut off or that it is an older copy: a checkpoint kept elsewhere can. Give it \
      with --checkpoint, and the key that you had from the provider with --key. What could not be checked is listed.

      A signature shows that the holder of a key signed, not who that is. Give with --trust the certificate of a person or of \
      an authority (PEM), or the SHA-256 fingerprint of a person's certificate or key, from a source of your own; NAME= before \
      it says whose it is where the certificate has another name or none.

      Exit status 1 if anything is wrong, if --trust is given and does not reach every person who signed, if --key is given \
      and a checkpoint is signed by another key, or a given key has signed none of them, or if what is in --file proves nothing.
      """)

  @Argument(help: "A run ID, or at least 6 characters of its beginning or end (default: the whole store).")
  var id: String?
  @OptionGroup var project: ProjectOptions
  @Option(help: ArgumentHelp("A file written by 'vitrine runs export', or a record of a bundle.", valueName: "file"))
  var file: String?
  @Option(
    name: .customLong("checkpoint"),
    help: ArgumentHelp("A checkpoint kept outside the project; repeat for several.", valueName: "file"))
  var checkpoints: [String] = []
  @Option(
    name: .customLong("key"),
    help: ArgumentHelp("The log's verifier key or a file with it; repeat for several.", valueName: "key"))
  var keys: [String] = []
  @Option(help: ArgumentHelp("A certificate (file) or fingerprint; repeat for several.", valueName: "cert"))
  var trust: [String] = []
  @OptionGroup var output: OutputOptions

  func run() async throws {
    guard file == nil || id == nil && checkpoints.isEmpty else {
      throw ValidationError("--file is checked by itself: give it without an ID and without --checkpoint")
    }
    let report = try file.map(exported) ?? stored()
    if output.json {
      Console.out(try CanonicalJSON.encode(report))
    } else {
      try Console.out(VerificationDocument(report).document)
    }
    if !report.isAnswerYes || !trust.isEmpty && report.identity != .established {
      throw ExitCode(ExitStatus.answerIsNo.rawValue)
    }
  }

  private func exported(_ path: String) throws -> AuditReport {
    let file = URL(fileURLWithPath: path)
    let data = try PlainFile.read(file, limit: 1_000_000_000)
    if let record = try RecordFile(data, file: file) {
      return try record.audit(keys: try trusted(), trust: try TrustAnchors(trust))
    }
    return try RunExport.read(data).audit(keys: try trusted(), trust: try TrustAnchors(trust))
  }

  private func stored() throws -> AuditReport {
    let store = try Store.open(at: try project.storeFile(), mode: .readOnly)
    let given = try checkpoints.map { try OutsideCheckpoint(file: URL(fileURLWithPath: $0), isOfProject: false) }
    let own = try OutsideCheckpoint.ofProject(try project.url())
    let loaded = try project.loadIfThere()
    let models: [StoreAudit.Model] =
      switch loaded {
      case .success(let project): project.models.map { .init(version: $0.version, folder: $0.folder) }
      case .failure: []
      }
    let audit = StoreAudit(
      store, checkpoints: own + given, keys: try trusted(), trust: try TrustAnchors(trust), models: models)
    var report = try id.map(audit.run) ?? audit.all()
    if case .failure(let error) = loaded, id == nil {
      report.omit("the models", "the project file cannot be read, so their folders are not known: \(error)")
    }
    return report
  }

  private func trusted() throws -> [VerifierKey] { try keys.map(VerifierKey.init(textOrFile:)) }
}

struct RunsExport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write one run with all that proves it into one file.",
    discussion: """
      The file is JSON: the record's bytes as a text, the signatures on it and what else was recorded about it, each with its \
      digest and its proof of being in the log, and the signed checkpoint that the proofs lead to. 'vitrine runs verify --file \
      F' checks it without the store, docs/evidence.md says how to do so with other tools. Make a checkpoint first ('vitrine \
      store checkpoint'); what no checkpoint covers is exported with a proof that leads to an unsigned root.
      """)

  @Argument(help: "A run ID, or at least 6 characters of its beginning or end.") var id: String
  @OptionGroup var project: ProjectOptions
  @Option(name: .shortAndLong, help: ArgumentHelp("The file to write (default: standard output).", valueName: "file"))
  var output: String?

  func run() async throws {
    let store = try Store.open(at: try project.storeFile(), mode: .readOnly)
    guard !store.isMigratedCopy else {
      throw EvidenceError(
        .unsupportedRecord,
        "\(store.url.path): this store has an older schema without a log, so there is nothing to prove yet; "
          + "'vitrine store checkpoint' gives it one")
    }
    let export = try store.export(id: id)
    let data = try CanonicalJSON.encode(export)
    guard let output else { return Console.out(data) }
    try DossierWriter.write(data, to: URL(fileURLWithPath: output))
    let unsigned = export.heads.count { $0.checkpoint == nil }
    Console.out(
      "Wrote run \(export.run) and \(export.entries.count - 1) \(export.entries.count == 2 ? "record" : "records") about it to \(output)"
    )
    if unsigned > 0 {
      Console.err("warning: no checkpoint covers all of it yet; 'vitrine store checkpoint', then export again")
    }
  }
}
