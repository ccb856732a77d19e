import Analysis
import ArgumentParser
import Evidence
import Foundation
import Reports

struct BundleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle", abstract: "Write the signed dossier with all that proves it into one file.",
    discussion: """
      The bundle is an ASiC-E container (ETSI EN 319 162-1): a ZIP archive with what was signed (the dossier, the record of \
      every run that it cites, the proofs of these, the law catalogue, SHA256SUMS, VERIFY.md, its scripts) and one CAdES \
      signature with its manifest for each person. The same signatures give the same bytes. It is verified before it gets its \
      name.

      --withhold leaves a file of the content out, e.g. for a deployer; the bundle then names it with its digest. \
      --timestamp-query writes a request for a time-stamping authority (RFC 3161), --timestamp-reply takes the answer.
      """)

  @OptionGroup var project: ProjectOptions
  @Option(
    name: .customLong("model"), help: ArgumentHelp("The model version (default: the only one).", valueName: "version"))
  var model: String?
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The file to write (default: bundles/<system>-<version>.asice).", valueName: "file"))
  var output: String?
  @Option(
    help: ArgumentHelp(
      "A file to leave out, by its path in the bundle, or a folder with '/' at its end; repeat for several.",
      valueName: "path"))
  var withhold: [String] = []
  @Option(help: ArgumentHelp("Write a request for a time-stamp (.tsq), and no bundle.", valueName: "file"))
  var timestampQuery: String?
  @Option(help: ArgumentHelp("Take the authority's answer (.tsr), then write the bundle.", valueName: "file"))
  var timestampReply: String?
  @Flag(name: .customLong("json"), help: "Print what the verification of the bundle says, as JSON.") var json = false

  func run() async throws {
    let desk = try SignOffCommand.desk(project, model)
    guard let content = try desk.frozen() else {
      return try refuse(
        "nothing signed is there to bundle: no dossier was signed, or its files, or those in \(desk.contentFolder.path), have "
          + "changed since. 'vitrine sign' signs the dossier as it is now")
    }
    guard !(try desk.signOffs(of: content).isEmpty) else {
      return try refuse("nobody has signed the dossier as it is now: 'vitrine sign --role prepared'")
    }
    if let timestampQuery { return try ask(content, timestampQuery, desk) }
    if let timestampReply {
      let token = try desk.attachStamp(PlainFile.read(URL(fileURLWithPath: timestampReply)), to: content)
      Console.err("time-stamp of \(token.time) by '\(try token.certificate.subject())' taken")
    }
    let withheld = try withheldPaths(content)
    let name = withheld.isEmpty ? desk.bundleFile.lastPathComponent : "\(desk.name)-withheld.asice"
    let file =
      output.map { URL(fileURLWithPath: $0) }
      ?? desk.bundleFile.deletingLastPathComponent().appendingPathComponent(name)
    let report = try BundleWriter.write(content, try desk.seals(of: content), withholding: withheld, to: file)
    if json { return Console.out(try CanonicalJSON.encode(report)) }
    Console.out("Wrote \(file.path)")
    Console.out("  SHA-256  \(report.sha256)")
    for signer in report.signers {
      Console.out("  \(signer.role) by \(signer.name), \(signer.function), \(signer.date)")
    }
    for stamp in report.timestamps { Console.out("  time-stamp of \(stamp.time) by '\(stamp.authority)'") }
    if !report.rolesNotSigned.isEmpty {
      Console.out("  not signed as \(report.rolesNotSigned.joined(separator: ", "))")
    }
    for file in report.withheld { Console.out("  withheld \(file.file)") }
    for part in report.lacking { Console.out("  not to be checked by a reader: \(part.what): \(part.reason)") }
    Console.out("Check it: vitrine verify \(Format.shell(file.path)), or VERIFY.md in it, which needs no vitrine.")
  }

  private func refuse(_ reason: String) throws {
    Console.err("vitrine: \(reason)")
    throw ExitCode(ExitStatus.answerIsNo.rawValue)
  }

  private func ask(_ content: BundleContent, _ path: String, _ desk: SignOffDesk) throws {
    let (query, manifest) = try desk.prepareStamp(content)
    try DossierWriter.write(query, to: URL(fileURLWithPath: path))
    Console.out("Wrote \(path), a request for a time-stamp (RFC 3161, SHA-256).")
    Console.out("  the imprint is over the bytes of \(manifest.path), which names every file and signature by digest")
    Console.out(
      "Send it, e.g.: curl -H 'Content-Type: application/timestamp-query' --data-binary \(Format.shell("@" + path)) URL > answer.tsr"
    )
    Console.out("Then: vitrine bundle --timestamp-reply answer.tsr")
  }

  private func withheldPaths(_ content: BundleContent) throws -> Set<String> {
    var paths: Set<String> = []
    for text in withhold {
      let found = text.hasSuffix("/") ? content.paths.filter { $0.hasPrefix(text) } : [text]
      guard !found.isEmpty else { throw ValidationError("--withhold \(text): the bundle has no such folder") }
      paths.formUnion(found)
    }
    return paths
  }
}
