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
      """)

  @Argument(help: "The worksheet.") var worksheet: String
  @OptionGroup var project: ProjectOptions
  @Option(help: ArgumentHelp("Which key of 'vitrine keys list' (default: the only one).", valueName: "key"))
  var key: String?
  @Option(help: ArgumentHelp("A private key in PEM form.", valueName: "file")) var keyFile: String?
  @Option(help: ArgumentHelp("The certificate of --key-file in PEM form.", valueName: "file")) var certificate: String?

  func run() async throws {
    let file = URL(fileURLWithPath: worksheet)
    let statement = try WorksheetFile(file).decision()
    let diff = file.deletingLastPathComponent().appendingPathComponent("diff.json")
    guard try SHA256.digest(of: Data(contentsOf: diff)).hex == statement.diffSha256 else {
      throw ReportsError(
        .badWorksheet,
        "\(file.path) was filled in for another state of the comparison than \(diff.path); run 'vitrine diff' again, with the "
          + "worksheet moved away, and carry the answers over")
    }
    let decision = try sign(statement)
    let store = try Store.open(at: try project.storeFile(), mode: .readWrite)
    let entry = try store.append(decision)
    Console.out("Signed: \(decision.summary)")
    Console.out("  \(try decision.verify().identity)")
    Console.out("  record \(entry.id), entry \(entry.position) of log \(entry.origin)")
    Console.out("Next: 'vitrine dossier build' carries it under Annex IV, point 6.")
  }

  private func sign(_ statement: ChangeDecision.Statement) throws -> ChangeDecision {
    if let keyFile {
      guard key == nil else { throw ValidationError("give --key or --key-file, not both") }
      let privateKey = try UserKeys.read(URL(fileURLWithPath: keyFile))
      guard let certificate else { return try ChangeDecision(statement, ed25519: privateKey) }
      return try ChangeDecision(
        statement, certificate: Certificate(pem: try Data(contentsOf: URL(fileURLWithPath: certificate))),
        key: privateKey)
    }
    let keys = UserKeys.ofUser()
    let identities = try keys.identities()
    guard key != nil || identities.count == 1 else {
      throw ValidationError(
        identities.isEmpty
          ? "you have no key to sign with; 'vitrine keys create --name \"Your Name\"' makes one"
          : "say with --key which: \(identities.map(\.name).joined(separator: ", "))")
    }
    let identity = try keys.identity(key ?? identities[0].name)
    return try ChangeDecision(statement, certificate: identity.certificate, key: keys.privateKey(of: identity))
  }
}
