import Analysis
import ArgumentParser
import Evidence
import Foundation
import Project
import Reports

struct EvidenceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evidence", abstract: "Attach files that were made elsewhere to elements of Annex IV.",
    discussion: """
      Test reports, plans, pictures, certificates: each attachment is a record of the log (name, media type, SHA-256, size, who, when, \
      what for) and a copy of the file in evidence/files/. Dossiers of the model version show it under its elements, and bundles \
      carry file and record. An attachment declares nothing by itself: what it shows is said in a statement.
      """,
    subcommands: [EvidenceAdd.self, EvidenceList.self, EvidenceVerify.self])
}

struct EvidenceAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Attach a file.",
    discussion: """
      The file is read once, digested and copied; changing it later changes nothing of the attachment. To put another file in its \
      place attach that with --supersedes: both stay in the log, and dossiers show the later one.
      """)

  @Argument(help: "The file, up to 64 MB.") var file: String
  @Option(
    name: .customLong("for"),
    help: ArgumentHelp(
      "The element of Annex IV that it is for, as item and element, e.g. '2(g) test-logs'; repeat for several. 'vitrine law show ITEM' "
        + "lists them.", valueName: "element"))
  var elements: [String] = []
  @Option(help: ArgumentHelp("What the file is, in one line.", valueName: "text")) var title: String
  @Option(help: ArgumentHelp("Who attaches it: a name under 'people' in vitrine.yaml.", valueName: "name"))
  var by: String
  @Option(
    name: .customLong("model"),
    help: ArgumentHelp("A model version that it is about; repeat for several (default: all).", valueName: "version"))
  var versions: [String] = []
  @Option(help: ArgumentHelp("The earlier attachment whose place it takes.", valueName: "id")) var supersedes: String?
  @OptionGroup var project: ProjectOptions
  @OptionGroup var output: OutputOptions

  private struct Written: Encodable {
    let record: AttachmentRecord
    let recordSha256: String
    let copy: String
    /// Elements that the superseded attachment was for and this one is not.
    let left: [String]
  }

  func run() async throws {
    guard !elements.isEmpty else {
      throw ValidationError("say with --for which element of Annex IV the file is for, e.g. --for '2(g) test-logs'")
    }
    let project = try self.project.load()
    let attached = try AttachmentDesk(
      project: project, store: try Store.open(at: project.storeFile, mode: .create)
    ).attach(
      URL(fileURLWithPath: file), to: elements, title: title, by: by, versions: versions, supersedes: supersedes)
    let (record, digest) = (attached.record, attached.sha256)
    let place = "evidence/files/\(attached.copy.lastPathComponent)"
    if output.json {
      return Console.out(
        try CanonicalJSON.encode(Written(record: record, recordSha256: digest, copy: place, left: attached.left)))
    }
    Console.out(Format.harmless("Attached '\(record.title)' to \(record.elements.joined(separator: ", "))"))
    Console.out("  record   \(record.id)")
    Console.out("  file     \(Format.harmless(record.file)), \(record.mediaType), \(record.size) bytes")
    Console.out("  SHA-256  \(record.sha256)")
    Console.out("  copy     \(place)")
    if !attached.left.isEmpty {
      Console.out(
        Format.harmless(
          "The superseded file was also for \(attached.left.joined(separator: ", ")), and this one is not: a dossier shows no file there "
            + "now. Attach it there too if it was meant to stay."))
    }
    Console.out("'vitrine dossier build' shows it, and the next bundle carries it.")
  }
}

struct EvidenceList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the attachments, oldest first.",
    discussion:
      "Superseded ones are listed too, with what took their place; so is a copy that is missing or has other bytes.")

  @OptionGroup var project: ProjectOptions
  @OptionGroup var output: OutputOptions

  private struct Listed: Encodable {
    let record: AttachmentRecord
    let recordSha256: String
    let copy: AttachmentFiles.State
    let supersededBy: String?
  }

  func run() async throws {
    let store = try Store.open(at: try project.storeFile(), mode: .readOnly)
    let register = try AttachmentRegister(store)
    let files = AttachmentFiles(besideStore: store.url)
    let listed = register.records.map { record, digest in
      Listed(
        record: record, recordSha256: digest, copy: files.content(record).state,
        supersededBy: register.successor(of: record.id))
    }
    if output.json { return Console.out(try CanonicalJSON.encode(listed)) }
    guard !listed.isEmpty else {
      return Console.out("no attachments; 'vitrine evidence add FILE --for ELEMENT --title … --by …' attaches a file")
    }
    Console.out(
      Format.table(
        [["record", "what", "for", "by", "on", "bytes", "copy", ""]]
          + listed.map { entry in
            let record = entry.record
            return [
              record.id, record.title, record.elements.joined(separator: ", "), record.name,
              String(record.date.prefix(10)), String(record.size), entry.copy.rawValue,
              entry.supersededBy.map { "superseded by \($0)" } ?? "",
            ]
          }))
  }
}

struct EvidenceVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check that attached files are still what was attached.",
    discussion: """
      Each record as an entry of the store, and each copy in evidence/files/ against the digest in its record. 'vitrine runs verify' \
      does this too, with all the rest. Exit status 1 if a record or a copy is wrong or missing.
      """)

  @OptionGroup var project: ProjectOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let store = try Store.open(at: try project.storeFile(), mode: .readOnly)
    let report = try StoreAudit(store, checkpoints: [], keys: [], models: []).attachments()
    if output.json {
      Console.out(try CanonicalJSON.encode(report))
    } else {
      try Console.out(VerificationDocument(report).document)
    }
    if !report.isAnswerYes { throw ExitCode(ExitStatus.answerIsNo.rawValue) }
  }
}
